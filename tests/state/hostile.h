// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Headers that must be refused, and how: with a status, a byte of the file, and
// words about it.

#ifndef OPT_TESTS_STATE_HOSTILE_H_
#define OPT_TESTS_STATE_HOSTILE_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "src/base/error.h"
#include "src/state/container/header.h"

namespace opt_test {

// A header as the tests write it: '@' marks the byte that the error must name.
struct Hostile {
  const char* name;
  std::string marked;
  const char* says;
};

inline std::string NameOf(const testing::TestParamInfo<Hostile>& info) {
  return info.param.name;
}

inline void PrintTo(const Hostile& hostile, std::ostream* out) {
  *out << hostile.name;
}

// The JSON text of a header with one F32 tensor of 2 elements, in which one of
// the parts may be replaced.
struct Entry {
  std::string name = "\"w\"";
  std::string dtype = "\"F32\"";
  std::string shape = "[2]";
  std::string offsets = "[0,8]";
};
std::string Text(const Entry& entry);
std::string WithName(const std::string& name);
std::string WithDtype(const std::string& dtype);
std::string WithShape(const std::string& shape);
std::string WithOffsets(const std::string& offsets);

// "name":{...}, to be put between the braces of a header.
std::string Item(const std::string& name, const std::string& dtype,
                 const std::string& shape, const std::string& offsets);

// A text many times.
std::string Repeat(const std::string& part, int times);

// The error that read() throws; the test fails if it throws none.
std::optional<libopt::Error> ErrorOf(const std::function<void()>& read);

// Expects the status of a bad file, and a message that names the byte, and no
// other, and has the words in it.
void ExpectFormatError(const std::optional<libopt::Error>& error, int64_t byte,
                       std::string_view says);

// Expects that the text is refused at its mark, if its data have this size.
void ExpectRefused(std::string marked, int64_t data_size,
                   std::string_view says);

// Reads the header of a whole file.
libopt::Header ReadFileHeader(std::string_view file);

bool operator==(const libopt::Header& a, const libopt::Header& b);

}  // namespace opt_test

#endif  // OPT_TESTS_STATE_HOSTILE_H_
