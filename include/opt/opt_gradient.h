/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * @file opt_gradient.h
 * Work on gradients: norms, clipping, the loss scale, Inf and NaN. A step does
 * it in its own pass over memory (opt_step_args.work), or separate calls do.
 * Include <opt/opt.h>.
 *
 * ## Clipping in the step
 *
 * A step that unscales and clips by norm reads the gradients twice, once for
 * the norm and once for the update, and writes nothing in between:
 *
 *     opt_grad_work work = OPT_GRAD_WORK_INIT;
 *     opt_step_args args = OPT_STEP_ARGS_INIT;
 *     work.max_norm = 1;
 *     args.work = &work;
 *     args.flags = OPT_STEP_ZERO_GRADS;
 *     if (opt_step(optimizer, &args) != OPT_OK) return fail(...);
 *
 * ## Norms
 *
 * A norm has the same bits for every number of threads, SIMD target and order
 * of attaching: squares are added in double, in a fixed order within a tensor,
 * and the sums of a group's tensors are added in order of size. The squares of
 * f64 gradients beyond 1e150 overflow: their 2-norm is then Inf, although the
 * gradients themselves do not count as Inf. The squares of gradients below
 * 1e-160 underflow. OPT_NORM_INF is exact for all.
 */
#ifndef OPT_OPT_GRADIENT_H_
#define OPT_OPT_GRADIENT_H_

#include "opt/opt_base.h"
#include "opt/opt_tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Which norm of the gradients: one of OPT_NORM_*. */
typedef int32_t opt_norm;
enum {
  OPT_NORM_2 = 0,  /**< square root of the sum of squares */
  OPT_NORM_INF = 1 /**< largest absolute value */
};

/** How a call treats Inf and NaN among the gradients: one of OPT_NONFINITE_*.
 * The last two decide before anything is written, and cost one more read of the
 * gradients unless the call computes a norm anyway. */
typedef int32_t opt_nonfinite;
enum {
  /** They go where the formulas take them. This costs nothing. */
  OPT_NONFINITE_PROPAGATE = 0,
  /** The call returns OPT_ERR_NONFINITE, and its message names the tensor.
   * Nothing has changed, accumulated gradients and OPT_STEP_ZERO_GRADS
   * included. */
  OPT_NONFINITE_ERROR = 1,
  /** The step is skipped: it returns OPT_OK, opt_info.skipped counts it, and
   * parameters, state and step counts keep every byte. The gradients are used
   * up as by any step: accumulated ones are forgotten, and OPT_STEP_ZERO_GRADS
   * sets them to zero, so that the Inf does not stay for good. */
  OPT_NONFINITE_SKIP = 2
};

/** Flags of opt_grad_work: a set of OPT_GRAD_WORK_* bits. */
typedef uint32_t opt_grad_work_flags;
enum {
  /** max_norm bounds the norm of each group by itself, not the norm of all. */
  OPT_GRAD_WORK_CLIP_PER_GROUP = 1
};

/** Work on the gradients before the update rule sees them, done in the order of
 * these fields. A field that is 0 does nothing. */
typedef struct opt_grad_work {
  uint32_t struct_size;      /**< sizeof(opt_grad_work) */
  opt_grad_work_flags flags; /**< OPT_GRAD_WORK_* */
  /** The gradients are those of loss_scale * loss: they are multiplied by its
   * inverse, which is computed in double and must be a finite f32 > 0. */
  double loss_scale;
  /** Clips each element to [-max_value, max_value], as torch's
   * clip_grad_value_. Inf becomes max_value, NaN stays. Must be > 0,
   * or 0 to leave it out. */
  double max_value;
  /** Clips each tensor by its own norm n: multiplies it by
   * min(1, max_tensor_norm / (n + 1e-6)). Must be > 0, or 0 to leave it out;
   * INFINITY leaves every finite norm alone. */
  double max_tensor_norm;
  /** Clips by the norm n over all tensors, as torch's clip_grad_norm_:
   * multiplies all of them by min(1, max_norm / (n + 1e-6)). As there, a norm
   * of Inf makes that factor 0, and one of NaN makes it NaN. Must be > 0,
   * or 0 to leave it out; INFINITY leaves every finite norm alone. */
  double max_norm;
  opt_norm norm;           /**< of both clips by norm and of the report */
  opt_nonfinite nonfinite; /**< about the gradients before clipping */
} opt_grad_work;

