// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Writes what is generated from the descriptors of rules and schedules, into
// the source tree:
//   opt_generate [--check] <root>
// With --check it writes nothing, and fails if a file is not up to date.

#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "cmake/generate/catalog.h"

namespace opt {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path + ": cannot be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

void WriteFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text << std::flush;
  if (!file) throw std::runtime_error(path + ": cannot be written");
}

// Puts `body` between the markers of a generated part of `text`.
std::string Replace(const std::string& text, const std::string& part,
                    const std::string& body) {
  const std::string begin = "<!-- generated: " + part + " -->\n";
  const std::string end = "<!-- /generated -->";
  const size_t from = text.find(begin);
  const size_t to = text.find(end, from);
  if (to == std::string::npos) {
    throw std::runtime_error("README.md: no part '" + begin + "...\n" + end +
                             "'");
  }
  return text.substr(0, from) + begin + "\n" + body + "\n" + text.substr(to);
}

// Brings one file up to date, or says whether it is.
bool Update(const std::string& path, const std::string& text, bool check) {
  if (std::ifstream(path) && ReadFile(path) == text) return true;
  if (!check) {
    WriteFile(path, text);
    std::printf("%s: written\n", path.c_str());
    return true;
  }
  std::printf("%s: not up to date; run cmake --build <dir> --target generate\n",
              path.c_str());
  return false;
}

// All that is generated; README.md has generated parts only.
std::vector<TextFile> Files(const std::string& root) {
  const Catalog catalog = ReadCatalog();
  std::string readme = ReadFile(root + "/README.md");
  readme = Replace(readme, "rules", RulesTable(catalog));
  readme = Replace(readme, "options", OptionsTables(catalog));
  readme = Replace(readme, "schedules", SchedulesTable(catalog));
  readme = Replace(readme, "schedule options", SchedulesOptions(catalog));
  std::vector<TextFile> files = {
      {"include/opt/opt_names.h", NamesHeader(catalog)},
      {"include/opt/hpp/rules.hpp", CppRules(catalog)},
      {"bindings/rust/libopt/src/rules.rs", RustRules(catalog)},
      {"bindings/csharp/LibOpt/Rules.cs", CSharpRules(catalog)},
      {"README.md", readme}};
  for (const TextFile& file : PythonFiles(catalog)) files.push_back(file);
  for (const TextFile& file : JavaFiles(catalog)) files.push_back(file);
  return files;
}

bool Generate(const std::string& root, bool check) {
  bool fresh = true;
  for (const TextFile& file : Files(root)) {
    fresh = Update(root + "/" + file.path, file.text, check) && fresh;
  }
  return fresh;
}

}  // namespace
}  // namespace opt

int main(int argc, char** argv) {
  const bool check = argc == 3 && std::string(argv[1]) == "--check";
  if (argc != (check ? 3 : 2)) {
    std::fputs("usage: opt_generate [--check] <root of the source tree>\n",
               stderr);
    return 2;
  }
  try {
    return opt::Generate(argv[argc - 1], check) ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "opt_generate: %s\n", error.what());
    return 1;
  }
}
