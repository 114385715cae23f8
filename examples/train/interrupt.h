/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#ifndef OPT_EXAMPLES_TRAIN_INTERRUPT_H_
#define OPT_EXAMPLES_TRAIN_INTERRUPT_H_

/* From here on the first Ctrl-C, or SIGTERM, only sets a flag; a second one
 * kills. */
void interrupt_install(void);

/* The signal that came, or 0. */
int interrupted(void);

#endif /* OPT_EXAMPLES_TRAIN_INTERRUPT_H_ */
