// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/state/checkpoint.h"

#include "opt/opt_state.h"
#include "src/api/guard.h"
#include "src/core/struct_size.h"
#include "src/state/stream.h"

namespace {

void Open(opt_context context, const char* path, const void* data, int64_t size,
          opt_checkpoint* checkpoint) {
  opt::CheckPointer(checkpoint, "opt_checkpoint_open", "checkpoint");
  opt::Context* home = opt::RefContext(context);
  opt::Checkpoint* created = nullptr;
  try {
    opt::WithContentErrors(path, [&] {
      created =
          opt::New<opt::Checkpoint>(home->memory(), home, path, data, size);
    });
    *checkpoint = reinterpret_cast<opt_checkpoint>(
        opt::InsertHandle(opt::HandleType::kCheckpoint, created));
  } catch (...) {
    if (created != nullptr) opt::Checkpoint::Destroy(created);
    home->Unref();
    throw;
  }
  home->Unref();
}

// Runs body(checkpoint) with the checkpoint locked for this thread.
template <typename Body>
opt_status WithCheckpoint(opt_checkpoint handle, const Body& body) noexcept {
  return opt::Guard([&] {
    const opt::Locked<opt::Checkpoint> checkpoint(opt::HandleType::kCheckpoint,
                                                  opt::Bits(handle));
    body(*checkpoint);
  });
}

}  // namespace

extern "C" {

opt_status opt_checkpoint_open_file(opt_context context, const char* path,
                                    opt_checkpoint* checkpoint) {
  return opt::Guard([&] {
    opt::CheckPointer(path, "opt_checkpoint_open_file", "path");
    Open(context, path, nullptr, 0, checkpoint);
  });
}

opt_status opt_checkpoint_open_memory(opt_context context, const void* data,
                                      int64_t size,
                                      opt_checkpoint* checkpoint) {
  return opt::Guard([&] {
    opt::CheckPointer(data, "opt_checkpoint_open_memory", "data");
    if (size < 0) {
      opt::Fail(OPT_ERR_ARGUMENT, "opt_checkpoint_open_memory: size is ", size,
                ": it is a number of bytes, 0 or more");
    }
    Open(context, nullptr, data, size, checkpoint);
  });
}

opt_status opt_checkpoint_close(opt_checkpoint checkpoint) {
  return opt::Guard([&] {
    if (checkpoint == nullptr) return;
    opt::Checkpoint::Destroy(static_cast<opt::Checkpoint*>(opt::RemoveHandle(
        opt::HandleType::kCheckpoint, opt::Bits(checkpoint))));
  });
}

opt_status opt_checkpoint_count(opt_checkpoint checkpoint, int64_t* count) {
  return WithCheckpoint(checkpoint, [&](opt::Checkpoint& self) {
    opt::CheckPointer(count, "opt_checkpoint_count", "count");
    *count = self.count();
  });
}

opt_status opt_checkpoint_at(opt_checkpoint checkpoint, int64_t index,
                             opt_entry_info* info) {
  return WithCheckpoint(checkpoint, [&](opt::Checkpoint& self) {
    opt::WriteStruct(self.Info(index), sizeof(opt_entry_info), "opt_entry_info",
                     info);
  });
}

opt_status opt_checkpoint_find(opt_checkpoint checkpoint, const char* name,
                               int64_t* index) {
  return WithCheckpoint(checkpoint, [&](opt::Checkpoint& self) {
    opt::CheckPointer(name, "opt_checkpoint_find", "name");
    opt::CheckPointer(index, "opt_checkpoint_find", "index");
    *index = self.Find(name);
  });
}

opt_status opt_checkpoint_read(opt_checkpoint checkpoint, int64_t index,
                               void* data, int64_t size) {
  return WithCheckpoint(checkpoint, [&](opt::Checkpoint& self) {
    if (size > 0) opt::CheckPointer(data, "opt_checkpoint_read", "data");
    self.Read(index, data, size);
  });
}

}  // extern "C"
