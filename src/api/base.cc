// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "opt/opt_base.h"
#include "src/base/error.h"
#include "src/kernel/kernels.h"

extern "C" {

const char* opt_last_error(void) { return libopt::ThisThread().message; }

const char* opt_status_name(opt_status status) {
  switch (status) {
#define OPT_NAME(status) \
  case status:           \
    return #status
    OPT_NAME(OPT_OK);
    OPT_NAME(OPT_ERR_ARGUMENT);
    OPT_NAME(OPT_ERR_HANDLE);
    OPT_NAME(OPT_ERR_BUSY);
    OPT_NAME(OPT_ERR_NAME);
    OPT_NAME(OPT_ERR_VALUE);
    OPT_NAME(OPT_ERR_RANGE);
    OPT_NAME(OPT_ERR_STATE);
    OPT_NAME(OPT_ERR_DTYPE);
    OPT_NAME(OPT_ERR_OVERLAP);
    OPT_NAME(OPT_ERR_STRUCT);
    OPT_NAME(OPT_ERR_MEMORY);
    OPT_NAME(OPT_ERR_LIMIT);
    OPT_NAME(OPT_ERR_INTERNAL);
    OPT_NAME(OPT_ERR_IO);
    OPT_NAME(OPT_ERR_FORMAT);
    OPT_NAME(OPT_ERR_MISMATCH);
    OPT_NAME(OPT_ERR_NONFINITE);
#undef OPT_NAME
    default:
      return "unknown status";
  }
}

const char* opt_version(void) { return libopt::kVersion; }

int32_t opt_version_number(void) { return OPT_VERSION_NUMBER; }

const char* opt_build_info(void) { return libopt::BuildInfo(); }

}  // extern "C"
