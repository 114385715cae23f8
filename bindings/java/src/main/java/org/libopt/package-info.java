// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

/**
 * Deep-learning optimizers: create one, attach parameter and gradient buffers, step.
 *
 * <p>Start from the builder of a rule, such as {@link org.libopt.AdamW#builder()}, which makes an
 * {@link org.libopt.Optimizer}.
 */
package org.libopt;
