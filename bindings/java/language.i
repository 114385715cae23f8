// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Typemaps of Java: handles and addresses are long, failures throw
// org.libopt.OptException, outputs are arrays of one element.

%include <typemaps.i>
%include <enums.swg>

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
    jclass type = jenv->FindClass("java/lang/RuntimeException");
    if (type != nullptr) jenv->ThrowNew(type, opt_last_error());
    return $null;
  }
}
