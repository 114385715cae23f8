/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/train/system.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int fail(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("train: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  return -1;
}

double clock_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static volatile sig_atomic_t signal_arrived = 0;

static void on_interrupt(int signal_number) { signal_arrived = signal_number; }

void interrupt_install(void) {
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  action.sa_handler = on_interrupt;
  action.sa_flags = SA_RESTART | (int)SA_RESETHAND;
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
}

int interrupted(void) { return signal_arrived; }

/* One job at a time. A task takes tens of microseconds, so handing them out
 * under the mutex costs next to nothing. */
struct pool {
  pthread_mutex_t mutex;
  pthread_cond_t work; /* next < count, or stop */
  pthread_cond_t idle; /* done == count */
  void (*task)(void* data, int64_t i);
  void* data;
  int64_t count;
  int64_t next; /* the first task that no thread has taken */
  int64_t done;
  bool stop;
  int workers;
  pthread_t threads[];
};

/* Runs the next task. The mutex is held before and after, not meanwhile. */
static void run_one(pool* p) {
  void (*const task)(void*, int64_t) = p->task;
  void* const data = p->data;
  const int64_t i = p->next++;
  pthread_mutex_unlock(&p->mutex);
  task(data, i);
  pthread_mutex_lock(&p->mutex);
  if (++p->done == p->count) pthread_cond_signal(&p->idle);
}

static void* work(void* argument) {
  pool* const p = argument;
  pthread_mutex_lock(&p->mutex);
  for (;;) {
    while (!p->stop && p->next == p->count) {
      pthread_cond_wait(&p->work, &p->mutex);
    }
    if (p->stop) break;
    run_one(p);
  }
  pthread_mutex_unlock(&p->mutex);
  return NULL;
}

pool* pool_create(int threads) {
  const size_t workers = (size_t)threads - 1;
  pool* const p = calloc(1, sizeof(pool) + workers * sizeof(pthread_t));
  if (p == NULL) return NULL;
  pthread_mutex_init(&p->mutex, NULL);
  pthread_cond_init(&p->work, NULL);
  pthread_cond_init(&p->idle, NULL);
  for (size_t i = 0; i < workers; ++i) {
    const int error = pthread_create(&p->threads[i], NULL, work, p);
    if (error != 0) {
      pool_destroy(p);
      errno = error;
      return NULL;
    }
    ++p->workers;
  }
  return p;
}

void pool_destroy(pool* p) {
  if (p == NULL) return;
  pthread_mutex_lock(&p->mutex);
  p->stop = true;
  pthread_cond_broadcast(&p->work);
  pthread_mutex_unlock(&p->mutex);
  for (int i = 0; i < p->workers; ++i) pthread_join(p->threads[i], NULL);
  pthread_cond_destroy(&p->idle);
  pthread_cond_destroy(&p->work);
  pthread_mutex_destroy(&p->mutex);
  free(p);
}

int32_t pool_run(void* threads, int64_t count,
                 void (*task)(void* data, int64_t i), void* data) {
  pool* const p = threads;
  if (p->workers == 0 || count == 1) {
    for (int64_t i = 0; i < count; ++i) task(data, i);
    return 0;
  }
  pthread_mutex_lock(&p->mutex);
  p->task = task;
  p->data = data;
  p->count = count;
  p->next = 0;
  p->done = 0;
  pthread_cond_broadcast(&p->work);
  while (p->next < p->count) run_one(p);
  while (p->done < p->count) pthread_cond_wait(&p->idle, &p->mutex);
  pthread_mutex_unlock(&p->mutex);
  return 0;
}
