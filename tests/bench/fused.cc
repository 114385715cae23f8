// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The loops of PyTorch's fused CPU kernels, and the same for RMSprop and Lion,
// of which PyTorch has none. Compiled like plain.cc.

#include <algorithm>
#include <cmath>

#include "tests/bench/peer_table.h"

namespace bench {
namespace {

struct FusedLoops {
  template <class T>
  static void GradientDescent(const Arrays<T>& a, const Hyper& hyper, int64_t) {
    T* __restrict param = a.param;
    const T* __restrict grad = a.grad;
    const T negative_rate = static_cast<T>(-hyper.lr);
    const T decay = static_cast<T>(hyper.weight_decay);
    const bool decays = hyper.weight_decay != 0;
    for (int64_t i = 0; i < a.count; ++i) {
      T g = grad[i];
      if (decays) g += decay * param[i];
      param[i] += g * negative_rate;
    }
  }

  template <class T>
  static void Momentum(const Arrays<T>& a, const Hyper& hyper, int64_t step) {
    T* __restrict param = a.param;
    const T* __restrict grad = a.grad;
    T* __restrict buffer = a.slots[0];
    const T negative_rate = static_cast<T>(-hyper.lr);
    const T decay = static_cast<T>(hyper.weight_decay);
    const bool decays = hyper.weight_decay != 0;
    const T mu = static_cast<T>(step == 1 ? 0 : hyper.momentum);
    const T fresh = static_cast<T>(step == 1 ? 1 : 1 - hyper.dampening);
    for (int64_t i = 0; i < a.count; ++i) {
      T g = grad[i];
      if (decays) g += decay * param[i];
      buffer[i] = buffer[i] * mu + g * fresh;
      param[i] += buffer[i] * negative_rate;
    }
  }

  template <class T>
  static void AdaGrad(const Arrays<T>& a, const Hyper& hyper, int64_t) {
    T* __restrict param = a.param;
    const T* __restrict grad = a.grad;
    T* __restrict sum = a.slots[0];
    const T rate = static_cast<T>(hyper.lr);
    const T decay = static_cast<T>(hyper.weight_decay);
    const bool decays = hyper.weight_decay != 0;
    const T eps = static_cast<T>(hyper.eps);
    for (int64_t i = 0; i < a.count; ++i) {
      T g = grad[i];
      if (decays) g += decay * param[i];
      sum[i] += g * g;
      param[i] -= rate * g / (std::sqrt(sum[i]) + eps);
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
    const bool decays = hyper.weight_decay != 0;
    const T keep = static_cast<T>(hyper.alpha);
    const T fresh = static_cast<T>(1 - hyper.alpha);
    const T eps = static_cast<T>(hyper.eps);
    for (int64_t i = 0; i < a.count; ++i) {
      T g = grad[i];
      if (decays) g += decay * param[i];
      square[i] = square[i] * keep + g * g * fresh;
      T variance = square[i];
      if constexpr (kCentered) {
        mean[i] += fresh * (g - mean[i]);
        variance = std::max(T(0), variance - mean[i] * mean[i]);
      }
      param[i] -= rate * g / (std::sqrt(variance) + eps);
    }
  }

  template <class T>
  static void Lion(const Arrays<T>& a, const Hyper& hyper, int64_t) {
    T* __restrict param = a.param;
    const T* __restrict grad = a.grad;
    T* __restrict m = a.slots[0];
    const T rate = static_cast<T>(hyper.lr);
    const T shrink = static_cast<T>(1 - hyper.lr * hyper.weight_decay);
    const T fresh1 = static_cast<T>(1 - hyper.beta1);
    const T fresh2 = static_cast<T>(1 - hyper.beta2);
    for (int64_t i = 0; i < a.count; ++i) {
      const T difference = grad[i] - m[i];
      const T c = m[i] + fresh1 * difference;
      m[i] += fresh2 * difference;
      const T sign = static_cast<T>((c > 0) - (c < 0));
      param[i] = param[i] * shrink - rate * sign;
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
    const T negative_rate =
        static_cast<T>(-hyper.lr / (1 - std::pow(hyper.beta1, t)));
    const T correction_root =
        static_cast<T>(std::sqrt(1 - std::pow(hyper.beta2, t)));
    const T decay = static_cast<T>(hyper.weight_decay);
    const T shrink = static_cast<T>(1 - hyper.lr * hyper.weight_decay);
    const bool decays = hyper.weight_decay != 0;
    const T fresh1 = static_cast<T>(1 - hyper.beta1);
    const T beta2 = static_cast<T>(hyper.beta2);
    const T fresh2 = static_cast<T>(1 - hyper.beta2);
    const T eps = static_cast<T>(hyper.eps);
    for (int64_t i = 0; i < a.count; ++i) {
      T p = param[i];
      T g = grad[i];
      if constexpr (kDecay == Decay::kCoupled) {
        if (decays) g += decay * p;
      } else {
        if (decays) p *= shrink;
      }
      m[i] += fresh1 * (g - m[i]);
      v[i] = v[i] * beta2 + fresh2 * g * g;
      T second = v[i];
      if constexpr (kAmsgrad) {
        v_max[i] = std::max(v_max[i], v[i]);
        second = v_max[i];
      }
      const T denominator = std::sqrt(second) / correction_root + eps;
      param[i] = p + negative_rate * m[i] / denominator;
    }
  }
};

}  // namespace

const Peer* FindFusedLoop(const std::string& rule, int slot_count) {
  return FindPeer<FusedLoops>(rule, slot_count);
}

}  // namespace bench
