// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/state/container/contents.h"

#include <cstring>

#include "src/base/pmr.h"
#include "src/state/container/header.h"

namespace libopt {

void Contents::Add(std::string_view key, std::string_view value,
                   pmr::Vector<Metadata>* metadata) {
  Metadata& item = metadata->emplace_back(metadata->get_allocator().resource());
  item.key = key;
  item.value = value;
}

Contents::Entry& Contents::Add(std::string_view name, opt_dtype dtype) {
  Entry& entry = entries_.emplace_back(entries_.get_allocator().resource());
  entry.name = name;
  entry.dtype = FormatDtype(dtype);
  entry.bytes = DtypeSize(dtype);
  return entry;
}

void Contents::AddArray(std::string_view name, opt_dtype dtype,
                        const pmr::Vector<int64_t>& shape, int64_t count,
                        const void* data) {
  Entry& entry = Add(name, dtype);
  entry.shape = shape;
  entry.bytes *= count;
  entry.data = data;
}

void Contents::AddNumber(std::string_view name, int64_t number) {
  AddNumbers(name, OPT_I64, {}, &number);
}

void Contents::AddNumber(std::string_view name, double number) {
  AddNumbers(name, OPT_F64, {}, &number);
}

void Contents::AddTable(std::string_view name,
                        std::initializer_list<int64_t> shape,
                        const int64_t* numbers) {
  AddNumbers(name, OPT_I64, shape, numbers);
}

void Contents::AddTable(std::string_view name,
                        std::initializer_list<int64_t> shape,
                        const double* numbers) {
  AddNumbers(name, OPT_F64, shape, numbers);
}

void Contents::AddNumbers(std::string_view name, opt_dtype dtype,
                          std::initializer_list<int64_t> shape,
                          const void* numbers) {
  Entry& entry = Add(name, dtype);
  entry.shape = shape;
  for (const int64_t extent : shape) entry.bytes *= extent;
  entry.first_number = numbers_.size();
  const auto bytes = static_cast<size_t>(entry.bytes);
  numbers_.resize(numbers_.size() + bytes / sizeof(uint64_t));
  if (bytes > 0) {
    std::memcpy(numbers_.data() + entry.first_number, numbers, bytes);
  }
}

}  // namespace libopt
