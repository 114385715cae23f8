// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/core/error.h"

namespace opt {

ThreadState& ThisThread() {
  static thread_local ThreadState state;
  return state;
}

}  // namespace opt
