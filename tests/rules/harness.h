// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The C API as the numerical tests use it: owners for its handles, and arrays
// of either dtype. A call that fails throws what opt_last_error() says.

#ifndef OPT_TESTS_RULES_HARNESS_H_
#define OPT_TESTS_RULES_HARNESS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "opt/opt.h"
#include "tests/rules/data.h"

namespace opt_test {

void Check(opt_status status);

// Names, in the order of the registry.
std::vector<std::string> Rules();
const std::vector<std::string>& Presets(const std::string& rule);
const std::vector<opt_option_info>& OptionInfos(const std::string& rule);
// The SIMD targets that this CPU can run.
std::vector<std::string> Targets();

// An array of floats or doubles that starts `offset` elements after a 64-byte
// boundary.
class Array {
 public:
  Array(opt_dtype dtype, int64_t count, int64_t offset = 0);
  Array(Array&&) = default;  // the elements stay where they are
  Array& operator=(Array&&) = default;

  opt_dtype dtype() const { return dtype_; }
  int64_t count() const { return count_; }
  void* data() { return data_; }
  const void* data() const { return data_; }

  double Get(int64_t i) const;
  // Rounds to the dtype.
  void Set(int64_t i, double value);
  // Element i becomes Varied(stream, step, i).
  void Fill(uint32_t stream, uint32_t step);

 private:
  opt_dtype dtype_;
  int64_t count_;
  std::vector<unsigned char> memory_;
  void* data_;
};

// The dtypes of a tensor's parameters and gradients: every pair.
struct Dtypes {
  opt_dtype param;
  opt_dtype grad;
};
constexpr Dtypes kEveryDtypes[] = {{OPT_F32, OPT_F32},
                                   {OPT_F32, OPT_F64},
                                   {OPT_F64, OPT_F32},
                                   {OPT_F64, OPT_F64}};

size_t ElementSize(opt_dtype dtype);
double ElementOf(opt_dtype dtype, const void* data, int64_t i);

// The bytes of an array. Every NaN is written as the same one: its position is
// promised to be equal everywhere, its payload is not.
std::string Bits(opt_dtype dtype, const void* data, int64_t count);

struct Tensor {
  Tensor(opt_dtype param_dtype, opt_dtype grad_dtype, int64_t count,
         int64_t offset = 0)
      : param(param_dtype, count, offset), grad(grad_dtype, count, offset) {}

  Array param;
  Array grad;
  int64_t index = -1;  // once attached
};

class Context {
 public:
  explicit Context(const opt_context_config& config);
  // All defaults but the target and, unless it is 0, the number of threads.
  explicit Context(const std::string& target, int32_t threads = 0);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  opt_context get() const { return handle_; }

 private:
  opt_context handle_ = nullptr;
};

class Optimizer {
 public:
  // A preset's values ("": the defaults), then `options`; in the default
  // context unless given another.
  explicit Optimizer(const std::string& rule, const std::string& preset = "",
                     const Options& options = {},
                     opt_context context = nullptr);
  ~Optimizer();
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  opt_optimizer get() const { return handle_; }
  const std::string& rule() const { return rule_; }

  void Set(const std::string& option, double value);
  double Get(const std::string& option) const;
  Options Values() const;

  // Attaches with retained buffers: the tensor has to stay where it is. Without
  // a shape it is a vector.
  void Attach(Tensor* tensor, const std::vector<int64_t>& shape = {});
  void Step(uint32_t flags = 0);
  // A step with the tensors' gradients lent; nullptr: none for that one.
  void StepWith(const std::vector<const Tensor*>& tensors);

  int64_t StepCount(const Tensor& tensor) const;
  // Names of the slots that exist with these options, in descriptor order.
  std::vector<std::string> Slots() const;
  // Of these, those that a tensor has.
  std::vector<std::string> SlotsOf(const Tensor& tensor) const;
  opt_shape ShapeOf(const std::string& slot) const;
  opt_view View(const Tensor& tensor, const std::string& slot) const;
  double State(const Tensor& tensor, const std::string& slot, int64_t i) const;
  // Bits() of the parameters, then those of each slot but numbers of the group.
  std::vector<std::string> AllBits(const Tensor& tensor) const;

 private:
  opt_optimizer handle_ = nullptr;
  std::string rule_;
};

// Bits() of the average of a tensor's parameters.
std::string AverageBits(const Optimizer& optimizer, const Tensor& tensor);

}  // namespace opt_test

#endif  // OPT_TESTS_RULES_HARNESS_H_
