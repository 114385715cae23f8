/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * @file opt_schedule.h
 * Schedules: the value of an option as a function of the number of steps.
 * Include <opt/opt.h>.
 *
 * ## A warm-up of 500 steps, then a cosine
 *
 *     opt_schedule warmup = NULL, cosine = NULL;
 *     if (opt_schedule_create(NULL, OPT_SCHEDULE_LINEAR, &warmup) != OPT_OK ||
 *         opt_schedule_set(warmup, OPT_TOTAL_ITERS, 500) != OPT_OK ||
 *         opt_schedule_create(NULL, OPT_SCHEDULE_COSINE, &cosine) != OPT_OK ||
 *         opt_schedule_set(cosine, OPT_T_MAX, 9500) != OPT_OK ||
 *         opt_schedule_then(warmup, 500, cosine) != OPT_OK ||
 *         opt_set_schedule(optimizer, OPT_ALL_GROUPS, OPT_LR, warmup) !=
 *             OPT_OK) {
 *       return fail(opt_last_error());
 *     }
 *     opt_schedule_destroy(cosine);
 *     opt_schedule_destroy(warmup);
 *
 * ## Steps and values
 *
 * A schedule is a function of the step number alone, which is opt_info.steps: 0
 * for the first step. A step that is skipped or fails does not advance it, and
 * loading a checkpoint continues it. (A plateau also depends on the metrics
 * that opt_report_metric() has passed on.) The values have the same bits on
 * every machine. They are relative to the option's own value, the base, as the
 * formula of each kind says; where PyTorch has a scheduler of the kind, they
 * are its values.
 *
 * ## Ownership and threads
 *
 * An optimizer keeps a copy of each schedule that it is given. A schedule
 * serves one call at a time, as an optimizer does.
 */
#ifndef OPT_OPT_SCHEDULE_H_
#define OPT_OPT_SCHEDULE_H_

#include "opt/opt_base.h"
#include "opt/opt_describe.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A schedule. */
typedef struct opt_schedule_handle* opt_schedule;

/** Properties of a kind of schedule: a set of OPT_SCHEDULE_HAS_* bits. */
typedef uint32_t opt_schedule_flags;
enum {
  OPT_SCHEDULE_HAS_MILESTONES = 1, /**< takes opt_schedule_set_milestones */
  OPT_SCHEDULE_HAS_METRIC = 2      /**< depends on opt_report_metric */
};

/** A kind of schedule, described. In its formula, t is the tick: the number of
 * steps since the schedule began, divided by its option `interval` and rounded
 * down. */
typedef struct opt_schedule_kind_info {
  uint32_t struct_size;     /**< sizeof(opt_schedule_kind_info) */
  int32_t option_count;     /**< number of its options */
  opt_schedule_flags flags; /**< OPT_SCHEDULE_HAS_* */
  int32_t reserved;         /**< 0 */
  const char* name;         /**< "cosine" */
  const char* summary;      /**< one line */
  const char* formula;      /**< plain text */
  const char* reference;    /**< the publication */
  const char* pytorch;      /**< its class "CosineAnnealingLR", or NULL */
} opt_schedule_kind_info;

/** Initializes an opt_schedule_kind_info. */
#define OPT_SCHEDULE_KIND_INFO_INIT \
  { sizeof(opt_schedule_kind_info), 0, 0, 0, NULL, NULL, NULL, NULL, NULL }

