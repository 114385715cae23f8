/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The yardsticks of Calls.java: a bare call of JNI, and steps made in a loop of
 * C with the library of the same process. */

#include <jni.h>

#include "opt/opt.h"

JNIEXPORT void JNICALL Java_org_libopt_Calls_bare(JNIEnv* env, jclass type,
                                                  jlong handle) {
  (void)env;
  (void)type;
  (void)handle;
}

/* Makes `count` steps of gd over one element. */
JNIEXPORT jint JNICALL Java_org_libopt_Calls_steps(JNIEnv* env, jclass type,
                                                   jlong count) {
  static opt_optimizer optimizer = NULL;
  static float param = 0;
  static float grad = 0;
  (void)env;
  (void)type;
  if (optimizer == NULL) {
    opt_tensor tensor = OPT_TENSOR_INIT;
    opt_status status = opt_create(NULL, OPT_RULE_GD, &optimizer);
    tensor.count = 1;
    tensor.param = &param;
    tensor.grad = &grad;
    if (status == OPT_OK) status = opt_attach(optimizer, &tensor, 1, NULL);
    if (status != OPT_OK) return status;
  }
  for (jlong i = 0; i < count; ++i) {
    const opt_status status = opt_step(optimizer, NULL);
    if (status != OPT_OK) return status;
  }
  return OPT_OK;
}
