// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Reading the header of a safetensors file, libopt's own or another's, as
// strictly as its specification has it. What is wrong throws OPT_ERR_FORMAT,
// and the message names the byte of the file. The time is n log n and the
// memory proportional to the header's length, whatever it says.

#ifndef OPT_SRC_STATE_HEADER_READER_H_
#define OPT_SRC_STATE_HEADER_READER_H_

#include <cstdint>
#include <memory_resource>
#include <string_view>

#include "src/state/header.h"

namespace libopt {

// Returns the length of the JSON text.
//   start      the first kLengthSize bytes of the file, or the fewer it has
//   file_size  bytes of the whole file, or -1 if nobody knows
int64_t ReadHeaderLength(std::string_view start, int64_t file_size);

// Reads the JSON text.
//   json       all of it, with the spaces at its end; no longer than
//              kMaxHeaderLength
//   data_size  bytes that follow it in the file, or -1 if nobody knows
Header ReadHeader(std::string_view json, int64_t data_size,
                  std::pmr::memory_resource* memory);

// Checks what only libopt's own files promise: format and version, alignment,
// and the checksums as the last tensor, one for the header and each other.
void CheckOwnHeader(const Header& header);

}  // namespace libopt

#endif  // OPT_SRC_STATE_HEADER_READER_H_
