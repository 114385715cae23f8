/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * @file opt_average.h
 * Averages of the parameters: an exponential moving average (EMA) or the plain
 * mean (stochastic weight averaging, SWA), updated in the same pass over memory
 * as the step. Include <opt/opt.h>.
 *
 * ## Evaluating with the averages
 *
 *     opt_average_config config = OPT_AVERAGE_CONFIG_INIT;
 *     config.decay = 0.9999;
 *     if (opt_average_start(optimizer, &config) != OPT_OK) return fail(...);
 *     train(optimizer, w, dw);
 *     if (opt_swap_eval_weights(optimizer, NULL) != OPT_OK) return fail(...);
 *     evaluate(w);
 *     if (opt_swap_eval_weights(optimizer, NULL) != OPT_OK) return fail(...);
 *     train(optimizer, w, dw);
 *
 * The first swap puts the averages into the parameters' buffers, the second
 * puts the parameters back. To read an average in its place, use
 * opt_state_view() with OPT_SLOT_PARAM_AVERAGE.
 *
 * ## The update
 *
 * Step k of the optimizer (the one that makes opt_info.steps k) updates the
 * average if k > start and k - start - 1 is a multiple of period. It does so
 * for every tensor whose parameters are retained or lent in that step, even if
 * the tensor is frozen or has no gradient. The first update of a tensor copies
 * its parameters. After n updates, n >= 1, the next one is
 *
 *     average = average + w * (parameter - average)
 *     w = 1 - decay        for OPT_AVERAGE_EMA
 *     w = 1 / (n + 1)      for OPT_AVERAGE_SWA
 *
 * ## Memory
 *
 * An average has the type of the parameters, belongs to the library, counts as
 * state, and is saved and loaded with it. As in all state, numbers below the
 * smallest normal one become 0.
 */
#ifndef OPT_OPT_AVERAGE_H_
#define OPT_OPT_AVERAGE_H_

#include "opt/opt_base.h"
#include "opt/opt_tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Which average: one of OPT_AVERAGE_EMA and OPT_AVERAGE_SWA. */
typedef int32_t opt_average_kind;
enum {
  /** An exponential moving average. */
  OPT_AVERAGE_EMA = 1,
  /** The mean of the parameters at the updates; Izmailov et al. 2018,
   * arXiv:1803.05407. */
  OPT_AVERAGE_SWA = 2
};

/** Flags of opt_average_config: 0 or OPT_AVERAGE_WARMUP. */
typedef uint32_t opt_average_flags;
enum {
  /** For OPT_AVERAGE_EMA: the decay is min(decay, (1 + n) / (10 + n)), so that
   * the average forgets the first, untrained parameters sooner. */
  OPT_AVERAGE_WARMUP = 1
};

/** How to average, and when. */
typedef struct opt_average_config {
  uint32_t struct_size;    /**< sizeof(opt_average_config) */
  opt_average_kind kind;   /**< OPT_AVERAGE_EMA or OPT_AVERAGE_SWA */
  double decay;            /**< in [0, 1]; of no effect with OPT_AVERAGE_SWA */
  int64_t start;           /**< the steps up to this one do not update it; 0 to
                                INT64_MAX / 2 */
  int64_t period;          /**< steps from one update to the next, 1 to
                                INT64_MAX / 2; 0: 1 */
  opt_average_flags flags; /**< 0 or OPT_AVERAGE_WARMUP */
  int32_t reserved;        /**< 0 */
} opt_average_config;

/** Initializes an opt_average_config: an EMA with decay 0.999, updated by every
 * step. */
#define OPT_AVERAGE_CONFIG_INIT \
  { sizeof(opt_average_config), OPT_AVERAGE_EMA, 0.999, 0, 0, 0, 0 }

/**
 * Keeps an average from now on. The call allocates one for each tensor, and
 * opt_attach() does so for those that are attached later.
 *
 * If an average is kept already, it takes over the new configuration. It
 * continues from its current values if the kind is the same; otherwise it
 * starts over.
 *
 * @param optimizer  the optimizer
 * @param config     how and when to average; NULL: an EMA with decay 0.999,
 *                   updated by every step
 * @return OPT_OK; OPT_ERR_STATE: the evaluation weights are in the parameters'
 *   buffers; OPT_ERR_ARGUMENT: there is no such kind or flag,
 *   OPT_AVERAGE_WARMUP is set for OPT_AVERAGE_SWA, or start or period is
 *   outside its range; OPT_ERR_VALUE: decay is outside [0, 1]; OPT_ERR_STRUCT
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status
opt_average_start(opt_optimizer optimizer, const opt_average_config* config);

/**
 * Stops averaging and frees the averages. If none is kept, the call does
 * nothing.
 *
 * @param optimizer  the optimizer
 * @return OPT_OK; OPT_ERR_STATE: the evaluation weights are in the parameters'
 *   buffers
 * @since 0.1.0
 */
