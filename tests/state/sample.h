// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A small file as libopt writes them, with every kind of entry: numbers, arrays
// of all dtypes that libopt uses, an empty one, names and metadata that need
// escapes.

#ifndef OPT_TESTS_STATE_SAMPLE_H_
#define OPT_TESTS_STATE_SAMPLE_H_

#include <string>

#include "src/state/container/header.h"

namespace opt_test {

// The header's text and tensors.
libopt::HeaderWriter SampleHeader();

// The whole file: byte i of a tensor is i, pads are zeros, checksums right.
std::string SampleFile();

}  // namespace opt_test

#endif  // OPT_TESTS_STATE_SAMPLE_H_
