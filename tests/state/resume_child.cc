// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A process that resumes trainings from files, and writes their checkpoints.
//
//   resume_child <rule> <first step> <end> <folder>
//
// Each line of its input is a training: <file> <new file> [<option>
// <value>]...; the files are in the folder.

#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "tests/state/training.h"

namespace opt_test {
namespace {

void Resume(const std::string& rule, uint32_t first, uint32_t end,
            const std::string& folder, std::istringstream line) {
  std::string from, to, name;
  double value = 0;
  Options options;
  line >> from >> to;
  while (line >> name >> value) options[name] = value;
  Training training(rule, options);
  opt_load_args load = OPT_LOAD_ARGS_INIT;
  load.flags = OPT_LOAD_PARAMS;
  Check(opt_load_file(training.get(), (folder + '/' + from).c_str(), &load));
  training.Steps(first, end);
  // Not by opt_save_file, which waits for the disk.
  std::ofstream(folder + '/' + to, std::ios::binary) << training.Save();
}

}  // namespace
}  // namespace opt_test

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  try {
    const auto first = static_cast<uint32_t>(std::atoi(argv[2]));
    const auto end = static_cast<uint32_t>(std::atoi(argv[3]));
    for (std::string line; std::getline(std::cin, line);) {
      opt_test::Resume(argv[1], first, end, argv[4], std::istringstream(line));
    }
  } catch (const std::exception& error) {
    std::cerr << "resume_child: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
