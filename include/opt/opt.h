/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * libopt: deep-learning optimizers as a C library. This is the one header to
 * include. In short:
 *
 *   opt_optimizer optimizer = NULL;
 *   opt_create(NULL, OPT_RULE_ADAMW, &optimizer);
 *   opt_set(optimizer, OPT_ALL_GROUPS, OPT_LR, 3e-4);
 *
 *   opt_tensor weight = OPT_TENSOR_INIT;
 *   weight.name = "fc1.weight";  weight.count = 784 * 128;
 *   weight.param = w;            weight.grad = dw;
 *   opt_attach(optimizer, &weight, 1, NULL);
 *
 *   for (i = 0; i < steps; ++i) {
 *     gradients(w, dw);
 *     if (opt_step(optimizer, NULL) != OPT_OK) puts(opt_last_error());
 *   }
 *   opt_destroy(optimizer);
 *
 * Every function that can fail returns an opt_status, and a failed call has
 * changed nothing. Beside the statuses that each function names, any may
 * return OPT_ERR_HANDLE (not a live optimizer), OPT_ERR_BUSY (another call is
 * using it), OPT_ERR_MEMORY and OPT_ERR_INTERNAL.
 *
 * Structs are led by struct_size: start from their *_INIT macro. A program
 * built with an older header has shorter structs; fields that it lacks are 0.
 * Longer ones are accepted if what this version does not know is 0.
 *
 * Threads: one optimizer serves one call at a time, and an overlapping call
 * gets OPT_ERR_BUSY; different optimizers are independent.
 */
#ifndef OPT_OPT_H_
#define OPT_OPT_H_

/* IWYU pragma: begin_exports */
#include "opt/opt_average.h"
#include "opt/opt_base.h"
#include "opt/opt_context.h"
#include "opt/opt_describe.h"
#include "opt/opt_gradient.h"
#include "opt/opt_names.h"
#include "opt/opt_scaler.h"
#include "opt/opt_schedule.h"
#include "opt/opt_state.h"
#include "opt/opt_tensor.h"
/* IWYU pragma: end_exports */

