/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#ifndef OPT_EXAMPLES_TRAIN_INTERRUPT_H_
#define OPT_EXAMPLES_TRAIN_INTERRUPT_H_

#include <stdbool.h>

/* From here on the first Ctrl-C only sets a flag; a second one kills. */
void interrupt_install(void);

/* Whether Ctrl-C was pressed. */
bool interrupted(void);

#endif /* OPT_EXAMPLES_TRAIN_INTERRUPT_H_ */
