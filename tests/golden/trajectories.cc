// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/golden/trajectories.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/rules/data.h"

namespace opt_test {
namespace {

double FromBits(const std::string& digits, opt_dtype dtype) {
  const uint64_t bits = std::stoull(digits, nullptr, 16);
  if (dtype == OPT_F64) {
    double value = 0;
    std::memcpy(&value, &bits, sizeof(value));
    return value;
  }
  const auto low_bits = static_cast<uint32_t>(bits);
  float value = 0;
  std::memcpy(&value, &low_bits, sizeof(value));
  return value;
}

std::vector<double> ReadElements(std::istream* file, opt_dtype dtype) {
  std::string line;
  std::getline(*file, line);
  std::istringstream words(line);
  std::vector<double> elements;
  for (std::string digits; words >> digits;) {
    elements.push_back(FromBits(digits, dtype));
  }
  return elements;
}

void ReadLine(const std::string& key, std::istringstream* words,
              std::istream* file, Trajectory* trajectory) {
  if (key == "tensor") {
    Trajectory::TensorPlan tensor = {};
    *words >> tensor.count >> tensor.first_step;
    trajectory->tensors.push_back(tensor);
  } else if (key == "at") {
    Trajectory::Change change = {};
    *words >> change.step >> change.option >> change.value;
    trajectory->changes.push_back(change);
  } else if (key == "checkpoint") {
    Trajectory::Checkpoint checkpoint = {};
    *words >> checkpoint.step;
    for (const Trajectory::TensorPlan& tensor : trajectory->tensors) {
      checkpoint.params.push_back(ReadElements(file, trajectory->dtype));
      if (checkpoint.params.back().size() !=
          static_cast<size_t>(tensor.count)) {
        throw std::runtime_error(trajectory->name + ": wrong element count");
      }
    }
    trajectory->checkpoints.push_back(checkpoint);
  } else {
    *words >> trajectory->options[key];
  }
}

}  // namespace

std::vector<Trajectory> ReadTrajectories(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot open " + path);
  std::vector<Trajectory> all;
  Trajectory current;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string key;
    words >> key;
    if (key == "case") {
      current = {};
      std::string dtype;
      words >> current.rule >> dtype;
      current.dtype = dtype == "f64" ? OPT_F64 : OPT_F32;
      current.name =
          current.rule + '_' + dtype + '_' + std::to_string(all.size());
    } else if (key == "end") {
      all.push_back(current);
    } else {
      ReadLine(key, &words, &file, &current);
    }
    if (words.fail()) throw std::runtime_error(path + ": bad line: " + line);
  }
  if (all.empty()) throw std::runtime_error(path + " has no case");
  return all;
}

double GoldenParam(uint32_t tensor, uint32_t i) {
  const uint32_t bits = Random(1000 + tensor, 0, i);
  const double size = 1 + (bits >> 9) * 0x1p-23;
  return bits % 2 == 1 ? -size : size;
}

double GoldenGradient(uint32_t tensor, uint32_t step, uint32_t i) {
  constexpr double kHalf = 1 << 21;
  const double noise = (Random(2000 + tensor, step, i) >> 10) - kHalf;
  const double drift = (Random(3000 + tensor, 0, i) >> 10) - kHalf;
  return std::ldexp(noise + drift, -22 - static_cast<int>(i % 5));
}

}  // namespace opt_test
