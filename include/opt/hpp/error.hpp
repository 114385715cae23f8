// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// How a call reports that it failed. Include <opt/opt.hpp>.
#ifndef OPT_HPP_ERROR_HPP_
#define OPT_HPP_ERROR_HPP_

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "opt/opt.h"

#if !defined(OPT_NO_EXCEPTIONS) && !defined(__cpp_exceptions)
#define OPT_NO_EXCEPTIONS
#endif

// Each way has a namespace of its own inside opt, so that a program may have
// files of both, and may link the static library, which has an opt:: too.
#ifdef OPT_NO_EXCEPTIONS
#define OPT_HPP_NAMESPACE results
#else
#define OPT_HPP_NAMESPACE exceptions
#endif

namespace opt {
inline namespace OPT_HPP_NAMESPACE {

#ifndef OPT_NO_EXCEPTIONS

// What a failed call throws: what() is the message of opt_last_error().
class Error : public std::runtime_error {
 public:
  Error(opt_status status, const std::string& message)
      : std::runtime_error(message), status_(status) {}

  // OPT_ERR_VALUE and so on.
  opt_status status() const noexcept { return status_; }

 private:
  opt_status status_;
};

// What a function of this header returns that gives a T.
template <typename T>
using Returned = T;

#else

// The status of a call, and if it failed the message of opt_last_error().
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

// If the call succeeded, with what it gives.
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

// What a call came to: its status, and a message of this header's own, or
// nullptr for opt_last_error().
struct Outcome {
  // NOLINTNEXTLINE(google-explicit-constructor): what C returns
  Outcome(opt_status s, const char* own = nullptr) : status(s), message(own) {}
  opt_status status;
  const char* message;
};

inline std::string MessageOf(const Outcome& outcome) {
  return outcome.message != nullptr ? outcome.message : opt_last_error();
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

}  // namespace internal
}  // namespace OPT_HPP_NAMESPACE
}  // namespace opt

#endif  // OPT_HPP_ERROR_HPP_
