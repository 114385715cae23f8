// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The sections of the benchmark. Each measures, prints its tables and adds
// what it promised to the goals.

#ifndef OPT_TESTS_BENCH_SECTIONS_H_
#define OPT_TESTS_BENCH_SECTIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/bench/harness.h"

namespace bench {

struct Options {
  bool quick = false;  // smallest sizes, shortest rounds: does it still run?
  bool markdown = false;
  std::string rule;       // one rule; "": every rule
  std::string only;       // one section; "": every section
  std::string directory;  // where checkpoints are written
  std::vector<int64_t> sizes;
  std::vector<int64_t> sweep_sizes;  // of the section threads
  std::vector<int> threads;
};

// Measured values beside what they should be.
class Goals {
 public:
  // Both return "<= 1.08: met" or "<= 1.08: missed".
  std::string AtMost(const std::string& what, double measured, double bound);
  std::string AtLeast(const std::string& what, double measured, double bound);
  void Print() const;

 private:
  std::string Judge(const std::string& what, double measured, const char* sign,
                    double bound, bool met);

  int met_ = 0;
  std::vector<std::string> missed_;
};

// With --quick, what ran counts as test cases: TAP.
class Cases {
 public:
  explicit Cases(bool print) : print_(print) {}
  void Passed(const std::string& name);
  void Plan() const;

 private:
  bool print_;
  int count_ = 0;
};

// Throws std::runtime_error unless libopt and the loops that it races come to
// the same parameters.
void CheckContestants(const Options& options, Cases* cases);

// Every rule by size and threads, against the limit and both loops.
void RunSizes(const Options& options, Goals* goals);

// 1,000 tensors of 1,000 elements.
void RunLists(const Options& options, Goals* goals);

// Whether more threads are ever slower.
void RunThreads(const Options& options, Goals* goals);

// The cost of one call on next to nothing.
void RunCalls(const Options& options);

// State that has decayed into subnormal numbers.
void RunDecay(const Options& options);

// Every rule by AdamW, on matrices that a cache holds or not.
void RunRules(const Options& options, Goals* goals);

// Zeroing the gradients within the step or after it.
void RunZero(const Options& options);

// Unscale, clip, step and zero as one call; looking for Inf and NaN.
void RunTrainingStep(const Options& options, Goals* goals);

// Saving and loading.
void RunCheckpoints(const Options& options, Goals* goals);

// A round of some milliseconds, or of next to nothing with --quick.
Effort EffortFor(const Options& options, int64_t count);

}  // namespace bench

#endif  // OPT_TESTS_BENCH_SECTIONS_H_
