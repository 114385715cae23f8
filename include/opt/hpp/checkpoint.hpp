// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Checkpoints: what a save writes, what a load takes, and a look inside without
// an optimizer. Include <opt/opt.hpp>; saving and loading are the Optimizer's.
#ifndef OPT_HPP_CHECKPOINT_HPP_
#define OPT_HPP_CHECKPOINT_HPP_

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "opt/hpp/context.hpp"
#include "opt/hpp/error.hpp"
#include "opt/hpp/lent.hpp"
#include "opt/hpp/span.hpp"
#include "opt/opt.h"

namespace opt {
inline namespace OPT_HPP_NAMESPACE {

class Optimizer;

// The contents of a save beside the state.
class SaveOptions {
 public:
  // The retained parameters.
  SaveOptions& Params() {
    flags_ |= OPT_SAVE_PARAMS;
    return *this;
  }
  // Those of `lent`, which must outlive this object.
  SaveOptions& Params(const Lent& lent) {
    lent_ = &lent;
    return Params();
  }
  // One of the caller's own arrays: float, double, int64_t or bytes. It is not
  // copied: it must outlive this object.
  template <typename Range>
  SaveOptions& Entry(std::string name, const Range& range) {
    const auto data = MakeSpan(range);
    opt_entry entry = OPT_ENTRY_INIT;
    entry.dtype = DTypeOf<std::remove_pointer_t<decltype(data.data())>>();
    entry.count = static_cast<int64_t>(data.size());
    entry.data = data.data();
    entries_.push_back(entry);
    names_.push_back(std::move(name));
    return *this;
  }

 private:
  friend class Optimizer;
  uint32_t flags_ = 0;
  const Lent* lent_ = nullptr;
  std::vector<opt_entry> entries_;
  std::vector<std::string> names_;  // of the entries
};

// A name that did not fit when a checkpoint was loaded.
struct LoadFinding {
  int32_t
      kind;  // OPT_REPORT_MISSING, OPT_REPORT_UNEXPECTED, OPT_REPORT_MISMATCHED
  std::string name;
  std::string detail;  // a sentence
};

// Every name that did not fit.
using LoadReport = std::vector<LoadFinding>;

// Chooses the parts that a load takes, and the misfits that it tolerates.
class LoadOptions {
 public:
  // Also loads the retained parameters.
  LoadOptions& Params() { return Flag(OPT_LOAD_PARAMS); }
  // Also loads parameters, into those of `lent`, which must outlive this
  // object.
  LoadOptions& Params(const Lent& lent) {
    lent_ = &lent;
    return Params();
  }
  // Keeps the optimizer's own option values and schedules.
  LoadOptions& KeepOptions() { return Flag(OPT_LOAD_KEEP_OPTIONS); }
  // A tensor that the checkpoint lacks keeps its state.
  LoadOptions& AllowMissing() { return Flag(OPT_LOAD_ALLOW_MISSING); }
  // Tensors of the checkpoint that are not attached are passed over.
  LoadOptions& AllowUnexpected() { return Flag(OPT_LOAD_ALLOW_UNEXPECTED); }
  // Loads these tensors alone.
  LoadOptions& Names(std::vector<std::string> names) {
    names_ = std::move(names);
    only_ = true;
    return *this;
  }
  // Filled by each load, even by one that fails; it must outlive the loads.
  LoadOptions& Report(LoadReport* report) {
    report_ = report;
    return *this;
  }

 private:
  friend class Optimizer;
  LoadOptions& Flag(uint32_t flag) {
    flags_ |= flag;
    return *this;
  }
  uint32_t flags_ = 0;
  bool only_ = false;
  const Lent* lent_ = nullptr;
  std::vector<std::string> names_;
  LoadReport* report_ = nullptr;
};

// An array in a checkpoint, described.
using CheckpointEntry = opt_entry_info;

// An open checkpoint: the optimizer's state and options, parameters, and the
// entries that the caller saved.
class Checkpoint {
 public:
  // Opens a file, which stays open as long as this object.
  static Returned<Checkpoint> OpenFile(const std::string& path,
                                       const Context& context = {}) {
    Checkpoint made(context);
    const opt_status status =
        opt_checkpoint_open_file(context.handle(), path.c_str(), &made.handle_);
    return internal::Finish(status, std::move(made));
  }
  // Opens a checkpoint in memory, which must stay in place as long as this
  // object.
  static Returned<Checkpoint> OpenMemory(Span<const uint8_t> data,
                                         const Context& context = {}) {
    Checkpoint made(context);
    const opt_status status = opt_checkpoint_open_memory(
        context.handle(), data.data(), static_cast<int64_t>(data.size()),
        &made.handle_);
    return internal::Finish(status, std::move(made));
  }

  Checkpoint(Checkpoint&& other) noexcept
      : context_(std::move(other.context_)),
        handle_(std::exchange(other.handle_, nullptr)) {}
  Checkpoint& operator=(Checkpoint&& other) noexcept {
    std::swap(context_, other.context_);
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Checkpoint() { opt_checkpoint_close(handle_); }

  // Closes it; every later call fails with OPT_ERR_HANDLE.
  Returned<void> Close() {
    return Finish(opt_checkpoint_close(std::exchange(handle_, nullptr)));
  }

  // Number of entries.
  Returned<int64_t> Count() const {
    int64_t count = 0;
    const opt_status status = opt_checkpoint_count(handle_, &count);
    return Finish(status, count);
  }
  // Name, dtype and shape of an entry; its pointers are valid until the
  // checkpoint is closed.
  Returned<CheckpointEntry> At(int64_t index) const {
    CheckpointEntry info = OPT_ENTRY_INFO_INIT;
    const opt_status status = opt_checkpoint_at(handle_, index, &info);
    return Finish(status, info);
  }
  Returned<int64_t> Find(const std::string& name) const {
    int64_t index = 0;
    const opt_status status =
        opt_checkpoint_find(handle_, name.c_str(), &index);
    return Finish(status, index);
  }

  // The verified data of an entry, whose dtype must be T's.
  template <typename T>
  Returned<std::vector<T>> Read(int64_t index) const {
    CheckpointEntry info = OPT_ENTRY_INFO_INIT;
    std::vector<T> data;
    internal::Outcome outcome = opt_checkpoint_at(handle_, index, &info);
    if (outcome.status == OPT_OK && info.dtype != DTypeOf<T>()) {
      outcome = {OPT_ERR_DTYPE, std::string("entry '") + info.name +
                                    "' of the checkpoint is " +
                                    internal::TypeName(info.dtype) + ", not " +
                                    internal::TypeName(DTypeOf<T>())};
    }
    if (outcome.status == OPT_OK) {
      data.resize(static_cast<size_t>(info.count));
      outcome = opt_checkpoint_read(handle_, index, data.data(), info.bytes);
    }
    return Finish(outcome, std::move(data));
  }
  // The same of an entry by its name.
  template <typename T>
  Returned<std::vector<T>> Read(const std::string& name) const {
    int64_t index = 0;
    const opt_status status =
        opt_checkpoint_find(handle_, name.c_str(), &index);
    if (status != OPT_OK) return Finish(status, std::vector<T>());
    return Read<T>(index);
  }

  // For calls of opt.h; it stays this object's.
  opt_checkpoint handle() const { return handle_; }

 private:
  explicit Checkpoint(Context context) : context_(std::move(context)) {}

  Returned<void> Finish(internal::Outcome outcome) const {
    return internal::Finish(
        internal::OfHandle(std::move(outcome), handle_, "checkpoint"));
  }
  template <typename T>
  Returned<T> Finish(internal::Outcome outcome, T value) const {
    return internal::Finish(
        internal::OfHandle(std::move(outcome), handle_, "checkpoint"),
        std::move(value));
  }

  Context context_;  // whose callbacks it may need to the end
  opt_checkpoint handle_ = nullptr;
};

}  // namespace OPT_HPP_NAMESPACE
}  // namespace opt

#endif  // OPT_HPP_CHECKPOINT_HPP_
