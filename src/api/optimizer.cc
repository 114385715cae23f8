// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/optimizer.h"

#include "opt/opt_optimizer.h"
#include "src/api/guard.h"
#include "src/base/struct_size.h"

namespace {

libopt::OptionChanges ReadChanges(const char* preset,
                                  const opt_option_value* values, int64_t count,
                                  const char* function) {
  if (count < 0) {
    libopt::Fail(OPT_ERR_ARGUMENT, function, ": count is ", count,
                 ": it must be a number of options, 0 or more");
  }
  if (count > 0) libopt::CheckPointer(values, function, "values");
  return {preset, values, count};
}

// Puts a new optimizer, which `create` returns, under a handle. `home` is its
// context.
template <typename Create>
opt_optimizer MakeHandle(libopt::Context* home, const Create& create) {
  libopt::Optimizer* created = nullptr;
  opt_optimizer handle = nullptr;
  try {
    created = create();
    handle = reinterpret_cast<opt_optimizer>(
        libopt::InsertHandle(libopt::HandleType::kOptimizer, created));
  } catch (...) {
    if (created != nullptr) libopt::Optimizer::Destroy(created);
    home->Unref();
    throw;
  }
  home->Unref();
  return handle;
}

}  // namespace

extern "C" {

opt_status opt_create(opt_context context, const char* rule,
                      opt_optimizer* optimizer) {
  return libopt::Guard([&] {
    libopt::CheckPointer(rule, "opt_create", "rule");
    libopt::CheckPointer(optimizer, "opt_create", "optimizer");
    const libopt::NamedRule named = libopt::FindRule(rule);
    libopt::Context* home = libopt::RefContext(context);
    *optimizer = MakeHandle(home, [&] {
      return libopt::New<libopt::Optimizer>(home->memory(), home, named);
    });
  });
}

opt_status opt_clone(opt_optimizer optimizer, opt_context context,
                     opt_optimizer* clone) {
  return libopt::WithOptimizer(optimizer, [&](const libopt::Optimizer& self) {
    libopt::CheckPointer(clone, "opt_clone", "clone");
    libopt::Context* home = libopt::RefContext(context);
    *clone = MakeHandle(home, [&] {
      auto* copy =
          libopt::New<libopt::Optimizer>(home->memory(), home, self.named());
      try {
        copy->CopyFrom(self);
      } catch (...) {
        libopt::Optimizer::Destroy(copy);
        throw;
      }
      return copy;
    });
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

opt_status opt_add_group(opt_optimizer optimizer, const char* preset,
                         const opt_option_value* values, int64_t count,
                         int32_t* group) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    libopt::CheckPointer(group, "opt_add_group", "group");
    *group = self.AddGroup(ReadChanges(preset, values, count, "opt_add_group"));
  });
}

opt_status opt_set(opt_optimizer optimizer, int32_t group, const char* option,
                   double value) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    libopt::CheckPointer(option, "opt_set", "option");
    self.groups().Set(group, option, value);
  });
}

opt_status opt_set_options(opt_optimizer optimizer, int32_t group,
                           const char* preset, const opt_option_value* values,
                           int64_t count) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    self.groups().Set(group,
                      ReadChanges(preset, values, count, "opt_set_options"));
  });
}

opt_status opt_get(opt_optimizer optimizer, int32_t group, const char* option,
                   double* value) {
  return libopt::WithOpenOptimizer(optimizer, [&](libopt::Optimizer& self) {
    libopt::CheckPointer(option, "opt_get", "option");
    libopt::CheckPointer(value, "opt_get", "value");
    *value = self.groups().Get(group, option);
  });
}

opt_status opt_set_preset(opt_optimizer optimizer, int32_t group,
                          const char* preset) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    libopt::CheckPointer(preset, "opt_set_preset", "preset");
    self.groups().Set(group, libopt::OptionChanges{preset, nullptr, 0});
  });
}

opt_status opt_get_info(opt_optimizer optimizer, opt_info* info) {
  return libopt::WithOpenOptimizer(optimizer, [&](libopt::Optimizer& self) {
    libopt::WriteStruct(self.Info(), sizeof(opt_info), "opt_info", info);
  });
}

}  // extern "C"
