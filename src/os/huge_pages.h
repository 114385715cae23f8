// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#ifndef OPT_SRC_OS_HUGE_PAGES_H_
#define OPT_SRC_OS_HUGE_PAGES_H_

#include <cstddef>

namespace opt::os {

// Asks for huge pages in memory that has not been touched yet, if there is
// enough of it. Only advice: there may be none.
void AdviseHugePages(void* memory, size_t size);

}  // namespace opt::os

#endif  // OPT_SRC_OS_HUGE_PAGES_H_
