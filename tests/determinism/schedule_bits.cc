// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/determinism/schedule_bits.h"

#include <cstdint>

#include "tests/schedules/described.h"

namespace opt_test {
namespace {

constexpr double kBase = 0.3;
constexpr int64_t kSteps = 200;
constexpr int64_t kFarSteps[] = {1000, 123457, int64_t{1} << 40};

std::string DoubleBits(const std::vector<double>& values) {
  return Bits(OPT_F64, values.data(), static_cast<int64_t>(values.size()));
}

}  // namespace

std::vector<std::string> EverySchedule() {
  return {
      "constant factor=0.7 total_iters=90",
      "linear start_factor=0.1 end_factor=0.9 total_iters=130 interval=3",
      "step step_size=7 gamma=0.9",
      "multi_step milestones=3,50,50,171 gamma=0.3",
      "exponential gamma=0.97",
      "polynomial total_iters=170 power=1.7 eta_min=0.01",
      "cosine t_max=70 eta_min=0.013",
      "cosine_restarts t_0=11 t_mult=2 eta_min=0.017",
      "one_cycle total_steps=190 pct_start=0.37 div_factor=13",
      "one_cycle total_steps=190 anneal=1 three_phase=1",
      "one_cycle total_steps=190 inverse=1 min_value=0.07",
      "cyclic peak_value=0.9 step_size_up=13 step_size_down=29",
      "cyclic peak_value=0.9 step_size_up=13 mode=1",
      "cyclic peak_value=0.9 step_size_up=13 mode=2 gamma=0.99",
      "inverse_sqrt warmup_steps=37",
      "inverse_sqrt warmup_steps=37 d_model=511",
      "warmup_stable_decay warmup_steps=31 stable_steps=57 decay_steps=83",
      "warmup_stable_decay warmup_steps=31 decay_steps=83 decay=1",
      "warmup_stable_decay warmup_steps=31 decay_steps=83 decay=2",
      "plateau patience=1 factor=0.7 threshold=0.05",
      "linear start_factor=0.1 total_iters=23 then 23 cosine t_max=177",
      "exponential gamma=0.97 chain cosine_restarts t_0=9 t_mult=3",
  };
}

std::string ScheduleBits(const std::string& schedule) {
  const Schedule described = Described(schedule);
  std::vector<double> values;
  for (int64_t step = 0; step < kSteps; ++step) {
    values.push_back(ValueAt(described, kBase, step));
  }
  for (const int64_t step : kFarSteps) {
    values.push_back(ValueAt(described, kBase, step));
  }
  return DoubleBits(values);
}

std::string ReportBits(const std::string& schedule) {
  const Optimizer optimizer(OPT_RULE_SGD, "", {{OPT_LR, kBase}});
  Check(
      opt_set_schedule(optimizer.get(), 0, OPT_LR, Described(schedule).get()));
  std::vector<double> values;
  for (int64_t report = 0; report < kSteps; ++report) {
    const int64_t worse = report % 17 + report / 9 + 1;
    const double metric = 1 / static_cast<double>(worse);
    Check(opt_report_metric(optimizer.get(), 0, metric));
    values.push_back(0);
    Check(opt_get_scheduled(optimizer.get(), 0, OPT_LR, &values.back()));
  }
  return DoubleBits(values);
}

std::vector<Grid::TensorBits> ScheduledBits(const std::string& rule,
                                            const std::string& schedule,
                                            const Context& context,
                                            Grid* grid) {
  Optimizer optimizer(rule, "", {}, context.get());
  Check(opt_set_schedule(optimizer.get(), OPT_ALL_GROUPS, OPT_LR,
                         Described(schedule).get()));
  for (Tensor& tensor : grid->tensors()) optimizer.Attach(&tensor);
  grid->FillParams();
  for (uint32_t step = 1; step <= kGridSteps; ++step) {
    grid->FillGrads(step);
    optimizer.Step();
  }
  std::vector<Grid::TensorBits> bits;
  for (const Tensor& tensor : grid->tensors()) {
    bits.push_back(optimizer.AllBits(tensor));
  }
  return bits;
}

}  // namespace opt_test
