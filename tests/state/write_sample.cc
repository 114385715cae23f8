// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// usage: write_sample <file>

#include <cstdio>
#include <fstream>

#include "tests/state/sample.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: write_sample <file>\n", stderr);
    return 2;
  }
  std::ofstream file(argv[1], std::ios::binary);
  file << opt_test::SampleFile() << std::flush;
  if (!file) {
    std::fprintf(stderr, "write_sample: cannot write %s\n", argv[1]);
    return 1;
  }
  return 0;
}
