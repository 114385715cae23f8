/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * @file opt_tensor.h
 * Tensors: attaching the caller's buffers, and the attributes and the state of
 * each tensor. Include <opt/opt.h>.
 *
 *     opt_tensor weight = OPT_TENSOR_INIT;
 *     weight.name = "fc1.weight";
 *     weight.count = 784 * 128;
 *     weight.param = w;
 *     weight.grad = dw;
 *     if (opt_attach(optimizer, &weight, 1, NULL) != OPT_OK) return fail(...);
 *
 * ## Ownership
 *
 * The caller owns parameters and gradients; the library owns the state, which
 * it allocates when a tensor is attached. A retained buffer must stay in place
 * until the tensor is detached or re-bound or the optimizer is destroyed. A
 * buffer that moves is lent in each call instead (opt_lent).
 */
#ifndef OPT_OPT_TENSOR_H_
#define OPT_OPT_TENSOR_H_

#include "opt/opt_base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A parameter tensor with its gradient: flat, contiguous arrays that are
 * aligned to their elements. */
typedef struct opt_tensor {
  uint32_t struct_size;  /**< sizeof(opt_tensor) */
  int32_t group;         /**< parameter group, 0 at first */
  opt_dtype param_dtype; /**< OPT_F32 or OPT_F64 */
  opt_dtype grad_dtype;  /**< OPT_F32 or OPT_F64, whatever param_dtype is */
  int64_t count;         /**< number of elements, >= 0 */
  const int64_t* shape; /**< `rank` extents whose product is count; NULL: 1-D */
  const char* name;     /**< unique, UTF-8; NULL: "tensor.<index>" */
  void* param;          /**< retained parameters; NULL: lent in each call */
  void* grad;           /**< retained gradient; NULL: lent, or none yet */
  int32_t rank;         /**< number of extents, 0 to 64; 0 with shape NULL */
  int32_t reserved;     /**< 0 */
} opt_tensor;

/** Initializes an opt_tensor: f32, group 0, no elements. Set at least count. */
#define OPT_TENSOR_INIT \
  { sizeof(opt_tensor), 0, OPT_F32, OPT_F32, 0, NULL, NULL, NULL, NULL, 0, 0 }

/**
 * Attaches tensors and allocates their state. Either all are attached or none.
 *
 * @param optimizer  the optimizer
 * @param tensors    `count` descriptions; they are copied, the buffers are not
 * @param count      number of tensors, >= 0
 * @param[out] indices  receives `count` indices by which the tensors are known,
 *                      each the lowest free one: 0, 1, 2, ... as long as none
 *                      is detached; may be NULL
 * @return OPT_OK; OPT_ERR_ARGUMENT: tensors is NULL, a count is negative, a
 *   shape does not match its count, or a pointer is misaligned; OPT_ERR_STRUCT;
 *   OPT_ERR_NAME: a name is a duplicate, not UTF-8, or reserved because it
 *   starts with "__"; OPT_ERR_DTYPE; OPT_ERR_RANGE: there is no such group;
 *   OPT_ERR_OVERLAP: buffers share memory
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_attach(opt_optimizer optimizer,
                                            const opt_tensor* tensors,
                                            int64_t count, int64_t* indices);

/**
 * Computes how many bytes of state opt_attach() would allocate for tensors,
 * with the options as they are now. Nothing is attached.
 *
 * @param optimizer  the optimizer
 * @param tensors    `count` descriptions; names and buffers are not looked at
 * @param count      number of tensors, >= 0
 * @param[out] bytes  receives the number of bytes, averages and accumulators
 *                    included where the optimizer keeps them; unchanged on
 *                    failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: tensors or bytes is NULL, a count is
 *   negative, or a shape does not match its count; OPT_ERR_STRUCT;
 *   OPT_ERR_DTYPE; OPT_ERR_RANGE: there is no such group; OPT_ERR_LIMIT:
 *   int64_t cannot hold the number
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_state_bytes(opt_optimizer optimizer,
                                                 const opt_tensor* tensors,
                                                 int64_t count, int64_t* bytes);

/**
 * Gives an attached tensor other retained buffers; its state and step count
 * stay.
 *
 * @param optimizer  the optimizer
 * @param index      as opt_attach() gave it
 * @param param      as many elements of the parameter's dtype as the tensor
 *                   has, or NULL: lent in each call
 * @param grad       as many elements of the gradient's dtype, or NULL
 * @return OPT_OK; OPT_ERR_RANGE; OPT_ERR_ARGUMENT: a pointer is misaligned;
 *   OPT_ERR_OVERLAP
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_bind(opt_optimizer optimizer,
                                          int64_t index, void* param,
                                          void* grad);

/**
 * Detaches a tensor and frees its state. Its index may be given to another
 * tensor.
 *
 * @param optimizer  the optimizer
 * @param index      as opt_attach() gave it
 * @return OPT_OK; OPT_ERR_RANGE; OPT_ERR_STATE: opt_swap_eval_weights() has
 *   exchanged its parameters
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_detach(opt_optimizer optimizer,
                                            int64_t index);

/** Buffers that are lent for one call: an array of pointers with one entry for
 * each tensor index. A call ignores an array that it has no use for. */
