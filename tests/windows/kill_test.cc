// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A process that saves again and again is killed. The process is this program
// with the same test, which a variable of the environment tells the file to
// save.

#include <gtest/gtest.h>

#include <cstdlib>

#include "src/os/windows/file_calls.h"
#include "tests/windows/scratch.h"

namespace libopt::os {
namespace {

constexpr wchar_t kVariable[] = L"LIBOPT_SAVED_FOR_EVER";
constexpr int kRounds = 5;
constexpr int kGenerations = 100;
constexpr size_t kSize = 200000;

// In the process that is killed: saves until then.
void SaveForEver(const wchar_t* target) {
  const std::string path = std::filesystem::path(target).u8string();
  try {
    for (int generation = 1;; generation = generation % kGenerations + 1) {
      Save(path, Content(generation, kSize));
    }
  } catch (const FileError& error) {
    FAIL() << "cannot " << error.operation << ": " << error.code;
  }
}

HANDLE StartWriter(const std::string& path) {
  wchar_t program[1024];
  GetModuleFileNameW(nullptr, program, 1024);
  // Brief: its output is part of this one's, where cases are counted.
  std::wstring command = L"\"" + std::wstring(program) +
                         L"\" --gtest_brief=1 --gtest_filter=KillTest.*";
  SetEnvironmentVariableW(kVariable,
                          std::filesystem::u8path(path).wstring().c_str());
  STARTUPINFOW start = {};
  start.cb = sizeof(start);
  PROCESS_INFORMATION started = {};
  const bool is_started =
      CreateProcessW(nullptr, command.data(), nullptr, nullptr, FALSE, 0,
                     nullptr, nullptr, &start, &started) != 0;
  SetEnvironmentVariableW(kVariable, nullptr);
  if (!is_started) return nullptr;
  CloseHandle(started.hThread);
  return started.hProcess;
}

bool IsAGeneration(const std::string& content) {
  for (int generation = 0; generation <= kGenerations; ++generation) {
    if (content == Content(generation, kSize)) return true;
  }
  return false;
}

TEST(KillTest, AtAnyMomentTheTargetIsOldOrNew) {
  wchar_t saved_for_ever[1024];
  if (GetEnvironmentVariableW(kVariable, saved_for_ever, 1024) != 0) {
    return SaveForEver(saved_for_ever);
  }
  const Scratch scratch;
  const std::string target = scratch / "target";
  Save(target, Content(0, kSize));
  for (int round = 0; round < kRounds; ++round) {
    const auto before = GetFile(target);
    HANDLE writer = StartWriter(target);
    ASSERT_NE(writer, nullptr);
    // It has saved something, and goes on.
    while (GetFile(target) == before) {
      ASSERT_EQ(WaitForSingleObject(writer, 0), WAIT_TIMEOUT);
      SwitchToThread();
    }
    for (int i = 0; i < round * 1000; ++i) SwitchToThread();
    ASSERT_TRUE(TerminateProcess(writer, 1));
    WaitForSingleObject(writer, INFINITE);
    CloseHandle(writer);
    ASSERT_TRUE(IsAGeneration(GetFile(target).value()));
    // Of the writers before, nothing is left.
    ASSERT_LE(scratch.Names().size(), 2);
  }
  Save(target, Content(0, kSize));
  EXPECT_EQ(scratch.Names(), std::vector<std::string>{"target"});
}

}  // namespace
}  // namespace libopt::os
