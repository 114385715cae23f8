/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * One file with all of a run: the weights and the state of the optimizer, which
 * libopt knows, and as entries of the program's own its settings and its
 * position. One, because of two a crash in between leaves a pair that does not
 * belong together. Functions return 0; or -1 after an error message.
 */
#ifndef OPT_EXAMPLES_TRAIN_CHECKPOINT_H_
#define OPT_EXAMPLES_TRAIN_CHECKPOINT_H_

#include "examples/train/position.h"
#include "examples/train/settings.h"
#include "opt/opt.h"

/* Replaces the file as a whole: whatever fails, it is the old or the new one.
 */
int checkpoint_save(const char* path, opt_optimizer optimizer,
                    const settings* s, const position* at);

/* Opens a checkpoint and reads its settings; close the handle with
 * opt_checkpoint_close(). */
int checkpoint_open(const char* path, opt_checkpoint* opened, settings* s);

/* Reads weights and state into an optimizer whose tensors are attached, and the
 * position; at->order has room for at->images elements. */
int checkpoint_load(const char* path, opt_checkpoint opened,
                    opt_optimizer optimizer, position* at);

#endif /* OPT_EXAMPLES_TRAIN_CHECKPOINT_H_ */
