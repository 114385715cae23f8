// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/loss_scaler.h"

#include <cmath>
#include <limits>

#include "src/base/error.h"
#include "src/optimizer/tensor.h"

namespace libopt {
namespace {

constexpr double kInitialScale = 65536;
constexpr double kGrowthFactor = 2;
constexpr double kBackoffFactor = 0.5;
constexpr int64_t kGrowthInterval = 2000;

template <typename T>
T OrDefault(T value, T default_value) {
  return value == 0 ? default_value : value;
}

// Converts to float. Numbers beyond its range become Inf, since a conversion
// that overflows is undefined in C++.
float ToF32(double value) {
  return value > std::numeric_limits<float>::max()
             ? std::numeric_limits<float>::infinity()
             : static_cast<float>(value);
}

// `scale` is what the caller knows the scale as; `of`, the struct that the
// other numbers are fields of, comes before their names.
void Check(const opt_scaler_info& info, const char* scale, const char* of) {
  if (!(info.scale > 0) || !std::isnormal(ToF32(info.scale))) {
    Fail(OPT_ERR_ARGUMENT, scale, " is ", info.scale,
         ": it must be a normal f32 number > 0");
  }
  if (!(info.growth_factor > 1) || std::isinf(info.growth_factor)) {
    Fail(OPT_ERR_ARGUMENT, of, "growth_factor is ", info.growth_factor,
         ": it must be a finite number > 1");
  }
  if (!(info.backoff_factor > 0 && info.backoff_factor < 1)) {
    Fail(OPT_ERR_ARGUMENT, of, "backoff_factor is ", info.backoff_factor,
         ": it must be > 0 and < 1");
  }
  if (info.growth_interval < 1) {
    Fail(OPT_ERR_ARGUMENT, of, "growth_interval is ", info.growth_interval,
         ": it must be 1 step or more");
  }
  if (info.good_steps < 0 || info.good_steps >= info.growth_interval) {
    Fail(OPT_ERR_ARGUMENT, "good_steps is ", info.good_steps,
         ": it must be 0 or more, and less than the growth interval");
  }
  if (info.skipped < 0 || info.skipped > kMaxCounter) {
    Fail(OPT_ERR_ARGUMENT, "skipped is ", info.skipped, ": it must be 0 to ",
         kMaxCounter);
  }
}

}  // namespace

void LossScaler::Start(const opt_scaler_config& config) {
  if (config.flags != 0) {
    Fail(OPT_ERR_ARGUMENT, "opt_scaler_config.flags is ", config.flags,
         ": there are no flags yet; leave it 0");
  }
  opt_scaler_info info = {};
  info.scale = OrDefault(config.initial_scale, kInitialScale);
  info.growth_factor = OrDefault(config.growth_factor, kGrowthFactor);
  info.backoff_factor = OrDefault(config.backoff_factor, kBackoffFactor);
  info.growth_interval = OrDefault(config.growth_interval, kGrowthInterval);
  Check(info, "opt_scaler_config.initial_scale", "opt_scaler_config.");
  Set(info);
}

void LossScaler::Restore(const opt_scaler_info& info) {
  Check(info, "the scale", "");
  Set(info);
}

void LossScaler::Set(const opt_scaler_info& info) {
  info_ = info;
  info_.active = 1;
  info_.scale = ToF32(info.scale);
}

void LossScaler::SetScale(double scale) {
  if (!active()) {
    Fail(OPT_ERR_STATE,
         "opt_scaler_set_scale: no loss scaler is active: start one with "
         "opt_scaler_start");
  }
  opt_scaler_info info = info_;
  info.scale = scale;
  info.good_steps = 0;
  Restore(info);
}

void LossScaler::Update(bool skipped) {
  if (!active()) return;
  double factor = 1;
  if (skipped) {
    ++info_.skipped;
    factor = info_.backoff_factor;
  } else if (++info_.good_steps == info_.growth_interval) {
    factor = info_.growth_factor;
  }
  if (factor == 1) return;
  info_.good_steps = 0;
  const float scale = ToF32(info_.scale * factor);
  if (std::isnormal(scale)) info_.scale = scale;
}

}  // namespace libopt
