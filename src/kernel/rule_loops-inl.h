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

// Whether a rule's vector part has, in place of Update(), StepState() and
// UpdateOfState(), which makes the update of the slots alone, as they are
// stored.
template <class R, class = void>
constexpr bool kHasUpdateOfState = false;
template <class R>
constexpr bool
    kHasUpdateOfState<R, std::enable_if_t<R::Kernel::kUpdateOfState>> = true;

// Never called: a rule has functions of one of these names, and a compiler must
// know of the other one that it is a template's.
template <Layout kLayout, bool kUsual>
void Update();
template <Layout kLayout, bool kUsual>
void StepState();

// One iteration of a loop: the vectors at element `i` of all arrays.
template <class R, Layout kLayout, typename T>
struct Iteration {
  static constexpr int kSlotCount = CountSlots<R>();

  const Constants<T>& c;
  const T* const grad;
  const T* const* const from;  // the slots
  T* const* const to;
  const size_t i;

  // Steps over the parameters.
  template <Decay kDecay, bool kUsual>
  HWY_INLINE void Step(T* param) const {
    const hn::ScalableTag<T> d;
    const auto old = LoadU(d, param + i);
    auto g = LoadU(d, grad + i);
    if constexpr (!kUsual) g = Mul(Set(d, c.grad_scale), g);
    if constexpr (kDecay == Decay::kCoupled) {
      g = Add(g, Mul(Set(d, c.coupled_decay), old));
    }
    auto update = MakeUpdate<kUsual>(old, g);
    if constexpr (kDecay == Decay::kDecoupled) {
      update = Add(update, Mul(Set(d, c.decoupled_decay), old));
    }
    StoreU(Sub(old, update), d, param + i);
  }

  // Returns the update, after the slots are stepped.
  template <bool kUsual, class V>
  HWY_INLINE V MakeUpdate(V param, V g) const {
    return WithSlots<kUsual, 0>(param, g);
  }

  // Loads one slot after another, each into a variable of its own, since some
  // targets have no arrays of vectors; then steps with all of them.
  template <bool kUsual, int kSlot, class V, class... Slots>
  HWY_INLINE V WithSlots(V param, V g, Slots&... state) const {
    const hn::ScalableTag<T> d;
    const typename R::Kernel kernel;
    if constexpr (kSlot < kSlotCount) {
      V next = Zero(d);
      if constexpr (Has(kLayout, kSlot)) next = LoadU(d, from[kSlot] + i);
      return WithSlots<kUsual, kSlot + 1>(param, g, state..., next);
    } else if constexpr (kHasUpdateOfState<R>) {
      StepState<kLayout, kUsual>(kernel, d, c.rule, param, g, state...);
      Store<0>(&state...);
      return UpdateOfState(kernel, d, c.rule, state...);
    } else {
      const V update =
          Update<kLayout, kUsual>(kernel, d, c.rule, param, g, state...);
      Store<0>(&state...);
      return update;
    }
  }

  // Makes of each slot what is stored, and stores it.
  template <int kSlot>
  HWY_INLINE void Store() const {}
  template <int kSlot, class First, class... Rest>
  HWY_INLINE void Store(First* first, Rest*... rest) const {
    const hn::ScalableTag<T> d;
    if constexpr (Has(kLayout, kSlot)) {
      *first = FlushSubnormal(d, *first);
      StoreU(*first, d, to[kSlot] + i);
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
    Iteration<R, kLayout, T>{c, grad, own, own, i}
        .template Step<kDecay, kUsual>(param);
  }
}

// GCC 12 crashes when it chooses the induction variables of this loop where the
// length of a vector is known only at run time.
#undef OPT_KEEP_INDEX
#if (HWY_HAVE_SCALABLE || HWY_TARGET == HWY_SVE_256 || \
     HWY_TARGET == HWY_SVE2_128) &&                    \
    defined(__GNUC__) && !defined(__clang__)
#define OPT_KEEP_INDEX __attribute__((optimize("no-ivopts")))
#else
#define OPT_KEEP_INDEX
#endif

// Asks for what a loop over these arrays will need soon after element i.
template <class R, Layout kLayout, typename T>
HWY_INLINE void Fetch(const UpdateArrays<T>& a, size_t i) {
  FetchAhead<kNear>(a.param + i);
  FetchAhead<kNear>(a.grad + i);
  for (int k = 0; k < CountSlots<R>(); ++k) {
    if (Has(kLayout, k)) FetchAhead<kNear>(a.from[k] + i);
  }
}

// Makes one vector of the update.
template <class R, Layout kLayout, typename T>
HWY_INLINE auto MakeVector(const Constants<T>& c, const UpdateArrays<T>& a,
                           size_t i) {
  const hn::ScalableTag<T> d;
  const Iteration<R, kLayout, T> iteration{c, a.grad, a.from, a.to, i};
  const auto param = LoadU(d, a.param + i);
  auto update =
      iteration.template MakeUpdate<false>(param, LoadU(d, a.grad + i));
  if (c.decoupled_decay != 0) {
    update = Add(update, Mul(Set(d, c.decoupled_decay), param));
  }
  StoreU(update, d, a.update + i);
  return update;
}

