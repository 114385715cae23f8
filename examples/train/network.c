/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/train/network.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The width of the hidden layer. A constant, so that the compiler turns the
 * loops over it into SIMD instructions. */
enum { kHidden = 128 };

/* Tiles of a matrix product are so large that each value loaded is used in
 * several products, and so small that their elements of `a` stay in registers.
 */
enum { kTileRows = 4, kTileDepth = 4 };

enum {
  kLanes = 16,        /* partial sums of an inner product */
  kBlock = 16,        /* samples of a forward task */
  kGradientRows = 16, /* pixels of a backward task: one cache line of x */
  kMinParallel = 32   /* fewer images are not worth waking a thread */
};

/* Mean and standard deviation of Fashion-MNIST's pixels, scaled to 0 .. 1. */
static const float kPixelMean = 0.2860F;
static const float kPixelDeviation = 0.3530F;

/* fc1 is stored pixel by pixel and fc2 class by class, so that each row is as
 * long as the hidden layer. */
enum { kFc1Weight, kFc1Bias, kFc2Weight, kFc2Bias };
enum { kFc1Count = kPixels * kHidden, kFc2Count = kClasses * kHidden };

struct network {
  pool* threads;
  network_tensor tensors[kNetworkTensors];

  /* The call in progress. */
  const images* set;
  const int64_t* picked; /* or NULL: the images from `first` on */
  int64_t first;
  int64_t count;
  int want_gradient;

  /* One row for each image of the call. */
  float x[kMaxMicroBatch][kPixels];
  float h[kMaxMicroBatch][kHidden];  /* hidden units, after ReLU */
  float z[kMaxMicroBatch][kClasses]; /* probabilities, then dloss/dlogit */
  float dh[kMaxMicroBatch][kHidden]; /* dloss/dh, before ReLU */
  double loss[kMaxMicroBatch];
  int correct[kMaxMicroBatch];
};

network* network_create(pool* threads) {
  static const network_tensor kTensors[kNetworkTensors] = {
      {"fc1.weight", {kPixels, kHidden}, 2, kFc1Count, NULL, NULL},
      {"fc1.bias", {kHidden, 1}, 1, kHidden, NULL, NULL},
      {"fc2.weight", {kClasses, kHidden}, 2, kFc2Count, NULL, NULL},
      {"fc2.bias", {kClasses, 1}, 1, kClasses, NULL, NULL},
  };
  network* const net = calloc(1, sizeof(*net));
  if (net == NULL) return NULL;
  net->threads = threads;
  memcpy(net->tensors, kTensors, sizeof(kTensors));
  for (int i = 0; i < kNetworkTensors; ++i) {
    network_tensor* const t = &net->tensors[i];
    t->param = calloc((size_t)t->count, sizeof(float));
    t->grad = calloc((size_t)t->count, sizeof(float));
    if (t->param == NULL || t->grad == NULL) {
      network_destroy(net);
      return NULL;
    }
  }
  return net;
}

void network_destroy(network* net) {
  if (net == NULL) return;
  for (int i = 0; i < kNetworkTensors; ++i) {
    free(net->tensors[i].param);
    free(net->tensors[i].grad);
  }
  free(net);
}

const network_tensor* network_tensors(const network* net) {
  return net->tensors;
}

void network_initialize(network* net, uint64_t* random) {
  const double bounds[kNetworkTensors] = {sqrt(6.0 / kPixels), 0.0,
                                          sqrt(3.0 / kHidden), 0.0};
  for (int i = 0; i < kNetworkTensors; ++i) {
    const network_tensor* const t = &net->tensors[i];
    for (int64_t j = 0; j < t->count; ++j) {
      t->param[j] = (float)random_uniform(random, bounds[i]);
    }
  }
}

/* One tile of matrix_add_product(). Once this is inlined, the loops over r and
 * k have constant bounds, and disappear. */
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

/* The tiles of up to kTileRows rows. */
static inline void add_tiles(float* c, int rows, const float* a,
                             int64_t row_stride, int64_t depth_stride,
                             const float* b, int64_t depth) {
  const int64_t tiled = depth - depth % kTileDepth;
  for (int64_t k = 0; k < tiled; k += kTileDepth) {
    add_tile(c, rows, a + k * depth_stride, row_stride, depth_stride,
             b + k * kHidden, kTileDepth);
  }
  for (int64_t k = tiled; k < depth; ++k) {
    add_tile(c, rows, a + k * depth_stride, row_stride, depth_stride,
             b + k * kHidden, 1);
  }
}

