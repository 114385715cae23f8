/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * @file opt_optimizer.h
 * Optimizers: creating, copying and describing them, and the options of their
 * parameter groups. Include <opt/opt.h>.
 *
 * An optimizer applies one rule. Its tensors belong to parameter groups, which
 * have their own option values; a new optimizer has one group, number 0.
 *
 * ## Options
 *
 *     opt_option_value decay[] = {{OPT_WEIGHT_DECAY, 0}};
 *     int32_t biases = 0;
 *     if (opt_set(optimizer, OPT_ALL_GROUPS, OPT_LR, 3e-4) != OPT_OK ||
 *         opt_add_group(optimizer, NULL, decay, 1, &biases) != OPT_OK) {
 *       return fail(opt_last_error());
 *     }
 */
#ifndef OPT_OPT_OPTIMIZER_H_
#define OPT_OPT_OPTIMIZER_H_

#include "opt/opt_base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Passed as the group: the optimizer-wide option values and those of every
 * group. */
#define OPT_ALL_GROUPS (-1)

/**
 * Creates an optimizer with one parameter group, number 0, and no tensors.
 *
 * @param context  where memory and threads come from; NULL: the default context
 * @param rule     name or alias of an update rule: OPT_RULE_ADAMW, "momentum"
 * @param[out] optimizer  receives the handle; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: rule or optimizer is NULL; OPT_ERR_NAME:
 *   there is no such rule, or the environment variable LIBOPT_TARGET names no
 *   target of this CPU; OPT_ERR_LIMIT: 65,535 handles are alive
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_create(opt_context context,
                                            const char* rule,
                                            opt_optimizer* optimizer);

/**
 * Creates a copy of an optimizer that continues exactly as it would: its rule,
 * groups, options, schedules, loss scaler, average, tensors with their state,
 * attributes and step counts, and what was accumulated for the next step.
 *
 * The copy's tensors have the same indices, names and shapes, and no retained
 * buffers, as if all were lent: give them buffers with opt_bind(), or lend them
 * in each call. A step before that returns OPT_ERR_STATE.
 *
 * @param optimizer  the optimizer to copy; it is not changed
 * @param context    where the copy's memory and threads come from; NULL: the
 *                   default context
 * @param[out] clone  receives the handle; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: clone is NULL; OPT_ERR_STATE: the
 *   evaluation weights are in the parameters' buffers; OPT_ERR_NAME: as
 *   opt_create(); OPT_ERR_LIMIT: 65,535 handles are alive
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_clone(opt_optimizer optimizer,
                                           opt_context context,
                                           opt_optimizer* clone);

/**
 * Destroys an optimizer and its state; NULL does nothing. The caller's buffers
 * are not touched. The call waits for another thread's call with the optimizer.
 *
 * @param optimizer  the optimizer, or NULL
 * @return OPT_OK; OPT_ERR_BUSY: called from a callback of a call with it
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_API opt_status opt_destroy(opt_optimizer optimizer);

/** The value of an option. This struct has no struct_size and never grows. */
typedef struct opt_option_value {
  const char* option; /**< name of an option of the rule: OPT_LR */
  double value;       /**< within the option's range (opt_option_at()) */
} opt_option_value;

