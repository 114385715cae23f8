/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The structs that an optimizer takes and fills: tensors, arguments of a step,
 * descriptions, views. Include <opt/opt.h>, which has the functions.
 */
#ifndef OPT_OPT_TENSOR_H_
#define OPT_OPT_TENSOR_H_

#include "opt/opt_base.h"
#include "opt/opt_gradient.h"

#ifdef __cplusplus
extern "C" {
#endif

/* In place of a parameter group: the optimizer-wide option values and every
 * group's. */
#define OPT_ALL_GROUPS (-1)

/* A parameter tensor with its gradient: flat, contiguous, element-aligned. */
typedef struct opt_tensor {
  uint32_t struct_size;  /* sizeof(opt_tensor) */
  int32_t group;         /* parameter group, 0 at first */
  opt_dtype param_dtype; /* OPT_F32 or OPT_F64 */
  opt_dtype grad_dtype;  /* OPT_F32 or OPT_F64, each with each */
  int64_t count;         /* number of elements, >= 0 */
  const int64_t* shape;  /* `rank` extents whose product is count; NULL: 1-D */
  const char* name;      /* unique, UTF-8; NULL: "tensor.<index>" */
  void* param;           /* retained parameters; NULL: lent at each step */
  void* grad;            /* retained gradient; NULL: lent, or none yet */
  int32_t rank;          /* number of extents, 0 to 64; 0 with shape NULL */
  int32_t reserved;      /* 0 */
} opt_tensor;

/* Flags of a step, an accumulation; a bit set. */
enum {
  /* Zero each gradient buffer in the same pass over memory. */
  OPT_ZERO_GRADS = 1,
  /* opt_step: use the sum of accumulated gradients, not their mean. */
  OPT_SUM = 2,
  /* opt_accumulate: the gradients are means over the call's samples, as a
   * mean loss gives them, not sums; they are weighted accordingly. */
  OPT_GRADS_ARE_MEANS = 4
};

/* Arguments of opt_step. Lent arrays have one entry for each index, and are
 * good for this call only. */
typedef struct opt_step_args {
  uint32_t struct_size; /* sizeof(opt_step_args) */
  uint32_t flags;       /* OPT_ZERO_GRADS, OPT_SUM */
  int64_t count;        /* entries of each array: opt_info.index_count */
  void* const* params; /* parameters; NULL or a NULL entry: the retained ones */
  void* const* grads;  /* gradients; NULL: the retained; NULL entry: none */
  const opt_grad_work* work; /* done on the gradients first; NULL: nothing */
  opt_grad_report* report;   /* filled in; computes a norm. NULL: not wanted */
} opt_step_args;

/* Arguments of opt_accumulate. */
typedef struct opt_accumulate_args {
  uint32_t struct_size; /* sizeof(opt_accumulate_args) */
  uint32_t flags;       /* OPT_ZERO_GRADS, OPT_GRADS_ARE_MEANS */
  int64_t count;        /* entries of grads: opt_info.index_count */
  int64_t samples;      /* samples in this micro-batch, >= 1 */
  void* const* grads;   /* gradients; NULL: the retained; NULL entry: none */
} opt_accumulate_args;

/* Arguments of opt_zero_grad. */
typedef struct opt_zero_grad_args {
  uint32_t struct_size; /* sizeof(opt_zero_grad_args) */
  uint32_t flags;       /* 0 */
  int64_t count;        /* entries of grads: opt_info.index_count */
  void* const* grads;   /* gradients; NULL: the retained; NULL entry: none */
} opt_zero_grad_args;

/* An optimizer, described. */
typedef struct opt_info {
  uint32_t struct_size;    /* sizeof(opt_info) */
  int32_t group_count;     /* at least 1 */
  int64_t index_count;     /* tensor indices run from 0 to this, less 1 */
  int64_t tensor_count;    /* attached tensors: fewer after a detach */
  int64_t param_count;     /* elements of all attached tensors */
  int64_t state_bytes;     /* bytes of state, accumulators included */
  int64_t steps;           /* successful calls of opt_step */
  int64_t pending_samples; /* samples accumulated since the last step */
  const char* rule;        /* name of its rule; lives with the library */
  int64_t skipped;         /* steps skipped because of Inf or NaN */
} opt_info;

/* An attached tensor, described. */
typedef struct opt_tensor_info {
  uint32_t struct_size; /* sizeof(opt_tensor_info) */
  int32_t group;
  opt_dtype param_dtype;
  opt_dtype grad_dtype;
  int64_t count;        /* elements */
  int64_t step;         /* steps that this tensor has taken: the formulas' t */
  const int64_t* shape; /* `rank` extents */
  const char* name;
  void* param;  /* retained, or NULL */
  void* grad;   /* retained, or NULL */
  int32_t rank; /* at least 1 */
  int32_t reserved;
} opt_tensor_info;

/* A look at an array of the library's, which may be written to. */
typedef struct opt_view {
  uint32_t struct_size; /* sizeof(opt_view) */
  opt_dtype dtype;
  int64_t count; /* elements */
  void* data;    /* NULL if count is 0 */
} opt_view;

/* clang-format off */
#define OPT_TENSOR_INIT \
  { sizeof(opt_tensor), 0, OPT_F32, OPT_F32, 0, NULL, NULL, NULL, NULL, 0, 0 }
#define OPT_STEP_ARGS_INIT \
  { sizeof(opt_step_args), 0, 0, NULL, NULL, NULL, NULL }
#define OPT_ACCUMULATE_ARGS_INIT \
  { sizeof(opt_accumulate_args), 0, 0, 1, NULL }
#define OPT_ZERO_GRAD_ARGS_INIT { sizeof(opt_zero_grad_args), 0, 0, NULL }
#define OPT_INFO_INIT { sizeof(opt_info), 0, 0, 0, 0, 0, 0, 0, NULL, 0 }
#define OPT_TENSOR_INFO_INIT \
  { sizeof(opt_tensor_info), 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL, 0, 0 }
#define OPT_VIEW_INIT { sizeof(opt_view), 0, 0, NULL }
/* clang-format on */

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OPT_OPT_TENSOR_H_ */
