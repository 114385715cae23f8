/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Work on gradients: norms, clipping, loss scale, Inf and NaN; as arguments of
 * a step (opt_step_args.work), in its own pass over memory, and as calls of
 * their own. Include <opt/opt.h>.
 *
 * A step that unscales and clips by norm reads the gradients twice, once for
 * the norm and once for the update, and writes nothing in between:
 *
 *   opt_grad_work work = OPT_GRAD_WORK_INIT;
 *   opt_step_args args = OPT_STEP_ARGS_INIT;
 *   work.max_norm = 1;
 *   args.work = &work;
 *   args.flags = OPT_ZERO_GRADS;
 *   opt_step(optimizer, &args);
 *
 * Norms are the same bits for every number of threads, SIMD target and order of
 * attaching: squares are added in double in a fixed order within a tensor, and
 * the sums of the tensors of a group in order of size. The squares of f64
 * gradients beyond 1e150 overflow: their 2-norm is Inf, which does not make
 * them count as Inf; those below 1e-160 are too small for it. OPT_NORM_INF is
 * exact for all.
 */
#ifndef OPT_OPT_GRADIENT_H_
#define OPT_OPT_GRADIENT_H_

#include "opt/opt_base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Which norm of the gradients. */
enum {
  OPT_NORM_2 = 0,  /* square root of the sum of squares */
  OPT_NORM_INF = 1 /* largest absolute value */
};

/* How a call treats Inf and NaN among the gradients. The last two decide
 * before anything is written, and cost one more read of the gradients unless
 * the call computes a norm anyway. */
enum {
  /* Nothing, at no cost: they go where the formulas take them. */
  OPT_NONFINITE_PROPAGATE = 0,
  /* OPT_ERR_NONFINITE, whose message names the tensor: nothing has changed,
   * accumulated gradients and OPT_ZERO_GRADS included. */
  OPT_NONFINITE_ERROR = 1,
  /* OPT_OK, and opt_info.skipped counts it: parameters, state and step counts
   * keep every byte. The gradients are used up as by any step: accumulated ones
   * are forgotten, and OPT_ZERO_GRADS zeroes, lest the Inf stays for good. */
  OPT_NONFINITE_SKIP = 2
};

/* Flags of opt_grad_work. */
enum {
  /* max_norm bounds the norm of each group by itself, not the norm of all. */
  OPT_CLIP_PER_GROUP = 1
};

/* Work on the gradients before the update rule sees them, done in the order of
 * these fields. A field that is 0 does nothing. */
typedef struct opt_grad_work {
  uint32_t struct_size; /* sizeof(opt_grad_work) */
  uint32_t flags;       /* OPT_CLIP_PER_GROUP */
  /* The gradients are those of loss_scale * loss: they are multiplied by its
   * inverse, which is computed in double, and has to be a finite f32 > 0. */
  double loss_scale;
  /* Clips each element to [-max_value, max_value], as torch's clip_grad_value_.
   * Inf becomes max_value, NaN stays. > 0. */
  double max_value;
  /* Clips each tensor by its own norm n: multiplies it by
   * min(1, max_tensor_norm / (n + 1e-6)). > 0; INFINITY clips no finite n. */
  double max_tensor_norm;
  /* Clips by the norm n over all tensors, as torch's clip_grad_norm_:
   * multiplies all by min(1, max_norm / (n + 1e-6)). A norm of Inf makes that
   * 0, one of NaN makes it NaN, as there. > 0; INFINITY clips no finite n. */
  double max_norm;
  int32_t norm;      /* OPT_NORM_*: of both clips and of the report */
  int32_t nonfinite; /* OPT_NONFINITE_*: about the gradients before clipping */
} opt_grad_work;

/* The norms of the gradients, and how the call treated them. */
typedef struct opt_grad_report {
  uint32_t struct_size; /* sizeof(opt_grad_report) */
  int32_t skipped;      /* 1: Inf or NaN, and the call left them alone */
  /* The norm over all tensors after the work that comes before max_norm: what
   * clip_grad_norm_ returns. */
  double norm;
  /* The factor of max_norm; 1: nothing was clipped. Per group: the smallest. */
  double factor;
  /* Index of the first tensor with Inf or NaN before clipping, or -1. */
  int64_t nonfinite_tensor;
  /* In: room for group_capacity norms, or NULL. The norm of each group is
   * written there. */
  double* group_norms;
  int64_t group_capacity; /* in: at least opt_info.group_count */
} opt_grad_report;

/* Arguments of opt_grad_norm and opt_clip_grads. */
typedef struct opt_grad_args {
  uint32_t struct_size; /* sizeof(opt_grad_args) */
  uint32_t flags;       /* OPT_SUM: of accumulated gradients, not their mean */
  int64_t count;        /* entries of grads: opt_info.index_count */
  void* const* grads;   /* gradients; NULL: the retained; NULL entry: none */
  const opt_grad_work* work; /* NULL: none */
} opt_grad_args;

/* clang-format off */
#define OPT_GRAD_WORK_INIT { sizeof(opt_grad_work), 0, 0, 0, 0, 0, 0, 0 }
#define OPT_GRAD_REPORT_INIT { sizeof(opt_grad_report), 0, 0, 1, -1, NULL, 0 }
#define OPT_GRAD_ARGS_INIT { sizeof(opt_grad_args), 0, 0, NULL, NULL }
/* clang-format on */

/* Measures the gradients that opt_step would use, accumulated ones included,
 * as the work leaves them before max_norm; the factor is what max_norm would
 * multiply them by. Changes nothing, and reads the gradients once.
 *   args    lent gradients, work, flags; NULL: the retained ones, as they are
 *   report  filled up to its struct_size; left alone on failure
 * While a loss scaler is active and args->work->loss_scale is 0, the gradients
 * are divided by its scale. With OPT_NONFINITE_SKIP, report->skipped tells
 * whether a step would be skipped.
 * Returns OPT_OK; OPT_ERR_ARGUMENT (report is NULL, too little room, a count
 * that does not match, misaligned pointer, unknown flag, work out of its
 * range); OPT_ERR_STRUCT; OPT_ERR_STATE (lent gradients while accumulated ones
 * wait); OPT_ERR_NONFINITE. Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_grad_norm(opt_optimizer optimizer,
                                               const opt_grad_args* args,
                                               opt_grad_report* report);

/* Does the work on the gradients themselves, in place and in their own type: a
 * read for the norms, if any is wanted, and a pass that changes them.
 *   args    lent gradients, work; NULL: nothing to do. The flags are 0
 *   report  filled up to its struct_size; left alone on failure; may be NULL
 * With OPT_NONFINITE_SKIP, gradients with Inf or NaN are left as they are.
 * Returns as opt_grad_norm; OPT_ERR_STATE also while accumulated gradients wait
 * or a loss scaler is active (clip those in the step); OPT_ERR_OVERLAP.
 * Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_clip_grads(opt_optimizer optimizer,
                                                const opt_grad_args* args,
                                                opt_grad_report* report);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OPT_OPT_GRADIENT_H_ */
