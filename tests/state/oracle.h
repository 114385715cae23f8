// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A second opinion on headers: jansson reads the JSON, and a few lines check
// what it has read.

#ifndef OPT_TESTS_STATE_ORACLE_H_
#define OPT_TESTS_STATE_ORACLE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "src/state/header.h"

namespace opt_test {

struct Content {
  // dtype, shape, begin and end by name.
  using Tensor =
      std::tuple<std::string, std::vector<int64_t>, int64_t, int64_t>;
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> metadata;

  bool operator==(const Content& other) const {
    return tensors == other.tensors && metadata == other.metadata;
  }
};

// What a header's text says, or nothing if it is not valid.
std::optional<Content> ReadByOracle(const std::string& text);

Content ContentOf(const libopt::Header& header);

}  // namespace opt_test

#endif  // OPT_TESTS_STATE_ORACLE_H_
