// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Typemaps of Java: handles and addresses are long, failures are thrown (see
// org.libopt.OptException), outputs are arrays of one element, texts are bytes
// of UTF-8, because JNI's own strings are of another encoding. All that SWIG
// makes is package-private.

%{
#include "bindings/java/lent_arrays.h"
#include "bindings/java/support.h"
%}

%include <typemaps.i>
%include <enums.swg>

%javaconst(1);
%pragma(java) jniclassclassmodifiers="final class"
%pragma(java) moduleclassmodifiers="final class"
%pragma(java) jniclasscode=%{
  static {
    NativeLibrary.load();
  }
%}

// Proxies are closed by who made them; no finalizer.
%typemap(javaclassmodifiers) SWIGTYPE "final class"
%typemap(javafinalize) SWIGTYPE ""
%typemap(javainterfaces) SWIGTYPE "AutoCloseable"
%typemap(javacode) SWIGTYPE %{
  @Override
  public void close() {
    delete();
  }
%}

// calls.h may run out of memory; nothing else here throws.
%exception {
  try {
    $action
  } catch (...) {
    opt_java::ThrowOutOfMemory(jenv);
    return $null;
  }
}

%define %opt_handle(TYPE)
%typemap(jni) TYPE "jlong"
%typemap(jtype) TYPE "long"
%typemap(jstype) TYPE "long"
%typemap(javain) TYPE "$javainput"
%typemap(javaout) TYPE { return $jnicall; }
%typemap(in) TYPE {
  $1 = reinterpret_cast<TYPE>(static_cast<intptr_t>($input));
}
%typemap(jni) TYPE* "jlongArray"
%typemap(jtype) TYPE* "long[]"
%typemap(jstype) TYPE* "long[]"
%typemap(javain) TYPE* "$javainput"
%typemap(in) TYPE* (TYPE made) {
  made = nullptr;
  $1 = &made;
}
%typemap(argout) TYPE* {
  const jlong bits = reinterpret_cast<intptr_t>(made$argnum);
  jenv->SetLongArrayRegion($input, 0, 1, &bits);
}
%enddef

%define %opt_output(TYPE)
%apply TYPE* OUTPUT { TYPE* };
%enddef

%typemap(jni) void*, const void* "jlong"
%typemap(jtype) void*, const void* "long"
%typemap(jstype) void*, const void* "long"
%typemap(javain) void*, const void* "$javainput"
%typemap(javaout) void*, const void* { return $jnicall; }
%typemap(in) void*, const void* {
  $1 = reinterpret_cast<void*>(static_cast<intptr_t>($input));
}
%typemap(out) void*, const void* {
  $result = static_cast<jlong>(reinterpret_cast<intptr_t>($1));
}

%typemap(jni) opt_status status "jint"
%typemap(jtype) opt_status status "int"
%typemap(jstype) opt_status status "int"
%typemap(jni) opt_status "void"
%typemap(jtype) opt_status "void"
%typemap(jstype) opt_status "void"
%typemap(javaout) opt_status { $jnicall; }
%typemap(out, null="") opt_status {
  if ($1 != OPT_OK) {
    opt_java::Throw(jenv, $1);
    return $null;
  }
}

%typemap(jni) const char* "jbyteArray"
%typemap(jtype) const char* "byte[]"
%typemap(jstype) const char* "String"
%typemap(javain) const char* "Utf8.bytes($javainput)"
%typemap(javaout) const char* { return Utf8.text($jnicall); }
%typemap(in) const char* (opt_java::Text text) {
  if (!text.Take(jenv, $input)) return $null;
  $1 = const_cast<char*>(text.c_str());
}
%typemap(freearg) const char* ""
%typemap(out) const char* { $result = opt_java::NewBytes(jenv, $1); }

// Objects of Java, for the functions of support.h and lent_arrays.h.
%typemap(in, numinputs=0) JNIEnv* { $1 = jenv; }
%define %opt_object(CTYPE, NAME, JAVATYPE)
%typemap(jni) CTYPE NAME "CTYPE"
%typemap(jtype) CTYPE NAME "JAVATYPE"
%typemap(jstype) CTYPE NAME "JAVATYPE"
%typemap(javain) CTYPE NAME "$javainput"
%typemap(javaout) CTYPE NAME { return $jnicall; }
%typemap(in) CTYPE NAME { $1 = $input; }
%typemap(out) CTYPE NAME { $result = $1; }
%enddef
%opt_object(jobject, buffer, java.nio.Buffer)
%opt_object(jobject, opt_memory, java.nio.ByteBuffer)
%opt_object(jlongArray, table, long[])
%opt_object(jobjectArray, arrays, Object[])

jobject opt_memory(JNIEnv* jenv, void* data, int64_t size);
void* opt_buffer_address(JNIEnv* jenv, jobject buffer);
