/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * @file opt_average.h
 * Weight averages: an exponential moving average (EMA) of the parameters, or
 * their plain mean (SWA), kept in the same pass over memory as the step, to be
 * read, swapped with the parameters and saved with the state. Include
 * <opt/opt.h>.
 *
 *     opt_average_config config = OPT_AVERAGE_CONFIG_INIT;
 *     config.decay = 0.9999;
 *     opt_average_start(optimizer, &config);
 *     ...                                    steps
 *     opt_average_swap(optimizer, NULL);     the parameters are the averages
 *     evaluate(w);
 *     opt_average_swap(optimizer, NULL);     and are what they were: train on
 *
 * An average has the parameter's dtype, is the library's memory, and counts as
 * state. Numbers below the smallest normal one become 0 in it, as in all state.
 */
#ifndef OPT_OPT_AVERAGE_H_
#define OPT_OPT_AVERAGE_H_

#include "opt/opt_base.h"
#include "opt/opt_tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Which average: one of OPT_AVERAGE_EMA and OPT_AVERAGE_SWA. At the first
 * update of a tensor it becomes the parameter; with n updates made before, n >=
 * 1, the next one makes it average + w * (parameter - average). */
typedef int32_t opt_average_kind;
enum {
  OPT_AVERAGE_EMA = 1, /**< w = 1 - decay */
  OPT_AVERAGE_SWA = 2  /**< w = 1 / (n + 1): the mean of the parameters at the
                          updates; Izmailov et al. 2018, arXiv:1803.05407 */
};

/** Flags of an average: a set of bits. */
typedef uint32_t opt_average_flags;
enum {
  /** EMA: the decay is min(decay, (1 + n) / (10 + n)), so that the average
   * leaves the first, untrained parameters behind sooner. */
  OPT_AVERAGE_WARMUP = 1
};

/** How to average, and when. Step k of the optimizer, which makes
 * opt_info.steps k, updates the average if k > start and k - start - 1 is a
 * multiple of period. */
typedef struct opt_average_config {
  uint32_t struct_size;    /**< sizeof(opt_average_config) */
  opt_average_kind kind;   /**< OPT_AVERAGE_EMA or OPT_AVERAGE_SWA */
  double decay;            /**< EMA: in [0, 1]; SWA: not used */
  int64_t start;           /**< steps before the first update; 0: none */
  int64_t period;          /**< steps from one update to the next; 0: 1 */
  opt_average_flags flags; /**< OPT_AVERAGE_WARMUP */
  int32_t reserved;        /**< 0 */
} opt_average_config;

/** Initializes an opt_average_config. */
#define OPT_AVERAGE_CONFIG_INIT \
  { sizeof(opt_average_config), OPT_AVERAGE_EMA, 0.999, 0, 0, 0, 0 }

/** An average, described. */
typedef struct opt_average_info {
  uint32_t struct_size;  /**< sizeof(opt_average_info) */
  opt_average_kind kind; /**< 0: no average is kept */
  double decay;
  int64_t start;
  int64_t period;
  opt_average_flags flags;
  int32_t swapped; /**< 1: parameters and averages are exchanged */
  int64_t updates; /**< steps that updated it; a tensor's own may be fewer */
} opt_average_info;

/** Initializes an opt_average_info. */
#define OPT_AVERAGE_INFO_INIT \
  { sizeof(opt_average_info), 0, 0, 0, 0, 0, 0, 0 }

/**
 * Keeps an average from now on: allocates one for each tensor, and for those
 * that are attached later.
 *
 * Where one is kept already, this is its new configuration; what has been
 * averaged stays if the kind is the same, else it begins anew. Every step that
 * updates the average does so for all tensors whose parameters it knows,
 * retained or lent, also for those that it passes over: frozen, or without a
 * gradient.
 *
 * @param optimizer  the optimizer
 * @param config  NULL: an EMA with decay 0.999
 * @return OPT_OK; OPT_ERR_ARGUMENT: no such kind, an unknown flag, warm-up of
 *   SWA, start or period negative; OPT_ERR_STRUCT; OPT_ERR_VALUE: decay;
 *   OPT_ERR_STATE: while swapped
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status
opt_average_start(opt_optimizer optimizer, const opt_average_config* config);

/**
 * Stops averaging and frees the averages.
 *
 * Without one it does nothing.
 *
 * @param optimizer  the optimizer
 * @return OPT_OK; OPT_ERR_STATE: while swapped
 * @since 0.1.0
 */
OPT_API opt_status opt_average_stop(opt_optimizer optimizer);

/**
 * Tells how the parameters are averaged, if they are.
 *
 * @param optimizer  the optimizer
 * @param[in,out] info  filled in up to its struct_size
 * @return OPT_OK; OPT_ERR_ARGUMENT: a pointer is NULL; OPT_ERR_STRUCT
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_average_get_info(opt_optimizer optimizer,
                                                      opt_average_info* info);

/**
 * Exchanges the parameters with their averages, byte for byte; the next call
 * puts them back.
 *
 * A tensor whose average has not been updated yet is left as it is. While they
 * are swapped, steps, accumulation, saves, loads, another opt_average_start()
 * and _stop(), and detaching an exchanged tensor are OPT_ERR_STATE; destroying
 * the optimizer leaves the averages in the parameters' buffers. To read an
 * average, view OPT_SLOT_PARAM_AVERAGE with opt_state_view().
 *
 * @param optimizer  the optimizer
 * @param lent  lent parameters, the same at both calls; NULL: the retained
 *   ones
 * @return OPT_OK; OPT_ERR_ARGUMENT: count does not match, misaligned pointer,
 *   unknown flag; OPT_ERR_STRUCT; OPT_ERR_STATE: no average is kept, or a
 *   tensor has one but no parameters here; OPT_ERR_OVERLAP
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_average_swap(opt_optimizer optimizer,
                                                  const opt_lent* lent);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OPT_OPT_AVERAGE_H_ */
