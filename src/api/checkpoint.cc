// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/state/checkpoint.h"

#include "opt/opt_state.h"
#include "src/api/guard.h"
#include "src/base/struct_size.h"
#include "src/state/container/stream.h"

namespace {

void Open(const char* function, opt_context context, const char* path,
          const void* data, int64_t size, opt_checkpoint* checkpoint) {
  libopt::CheckPointer(checkpoint, function, "checkpoint");
  libopt::Context* home = libopt::RefContext(context);
  libopt::Checkpoint* created = nullptr;
  try {
    libopt::WithContentErrors(path, [&] {
      created = libopt::New<libopt::Checkpoint>(home->memory(), home, path,
                                                data, size);
    });
    *checkpoint = reinterpret_cast<opt_checkpoint>(
        libopt::InsertHandle(libopt::HandleType::kCheckpoint, created));
  } catch (...) {
    if (created != nullptr) libopt::Checkpoint::Destroy(created);
    home->Unref();
    throw;
  }
  home->Unref();
}

// Runs body(checkpoint) with the checkpoint locked for this thread.
template <typename Body>
opt_status WithCheckpoint(opt_checkpoint handle, const Body& body) noexcept {
  return libopt::Guard([&] {
    const libopt::Locked<libopt::Checkpoint> checkpoint(
        libopt::HandleType::kCheckpoint, libopt::Bits(handle));
    body(*checkpoint);
  });
}

}  // namespace

extern "C" {

opt_status opt_checkpoint_open_file(opt_context context, const char* path,
                                    opt_checkpoint* checkpoint) {
  return libopt::Guard([&] {
    libopt::CheckPointer(path, "opt_checkpoint_open_file", "path");
    Open("opt_checkpoint_open_file", context, path, nullptr, 0, checkpoint);
  });
}

opt_status opt_checkpoint_open_memory(opt_context context, const void* data,
                                      int64_t size,
                                      opt_checkpoint* checkpoint) {
  return libopt::Guard([&] {
    libopt::CheckPointer(data, "opt_checkpoint_open_memory", "data");
    if (size < 0) {
      libopt::Fail(OPT_ERR_ARGUMENT, "opt_checkpoint_open_memory: size is ",
                   size, ": it must be a number of bytes, 0 or more");
    }
    Open("opt_checkpoint_open_memory", context, nullptr, data, size,
         checkpoint);
  });
}

opt_status opt_checkpoint_close(opt_checkpoint checkpoint) {
  return libopt::Guard([&] {
    if (checkpoint == nullptr) return;
    libopt::Checkpoint::Destroy(
        static_cast<libopt::Checkpoint*>(libopt::RemoveHandle(
            libopt::HandleType::kCheckpoint, libopt::Bits(checkpoint))));
  });
}

opt_status opt_checkpoint_count(opt_checkpoint checkpoint, int64_t* count) {
  return WithCheckpoint(checkpoint, [&](libopt::Checkpoint& self) {
    libopt::CheckPointer(count, "opt_checkpoint_count", "count");
    *count = self.count();
  });
}

opt_status opt_checkpoint_at(opt_checkpoint checkpoint, int64_t index,
                             opt_entry_info* info) {
  return WithCheckpoint(checkpoint, [&](libopt::Checkpoint& self) {
    libopt::WriteStruct(self.Info(index), sizeof(opt_entry_info),
                        "opt_entry_info", info);
  });
}

opt_status opt_checkpoint_find(opt_checkpoint checkpoint, const char* name,
                               int64_t* index) {
  return WithCheckpoint(checkpoint, [&](libopt::Checkpoint& self) {
    libopt::CheckPointer(name, "opt_checkpoint_find", "name");
    libopt::CheckPointer(index, "opt_checkpoint_find", "index");
    *index = self.Find(name);
  });
}

opt_status opt_checkpoint_read(opt_checkpoint checkpoint, int64_t index,
                               void* data, int64_t size) {
  return WithCheckpoint(checkpoint, [&](libopt::Checkpoint& self) {
    if (size > 0) libopt::CheckPointer(data, "opt_checkpoint_read", "data");
    self.Read(index, data, size);
  });
}

}  // extern "C"
