// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Makes what depends on the rest of a checkpoint right, so that a change of
// the rest is not refused for it.

#ifndef OPT_TESTS_FUZZ_HEADER_REPAIR_H_
#define OPT_TESTS_FUZZ_HEADER_REPAIR_H_

#include <string>

namespace opt_test {

// The header's text with offsets that follow from dtypes and shapes, in the
// order of the text. What looks like no entry is left alone.
std::string WithRightOffsets(const std::string& text);

// The file of a header's text and some data: the length right, the text padded,
// the data as long as the header says, and the checksums right.
std::string WithRightSums(std::string text, std::string data);

}  // namespace opt_test

#endif  // OPT_TESTS_FUZZ_HEADER_REPAIR_H_
