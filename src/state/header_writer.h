// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Writing the header of a checkpoint. The same calls give the same bytes.

#ifndef OPT_SRC_STATE_HEADER_WRITER_H_
#define OPT_SRC_STATE_HEADER_WRITER_H_

#include <cstdint>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

#include "src/state/header.h"

namespace libopt {

class HeaderWriter {
 public:
  // An array of the data: one that was added, or one that the format needs.
  struct Tensor {
    int64_t size = 0;  // bytes
    bool is_pad = false;
    bool is_checksum = false;
  };

  explicit HeaderWriter(std::pmr::memory_resource* memory);

  // Adds to the metadata; before any entry. Keys are not given twice.
  void AddMetadata(std::string_view key, std::string_view value);
  // Adds an entry whose data follow those of the ones before. Names are
  // printable UTF-8 and not given twice, and the other arguments agree.
  // Throws OPT_ERR_LIMIT if no file can be as large.
  void AddEntry(std::string_view name, std::string_view dtype,
                const std::pmr::vector<int64_t>& shape, int64_t bytes);
  // Adds the checksums. Throws OPT_ERR_LIMIT if the header is too long.
  void Finish();

  // After Finish(): the file up to the data.
  const std::pmr::string& text() const { return text_; }
  // After Finish(): the data, one after another.
  const std::pmr::vector<Tensor>& tensors() const { return tensors_; }
  int64_t file_size() const;

 private:
  void StartItem();
  void CloseMetadata();
  void AddTensor(std::string_view name, std::string_view dtype,
                 const int64_t* shape, size_t rank, Tensor tensor);
  void Align();

  std::pmr::string text_;
  std::pmr::vector<Tensor> tensors_;
  bool in_metadata_ = false;
  int64_t pads_ = 0;
  int64_t end_ = 0;  // of the data so far
};

}  // namespace libopt

#endif  // OPT_SRC_STATE_HEADER_WRITER_H_
