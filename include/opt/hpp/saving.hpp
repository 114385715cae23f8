// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// What a save writes and what a load takes. Include <opt/opt.hpp>.
#ifndef OPT_HPP_SAVING_HPP_
#define OPT_HPP_SAVING_HPP_

#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "opt/hpp/buffers.hpp"
#include "opt/hpp/error.hpp"
#include "opt/hpp/span.hpp"
#include "opt/opt.h"

namespace opt {
inline namespace OPT_HPP_NAMESPACE {

// What a save writes beside the state.
class Saving {
 public:
  // The retained parameters.
  Saving& Params() {
    flags_ |= OPT_SAVE_PARAMS;
    return *this;
  }
  // Those of `buffers`, which must outlive this object.
  Saving& Params(const Buffers& buffers) {
    buffers_ = &buffers;
    return Params();
  }
  // An array of the caller's own: float, double, int64_t or bytes. It is not
  // copied: it must outlive this object.
  template <typename Range>
  Saving& Entry(std::string name, const Range& range) {
    const auto data = MakeSpan(range);
    opt_entry entry = OPT_ENTRY_INIT;
    entry.dtype = DtypeOf<std::remove_pointer_t<decltype(data.data())>>();
    entry.count = static_cast<int64_t>(data.size());
    entry.data = data.data();
    entries_.push_back(entry);
    names_.push_back(std::move(name));
    return *this;
  }

 private:
  template <typename Self>
  friend class StateCalls;
  uint32_t flags_ = 0;
  const Buffers* buffers_ = nullptr;
  std::vector<opt_entry> entries_;
  std::vector<std::string> names_;
};

// What a load takes, and whom it tells.
class Loading {
 public:
  // Told each name that does not fit: kind is OPT_LOAD_MISSING and so on.
  using Report = std::function<void(int32_t kind, const std::string& name,
                                    const std::string& detail)>;

  // Into the retained parameters.
  Loading& Params() { return Flag(OPT_LOAD_PARAMS); }
  // Into those of `buffers`, which must outlive this object.
  Loading& Params(const Buffers& buffers) {
    buffers_ = &buffers;
    return Params();
  }
  Loading& KeepOptions() { return Flag(OPT_LOAD_KEEP_OPTIONS); }
  Loading& AllowMissing() { return Flag(OPT_LOAD_ALLOW_MISSING); }
  Loading& AllowUnexpected() { return Flag(OPT_LOAD_ALLOW_UNEXPECTED); }
  // These tensors alone.
  Loading& Only(std::vector<std::string> names) {
    names_ = std::move(names);
    only_ = true;
    return *this;
  }
  Loading& OnReport(Report report) {
    report_ = std::move(report);
    return *this;
  }

 private:
  template <typename Self>
  friend class StateCalls;
  Loading& Flag(uint32_t flag) {
    flags_ |= flag;
    return *this;
  }
  uint32_t flags_ = 0;
  bool only_ = false;
  const Buffers* buffers_ = nullptr;
  std::vector<std::string> names_;
  Report report_;
};

namespace internal {

// A function object that C calls back. What it throws does not cross the
// library: it is kept, and thrown when the call has returned.
template <typename Function>
class Callback {
 public:
  explicit Callback(Function& function) : function_(&function) {}

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

}  // namespace internal
}  // namespace OPT_HPP_NAMESPACE
}  // namespace opt

#endif  // OPT_HPP_SAVING_HPP_
