// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/base/error.h"

namespace libopt {

ThreadState& ThisThread() {
  static thread_local ThreadState state;
  return state;
}

}  // namespace libopt
