// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The loops of one rule: they load vectors, apply scale and weight decay, call
// the rule's Update(), and store. rule.cc includes this file after the rule's
// vector part, once per SIMD target; everything here is private to that
// translation unit.

HWY_BEFORE_NAMESPACE();
namespace libopt {
namespace HWY_NAMESPACE {
namespace {

constexpr bool Has(Layout layout, int slot) {
  return (layout >> slot & 1) != 0;
}

// The number of a rule's slots that are like the parameter.
template <class R>
constexpr int CountSlots() {
  int count = 0;
  while (count < R::kDescriptor.slot_count &&
         R::kDescriptor.slots[count].is_like_param()) {
    ++count;
  }
  return count;
}

// One iteration of a loop: the vectors at element `i` of all arrays.
template <class R, Layout kLayout, Decay kDecay, bool kUsual, typename T>
struct Iteration {
  static constexpr int kSlotCount = CountSlots<R>();

  const Constants<T>& c;
  T* const param;
  const T* const grad;
  T* const* const slots;
  const size_t i;

  HWY_INLINE void Run() const { WithSlots<0>(); }

  // Loads one slot after another, each into a variable of its own, since some
  // targets have no arrays of vectors; then steps with all of them.
  template <int kSlot, class... V>
  HWY_INLINE void WithSlots(V&... state) const {
    const hn::ScalableTag<T> d;
    if constexpr (kSlot == kSlotCount) {
      Step(state...);
      Store<0>(state...);
    } else {
      hn::Vec<hn::ScalableTag<T>> next = Zero(d);
      if constexpr (Has(kLayout, kSlot)) next = LoadU(d, slots[kSlot] + i);
      WithSlots<kSlot + 1>(state..., next);
    }
  }

  template <class... V>
  HWY_INLINE void Step(V&... state) const {
    const hn::ScalableTag<T> d;
    const auto old = LoadU(d, param + i);
    auto g = LoadU(d, grad + i);
    if constexpr (!kUsual) g = Mul(Set(d, c.grad_scale), g);
    if constexpr (kDecay == Decay::kCoupled) {
      g = Add(g, Mul(Set(d, c.coupled_decay), old));
    }
    auto update = Update<kLayout, kUsual>(typename R::Kernel(), d, c.rule, old,
                                          g, state...);
    if constexpr (kDecay == Decay::kDecoupled) {
      update = Add(update, Mul(Set(d, c.decoupled_decay), old));
    }
    StoreU(Sub(old, update), d, param + i);
  }

  template <int kSlot>
  HWY_INLINE void Store() const {}
  template <int kSlot, class First, class... Rest>
  HWY_INLINE void Store(const First& first, const Rest&... rest) const {
    const hn::ScalableTag<T> d;
    if constexpr (Has(kLayout, kSlot)) {
      StoreU(FlushSubnormal(d, first), d, slots[kSlot] + i);
    }
    Store<kSlot + 1>(rest...);
  }
};

// The loop works on copies of its own, which can stay in registers: the
// compiler must assume that a store to an array may change whatever a reference
// refers to.
template <class R, Layout kLayout, Decay kDecay, bool kUsual, typename T>
void StepLoop(const Constants<T>& constants, T* param, const T* grad,
              T* const* slots, size_t count) {
  const Constants<T> c = constants;
  T* own[CountSlots<R>() + 1];
  for (int k = 0; k < CountSlots<R>(); ++k) own[k] = slots[k];
  const size_t lanes = hn::Lanes(hn::ScalableTag<T>());
  for (size_t i = 0; i < count; i += lanes) {
    Iteration<R, kLayout, kDecay, kUsual, T>{c, param, grad, own, i}.Run();
  }
}

template <class R, Layout kLayout, typename T>
constexpr RuleLoops<T> kLoops = {
    {&StepLoop<R, kLayout, Decay::kNone, true, T>,
     &StepLoop<R, kLayout, Decay::kDecoupled, true, T>},
    {&StepLoop<R, kLayout, Decay::kNone, false, T>,
     &StepLoop<R, kLayout, Decay::kDecoupled, false, T>,
     &StepLoop<R, kLayout, Decay::kCoupled, false, T>},
    kLayout,
    CountSlots<R>(),
};

// Whether a layout has every slot that always exists in every tensor, and no
// unknown one.
template <class R>
constexpr bool IsLayout(Layout layout) {
  for (int k = 0; k < CountSlots<R>(); ++k) {
    const SlotDescriptor& slot = R::kDescriptor.slots[k];
    const bool always =
        slot.when_option == kAlways && slot.tensors == SlotTensors::kAll;
    if (always && !Has(layout, k)) return false;
  }
  return layout >> CountSlots<R>() == 0;
}

// The RuleLoops<T> of a layout, or nullptr if the rule has no such layout.
template <class R, typename T, Layout kLayout = 0>
const void* FindLoops(Layout layout) {
  if constexpr (kLayout >> CountSlots<R>() != 0) {
    return nullptr;
  } else {
    if constexpr (IsLayout<R>(kLayout)) {
      constexpr Layout kCounted = (1U << CountSlots<R>()) - 1;
      if ((layout & kCounted) == kLayout) return &kLoops<R, kLayout, T>;
    }
    return FindLoops<R, T, kLayout + 1>(layout);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace libopt
HWY_AFTER_NAMESPACE();
