/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * @file opt_describe.h
 * Introspection: which rules, options, presets, state slots, tensor attributes
 * and SIMD targets there are. opt_schedule.h does the same for schedules.
 * Include <opt/opt.h>.
 *
 * ## Listing
 *
 *     int32_t count = 0;
 *     if (opt_rule_count(&count) != OPT_OK) return fail(opt_last_error());
 *     for (int32_t i = 0; i < count; ++i) {
 *       opt_rule_info rule = OPT_RULE_INFO_INIT;
 *       if (opt_rule_at(i, &rule) != OPT_OK) return fail(opt_last_error());
 *       printf("%s: %s\n%s\n", rule.name, rule.summary, rule.formula);
 *     }
 *
 * Programs that would rather parse than call get all of it as JSON from
 * opt_catalog().
 *
 * ## Lifetime
 *
 * Everything here is constant, and all strings live as long as the library is
 * loaded. No function takes a handle.
 */
#ifndef OPT_OPT_DESCRIBE_H_
#define OPT_OPT_DESCRIBE_H_

#include "opt/opt_base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** An update rule, described. */
typedef struct opt_rule_info {
  uint32_t struct_size;  /**< sizeof(opt_rule_info) */
  int32_t option_count;  /**< number of its options (opt_option_at()) */
  int32_t slot_count;    /**< number of its state slots (opt_slot_at()) */
  int32_t preset_count;  /**< number of its presets (opt_preset_at()) */
  const char* name;      /**< "adamw" */
  const char* summary;   /**< meaning, one line */
  const char* formula;   /**< plain text, one assignment on each line */
  const char* reference; /**< the publication */
} opt_rule_info;

/** Initializes an opt_rule_info. */
#define OPT_RULE_INFO_INIT \
  { sizeof(opt_rule_info), 0, 0, 0, NULL, NULL, NULL, NULL }

/**
 * Counts the rules. An alias does not count as a rule.
 *
 * @param[out] count  receives the number of rules; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: count is NULL
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_rule_count(int32_t* count);

/**
 * Describes a rule by its index.
 *
 * @param index  0 to the number of rules - 1 (opt_rule_count())
 * @param[in,out] info  filled in up to its struct_size; unchanged on failure
 * @return OPT_OK; OPT_ERR_RANGE: there is no such rule; OPT_ERR_ARGUMENT: info
 *   is NULL; OPT_ERR_STRUCT
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_rule_at(int32_t index,
                                             opt_rule_info* info);

/**
 * Describes a rule by its name or an alias of it.
 *
 * @param rule  name or alias of a rule: OPT_RULE_ADAMW, "momentum"
 * @param[in,out] info  filled in up to its struct_size, with the rule's own
 *                      name even if `rule` is an alias; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: rule or info is NULL; OPT_ERR_NAME: there
 *   is no such rule, and the message suggests the nearest; OPT_ERR_STRUCT
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_rule_find(const char* rule,
                                               opt_rule_info* info);

/** An alias, described: another name for a rule, with other defaults. */
typedef struct opt_alias_info {
  uint32_t struct_size; /**< sizeof(opt_alias_info) */
  int32_t reserved;     /**< 0 */
  const char* name;     /**< "momentum" */
  const char* rule;     /**< name of the rule: "sgd" */
  const char* doc;      /**< how its defaults differ, one line */
} opt_alias_info;

/** Initializes an opt_alias_info. */
#define OPT_ALIAS_INFO_INIT \
  { sizeof(opt_alias_info), 0, NULL, NULL, NULL }

/**
 * Counts the aliases of all rules.
 *
 * @param[out] count  receives the number of aliases; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: count is NULL
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_alias_count(int32_t* count);

/**
 * Describes an alias.
 *
 * @param index  0 to the number of aliases - 1 (opt_alias_count())
 * @param[in,out] info  filled in up to its struct_size; unchanged on failure
 * @return OPT_OK; OPT_ERR_RANGE: there is no such alias; OPT_ERR_ARGUMENT: info
 *   is NULL; OPT_ERR_STRUCT
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_alias_at(int32_t index,
                                              opt_alias_info* info);

/** Properties of an option: a set of OPT_OPTION_* bits. */
typedef uint32_t opt_option_flags;
enum {
  /** The value is 0 or 1. */
  OPT_OPTION_BOOL = 1,
  /** The value is 0, 1, ..., which opt_option_info.choices names in order. */
  OPT_OPTION_CHOICE = 2,
  /** The minimum itself is not allowed. */
  OPT_OPTION_MIN_OPEN = 4,
  /** The maximum itself is not allowed. */
  OPT_OPTION_MAX_OPEN = 8,
  /** Whether the value is 0 decides which state slots a tensor has, so it
   * cannot change between 0 and another value while the group has tensors.
   * min_dim_factored of adafactor, which is compared with the extents of a
   * tensor, cannot change at all then. */
  OPT_OPTION_LAYOUT = 16,
  /** The value is a whole number. */
  OPT_OPTION_INTEGER = 32,
  /** There is no default: the option must be set before use. */
  OPT_OPTION_REQUIRED = 64
};

