// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// How a call reports that it failed, and how a callback does. Include
// <opt/opt.hpp>.
#ifndef OPT_HPP_ERROR_HPP_
#define OPT_HPP_ERROR_HPP_

#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "opt/opt.h"

#if !defined(OPT_NO_EXCEPTIONS) && !defined(__cpp_exceptions)
#define OPT_NO_EXCEPTIONS
#endif

// Each way has a namespace of its own inside opt, so that a program may have
// files of both.
#ifdef OPT_NO_EXCEPTIONS
#define OPT_HPP_NAMESPACE results
#else
#define OPT_HPP_NAMESPACE exceptions
#endif

namespace opt {
inline namespace OPT_HPP_NAMESPACE {

using Status = opt_status;

#ifndef OPT_NO_EXCEPTIONS

#ifdef __clang__  // no file of its own could hold the vtable
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wweak-vtables"
#endif
// A failed call throws this; what() is the message of opt_last_error().
class Error : public std::runtime_error {
 public:
  Error(opt_status status, const std::string& message)
      : std::runtime_error(message), status_(status) {}

  // OPT_ERR_VALUE and so on.
  opt_status status() const noexcept { return status_; }

 private:
  opt_status status_;
};
#ifdef __clang__
#pragma clang diagnostic pop
#endif

// The type that a function returns which gives a T.
template <typename T>
using Returned = T;

#else

// The status of a call and, if it failed, the message of opt_last_error().
template <typename T>
class [[nodiscard]] Result;

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(opt_status status, std::string message)
      : status_(status), message_(std::move(message)) {}

  bool ok() const { return status_ == OPT_OK; }
  explicit operator bool() const { return ok(); }
  opt_status status() const { return status_; }
  const std::string& message() const { return message_; }

 private:
  opt_status status_ = OPT_OK;
  std::string message_;
};

// The same and, if the call succeeded, the value that it gives.
template <typename T>
class [[nodiscard]] Result : public Result<void> {
 public:
  Result(T value) : value_(std::move(value)) {}  // NOLINT: converts
  Result(opt_status status, std::string message)
      : Result<void>(status, std::move(message)) {}

  // Only after ok() was seen.
  T& operator*() & { return *value_; }
  const T& operator*() const& { return *value_; }
  T&& operator*() && { return *std::move(value_); }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  std::optional<T> value_;
};

template <typename T>
using Returned = Result<T>;

#endif

namespace internal {

// The status of a call, and a message of this wrapper's own; without one, that
// of opt_last_error() is meant.
struct Outcome {
  // NOLINTNEXTLINE(google-explicit-constructor): C returns a status
  Outcome(opt_status s, std::string own = {})
      : status(s), message(std::move(own)) {}
  opt_status status;
  std::string message;
};

inline std::string MessageOf(const Outcome& outcome) {
  return outcome.message.empty() ? opt_last_error() : outcome.message;
}

// The outcome of a call with an object's handle, which is NULL only after the
// object was closed or moved from.
inline Outcome OfHandle(Outcome outcome, const void* handle, const char* what) {
  if (outcome.status != OPT_ERR_HANDLE || handle != nullptr) return outcome;
  return {OPT_ERR_HANDLE, std::string("this ") + what +
                              " is closed or was moved from: make another"};
}

#ifndef OPT_NO_EXCEPTIONS
inline void Finish(const Outcome& outcome) {
  if (outcome.status != OPT_OK) throw Error(outcome.status, MessageOf(outcome));
}
template <typename T>
T Finish(const Outcome& outcome, T value) {
  Finish(outcome);
  return value;
}
#else
inline Result<void> Finish(const Outcome& outcome) {
  if (outcome.status == OPT_OK) return {};
  return {outcome.status, MessageOf(outcome)};
}
template <typename T>
Result<T> Finish(const Outcome& outcome, T value) {
  if (outcome.status == OPT_OK) return Result<T>(std::move(value));
  return Result<T>(outcome.status, MessageOf(outcome));
}
#endif

// A function object that C calls back. An exception cannot cross the library:
// it is kept, and thrown when the call that called back has returned.
template <typename Function>
class Callback {
 public:
  explicit Callback(Function& function) : function_(&function) {}

  // Calls the function; returns `otherwise` if it throws.
  template <typename Result, typename... Arguments>
  Result Call(Result otherwise, const Arguments&... arguments) {
#ifndef OPT_NO_EXCEPTIONS
    try {
      return static_cast<Result>((*function_)(arguments...));
    } catch (...) {
      thrown_ = std::current_exception();
      return otherwise;
    }
#else
    static_cast<void>(otherwise);
    return static_cast<Result>((*function_)(arguments...));
#endif
  }

  void Rethrow() const {
#ifndef OPT_NO_EXCEPTIONS
    if (thrown_) std::rethrow_exception(thrown_);
#endif
  }

 private:
  Function* function_;
#ifndef OPT_NO_EXCEPTIONS
  std::exception_ptr thrown_;
#endif
};
template <typename Function>
Callback(Function&) -> Callback<Function>;

}  // namespace internal
}  // namespace OPT_HPP_NAMESPACE
}  // namespace opt

#endif  // OPT_HPP_ERROR_HPP_
