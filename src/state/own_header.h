// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Reading the header of a checkpoint of libopt's own from a source.

#ifndef OPT_SRC_STATE_OWN_HEADER_H_
#define OPT_SRC_STATE_OWN_HEADER_H_

#include <cstdint>
#include <memory_resource>
#include <string_view>

#include "src/state/header.h"
#include "src/state/stream.h"

namespace libopt {

// Reads and checks the header; `crc` receives the CRC-32 of its bytes. Takes no
// more memory than the source has bytes to show for it. Throws OPT_ERR_FORMAT.
Header ReadOwnHeader(Source* source, std::pmr::memory_resource* memory,
                     uint32_t* crc);

// The entry of a name, or nullptr.
const HeaderEntry* FindEntry(const Header& header, std::string_view name);

}  // namespace libopt

#endif  // OPT_SRC_STATE_OWN_HEADER_H_
