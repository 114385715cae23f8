/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/train/matrix.h"

/* A tile is so large that each value loaded is used in several products, and
 * so small that a's elements stay in registers. */
enum { kTileRows = 4, kTileDepth = 4, kLanes = 16 };

/* One tile. The loops over r and k have constant bounds once this is inlined,
 * and disappear. */
static inline void add_tile(float* restrict c, int rows,
                            const float* restrict a, int64_t row_stride,
                            int64_t depth_stride, const float* restrict b,
                            int depth) {
  float factor[kTileRows][kTileDepth];
  for (int r = 0; r < rows; ++r) {
    for (int k = 0; k < depth; ++k) {
      factor[r][k] = a[r * row_stride + k * depth_stride];
    }
  }
  for (int j = 0; j < kHidden; ++j) {
    for (int r = 0; r < rows; ++r) {
      float sum = c[r * kHidden + j];
      for (int k = 0; k < depth; ++k) sum += factor[r][k] * b[k * kHidden + j];
      c[r * kHidden + j] = sum;
    }
  }
}

void matrix_add_product(float* c, int64_t rows, const float* a,
                        int64_t row_stride, int64_t depth_stride,
                        const float* b, int64_t depth) {
  const int64_t tiled_rows = rows - rows % kTileRows;
  const int64_t tiled_depth = depth - depth % kTileDepth;
  for (int64_t r = 0; r < tiled_rows; r += kTileRows) {
    float* const cr = c + r * kHidden;
    const float* const ar = a + r * row_stride;
    for (int64_t k = 0; k < tiled_depth; k += kTileDepth) {
      add_tile(cr, kTileRows, ar + k * depth_stride, row_stride, depth_stride,
               b + k * kHidden, kTileDepth);
    }
    for (int64_t k = tiled_depth; k < depth; ++k) {
      add_tile(cr, kTileRows, ar + k * depth_stride, row_stride, depth_stride,
               b + k * kHidden, 1);
    }
  }
  for (int64_t r = tiled_rows; r < rows; ++r) {
    float* const cr = c + r * kHidden;
    const float* const ar = a + r * row_stride;
    for (int64_t k = 0; k < tiled_depth; k += kTileDepth) {
      add_tile(cr, 1, ar + k * depth_stride, row_stride, depth_stride,
               b + k * kHidden, kTileDepth);
    }
    for (int64_t k = tiled_depth; k < depth; ++k) {
      add_tile(cr, 1, ar + k * depth_stride, row_stride, depth_stride,
               b + k * kHidden, 1);
    }
  }
}

float matrix_dot(const float* x, const float* y) {
  float lane[kLanes] = {0};
  for (int j = 0; j < kHidden; j += kLanes) {
    for (int i = 0; i < kLanes; ++i) lane[i] += x[j + i] * y[j + i];
  }
  float sum = 0;
  for (int i = 0; i < kLanes; ++i) sum += lane[i];
  return sum;
}