/** Initializes an opt_grad_work: nothing is done. */
#define OPT_GRAD_WORK_INIT \
  { sizeof(opt_grad_work), 0, 0, 0, 0, 0, 0, 0 }

/** The norms of the gradients, and how the call treated them. */
typedef struct opt_grad_report {
  uint32_t struct_size; /**< sizeof(opt_grad_report) */
  int32_t skipped;      /**< 1: there were Inf or NaN, and the call skipped */
  /** The norm over all tensors after the work that comes before max_norm: the
   * number that clip_grad_norm_ returns. */
  double norm;
  /** The factor of max_norm; 1: nothing was clipped. With
   * OPT_GRAD_WORK_CLIP_PER_GROUP, the smallest factor of all groups. */
  double factor;
  /** Index of the first tensor with Inf or NaN before clipping, or -1. */
  int64_t nonfinite_tensor;
  /** Input: room for group_capacity norms, or NULL. The norm of each group is
   * written there. */
  double* group_norms;
  int64_t group_capacity; /**< input: at least opt_info.group_count */
} opt_grad_report;

/** Initializes an opt_grad_report without norms of groups. */
#define OPT_GRAD_REPORT_INIT \
  { sizeof(opt_grad_report), 0, 0, 1, -1, NULL, 0 }

/** Flags of opt_grad_norm(): a set of OPT_GRAD_* bits. */
typedef uint32_t opt_grad_flags;
enum {
  /** Measure the sum of the accumulated gradients, not their mean. */
  OPT_GRAD_SUM = 1
};

/** Arguments of opt_grad_norm() and opt_clip_grads(). */
typedef struct opt_grad_args {
  uint32_t struct_size;      /**< sizeof(opt_grad_args) */
  opt_grad_flags flags;      /**< OPT_GRAD_* of opt_grad_norm(), else 0 */
  const opt_lent* lent;      /**< lent gradients; NULL: the retained ones */
  const opt_grad_work* work; /**< NULL: none */
} opt_grad_args;

/** Initializes an opt_grad_args. */
#define OPT_GRAD_ARGS_INIT \
  { sizeof(opt_grad_args), 0, NULL, NULL }

/**
 * Measures the gradients that opt_step() would use, accumulated ones included,
 * as the work leaves them before max_norm. It reads the gradients once and
 * changes nothing; the reported factor is the one that max_norm would apply.
 *
 * While a loss scaler is active and args->work->loss_scale is 0, the gradients
 * are divided by its scale. With OPT_NONFINITE_SKIP, report->skipped tells
 * whether a step would be skipped.
 *
 * @param optimizer  the optimizer
 * @param args       lent gradients, work, flags; NULL: the retained gradients
 *                   as they are
 * @param[in,out] report  filled in up to its struct_size; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: report is NULL, group_capacity is too
 *   small, opt_lent.count does not match, a pointer is misaligned, a flag is
 *   unknown, or the work is out of its range; OPT_ERR_STRUCT; OPT_ERR_STATE:
 *   gradients are lent while accumulated ones wait; OPT_ERR_NONFINITE
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_grad_norm(opt_optimizer optimizer,
                                               const opt_grad_args* args,
                                               opt_grad_report* report);

/**
 * Does the work on the gradients themselves, in place and in their own type: a
 * read for the norms, if any is needed, and a pass that changes them. With
 * OPT_NONFINITE_SKIP, gradients with Inf or NaN are left as they are.
 *
 * @param optimizer  the optimizer
 * @param args       lent gradients and work; NULL: there is nothing to do. The
 *                   flags are 0
 * @param[in,out] report  filled in up to its struct_size, unchanged on failure;
 *                        may be NULL
 * @return as opt_grad_norm(); OPT_ERR_STATE also while accumulated gradients
 *   wait or a loss scaler is active: clip those in the step; OPT_ERR_OVERLAP
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_clip_grads(opt_optimizer optimizer,
                                                const opt_grad_args* args,
                                                opt_grad_report* report);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OPT_OPT_GRADIENT_H_ */
