// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Whether the evaluation weights are in the parameters' buffers. The parameters
// themselves are then among the entries of the tensors.

#include "src/base/error.h"
#include "src/base/pmr.h"
#include "src/state/sections/section.h"

namespace libopt {
namespace {

constexpr std::string_view kWeightsKey = "weights";
constexpr std::string_view kEval = "eval";

class EvalWeightsSection : public Section {
 public:
  explicit EvalWeightsSection(pmr::MemoryResource*) {}

  void Write(const Optimizer& optimizer, const opt_save_args&,
             Contents* contents) const override {
    if (optimizer.progress().evaluates) {
      contents->AddMetadata(kWeightsKey, kEval);
    }
  }

  // The optimizer must be able to put the parameters back, those of every
  // tensor in the same way.
  void Claim(LoadPlan* plan) override {
    evaluates_ = EvaluatesIn(plan->header());
    if (!evaluates_) return;
    const LoadRequest& request = plan->request();
    const int32_t kind = AverageKindOf(plan->header());
    if (!request.whole()) {
      Fail(OPT_ERR_MISMATCH,
           "the checkpoint was saved while the evaluation weights were in the "
           "parameters' buffers: load all of it, or save it again after "
           "opt_swap_eval_weights");
    }
    if (!request.options() && request.optimizer().averaging().kind != kind) {
      Fail(OPT_ERR_MISMATCH, "the checkpoint was saved while ",
           kind == 0 ? "the rule's own weights" : "averages of another kind",
           " were in the parameters' buffers: load it without "
           "OPT_LOAD_KEEP_OPTIONS");
    }
  }

  void Verify(const LoadPlan&) override {}

  void Apply(const LoadPlan&, Optimizer* optimizer) noexcept override {
    optimizer->progress().evaluates = evaluates_;
  }

 private:
  bool evaluates_ = false;  // in the file
};

}  // namespace

bool EvaluatesIn(const Header& header) {
  const std::string_view weights = header.Metadata(kWeightsKey);
  if (weights.empty()) return false;
  if (weights == kEval) return true;
  FailAt(kLengthSize, "the metadata's '", kWeightsKey, "' is '", weights,
         "': this version knows ", kEval);
}

std::shared_ptr<Section> MakeEvalWeightsSection(pmr::MemoryResource* memory) {
  return NewSection<EvalWeightsSection>(memory);
}

}  // namespace libopt
