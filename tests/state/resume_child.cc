// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A process that resumes a training from a file, and saves it at its end.
//
//   resume_child <rule> <file> <first step> <end> <new file>
//                [<option> <value>]...

#include <cstdlib>
#include <exception>
#include <iostream>

#include "tests/state/training.h"

int main(int argc, char** argv) {
  using opt_test::Check;
  if (argc < 6 || argc % 2 != 0) return 2;
  try {
    opt_test::Options options;
    for (int i = 6; i < argc; i += 2) options[argv[i]] = std::atof(argv[i + 1]);
    opt_test::Training training(argv[1], options);
    opt_load_args load = OPT_LOAD_ARGS_INIT;
    load.flags = OPT_LOAD_PARAMS;
    Check(opt_load_file(training.get(), argv[2], &load));
    training.Steps(static_cast<uint32_t>(std::atoi(argv[3])),
                   static_cast<uint32_t>(std::atoi(argv[4])));
    opt_save_args save = OPT_SAVE_ARGS_INIT;
    save.flags = OPT_SAVE_PARAMS;
    Check(opt_save_file(training.get(), argv[5], &save));
  } catch (const std::exception& error) {
    std::cerr << "resume_child: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
