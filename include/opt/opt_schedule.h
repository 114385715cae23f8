/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * @file opt_schedule.h
 * Schedules: the value of an option as a function of the number of steps.
 * Include <opt/opt.h>.
 *
 * ## A warm-up of 500 steps, then a cosine
 *
 *     opt_schedule warmup = NULL;
 *     opt_schedule cosine = NULL;
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
 * formula of each kind says (opt_schedule_kind_info.formula); where PyTorch has
 * a scheduler of the kind, they are its values.
 *
 * ## Parts
 *
 * A new schedule has one part. opt_schedule_then() appends parts to it, which
 * take their turn later, and opt_schedule_chain() stacks parts on it, which act
 * at the same time. A schedule has at most 256 parts, and 4096 milestones in
 * all of them. Set the options of a schedule before you put it together with
 * another.
 *
 * ## Ownership
 *
 * An optimizer keeps a copy of each schedule that it is given, so that later
 * changes of the schedule do not reach it, and the schedule may be destroyed at
 * once. The optimizer's schedules are saved and loaded with its state.
 */
#ifndef OPT_OPT_SCHEDULE_H_
#define OPT_OPT_SCHEDULE_H_

#include "opt/opt_base.h"
#include "opt/opt_describe.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Handle of a schedule. It serves one call at a time. */
typedef struct opt_schedule_handle* opt_schedule;

/**
 * Creates a schedule of one part.
 *
 * @param context  where memory comes from; NULL: the default context
 * @param kind     name of a kind: OPT_SCHEDULE_COSINE
 * @param[out] schedule  receives the handle; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: kind or schedule is NULL; OPT_ERR_NAME:
 *   there is no such kind, and the message suggests the nearest, or the
 *   environment variable LIBOPT_TARGET names no target of this CPU;
 *   OPT_ERR_LIMIT: 65,535 handles are alive
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_schedule_create(opt_context context,
                                                     const char* kind,
                                                     opt_schedule* schedule);

/**
 * Destroys a schedule; NULL does nothing. The copies that optimizers and other
 * schedules have made of it stay. The call waits for another thread's call with
 * the schedule.
 *
 * @param schedule  the schedule, or NULL
 * @return OPT_OK; OPT_ERR_BUSY: called from a callback of a call with it
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_API opt_status opt_schedule_destroy(opt_schedule schedule);

/**
 * Sets an option of a schedule of one part.
 *
 * @param schedule  the schedule
 * @param option    name of an option of its kind: OPT_T_MAX, "gamma"
 * @param value     within the option's range (opt_schedule_option_at()); counts
 *                  are ticks, one tick being as many steps as OPT_INTERVAL says
 * @return OPT_OK; OPT_ERR_ARGUMENT: option is NULL; OPT_ERR_STATE: the schedule
 *   has several parts; OPT_ERR_NAME: its kind has no such option, and the
 *   message suggests the nearest; OPT_ERR_VALUE: value is outside the range
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_schedule_set(opt_schedule schedule,
                                                  const char* option,
                                                  double value);

/**
 * Reads an option of a schedule of one part. An option without a default that
 * has not been set reads as 0.
 *
 * @param schedule  the schedule
 * @param option    as in opt_schedule_set()
 * @param[out] value  receives the value; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: option or value is NULL; OPT_ERR_STATE: the
 *   schedule has several parts (opt_schedule_part_at() describes each);
 *   OPT_ERR_NAME: its kind has no such option
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_schedule_get(opt_schedule schedule,
                                                  const char* option,
                                                  double* value);

/**
 * Sets the milestones of a schedule of one part whose kind has them
 * (OPT_SCHEDULE_HAS_MILESTONES). They replace those that were set before.
 *
 * @param schedule    the schedule
 * @param milestones  `count` ticks, each 0 or more, in ascending order; one
 *                    that is given twice counts twice. They are copied. May be
 *                    NULL if count is 0
 * @param count       number of milestones, 0 to 4096
 * @return OPT_OK; OPT_ERR_ARGUMENT: milestones is NULL or count is negative;
 *   OPT_ERR_STATE: the schedule has several parts, or its kind has no
 *   milestones; OPT_ERR_LIMIT: count is more than 4096; OPT_ERR_VALUE: a
 *   milestone is negative or less than the one before it
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_schedule_set_milestones(
    opt_schedule schedule, const int64_t* milestones, int64_t count);

/**
 * Appends a schedule to another, as PyTorch's SequentialLR does: `steps` steps
 * after the last part of `schedule` began, all of its parts end, and a copy of
 * `next` takes over and counts from 0.
 *
 * @param schedule  the schedule; on success it has the parts of both
 * @param steps     number of steps of the optimizer, not ticks: 0 or more. The
 *                  step with which the last part began plus this is at most
 *                  INT64_MAX - 1
 * @param next      the schedule to append; copied. It may be `schedule` itself
 * @return OPT_OK; OPT_ERR_ARGUMENT: steps is outside that range; OPT_ERR_STATE:
 *   an option without a default has not been set in one of the two;
 *   OPT_ERR_LIMIT: together they have more than 256 parts or 4096 milestones
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_schedule_then(opt_schedule schedule,
                                                   int64_t steps,
                                                   opt_schedule next);

/**
 * Stacks a schedule on another: the value of `schedule` becomes the base of a
 * copy of `other`, and both count from the beginning. Where both multiply their
 * base, that is PyTorch's ChainedScheduler.
 *
 * A warm-up can thus act on a schedule that keeps counting in the meantime, and
 * a plateau on any schedule.
 *
 * @param schedule  the schedule; on success it has the parts of both
 * @param other     the schedule to stack on it; copied. It may be `schedule`
 *                  itself
 * @return OPT_OK; OPT_ERR_STATE: an option without a default has not been set
 *   in one of the two; OPT_ERR_LIMIT: together they have more than 256 parts or
 *   4096 milestones
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_schedule_chain(opt_schedule schedule,
                                                    opt_schedule other);

/** A part of a schedule, described. The parts act in their order: each part
 * whose turn it is takes the value of those before it as its base, and the
 * first takes the option's own value. */
