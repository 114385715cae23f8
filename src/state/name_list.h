// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Lists of names in the metadata of a checkpoint.

#ifndef OPT_SRC_STATE_NAME_LIST_H_
#define OPT_SRC_STATE_NAME_LIST_H_

#include <cstdint>
#include <string_view>

namespace libopt {

// Calls body(index, name) for each of the names between separators; returns
// how many there are.
template <typename Body>
int64_t ForEachName(std::string_view names, char separator, const Body& body) {
  int64_t count = 0;
  while (!names.empty()) {
    const size_t end = names.find(separator);
    body(count++, names.substr(0, end));
    names = end == std::string_view::npos ? "" : names.substr(end + 1);
  }
  return count;
}

}  // namespace libopt

#endif  // OPT_SRC_STATE_NAME_LIST_H_
