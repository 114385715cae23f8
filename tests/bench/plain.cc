// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The plain loops, with the default options of libopt's rules. This file is
// compiled on its own with the flags that its user would choose; see
// CMakeLists.txt.

#include <algorithm>
#include <cmath>

#include "tests/bench/peer_table.h"

namespace bench {
namespace {

struct PlainLoops {
  template <class T>
  static void GradientDescent(const Arrays<T>& a, const Hyper& hyper, int64_t) {
    T* __restrict param = a.param;
    const T* __restrict grad = a.grad;
    const T rate = static_cast<T>(hyper.lr);
    const T decay = static_cast<T>(hyper.weight_decay);
    for (int64_t i = 0; i < a.count; ++i) {
      param[i] -= rate * (grad[i] + decay * param[i]);
    }
  }

  template <class T>
  static void Momentum(const Arrays<T>& a, const Hyper& hyper, int64_t) {
    T* __restrict param = a.param;
    const T* __restrict grad = a.grad;
    T* __restrict velocity = a.slots[0];
    const T rate = static_cast<T>(hyper.lr);
    const T decay = static_cast<T>(hyper.weight_decay);
    const T mu = static_cast<T>(hyper.momentum);
    const T fresh = static_cast<T>(1 - hyper.dampening);
    for (int64_t i = 0; i < a.count; ++i) {
      const T g = grad[i] + decay * param[i];
      velocity[i] = mu * velocity[i] + fresh * g;
      param[i] -= rate * velocity[i];
    }
  }

  template <class T>
  static void AdaGrad(const Arrays<T>& a, const Hyper& hyper, int64_t) {
    T* __restrict param = a.param;
    const T* __restrict grad = a.grad;
    T* __restrict sum = a.slots[0];
    const T rate = static_cast<T>(hyper.lr);
    const T decay = static_cast<T>(hyper.weight_decay);
    const T eps = static_cast<T>(hyper.eps);
    for (int64_t i = 0; i < a.count; ++i) {
      const T g = grad[i] + decay * param[i];
      sum[i] += g * g;
      param[i] -= rate * g / std::sqrt(sum[i] + eps);
    }
  }

  template <class T, bool kCentered>
  static void RmsProp(const Arrays<T>& a, const Hyper& hyper, int64_t) {
    T* __restrict param = a.param;
    const T* __restrict grad = a.grad;
    T* __restrict square = a.slots[0];
    T* __restrict mean = a.slots[1];
    const T rate = static_cast<T>(hyper.lr);
    const T decay = static_cast<T>(hyper.weight_decay);
    const T keep = static_cast<T>(hyper.alpha);
    const T fresh = static_cast<T>(1 - hyper.alpha);
    const T eps = static_cast<T>(hyper.eps);
    for (int64_t i = 0; i < a.count; ++i) {
      const T g = grad[i] + decay * param[i];
      square[i] = keep * square[i] + fresh * g * g;
      T variance = square[i];
      if constexpr (kCentered) {
        mean[i] = keep * mean[i] + fresh * g;
        variance = std::max(T(0), variance - mean[i] * mean[i]);
      }
      param[i] -= rate * g / std::sqrt(variance + eps);
    }
  }

  template <class T>
  static void Lion(const Arrays<T>& a, const Hyper& hyper, int64_t) {
    T* __restrict param = a.param;
    const T* __restrict grad = a.grad;
    T* __restrict m = a.slots[0];
    const T rate = static_cast<T>(hyper.lr);
    const T decay = static_cast<T>(hyper.lr * hyper.weight_decay);
    const T beta1 = static_cast<T>(hyper.beta1);
    const T beta2 = static_cast<T>(hyper.beta2);
    const T fresh1 = static_cast<T>(1 - hyper.beta1);
    const T fresh2 = static_cast<T>(1 - hyper.beta2);
    for (int64_t i = 0; i < a.count; ++i) {
      const T c = beta1 * m[i] + fresh1 * grad[i];
      m[i] = beta2 * m[i] + fresh2 * grad[i];
      const T sign = static_cast<T>((c > 0) - (c < 0));
      param[i] -= rate * sign + decay * param[i];
    }
  }

  template <class T, Decay kDecay, bool kAmsgrad>
  static void Adam(const Arrays<T>& a, const Hyper& hyper, int64_t step) {
    T* __restrict param = a.param;
    const T* __restrict grad = a.grad;
    T* __restrict m = a.slots[0];
    T* __restrict v = a.slots[1];
    T* __restrict v_max = a.slots[2];
    const auto t = static_cast<double>(step);
    const T rate = static_cast<T>(hyper.lr / (1 - std::pow(hyper.beta1, t)));
    const T correction = static_cast<T>(1 / (1 - std::pow(hyper.beta2, t)));
    const T coupled = static_cast<T>(hyper.weight_decay);
    const T decoupled = static_cast<T>(hyper.lr * hyper.weight_decay);
    const T beta1 = static_cast<T>(hyper.beta1);
    const T beta2 = static_cast<T>(hyper.beta2);
    const T fresh1 = static_cast<T>(1 - hyper.beta1);
    const T fresh2 = static_cast<T>(1 - hyper.beta2);
    const T eps = static_cast<T>(hyper.eps);
    for (int64_t i = 0; i < a.count; ++i) {
      T g = grad[i];
      if constexpr (kDecay == Decay::kCoupled) g += coupled * param[i];
      m[i] = beta1 * m[i] + fresh1 * g;
      v[i] = beta2 * v[i] + fresh2 * g * g;
      T second = v[i];
      if constexpr (kAmsgrad) {
        v_max[i] = std::max(v_max[i], v[i]);
        second = v_max[i];
      }
      T update = rate * m[i] / std::sqrt(second * correction + eps);
      if constexpr (kDecay == Decay::kDecoupled) update += decoupled * param[i];
      param[i] -= update;
    }
  }
};

}  // namespace

const Peer* FindPlainLoop(const std::string& rule, int slot_count) {
  return FindPeer<PlainLoops>(rule, slot_count);
}

}  // namespace bench
