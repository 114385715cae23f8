/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * @file opt_describe.h
 * Introspection: which rules, options, presets, state slots and SIMD targets
 * exist (opt_schedule.h: which schedules). Everything here is constant for the
 * life of the library, strings included. Include <opt/opt.h>.
 *
 * All functions are safe to call from any thread, take indices from 0, and, but
 * for opt_catalog, return OPT_OK; OPT_ERR_ARGUMENT (a NULL pointer);
 * OPT_ERR_STRUCT (bad struct_size); OPT_ERR_RANGE (index past the end);
 * OPT_ERR_NAME (no such rule, preset or option; the message suggests the
 * nearest).
 */
#ifndef OPT_OPT_DESCRIBE_H_
#define OPT_OPT_DESCRIBE_H_

#include "opt/opt_base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Properties of an option: a set of OPT_OPTION_* bits. */
typedef uint32_t opt_option_flags;
enum {
  OPT_OPTION_BOOL = 1,     /**< 0 or 1 */
  OPT_OPTION_CHOICE = 2,   /**< an integer; `choices` names the values */
  OPT_OPTION_MIN_OPEN = 4, /**< the minimum itself is not allowed */
  OPT_OPTION_MAX_OPEN = 8, /**< the maximum itself is not allowed */
  OPT_OPTION_LAYOUT = 16,  /**< zero or not decides which state slots exist:
                              that is fixed while tensors are attached */
  OPT_OPTION_INTEGER = 32, /**< a whole number */
  OPT_OPTION_REQUIRED = 64 /**< has no default: set it before use */
};

/** An update rule. */
typedef struct opt_rule_info {
  uint32_t struct_size;
  int32_t option_count;
  int32_t slot_count;
  int32_t preset_count;
  const char* name;      /**< "adamw" */
  const char* summary;   /**< one sentence */
  const char* formula;   /**< plain text, one assignment a line */
  const char* reference; /**< the publication */
} opt_rule_info;

/** Initializes an opt_rule_info. */
#define OPT_RULE_INFO_INIT \
  { sizeof(opt_rule_info), 0, 0, 0, NULL, NULL, NULL, NULL }

/** An option of a rule or a schedule. `max` may be infinite. */
typedef struct opt_option_info {
  uint32_t struct_size;
  opt_option_flags flags; /**< OPT_OPTION_* */
  double default_value;
  double min;
  double max;
  const char* name;    /**< "lr" */
  const char* alias;   /**< another accepted name, or NULL */
  const char* doc;     /**< meaning, one line */
  const char* choices; /**< "inside,outside" for 0, 1; NULL if no choice */
} opt_option_info;

/** Initializes an opt_option_info. */
#define OPT_OPTION_INFO_INIT \
  { sizeof(opt_option_info), 0, 0, 0, 0, NULL, NULL, NULL, NULL }

/** A state slot: an array as long as the tensor, in the parameter's dtype. */
typedef struct opt_slot_info {
  uint32_t struct_size;
  int32_t reserved;
  const char* name; /**< PyTorch's name for it: "exp_avg" */
  const char* doc;  /**< meaning, one line */
  const char*
      when_option; /**< exists when this option is not 0; NULL: always */
} opt_slot_info;

/** Initializes an opt_slot_info. */
#define OPT_SLOT_INFO_INIT \
  { sizeof(opt_slot_info), 0, NULL, NULL, NULL }

/** A preset: a named set of values for all options of one rule. */
typedef struct opt_preset_info {
  uint32_t struct_size;
  int32_t reserved;
  const char* name; /**< "pytorch" */
  const char* doc;  /**< what it reproduces, one line */
} opt_preset_info;

/** Initializes an opt_preset_info. */
#define OPT_PRESET_INFO_INIT \
  { sizeof(opt_preset_info), 0, NULL, NULL }

/** Another name for a rule, with other defaults. */
typedef struct opt_alias_info {
  uint32_t struct_size;
  int32_t reserved;
  const char* name; /**< "momentum" */
  const char* rule; /**< "sgd" */
  const char* doc;  /**< how the defaults differ */
} opt_alias_info;

/** Initializes an opt_alias_info. */
#define OPT_ALIAS_INFO_INIT \
  { sizeof(opt_alias_info), 0, NULL, NULL, NULL }

/** A SIMD target that was compiled in. */
typedef struct opt_target_info {
  uint32_t struct_size;
  int32_t supported; /**< 1: this CPU can run it */
  const char* name;  /**< "AVX2" */
} opt_target_info;

/** Initializes an opt_target_info. */
#define OPT_TARGET_INFO_INIT \
  { sizeof(opt_target_info), 0, NULL }

