/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * A host that exports functions of its own with the library's names: the
 * library must go on calling its own. Linked with -rdynamic.
 */
#include <dlfcn.h>
#include <opt/opt.h>
#include <stdio.h>
#include <string.h>

static int host_calls;

opt_status opt_set(opt_optimizer optimizer, int32_t group, const char* option,
                   double value) {
  (void)optimizer, (void)group, (void)option, (void)value;
  ++host_calls;
  return OPT_ERR_INTERNAL;
}

opt_status opt_get(opt_optimizer optimizer, int32_t group, const char* option,
                   double* value) {
  (void)optimizer, (void)group, (void)option, (void)value;
  ++host_calls;
  return OPT_ERR_INTERNAL;
}

const char* opt_last_error(void) {
  ++host_calls;
  return "the host's";
}

static int cases, failures;

static void check(int passed, const char* name) {
  failures += !passed;
  printf("%sok %d - %s\n", passed ? "" : "not ", ++cases, name);
}

int main(void) {
  opt_optimizer optimizer = NULL;
  check(opt_create(NULL, OPT_RULE_ADAMW, &optimizer) == OPT_OK &&
            opt_set_preset(optimizer, OPT_ALL_GROUPS, OPT_PRESET_PYTORCH) ==
                OPT_OK,
        "the library works in a host that exports opt_set");

  /* The library's functions of the same names, past the host's. */
  void* library = dlopen("libopt.so.0", RTLD_NOW | RTLD_NOLOAD);
  opt_status (*set)(opt_optimizer, int32_t, const char*, double) = NULL;
  opt_status (*get)(opt_optimizer, int32_t, const char*, double*) = NULL;
  const char* (*last_error)(void) = NULL;
  void* const symbols[] = {dlsym(library, "opt_set"), dlsym(library, "opt_get"),
                           dlsym(library, "opt_last_error")};
  memcpy(&set, &symbols[0], sizeof set);
  memcpy(&get, &symbols[1], sizeof get);
  memcpy(&last_error, &symbols[2], sizeof last_error);
  double rate = 0;
  check(set != opt_set && set(optimizer, 0, OPT_LR, 0.5) == OPT_OK &&
            get(optimizer, 0, OPT_LR, &rate) == OPT_OK && rate == 0.5,
        "its own opt_set and opt_get answer beside the host's");
  check(set(optimizer, 0, OPT_LR, -1) == OPT_ERR_VALUE &&
            strstr(last_error(), "lr") != NULL,
        "its own message is set");
  check(opt_destroy(optimizer) == OPT_OK && host_calls == 0,
        "the host's functions were never called");
  printf("1..%d\n", cases);
  return failures != 0;
}
