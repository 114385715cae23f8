// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/rules/measure.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <sstream>

#include "src/rules/registry.h"

namespace opt_test {
namespace {

// Half the distance between 1 and the next larger number.
long double UnitRoundoff(opt_dtype dtype) {
  return dtype == OPT_F64 ? std::numeric_limits<double>::epsilon() / 2
                          : std::numeric_limits<float>::epsilon() / 2;
}

// Infinite and NaN results have to be the same ones.
bool Near(long double got, const Tracked& expected, long double allowed) {
  if (std::isnan(expected.value)) return std::isnan(got);
  if (std::isinf(expected.value)) return got == expected.value;
  return std::fabs(got - expected.value) <= allowed;
}

bool StateAgrees(opt_dtype dtype, long double got, const Tracked& expected,
                 double ulps) {
  const long double allowed = ulps * Ulp(dtype, expected.scale) +
                              expected.inherited * UnitRoundoff(dtype);
  const long double smallest = SmallestNormal(dtype);
  if (got == 0) return std::fabs(expected.value) < smallest + allowed;
  if (std::fabs(got) < smallest) return false;
  return Near(got, expected, allowed);
}

std::string Describe(const Before& before, size_t i, const std::string& what,
                     long double got, const Tracked& expected,
                     long double ulp) {
  std::ostringstream text;
  text.precision(20);
  text << "element " << i << ": " << what << " is " << got << ", expected "
       << expected.value << ", off by " << std::fabs(got - expected.value) / ulp
       << " ulp; before: param " << before.param[i] << ", grad "
       << before.grad[i];
  for (const auto& [slot, values] : before.slots) {
    if (i < values.size()) text << ", " << slot << " " << values[i];
  }
  return text.str();
}

// How many times the usual errors a slot may have.
double RoundingsOf(const Optimizer& optimizer, const std::string& slot) {
  const libopt::RuleDescriptor& rule =
      *libopt::FindRule(optimizer.rule()).rule->descriptor;
  for (int i = 0; i < rule.slot_count; ++i) {
    if (slot == rule.slots[i].name) return rule.slots[i].roundings;
  }
  return 1;
}

}  // namespace

long double Ulp(opt_dtype dtype, long double size) {
  if (!std::isfinite(size)) return size;
  const long double normal = std::max<long double>(size, SmallestNormal(dtype));
  if (normal > std::numeric_limits<double>::max() / 2) {
    return std::ldexp(2 * UnitRoundoff(dtype), std::ilogb(normal));
  }
  // The power of two below it. Most tests do this, for every element.
  auto power = static_cast<double>(normal);
  if (power > normal) power = std::nextafter(power, 0.0);
  uint64_t bits = 0;
  std::memcpy(&bits, &power, sizeof(bits));
  bits &= 0x7ffULL << 52;
  std::memcpy(&power, &bits, sizeof(bits));
  return 2 * UnitRoundoff(dtype) * power;
}

double SmallestNormal(opt_dtype dtype) {
  return dtype == OPT_F64 ? std::numeric_limits<double>::min()
                          : std::numeric_limits<float>::min();
}

Before TakeBefore(const Optimizer& optimizer, const Tensor& tensor) {
  Before before;
  Array rounded(tensor.param.dtype(), tensor.param.count());
  for (int64_t i = 0; i < tensor.param.count(); ++i) {
    rounded.Set(i, tensor.grad.Get(i));
    before.param.push_back(tensor.param.Get(i));
    before.grad.push_back(rounded.Get(i));
  }
  for (const std::string& slot : optimizer.SlotsOf(tensor)) {
    const opt_view view = optimizer.View(tensor, slot);
    std::vector<long double>& values = before.slots[slot];
    for (int64_t i = 0; i < view.count; ++i) {
      values.push_back(ElementOf(view.dtype, view.data, i));
    }
  }
  return before;
}

std::string Compare(const Optimizer& optimizer, const Tensor& tensor,
                    const Before& before, const After& expected,
                    const Tolerance& tolerance) {
  const opt_dtype dtype = tensor.param.dtype();
  for (const auto& [slot, values] : expected.slots) {
    const opt_view view = optimizer.View(tensor, slot);
    const double ulps = tolerance.state_ulps * RoundingsOf(optimizer, slot);
    for (size_t i = 0; i < values.size(); ++i) {
      const double got =
          ElementOf(view.dtype, view.data, static_cast<int64_t>(i));
      if (!StateAgrees(view.dtype, got, values[i], ulps)) {
        return Describe(before, i, slot, got, values[i],
                        Ulp(view.dtype, values[i].scale));
      }
    }
  }
  for (size_t i = 0; i < expected.update.size(); ++i) {
    const Tracked& update = expected.update[i];
    const long double after = before.param[i] + update.value;
    const long double got = tensor.param.Get(static_cast<int64_t>(i));
    const long double allowed =
        tolerance.update_ulps * Ulp(dtype, update.scale) +
        tolerance.param_ulps * Ulp(dtype, std::fabs(after));
    if (!Near(got, after, allowed)) {
      return Describe(before, i, "the parameter", got, after,
                      Ulp(dtype, update.scale));
    }
  }
  return "";
}

}  // namespace opt_test
