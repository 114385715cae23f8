// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A checkpoint that is opened to be inspected, without an optimizer.

#ifndef OPT_SRC_STATE_CHECKPOINT_H_
#define OPT_SRC_STATE_CHECKPOINT_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "opt/opt_state.h"
#include "src/base/pmr.h"
#include "src/os/input_file.h"
#include "src/parallel/context.h"
#include "src/state/container/header.h"
#include "src/state/container/stream.h"

namespace libopt {

class Checkpoint {
 public:
  // Opens a file, or memory if `path` is nullptr. Takes a reference to the
  // context.
  Checkpoint(Context* context, const char* path, const void* data,
             int64_t size);
  ~Checkpoint() { context_->Unref(); }
  Checkpoint(const Checkpoint&) = delete;
  Checkpoint& operator=(const Checkpoint&) = delete;

  // Destroys a checkpoint that New() made in its context's memory.
  static void Destroy(Checkpoint* checkpoint);

  int64_t count() const { return static_cast<int64_t>(shown_.size()); }
  opt_entry_info Info(int64_t index) const;
  // One of the caller's own entries comes before another of the same name.
  int64_t Find(std::string_view name) const;
  void Read(int64_t index, void* data, int64_t size);

  // The path of its file, or nullptr.
  const char* path() const { return file_ ? file_->path() : nullptr; }
  // The number of bytes of the checkpoint, or -1 if that is unknown.
  int64_t size() const { return file_ ? file_->size() : size_; }
  // Reads up to `size` bytes from byte `offset` on; returns how many, fewer
  // only at the end.
  int64_t ReadSomeAt(int64_t offset, void* data, int64_t size);

 private:
  const HeaderEntry& At(int64_t index) const;
  void SortNames();
  void ReadAt(int64_t offset, void* data, int64_t size);

  Context* const context_;
  std::optional<os::InputFile> file_;
  const char* const data_;
  const int64_t size_;
  Header header_;
  pmr::Vector<uint32_t> crcs_;
  // The entries that a caller sees, by their index in the header: all but pads
  // and checksums.
  pmr::Vector<size_t> shown_;
  // Indices in shown_, in the order of the names; the caller's own entry comes
  // before another of the same name.
  pmr::Vector<size_t> by_name_;
};

// An open checkpoint from its first byte on.
class CheckpointSource : public Source {
 public:
  explicit CheckpointSource(Checkpoint* checkpoint) : checkpoint_(checkpoint) {}
  int64_t size() const override { return checkpoint_->size(); }

 private:
  int64_t ReadSome(void* data, int64_t size) override {
    return checkpoint_->ReadSomeAt(offset(), data, size);
  }

  Checkpoint* checkpoint_;
};

}  // namespace libopt

#endif  // OPT_SRC_STATE_CHECKPOINT_H_
