// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The only part of the kernels that the rest of the library may call: loops
// over contiguous pieces of one tensor, compiled for every SIMD target. A
// target is an index; 0 is the best that was compiled in. This file does not
// include Highway.

#ifndef OPT_SRC_KERNEL_KERNELS_H_
#define OPT_SRC_KERNEL_KERNELS_H_

#include <cstdint>

#include "opt/opt_base.h"
#include "src/rules/descriptor.h"

namespace libopt {

// ---- SIMD targets ----

// The number of targets that were compiled in.
int TargetCount();

// Highway's name of a target, such as "AVX2".
const char* TargetName(int target);

// Whether this CPU can run a target.
bool TargetSupported(int target);

// The best supported target. There is always one.
int BestTarget();

// Whether AVX-512 computes the roots of doubles by the instruction for them,
// which is faster on some CPUs, or by multiplications; the bits are the same.
// TargetSupported() sets it, and is called before any target is used.
extern bool g_root_by_instruction;

extern const char* const kVersion;

// One line: version, compiler, Highway, SIMD targets.
const char* BuildInfo();

// ---- Sums over tensors ----

// Gradients, and whatever else of a tensor is summed, are added up in blocks of
// this many elements, counted from the start of the tensor.
constexpr int64_t kSumBlock = 64 * 1024;

constexpr int64_t SumBlocks(int64_t elements) {
  return (elements + kSumBlock - 1) / kSumBlock;
}

// ---- A step ----

// The constants that a loop reads: those of the rule, the scale of the gradient
// and two of weight decay.
constexpr int kMaxConstants = kMaxScalars + 3;

// The work on a tensor's gradient before the rule sees it: it is multiplied by
// `scale`, clipped to [-max_value, max_value], and multiplied by `factor`.
// Without the clip the two multiplications are one.
struct GradEdit {
  double scale = 1;      // 1 / samples of a mean, 1 / loss scale
  double max_value = 0;  // 0: no clip
  double factor = 1;     // of clipping by norm
};

// The facts about the factors of a slice that all of its rows need.
struct SliceFactors {
  double mean;   // of the rows
  double least;  // of the columns; NaN does not count
};

// The factors of a tensor's second moment, in the parameter's type. The tensor
// is a row of slices, each of which is a matrix of row_count rows.
struct Factoring {
  void* rows;     // a factor for each row
  void* columns;  // one for each column of each slice; nullptr: rows alone
  int64_t row_length;
  int64_t row_count;
  SliceFactors* slices;
  double* partial_columns;  // sums of the columns of each panel, or nullptr
  void* column_roots;       // 1 / root of each column's factor
};

// Rows of a slice whose columns are added up one after another: the sums of
// such panels are then added in their order.
constexpr int64_t kPanelRows = 256;

constexpr int64_t PanelsOf(int64_t rows) {
  return (rows + kPanelRows - 1) / kPanelRows;
}

// Columns whose sums need no memory of the tensor if a slice is one panel.
constexpr int64_t kFewColumns = 1024;

// A contiguous piece of one tensor. `slots` are those that are like the
// parameter, in descriptor order, nullptr where the layout lacks one; those
// past the rule's last are not read.
struct Chunk {
  void* param;
  void* grad;
  void* slots[kMaxSlots];
  int64_t count;
  const Scalars* scalars;
  GradEdit edit;
  opt_dtype grad_dtype;
  bool zero_grad;           // set the gradient to 0 afterwards
  Layout param_copies;      // slots that first become copies of the parameter
  void* average;            // of the parameters; nullptr: not updated now
  Average average_weights;  // of that update
  const Factoring* factoring;  // of its second moment, or nullptr
  int64_t begin;               // of the piece in the tensor, if it is factored
  void* slow;                  // weights of lookahead; nullptr: not updated now
  double slow_weight;          // by which they move to the parameters
  // Where the first phase leaves the update, after which it has also stepped
  // the slots; nullptr: the last phase makes the update.
  void* update;
};

// Does one step over a chunk with the loops of a rule. Touches nothing outside
// the arrays, and gives the same bits however a tensor is cut into chunks.
using ChunkFunction = void (*)(const void* loops, const Chunk& chunk);

// A step with its constants rounded and its loop chosen; see below.
struct PreparedStep;
using PrepareStepFunction = void (*)(const void* loops, const Scalars& scalars,
                                     PreparedStep* step);

// The step of a rule on a SIMD target.
struct StepKernel {
  ChunkFunction function = nullptr;
  PrepareStepFunction prepare_step = nullptr;
  const void* loops = nullptr;