template <class R, Layout kLayout, typename T>
OPT_KEEP_INDEX void MakeUpdates(const Constants<T>& constants,
                                const UpdateArrays<T>& arrays, size_t begin,
                                size_t count) {
  const hn::ScalableTag<T> d;
  const Constants<T> c = constants;
  const UpdateArrays<T> a = arrays;
  const size_t lanes = hn::Lanes(d);
  for (size_t i = begin; i < begin + count; i += lanes) {
    Fetch<R, kLayout>(a, i);
    MakeVector<R, kLayout>(c, a, i);
  }
}

// Sums of one loop wait for each other, and an update waits for the divider:
// together they take hardly longer than the update alone.
template <class R, Layout kLayout, typename T>
void SumUpdates(const Constants<T>& constants, const UpdateArrays<T>& arrays,
                size_t count, double* param_lanes, double* update_lanes) {
#if OPT_SUMS_ARE_PLAIN
  MakeUpdates<R, kLayout>(constants, arrays, 0, count);
  AddSquareRowsOfTwo(arrays.param, arrays.update, count / kRow, param_lanes,
                     update_lanes);
#else
  const hn::CappedTag<T, kRow> d;
  const hn::CappedTag<double, kRow> dd;
  constexpr size_t kLanes = hn::MaxLanes(d);
  constexpr size_t kWide = hn::MaxLanes(dd);
  const Constants<T> c = constants;
  const UpdateArrays<T> a = arrays;
  hn::Vec<decltype(dd)> params[kRow / kWide];
  hn::Vec<decltype(dd)> updates[kRow / kWide];
  for (size_t k = 0; k < kRow / kWide; ++k) {
    params[k] = LoadU(dd, param_lanes + k * kWide);
    updates[k] = LoadU(dd, update_lanes + k * kWide);
  }
  for (size_t i = 0; i < count; i += kRow) {
    for (size_t k = 0; k < kRow; k += kLanes) {
      Fetch<R, kLayout>(a, i + k);
      AddSquaresOfVector(d, dd, MakeVector<R, kLayout>(c, a, i + k),
                         updates + k / kWide);
    }
    AddSquaresOfRow(dd, a.param + i, params);
  }
  for (size_t k = 0; k < kRow / kWide; ++k) {
    StoreU(params[k], dd, param_lanes + k * kWide);
    StoreU(updates[k], dd, update_lanes + k * kWide);
  }
#endif
}

// The update that the slots give, which are loaded one after another.
template <class R, Layout kLayout, int kSlot = 0, class D, typename T,
          class... Slots>
HWY_INLINE hn::Vec<D> LoadUpdate(D d, const T* c, const T* const* slots,
                                 size_t i, const Slots&... state) {
  if constexpr (kSlot == CountSlots<R>()) {
    return UpdateOfState(typename R::Kernel(), d, c, state...);
  } else {
    auto next = Zero(d);
    if constexpr (Has(kLayout, kSlot)) next = LoadU(d, slots[kSlot] + i);
    return LoadUpdate<R, kLayout, kSlot + 1>(d, c, slots, i, state..., next);
  }
}

template <class R, Layout kLayout, typename T>
void SubtractUpdates(const Constants<T>& constants, const T* const* slots,
                     T scale, T decay, size_t count, T* param) {
  const Constants<T> c = constants;
  const T* own[CountSlots<R>()];
  for (int k = 0; k < CountSlots<R>(); ++k) own[k] = slots[k];
  ForEachVector<T>(count, [&](auto d, size_t i) HWY_ATTR {
    FetchAhead<kNear>(param + i);
    for (int k = 0; k < CountSlots<R>(); ++k) {
      if (Has(kLayout, k)) FetchAhead<kNear>(own[k] + i);
    }
    const auto old = LoadU(d, param + i);
    auto update = LoadUpdate<R, kLayout>(d, c.rule, own, i);
    if (c.decoupled_decay != 0) {
      update = Add(update, Mul(Set(d, c.decoupled_decay), old));
    }
    auto change = Mul(Set(d, scale), update);
    if (decay != 0) change = Add(change, Mul(Set(d, decay), old));
    StoreU(Sub(old, change), d, param + i);
  });
}

template <class R, Layout kLayout, typename T>
constexpr SumLoop<T> FindSumLoop() {
  if constexpr (kHasUpdateOfState<R>) return &SumUpdates<R, kLayout, T>;
  return nullptr;
}
template <class R, Layout kLayout, typename T>
constexpr SubtractLoop<T> FindSubtractLoop() {
  if constexpr (kHasUpdateOfState<R>) return &SubtractUpdates<R, kLayout, T>;
  return nullptr;
}

template <class R>
constexpr int DividedScale() {
  if constexpr (R::kDescriptor.row_slot >= 0) {
    return R::kScale;
  } else {
    return -1;
  }
}

template <class R, Layout kLayout, typename T>
constexpr RuleLoops<T> kLoops = {
    {&StepLoop<R, kLayout, Decay::kNone, true, T>,
     &StepLoop<R, kLayout, Decay::kDecoupled, true, T>},
    {&StepLoop<R, kLayout, Decay::kNone, false, T>,
     &StepLoop<R, kLayout, Decay::kDecoupled, false, T>,
     &StepLoop<R, kLayout, Decay::kCoupled, false, T>},
    &MakeUpdates<R, kLayout, T>,
    FindSumLoop<R, kLayout, T>(),
    FindSubtractLoop<R, kLayout, T>(),
    kLayout,
    CountSlots<R>(),
    DividedScale<R>(),
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
