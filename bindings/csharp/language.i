// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Typemaps of C#: a handle is a SafeHandle, which the runtime keeps from being
// released during a call, an address is an IntPtr, failures throw OptException,
// outputs are out arguments. All of it is internal to the assembly. Nothing
// managed is ever passed to native code but data: SWIG's helpers, which
// register delegates, are off.

%include <typemaps.i>

%typemap(csclassmodifiers) SWIGTYPE, SWIGTYPE*, SWIGTYPE& "internal class"
%pragma(csharp) moduleclassmodifiers="internal static class"
%pragma(csharp) imclassclassmodifiers="internal static class"
%csconst(1);  // no call per constant

%define %opt_handle(TYPE)
%typemap(ctype) TYPE "void*"
%typemap(imtype) TYPE "global::System.Runtime.InteropServices.SafeHandle"
%typemap(cstype) TYPE "global::System.Runtime.InteropServices.SafeHandle"
%typemap(csin) TYPE "$csinput"
%typemap(in) TYPE { $1 = static_cast<TYPE>($input); }
%typemap(ctype) TYPE* "void**"
%typemap(imtype) TYPE* "out global::System.IntPtr"
%typemap(cstype) TYPE* "out global::System.IntPtr"
%typemap(csin) TYPE* "out $csinput"
%typemap(in) TYPE* { $1 = reinterpret_cast<TYPE*>($input); }
%enddef

%define %opt_output(TYPE)
%apply TYPE* OUTPUT { TYPE* };
%enddef

%typemap(ctype) void*, const void* "void*"
%typemap(imtype) void*, const void* "global::System.IntPtr"
%typemap(cstype) void*, const void* "global::System.IntPtr"
%typemap(csin) void*, const void* "$csinput"
%typemap(in) void*, const void* { $1 = $input; }
%typemap(out) void* { $result = $1; }
%typemap(out) const void* { $result = const_cast<void*>($1); }
%typemap(csvarout) void*, const void* %{ get { return $imcall; } %}
%typemap(csout) void*, const void* { return $imcall; }

%typemap(cstype) opt_status status "int"
%typemap(ctype) opt_status "int"
%typemap(imtype) opt_status "int"
%typemap(cstype) opt_status "void"
%typemap(csout) opt_status { OptException.ThrowIf($imcall); }
%typemap(out) opt_status { $result = $1; }

// Texts of the library come as addresses of UTF-8, and go as byte arrays.
%typemap(ctype) const char* "const char*"
%typemap(imtype, out="global::System.IntPtr") const char* "byte[]"
%typemap(cstype) const char* "string"
%typemap(csin) const char* "Utf8.Bytes($csinput)"
%typemap(csout) const char* { return Utf8.Text($imcall); }
%typemap(csvarout) const char* %{ get { return Utf8.Text($imcall); } %}
%typemap(in) const char* { $1 = const_cast<char*>($input); }
%typemap(out) const char* { $result = $1; }

// A SafeHandle that is being released cannot be passed as one any more.
%ignore opt_context_destroy;
%ignore opt_destroy;
%ignore opt_checkpoint_close;
%ignore opt_schedule_destroy;
%inline %{
inline int opt_release_context(void* handle) {
  return opt_context_destroy(static_cast<opt_context>(handle));
}
inline int opt_release_optimizer(void* handle) {
  return opt_destroy(static_cast<opt_optimizer>(handle));
}
inline int opt_release_checkpoint(void* handle) {
  return opt_checkpoint_close(static_cast<opt_checkpoint>(handle));
}
inline int opt_release_schedule(void* handle) {
  return opt_schedule_destroy(static_cast<opt_schedule>(handle));
}
%}

// opt_last_error() in C#'s words; valid until the thread's next failure.
%ignore opt_last_error;
%{
#include "bindings/messages.h"
%}
%inline %{
inline const char* opt_failure_message() {
  static thread_local std::string message;
  try {
    message = opt_bindings::Translated(opt_last_error(),
                                       &opt_bindings::Word::csharp);
    return message.c_str();
  } catch (...) {  // no memory for it
    return opt_last_error();
  }
}
%}
