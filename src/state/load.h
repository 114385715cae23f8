// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Reading a checkpoint into an optimizer.

#ifndef OPT_SRC_STATE_LOAD_H_
#define OPT_SRC_STATE_LOAD_H_

#include "opt/opt_state.h"
#include "src/optimizer/optimizer.h"
#include "src/state/container/stream.h"

namespace libopt {

// Reads everything into fresh memory and verifies it, and only then puts it in
// place: if it throws, the optimizer is as it was. Throws Error; see
// opt_load_file.
void Load(Source* source, const opt_load_args& args, Optimizer* optimizer);

}  // namespace libopt

#endif  // OPT_SRC_STATE_LOAD_H_
