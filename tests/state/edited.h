// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A checkpoint taken apart, to be changed and put together again with right
// lengths, pads and checksums: what is then wrong with it no check of the file
// as such can find.

#ifndef OPT_TESTS_STATE_EDITED_H_
#define OPT_TESTS_STATE_EDITED_H_

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace opt_test {

class Edited {
 public:
  struct Entry {
    std::string name;
    std::string dtype;
    std::vector<int64_t> shape;
    int64_t bytes = 0;  // that the header tells of
    std::string data;
  };

  explicit Edited(std::string_view checkpoint);

  std::map<std::string, std::string> metadata;
  std::vector<Entry> entries;

  Entry& At(std::string_view name);
  void Add(const std::string& name, const std::string& dtype,
           const std::vector<int64_t>& shape, const std::string& data);
  void Remove(std::string_view name);
  // Gives an entry another shape, and as many zeros as it needs.
  void Reshape(std::string_view name, const std::string& dtype,
               const std::vector<int64_t>& shape);
  // Makes the header tell of an entry without data.
  void Promise(const std::string& name, const std::string& dtype,
               const std::vector<int64_t>& shape);
  template <typename T>
  void SetNumber(std::string_view name, size_t index, T number) {
    std::memcpy(At(name).data.data() + index * sizeof(T), &number, sizeof(T));
  }

  // The file.
  std::string Build() const;
};

}  // namespace opt_test

#endif  // OPT_TESTS_STATE_EDITED_H_
