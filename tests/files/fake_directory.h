// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A model of files of which a crash takes whatever it may take.

#ifndef OPT_TESTS_FILES_FAKE_DIRECTORY_H_
#define OPT_TESTS_FILES_FAKE_DIRECTORY_H_

#include <sys/types.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace libopt::os {

struct FakeFile {
  struct Write {
    // Writes the first `length` bytes.
    void Put(size_t length, std::string* content) const;

    size_t offset;
    std::string data;
  };

  // What the file would be after a crash: each way of keeping, dropping and
  // tearing the writes since the last fsync.
  std::vector<FakeFile> Outcomes() const;

  std::string content;  // as processes see it
  mode_t mode = 0644;
  uid_t owner = 0;
  gid_t group = 0;

  std::string synced;  // what is on the disk
  mode_t synced_mode = 0644;
  std::vector<Write> unsynced;
};

// One directory of files.
struct FakeDirectory {
  using Entries = std::map<std::string, int>;  // names to indices in files
  // A change of the names, which happens as a whole or not at all.
  using Change = std::function<void(Entries*)>;

  // Makes a file that is on the disk.
  void Put(const std::string& name, const FakeFile& file);
  // The file as processes see it.
  std::optional<FakeFile> Get(const std::string& name) const;
  // Makes a change and remembers that it is not on the disk.
  void Apply(const Change& change);
  // What the directory would be after a crash: with any of the changes since
  // the last fsync.
  std::vector<FakeDirectory> Outcomes() const;

  std::vector<FakeFile> files;
  Entries entries;
  Entries synced;
  std::vector<Change> unsynced;
};

}  // namespace libopt::os

#endif  // OPT_TESTS_FILES_FAKE_DIRECTORY_H_
