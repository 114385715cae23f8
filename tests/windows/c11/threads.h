/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The part of C11's threads that the tests in C use and mingw-w64 lacks. */

#ifndef OPT_TESTS_WINDOWS_C11_THREADS_H_
#define OPT_TESTS_WINDOWS_C11_THREADS_H_

#include <pthread.h>
#include <stdint.h>

enum { thrd_success, thrd_error };

typedef struct {
  int (*body)(void*);
  void* argument;
  pthread_t thread;
} thrd_t;

static inline void* thrd_run(void* started) {
  const thrd_t* thread = (const thrd_t*)started;
  return (void*)(intptr_t)thread->body(thread->argument);
}

/* The thread must stay where it is until it has been joined. */
static inline int thrd_create(thrd_t* thread, int (*body)(void*),
                              void* argument) {
  thread->body = body;
  thread->argument = argument;
  return pthread_create(&thread->thread, NULL, thrd_run, thread) == 0
             ? thrd_success
             : thrd_error;
}

static inline int thrd_join(thrd_t thread, int* result) {
  void* returned = NULL;
  if (pthread_join(thread.thread, &returned) != 0) return thrd_error;
  if (result != NULL) *result = (int)(intptr_t)returned;
  return thrd_success;
}

#endif /* OPT_TESTS_WINDOWS_C11_THREADS_H_ */
