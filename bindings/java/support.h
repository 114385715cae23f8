// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// JNI as the typemaps of language.i need it.

#ifndef OPT_BINDINGS_JAVA_SUPPORT_H_
#define OPT_BINDINGS_JAVA_SUPPORT_H_

#include <jni.h>

#include <cstdint>
#include <cstring>
#include <string>

#include "bindings/messages.h"
#include "opt/opt.h"

namespace opt_java {

// UTF-8 that ends with a zero byte, as Utf8.bytes() makes it, for one call.
class Text {
 public:
  Text() = default;
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;
  ~Text() {
    if (bytes_ != nullptr) {
      env_->ReleaseByteArrayElements(array_, bytes_, JNI_ABORT);
    }
  }
  // Returns false if an exception is pending. A null array is NULL.
  bool Take(JNIEnv* env, jbyteArray array) {
    if (array == nullptr) return true;
    env_ = env;
    array_ = array;
    bytes_ = env->GetByteArrayElements(array, nullptr);
    return bytes_ != nullptr;
  }
  const char* c_str() const { return reinterpret_cast<const char*>(bytes_); }

 private:
  JNIEnv* env_ = nullptr;
  jbyteArray array_ = nullptr;
  jbyte* bytes_ = nullptr;
};

// A text of the library's as bytes; NULL is null.
inline jbyteArray NewBytes(JNIEnv* env, const char* text) {
  if (text == nullptr) return nullptr;
  const auto size = static_cast<jsize>(std::strlen(text));
  jbyteArray array = env->NewByteArray(size);
  if (array != nullptr) {
    env->SetByteArrayRegion(array, 0, size,
                            reinterpret_cast<const jbyte*>(text));
  }
  return array;
}

// The thread's last failure in Java's words.
inline jbyteArray NewMessage(JNIEnv* env) {
  std::string message;
  try {
    message =
        opt_bindings::Translated(opt_last_error(), &opt_bindings::Word::java);
  } catch (...) {  // no memory for it
    return NewBytes(env, opt_last_error());
  }
  return NewBytes(env, message.c_str());
}

// Throws what OptException.of() makes of this thread's last failure.
inline void Throw(JNIEnv* env, opt_status status) {
  jclass type = env->FindClass("org/libopt/OptException");
  if (type == nullptr) return;
  jmethodID make =
      env->GetStaticMethodID(type, "of", "(I[B)Ljava/lang/RuntimeException;");
  if (make == nullptr) return;
  jbyteArray message = NewMessage(env);
  if (message == nullptr) return;
  jobject made = env->CallStaticObjectMethod(type, make, status, message);
  if (env->ExceptionCheck() == JNI_FALSE && made != nullptr) {
    env->Throw(static_cast<jthrowable>(made));
  }
}

inline void ThrowOutOfMemory(JNIEnv* env) {
  jclass type = env->FindClass("java/lang/OutOfMemoryError");
  if (type != nullptr) env->ThrowNew(type, "libopt: out of native memory");
}

}  // namespace opt_java

// `size` bytes of native memory as a direct buffer.
inline jobject opt_memory(JNIEnv* env, void* data, int64_t size) {
  static char nothing = 0;
  return env->NewDirectByteBuffer(data != nullptr ? data : &nothing, size);
}

// Where a direct buffer begins.
inline void* opt_buffer_address(JNIEnv* env, jobject buffer) {
  return env->GetDirectBufferAddress(buffer);
}

#endif  // OPT_BINDINGS_JAVA_SUPPORT_H_
