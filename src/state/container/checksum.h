// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The checksums of a checkpoint, computed while its data are written or read:
// the CRC-32 of the header and of each tensor. The last tensor holds them.

#ifndef OPT_SRC_STATE_CONTAINER_CHECKSUM_H_
#define OPT_SRC_STATE_CONTAINER_CHECKSUM_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "src/base/memory.h"
#include "src/base/pmr.h"
#include "src/state/container/header.h"
#include "src/state/container/stream.h"

namespace libopt {

uint32_t Crc32(uint32_t crc, const void* data, int64_t size);

class ChecksummedWriter {
 public:
  ChecksummedWriter(Sink* sink, pmr::MemoryResource* memory)
      : sink_(sink), crcs_(memory) {}

  // Writes the header, or the next tensor.
  void Write(const void* data, int64_t size);
  // Writes the checksums of what was written.
  void WriteChecksums();

 private:
  Sink* sink_;
  pmr::Vector<uint32_t> crcs_;
};

class ChecksummedReader {
 public:
  // `header` must outlive the reader.
  ChecksummedReader(const Header& header, pmr::MemoryResource* memory);

  // Reads the data of the next entry, `index`, to `data`; if that is nullptr,
  // only for their checksum.
  void Read(size_t index, void* data, Source* source);
  // After the last entry: throws OPT_ERR_FORMAT unless all sums are right.
  void VerifyChecksums() const;

 private:
  const Header& header_;
  pmr::Vector<uint32_t> crcs_;    // of the header and the entries
  pmr::Vector<uint32_t> stored_;  // what the checkpoint says they are
  Block buffer_;
};

}  // namespace libopt

#endif  // OPT_SRC_STATE_CONTAINER_CHECKSUM_H_
