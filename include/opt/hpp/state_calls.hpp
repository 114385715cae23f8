// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The calls of an optimizer that save and load. Include <opt/opt.hpp>.
#ifndef OPT_HPP_STATE_CALLS_HPP_
#define OPT_HPP_STATE_CALLS_HPP_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "opt/hpp/error.hpp"
#include "opt/hpp/saving.hpp"
#include "opt/hpp/span.hpp"
#include "opt/opt.h"

namespace opt {
inline namespace OPT_HPP_NAMESPACE {

template <typename Self>
class StateCalls {
 public:
  // Saves to a file, which is replaced as a whole.
  Returned<void> SaveFile(const std::string& path, const Saving& what = {}) {
    return internal::Finish(SaveWith(what, [&](const opt_save_args& args) {
      return opt_save_file(handle(), path.c_str(), &args);
    }));
  }
  Returned<std::vector<uint8_t>> SaveMemory(const Saving& what = {}) {
    std::vector<uint8_t> bytes;
    const internal::Outcome outcome =
        SaveWith(what, [&](const opt_save_args& args) {
          int64_t size = 0;
          const opt_status status =
              opt_save_memory(handle(), nullptr, 0, &size, &args);
          if (status != OPT_OK) return status;
          bytes.resize(static_cast<size_t>(size));
          return opt_save_memory(handle(), bytes.data(), size, nullptr, &args);
        });
    return internal::Finish(outcome, std::move(bytes));
  }
  // Saves through bool write(const void* data, int64_t size).
  template <typename Write>
  Returned<void> SaveCallback(Write&& write, const Saving& what = {}) {
    internal::Callback<Write> callback(write);
    const internal::Outcome outcome =
        SaveWith(what, [&](const opt_save_args& args) {
          return opt_save_callback(
              handle(),
              [](void* user, const void* data, int64_t size) -> int32_t {
                auto& self = *static_cast<internal::Callback<Write>*>(user);
                return self.Call(false, data, size) ? 0 : 1;
              },
              &callback, &args);
        });
    callback.Rethrow();
    return internal::Finish(outcome);
  }
  // Saves to a std::ostream.
  template <typename Stream>
  Returned<void> SaveStream(Stream& stream, const Saving& what = {}) {
    return SaveCallback(
        [&](const void* data, int64_t size) {
          stream.write(static_cast<const char*>(data), size);
          return stream.good();
        },
        what);
  }

  Returned<void> LoadFile(const std::string& path, const Loading& how = {}) {
    return internal::Finish(LoadWith(how, [&](const opt_load_args& args) {
      return opt_load_file(handle(), path.c_str(), &args);
    }));
  }
  Returned<void> LoadMemory(Span<const uint8_t> data, const Loading& how = {}) {
    return internal::Finish(LoadWith(how, [&](const opt_load_args& args) {
      return opt_load_memory(handle(), data.data(),
                             static_cast<int64_t>(data.size()), &args);
    }));
  }
  // Loads through int64_t read(void* data, int64_t size), which returns how
  // many bytes it has read, 0 at the end, or a negative number if it failed.
  template <typename Read>
  Returned<void> LoadCallback(Read&& read, const Loading& how = {}) {
    internal::Callback<Read> callback(read);
    const internal::Outcome outcome =
        LoadWith(how, [&](const opt_load_args& args) {
          return opt_load_callback(
              handle(),
              [](void* user, void* data, int64_t size) {
                auto& self = *static_cast<internal::Callback<Read>*>(user);
                return self.Call(int64_t{-1}, data, size);
              },
              &callback, &args);
        });
    callback.Rethrow();
    return internal::Finish(outcome);
  }
  // Loads from a std::istream.
  template <typename Stream>
  Returned<void> LoadStream(Stream& stream, const Loading& how = {}) {
    return LoadCallback(
        [&](void* data, int64_t size) {
          stream.read(static_cast<char*>(data), size);
          return stream.bad() ? -1 : static_cast<int64_t>(stream.gcount());
        },
        how);
  }

 private:
  const Self& self() const { return static_cast<const Self&>(*this); }
  opt_optimizer handle() const { return self().handle(); }

  // Makes save(args), with the parameters that are lent.
  template <typename Save>
  internal::Outcome SaveWith(const Saving& what, const Save& save) const {
    std::vector<opt_entry> entries = what.entries_;
    for (size_t i = 0; i < entries.size(); ++i) {
      entries[i].name = what.names_[i].c_str();
    }
    opt_save_args args = OPT_SAVE_ARGS_INIT;
    args.flags = what.flags_;
    args.entry_count = static_cast<int64_t>(entries.size());
    args.entries = entries.data();
    if (what.buffers_ == nullptr) return save(args);
    args.count = what.buffers_->count();
    args.params = what.buffers_->params_.data();
    return self().WithBuffers(*what.buffers_, [&] { return save(args); });
  }

  // Makes load(args), with the parameters that are lent.
  template <typename Load>
  internal::Outcome LoadWith(const Loading& how, const Load& load) const {
    std::vector<const char*> names;
    for (const std::string& name : how.names_) names.push_back(name.c_str());
    names.push_back(nullptr);  // so that an empty list is not NULL
    opt_load_args args = OPT_LOAD_ARGS_INIT;
    args.flags = how.flags_;
    if (how.only_) {
      args.name_count = static_cast<int64_t>(how.names_.size());
      args.names = names.data();
    }
    const auto tell = [&](int32_t kind, const char* name, const char* detail) {
      how.report_(kind, name, detail);
      return true;
    };
    internal::Callback<decltype(tell)> report(tell);
    if (how.report_) {
      args.user = &report;
      args.report = [](void* user, int32_t kind, const char* name,
                       const char* detail) {
        static_cast<decltype(report)*>(user)->Call(false, kind, name, detail);
      };
    }
    internal::Outcome outcome = OPT_OK;
    if (how.buffers_ != nullptr) {
      args.count = how.buffers_->count();
      args.params = how.buffers_->params_.data();
      outcome = self().WithBuffers(*how.buffers_, [&] { return load(args); });
    } else {
      outcome = load(args);
    }
    report.Rethrow();
    return outcome;
  }
};

}  // namespace OPT_HPP_NAMESPACE
}  // namespace opt

#endif  // OPT_HPP_STATE_CALLS_HPP_
