// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// From the JSON text of a safetensors file to a Header.

#ifndef OPT_SRC_STATE_HEADER_PARSER_H_
#define OPT_SRC_STATE_HEADER_PARSER_H_

#include <memory_resource>
#include <string_view>

#include "src/state/header.h"

namespace libopt {

// Reads and checks all that the text says by itself: syntax, keys, names, and
// that the data of its entries follow one another. See header_reader.h.
Header ParseHeader(std::string_view json, std::pmr::memory_resource* memory);

}  // namespace libopt

#endif  // OPT_SRC_STATE_HEADER_PARSER_H_
