/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * @file opt_scaler.h
 * Dynamic loss scaling, for gradients computed in half precision: the loss is
 * multiplied by a scale so that small gradients do not become zero, and the
 * scale follows what the gradients bear. As torch.cuda.amp.GradScaler. Include
 * <opt/opt.h>.
 *
 *     opt_scaler_start(optimizer, NULL);
 *     for (;;) {
 *       opt_scaler_info scaler = OPT_SCALER_INFO_INIT;
 *       opt_scaler_get_info(optimizer, &scaler);
 *       gradients_of(scaler.scale * loss);
 *       opt_step(optimizer, NULL);
 *     }
 *
 * Each step divides by the scale. If there is Inf or NaN among the gradients,
 * it is skipped as OPT_NONFINITE_SKIP tells, and
 *     scale = scale * backoff_factor, good_steps = 0;
 * else good_steps grows by 1, and when it reaches growth_interval
 *     scale = scale * growth_factor, good_steps = 0.
 * The scale is rounded to an f32, and never becomes Inf or subnormal: it then
 * stays as it is.
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
  double growth_factor;    /**< in (1, inf); 0: 2 */
  double backoff_factor;   /**< in (0, 1); 0: 0.5 */
  int64_t growth_interval; /**< steps, >= 1; 0: 2000 */
} opt_scaler_config;

/** Initializes an opt_scaler_config. */
#define OPT_SCALER_CONFIG_INIT \
  { sizeof(opt_scaler_config), 0, 0, 0, 0, 0 }

/** A loss scaler, described. */
typedef struct opt_scaler_info {
  uint32_t struct_size; /**< sizeof(opt_scaler_info) */
  int32_t active;       /**< 0: there is no scaler, and all else is 0 */
  double scale;         /**< what to multiply the next loss by */
  double growth_factor;
  double backoff_factor;
  int64_t growth_interval;
  int64_t good_steps; /**< in a row, since the scale last changed */
  int64_t skipped;    /**< steps skipped because of Inf or NaN */
} opt_scaler_info;

/** Initializes an opt_scaler_info. */
#define OPT_SCALER_INFO_INIT \
  { sizeof(opt_scaler_info), 0, 0, 0, 0, 0, 0, 0 }

/**
 * Starts a loss scaler, or starts it anew.
 *
 * It is saved with the state, and a checkpoint that has one brings it back.
 * From now on opt_step returns OPT_ERR_ARGUMENT if its work has a loss_scale
 * of its own, or OPT_NONFINITE_ERROR. Change no scale between two
 * opt_accumulate calls of one step: only steps do.
 *
 * @param optimizer  the optimizer
 * @param config  NULL: the defaults
 * @return OPT_OK; OPT_ERR_ARGUMENT: a field out of its range; OPT_ERR_STRUCT
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status
opt_scaler_start(opt_optimizer optimizer, const opt_scaler_config* config);

/**
 * Sets the scale of the active loss scaler, as when a run is continued from
 * another library; the count of good steps begins anew.
 *
 * @param optimizer  the optimizer
 * @param scale      a normal f32 > 0
 * @return OPT_OK; OPT_ERR_ARGUMENT: scale is out of its range; OPT_ERR_STATE:
 *   no scaler is active, or accumulated gradients of the present scale wait
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_scaler_set_scale(opt_optimizer optimizer,
                                                      double scale);

/**
 * Ends loss scaling; without a scaler it does nothing.
 *
 * @param optimizer  the optimizer
 * @return OPT_OK
 * @since 0.1.0
 */
OPT_API opt_status opt_scaler_stop(opt_optimizer optimizer);

/**
 * Describes the loss scaler.
 *
 * @param optimizer  the optimizer
 * @param[in,out] info  filled in up to its struct_size
 * @return OPT_OK; OPT_ERR_ARGUMENT: a pointer is NULL; OPT_ERR_STRUCT
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_scaler_get_info(opt_optimizer optimizer,
                                                     opt_scaler_info* info);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OPT_OPT_SCALER_H_ */