#ifdef __cplusplus
extern "C" {
#endif

/* Creates an optimizer with one group (0) and no tensors.
 *   context    where memory and threads come from; NULL: the default context
 *   rule       name or alias of an update rule: OPT_RULE_ADAMW, "momentum"
 *   optimizer  receives the handle; left alone on failure
 * Returns OPT_OK; OPT_ERR_ARGUMENT (a NULL); OPT_ERR_NAME (no such rule, or
 * LIBOPT_TARGET names no target of this CPU); OPT_ERR_LIMIT (65,535 live
 * handles). Thread-safety: any thread. Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_create(opt_context context,
                                            const char* rule,
                                            opt_optimizer* optimizer);

/* Destroys an optimizer and its state; NULL does nothing. Waits for a call
 * that another thread is making with it. The caller's buffers are not touched.
 * Returns OPT_OK; OPT_ERR_BUSY (called from a callback of a call with it).
 * Thread-safety: any thread. Since 0.1.0. */
OPT_API opt_status opt_destroy(opt_optimizer optimizer);

/* Adds a parameter group, with a copy of the optimizer-wide option values.
 *   group  receives its number: 1, 2, ...; left alone on failure
 * Returns OPT_OK; OPT_ERR_ARGUMENT (group is NULL). Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_add_group(opt_optimizer optimizer,
                                               int32_t* group);

/* Sets an option; it acts from the next step on.
 *   group   a group, or OPT_ALL_GROUPS for the optimizer-wide value, which new
 *           groups copy, and every existing group's
 *   option  name of an option of the rule: OPT_LR, "weight_decay"
 *   value   within the option's range (opt_option_at)
 * Returns OPT_OK; OPT_ERR_ARGUMENT (option is NULL); OPT_ERR_RANGE (no such
 * group); OPT_ERR_NAME (the message suggests the nearest); OPT_ERR_VALUE;
 * OPT_ERR_STATE (it would change the state layout of a group that has
 * tensors). Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_set(opt_optimizer optimizer, int32_t group,
                                         const char* option, double value);

/* Reads an option.
 *   group  a group, or OPT_ALL_GROUPS for the optimizer-wide value
 *   value  receives it; left alone on failure
 * Returns OPT_OK; OPT_ERR_ARGUMENT (a NULL); OPT_ERR_RANGE; OPT_ERR_NAME.
 * Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_get(opt_optimizer optimizer, int32_t group,
                                         const char* option, double* value);

/* Sets every option to the values of a preset. Of an optimizer made by an
 * alias, what the preset leaves alone is set to the alias' own default.
 *   preset  OPT_PRESET_TEXTBOOK (what a new optimizer has) or another of the
 *           rule's presets, such as OPT_PRESET_PYTORCH
 * Returns as opt_set. Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_set_preset(opt_optimizer optimizer,
                                                int32_t group,
                                                const char* preset);

/* Attaches tensors and allocates their state. All are attached or none.
 *   tensors  array of `count` descriptions; copied, the buffers are not
 *   count    number of tensors, >= 0
 *   indices  receives `count` indices by which the tensors are known, each the
 *            lowest free one (so 0, 1, 2, ... without detaching); may be NULL
 * Retained buffers must stay in place until the tensor is detached, re-bound
 * or the optimizer destroyed.
 * Returns OPT_OK; OPT_ERR_ARGUMENT (a NULL, negative count, shape that does
 * not match, misaligned pointer); OPT_ERR_STRUCT; OPT_ERR_NAME (duplicate, not
 * UTF-8, or reserved: starts with "__"); OPT_ERR_DTYPE; OPT_ERR_RANGE (no such
 * group); OPT_ERR_OVERLAP (buffers share memory). Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_attach(opt_optimizer optimizer,
                                            const opt_tensor* tensors,
                                            int64_t count, int64_t* indices);

/* Gives an attached tensor other retained buffers; state and step stay.
 *   index  as opt_attach gave it
 *   param  count elements of the parameter's dtype, or NULL: lent each step
 *   grad   count elements of the gradient's dtype, or NULL
 * Returns OPT_OK; OPT_ERR_RANGE; OPT_ERR_ARGUMENT (misaligned);
 * OPT_ERR_OVERLAP. Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_bind(opt_optimizer optimizer,
                                          int64_t index, void* param,
                                          void* grad);

/* Detaches a tensor and frees its state; its index is free to be given again.
 * Returns OPT_OK; OPT_ERR_RANGE; OPT_ERR_STATE (opt_average_swap has exchanged
 * its parameters). Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_detach(opt_optimizer optimizer,
                                            int64_t index);

/* Makes one step over every tensor that has a gradient.
 *   args  lent buffers, flags, work on the gradients; NULL: the retained
 *         buffers, nothing else
 * After opt_accumulate() the accumulated gradients are used, and are empty
 * again afterwards. A tensor without a gradient, or that is frozen, keeps its
 * parameters, state and step count. Allocates nothing.
 * Returns OPT_OK; OPT_ERR_ARGUMENT (count does not match, misaligned pointer,
 * unknown flag, work out of its range); OPT_ERR_STRUCT; OPT_ERR_STATE (a
 * gradient but no parameter, lent gradients while accumulated ones wait, or
 * parameters that are swapped with their averages); OPT_ERR_OVERLAP;
 * OPT_ERR_VALUE (a schedule leads out of an option's range);
 * OPT_ERR_NONFINITE (only with OPT_NONFINITE_ERROR).
 * Formulas: the rule's (opt_rule_info.formula). Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_step(opt_optimizer optimizer,
                                          const opt_step_args* args);

/* Adds the gradients to accumulators that the library keeps, for a later step
 * with their mean or sum: mini-batch gradient descent over any number of
 * samples or micro-batches. The first call allocates the accumulators; they
 * count as state.
 *   args  number of samples, lent gradients, flags; NULL: one sample, the
 *         retained gradients
 * The mean divides by the samples of all calls, also for a tensor that had no
 * gradient in some of them; one that had none in all is skipped by the step.
 * Returns as opt_step, and OPT_ERR_ARGUMENT (samples < 1). Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status
opt_accumulate(opt_optimizer optimizer, const opt_accumulate_args* args);

/* Forgets what opt_accumulate() has added up since the last step.
 * Returns OPT_OK. Since 0.1.0. */
OPT_API opt_status opt_discard(opt_optimizer optimizer);

/* Sets every gradient to zero (NULL ones are left out).
 *   args  lent gradients; NULL: the retained ones
 * Returns as opt_step. Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_zero_grad(opt_optimizer optimizer,
                                               const opt_zero_grad_args* args);

/* Describes an optimizer.
 *   info  filled up to its struct_size
 * Returns OPT_OK; OPT_ERR_ARGUMENT (NULL); OPT_ERR_STRUCT. Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_get_info(opt_optimizer optimizer,
                                              opt_info* info);

/* Describes an attached tensor, its step count included.
 *   info  filled up to its struct_size; its pointers are good until the tensor
 *         is detached or the optimizer destroyed
 * Returns OPT_OK; OPT_ERR_ARGUMENT (NULL); OPT_ERR_STRUCT; OPT_ERR_RANGE.
 * Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_tensor_at(opt_optimizer optimizer,
                                               int64_t index,
                                               opt_tensor_info* info);

/* Finds an attached tensor by name.
 *   index  receives its index; left alone on failure
 * Returns OPT_OK; OPT_ERR_ARGUMENT (a NULL); OPT_ERR_NAME. Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_find_tensor(opt_optimizer optimizer,
                                                 const char* name,
                                                 int64_t* index);

/* Sets an attribute of one tensor; it acts from the next step on, and is saved
 * with the state.
 *   index      as opt_attach gave it
 *   attribute  OPT_TENSOR_LR_FACTOR and OPT_TENSOR_WEIGHT_DECAY_FACTOR multiply
 *              what the tensor's group has: 0 is no weight decay for biases and
 *              norms. OPT_TENSOR_FROZEN: 1 lets steps pass the tensor over, as
 *              the option OPT_FROZEN does for a group: parameters, state and
 *              step count stay; its gradient is zeroed if the step is to do so,
 *              and what was accumulated for it is dropped with the step
 *   value      within the attribute's range (opt_attribute_at)
 * Returns OPT_OK; OPT_ERR_ARGUMENT (attribute is NULL); OPT_ERR_RANGE;
 * OPT_ERR_NAME (the message suggests the nearest); OPT_ERR_VALUE.
 * Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_set_tensor(opt_optimizer optimizer,
                                                int64_t index,
                                                const char* attribute,
                                                double value);

/* Reads an attribute of one tensor.
 *   value  receives it; left alone on failure
 * Returns OPT_OK; OPT_ERR_ARGUMENT (a NULL); OPT_ERR_RANGE; OPT_ERR_NAME.
 * Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_get_tensor(opt_optimizer optimizer,
                                                int64_t index,
                                                const char* attribute,
                                                double* value);

/* Sets the number of steps that a tensor has taken, the formulas' t. To bring a
 * run here from another library: write the state through opt_state_view(), and
 * then this.
 *   index  as opt_attach gave it
 *   step   0 to INT64_MAX / 2; the next step is step + 1
 * Returns OPT_OK; OPT_ERR_RANGE; OPT_ERR_ARGUMENT (a step outside that range).
 * Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_set_tensor_step(opt_optimizer optimizer,
                                                     int64_t index,
                                                     int64_t step);

/* Looks at one slot of a tensor's state without copying it.
 *   slot  name of a slot of the rule (OPT_SLOT_EXP_AVG), or
 *         OPT_SLOT_GRAD_ACCUMULATOR once opt_accumulate() was called, or
 *         OPT_SLOT_PARAM_AVERAGE while opt_average_start() keeps one
 *   view  filled up to its struct_size; the data are good until the next
 *         attach, detach, load or destroy, an average's until it is stopped or
 *         begins anew; steps change them
 * The data may be written to between two calls, as when state is brought from
 * another library; of the accumulator and the average, they count if something
 * is in it.
 * Returns OPT_OK; OPT_ERR_ARGUMENT (a NULL); OPT_ERR_STRUCT; OPT_ERR_RANGE;
 * OPT_ERR_NAME (no such slot, or not with these options). Since 0.1.0. */
OPT_NODISCARD OPT_API opt_status opt_state_view(opt_optimizer optimizer,
                                                int64_t index, const char* slot,
                                                opt_view* view);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OPT_OPT_H_ */
