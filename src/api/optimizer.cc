// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/optimizer.h"

#include "opt/opt.h"
#include "src/api/guard.h"
#include "src/base/struct_size.h"

namespace {

// Sizes in the first version, of structs that have grown since.
constexpr uint32_t kFirstStepArgs = offsetof(opt_step_args, work);
constexpr uint32_t kFirstInfo = offsetof(opt_info, skipped);

}  // namespace

extern "C" {

opt_status opt_create(opt_context context, const char* rule,
                      opt_optimizer* optimizer) {
  return libopt::Guard([&] {
    libopt::CheckPointer(rule, "opt_create", "rule");
    libopt::CheckPointer(optimizer, "opt_create", "optimizer");
    const libopt::NamedRule named = libopt::FindRule(rule);
    libopt::Context* home = libopt::RefContext(context);
    libopt::Optimizer* created = nullptr;
    try {
      created = libopt::New<libopt::Optimizer>(home->memory(), home, named);
      *optimizer = reinterpret_cast<opt_optimizer>(
          libopt::InsertHandle(libopt::HandleType::kOptimizer, created));
    } catch (...) {
      if (created != nullptr) libopt::Optimizer::Destroy(created);
      home->Unref();
      throw;
    }
    home->Unref();
  });
}

opt_status opt_destroy(opt_optimizer optimizer) {
  return libopt::Guard([&] {
    if (optimizer == nullptr) return;
    libopt::Optimizer::Destroy(
        static_cast<libopt::Optimizer*>(libopt::RemoveHandle(
            libopt::HandleType::kOptimizer, libopt::Bits(optimizer))));
  });
}

opt_status opt_add_group(opt_optimizer optimizer, int32_t* group) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    libopt::CheckPointer(group, "opt_add_group", "group");
    *group = self.AddGroup();
  });
}

opt_status opt_set(opt_optimizer optimizer, int32_t group, const char* option,
                   double value) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    libopt::CheckPointer(option, "opt_set", "option");
    self.groups().Set(group, option, value);
  });
}

opt_status opt_get(opt_optimizer optimizer, int32_t group, const char* option,
                   double* value) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    libopt::CheckPointer(option, "opt_get", "option");
    libopt::CheckPointer(value, "opt_get", "value");
    *value = self.groups().Get(group, option);
  });
}

opt_status opt_set_preset(opt_optimizer optimizer, int32_t group,
                          const char* preset) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    libopt::CheckPointer(preset, "opt_set_preset", "preset");
    self.groups().SetPreset(group, preset);
  });
}

opt_status opt_step(opt_optimizer optimizer, const opt_step_args* args) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    self.stepper().Step(libopt::ReadOptional(args, OPT_STEP_ARGS_INIT,
                                             "opt_step_args", kFirstStepArgs));
  });
}

opt_status opt_accumulate(opt_optimizer optimizer,
                          const opt_accumulate_args* args) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    self.stepper().Accumulate(libopt::ReadOptional(
        args, OPT_ACCUMULATE_ARGS_INIT, "opt_accumulate_args"));
  });
}

opt_status opt_discard(opt_optimizer optimizer) {
  return libopt::WithOptimizer(
      optimizer, [](libopt::Optimizer& self) { self.stepper().Discard(); });
}

opt_status opt_zero_grad(opt_optimizer optimizer,
                         const opt_zero_grad_args* args) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    self.stepper().ZeroGrad(libopt::ReadOptional(args, OPT_ZERO_GRAD_ARGS_INIT,
                                                 "opt_zero_grad_args"));
  });
}

opt_status opt_get_info(opt_optimizer optimizer, opt_info* info) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    libopt::WriteStruct(self.Info(), kFirstInfo, "opt_info", info);
  });
}

}  // extern "C"
