// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A file, memory and callbacks: the same bytes go in and come out, and another
// process goes on where this one stopped.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "tests/rules/configs.h"
#include "tests/state/training.h"

namespace opt_test {
namespace {

int32_t Append(void* user, const void* data, int64_t size) {
  static_cast<std::string*>(user)->append(static_cast<const char*>(data),
                                          static_cast<size_t>(size));
  return 0;
}

class SourceTest : public testing::TestWithParam<std::string> {
 protected:
  SourceTest() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "libopt-state-XXXXXX")
            .string();
    if (mkdtemp(pattern.data()) != nullptr) folder_ = pattern;
  }
  ~SourceTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  std::string PathOf(const std::string& name) const { return folder_ / name; }

  static std::string BytesOf(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  static void SaveFile(const Training& training, const std::string& path) {
    opt_save_args args = OPT_SAVE_ARGS_INIT;
    args.flags = OPT_SAVE_PARAMS;
    Check(opt_save_file(training.get(), path.c_str(), &args));
  }

  // Makes the steps of trainings, a line each, in another process; its status.
  int ResumeElsewhere(int first, int end, const std::string& lines) const {
    std::ostringstream command;
    command << "'" RESUME_CHILD "' " << GetParam() << ' ' << first << ' ' << end
            << " '" << folder_.string() << '\'';
    FILE* const child = popen(command.str().c_str(), "w");
    if (child == nullptr) return -1;
    const bool taken =
        fwrite(lines.data(), 1, lines.size(), child) == lines.size();
    const int status = pclose(child);
    return taken ? status : -1;
  }

 private:
  std::filesystem::path folder_;
};

TEST_P(SourceTest, TheSameBytesEverywhere) {
  Training training(GetParam());
  training.Steps(0, 3);
  training.Accumulate(3);
  const std::string saved = training.Save();

  opt_save_args args = OPT_SAVE_ARGS_INIT;
  args.flags = OPT_SAVE_PARAMS;
  std::string written;
  Check(opt_save_callback(training.get(), Append, &written, &args));
  EXPECT_EQ(written, saved);

  SaveFile(training, PathOf("state"));
  EXPECT_EQ(BytesOf(PathOf("state")), saved);
}

TEST_P(SourceTest, TheSameStateFromEverywhere) {
  Training training(GetParam());
  training.Steps(0, 3);
  const std::string saved = training.Save();
  SaveFile(training, PathOf("state"));
  opt_load_args args = OPT_LOAD_ARGS_INIT;
  args.flags = OPT_LOAD_PARAMS;

  const Training from_file(GetParam());
  Check(opt_load_file(from_file.get(), PathOf("state").c_str(), &args));
  EXPECT_EQ(from_file.Save(), saved);

  const Training from_callback(GetParam());
  Check(LoadByCallback(from_callback.get(), saved, OPT_LOAD_PARAMS));
  EXPECT_EQ(from_callback.Save(), saved);
}

TEST_P(SourceTest, AFileReplacesTheOneBefore) {
  Training training(GetParam());
  SaveFile(training, PathOf("state"));
  training.Steps(0, 2);
  SaveFile(training, PathOf("state"));
  EXPECT_EQ(BytesOf(PathOf("state")), training.Save());
}

TEST_P(SourceTest, AnotherProcessGoesOn) {
  Training training(GetParam());
  training.Steps(0, 3);
  training.Accumulate(3);
  SaveFile(training, PathOf("before"));
  ASSERT_EQ(ResumeElsewhere(3, 6, "before after"), 0);
  training.Steps(3, 6);
  EXPECT_EQ(BytesOf(PathOf("after")), training.Save());
}

TEST_P(SourceTest, AnotherProcessGoesOnWithEveryOption) {
  const std::vector<Options> configs = OptionsAlone(GetParam());
  std::deque<Training> trainings;
  std::ostringstream lines;
  lines << std::setprecision(17);
  for (const Options& options : configs) {
    const std::string name = std::to_string(trainings.size());
    Training& training = trainings.emplace_back(GetParam(), options);
    training.Steps(0, 2);
    std::ofstream(PathOf(name), std::ios::binary) << training.Save();
    lines << name << ' ' << name << "-after";
    for (const auto& [option, value] : options) {
      lines << ' ' << option << ' ' << value;
    }
    lines << '\n';
  }
  ASSERT_EQ(ResumeElsewhere(2, 4, lines.str()), 0);
  for (size_t i = 0; i < configs.size(); ++i) {
    SCOPED_TRACE(Text(configs[i]));
    trainings[i].Steps(2, 4);
    ASSERT_EQ(BytesOf(PathOf(std::to_string(i) + "-after")),
              trainings[i].Save());
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, SourceTest, testing::ValuesIn(Rules()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace opt_test
