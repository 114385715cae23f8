/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Load, step with threads, shut down, unload, a hundred times: an engine that
 * reloads plugins. Threads and mappings must be what they were.
 * usage: unload <libopt.so>
 */
#include <dirent.h>
#include <dlfcn.h>
#include <opt/opt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 100, COUNT = 1 << 20 };
static float param[COUNT], grad[COUNT];

static void fail(const char* what, const char* why) {
  printf("not ok 1 - %s: %s\n", what, why);
  exit(1);
}

/* Resolves a function of the library into the pointer `function`. */
static void resolve(void* library, const char* name, void* function) {
  void* symbol = dlsym(library, name);
  if (symbol == NULL) fail(name, dlerror());
  memcpy(function, &symbol, sizeof symbol);
}

static int thread_count(void) {
  DIR* tasks = opendir("/proc/self/task");
  if (tasks == NULL) fail("/proc/self/task", "cannot be read");
  int count = 0;
  for (struct dirent* entry; (entry = readdir(tasks)) != NULL;) {
    count += entry->d_name[0] != '.';
  }
  closedir(tasks);
  return count;
}

/* Counts the lines of /proc/self/maps that contain a word. */
static int mappings(const char* word) {
  FILE* maps = fopen("/proc/self/maps", "r");
  if (maps == NULL) fail("/proc/self/maps", "cannot be read");
  int count = 0;
  for (char line[4096]; fgets(line, sizeof line, maps) != NULL;) {
    count += strstr(line, word) != NULL;
  }
  fclose(maps);
  return count;
}

/* One life of the library; returns the number of threads that it had. */
static int live(const char* path, int own_context) {
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) fail("dlopen", dlerror());
  opt_status (*create_context)(const opt_context_config*, opt_context*);
  opt_status (*destroy_context)(opt_context);
  opt_status (*create)(opt_context, const char*, opt_optimizer*);
  opt_status (*destroy)(opt_optimizer);
  opt_status (*attach)(opt_optimizer, const opt_tensor*, int64_t, int64_t*);
  opt_status (*step)(opt_optimizer, const opt_step_args*);
  opt_status (*shut_down)(void);
  const char* (*last_error)(void);
  resolve(library, "opt_context_create", &create_context);
  resolve(library, "opt_context_destroy", &destroy_context);
  resolve(library, "opt_create", &create);
  resolve(library, "opt_destroy", &destroy);
  resolve(library, "opt_attach", &attach);
  resolve(library, "opt_step", &step);
  resolve(library, "opt_shutdown", &shut_down);
  resolve(library, "opt_last_error", &last_error);

  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  config.threads = 4;
  opt_context context = NULL;
  opt_optimizer optimizer = NULL;
  opt_tensor tensor = OPT_TENSOR_INIT;
  tensor.count = COUNT;
  tensor.param = param;
  tensor.grad = grad;
  if ((own_context && create_context(&config, &context) != OPT_OK) ||
      create(context, OPT_RULE_ADAM, &optimizer) != OPT_OK ||
      attach(optimizer, &tensor, 1, NULL) != OPT_OK ||
      step(optimizer, NULL) != OPT_OK) {
    fail("a step", last_error());
  }
  const int threads = thread_count();
  if (destroy(optimizer) != OPT_OK || destroy_context(context) != OPT_OK ||
      shut_down() != OPT_OK) {
    fail("the end", last_error());
  }
  if (dlclose(library) != 0) fail("dlclose", dlerror());
  return threads;
}

int main(int argc, char** argv) {
  if (argc != 2) fail("usage", "unload <libopt.so>");
  for (int i = 0; i < COUNT; ++i) grad[i] = 1;
  int workers = 1;
  int leftover_threads = 0;
  int leftover_mappings = 0;
  int first_mappings = 0;
  for (int i = 0; i < ROUNDS; ++i) {
    const int threads = live(argv[1], i % 2 == 0);
    if (i % 2 == 0) workers = workers && threads == 4;
    leftover_threads += thread_count() - 1;
    leftover_mappings += mappings("libopt.so");
    /* The second round has loaded all that the two kinds of life load. */
    if (i == 1) first_mappings = mappings("");
  }
  printf("%sok 1 - a step with four threads had four\n", workers ? "" : "not ");
  printf("%sok 2 - no thread was left by any of %d lives\n",
         leftover_threads == 0 ? "" : "not ", ROUNDS);
  printf("%sok 3 - dlclose unloaded the library each time\n",
         leftover_mappings == 0 ? "" : "not ");
  const int more_mappings = mappings("") - first_mappings;
  printf("# %d more mappings than after two lives\n", more_mappings);
  printf("%sok 4 - no mapping was left\n", more_mappings <= 0 ? "" : "not ");
  puts("1..4");
  return !(workers && leftover_threads == 0 && leftover_mappings == 0 &&
           more_mappings <= 0);
}
