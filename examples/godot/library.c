/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The training as a native library of Godot 3 (GDNative). The game calls
 * cartpole_start once, cartpole_frame in every frame until it returns 0, and
 * cartpole_end; each returns a whole number, and a negative one if it failed.
 *
 * Godot's headers are not needed: the few declarations below are all that is
 * used of its interface.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "examples/godot/cartpole.h"

/* ---- Godot ---- */

#define GODOT_EXPORT __attribute__((visibility("default")))

typedef struct godot_gdnative_init_options godot_gdnative_init_options;
typedef struct godot_gdnative_terminate_options
    godot_gdnative_terminate_options;
typedef struct godot_array godot_array;

/* A value of GDScript: of type 2, a whole number. */
typedef struct godot_variant {
  uint32_t type;
  uint32_t padding;
  int64_t number;
  int64_t unused;
} godot_variant;

GODOT_EXPORT void godot_gdnative_init(godot_gdnative_init_options* options);
GODOT_EXPORT void godot_gdnative_terminate(
    godot_gdnative_terminate_options* options);
GODOT_EXPORT godot_variant cartpole_start(godot_array* arguments);
GODOT_EXPORT godot_variant cartpole_frame(godot_array* arguments);
GODOT_EXPORT godot_variant cartpole_end(godot_array* arguments);

static godot_variant number(int64_t value) {
  const godot_variant variant = {2, 0, value, 0};
  return variant;
}

void godot_gdnative_init(godot_gdnative_init_options* options) {
  (void)options;
}

void godot_gdnative_terminate(godot_gdnative_terminate_options* options) {
  (void)options;
}

/* ---- The host's memory and jobs ---- */

static _Atomic int64_t live_bytes;

static void* allocate(void* user, int64_t size, int64_t alignment) {
  (void)user;
  const int64_t padded = (size + alignment - 1) / alignment * alignment;
  void* const memory = aligned_alloc((size_t)alignment, (size_t)padded);
  if (memory != NULL) live_bytes += size;
  return memory;
}

static void release(void* user, void* memory, int64_t size, int64_t alignment) {
  (void)user, (void)alignment;
  live_bytes -= size;
  free(memory);
}

typedef struct jobs {
  void (*task)(void* task_data, int64_t i);
  void* task_data;
  int64_t count;
  _Atomic int64_t next;
} jobs;

static void* do_jobs(void* data) {
  jobs* const j = data;
  for (int64_t i = j->next++; i < j->count; i = j->next++) {
    j->task(j->task_data, i);
  }
  return NULL;
}

/* Stands for the job system of an engine: one more thread helps. */
static int32_t parallel_for(void* user, int64_t count,
                            void (*task)(void* task_data, int64_t i),
                            void* task_data) {
  jobs all = {task, task_data, count, 0};
  pthread_t helper;
  (void)user;
  const int is_helped = pthread_create(&helper, NULL, do_jobs, &all) == 0;
  do_jobs(&all);
  if (is_helped) pthread_join(helper, NULL);
  return 0;
}

/* ---- The game's calls ---- */

static const int64_t kBudget = 2000000; /* nanoseconds of a frame */

static learner the_learner;
static int frames;

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static godot_variant fail(void) {
  fprintf(stderr, "cartpole: %s\n", opt_last_error());
  return number(-1);
}

godot_variant cartpole_start(godot_array* arguments) {
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  (void)arguments;
  config.allocate = allocate;
  config.release = release;
  config.parallel_for = parallel_for;
  config.threads = 2;
  return learner_start(&the_learner, &config) == OPT_OK ? number(1) : fail();
}

godot_variant cartpole_frame(godot_array* arguments) {
  const int64_t end = now() + kBudget;
  (void)arguments;
  ++frames;
  do {
    learner_work(&the_learner);
  } while (learner_is_busy(&the_learner) && now() < end);
  if (the_learner.status != OPT_OK) return fail();
  return number(learner_is_busy(&the_learner));
}

/* Saves to the file that CARTPOLE_CHECKPOINT names. */
godot_variant cartpole_end(godot_array* arguments) {
  const char* const path = getenv("CARTPOLE_CHECKPOINT");
  const learner* const l = &the_learner;
  (void)arguments;
  if (learner_save(l, path != NULL ? path : "cartpole.safetensors") != OPT_OK) {
    return fail();
  }
  printf("ticks an episode: %.1f at first, %.1f after %d updates\n",
         (double)l->first_score, (double)l->score, l->update);
  printf("frames: %d, bytes of libopt's now: %lld", frames,
         (long long)live_bytes);
  learner_end(&the_learner);
  printf(", at the end: %lld\n", (long long)live_bytes);
  fflush(stdout);
  return number(0);
}
