/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * @file opt_step.h
 * Steps: a call that updates the parameters of every tensor that has a
 * gradient, and the calls around it. Include <opt/opt.h>.
 *
 * ## One step
 *
 *     gradients(w, dw);
 *     if (opt_step(optimizer, NULL) != OPT_OK) return fail(opt_last_error());
 *
 * ## Many micro-batches, one step
 *
 *     for (k = 0; k < 8; ++k) {
 *       gradients_of_micro_batch(k, w, dw);
 *       if (opt_accumulate(optimizer, NULL) != OPT_OK) return fail(...);
 *     }
 *     if (opt_step(optimizer, NULL) != OPT_OK) return fail(...);
 *
 * ## Lent buffers
 *
 * Buffers that move between steps are lent for one call instead of being
 * retained: opt_lent names one for each tensor index, in every call that works
 * on tensors.
 *
 *     opt_lent lent = OPT_LENT_INIT;
 *     opt_step_args args = OPT_STEP_ARGS_INIT;
 *     lent.count = 2;
 *     lent.params = params;
 *     lent.grads = grads;
 *     args.lent = &lent;
 *     if (opt_step(optimizer, &args) != OPT_OK) return fail(...);
 *
 * ## One step, many frames
 *
 * A host that must return every few milliseconds, such as a game, takes a step
 * in slices: opt_step_begin() decides everything that concerns all tensors, and
 * each opt_step_slice() updates the tensors it is given and touches no others.
 * The slices together give the bytes of one opt_step(), whatever their number.
 *
 *     if (opt_step_begin(optimizer, NULL, &remaining) != OPT_OK) {
 *       return fail(opt_last_error());
 *     }
 *     for (next = 0; remaining > 0; ++next) {
 *       if (out_of_time()) wait_for_next_frame();
 *       if (opt_step_slice(optimizer, NULL, &next, 1, &remaining) != OPT_OK) {
 *         return fail(opt_last_error());
 *       }
 *     }
 */
#ifndef OPT_OPT_STEP_H_
#define OPT_OPT_STEP_H_

#include "opt/opt_base.h"
#include "opt/opt_gradient.h"
#include "opt/opt_tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Flags of opt_step(): a set of OPT_STEP_* bits. */
typedef uint32_t opt_step_flags;
enum {
  /** Set each gradient buffer to zero in the same pass over memory. */
  OPT_STEP_ZERO_GRADS = 1,
  /** Use the sum of the accumulated gradients, not their mean. */
  OPT_STEP_SUM = 2
};

/** Arguments of opt_step(). */
typedef struct opt_step_args {
  uint32_t struct_size;      /**< sizeof(opt_step_args) */
  opt_step_flags flags;      /**< OPT_STEP_* */
  const opt_lent* lent;      /**< lent buffers; NULL: the retained ones */
  const opt_grad_work* work; /**< done on the gradients first; NULL: none */
  opt_grad_report* report;   /**< filled in, which costs computing a norm; NULL:
                                  no report */
} opt_step_args;

/** Initializes an opt_step_args. */
#define OPT_STEP_ARGS_INIT \
  { sizeof(opt_step_args), 0, NULL, NULL, NULL }

/**
 * Makes one step over every tensor that has a gradient, by the formulas of the
 * optimizer's rule (opt_rule_info.formula).
 *
 * After opt_accumulate() the accumulated gradients are used, and are forgotten
 * by the step. A tensor that has no gradient or is frozen keeps its parameters,
 * state and step count. The call allocates no memory.
 *
 * @param optimizer  the optimizer
 * @param args       lent buffers, flags, work on the gradients; NULL: the
 *                   retained buffers and nothing else
 * @return OPT_OK; OPT_ERR_ARGUMENT: opt_lent.count is not opt_info.index_count,
 *   a pointer is misaligned, a flag is unknown, or the work is out of its
 *   range; OPT_ERR_STRUCT; OPT_ERR_STATE: a tensor has a gradient but no
 *   parameters, gradients are lent while accumulated ones wait, a schedule
 *   needs state that the tensors lack, or the evaluation weights are in the
 *   parameters' buffers; OPT_ERR_OVERLAP: two buffers share memory;
 *   OPT_ERR_VALUE: a schedule leaves the range of its option;
 *   OPT_ERR_NONFINITE: only with OPT_NONFINITE_ERROR; OPT_ERR_LIMIT: a counter
 *   has reached INT64_MAX / 2
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_step(opt_optimizer optimizer,
                                          const opt_step_args* args);

/**
 * Begins a step in slices. It decides at once what a step decides once: which
 * tensors take it, norms and factors of clipping, whether it is skipped, the
 * values of scheduled options. It changes no parameter, unless the step is
 * skipped, which is done at once.
 *
 * While the step is open, every call that would disturb it is refused with
 * OPT_ERR_STATE: all but the slices, opt_step_abandon(), opt_destroy() and
 * those that only read, such as opt_get_info(). The optimizer's number of steps
 * grows when the step ends, that of a tensor with its slice. Until then the
 * gradients must keep their values. The call allocates no memory.
 *
 * @param optimizer  the optimizer
 * @param args       as for opt_step(); the report is filled in here
 * @param remaining  number of tensors that have not had their turn; the step
 *                   ends when it reaches 0 (which it is here if the step is
 *                   skipped or there are no tensors); may be NULL
 * @return as opt_step(); OPT_ERR_STATE also while another step is open, with a
 *   message that names a tensor that has not had its turn
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_step_begin(opt_optimizer optimizer,
                                                const opt_step_args* args,
                                                int64_t* remaining);

/** Passed as the count: all tensors that have not had their turn. */
#define OPT_REMAINING (-1)