typedef struct opt_lent {
  uint32_t struct_size; /**< sizeof(opt_lent) */
  uint32_t reserved;    /**< 0 */
  int64_t count;        /**< entries of each array: opt_info.index_count */
  void* const* params;  /**< parameters; NULL, or a NULL entry: the retained */
  void* const* grads;   /**< gradients; NULL: the retained ones; a NULL entry:
                             the tensor has no gradient */
} opt_lent;

/** Initializes an opt_lent: nothing is lent. */
#define OPT_LENT_INIT \
  { sizeof(opt_lent), 0, 0, NULL, NULL }

/** An attached tensor, described. */
typedef struct opt_tensor_info {
  uint32_t struct_size;  /**< sizeof(opt_tensor_info) */
  int32_t group;         /**< parameter group */
  opt_dtype param_dtype; /**< OPT_F32 or OPT_F64 */
  opt_dtype grad_dtype;  /**< OPT_F32 or OPT_F64 */
  int64_t count;         /**< elements */
  int64_t step; /**< steps that this tensor has taken: t in the formulas */
  const int64_t* shape; /**< `rank` extents */
  const char* name;     /**< its name */
  void* param;          /**< retained, or NULL */
  void* grad;           /**< retained, or NULL */
  int32_t rank;         /**< number of extents, 0 to 64 */
  int32_t reserved;     /**< 0 */
} opt_tensor_info;

/** Initializes an opt_tensor_info. */
#define OPT_TENSOR_INFO_INIT \
  { sizeof(opt_tensor_info), 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL, 0, 0 }

