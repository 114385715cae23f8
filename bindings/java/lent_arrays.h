// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A call with Java's arrays: they stay where they are, uncopied, until it
// returns (JNI's "critical" access, which holds off a collection that would
// move them; the callers bound how long).

#ifndef OPT_BINDINGS_JAVA_LENT_ARRAYS_H_
#define OPT_BINDINGS_JAVA_LENT_ARRAYS_H_

#include <jni.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bindings/step_call.h"
#include "opt/opt.h"

namespace opt_java {

// Which call opt_call_with_arrays() makes; Lent.java knows the numbers.
enum Operation : int32_t {
  kStep = 0,
  kStepAccumulated = 1,
  kAccumulate = 2,
  kZeroGrads = 3,
  kGradNorm = 4,
  kClipGrads = 5,
  kSwapEvalWeights = 6,
  kBeginStep = 7,
  kBeginStepAccumulated = 8,
  kStepSlice = 9,
  kStepRemaining = 10
};

// The arrays of one call. No other function of JNI may be called from Pin() to
// Release().
class LentArrays {
 public:
  LentArrays(JNIEnv* env, jobjectArray arrays) : env_(env) {
    const jsize count = env->GetArrayLength(arrays);
    arrays_.reserve(static_cast<size_t>(count));
    for (jsize i = 0; i < count; ++i) {
      arrays_.push_back(
          static_cast<jarray>(env->GetObjectArrayElement(arrays, i)));
    }
    elements_.resize(arrays_.size());
  }
  LentArrays(const LentArrays&) = delete;
  LentArrays& operator=(const LentArrays&) = delete;
  ~LentArrays() {
    for (jarray array : arrays_) {
      if (array != nullptr) env_->DeleteLocalRef(array);
    }
  }

  bool Pin() {
    for (size_t i = 0; i < arrays_.size(); ++i) {
      if (arrays_[i] == nullptr) continue;
      elements_[i] = env_->GetPrimitiveArrayCritical(arrays_[i], nullptr);
      if (elements_[i] == nullptr) return false;
    }
    return true;
  }
  void Release() {
    for (size_t i = arrays_.size(); i-- > 0;) {
      if (elements_[i] == nullptr) continue;
      env_->ReleasePrimitiveArrayCritical(arrays_[i], elements_[i], 0);
    }
  }
  // The i-th array, or NULL for null.
  void* at(size_t i) const { return elements_[i]; }

 private:
  JNIEnv* env_;
  std::vector<jarray> arrays_;
  std::vector<void*> elements_;
};

inline opt_status Call(StepCall* call, opt_optimizer optimizer,
                       int32_t operation, int64_t samples, uint32_t flags) {
  switch (operation) {
    case kStep:
      return call->step(optimizer, flags);
    case kStepAccumulated:
      return call->step_accumulated(optimizer, flags);
    case kAccumulate:
      return call->accumulate(optimizer, samples, flags);
    case kZeroGrads:
      return call->zero_grads(optimizer);
    case kGradNorm:
      return call->grad_norm(optimizer, flags);
    case kClipGrads:
      return call->clip_grads(optimizer);
    case kBeginStep:
      return call->begin_step(optimizer, flags);
    case kBeginStepAccumulated:
      return call->begin_step_accumulated(optimizer, flags);
    case kStepSlice:
      return call->step_slice(optimizer);
    case kStepRemaining:
      return call->step_remaining(optimizer);
    default:
      return call->swap_eval_weights(optimizer);
  }
}

}  // namespace opt_java

// Makes a call with what was lent to it.
inline opt_status opt_call_lent(StepCall* call, opt_optimizer optimizer,
                                int32_t operation, int64_t samples,
                                uint32_t flags) {
  return opt_java::Call(call, optimizer, operation, samples, flags);
}

// Makes a call with lent buffers some of which are arrays.
//   table   index, address of the parameters, address of the gradients for
//           each lent tensor; the addresses 0 where `arrays` has an array
//   arrays  parameters and gradients for each lent tensor; null: see the table
inline opt_status opt_call_with_arrays(JNIEnv* env, StepCall* call,
                                       opt_optimizer optimizer,
                                       int32_t operation, int64_t samples,
                                       uint32_t flags, jlongArray table,
                                       jobjectArray arrays) {
  const jsize size = env->GetArrayLength(table);
  std::vector<jlong> rows(static_cast<size_t>(size));
  env->GetLongArrayRegion(table, 0, size, rows.data());
  for (size_t i = 0; i < rows.size(); i += 3) {  // makes room
    call->lend(rows[i], nullptr, nullptr);
  }
  opt_java::LentArrays lent(env, arrays);
  opt_status status = OPT_ERR_MEMORY;
  if (lent.Pin()) {
    for (size_t i = 0, j = 0; i < rows.size(); i += 3, j += 2) {
      void* param = reinterpret_cast<void*>(static_cast<intptr_t>(rows[i + 1]));
      void* grad = reinterpret_cast<void*>(static_cast<intptr_t>(rows[i + 2]));
      call->lend(rows[i], lent.at(j) != nullptr ? lent.at(j) : param,
                 lent.at(j + 1) != nullptr ? lent.at(j + 1) : grad);
    }
    status = opt_java::Call(call, optimizer, operation, samples, flags);
  }
  lent.Release();
  call->forget();
  return status;
}

#endif  // OPT_BINDINGS_JAVA_LENT_ARRAYS_H_