/**
 * Creates a schedule of one part.
 *
 * @param context  where memory comes from; NULL: the default context
 * @param kind  name of a kind: OPT_SCHEDULE_COSINE
 * @param[out] schedule  receives the handle; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: a pointer is NULL; OPT_ERR_NAME: the
 *   message suggests the nearest; OPT_ERR_LIMIT: 65,535 handles are alive
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_schedule_create(opt_context context,
                                                     const char* kind,
                                                     opt_schedule* schedule);

/**
 * Destroys a schedule; NULL does nothing.
 *
 * Optimizers keep their copies.
 *
 * @param schedule  the schedule
 * @return OPT_OK
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_API opt_status opt_schedule_destroy(opt_schedule schedule);

/**
 * Sets an option of a schedule of one part.
 *
 * @param schedule  the schedule
 * @param option  name of an option of the kind: OPT_T_MAX, "gamma"
 * @param value  within the option's range (opt_schedule_option_at)
 * @return OPT_OK; OPT_ERR_ARGUMENT: a pointer is NULL; OPT_ERR_NAME;
 *   OPT_ERR_VALUE; OPT_ERR_STATE: the schedule has several parts
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_schedule_set(opt_schedule schedule,
                                                  const char* option,
                                                  double value);

/**
 * Reads an option of a schedule of one part. A required option that has not
 * been set reads as 0.
 *
 * @param schedule  the schedule
 * @param option  name of an option
 * @param[out] value  receives the value; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: a pointer is NULL; OPT_ERR_NAME;
 *   OPT_ERR_STATE: the schedule has several parts
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_schedule_get(opt_schedule schedule,
                                                  const char* option,
                                                  double* value);

/**
 * Sets the milestones of a schedule of one part and of a kind that has some.
 *
 * @param schedule  the schedule
 * @param milestones  `count` ticks, each 0 or more, in ascending order; a tick
 *                    that is given twice counts twice. They are copied. May be
 *                    NULL if count is 0
 * @param count  number of milestones, >= 0
 * @return OPT_OK; OPT_ERR_ARGUMENT: milestones is NULL or count is negative;
 *   OPT_ERR_VALUE: a milestone is negative or less than the one before;
 *   OPT_ERR_LIMIT: there are more than 4096; OPT_ERR_STATE: the schedule has
 *   several parts, or its kind has no milestones
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_schedule_set_milestones(
    opt_schedule schedule, const int64_t* milestones, int64_t count);

/**
 * Puts a schedule behind another: `steps` steps after the last part of
 * `schedule` began, a copy of `next` takes over from all of it, and counts
 * from 0 (PyTorch's SequentialLR).
 *
 * A warm-up in front of anything is a linear schedule, then the other.
 *
 * @param schedule  the schedule
 * @param steps  of the optimizer, 0 or more, whatever the `interval` is
 * @param next  the schedule behind it; copied
 * @return OPT_OK; OPT_ERR_ARGUMENT: steps < 0, or the sum is beyond int64_t;
 *   OPT_ERR_STATE: a required option is not set; OPT_ERR_LIMIT: more than 256
 *   parts, or 4096 milestones
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_schedule_then(opt_schedule schedule,
                                                   int64_t steps,
                                                   opt_schedule next);

/**
 * Puts a schedule on top of another: what `schedule` gives is the base of a
 * copy of `other`, both counted from the beginning (PyTorch's
 * ChainedScheduler, where it multiplies).
 *
 * So a warm-up can act on a schedule that counts on meanwhile, or a plateau on
 * any.
 *
 * @param schedule  the schedule
 * @param other  the schedule on top; copied
 * @return OPT_OK; OPT_ERR_STATE: a required option is not set; OPT_ERR_LIMIT:
 *   more than 256 parts, or 4096 milestones
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_schedule_chain(opt_schedule schedule,
                                                    opt_schedule other);

/** A part of a schedule, described. The parts act in their order: each whose
 * turn it is takes what those before it give, at first the option's own value,
 * as its base. */
typedef struct opt_schedule_part_info {
  uint32_t struct_size; /**< sizeof(opt_schedule_part_info) */
  int32_t option_count; /**< number of options of its kind */
  const char* kind;     /**< name of its kind */
  int64_t begin;        /**< the first step of its turn, from which it counts */
  int64_t end; /**< the step after its turn; INT64_MAX: its turn does not end */
  const double* options;     /**< `option_count` values, in the order of
                                  opt_schedule_option_at() */
  const int64_t* milestones; /**< `milestone_count` ticks */
  int64_t milestone_count;   /**< 0 for a kind without milestones */
} opt_schedule_part_info;

/** Initializes an opt_schedule_part_info. */
#define OPT_SCHEDULE_PART_INFO_INIT \
  { sizeof(opt_schedule_part_info), 0, NULL, 0, 0, NULL, NULL, 0 }