typedef struct opt_schedule_part_info {
  uint32_t struct_size; /**< sizeof(opt_schedule_part_info) */
  int32_t option_count; /**< number of options of its kind */
  const char* kind;     /**< name of its kind; lives as long as the library is
                             loaded */
  int64_t begin;        /**< the first step of its turn, from which it counts */
  int64_t end; /**< the step after its turn; INT64_MAX: its turn does not
                    end */
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
 * that was appended to it or stacked on it.
 *
 * @param schedule  the schedule
 * @param[out] count  receives the number of parts; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: count is NULL
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_schedule_part_count(opt_schedule schedule,
                                                         int32_t* count);

/**
 * Describes a part of a schedule.
 *
 * @param schedule  the schedule
 * @param index     0 to the number of parts - 1 (opt_schedule_part_count())
 * @param[in,out] info  filled in up to its struct_size; unchanged on failure.
 *                      Its pointers are valid until the schedule is changed or
 *                      destroyed
 * @return OPT_OK; OPT_ERR_RANGE: there is no such part; OPT_ERR_ARGUMENT: info
 *   is NULL; OPT_ERR_STRUCT
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_schedule_part_at(
    opt_schedule schedule, int32_t index, opt_schedule_part_info* info);

/**
 * Returns the value of a schedule at a step, for plots and tests.
 *
 * @param schedule  the schedule; unless it comes from opt_copy_schedule(), no
 *                  metric has been reported to its plateaus
 * @param base      the option's own value; any finite number
 * @param step      number of the step, 0 for the first
 * @param[out] value  receives the value; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: value is NULL, base is not finite, or step
 *   is negative; OPT_ERR_STATE: an option without a default has not been set
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_schedule_value(opt_schedule schedule,
                                                    double base, int64_t step,
                                                    double* value);

/**
 * Gives an option a schedule, which acts from the next step on, or takes its
 * schedule away.
 *
 * opt_set() and opt_get() keep working on the option's own value, the base. A
 * step for which the schedule leaves the option's range returns OPT_ERR_VALUE;
 * one for which it asks for state that the tensors lack, because the option's
 * own value was 0 when they were attached (OPT_OPTION_LAYOUT), returns
 * OPT_ERR_STATE.
 *
 * @param optimizer  the optimizer
 * @param group      a group, or OPT_ALL_GROUPS for every group and those that
 *                   are added later
 * @param option     name of an option of the rule: OPT_LR, OPT_BETA1. An option
 *                   that is a switch or a choice, or that gives state its
 *                   initial value (other than lr), cannot be scheduled
 * @param schedule   copied, without the metrics that have been reported; NULL:
 *                   the option has no schedule from now on
 * @return OPT_OK; OPT_ERR_ARGUMENT: option is NULL, or the option cannot be
 *   scheduled; OPT_ERR_RANGE: there is no such group; OPT_ERR_NAME: there is no
 *   such option, and the message suggests the nearest; OPT_ERR_STATE: an option
 *   of the schedule that has no default has not been set
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_set_schedule(opt_optimizer optimizer,
                                                  int32_t group,
                                                  const char* option,
                                                  opt_schedule schedule);

/**
 * Creates a copy of the schedule of an option, with the metrics that have been
 * reported to it. The copy belongs to the optimizer's context.
 *
 * @param optimizer  the optimizer
 * @param group      a group, or OPT_ALL_GROUPS for the schedule that new groups
 *                   get
 * @param option     name of an option of the rule
 * @param[out] schedule  receives a handle, which is the caller's to destroy, or
 *                       NULL if the option has no schedule; unchanged on
 *                       failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: option or schedule is NULL; OPT_ERR_RANGE:
 *   there is no such group; OPT_ERR_NAME: there is no such option;
 *   OPT_ERR_LIMIT: 65,535 handles are alive
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_copy_schedule(opt_optimizer optimizer,
                                                   int32_t group,
                                                   const char* option,
                                                   opt_schedule* schedule);

/**
 * Returns the value of an option that the next step uses: that of its schedule,
 * or the option's own if it has none.
 *
 * @param optimizer  the optimizer
 * @param group      a group, or OPT_ALL_GROUPS for the optimizer-wide value
 * @param option     name of an option of the rule
 * @param[out] value  receives the value; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: option or value is NULL; OPT_ERR_RANGE:
 *   there is no such group; OPT_ERR_NAME: there is no such option;
 *   OPT_ERR_VALUE, OPT_ERR_STATE: the next step would fail, as
 *   opt_set_schedule() explains
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_get_scheduled(opt_optimizer optimizer,
                                                   int32_t group,
                                                   const char* option,
                                                   double* value);

/**
 * Reports a metric, such as the validation loss of an epoch, to every plateau
 * whose turn it is at the next step, in all schedules of a group.
 *
 * @param optimizer  the optimizer
 * @param group      a group, or OPT_ALL_GROUPS for all of them and the
 *                   optimizer-wide schedules
 * @param metric     the metric; NaN counts as no improvement
 * @return OPT_OK, even if there is no such plateau; OPT_ERR_RANGE: there is no
 *   such group
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_report_metric(opt_optimizer optimizer,
                                                   int32_t group,
                                                   double metric);

/** Properties of a kind of schedule: a set of OPT_SCHEDULE_HAS_* bits. */
typedef uint32_t opt_schedule_flags;
enum {
  OPT_SCHEDULE_HAS_MILESTONES = 1, /**< takes opt_schedule_set_milestones() */
  OPT_SCHEDULE_HAS_METRIC = 2      /**< depends on opt_report_metric() */
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
  const char* summary;      /**< meaning, one line */
  const char* formula;      /**< plain text, the value last */
  const char* reference;    /**< the publication, or "PyTorch" */
  const char* pytorch; /**< PyTorch's class: "CosineAnnealingLR"; NULL: none */
} opt_schedule_kind_info;

/** Initializes an opt_schedule_kind_info. */
#define OPT_SCHEDULE_KIND_INFO_INIT \
  { sizeof(opt_schedule_kind_info), 0, 0, 0, NULL, NULL, NULL, NULL, NULL }

/**
 * Counts the kinds of schedules.
 *
 * @param[out] count  receives the number of kinds; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: count is NULL
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_schedule_kind_count(int32_t* count);

/**
 * Describes a kind of schedule by its index.
 *
 * @param index  0 to the number of kinds - 1 (opt_schedule_kind_count())
 * @param[in,out] info  filled in up to its struct_size; unchanged on failure.
 *                      Its strings live as long as the library is loaded
 * @return OPT_OK; OPT_ERR_RANGE: there is no such kind; OPT_ERR_ARGUMENT: info
 *   is NULL; OPT_ERR_STRUCT
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status
opt_schedule_kind_at(int32_t index, opt_schedule_kind_info* info);

/**
 * Describes a kind of schedule by its name.
 *
 * @param kind  name of a kind: OPT_SCHEDULE_COSINE
 * @param[in,out] info  as in opt_schedule_kind_at()
 * @return OPT_OK; OPT_ERR_ARGUMENT: kind or info is NULL; OPT_ERR_NAME: there
 *   is no such kind, and the message suggests the nearest; OPT_ERR_STRUCT
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status
opt_schedule_kind_find(const char* kind, opt_schedule_kind_info* info);

/**
 * Describes an option of a kind of schedule.
 *
 * @param kind   name of a kind: OPT_SCHEDULE_COSINE
 * @param index  0 to opt_schedule_kind_info.option_count - 1
 * @param[in,out] info  filled in up to its struct_size; unchanged on failure.
 *                      Its strings live as long as the library is loaded
 * @return OPT_OK; OPT_ERR_ARGUMENT: kind or info is NULL; OPT_ERR_NAME: there
 *   is no such kind, and the message suggests the nearest; OPT_ERR_RANGE: the
 *   kind has no such option; OPT_ERR_STRUCT
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_schedule_option_at(const char* kind,
                                                        int32_t index,
                                                        opt_option_info* info);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OPT_OPT_SCHEDULE_H_ */
