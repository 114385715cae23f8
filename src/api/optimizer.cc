// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/core/optimizer.h"

#include "opt/opt.h"
#include "src/api/guard.h"
#include "src/core/struct_size.h"

namespace {

// Sizes in the first version, of structs that have grown since.
constexpr uint32_t kFirstStepArgs = offsetof(opt_step_args, work);
constexpr uint32_t kFirstInfo = offsetof(opt_info, skipped);

}  // namespace

extern "C" {

opt_status opt_create(opt_context context, const char* rule,
                      opt_optimizer* optimizer) {
  return opt::Guard([&] {
    opt::CheckPointer(rule, "opt_create", "rule");
    opt::CheckPointer(optimizer, "opt_create", "optimizer");
    const opt::NamedRule named = opt::FindRule(rule);
    opt::Context* home = opt::RefContext(context);
    opt::Optimizer* created = nullptr;
    try {
      created = opt::New<opt::Optimizer>(home->memory(), home, named);
      *optimizer = reinterpret_cast<opt_optimizer>(
          opt::InsertHandle(opt::HandleType::kOptimizer, created));
    } catch (...) {
      if (created != nullptr) opt::Optimizer::Destroy(created);
      home->Unref();
      throw;
    }
    home->Unref();
  });
}

opt_status opt_destroy(opt_optimizer optimizer) {
  return opt::Guard([&] {
    if (optimizer == nullptr) return;
    opt::Optimizer::Destroy(static_cast<opt::Optimizer*>(
        opt::RemoveHandle(opt::HandleType::kOptimizer, opt::Bits(optimizer))));
  });
}

opt_status opt_add_group(opt_optimizer optimizer, int32_t* group) {
  return opt::WithOptimizer(optimizer, [&](opt::Optimizer& self) {
    opt::CheckPointer(group, "opt_add_group", "group");
    *group = self.AddGroup();
  });
}

opt_status opt_set(opt_optimizer optimizer, int32_t group, const char* option,
                   double value) {
  return opt::WithOptimizer(optimizer, [&](opt::Optimizer& self) {
    opt::CheckPointer(option, "opt_set", "option");
    self.Set(group, option, value);
  });
}

opt_status opt_get(opt_optimizer optimizer, int32_t group, const char* option,
                   double* value) {
  return opt::WithOptimizer(optimizer, [&](opt::Optimizer& self) {
    opt::CheckPointer(option, "opt_get", "option");
    opt::CheckPointer(value, "opt_get", "value");
    *value = self.Get(group, option);
  });
}

opt_status opt_set_preset(opt_optimizer optimizer, int32_t group,
                          const char* preset) {
  return opt::WithOptimizer(optimizer, [&](opt::Optimizer& self) {
    opt::CheckPointer(preset, "opt_set_preset", "preset");
    self.SetPreset(group, preset);
  });
}

opt_status opt_step(opt_optimizer optimizer, const opt_step_args* args) {
  return opt::WithOptimizer(optimizer, [&](opt::Optimizer& self) {
    self.Step(opt::ReadOptional(args, OPT_STEP_ARGS_INIT, "opt_step_args",
                                kFirstStepArgs));
  });
}

opt_status opt_accumulate(opt_optimizer optimizer,
                          const opt_accumulate_args* args) {
  return opt::WithOptimizer(optimizer, [&](opt::Optimizer& self) {
    self.Accumulate(opt::ReadOptional(args, OPT_ACCUMULATE_ARGS_INIT,
                                      "opt_accumulate_args"));
  });
}

opt_status opt_discard(opt_optimizer optimizer) {
  return opt::WithOptimizer(optimizer,
                            [](opt::Optimizer& self) { self.Discard(); });
}

opt_status opt_zero_grad(opt_optimizer optimizer,
                         const opt_zero_grad_args* args) {
  return opt::WithOptimizer(optimizer, [&](opt::Optimizer& self) {
    self.ZeroGrad(
        opt::ReadOptional(args, OPT_ZERO_GRAD_ARGS_INIT, "opt_zero_grad_args"));
  });
}

opt_status opt_get_info(opt_optimizer optimizer, opt_info* info) {
  return opt::WithOptimizer(optimizer, [&](opt::Optimizer& self) {
    opt::WriteStruct(self.Info(), kFirstInfo, "opt_info", info);
  });
}

}  // extern "C"
