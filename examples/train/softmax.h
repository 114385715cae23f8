/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#ifndef OPT_EXAMPLES_TRAIN_SOFTMAX_H_
#define OPT_EXAMPLES_TRAIN_SOFTMAX_H_

/* Turns the logits of kClasses classes into probabilities, in place, and
 * returns the cross-entropy: minus the logarithm of the label's probability.
 * The probabilities do not depend on the C library. */
double softmax(float* logits, int label);

#endif /* OPT_EXAMPLES_TRAIN_SOFTMAX_H_ */
