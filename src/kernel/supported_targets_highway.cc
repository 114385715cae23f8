// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "hwy/targets.h"
#include "src/kernel/supported_targets.h"

namespace libopt {

int64_t SupportedTargets() { return hwy::SupportedTargets(); }

}  // namespace libopt
