// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// What an Optimizer owns: the handle, its context, the owners of attached
// buffers. Include <opt/opt.hpp>.
#ifndef OPT_HPP_OWNER_HPP_
#define OPT_HPP_OWNER_HPP_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "opt/hpp/buffers.hpp"
#include "opt/hpp/context.hpp"
#include "opt/hpp/error.hpp"
#include "opt/hpp/span.hpp"
#include "opt/hpp/tensor.hpp"
#include "opt/opt.h"

namespace opt {
inline namespace OPT_HPP_NAMESPACE {
namespace internal {

class Owner {
 public:
  opt_status Make(const char* rule, const Context& context) {
    state_.reset(new State);
    state_->context = context;
    opt_optimizer handle = nullptr;
    const opt_status status = opt_create(context.handle(), rule, &handle);
    state_->handle = handle;
    return status;
  }

  opt_optimizer handle() const {
    return state_ ? state_->handle.load(std::memory_order_relaxed) : nullptr;
  }

  Context context() const { return state_ ? state_->context : Context(); }

  opt_status Close() { return state_ ? state_->Close() : OPT_OK; }

  Outcome Attach(Span<const Tensor> tensors, int64_t* indices) {
    return Exclusive([&]() -> Outcome {
      std::vector<opt_tensor> list;
      for (const Tensor& tensor : tensors) {
        if (!tensor.fits_) {
          return {OPT_ERR_ARGUMENT,
                  "a tensor's parameter and gradient have different lengths"};
        }
        list.push_back(tensor.Get());
      }
      opt_info info = OPT_INFO_INIT;
      Outcome outcome = opt_get_info(handle(), &info);
      if (outcome.status != OPT_OK) return outcome;
      auto& kept = state_->kept;
      kept.resize(static_cast<size_t>(info.index_count) + list.size());
      outcome = opt_attach(handle(), list.data(),
                           static_cast<int64_t>(list.size()), indices);
      if (outcome.status != OPT_OK) return outcome;
      for (size_t i = 0; i < tensors.size(); ++i) {
        kept[static_cast<size_t>(indices[i])] = tensors[i].owner_;
      }
      state_->layout = NewLayout();
      return outcome;
    });
  }

  Outcome Detach(int64_t index) {
    std::shared_ptr<const void> owner;  // let go when the call is over
    return Exclusive([&]() -> Outcome {
      const Outcome outcome = opt_detach(handle(), index);
      if (outcome.status != OPT_OK) return outcome;
      owner.swap(state_->kept[static_cast<size_t>(index)]);
      state_->layout = NewLayout();
      return outcome;
    });
  }

  template <typename P, typename G>
  Outcome Bind(int64_t index, Span<P> param, Span<G> grad) {
    return Exclusive([&]() -> Outcome {
      Buffers checked;
      Outcome outcome = ReadLayout(&checked);
      if (outcome.status == OPT_OK) outcome = checked.Put(index, &param, &grad);
      if (outcome.status != OPT_OK) return outcome;
      return opt_bind(handle(), index, param.data(), grad.data());
    });
  }

  // Makes room for the buffers of every index.
  Outcome Lend(Buffers* buffers) const {
    return Exclusive([&] { return ReadLayout(buffers); });
  }

  // Makes a call that borrows buffers, if they are of this optimizer as it is.
  template <typename Call>
  Outcome WithBuffers(const Buffers& buffers, const Call& call) const {
    return Exclusive([&]() -> Outcome {
      if (buffers.layout_ != state_->layout) {
        return {OPT_ERR_STATE,
                "these buffers were made for other tensors: call Lend again "
                "after a tensor was attached or detached"};
      }
      return call();
    });
  }

 private:
  struct State {
    // Waits for another thread's call.
    opt_status Close() {
      const opt_optimizer closing = handle.load();
      const opt_status status = opt_destroy(closing);
      if (status != OPT_OK || closing == nullptr) return status;
      handle = nullptr;
      while (busy.exchange(true)) std::this_thread::yield();
      kept.clear();
      busy = false;
      return OPT_OK;
    }

    Context context;
    std::atomic<opt_optimizer> handle{nullptr};
    std::atomic<bool> busy{false};                  // guards what follows
    std::vector<std::shared_ptr<const void>> kept;  // by index
    uint64_t layout = NewLayout();
  };
  struct Closer {
    // A state that cannot be closed, because its own callback does this, is
    // leaked: its buffers are in use.
    void operator()(State* state) const {
      if (state->Close() == OPT_OK) delete state;
    }
  };

  Outcome ReadLayout(Buffers* buffers) const {
    opt_info info = OPT_INFO_INIT;
    const Outcome outcome = opt_get_info(handle(), &info);
    if (outcome.status != OPT_OK) return outcome;
    for (int64_t i = 0; i < info.index_count; ++i) {
      opt_tensor_info tensor = OPT_TENSOR_INFO_INIT;
      if (opt_tensor_at(handle(), i, &tensor) != OPT_OK) tensor.count = -1;
      buffers->Add(tensor);
    }
    buffers->layout_ = state_->layout;
    return OPT_OK;
  }

  // A number for each set of tensors that any optimizer ever has.
  static uint64_t NewLayout() {
    static std::atomic<uint64_t> latest{0};
    return ++latest;
  }

  // Makes a call that no other one of this kind overlaps.
  template <typename Call>
  Outcome Exclusive(const Call& call) const {
    if (!state_ || handle() == nullptr) {
      return {OPT_ERR_HANDLE, "this optimizer is closed"};
    }
    struct Guard {
      explicit Guard(std::atomic<bool>* b)
          : busy(b), mine(!b->exchange(true)) {}
      ~Guard() {
        if (mine) *busy = false;
      }
      Guard(const Guard&) = delete;
      Guard& operator=(const Guard&) = delete;
      std::atomic<bool>* busy;
      bool mine;
    };
    const Guard guard(&state_->busy);
    if (!guard.mine) {
      return {OPT_ERR_BUSY,
              "another call is using this optimizer: use it from one thread "
              "at a time, and not from a callback of a call with it"};
    }
    return call();
  }

  std::unique_ptr<State, Closer> state_;
};

}  // namespace internal
}  // namespace OPT_HPP_NAMESPACE
}  // namespace opt

#endif  // OPT_HPP_OWNER_HPP_
