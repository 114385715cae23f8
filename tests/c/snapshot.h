/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * A fingerprint of all that can be seen of an optimizer, to show that a
 * refused call has changed nothing.
 */
#ifndef OPT_TESTS_C_SNAPSHOT_H_
#define OPT_TESTS_C_SNAPSHOT_H_

#include <stdint.h>

#include "opt/opt.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Hashes the optimizer's description, every option of every group, every
 * tensor's description, retained buffers and state. Allocates nothing. Returns
 * 0 if the optimizer cannot be read. */
uint64_t snapshot(opt_optimizer optimizer);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OPT_TESTS_C_SNAPSHOT_H_ */
