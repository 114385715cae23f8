// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A program that may have another C++ runtime than libopt.a: it trains through
// the C++ wrapper, catches a failure of the library, and prints the bits of
// the parameters.

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <opt/opt.hpp>
#include <string>
#include <vector>

namespace {

// A status becomes an exception of this program's runtime, not the library's.
bool CatchesFailures(opt::Optimizer* optimizer) {
  try {
    optimizer->Set(OPT_LR, -1);
  } catch (const opt::Error& error) {
    return error.status() == OPT_ERR_VALUE &&
           std::string(error.what()).find("lr") != std::string::npos;
  }
  return false;
}

uint32_t BitsOf(float value) {
  uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

}  // namespace

int main() {
  std::vector<float> param(1000, 0.5F);
  std::vector<float> grad(param.size());
  opt::Optimizer optimizer(OPT_RULE_ADAMW);
  optimizer.Attach(opt::TensorSpec("weights", param, grad));
  std::vector<uint8_t> saved;
  for (int step = 0; step < 20; ++step) {
    for (size_t i = 0; i < grad.size(); ++i) grad[i] = param[i] - 0.001F * i;
    optimizer.Step(opt::GradientWork().MaxNorm(1));
    if (step == 10) saved = optimizer.SaveMemory();
  }
  optimizer.LoadMemory(saved);
  if (!CatchesFailures(&optimizer) || optimizer.Info().steps != 11) return 1;
  uint32_t sum = 0;
  for (const float value : param) sum = sum * 31 + BitsOf(value);
  std::printf("%08x\n", sum);
  return 0;
}