OPT_API opt_status opt_average_stop(opt_optimizer optimizer);

/** An average, described. */
typedef struct opt_average_info {
  uint32_t struct_size;    /**< sizeof(opt_average_info) */
  opt_average_kind kind;   /**< 0: no average is kept, and every field except
                                `swapped` is 0 */
  double decay;            /**< as in opt_average_config */
  int64_t start;           /**< as in opt_average_config */
  int64_t period;          /**< steps from one update to the next, >= 1 */
  opt_average_flags flags; /**< as in opt_average_config */
  /** 1: the evaluation weights are in the parameters' buffers; else 0. */
  int32_t swapped;
  int64_t updates; /**< steps that updated it; a tensor may have had fewer */
} opt_average_info;

/** Initializes an opt_average_info. */
#define OPT_AVERAGE_INFO_INIT \
  { sizeof(opt_average_info), 0, 0, 0, 0, 0, 0, 0 }

/**
 * Describes the average that is kept. It is not an error if there is none.
 *
 * @param optimizer  the optimizer
 * @param[in,out] info  filled in up to its struct_size; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: info is NULL; OPT_ERR_STRUCT
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_average_get_info(opt_optimizer optimizer,
                                                      opt_average_info* info);

/**
 * Puts the evaluation weights into the parameters' buffers; the next call puts
 * the parameters back, with exactly the bytes that they had.
 *
 * The evaluation weights are the averages, if an average is kept. Otherwise
 * they are the rule's own, such as ax of "asgd" and x of "schedule_free_adamw",
 * or else the slow weights of lookahead. A tensor whose average has not been
 * updated yet, or that has taken no step yet, keeps its parameters.
 *
 * Between these two calls opt_step(), opt_accumulate(), loads, opt_clone(),
 * opt_average_start(), opt_average_stop(), and opt_detach() of a tensor whose
 * weights are exchanged return OPT_ERR_STATE. opt_destroy() leaves the weights
 * in the parameters' buffers. Unless an average is kept, the library keeps a
 * copy of the parameters between the calls.
 *
 * A checkpoint that is saved between them says so, and holds the parameters as
 * state; with OPT_SAVE_PARAMS it holds what is in their buffers as well. An
 * optimizer that loads it is then between the two calls too: its parameter
 * buffers must hold the evaluation weights, as OPT_LOAD_PARAMS ensures. Such a
 * checkpoint cannot be loaded in part, neither with names nor with
 * OPT_LOAD_ALLOW_MISSING, nor with OPT_LOAD_KEEP_OPTIONS into an optimizer that
 * keeps no average of the same kind.
 *
 * @param optimizer  the optimizer
 * @param lent       lent parameters, the same in both calls; NULL: the retained
 *                   ones
 * @return OPT_OK; OPT_ERR_STATE: no average is kept, and neither the rule nor
 *   lookahead has such weights, or a tensor that has some has no parameters
 *   here; OPT_ERR_ARGUMENT: opt_lent.count is not opt_info.index_count, or a
 *   pointer is misaligned; OPT_ERR_STRUCT; OPT_ERR_OVERLAP: two lent buffers
 *   share memory; OPT_ERR_MEMORY
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_swap_eval_weights(opt_optimizer optimizer,
                                                       const opt_lent* lent);

/**
 * Copies the evaluation weights of one tensor, those of
 * opt_swap_eval_weights(), into a buffer, and changes nothing else.
 *
 * @param optimizer  the optimizer
 * @param lent       lent parameters, which all weights but averages need; NULL:
 *                   the retained ones
 * @param index      as opt_attach() gave it
 * @param[out] weights  receives as many elements as the tensor has, in the type
 *                   of its parameters; unchanged on failure
 * @return OPT_OK; OPT_ERR_STATE: no average is kept, and neither the rule nor
 *   lookahead has such weights, the weights are in the parameters' buffers now,
 *   or the parameters are neither retained nor lent; OPT_ERR_RANGE;
 *   OPT_ERR_ARGUMENT: weights is NULL or misaligned, or opt_lent.count is not
 *   opt_info.index_count; OPT_ERR_STRUCT
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_read_eval_weights(opt_optimizer optimizer,
                                                       const opt_lent* lent,
                                                       int64_t index,
                                                       void* weights);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OPT_OPT_AVERAGE_H_ */
