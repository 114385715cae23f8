/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The part of jni.h that differs between systems, as it is on 64-bit Windows:
 * a JDK has only that of its own system. */

#ifndef OPT_BINDINGS_JAVA_WINDOWS_JNI_MD_H_
#define OPT_BINDINGS_JAVA_WINDOWS_JNI_MD_H_

#define JNIEXPORT __declspec(dllexport)
#define JNIIMPORT __declspec(dllimport)
#define JNICALL __stdcall

typedef long jint;
typedef long long jlong;
typedef signed char jbyte;

#endif /* OPT_BINDINGS_JAVA_WINDOWS_JNI_MD_H_ */
