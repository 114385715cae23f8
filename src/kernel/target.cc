// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "hwy/highway.h"
#include "src/kernel/dispatch.h"
#include "src/kernel/kernels.h"
#include "src/kernel/supported_targets.h"
#include "src/os/cpu.h"

namespace libopt {
namespace {

// Highway's bit for a target. Targets count the bits of HWY_TARGETS from the
// lowest, which is the best.
int64_t TargetBit(int target) {
  int64_t targets = HWY_TARGETS;
  for (; target > 0; --target) targets &= targets - 1;
  return targets & -targets;
}

}  // namespace

int TargetCount() {
  int count = 0;
  for (int64_t targets = HWY_TARGETS; targets != 0; targets &= targets - 1) {
    ++count;
  }
  return count;
}

const char* TargetName(int target) {
  return hwy::TargetName(TargetBit(target));
}

bool g_root_by_instruction = false;

bool TargetSupported(int target) {
  [[maybe_unused]] static const bool once = [] {
    g_root_by_instruction = os::ThisCpu().fast_roots;
    return true;
  }();
  return (SupportedTargets() & TargetBit(target)) != 0 ||
         TargetBit(target) == HWY_STATIC_TARGET;
}

int BestTarget() {
  int target = 0;
  while (!TargetSupported(target)) ++target;
  return target;
}

size_t DispatchIndex(int target) {
  hwy::ChosenTarget chosen;
  chosen.Update(TargetBit(target));
  return chosen.GetIndex();
}

}  // namespace libopt