/**
 * Gives some tensors their turn in the open step, as opt_step_begin() decided.
 * Every tensor has one turn, even one that takes no step; the order does not
 * matter. The step ends with the last turn. The time that the call takes does
 * not depend on the other tensors.
 *
 * @param optimizer  the optimizer
 * @param lent       as for opt_step(): lent buffers, of which only those of the
 *                   tensors named are read. They hold what was lent to
 *                   opt_step_begin(), but may have moved. NULL: the retained
 *                   ones
 * @param indices    indices of the tensors, each once
 * @param count      number of indices, or OPT_REMAINING, for which indices are
 *                   not read
 * @param remaining  number of tensors that have not had their turn after this
 *                   call; 0: the step has ended; may be NULL
 * @return OPT_OK; OPT_ERR_STATE: no step is open; OPT_ERR_RANGE: there is no
 *   tensor at an index; OPT_ERR_ARGUMENT: a tensor has had its turn, or is
 *   named twice, count is below OPT_REMAINING, or a pointer is missing or
 *   misaligned; OPT_ERR_STRUCT
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_step_slice(opt_optimizer optimizer,
                                                const opt_lent* lent,
                                                const int64_t* indices,
                                                int64_t count,
                                                int64_t* remaining);

/**
 * Ends an open step early. If no tensor has had its turn, nothing has changed,
 * as if the step had never begun. Otherwise the step counts, and the other
 * tensors are left out of it, as if they had no gradient; accumulated gradients
 * are forgotten. Without an open step the call does nothing.
 *
 * @param optimizer  the optimizer
 * @return OPT_OK
 * @since 0.1.0
 */
OPT_API opt_status opt_step_abandon(opt_optimizer optimizer);

/** Flags of opt_accumulate(): a set of OPT_ACCUMULATE_* bits. */
typedef uint32_t opt_accumulate_flags;
enum {
  /** Set each gradient buffer to zero in the same pass over memory. */
  OPT_ACCUMULATE_ZERO_GRADS = 1,
  /** The gradients are means over the samples of the call, as a mean loss gives
   * them, not sums; they are weighted accordingly. */
  OPT_ACCUMULATE_MEANS = 2
};

/** Arguments of opt_accumulate(). */
typedef struct opt_accumulate_args {
  uint32_t struct_size;       /**< sizeof(opt_accumulate_args) */
  opt_accumulate_flags flags; /**< OPT_ACCUMULATE_* */
  int64_t samples;            /**< samples in this micro-batch, at least 1 */
  const opt_lent* lent;       /**< lent gradients; NULL: the retained ones */
} opt_accumulate_args;

/** Initializes an opt_accumulate_args: one sample. */
#define OPT_ACCUMULATE_ARGS_INIT \
  { sizeof(opt_accumulate_args), 0, 1, NULL }

/**
 * Adds the gradients to accumulators that the library keeps, for a later step
 * with their mean or sum: mini-batch gradient descent over any number of
 * samples or micro-batches.
 *
 * The first call allocates the accumulators, which count as state. The mean
 * divides by the samples of all calls, even for a tensor that had no gradient
 * in some of them; a tensor that had none in any call takes no step.
 *
 * @param optimizer  the optimizer
 * @param args       number of samples, lent gradients, flags; NULL: one sample
 *                   and the retained gradients
 * @return as opt_step(); OPT_ERR_ARGUMENT also if samples is less than 1, or
 *   the samples since the last step are more than INT64_MAX / 2
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status
opt_accumulate(opt_optimizer optimizer, const opt_accumulate_args* args);

/**
 * Forgets the gradients that opt_accumulate() has added up since the last step.
 *
 * @param optimizer  the optimizer
 * @return OPT_OK
 * @since 0.1.0
 */
OPT_API opt_status opt_discard(opt_optimizer optimizer);

/**
 * Sets every gradient to zero; a tensor without a gradient is left out.
 *
 * @param optimizer  the optimizer
 * @param lent       lent gradients; NULL: the retained ones
 * @return OPT_OK; OPT_ERR_ARGUMENT, OPT_ERR_STRUCT, OPT_ERR_OVERLAP: as
 *   opt_step()
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_zero_grads(opt_optimizer optimizer,
                                                const opt_lent* lent);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OPT_OPT_STEP_H_ */