  void operator()(const Chunk& chunk) const { function(loops, chunk); }
  void Prepare(const Scalars& scalars, PreparedStep* step) const {
    prepare_step(loops, scalars, step);
  }
};

// Finds the step of a rule, given by its index. The layout must be one of the
// rule's; slots in it that are not like the parameter are ignored.
StepKernel FindStep(int rule, int target, opt_dtype param_dtype, Layout layout);

// ---- A step of many tensors ----

// A whole tensor, or a piece of one, whose gradient needs no work before the
// rule sees it. The slots that the loops know lie `pitch` bytes apart.
struct PlainTensor {
  void* param;
  const void* grad;  // in the parameter's type
  char* slots;
  int64_t pitch;
  int64_t count;  // more than 0
};

// StepKernel::Prepare makes it once for all tensors that share their constants.
// It gives the same bits as a chunk.
struct PreparedStep {
  // `next` is a tensor that will be needed soon, or nullptr.
  void (*function)(const PreparedStep& step, const PlainTensor& tensor,
                   const PlainTensor* next);
  const void* loops;  // of the rule
  void (*loop)();     // the one of them that the constants choose
  alignas(double) unsigned char constants[kMaxConstants * sizeof(double)];
};

// ---- A step of several phases ----

// The sums of a block, by Sum; those that are not wanted are 0.
struct BlockSums {
  double of[kSumCount];
};

// A first phase: adds up `sums` over one block. It steps the slots if the chunk
// has a place for the update, or if the rule can make the update of the slots
// again, and changes nothing else. `kernel` is that of the tensor, `factors`
// what the phase before it has given, if there was one.
BlockSums SumStep(int target, const StepKernel& kernel, opt_dtype param_dtype,
                  const Chunk& chunk, const TensorFactors& factors,
                  SumSet sums);

// The last phase: does the step with the factors that the sums have given.
void FinishStep(int target, const StepKernel& kernel, opt_dtype param_dtype,
                const Chunk& chunk, const TensorFactors& factors);

// Comes before all phases where the second moment is factored: adds the
// squared gradients of the chunk, which consists of whole rows and, if there
// are column factors, of whole panels, to the row factors and to the columns.
void SumFactors(int target, opt_dtype param_dtype, const Chunk& chunk);

// All phases of a chunk of whole rows where the factors are those of rows
// alone.
void StepRows(int target, const StepKernel& kernel, opt_dtype param_dtype,
              const Chunk& chunk, const TensorFactors& factors);

// Adds up the panels of all columns, and makes the means and the roots that the
// next phases need.
void FinishFactors(int target, const Factoring& factoring, int64_t slice_count,
                   opt_dtype param_dtype, const FactorScalars& scalars);

// ---- Averages of parameters ----

// A contiguous piece of one tensor's parameters and average.
struct AverageChunk {
  const void* param;
  void* average;
  int64_t count;
  Average weights;
  opt_dtype dtype;
};

void UpdateAverage(int target, const AverageChunk& chunk);

// ---- Gradients ----

// A contiguous piece of one tensor's accumulator and gradient.
struct AccumulateChunk {
  void* sum;
  void* grad;
  int64_t count;
  double weight;  // of this gradient in the sum
  opt_dtype sum_dtype;
  opt_dtype grad_dtype;
  bool first;      // sum = weight * grad; else sum = sum + weight * grad
  bool zero_grad;  // set the gradient to 0 afterwards
};

void Accumulate(int target, const AccumulateChunk& chunk);

// A block of a gradient, which is measured in the parameter's type.
struct MeasureChunk {
  const void* grad;
  int64_t count;  // at most kSumBlock
  opt_dtype param_dtype;
  opt_dtype grad_dtype;
  GradEdit edit;  // with a clip by value, the sum is of the clipped values
  bool squares;   // false: only the maximum is wanted
};

struct GradMeasure {
  double sum;  // of squares, in double; element i in lane i % 16
  double max;  // of absolute values before the edit; NaN if there is one
};

GradMeasure Measure(int target, const MeasureChunk& chunk);

// A piece of a gradient that is edited in place, in its own type.
struct EditChunk {
  void* grad;
  int64_t count;
  opt_dtype grad_dtype;
  GradEdit edit;
};

void Edit(int target, const EditChunk& chunk);

}  // namespace libopt

#endif  // OPT_SRC_KERNEL_KERNELS_H_