/**
 * Counts the parts of a schedule: one, and one for each part of every schedule
 * that was put behind it or on top of it.
 *
 * @param schedule  the schedule
 * @param[out] count  receives the number; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: count is NULL
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_schedule_part_count(opt_schedule schedule,
                                                         int32_t* count);

/**
 * Describes a part of a schedule.
 *
 * @param schedule  the schedule
 * @param index  0 to the number of parts, less 1
 * @param[in,out] info  filled in up to its struct_size; its pointers are good
 *                      until the schedule is changed or destroyed
 * @return OPT_OK; OPT_ERR_ARGUMENT: info is NULL; OPT_ERR_STRUCT;
 *   OPT_ERR_RANGE: there is no such part
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_schedule_part_at(
    opt_schedule schedule, int32_t index, opt_schedule_part_info* info);

/**
 * Tells the value at a step: for plots and tests.
 *
 * @param schedule  the schedule
 * @param base  the option's own value; any finite number
 * @param step  0 for the first step
 * @param[out] value  receives the value; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: NULL, step < 0, base is not finite;
 *   OPT_ERR_STATE: a required option is not set
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_schedule_value(opt_schedule schedule,
                                                    double base, int64_t step,
                                                    double* value);

/**
 * Schedules an option from the next step on.
 *
 * opt_set and opt_get are about the option's own value, the base, as before.
 * The schedules of an optimizer are saved and loaded with its state. Where the
 * schedule's value is outside the option's range, opt_step returns
 * OPT_ERR_VALUE and has changed nothing.
 *
 * @param optimizer  the optimizer
 * @param group  a group, or OPT_ALL_GROUPS: every group, and those to come
 * @param option  of the rule: OPT_LR, OPT_BETA1; none that is 0 or 1, a choice,
 *                or what state begins with
 * @param schedule  copied; NULL: none any more
 * @return OPT_OK; OPT_ERR_ARGUMENT: option is NULL, or cannot be scheduled;
 *   OPT_ERR_RANGE; OPT_ERR_NAME; OPT_ERR_STATE: a required option of the
 *   schedule is not set
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_set_schedule(opt_optimizer optimizer,
                                                  int32_t group,
                                                  const char* option,
                                                  opt_schedule schedule);

/**
 * Makes a copy of the schedule of an option, in the optimizer's context; also
 * of one that was loaded.
 *
 * @param optimizer  the optimizer
 * @param group  a group, or OPT_ALL_GROUPS for what new groups get
 * @param option  name of an option
 * @param[out] schedule  receives a handle to be destroyed, or NULL if there is
 *                       none; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: a pointer is NULL; OPT_ERR_RANGE;
 *   OPT_ERR_NAME; OPT_ERR_LIMIT: 65,535 handles are alive
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_copy_schedule(opt_optimizer optimizer,
                                                   int32_t group,
                                                   const char* option,
                                                   opt_schedule* schedule);

/**
 * Tells the value of an option that the next step uses: the schedule's, or the
 * option's own if it has none.
 *
 * @param optimizer  the optimizer
 * @param group  a group, or OPT_ALL_GROUPS for the optimizer-wide value
 * @param option  name of an option
 * @param[out] value  receives the value; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: a pointer is NULL; OPT_ERR_RANGE;
 *   OPT_ERR_NAME; OPT_ERR_VALUE: it is outside the option's range
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_get_scheduled(opt_optimizer optimizer,
                                                   int32_t group,
                                                   const char* option,
                                                   double* value);

/**
 * Feeds a metric, such as the validation loss of an epoch, to every plateau
 * schedule of a group, in the part that has its turn at the next step.
 *
 * @param optimizer  the optimizer
 * @param group  a group, or OPT_ALL_GROUPS: of all
 * @param metric  NaN is no better than anything
 * @return OPT_OK, also if there is no such schedule; OPT_ERR_RANGE
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_report_metric(opt_optimizer optimizer,
                                                   int32_t group,
                                                   double metric);

/** Introspection, as in opt_describe.h: constant, from any thread. */

/**
 * Counts the kinds of schedules.
 *
 * Returns as opt_rule_count.
 *
 * @param[out] count  receives the number
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_schedule_kind_count(int32_t* count);

/**
 * Describes the kind at an index.
 *
 * Returns as opt_rule_at.
 *
 * @param index  0 to the number of entries, less 1
 * @param[in,out] info  filled in up to its struct_size
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status
opt_schedule_kind_at(int32_t index, opt_schedule_kind_info* info);

/**
 * Describes the kind of a name.
 *
 * Returns as opt_rule_find.
 *
 * @param kind  name of a kind of schedule
 * @param[in,out] info  filled in up to its struct_size
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status
opt_schedule_kind_find(const char* kind, opt_schedule_kind_info* info);

/**
 * Describes option `index` of a kind, in [0, option_count).
 *
 * Returns as opt_option_at.
 *
 * @param kind  name of a kind of schedule
 * @param index  0 to the number of entries, less 1
 * @param[in,out] info  filled in up to its struct_size
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_schedule_option_at(const char* kind,
                                                        int32_t index,
                                                        opt_option_info* info);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OPT_OPT_SCHEDULE_H_ */
