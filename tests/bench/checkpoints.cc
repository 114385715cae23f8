// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Saving against dd with fsync, loading against a loop of read and crc32, and
// the memory that both take beside the state.

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <vector>

#include "opt/opt.h"
#include "tests/bench/machine.h"
#include "tests/bench/sections.h"
#include "tests/bench/subject.h"
#include "tests/bench/table.h"

namespace bench {
namespace {

constexpr double kGoal = 0.8;                   // of the speed of the other
constexpr int64_t kAllowed = int64_t{8} << 20;  // bytes beside the state
constexpr size_t kPiece = 256 << 10;            // of a read: the fastest

// A file that is there for as long as this is.
class File {
 public:
  explicit File(const std::string& directory, const char* name)
      : path_(directory + "/" + name) {
    if (path_.find('\'') != std::string::npos) {
      throw std::runtime_error("a directory with ' in its name: " + directory);
    }
  }
  ~File() { std::remove(path_.c_str()); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  const std::string& path() const { return path_; }
  int64_t size() const {
    return static_cast<int64_t>(std::filesystem::file_size(path_));
  }

 private:
  std::string path_;
};

// AdamW over one tensor, after a step.
class Trained {
 public:
  explicit Trained(int64_t count) : param_(static_cast<size_t>(count), 1) {
    Check(opt_create(nullptr, OPT_RULE_ADAMW, &optimizer_));
    opt_tensor tensor = OPT_TENSOR_INIT;
    tensor.name = "w";
    tensor.count = count;
    tensor.param = param_.data();
    Check(opt_attach(optimizer_, &tensor, 1, nullptr));
    const std::vector<float> grad(param_.size(), 0.5F);
    const void* grads[] = {grad.data()};
    opt_step_args args = OPT_STEP_ARGS_INIT;
    opt_lent buffers = OPT_LENT_INIT;
    args.lent = &buffers;
    buffers.count = 1;
    buffers.grads = const_cast<void* const*>(grads);
    Check(opt_step(optimizer_, &args));
  }
  ~Trained() { opt_destroy(optimizer_); }
  Trained(const Trained&) = delete;
  Trained& operator=(const Trained&) = delete;

  void Save(const File& file) {
    Check(opt_save_file(optimizer_, file.path().c_str(), nullptr));
  }
  void Load(const File& file) {
    Check(opt_load_file(optimizer_, file.path().c_str(), nullptr));
  }

 private:
  std::vector<float> param_;
  opt_optimizer optimizer_ = nullptr;
};

void RunDd(const File& file, int64_t size) {
  const std::string command =
      "dd if=/dev/zero of='" + file.path() +
      "' bs=1M iflag=count_bytes count=" + std::to_string(size) +
      " conv=fsync status=none";
  if (std::system(command.c_str()) != 0) {
    throw std::runtime_error("this failed: " + command);
  }
}

// Reads a file and sums it up, to memory that is allocated for it or, if it is
// not kept, to one piece again and again.
void ReadAndSum(const File& file, bool keep) {
  const auto size = static_cast<size_t>(file.size());
  const std::unique_ptr<char[]> memory(new char[keep ? size : kPiece]);
  const int descriptor = open(file.path().c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw std::runtime_error("cannot open " + file.path());
  uLong sum = 0;
  for (size_t done = 0; done < size;) {
    char* to = memory.get() + (keep ? done : 0);
    const ssize_t got = read(descriptor, to, std::min(kPiece, size - done));
    if (got <= 0) throw std::runtime_error("cannot read " + file.path());
    sum = crc32_z(sum, reinterpret_cast<const Bytef*>(to),
                  static_cast<z_size_t>(got));
    done += static_cast<size_t>(got);
  }
  close(descriptor);
  benchmark::DoNotOptimize(sum);
}

// The most memory a call takes at once, in bytes.
template <typename Call>
int64_t PeakOf(const Call& call) {
  ForgetPeakMemory();
  const int64_t before = ResidentMemory();
  call();
  return PeakMemory() - before;
}

std::string Mebibytes(int64_t bytes) {
  return Format(static_cast<double>(bytes) / (1 << 20), 1) + " MiB";
}

}  // namespace

void RunCheckpoints(const Options& options, Goals* goals) {
  const int64_t count = options.sizes.back();
  const int64_t state = 2 * count * static_cast<int64_t>(sizeof(float));
  // Parameters, state, what a load reads, and three files in the page cache.
  if (AvailableMemory() < 6 * state) {
    throw std::runtime_error("too little memory for checkpoints of " +
                             FormatCount(count) + " elements: use --size");
  }
  const File saved(options.directory, "checkpoint.tmp");
  const File other(options.directory, "dd.tmp");
  Trained trained(count);
  trained.Save(saved);
  const int64_t size = saved.size();
  const Effort effort = {options.quick ? 1 : 9, 1e-9};
  const auto saves = Race({{"save", [&] { trained.Save(saved); }},
                           {"dd", [&] { RunDd(other, size); }}},
                          effort);
  const auto loads = Race({{"load", [&] { trained.Load(saved); }},
                           {"keep", [&] { ReadAndSum(saved, true); }},
                           {"drop", [&] { ReadAndSum(saved, false); }}},
                          effort);
  const int64_t save_peak = PeakOf([&] { trained.Save(saved); });
  const int64_t load_peak = PeakOf([&] { trained.Load(saved); }) - state;

  Table table("AdamW state of " + FormatCount(count) + " elements, " +
                  Mebibytes(size) +
                  ": speed by that of the other, fastest (median) rounds; "
                  "memory beside the state, of a load beside two",
              {"libopt", "GB/s", "the other", "speed", "goal", "memory"});
  const auto add = [&](const std::string& what, const Timing& own,
                       const std::string& of, const Timing& by, bool is_goal,
                       int64_t peak) {
    const double speed = by.min / own.min;
    table.AddRow(
        {what, Format(1e-9 * static_cast<double>(size) / own.min, 2), of,
         FormatRatio(speed, by.median / own.median),
         is_goal ? goals->AtLeast(what + " by " + of, speed, kGoal) : "",
         Mebibytes(peak)});
  };
  add("opt_save_file", saves[0], "dd conv=fsync", saves[1], true, save_peak);
  add("opt_load_file", loads[0], "read and crc32", loads[1], true, load_peak);
  add("opt_load_file", loads[0], "the same, dropped", loads[2], false,
      load_peak);
  table.Print(options.markdown);
  for (const int64_t peak : {save_peak, load_peak}) {
    goals->AtMost("MiB beside the state", static_cast<double>(peak),
                  static_cast<double>(kAllowed));
  }
}

}  // namespace bench