/* c += a b, where c is rows x kHidden, a is rows x depth with the given strides
 * in elements, b is depth x kHidden. Each element of c adds its products one
 * after the other in order of depth: no result depends on how a caller cuts
 * the rows into blocks, nor on the width of the SIMD registers. */
static void matrix_add_product(float* c, int64_t rows, const float* a,
                               int64_t row_stride, int64_t depth_stride,
                               const float* b, int64_t depth) {
  const int64_t tiled = rows - rows % kTileRows;
  for (int64_t r = 0; r < tiled; r += kTileRows) {
    add_tiles(c + r * kHidden, kTileRows, a + r * row_stride, row_stride,
              depth_stride, b, depth);
  }
  for (int64_t r = tiled; r < rows; ++r) {
    add_tiles(c + r * kHidden, 1, a + r * row_stride, row_stride, depth_stride,
              b, depth);
  }
}

/* The inner product of two rows of kHidden elements. */
static float dot(const float* x, const float* y) {
  float lane[kLanes] = {0};
  for (int j = 0; j < kHidden; j += kLanes) {
    for (int i = 0; i < kLanes; ++i) lane[i] += x[j + i] * y[j + i];
  }
  float sum = 0;
  for (int i = 0; i < kLanes; ++i) sum += lane[i];
  return sum;
}

/* e to the x for x <= 0, within 1e-9 or so: 2^n times a Taylor series in the
 * rest. The last bits of the C library's exp() differ between CPUs. */
static double exp_of_negative(double x) {
  static const double kLog2E = 1.4426950408889634;
  static const double kLn2 = 0.6931471805599453;
  if (!(x > -700.0)) return x != x ? x : 0.0;
  const double n = floor(x * kLog2E + 0.5);
  const double r = x - n * kLn2;
  double series = 1.0;
  for (int i = 9; i >= 1; --i) series = 1.0 + series * r / i;
  return ldexp(series, (int)n);
}

/* Turns the logits of kClasses classes into probabilities, in place, and
 * returns the cross-entropy: minus the logarithm of the label's probability.
 * The probabilities do not depend on the C library. */
static double softmax(float* logits, int label) {
  float max = logits[0];
  for (int c = 1; c < kClasses; ++c) {
    if (logits[c] > max) max = logits[c];
  }
  double weight[kClasses];
  double sum = 0.0;
  for (int c = 0; c < kClasses; ++c) {
    weight[c] = exp_of_negative((double)logits[c] - (double)max);
    sum += weight[c];
  }
  const double loss = log(sum) - ((double)logits[label] - (double)max);
  for (int c = 0; c < kClasses; ++c) logits[c] = (float)(weight[c] / sum);
  return loss;
}

static int64_t image_of(const network* net, int64_t sample) {
  return net->picked != NULL ? net->picked[sample] : net->first + sample;
}

static void load_pixels(network* net, int64_t sample) {
  const uint8_t* const pixels =
      net->set->pixels + image_of(net, sample) * kPixels;
  float* const x = net->x[sample];
  const float scale = 1.0F / (255.0F * kPixelDeviation);
  const float shift = kPixelMean / kPixelDeviation;
  for (int i = 0; i < kPixels; ++i) x[i] = (float)pixels[i] * scale - shift;
}

/* Logits, loss, and dloss/dlogit of the mean loss, of one sample. */
static void last_layer(network* net, int64_t sample) {
  const int label = net->set->labels[image_of(net, sample)];
  const float* const weight = net->tensors[kFc2Weight].param;
  const float* const bias = net->tensors[kFc2Bias].param;
  float* const z = net->z[sample];
  int64_t best = 0;
  for (int64_t c = 0; c < kClasses; ++c) {
    z[c] = bias[c] + dot(net->h[sample], weight + c * kHidden);
    if (z[c] > z[best]) best = c;
  }
  net->correct[sample] = best == label;
  net->loss[sample] = softmax(z, label);
  z[label] -= 1.0F;
  for (int c = 0; c < kClasses; ++c) z[c] /= (float)net->count;
}

