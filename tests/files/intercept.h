// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A hand in every system call of the file classes.

#ifndef OPT_TESTS_FILES_INTERCEPT_H_
#define OPT_TESTS_FILES_INTERCEPT_H_

#include <functional>
#include <string>

#include "src/os/posix/file_calls.h"

namespace libopt::os {

// Puts back, at the end, the system calls it found.
class KeepCalls {
 public:
  KeepCalls() : found_(g_file_calls) {}
  ~KeepCalls() { g_file_calls = found_; }
  KeepCalls(const KeepCalls&) = delete;
  KeepCalls& operator=(const KeepCalls&) = delete;

  const FileCalls& found() const { return found_; }

 private:
  const FileCalls found_;
};

// The stand-in of a system call: it fails with an errno, or one of
// these. (What is closed is closed all the same, as by the system.)
constexpr int kHappens = 0;
constexpr int kPretends = -1;  // to have happened

// While it lives, before(name) runs ahead of every system call and decides.
class Intercept {
 public:
  using Before = std::function<int(const std::string& call)>;

  explicit Intercept(Before before);
  ~Intercept();

 private:
  const KeepCalls keep_;
};

// While it lives, nothing waits for the disk, and the n-th call, from 1, fails
// with `code`; if persistent, so do all calls after it.
class FailNth {
 public:
  FailNth(int n, int code, bool persistent = false);

  // The call that failed first; "" if there were fewer than n.
  const std::string& struck() const { return struck_; }

 private:
  int Decide(const std::string& call);

  const int n_;
  const int code_;
  const bool persistent_;
  int calls_ = 0;
  std::string struck_;
  const Intercept intercept_;
};

}  // namespace libopt::os

#endif  // OPT_TESTS_FILES_INTERCEPT_H_
