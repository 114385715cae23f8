// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/os/wait.h"

namespace libopt::os {

// There is no other thread for which to wait, or which waits.
void WaitWhile(const std::atomic<uint32_t>& /*word*/, uint32_t /*value*/) {}

void WakeOne(std::atomic<uint32_t>* /*word*/) {}

}  // namespace libopt::os
