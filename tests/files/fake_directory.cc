// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/files/fake_directory.h"

#include <utility>

namespace libopt::os {

void FakeFile::Write::Put(size_t length, std::string* content) const {
  const size_t end = offset + length;
  if (content->size() < end) content->resize(end, '\0');
  content->replace(offset, length, data, 0, length);
}

std::vector<FakeFile> FakeFile::Outcomes() const {
  std::vector<std::string> contents = {synced, content};
  // The size on the disk but not the data: zeros, or what was there before.
  contents.emplace_back(content.size(), '\0');
  contents.emplace_back(content.size(), '?');
  for (size_t i = 0; i < unsynced.size(); ++i) {
    std::string only = synced;
    std::string all_but = synced;
    std::string torn = synced;
    for (size_t k = 0; k < unsynced.size(); ++k) {
      const size_t size = unsynced[k].data.size();
      if (k == i) unsynced[k].Put(size, &only);
      if (k != i) unsynced[k].Put(size, &all_but);
      if (k <= i) unsynced[k].Put(k == i ? size / 2 : size, &torn);
    }
    contents.insert(contents.end(), {only, all_but, torn});
  }
  if (unsynced.empty()) contents = {synced};

  std::vector<FakeFile> outcomes;
  for (const std::string& survivor : contents) {
    for (const mode_t mode_then : {mode, synced_mode}) {
      outcomes.push_back(
          {survivor, mode_then, owner, group, survivor, mode_then, {}});
    }
  }
  return outcomes;
}

void FakeDirectory::Put(const std::string& name, const FakeFile& file) {
  entries[name] = synced[name] = static_cast<int>(files.size());
  files.push_back(file);
  files.back().synced = file.content;
  files.back().synced_mode = file.mode;
}

std::optional<FakeFile> FakeDirectory::Get(const std::string& name) const {
  const auto found = entries.find(name);
  if (found == entries.end()) return std::nullopt;
  return files[static_cast<size_t>(found->second)];
}

void FakeDirectory::Apply(const Change& change) {
  change(&entries);
  unsynced.push_back(change);
}

std::vector<FakeDirectory> FakeDirectory::Outcomes() const {
  std::vector<FakeDirectory> outcomes;
  for (size_t kept = 0; kept < size_t{1} << unsynced.size(); ++kept) {
    FakeDirectory outcome;
    outcome.files = files;
    outcome.entries = synced;
    for (size_t i = 0; i < unsynced.size(); ++i) {
      if ((kept >> i & 1) != 0) unsynced[i](&outcome.entries);
    }
    outcome.synced = outcome.entries;
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

}  // namespace libopt::os