/**
 * Describes an attached tensor.
 *
 * @param optimizer  the optimizer
 * @param index      0 to opt_info.index_count - 1
 * @param[in,out] info  filled in up to its struct_size; its pointers are valid
 *                      until the tensor is detached or the optimizer destroyed
 * @return OPT_OK; OPT_ERR_ARGUMENT: info is NULL; OPT_ERR_STRUCT;
 *   OPT_ERR_RANGE: there is no such index, or its tensor is detached
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_tensor_at(opt_optimizer optimizer,
                                               int64_t index,
                                               opt_tensor_info* info);

/**
 * Finds an attached tensor by its name.
 *
 * @param optimizer  the optimizer
 * @param name       the name
 * @param[out] index  receives the tensor's index; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: name or index is NULL; OPT_ERR_NAME: no
 *   tensor has that name
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_tensor_find(opt_optimizer optimizer,
                                                 const char* name,
                                                 int64_t* index);

/**
 * Moves a tensor to another parameter group; its state and step count stay.
 *
 * @param optimizer  the optimizer
 * @param index      as opt_attach() gave it
 * @param group      the group
 * @return OPT_OK; OPT_ERR_RANGE: there is no such tensor or group;
 *   OPT_ERR_STATE: the options of the groups ask for different state, and the
 *   message names the option
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_tensor_set_group(opt_optimizer optimizer,
                                                      int64_t index,
                                                      int32_t group);

/**
 * Sets the number of steps that a tensor has taken: t in the formulas. To
 * continue a run from another library, write the state through opt_state_view()
 * and then call this.
 *
 * @param optimizer  the optimizer
 * @param index      as opt_attach() gave it
 * @param step       0 to INT64_MAX / 2; the next step is step + 1
 * @return OPT_OK; OPT_ERR_RANGE; OPT_ERR_ARGUMENT: step is outside that range
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_tensor_set_step(opt_optimizer optimizer,
                                                     int64_t index,
                                                     int64_t step);

/**
 * Sets an attribute of a tensor, which acts from the next step on and is saved
 * with the state.
 *
 * OPT_TENSOR_LR_FACTOR and OPT_TENSOR_WEIGHT_DECAY_FACTOR multiply the values
 * of the tensor's group; 0 means no weight decay, as for biases and norms.
 * OPT_TENSOR_FROZEN freezes the tensor, as the option OPT_FROZEN does its
 * group: steps leave its parameters, state and step count unchanged. Its
 * gradient is set to zero if the step does so, and what was accumulated for it
 * is forgotten with the step.
 *
 * @param optimizer  the optimizer
 * @param index      as opt_attach() gave it
 * @param attribute  OPT_TENSOR_LR_FACTOR, OPT_TENSOR_WEIGHT_DECAY_FACTOR or
 *                   OPT_TENSOR_FROZEN
 * @param value      within the attribute's range (opt_attribute_at())
 * @return OPT_OK; OPT_ERR_ARGUMENT: attribute is NULL; OPT_ERR_RANGE;
 *   OPT_ERR_NAME: there is no such attribute, and the message suggests the
 *   nearest; OPT_ERR_VALUE
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_set_attribute(opt_optimizer optimizer,
                                                   int64_t index,
                                                   const char* attribute,
                                                   double value);

/**
 * Reads an attribute of a tensor.
 *
 * @param optimizer  the optimizer
 * @param index      as opt_attach() gave it
 * @param attribute  as in opt_set_attribute()
 * @param[out] value  receives the value; unchanged on failure
 * @return OPT_OK; OPT_ERR_ARGUMENT: attribute or value is NULL; OPT_ERR_RANGE;
 *   OPT_ERR_NAME
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_get_attribute(opt_optimizer optimizer,
                                                   int64_t index,
                                                   const char* attribute,
                                                   double* value);

/** An array that the library owns and the caller may read and write. */
typedef struct opt_view {
  uint32_t struct_size; /**< sizeof(opt_view) */
  opt_dtype dtype;      /**< type of an element */
  int64_t count;        /**< elements */
  void* data;           /**< NULL if count is 0 */
  const int64_t* shape; /**< extents, the last of which varies fastest; valid as
                             long as the tensor is attached */
  int32_t rank;         /**< number of extents */
  int32_t reserved;     /**< 0 */
} opt_view;

/** Initializes an opt_view. */
#define OPT_VIEW_INIT \
  { sizeof(opt_view), 0, 0, NULL, NULL, 0, 0 }

/**
 * Gives access to one slot of a tensor's state without copying it.
 *
 * The data may be read and, between two calls, written to, as to continue a run
 * from another library. What is written to the accumulator or the average
 * counts only if something has been accumulated or averaged before.
 *
 * @param optimizer  the optimizer
 * @param index      as opt_attach() gave it
 * @param slot       name of a slot of the rule: OPT_SLOT_EXP_AVG; or
 *                   OPT_SLOT_GRAD_ACCUMULATOR after opt_accumulate(), or
 *                   OPT_SLOT_PARAM_AVERAGE after opt_average_start()
 * @param[in,out] view  filled in up to its struct_size; steps change the data,
 *                      which are valid until the next attach, detach, load or
 *                      destroy, or for an average until it is stopped or starts
 *                      over
 * @return OPT_OK; OPT_ERR_ARGUMENT: slot or view is NULL; OPT_ERR_STRUCT;
 *   OPT_ERR_RANGE; OPT_ERR_NAME: there is no such slot, or not with these
 *   options
 * @since 0.1.0
 */
OPT_NODISCARD OPT_API opt_status opt_state_view(opt_optimizer optimizer,
                                                int64_t index, const char* slot,
                                                opt_view* view);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OPT_OPT_TENSOR_H_ */
