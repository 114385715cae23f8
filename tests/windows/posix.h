/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Functions that the tests in C use and Windows' C library lacks. The compiler
 * includes it ahead of each of them. */

#ifndef OPT_TESTS_WINDOWS_POSIX_H_
#define OPT_TESTS_WINDOWS_POSIX_H_

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* There, aligned memory has a function of its own that frees it. */
#define malloc(size) _aligned_malloc(size, 16)
#define calloc(count, size) zeroed_memory((count) * (size))
#define aligned_alloc(alignment, size) _aligned_malloc(size, alignment)
#define free(memory) _aligned_free(memory)
#define setenv(name, value, overwrite) _putenv_s(name, value)
#define unsetenv(name) _putenv_s(name, "")

static inline void* zeroed_memory(size_t size) {
  void* memory = malloc(size);
  return memory == NULL ? NULL : memset(memory, 0, size);
}

#endif /* OPT_TESTS_WINDOWS_POSIX_H_ */
