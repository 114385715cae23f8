// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Prints one line per case: a digest of all bytes of parameters and state that
// a rule makes with some options, in all dtypes; or of what a schedule gives.
// Each case runs with every SIMD target, thread count, job system and alignment
// there is: where one of them changes a bit, the program says so and fails.
// Its output is therefore the same for every compiler and CPU.
//   digests                    prints all parts: the schedules, then every rule
//   digests <part>             prints one of them
//   digests --parts            prints their names
//   digests --share [<part>]   the same, but each case runs in few of the ways,
//                              and the next case in the next ones
//   digests --sample [<part>]  likewise, and only every fourth case runs: for
//   an
//                              emulated CPU
// This is enough where the digests are compared with those of a program that
// has run every case in every way.

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/rules/configs.h"
#include "tests/rules/grid.h"
#include "tests/rules/harness.h"
#include "tests/schedules/described.h"

namespace opt_test {
namespace {

// Job systems of hosts that try to change the results of a step.
using Task = void (*)(void* task_data, int64_t i);

// Last task first, on the calling thread.
int32_t Backwards(void* /*user*/, int64_t count, Task task, void* task_data) {
  for (int64_t i = count; i-- > 0;) task(task_data, i);
  return 0;
}

// Odd tasks before even ones, each on a new thread, several at a time; on the
// calling one where there are no threads.
int32_t Scattered(void* /*user*/, int64_t count, Task task, void* task_data) {
  for (const int64_t first : {1, 0}) {
#ifdef __EMSCRIPTEN__
    for (int64_t i = first; i < count; i += 2) task(task_data, i);
    continue;
#endif
    std::vector<std::thread> threads;
    for (int64_t i = first; i < count; i += 2) {
      threads.emplace_back(task, task_data, i);
    }
    for (std::thread& thread : threads) thread.join();
  }
  return 0;
}

// Makes every third call and then says that it could not.
int32_t Failing(void* /*user*/, int64_t count, Task task, void* task_data) {
  for (int64_t i = 0; i < count; i += 3) task(task_data, i);
  return 1;
}

// A way of doing the same step.
struct Way {
  std::string name;
  std::unique_ptr<Context> context;
  Grid* grid;
};

// The ways in which the cases run. With `share`, a case runs in one of eight of
// them, at least in one, and the next case in the next ones: the small cases of
// a rule go through every SIMD target many times. Of the cases, every `every`th
// runs at all.
class Ways {
 public:
  Ways(bool share, size_t every) : share_(share), every_(every) {}

  void Add(Way way) { ways_.push_back(std::move(way)); }

  // None if the case is left out.
  std::vector<const Way*> OfNextCase() {
    if (asked_for_++ % every_ != 0) return {};
    const size_t stride = share_ ? std::min<size_t>(ways_.size(), 8) : 1;
    std::vector<const Way*> chosen;
    for (size_t i = share_ ? case_++ % stride : 0; i < ways_.size();
         i += stride) {
      chosen.push_back(&ways_[i]);
    }
    return chosen;
  }

