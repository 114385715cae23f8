// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/group.h"

#include "src/base/error.h"

namespace libopt {

Group MakeGroup(const NamedRule& named, const NamedValues* preset,
                int64_t tensor_count) {
  Group group;
  group.tensor_count = tensor_count;
  for (int i = 0; i < named.rule->descriptor->option_count; ++i) {
    group.values[i] = ValueOf(named, preset, i);
  }
  return group;
}

Layout LayoutOf(const RuleDescriptor& rule, const Group& group) {
  Layout layout = 0;
  for (int i = 0; i < rule.slot_count; ++i) {
    const int option = rule.slots[i].when_option;
    if (option == kAlways || group.values[option] != 0) layout |= 1U << i;
  }
  return layout;
}

void CheckLayoutKept(const RuleDescriptor& rule, const Group& before,
                     const Group& after) {
  if (before.tensor_count == 0) return;
  const Layout changed = LayoutOf(rule, before) ^ LayoutOf(rule, after);
  if (changed == 0) return;
  int slot = 0;
  while ((changed >> slot & 1) == 0) ++slot;
  const OptionDescriptor& option = rule.options[rule.slots[slot].when_option];
  const double value = after.values[rule.slots[slot].when_option];
  Fail(OPT_ERR_STATE, "option '", option.name, "' = ", value, " would ",
       value != 0 ? "add" : "drop", " the state '", rule.slots[slot].name,
       "' of attached tensors: set it before opt_attach");
}

void PrepareScalars(const Rule& rule, const Group& group, int64_t step,
                    Scalars* scalars) {
  const double* o = group.values;
  const bool decoupled = o[kDecoupledWeightDecay] != 0;
  scalars->grad_scale = o[kMaximize] != 0 ? -1 : 1;
  scalars->coupled_decay = decoupled ? 0 : o[kWeightDecay];
  scalars->decoupled_decay = decoupled ? o[kLr] * o[kWeightDecay] : 0;
  rule.prepare(o, step, scalars);
}

}  // namespace libopt
