/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#ifndef OPT_EXAMPLES_TRAIN_MATRIX_H_
#define OPT_EXAMPLES_TRAIN_MATRIX_H_

#include <stdint.h>

/* Columns of `c` and `b` below: the width of the hidden layer. A constant, so
 * that the compiler turns the innermost loop into SIMD instructions. */
enum { kHidden = 128 };

/* c += a b, where c is rows x kHidden, a is rows x depth with the given strides
 * in elements, b is depth x kHidden. Each element of c adds its products one
 * after the other in order of depth: no result depends on how a caller cuts
 * the rows into blocks, nor on the width of the SIMD registers. */
void matrix_add_product(float* c, int64_t rows, const float* a,
                        int64_t row_stride, int64_t depth_stride,
                        const float* b, int64_t depth);

/* Inner product of two rows of kHidden elements. */
float matrix_dot(const float* x, const float* y);

#endif /* OPT_EXAMPLES_TRAIN_MATRIX_H_ */