/** An option of a rule or of a kind of schedule, or an attribute of a tensor,
 * described. */
typedef struct opt_option_info {
  uint32_t struct_size;   /**< sizeof(opt_option_info) */
  opt_option_flags flags; /**< OPT_OPTION_* */
  double default_value;   /**< 0 with OPT_OPTION_REQUIRED */
  double min;             /**< the smallest value */
  double max;             /**< the largest value; may be INFINITY */
  const char* name;       /**< "lr" */
  const char* aliases;    /**< other accepted names: "b1,beta_1"; NULL: none */
  const char* doc;        /**< meaning, one line */
  const char* choices;    /**< names of the values 0, 1, ...: "inside,outside";
                               NULL without OPT_OPTION_CHOICE */
} opt_option_info;

/** Initializes an opt_option_info. */
#define OPT_OPTION_INFO_INIT \
  { sizeof(opt_option_info), 0, 0, 0, 0, NULL, NULL, NULL, NULL }

/**
 * Describes an option of a rule. For an alias, default_value is the alias' own.
 *
 * @param rule   name or alias of a rule: OPT_RULE_ADAMW
 * @param index  0 to opt_rule_info.option_count - 1
 * @param[in,out] info  filled in up to its struct_size; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: rule or info is NULL; OPT_ERR_NAME: there
 *   is no such rule, and the message suggests the nearest; OPT_ERR_RANGE: the
 *   rule has no such option; OPT_ERR_STRUCT
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_option_at(const char* rule, int32_t index,
                                               opt_option_info* info);

/** The shape of a state slot, for a tensor of shape [..., r, c] with n
 * elements: one of OPT_SHAPE_*. A tensor of rank 1 or 0 has no r and c; the
 * slots that are named after them have its own shape then. */
typedef int32_t opt_shape;
enum {
  /** As the parameter: [..., r, c]. */
  OPT_SHAPE_PARAM = 0,
  /** One element for each index of the first axis, as for a row of an
   * embedding. */
  OPT_SHAPE_ROWS = 1,
  /** [..., r, 1]: one element for each row of the last two axes. */
  OPT_SHAPE_ROW_FACTOR = 2,
  /** [..., 1, c]: one element for each column of the last two axes. */
  OPT_SHAPE_COLUMN_FACTOR = 3,
  /** [..., r, r]: a square matrix. */
  OPT_SHAPE_ROW_SQUARE = 4,
  /** [..., c, c]: a square matrix. */
  OPT_SHAPE_COLUMN_SQUARE = 5,
  /** One element for each 256 elements of the flat tensor, the last of which
   * may be fewer. */
  OPT_SHAPE_BLOCKS = 6,
  /** One number for the tensor: []. */
  OPT_SHAPE_NUMBER = 7,
  /** One number that all tensors of a group share: []. */
  OPT_SHAPE_GROUP_NUMBER = 8
};

/** In opt_slot_info.initial_option: the slot starts as a copy of the parameter,
 * which is made in the tensor's first step. */
#define OPT_INITIAL_PARAM "param"

/** A state slot of a rule, described. */
typedef struct opt_slot_info {
  uint32_t struct_size;       /**< sizeof(opt_slot_info) */
  opt_shape shape;            /**< OPT_SHAPE_* */
  opt_dtype dtype;            /**< type of an element, or OPT_DTYPE_PARAM */
  int32_t reserved;           /**< 0 */
  const char* name;           /**< PyTorch's name for it: "exp_avg" */
  const char* doc;            /**< meaning, one line */
  const char* when_option;    /**< name of the option that must not be 0 for the
                                   slot to exist; NULL: it always does */
  const char* initial_option; /**< name of the option at whose value it starts;
                                   OPT_INITIAL_PARAM; NULL: at a constant */
} opt_slot_info;

/** Initializes an opt_slot_info. */
#define OPT_SLOT_INFO_INIT \
  { sizeof(opt_slot_info), 0, 0, 0, NULL, NULL, NULL, NULL }

