// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Java's own calls; see lent_arrays.h.

opt_status opt_call_lent(StepCall* call, opt_optimizer optimizer,
                         int32_t operation, int64_t samples, uint32_t flags);
opt_status opt_call_with_arrays(JNIEnv* jenv, StepCall* call,
                                opt_optimizer optimizer, int32_t operation,
                                int64_t samples, uint32_t flags,
                                jlongArray table, jobjectArray arrays);
