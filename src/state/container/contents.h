// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// All that a file is to hold, collected before its first byte is written.

#ifndef OPT_SRC_STATE_CONTAINER_CONTENTS_H_
#define OPT_SRC_STATE_CONTAINER_CONTENTS_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "opt/opt_base.h"
#include "src/base/pmr.h"

namespace libopt {

class Contents {
 public:
  // An array. Large ones stay where they are; single numbers and tables are
  // copied into Contents::numbers_.
  struct Entry {
    explicit Entry(pmr::MemoryResource* memory) : name(memory), shape(memory) {}
    pmr::String name;
    pmr::Vector<int64_t> shape;
    const char* dtype = "";  // safetensors' name
    int64_t bytes = 0;
    const void* data = nullptr;  // nullptr: numbers from first_number on
    size_t first_number = 0;
  };

  struct Metadata {
    explicit Metadata(pmr::MemoryResource* memory)
        : key(memory), value(memory) {}
    pmr::String key;
    pmr::String value;
  };

  explicit Contents(pmr::MemoryResource* memory)
      : entries_(memory),
        metadata_(memory),
        last_metadata_(memory),
        numbers_(memory) {}

  void AddMetadata(std::string_view key, std::string_view value) {
    Add(key, value, &metadata_);
  }
  // As AddMetadata, but after everything that AddMetadata adds.
  void AddLastMetadata(std::string_view key, std::string_view value) {
    Add(key, value, &last_metadata_);
  }

  // Adds an array, which must stay at `data` until the file has been written.
  // `count` is the number of elements that the shape makes.
  void AddArray(std::string_view name, opt_dtype dtype,
                const pmr::Vector<int64_t>& shape, int64_t count,
                const void* data);
  // Adds one number, which has the shape [].
  void AddNumber(std::string_view name, int64_t number);
  void AddNumber(std::string_view name, double number);
  // Adds as many numbers as the shape says.
  void AddTable(std::string_view name, std::initializer_list<int64_t> shape,
                const int64_t* numbers);
  void AddTable(std::string_view name, std::initializer_list<int64_t> shape,
                const double* numbers);

  const pmr::Vector<Entry>& entries() const { return entries_; }
  const void* DataOf(const Entry& entry) const {
    return entry.data != nullptr ? entry.data
                                 : numbers_.data() + entry.first_number;
  }
  // Calls body(key, value) for each of the metadata, in their order.
  template <typename Body>
  void ForEachMetadata(const Body& body) const {
    for (const Metadata& item : metadata_) body(item.key, item.value);
    for (const Metadata& item : last_metadata_) body(item.key, item.value);
  }

 private:
  static void Add(std::string_view key, std::string_view value,
                  pmr::Vector<Metadata>* metadata);
  Entry& Add(std::string_view name, opt_dtype dtype);
  void AddNumbers(std::string_view name, opt_dtype dtype,
                  std::initializer_list<int64_t> shape, const void* numbers);

  pmr::Vector<Entry> entries_;
  pmr::Vector<Metadata> metadata_;
  pmr::Vector<Metadata> last_metadata_;
  pmr::Vector<uint64_t> numbers_;  // bits of I64 and F64 elements
};

}  // namespace libopt

#endif  // OPT_SRC_STATE_CONTAINER_CONTENTS_H_
