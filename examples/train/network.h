/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The model: 784 pixels, 128 hidden units with ReLU, 10 classes with softmax;
 * the loss is the cross-entropy. It knows nothing of libopt: it owns flat
 * arrays of parameters and gradients, which are all that an optimizer needs.
 *
 * The numbers are the same for any thread count: threads share out samples in
 * the forward pass and rows of the gradient in the backward pass, and every
 * sum runs in a fixed order.
 */
#ifndef OPT_EXAMPLES_TRAIN_NETWORK_H_
#define OPT_EXAMPLES_TRAIN_NETWORK_H_

#include <stdint.h>

#include "examples/train/data.h"
#include "examples/train/system.h"

/* The most images that one call of network_gradient() takes. */
enum { kMaxMicroBatch = 512 };

enum { kNetworkTensors = 4 };

/* A parameter tensor with its gradient. */
typedef struct network_tensor {
  const char* name;
  int64_t shape[2];
  int32_t rank;
  int64_t count;
  float* param;
  float* grad;
} network_tensor;

typedef struct network network;

/* Allocates a network; network_initialize() fills it. NULL: out of memory. */
network* network_create(pool* threads);

/* NULL does nothing. */
void network_destroy(network* net);

/* The parameters and gradients: kNetworkTensors of them. */
const network_tensor* network_tensors(const network* net);

/* Draws new weights: uniform in +-sqrt(6 / fan-in) (He et al., 2015) for the
 * hidden layer, in +-sqrt(3 / fan-in) for the last; biases are 0. `random` is
 * the state of random_uniform(). */
void network_initialize(network* net, uint64_t* random);

/* Sets the gradients to those of the mean loss of `count` images, at most
 * kMaxMicroBatch, which `picked` names by their indices in the set.
 * Returns the sum of their losses. */
double network_gradient(network* net, const images* set, const int64_t* picked,
                        int64_t count);

typedef struct evaluation {
  double loss;     /* mean over the set */
  double accuracy; /* share of correct answers, 0 to 1 */
} evaluation;

/* Tests the network on all images of a set. */
evaluation network_evaluate(network* net, const images* set);

#endif /* OPT_EXAMPLES_TRAIN_NETWORK_H_ */