/**
 * Adds a parameter group. It begins with the optimizer-wide option values, or
 * with those of a preset, and then takes the given values. Either the group is
 * added with all of them, or nothing has changed.
 *
 * A group stays as long as the optimizer, so that a number always means the
 * same one; once its tensors are detached or moved, it has no effect.
 *
 * @param optimizer  the optimizer
 * @param preset     a preset of the rule: OPT_PRESET_PYTORCH; NULL: none
 * @param values     `count` options with their values; may be NULL if count
 *                   is 0
 * @param count      number of values, >= 0
 * @param[out] group  receives the number of the group: 1, 2, ...; unchanged on
 *                    failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: group, values or the name of an option is
 *   NULL, or count is negative; OPT_ERR_NAME: there is no such preset or
 *   option, and the message suggests the nearest; OPT_ERR_VALUE
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_add_group(opt_optimizer optimizer,
                                               const char* preset,
                                               const opt_option_value* values,
                                               int64_t count, int32_t* group);

/**
 * Sets an option, which acts from the next step on.
 *
 * @param optimizer  the optimizer
 * @param group      a group, or OPT_ALL_GROUPS for the optimizer-wide value,
 *                   with which new groups begin, and that of every group
 * @param option     name of an option of the rule: OPT_LR, "weight_decay"
 * @param value      within the option's range (opt_option_at())
 * @return OPT_OK; OPT_ERR_ARGUMENT: option is NULL; OPT_ERR_RANGE: there is no
 *   such group; OPT_ERR_NAME: there is no such option, and the message suggests
 *   the nearest; OPT_ERR_VALUE; OPT_ERR_STATE: it would add state to attached
 *   tensors, or drop some
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_set(opt_optimizer optimizer, int32_t group,
                                         const char* option, double value);

/**
 * Sets several options: those of a preset first, then the given values. Either
 * all are set or none.
 *
 * @param optimizer  the optimizer
 * @param group      as in opt_set()
 * @param preset     a preset of the rule: OPT_PRESET_PYTORCH; NULL: none
 * @param values     `count` options with their values; may be NULL if count
 *                   is 0
 * @param count      number of values, >= 0
 * @return as opt_set(); OPT_ERR_ARGUMENT: values or the name of an option is
 *   NULL, or count is negative; OPT_ERR_NAME: also if there is no such preset
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_set_options(opt_optimizer optimizer,
                                                 int32_t group,
                                                 const char* preset,
                                                 const opt_option_value* values,
                                                 int64_t count);

/**
 * Sets every option to the values of a preset. If the optimizer was created by
 * an alias, options that the preset does not mention take the alias' default.
 *
 * @param optimizer  the optimizer
 * @param group      as in opt_set()
 * @param preset     OPT_PRESET_TEXTBOOK, which a new optimizer has, or another
 *                   preset of the rule: OPT_PRESET_PYTORCH
 * @return as opt_set()
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_set_preset(opt_optimizer optimizer,
                                                int32_t group,
                                                const char* preset);

/**
 * Reads an option. A schedule does not change what it reads
 * (opt_get_scheduled()).
 *
 * @param optimizer  the optimizer
 * @param group      a group, or OPT_ALL_GROUPS for the optimizer-wide value
 * @param option     name of an option of the rule
 * @param[out] value  receives the value; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: option or value is NULL; OPT_ERR_RANGE:
 *   there is no such group; OPT_ERR_NAME: there is no such option
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_get(opt_optimizer optimizer, int32_t group,
                                         const char* option, double* value);

/** An optimizer, described. */
typedef struct opt_info {
  uint32_t struct_size;    /**< sizeof(opt_info) */
  int32_t group_count;     /**< at least 1 */
  int64_t index_count;     /**< tensor indices are 0 to index_count - 1 */
  int64_t tensor_count;    /**< attached tensors: fewer after a detach */
  int64_t param_count;     /**< elements of all attached tensors */
  int64_t state_bytes;     /**< bytes of state, accumulators included */
  int64_t steps;           /**< steps that have been taken */
  int64_t pending_samples; /**< samples accumulated since the last step */
  const char* rule;  /**< name of its rule; lives as long as the library */
  int64_t skipped;   /**< steps skipped because of Inf or NaN */
  int64_t remaining; /**< tensors that have not had their turn in the open step
                          in slices; 0: no step is open */
} opt_info;

/** Initializes an opt_info. */
#define OPT_INFO_INIT \
  { sizeof(opt_info), 0, 0, 0, 0, 0, 0, 0, NULL, 0, 0 }

/**
 * Describes an optimizer, in a time that does not depend on the number of its
 * tensors.
 *
 * @param optimizer  the optimizer
 * @param[in,out] info  filled in up to its struct_size
 * @return OPT_OK; OPT_ERR_ARGUMENT: info is NULL; OPT_ERR_STRUCT
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_get_info(opt_optimizer optimizer,
                                              opt_info* info);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OPT_OPT_OPTIMIZER_H_ */
