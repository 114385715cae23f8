// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/parallel/context.h"

#include "opt/opt_context.h"
#include "src/api/guard.h"
#include "src/base/struct_size.h"
#include "src/kernel/kernels.h"

namespace libopt {

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

}  // namespace libopt

extern "C" {

opt_status opt_context_create(const opt_context_config* config,
                              opt_context* context) {
  return libopt::Guard([&] {
    libopt::CheckPointer(context, "opt_context_create", "context");
    libopt::Context* created = libopt::Context::Create(libopt::ReadOptional(
        config, OPT_CONTEXT_CONFIG_INIT, "opt_context_config"));
    try {
      *context = reinterpret_cast<opt_context>(
          libopt::InsertHandle(libopt::HandleType::kContext, created));
    } catch (...) {
      created->Unref();
      throw;
    }
  });
}

opt_status opt_context_destroy(opt_context context) {
  return libopt::Guard([&] {
    if (context == nullptr) return;
    static_cast<libopt::Context*>(
        libopt::RemoveHandle(libopt::HandleType::kContext,
                             libopt::Bits(context)))
        ->Unref();
  });
}

opt_status opt_context_get_info(opt_context context, opt_context_info* info) {
  return libopt::Guard([&] {
    libopt::Context* found = libopt::RefContext(context);
    opt_context_info value = {};
    value.threads = found->threads();
    value.target = libopt::TargetName(found->target());
    value.spin_microseconds = found->spin_microseconds();
    found->Unref();
    libopt::WriteStruct(value, sizeof(opt_context_info), "opt_context_info",
                        info);
  });
}

opt_status opt_shutdown(void) {
  return libopt::Guard([] {
    libopt::Context::StopDefaultThreads();
    const int64_t live = libopt::LiveHandles();
    if (live != 0) {
      libopt::Fail(OPT_ERR_STATE, live,
                   " optimizers, contexts, schedules or checkpoints are still "
                   "alive: destroy them before the library is unloaded");
    }
  });
}

}  // extern "C"
