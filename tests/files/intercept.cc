// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/files/intercept.h"

#include <string>
#include <type_traits>
#include <utility>

namespace libopt::os {
namespace {

FileCalls g_found;
Intercept::Before g_before;

template <auto kCall>
struct Intercepted;

template <typename Result, typename... Args,
          Result (*FileCalls::*kCall)(Args...)>
struct Intercepted<kCall> {
  static void Install(const char* name) {
    s_name = name;
    s_closes = s_name == "close" || s_name == "closedir";
    g_file_calls.*kCall = &Call;
  }

  static Result Call(Args... args) {
    const int decision = g_before(s_name);
    if (decision == kHappens) return (g_found.*kCall)(args...);
    if (s_closes) (g_found.*kCall)(args...);
    if (decision == kPretends) return Result();
    errno = decision;
    if constexpr (std::is_pointer_v<Result>) {
      return nullptr;
    } else {
      return Result(-1);
    }
  }

  static inline std::string s_name;
  static inline bool s_closes = false;
};

}  // namespace

Intercept::Intercept(Before before) {
  g_found = keep_.found();
  g_before = std::move(before);
#define INTERCEPT(call) Intercepted<&FileCalls::call>::Install(#call)
  INTERCEPT(openat);
  INTERCEPT(close);
  INTERCEPT(read);
  INTERCEPT(pread);
  INTERCEPT(write);
  INTERCEPT(sync_file_range);
  INTERCEPT(fsync);
  INTERCEPT(fallocate);
  INTERCEPT(posix_fadvise);
  INTERCEPT(fstat);
  INTERCEPT(fstatat);
  INTERCEPT(fchmod);
  INTERCEPT(fchown);
  INTERCEPT(flock);
  INTERCEPT(readlink);
  INTERCEPT(renameat);
  INTERCEPT(unlinkat);
  INTERCEPT(fdopendir);
  INTERCEPT(readdir);
  INTERCEPT(closedir);
  INTERCEPT(getrandom);
#undef INTERCEPT
}

Intercept::~Intercept() { g_before = nullptr; }

FailNth::FailNth(int n, int code, bool persistent)
    : n_(n),
      code_(code),
      persistent_(persistent),
      intercept_([this](const std::string& call) { return Decide(call); }) {}

int FailNth::Decide(const std::string& call) {
  ++calls_;
  if (calls_ == n_) struck_ = call;
  if (calls_ == n_ || (persistent_ && calls_ > n_)) return code_;
  return call == "fsync" ? kPretends : kHappens;
}

}  // namespace libopt::os
