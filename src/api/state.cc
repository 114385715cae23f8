// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "opt/opt_state.h"
#include "src/api/guard.h"
#include "src/base/struct_size.h"
#include "src/state/checkpoint.h"
#include "src/state/container/stream.h"
#include "src/state/load.h"
#include "src/state/save.h"

namespace {

opt_save_args ReadArgs(const opt_save_args* args) {
  const opt_save_args read =
      libopt::ReadOptional(args, OPT_SAVE_ARGS_INIT, "opt_save_args");
  libopt::CheckFlags(read.flags, OPT_SAVE_PARAMS, "opt_save_args.flags",
                     "OPT_SAVE_PARAMS");
  if (read.entry_count < 0 ||
      (read.entry_count > 0 && read.entries == nullptr)) {
    libopt::Fail(OPT_ERR_ARGUMENT, "opt_save_args.entry_count is ",
                 read.entry_count,
                 ": it must be the number of elements of entries, 0 or more");
  }
  return read;
}

opt_load_args ReadArgs(const opt_load_args* args) {
  const opt_load_args read =
      libopt::ReadOptional(args, OPT_LOAD_ARGS_INIT, "opt_load_args");
  libopt::CheckFlags(read.flags,
                     OPT_LOAD_PARAMS | OPT_LOAD_KEEP_OPTIONS |
                         OPT_LOAD_ALLOW_MISSING | OPT_LOAD_ALLOW_UNEXPECTED,
                     "opt_load_args.flags",
                     "OPT_LOAD_PARAMS, OPT_LOAD_KEEP_OPTIONS, "
                     "OPT_LOAD_ALLOW_MISSING and OPT_LOAD_ALLOW_UNEXPECTED");
  if (read.name_count < 0 || (read.name_count > 0 && read.names == nullptr)) {
    libopt::Fail(OPT_ERR_ARGUMENT, "opt_load_args.name_count is ",
                 read.name_count,
                 ": it must be the number of elements of names, 0 or more");
  }
  return read;
}

void LoadFrom(libopt::Source* source, const opt_load_args* args,
              libopt::Optimizer* optimizer) {
  libopt::Load(source, ReadArgs(args), optimizer);
}

}  // namespace

extern "C" {

opt_status opt_save_file(opt_optimizer optimizer, const char* path,
                         const opt_save_args* args) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    libopt::CheckPointer(path, "opt_save_file", "path");
    const libopt::Save save(self, ReadArgs(args));
    libopt::WithFileErrors([&] {
      libopt::os::AtomicFile file(path, save.size());
      libopt::FileSink sink(&file);
      save.WriteTo(&sink);
      file.Commit();
    });
  });
}

opt_status opt_save_memory(opt_optimizer optimizer, void* buffer,
                           int64_t capacity, int64_t* size,
                           const opt_save_args* args) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    const libopt::Save save(self, ReadArgs(args));
    if (buffer == nullptr) {
      libopt::CheckPointer(size, "opt_save_memory", "size");
    }
    if (size != nullptr) *size = save.size();
    if (buffer == nullptr) return;
    if (capacity < save.size()) {
      libopt::Fail(OPT_ERR_ARGUMENT, "opt_save_memory: capacity is ", capacity,
                   ", but the checkpoint takes ", save.size(),
                   " bytes: make the buffer at least that large");
    }
    libopt::MemorySink sink(buffer);
    save.WriteTo(&sink);
  });
}

opt_status opt_save_callback(opt_optimizer optimizer, opt_write_function write,
                             void* user, const opt_save_args* args) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    if (write == nullptr) {
      libopt::CheckPointer(nullptr, "opt_save_callback", "write");
    }
    const libopt::Save save(self, ReadArgs(args));
    libopt::CallbackSink sink(write, user);
    save.WriteTo(&sink);
  });
}

opt_status opt_load_file(opt_optimizer optimizer, const char* path,
                         const opt_load_args* args) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    libopt::CheckPointer(path, "opt_load_file", "path");
    libopt::WithContentErrors(path, [&] {
      libopt::os::InputFile file(path);
      libopt::FileSource source(&file);
      LoadFrom(&source, args, &self);
    });
  });
}

opt_status opt_load_memory(opt_optimizer optimizer, const void* data,
                           int64_t size, const opt_load_args* args) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    libopt::CheckPointer(data, "opt_load_memory", "data");
    if (size < 0) {
      libopt::Fail(OPT_ERR_ARGUMENT, "opt_load_memory: size is ", size,
                   ": it must be a number of bytes, 0 or more");
    }
    libopt::MemorySource source(data, size);
    LoadFrom(&source, args, &self);
  });
}

opt_status opt_load_callback(opt_optimizer optimizer, opt_read_function read,
                             void* user, const opt_load_args* args) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    if (read == nullptr) {
      libopt::CheckPointer(nullptr, "opt_load_callback", "read");
    }
    libopt::CallbackSource source(read, user);
    LoadFrom(&source, args, &self);
  });
}

opt_status opt_load_checkpoint(opt_optimizer optimizer,
                               opt_checkpoint checkpoint,
                               const opt_load_args* args) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    const libopt::Locked<libopt::Checkpoint> opened(
        libopt::HandleType::kCheckpoint, libopt::Bits(checkpoint));
    libopt::WithContentErrors((*opened).path(), [&] {
      libopt::CheckpointSource source(&*opened);
      LoadFrom(&source, args, &self);
    });
  });
}

}  // extern "C"
