// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A look into a checkpoint, without an optimizer. Include <opt/opt.hpp>.
#ifndef OPT_HPP_CHECKPOINT_HPP_
#define OPT_HPP_CHECKPOINT_HPP_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "opt/hpp/context.hpp"
#include "opt/hpp/error.hpp"
#include "opt/hpp/span.hpp"
#include "opt/opt.h"

namespace opt {
inline namespace OPT_HPP_NAMESPACE {

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
    return internal::Finish(
        opt_checkpoint_close(std::exchange(handle_, nullptr)));
  }

  // Number of entries.
  Returned<int64_t> Count() const {
    int64_t count = 0;
    const opt_status status = opt_checkpoint_count(handle_, &count);
    return internal::Finish(status, count);
  }
  // Name, dtype and shape of an entry; its pointers are good until the
  // checkpoint is closed.
  Returned<opt_entry_info> At(int64_t index) const {
    opt_entry_info info = OPT_ENTRY_INFO_INIT;
    const opt_status status = opt_checkpoint_at(handle_, index, &info);
    return internal::Finish(status, info);
  }
  Returned<int64_t> Find(const std::string& name) const {
    int64_t index = 0;
    const opt_status status =
        opt_checkpoint_find(handle_, name.c_str(), &index);
    return internal::Finish(status, index);
  }

  // The verified data of an entry, whose dtype must be T's.
  template <typename T>
  Returned<std::vector<T>> Read(int64_t index) const {
    opt_entry_info info = OPT_ENTRY_INFO_INIT;
    std::vector<T> data;
    internal::Outcome outcome = opt_checkpoint_at(handle_, index, &info);
    if (outcome.status == OPT_OK && info.dtype != DtypeOf<T>()) {
      outcome = {OPT_ERR_DTYPE,
                 "the checkpoint's entry has another dtype: "
                 "opt_entry_info.dtype tells it"};
    }
    if (outcome.status == OPT_OK) {
      data.resize(static_cast<size_t>(info.count));
      outcome = opt_checkpoint_read(handle_, index, data.data(), info.bytes);
    }
    return internal::Finish(outcome, std::move(data));
  }
  // The same of an entry by its name.
  template <typename T>
  Returned<std::vector<T>> Read(const std::string& name) const {
    int64_t index = 0;
    const opt_status status =
        opt_checkpoint_find(handle_, name.c_str(), &index);
    if (status != OPT_OK) return internal::Finish(status, std::vector<T>());
    return Read<T>(index);
  }

  opt_checkpoint handle() const { return handle_; }

 private:
  explicit Checkpoint(Context context) : context_(std::move(context)) {}

  Context context_;  // whose callbacks it may need to the end
  opt_checkpoint handle_ = nullptr;
};

}  // namespace OPT_HPP_NAMESPACE
}  // namespace opt

#endif  // OPT_HPP_CHECKPOINT_HPP_
