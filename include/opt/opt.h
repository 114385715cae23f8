/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * @file opt.h
 * libopt: deep-learning optimizers as a C library. This is the one header to
 * include.
 *
 * ## A first program
 *
 *     opt_optimizer optimizer = NULL;
 *     if (opt_create(NULL, OPT_RULE_ADAMW, &optimizer) != OPT_OK ||
 *         opt_set(optimizer, OPT_ALL_GROUPS, OPT_LR, 3e-4) != OPT_OK) {
 *       return fail(opt_last_error());
 *     }
 *
 *     opt_tensor weight = OPT_TENSOR_INIT;
 *     weight.name = "fc1.weight";
 *     weight.count = 784 * 128;
 *     weight.param = w;
 *     weight.grad = dw;
 *     if (opt_attach(optimizer, &weight, 1, NULL) != OPT_OK) {
 *       return fail(opt_last_error());
 *     }
 *
 *     for (int64_t i = 0; i < steps; ++i) {
 *       gradients(w, dw);
 *       if (opt_step(optimizer, NULL) != OPT_OK) return fail(opt_last_error());
 *     }
 *     opt_destroy(optimizer);
 *
 * ## Errors
 *
 * Every function that can fail returns an opt_status, and a call that failed
 * has changed nothing. opt_last_error() then tells which tensor, option or
 * bound was at fault and what to do about it. Apart from the statuses that a
 * function lists, any of them may return OPT_ERR_HANDLE (the handle is stale,
 * destroyed, foreign or of another type), OPT_ERR_BUSY (another call is using
 * the object), OPT_ERR_MEMORY and OPT_ERR_INTERNAL. The type opt_status
 * (opt_base.h) says what each status means.
 *
 * ## Ownership
 *
 * Parameters and gradients belong to the caller, state to the library
 * (opt_tensor.h). Names and descriptions that are passed in are copied. Every
 * handle that a call gives is the caller's to destroy.
 *
 * ## Threads
 *
 * An optimizer, a schedule or a checkpoint serves one call at a time; a call
 * that overlaps another gets OPT_ERR_BUSY. Different objects are independent.
 * A function that notes "any thread" has no such limit.
 *
 * ## Structs
 *
 * A struct is led by struct_size: start from its *_INIT macro. A program that
 * was built with an older header has shorter structs, whose missing fields
 * count as 0. A longer struct is accepted if the fields that this version does
 * not know are 0.
 *
 * ## Topics
 *
 * - opt_base.h: versions, statuses, messages, handles
 * - opt_context.h: memory, threads, SIMD target, log
 * - opt_optimizer.h: creating optimizers, groups and options
 * - opt_tensor.h: attaching tensors, their attributes and state
 * - opt_step.h: steps, accumulation, lent buffers
 * - opt_gradient.h: norms, clipping, Inf and NaN
 * - opt_scaler.h: dynamic loss scaling
 * - opt_average.h: averages of the parameters
 * - opt_schedule.h: options that follow a schedule
 * - opt_state.h: saving and loading
 * - opt_describe.h: which rules, options, slots and targets there are
 * - opt_names.h: their names as constants
 */
#ifndef OPT_OPT_H_
#define OPT_OPT_H_

/* IWYU pragma: begin_exports */
#include "opt/opt_average.h"
#include "opt/opt_base.h"
#include "opt/opt_context.h"
#include "opt/opt_describe.h"
#include "opt/opt_gradient.h"
#include "opt/opt_names.h"
#include "opt/opt_optimizer.h"
#include "opt/opt_scaler.h"
#include "opt/opt_schedule.h"
#include "opt/opt_state.h"
#include "opt/opt_step.h"
#include "opt/opt_tensor.h"
/* IWYU pragma: end_exports */

#endif /* OPT_OPT_H_ */