/**
 * Counts the rules (aliases not included).
 *
 * @param[out] count  receives the number
 * @return OPT_OK; OPT_ERR_ARGUMENT: a pointer is NULL
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_rule_count(int32_t* count);

/**
 * Describes the rule at an index of the registry.
 *
 * @param index  0 to the number of entries, less 1
 * @param[in,out] info  filled in up to its struct_size
 * @return OPT_OK; OPT_ERR_ARGUMENT: a pointer is NULL; OPT_ERR_STRUCT;
 *   OPT_ERR_RANGE
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_rule_at(int32_t index,
                                             opt_rule_info* info);

/**
 * Describes the rule of a name or alias.
 *
 * @param rule  name or alias of a rule
 * @param[in,out] info  filled in up to its struct_size
 * @return OPT_OK; OPT_ERR_ARGUMENT: a pointer is NULL; OPT_ERR_STRUCT;
 *   OPT_ERR_NAME
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_rule_find(const char* rule,
                                               opt_rule_info* info);

/**
 * Counts the aliases.
 *
 * @param[out] count  receives the number
 * @return OPT_OK; OPT_ERR_ARGUMENT: a pointer is NULL
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_alias_count(int32_t* count);

/**
 * Describes an alias.
 *
 * @param index  0 to the number of entries, less 1
 * @param[in,out] info  filled in up to its struct_size
 * @return OPT_OK; OPT_ERR_ARGUMENT: a pointer is NULL; OPT_ERR_STRUCT;
 *   OPT_ERR_RANGE
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_alias_at(int32_t index,
                                              opt_alias_info* info);

/**
 * Describes option `index` of a rule, in [0, option_count); by an alias' name,
 * default_value is the alias' own.
 *
 * @param rule  name or alias of a rule
 * @param index  0 to the number of entries, less 1
 * @param[in,out] info  filled in up to its struct_size
 * @return OPT_OK; OPT_ERR_ARGUMENT: a pointer is NULL; OPT_ERR_STRUCT;
 *   OPT_ERR_RANGE; OPT_ERR_NAME
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_option_at(const char* rule, int32_t index,
                                               opt_option_info* info);

/**
 * Counts the attributes that a tensor has (opt_set_attribute).
 *
 * @param[out] count  receives the number
 * @return OPT_OK; OPT_ERR_ARGUMENT: a pointer is NULL
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_attribute_count(int32_t* count);

/**
 * Describes an attribute of tensors, as an option.
 *
 * @param index  0 to the number of entries, less 1
 * @param[in,out] info  filled in up to its struct_size
 * @return OPT_OK; OPT_ERR_ARGUMENT: a pointer is NULL; OPT_ERR_STRUCT;
 *   OPT_ERR_RANGE
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_attribute_at(int32_t index,
                                                  opt_option_info* info);

/**
 * Describes slot `index` of a rule, in [0, slot_count).
 *
 * @param rule  name or alias of a rule
 * @param index  0 to the number of entries, less 1
 * @param[in,out] info  filled in up to its struct_size
 * @return OPT_OK; OPT_ERR_ARGUMENT: a pointer is NULL; OPT_ERR_STRUCT;
 *   OPT_ERR_RANGE; OPT_ERR_NAME
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_slot_at(const char* rule, int32_t index,
                                             opt_slot_info* info);

/**
 * Describes preset `index` of a rule, in [0, preset_count).
 *
 * @param rule  name or alias of a rule
 * @param index  0 to the number of entries, less 1
 * @param[in,out] info  filled in up to its struct_size
 * @return OPT_OK; OPT_ERR_ARGUMENT: a pointer is NULL; OPT_ERR_STRUCT;
 *   OPT_ERR_RANGE; OPT_ERR_NAME
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_preset_at(const char* rule, int32_t index,
                                               opt_preset_info* info);

/**
 * Tells the value that a preset gives to an option; by an alias' name, what it
 * leaves alone is the alias' own.
 *
 * @param rule  name or alias of a rule
 * @param preset  name of a preset of the rule
 * @param option  name of an option
 * @param[out] value  receives the value; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: a pointer is NULL; OPT_ERR_NAME
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_preset_value(const char* rule,
                                                  const char* preset,
                                                  const char* option,
                                                  double* value);

/**
 * Counts the SIMD targets that were compiled in.
 *
 * @param[out] count  receives the number
 * @return OPT_OK; OPT_ERR_ARGUMENT: a pointer is NULL
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_target_count(int32_t* count);

/**
 * Describes a SIMD target, best first.
 *
 * @param index  0 to the number of entries, less 1
 * @param[in,out] info  filled in up to its struct_size
 * @return OPT_OK; OPT_ERR_ARGUMENT: a pointer is NULL; OPT_ERR_STRUCT;
 *   OPT_ERR_RANGE
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_target_at(int32_t index,
                                               opt_target_info* info);

/**
 * Tells all of the above, and the kinds of schedules, as one JSON object.
 *
 * Its members are:
 * - version: as opt_version() tells it
 * - rules: in the order of opt_rule_at(), with options, slots and presets
 * - aliases: likewise, each as the rule that it is, with its own defaults
 * - slots: those that a tensor of any rule may have beside the rule's
 * - attributes: of a tensor, described as options are
 * - schedules: in the order of opt_schedule_kind_at(), with their options
 * - targets: in the order of opt_target_at()
 *
 * They are named as the fields of the structs, except that an option has lists
 * of its aliases and choices; in place of flags, its type ("number", "integer",
 * "bool", "choice"), min_open, max_open and layout; its value in each preset;
 * and, as English text, its range and range_and_default. An infinite number is
 * null, and so is the default of a required option. Later versions may add
 * members.
 *
 * @return UTF-8 text that lives as long as the library is loaded; NULL if the
 *   first call, which makes it, finds no memory for it (opt_last_error())
 * @note Thread-safety: any thread.
 * @since 0.1.0
 */
OPT_API const char* opt_catalog(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OPT_OPT_DESCRIBE_H_ */
