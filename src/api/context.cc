// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/core/context.h"

#include "opt/opt_context.h"
#include "src/api/guard.h"
#include "src/core/struct_size.h"
#include "src/core/target.h"

namespace opt {

Context* RefContext(opt_context handle) {
  if (handle == nullptr) {
    Context* context = Context::Default();
    context->Ref();
    return context;
  }
  auto* context =
      static_cast<Context*>(LockHandleSoon(HandleType::kContext, Bits(handle)));
  context->Ref();
  UnlockHandle(Bits(handle));
  return context;
}

}  // namespace opt

extern "C" {

opt_status opt_context_create(const opt_context_config* config,
                              opt_context* context) {
  return opt::Guard([&] {
    opt::CheckPointer(context, "opt_context_create", "context");
    opt::Context* created = opt::Context::Create(opt::ReadOptional(
        config, OPT_CONTEXT_CONFIG_INIT, "opt_context_config"));
    try {
      *context = reinterpret_cast<opt_context>(
          opt::InsertHandle(opt::HandleType::kContext, created));
    } catch (...) {
      created->Unref();
      throw;
    }
  });
}

opt_status opt_context_destroy(opt_context context) {
  return opt::Guard([&] {
    if (context == nullptr) return;
    static_cast<opt::Context*>(
        opt::RemoveHandle(opt::HandleType::kContext, opt::Bits(context)))
        ->Unref();
  });
}

opt_status opt_context_get_info(opt_context context, opt_context_info* info) {
  return opt::Guard([&] {
    opt::Context* found = opt::RefContext(context);
    opt_context_info value = {};
    value.threads = found->threads();
    value.target = opt::TargetName(found->target());
    found->Unref();
    opt::WriteStruct(value, sizeof(opt_context_info), "opt_context_info", info);
  });
}

opt_status opt_shutdown(void) {
  return opt::Guard([] {
    opt::Context::StopDefaultThreads();
    const int64_t live = opt::LiveHandles();
    if (live != 0) {
      opt::Fail(OPT_ERR_STATE, live,
                " optimizers, contexts, schedules or checkpoints are still "
                "alive: destroy them before the library is unloaded");
    }
  });
}

}  // extern "C"
