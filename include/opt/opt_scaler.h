/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * @file opt_scaler.h
 * Dynamic loss scaling for gradients computed in half precision, like
 * torch.cuda.amp.GradScaler. The loss is multiplied by a scale so that small
 * gradients do not become zero, and the scale adapts to what the gradients can
 * take. Include <opt/opt.h>.
 *
 * ## A loop with a scaler
 *
 *     if (opt_scaler_start(optimizer, NULL) != OPT_OK) return fail(...);
 *     for (int64_t i = 0; i < steps; ++i) {
 *       opt_scaler_info scaler = OPT_SCALER_INFO_INIT;
 *       if (opt_scaler_get_info(optimizer, &scaler) != OPT_OK) {
 *         return fail(opt_last_error());
 *       }
 *       gradients_of_loss_times(scaler.scale, w, dw);
 *       if (opt_step(optimizer, NULL) != OPT_OK) return fail(...);
 *     }
 *
 * ## How the scale moves
 *
 * Each step divides the gradients by the scale. If there are Inf or NaN among
 * them, the step is skipped as with OPT_NONFINITE_SKIP, and
 *
 *     scale = scale * backoff_factor;  good_steps = 0;
 *
 * Otherwise good_steps grows by 1, and when it reaches growth_interval,
 *
 *     scale = scale * growth_factor;  good_steps = 0;
 *
 * The scale is rounded to an f32. Where the result would be Inf or subnormal,
 * the scale stays as it is.
 *
 * ## Together with other calls
 *
 * While a scaler is active, opt_step() returns OPT_ERR_ARGUMENT if its work
 * sets loss_scale or OPT_NONFINITE_ERROR, and opt_clip_grads() returns
 * OPT_ERR_STATE: clip in the step. Only steps move the scale, so that all calls
 * of opt_accumulate() for one step see the same; do not start or stop a scaler
 * between them. A scaler is saved with the state, and loading a checkpoint that
 * has one starts it again.
 */
#ifndef OPT_OPT_SCALER_H_
#define OPT_OPT_SCALER_H_

#include "opt/opt_base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How a loss scaler is set up. A field that is 0 is the default. */
typedef struct opt_scaler_config {
  uint32_t struct_size;    /**< sizeof(opt_scaler_config) */
  uint32_t flags;          /**< 0 */
  double initial_scale;    /**< a normal f32 > 0; 0: 65536 */
  double growth_factor;    /**< > 1 and finite; 0: 2 */
  double backoff_factor;   /**< > 0 and < 1; 0: 0.5 */
  int64_t growth_interval; /**< steps, >= 1; 0: 2000 */
} opt_scaler_config;

/** Initializes an opt_scaler_config: the defaults. */
#define OPT_SCALER_CONFIG_INIT \
  { sizeof(opt_scaler_config), 0, 0, 0, 0, 0 }

/**
 * Starts a loss scaler. If one is active already, a new one replaces it.
 *
 * @param optimizer  the optimizer
 * @param config     how to set it up; NULL: the defaults
 * @return OPT_OK; OPT_ERR_ARGUMENT: a field is out of its range; OPT_ERR_STRUCT
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status
opt_scaler_start(opt_optimizer optimizer, const opt_scaler_config* config);

/**
 * Sets the scale of the active loss scaler, as when a run is continued from
 * another library; good_steps begins again at 0.
 *
 * @param optimizer  the optimizer
 * @param scale      a normal f32 > 0
 * @return OPT_OK; OPT_ERR_STATE: no scaler is active, or accumulated gradients
 *   of the present scale wait; OPT_ERR_ARGUMENT: scale is out of its range
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_scaler_set_scale(opt_optimizer optimizer,
                                                      double scale);

/**
 * Ends loss scaling. If no scaler is active, the call does nothing.
 *
 * @param optimizer  the optimizer
 * @return OPT_OK
 * @since 0.1.0
 */
OPT_API opt_status opt_scaler_stop(opt_optimizer optimizer);

/** A loss scaler, described. */
typedef struct opt_scaler_info {
  uint32_t struct_size;    /**< sizeof(opt_scaler_info) */
  int32_t active;          /**< 0: there is no scaler, and all else is 0 */
  double scale;            /**< the factor to multiply the next loss by */
  double growth_factor;    /**< as it was set up */
  double backoff_factor;   /**< as it was set up */
  int64_t growth_interval; /**< steps, as it was set up */
  int64_t good_steps;      /**< in a row, since the scale last changed */
  int64_t skipped;         /**< steps that this scaler skipped */
} opt_scaler_info;

/** Initializes an opt_scaler_info. */
#define OPT_SCALER_INFO_INIT \
  { sizeof(opt_scaler_info), 0, 0, 0, 0, 0, 0, 0 }

/**
 * Describes the loss scaler. It is not an error if there is none.
 *
 * @param optimizer  the optimizer
 * @param[in,out] info  filled in up to its struct_size; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: info is NULL; OPT_ERR_STRUCT
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_scaler_get_info(opt_optimizer optimizer,
                                                     opt_scaler_info* info);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OPT_OPT_SCALER_H_ */
