/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#ifndef OPT_EXAMPLES_TRAIN_FAIL_H_
#define OPT_EXAMPLES_TRAIN_FAIL_H_

/* Prints "train: " and the message as one line on stderr. Returns -1, so that
 * a function can end in `return fail(...)`. */
int fail(const char* format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 1, 2)))
#endif
    ;

#endif /* OPT_EXAMPLES_TRAIN_FAIL_H_ */