 private:
  bool share_;
  size_t every_;
  size_t case_ = 0;
  size_t asked_for_ = 0;
  std::vector<Way> ways_;
};

Way OnTarget(const std::string& target, Grid* grid) {
  return {target, std::make_unique<Context>(target), grid};
}

Way WithThreads(int32_t threads, decltype(&Backwards) parallel_for,
                const std::string& name, Grid* grid) {
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  config.threads = threads;
  config.spin_microseconds = 1000;  // so that workers help with small steps
  config.parallel_for = parallel_for;
  return {name, std::make_unique<Context>(config), grid};
}

uint32_t Digest(const std::vector<Grid::TensorBits>& tensors) {
  uLong crc = crc32(0, nullptr, 0);
  for (const Grid::TensorBits& arrays : tensors) {
    for (const std::string& bytes : arrays) {
      crc = crc32_z(crc, reinterpret_cast<const Bytef*>(bytes.data()),
                    bytes.size());
    }
  }
  return static_cast<uint32_t>(crc);
}

// Prints the digest of what run(way) gives; returns whether all ways agree.
// Bytes are compared as such, which is many times faster than a digest of each.
template <typename Run>
bool PrintDigests(const std::string& name, Ways* all, const Run& run) {
  bool agree = true;
  const std::vector<const Way*> ways = all->OfNextCase();
  if (ways.empty()) return true;
  const Way* const first = ways.front();
  const std::vector<Grid::TensorBits> expected = run(*first);
  const uint32_t digest = Digest(expected);
  for (const Way* way : ways) {
    if (way == first) continue;
    const std::vector<Grid::TensorBits> got = run(*way);
    if (got == expected) continue;
    agree = false;
    std::fprintf(stderr, "digests: error: %s: %08x by %s, %08x by %s\n",
                 name.c_str(), digest, first->name.c_str(), Digest(got),
                 way->name.c_str());
  }
  std::printf("%08x %s\n", digest, name.c_str());
  return agree;
}

bool PrintCase(const std::string& rule, const std::string& preset,
               const Options& options, const char* sizes, Ways* ways,
               const opt_grad_work* work = nullptr, int64_t steps_before = 0) {
  const std::string name =
      rule + ' ' + preset + ' ' + sizes + ' ' + Text(options);
  return PrintDigests(name, ways, [&](const Way& way) {
    return way.grid->Run(rule, preset, options, *way.context, work,
                         steps_before);
  });
}

// The same with an average of the parameters.
bool PrintAveraged(const std::string& rule, int32_t kind, const char* sizes,
                   Ways* ways) {
  opt_average_config config = OPT_AVERAGE_CONFIG_INIT;
  config.kind = kind;
  config.decay = 0.9;
  const std::string name =
      rule + (kind == OPT_AVERAGE_EMA ? " ema " : " swa ") + sizes;
  return PrintDigests(name, ways, [&](const Way& way) {
    return way.grid->RunAveraged(rule, config, *way.context);
  });
}

constexpr double kBase = 0.3;
constexpr int64_t kSteps = 200;
constexpr int64_t kFarSteps[] = {1000, 123457, int64_t{1} << 40};

std::string DoubleBits(const std::vector<double>& values) {
  return Bits(OPT_F64, values.data(), static_cast<int64_t>(values.size()));
}

// Schedules of every kind, and joined ones, as Described() takes them.
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

// The bits of its values: step by step, then far away.
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

// The bits of what it gives after each report of a metric.
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

// As Grid::Run, with a schedule of the learning rate and without options.
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

// Values of schedules, and a learning rate that follows one.
bool PrintScheduled(Ways* ways) {
  for (const std::string& schedule : EverySchedule()) {
    std::printf("%08x schedule %s\n", Digest({{ScheduleBits(schedule)}}),
                schedule.c_str());
  }
  const std::string plateau = "plateau patience=1 factor=0.9 cooldown=2";
  std::printf("%08x schedule reports %s\n", Digest({{ReportBits(plateau)}}),
              plateau.c_str());
  const std::string cosine = "cosine t_max=7 eta_min=0.0001";
  return PrintDigests(
      "schedule adamw large " + cosine, ways, [&](const Way& way) {
        return ScheduledBits(OPT_RULE_ADAMW, cosine, *way.context, way.grid);
      });
}

// Unscaled, clipped by value, by tensor and by the norm of all, each of which
// changes something.
opt_grad_work EveryWork() {
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.loss_scale = 3;
  work.max_value = 0.25;
  work.max_tensor_norm = 1.5;
  work.max_norm = 2;
  return work;
}

// The same without the clip by value, by the largest element.
opt_grad_work MaximumWork() {
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.loss_scale = 3;
  work.max_norm = 0.125;
  work.norm = OPT_NORM_INF;
  return work;
}

constexpr char kSchedules[] = "schedule";

std::vector<std::string> Parts() {
  std::vector<std::string> parts = {kSchedules};
  for (const std::string& rule : Rules()) parts.push_back(rule);
  return parts;
}

// As Grid::Run, of matrices and a stack of them: rules that keep factors or
// rows see their shapes.
std::vector<Grid::TensorBits> MatrixBits(const std::string& rule,
                                         const Context& context) {
  const std::vector<std::vector<int64_t>> shapes = {{513, 130}, {2, 270, 67}};
  std::vector<Tensor> tensors;
  Optimizer optimizer(rule, "", {}, context.get());
  for (const Dtypes& dtypes : kEveryDtypes) {
    for (const std::vector<int64_t>& shape : shapes) {
      int64_t count = 1;
      for (const int64_t extent : shape) count *= extent;
      tensors.emplace_back(dtypes.param, dtypes.grad, count);
    }
  }
  for (size_t i = 0; i < tensors.size(); ++i) {
    tensors[i].param.Fill(kGridParams, 0);
    optimizer.Attach(&tensors[i], shapes[i % shapes.size()]);
  }
  for (uint32_t step = 1; step <= kGridSteps; ++step) {
    for (Tensor& tensor : tensors) tensor.grad.Fill(kGridGrads, step);
    optimizer.Step();
  }
  std::vector<Grid::TensorBits> bits;
  for (const Tensor& tensor : tensors)
    bits.push_back(optimizer.AllBits(tensor));
  return bits;
}

// Whether a rule keeps state that is not shaped like the parameter.
bool SeesShapes(const std::string& rule) {
  const Optimizer optimizer(rule);
  for (const std::string& slot : optimizer.Slots()) {
    const opt_shape shape = optimizer.ShapeOf(slot);
    if (shape == OPT_SHAPE_ROWS || shape == OPT_SHAPE_ROW_FACTOR) return true;
  }
  return false;
}

bool PrintRule(const std::string& rule, Ways* large_ways, Ways* small_ways) {
  const opt_grad_work every_work = EveryWork();
  const opt_grad_work maximum_work = MaximumWork();
  bool agree = true;
  for (const int32_t kind : {OPT_AVERAGE_EMA, OPT_AVERAGE_SWA}) {
    agree &= PrintAveraged(rule, kind, "large", large_ways);
    agree &= PrintAveraged(rule, kind, "small", small_ways);
  }
  agree &=
      PrintCase(rule, "textbook", {}, "large,clipped", large_ways, &every_work);
  agree &=
      PrintCase(rule, "textbook", {}, "small,clipped", small_ways, &every_work);
  agree &= PrintCase(rule, "textbook", {}, "large,maximum", large_ways,
                     &maximum_work);
  for (const std::string& preset : Presets(rule)) {
    for (const Options& options : Layouts(rule)) {
      agree &= PrintCase(rule, preset, options, "large", large_ways);
    }
  }
  for (const Options& options : Layouts(rule)) {
    agree &= PrintCase(rule, "textbook", options, "small,late", small_ways,
                       nullptr, kLate);
  }
  for (const Options& options : OptionsAlone(rule)) {
    agree &= PrintCase(rule, "textbook", options, "small", small_ways);
  }
  for (const Options& options : OptionsOfAnyRule(rule)) {
    agree &= PrintCase(rule, "textbook", options, "small", small_ways);
  }
  if (SeesShapes(rule)) {
    agree &= PrintDigests(rule + " matrices", large_ways, [&](const Way& way) {
      return MatrixBits(rule, *way.context);
    });
  }
  return agree;
}

// `share`, `every`: as Ways has them.
bool Print(const std::vector<std::string>& parts, bool share, size_t every) {
  Grid small(EverySize());
  Grid small_offset(EverySize(), 3);
  Ways small_ways(share, every);
  // Enough elements for threads, and a last part that is no whole vector.
  const std::vector<int64_t> large_sizes = {1000, 40003};
  Grid large(large_sizes);
  std::vector<Grid> offsets;
  for (const int64_t offset : {1, 2, 5})
    offsets.emplace_back(large_sizes, offset);
  Ways large_ways(share, every);
  for (const std::string& target : Targets()) {
    small_ways.Add(OnTarget(target, &small));
    large_ways.Add(OnTarget(target, &large));
  }
  small_ways.Add(WithThreads(1, nullptr, "offset 3", &small_offset));
  for (const int32_t threads : {2, 3, 7}) {
    large_ways.Add(WithThreads(threads, nullptr,
                               std::to_string(threads) + " threads", &large));
  }
  for (Grid& grid : offsets) {
    large_ways.Add(WithThreads(1, nullptr, "an offset", &grid));
    large_ways.Add(WithThreads(3, nullptr, "an offset, threads", &grid));
  }
  large_ways.Add(WithThreads(16, Backwards, "backwards", &large));
  large_ways.Add(WithThreads(5, Scattered, "scattered", &large));
  large_ways.Add(WithThreads(9, Failing, "failing", &large));

  bool agree = true;
  for (const std::string& part : parts) {
    agree &= part == kSchedules ? PrintScheduled(&large_ways)
                                : PrintRule(part, &large_ways, &small_ways);
  }
  return agree;
}

int Main(std::vector<std::string> arguments) {
  if (arguments == std::vector<std::string>{"--parts"}) {
    for (const std::string& part : Parts()) std::puts(part.c_str());
    return 0;
  }
  const std::string option = arguments.empty() ? "" : arguments[0];
  const bool sample = option == "--sample";
  const bool share = option == "--share" || sample;
  if (share) arguments.erase(arguments.begin());
  if (arguments.empty()) arguments = Parts();
  return Print(arguments, share, sample ? 4 : 1) ? 0 : 1;
}

}  // namespace
}  // namespace opt_test

int main(int argc, char** argv) {
  try {
    return opt_test::Main({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "digests: error: %s\n", error.what());
    return 1;
  }
}
