// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Where checkpoints go to and come from: memory, a callback, a file. All are
// written and read strictly forward. Failures throw Error.

#ifndef OPT_SRC_STATE_CONTAINER_STREAM_H_
#define OPT_SRC_STATE_CONTAINER_STREAM_H_

#include <cstdint>

#include "opt/opt_state.h"
#include "src/base/error.h"
#include "src/os/atomic_file.h"
#include "src/os/input_file.h"

namespace libopt {

// Arrays and numbers are written as they lie in memory.
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "libopt is for little-endian machines: it writes the numbers of "
              "a checkpoint, which are little-endian, as they lie in memory");

// Throws OPT_ERR_FORMAT about a byte of the checkpoint.
template <typename... Parts>
[[noreturn]] void FailAt(int64_t byte, const Parts&... parts) {
  Fail(OPT_ERR_FORMAT, "the checkpoint is damaged or not safetensors: at byte ",
       byte, ": ", parts...);
}

class Sink {
 public:
  virtual ~Sink() = default;
  virtual void Write(const void* data, int64_t size) = 0;
};

class Source {
 public:
  virtual ~Source() = default;

  // The number of bytes in all, or -1 if it is unknown before the end.
  virtual int64_t size() const = 0;

  // Reads exactly `size` bytes; throws OPT_ERR_FORMAT if the source ends
  // earlier.
  void Read(void* data, int64_t size);
  // Throws OPT_ERR_FORMAT if there is more to read.
  void ExpectEnd();

  // The number of bytes read so far.
  int64_t offset() const { return offset_; }

 private:
  // Reads some bytes, up to `size`; 0 at the end.
  virtual int64_t ReadSome(void* data, int64_t size) = 0;

  int64_t offset_ = 0;
};

class MemorySink : public Sink {
 public:
  // Room for all that will be written.
  explicit MemorySink(void* data) : to_(static_cast<char*>(data)) {}
  void Write(const void* data, int64_t size) override;

 private:
  char* to_;
};

class CallbackSink : public Sink {
 public:
  CallbackSink(opt_write_function write, void* user)
      : write_(write), user_(user) {}
  void Write(const void* data, int64_t size) override;

 private:
  opt_write_function write_;
  void* user_;
};

class FileSink : public Sink {
 public:
  explicit FileSink(os::AtomicFile* file) : file_(file) {}
  void Write(const void* data, int64_t size) override;

 private:
  os::AtomicFile* file_;
};

class MemorySource : public Source {
 public:
  MemorySource(const void* data, int64_t size)
      : from_(static_cast<const char*>(data)), size_(size) {}
  int64_t size() const override { return size_; }

 private:
  int64_t ReadSome(void* data, int64_t size) override;

  const char* from_;
  int64_t size_;
};

class CallbackSource : public Source {
 public:
  CallbackSource(opt_read_function read, void* user)
      : read_(read), user_(user) {}
  int64_t size() const override { return -1; }

 private:
  int64_t ReadSome(void* data, int64_t size) override;

  opt_read_function read_;
  void* user_;
};

class FileSource : public Source {
 public:
  explicit FileSource(os::InputFile* file) : file_(file) {}
  int64_t size() const override { return file_->size(); }

 private:
  int64_t ReadSome(void* data, int64_t size) override;

  os::InputFile* file_;
};

[[noreturn]] void ThrowFileError(const os::FileError& error);

// Runs body(), and turns a FileError into an Error.
template <typename Body>
void WithFileErrors(const Body& body) {
  try {
    body();
  } catch (const os::FileError& error) {
    ThrowFileError(error);
  }
}

// As WithFileErrors, for a body that reads a checkpoint: if the checkpoint is a
// file, messages about its contents begin with the path.
template <typename Body>
void WithContentErrors(const char* path, const Body& body) {
  try {
    WithFileErrors(body);
  } catch (const Error& error) {
    const bool about_contents =
        error.status == OPT_ERR_FORMAT || error.status == OPT_ERR_MISMATCH;
    if (path == nullptr || !about_contents) throw;
    Fail(error.status, "'", path, "': ", error.message);
  }
}

}  // namespace libopt

#endif  // OPT_SRC_STATE_CONTAINER_STREAM_H_
