// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Writes this version's committed checkpoints, two for each name: where a
// training stopped, and where it ended; files that are there stay as they are.
// Once in each release that changes what is written, or when there is a new
// name:
//
//   cmake --build build/gcc --target state_fixtures
//
//   write_fixtures <folder>

#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>

#include "tests/state/fixtures.h"

namespace {

void Write(const std::filesystem::path& path, const std::string& bytes) {
  if (std::filesystem::exists(path)) return;
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    const std::filesystem::path folder = argv[1];
    const std::string version = opt_version();
    const std::string prefix =
        "state-" + version.substr(0, version.rfind('.')) + "-";
    for (const std::string& name : opt_test::FixtureNames()) {
      opt_test::Training training = opt_test::FixtureTraining(name);
      opt_test::TrainToFixture(name, &training);
      Write(folder / (prefix + name + ".safetensors"),
            opt_test::SaveFixture(training));
      opt_test::TrainFromFixture(name, &training);
      Write(folder / (prefix + name + ".end.safetensors"),
            opt_test::SaveFixture(training));
    }
  } catch (const std::exception& error) {
    std::cerr << "write_fixtures: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
