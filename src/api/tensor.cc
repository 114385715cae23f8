// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "opt/opt_tensor.h"
#include "src/api/guard.h"
#include "src/base/struct_size.h"

namespace {

void CheckTensors(const opt_tensor* tensors, int64_t count,
                  const char* function) {
  if (count < 0) {
    libopt::Fail(OPT_ERR_ARGUMENT, function, ": count is ", count,
                 ": it must be a number of tensors, 0 or more");
  }
  if (count > 0) libopt::CheckPointer(tensors, function, "tensors");
}

}  // namespace

extern "C" {

opt_status opt_attach(opt_optimizer optimizer, const opt_tensor* tensors,
                      int64_t count, int64_t* indices) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    CheckTensors(tensors, count, "opt_attach");
    self.Attach(
        count,
        [&](int64_t i) {
          return libopt::ReadElement(tensors, i, "opt_tensor");
        },
        indices);
  });
}

opt_status opt_state_bytes(opt_optimizer optimizer, const opt_tensor* tensors,
                           int64_t count, int64_t* bytes) {
  return libopt::WithOpenOptimizer(optimizer, [&](libopt::Optimizer& self) {
    CheckTensors(tensors, count, "opt_state_bytes");
    libopt::CheckPointer(bytes, "opt_state_bytes", "bytes");
    int64_t sum = 0;
    for (int64_t i = 0; i < count; ++i) {
      self.AddStateBytes(libopt::ReadElement(tensors, i, "opt_tensor"), &sum);
    }
    *bytes = sum;
  });
}

opt_status opt_bind(opt_optimizer optimizer, int64_t index, void* param,
                    void* grad) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    self.Bind(index, param, grad);
  });
}

opt_status opt_detach(opt_optimizer optimizer, int64_t index) {
  return libopt::WithOptimizer(
      optimizer, [&](libopt::Optimizer& self) { self.Detach(index); });
}

opt_status opt_tensor_at(opt_optimizer optimizer, int64_t index,
                         opt_tensor_info* info) {
  return libopt::WithOpenOptimizer(optimizer, [&](libopt::Optimizer& self) {
    libopt::WriteStruct(self.TensorInfo(index), sizeof(opt_tensor_info),
                        "opt_tensor_info", info);
  });
}

opt_status opt_tensor_find(opt_optimizer optimizer, const char* name,
                           int64_t* index) {
  return libopt::WithOpenOptimizer(optimizer, [&](libopt::Optimizer& self) {
    libopt::CheckPointer(name, "opt_tensor_find", "name");
    libopt::CheckPointer(index, "opt_tensor_find", "index");
    *index = self.FindTensor(name);
  });
}

opt_status opt_tensor_set_group(opt_optimizer optimizer, int64_t index,
                                int32_t group) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    self.SetTensorGroup(index, group);
  });
}

opt_status opt_set_attribute(opt_optimizer optimizer, int64_t index,
                             const char* attribute, double value) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    libopt::CheckPointer(attribute, "opt_set_attribute", "attribute");
    self.SetAttribute(index, attribute, value);
  });
}

opt_status opt_get_attribute(opt_optimizer optimizer, int64_t index,
                             const char* attribute, double* value) {
  return libopt::WithOpenOptimizer(optimizer, [&](libopt::Optimizer& self) {
    libopt::CheckPointer(attribute, "opt_get_attribute", "attribute");
    libopt::CheckPointer(value, "opt_get_attribute", "value");
    *value = self.GetAttribute(index, attribute);
  });
}

opt_status opt_tensor_set_step(opt_optimizer optimizer, int64_t index,
                               int64_t step) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    self.SetTensorStep(index, step);
  });
}

opt_status opt_state_view(opt_optimizer optimizer, int64_t index,
                          const char* slot, opt_view* view) {
  return libopt::WithOpenOptimizer(optimizer, [&](libopt::Optimizer& self) {
    libopt::CheckPointer(slot, "opt_state_view", "slot");
    libopt::WriteStruct(self.StateView(index, slot), sizeof(opt_view),
                        "opt_view", view);
  });
}

}  // extern "C"