/* The forward pass of the samples from `begin` to `end`. */
static void forward_block(network* net, int64_t begin, int64_t end) {
  for (int64_t s = begin; s < end; ++s) {
    load_pixels(net, s);
    memcpy(net->h[s], net->tensors[kFc1Bias].param, sizeof(net->h[s]));
  }
  matrix_add_product(net->h[begin], end - begin, net->x[begin], kPixels, 1,
                     net->tensors[kFc1Weight].param, kPixels);
  for (int64_t s = begin; s < end; ++s) {
    for (int j = 0; j < kHidden; ++j) {
      net->h[s][j] = net->h[s][j] > 0.0F ? net->h[s][j] : 0.0F;
    }
    last_layer(net, s);
  }
}

/* Their backward pass, from dloss/dlogit to dh. */
static void backward_block(network* net, int64_t begin, int64_t end) {
  memset(net->dh[begin], 0, (size_t)(end - begin) * sizeof(net->dh[0]));
  matrix_add_product(net->dh[begin], end - begin, net->z[begin], kClasses, 1,
                     net->tensors[kFc2Weight].param, kClasses);
  for (int64_t s = begin; s < end; ++s) {
    for (int j = 0; j < kHidden; ++j) {
      net->dh[s][j] = net->h[s][j] > 0.0F ? net->dh[s][j] : 0.0F;
    }
  }
}

static void forward_task(void* data, int64_t i) {
  network* const net = data;
  const int64_t begin = i * kBlock;
  const int64_t end = begin + kBlock < net->count ? begin + kBlock : net->count;
  forward_block(net, begin, end);
  if (net->want_gradient) backward_block(net, begin, end);
}

static void last_layer_gradients(network* net) {
  float* const weight = net->tensors[kFc2Weight].grad;
  float* const bias = net->tensors[kFc2Bias].grad;
  memset(weight, 0, sizeof(float) * kFc2Count);
  memset(bias, 0, sizeof(float) * kClasses);
  matrix_add_product(weight, kClasses, net->z[0], 1, kClasses, net->h[0],
                     net->count);
  for (int64_t s = 0; s < net->count; ++s) {
    for (int c = 0; c < kClasses; ++c) bias[c] += net->z[s][c];
  }
}

static void first_bias_gradient(network* net) {
  float* const bias = net->tensors[kFc1Bias].grad;
  memset(bias, 0, sizeof(float) * kHidden);
  for (int64_t s = 0; s < net->count; ++s) {
    for (int j = 0; j < kHidden; ++j) bias[j] += net->dh[s][j];
  }
}

/* kGradientRows rows of fc1.weight's gradient; the last task computes all other
 * gradients. */
static void backward_task(void* data, int64_t i) {
  network* const net = data;
  const int64_t row = i * kGradientRows;
  if (row == kPixels) {
    first_bias_gradient(net);
    last_layer_gradients(net);
    return;
  }
  float* const weight = net->tensors[kFc1Weight].grad + row * kHidden;
  memset(weight, 0, sizeof(float) * kGradientRows * kHidden);
  matrix_add_product(weight, kGradientRows, &net->x[0][row], 1, kPixels,
                     net->dh[0], net->count);
}

static void run(network* net, int64_t tasks, void (*task)(void*, int64_t)) {
  if (net->count >= kMinParallel) {
    pool_run(net->threads, tasks, task, net);
    return;
  }
  for (int64_t i = 0; i < tasks; ++i) task(net, i);
}

static double forward(network* net) {
  run(net, (net->count + kBlock - 1) / kBlock, forward_task);
  double sum = 0.0;
  for (int64_t s = 0; s < net->count; ++s) sum += net->loss[s];
  return sum;
}

double network_gradient(network* net, const images* set, const int64_t* picked,
                        int64_t count) {
  net->set = set;
  net->picked = picked;
  net->count = count;
  net->want_gradient = 1;
  const double loss = forward(net);
  run(net, kPixels / kGradientRows + 1, backward_task);
  return loss;
}

evaluation network_evaluate(network* net, const images* set) {
  net->set = set;
  net->picked = NULL;
  net->want_gradient = 0;
  double sum = 0.0;
  int64_t correct = 0;
  for (net->first = 0; net->first < set->count; net->first += net->count) {
    const int64_t left = set->count - net->first;
    net->count = left < kMaxMicroBatch ? left : kMaxMicroBatch;
    sum += forward(net);
    for (int64_t s = 0; s < net->count; ++s) correct += net->correct[s];
  }
  const evaluation result = {sum / (double)set->count,
                             (double)correct / (double)set->count};
  return result;
}