/**
 * Describes a state slot of a rule.
 *
 * @param rule   name or alias of a rule: OPT_RULE_ADAMW
 * @param index  0 to opt_rule_info.slot_count - 1
 * @param[in,out] info  filled in up to its struct_size; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: rule or info is NULL; OPT_ERR_NAME: there
 *   is no such rule, and the message suggests the nearest; OPT_ERR_RANGE: the
 *   rule has no such slot; OPT_ERR_STRUCT
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_slot_at(const char* rule, int32_t index,
                                             opt_slot_info* info);

/** A preset, described: a named set of values for the options of one rule. */
typedef struct opt_preset_info {
  uint32_t struct_size; /**< sizeof(opt_preset_info) */
  int32_t reserved;     /**< 0 */
  const char* name;     /**< "pytorch" */
  const char* doc;      /**< what it reproduces, one line */
} opt_preset_info;

/** Initializes an opt_preset_info. */
#define OPT_PRESET_INFO_INIT \
  { sizeof(opt_preset_info), 0, NULL, NULL }

/**
 * Describes a preset of a rule.
 *
 * @param rule   name or alias of a rule: OPT_RULE_ADAMW
 * @param index  0 to opt_rule_info.preset_count - 1
 * @param[in,out] info  filled in up to its struct_size; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: rule or info is NULL; OPT_ERR_NAME: there
 *   is no such rule, and the message suggests the nearest; OPT_ERR_RANGE: the
 *   rule has no such preset; OPT_ERR_STRUCT
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_preset_at(const char* rule, int32_t index,
                                               opt_preset_info* info);

/**
 * Returns the value that an option gets from a preset. For an alias, an option
 * that the preset does not mention has the alias' default.
 *
 * @param rule    name or alias of a rule: OPT_RULE_ADAMW
 * @param preset  name of a preset of the rule: OPT_PRESET_PYTORCH
 * @param option  name of an option of the rule: OPT_LR
 * @param[out] value  receives the value; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: an argument is NULL; OPT_ERR_NAME: there is
 *   no such rule, preset or option, and the message suggests the nearest
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_preset_value(const char* rule,
                                                  const char* preset,
                                                  const char* option,
                                                  double* value);

/**
 * Counts the attributes that a tensor has (opt_set_attribute()).
 *
 * @param[out] count  receives the number of attributes; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: count is NULL
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_attribute_count(int32_t* count);

/**
 * Describes an attribute of tensors, in the way in which options are described.
 *
 * @param index  0 to the number of attributes - 1 (opt_attribute_count())
 * @param[in,out] info  filled in up to its struct_size; unchanged on failure
 * @return OPT_OK; OPT_ERR_RANGE: there is no such attribute; OPT_ERR_ARGUMENT:
 *   info is NULL; OPT_ERR_STRUCT
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_attribute_at(int32_t index,
                                                  opt_option_info* info);

/** A SIMD target that was compiled in, described. */
typedef struct opt_target_info {
  uint32_t struct_size; /**< sizeof(opt_target_info) */
  int32_t supported;    /**< 1: this CPU can run it; else 0 */
  const char* name;     /**< "AVX2" */
} opt_target_info;

/** Initializes an opt_target_info. */
#define OPT_TARGET_INFO_INIT \
  { sizeof(opt_target_info), 0, NULL }

/**
 * Counts the SIMD targets that were compiled in.
 *
 * @param[out] count  receives the number of targets; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: count is NULL
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_target_count(int32_t* count);

/**
 * Describes a SIMD target. The best comes first.
 *
 * @param index  0 to the number of targets - 1 (opt_target_count())
 * @param[in,out] info  filled in up to its struct_size; unchanged on failure
 * @return OPT_OK; OPT_ERR_RANGE: there is no such target; OPT_ERR_ARGUMENT:
 *   info is NULL; OPT_ERR_STRUCT
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_target_at(int32_t index,
                                               opt_target_info* info);

/**
 * Returns all of the above, and the kinds of schedules, as one JSON object.
 *
 * Its members are:
 * - version: as opt_version() returns it
 * - rules: in the order of opt_rule_at(), with their options, slots and presets
 * - aliases: in the order of opt_alias_at(), as rules with their own defaults
 * - slots: those that a tensor of any rule may have in addition to the rule's
 * - attributes: of a tensor, described as options are
 * - schedules: in the order of opt_schedule_kind_at(), with their options
 * - targets: in the order of opt_target_at()
 *
 * Members of these are named as the fields of the structs, with exceptions for
 * an option: it has lists of its aliases and of its choices; in place of flags,
 * its type ("number", "integer", "bool" or "choice"), min_open, max_open and
 * layout; its value in each preset; and, as English text, range and
 * range_and_default. A number that is infinite is null, and so is the default
 * of an option that must be set. Later versions may add members.
 *
 * @return UTF-8 text that lives as long as the library is loaded; NULL if the
 *   first call, which composes it, finds no memory for it (opt_last_error())
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_API const char* opt_catalog(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OPT_OPT_DESCRIBE_H_ */
