// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Saving, loading and looking into checkpoints.

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/bindings/cpp/failure.h"

namespace opt_test {
namespace {

struct Trained {
  explicit Trained(const char* name = "w") : optimizer("adam") {
    optimizer.Attach(opt::TensorSpec(name, param, grad));
  }
  std::vector<float> param = {1, 2};
  std::vector<float> grad = {3, 4};
  opt::Optimizer optimizer;
};

// Goes on after loading, as `saved` does.
void ExpectToGoOnAlike(Trained* saved, Trained* loaded) {
  saved->optimizer.Step();
  loaded->optimizer.Step();
  EXPECT_EQ(saved->param, loaded->param);
}

TEST(State, GoesToMemoryAndBack) {
  Trained saved, loaded;
  saved.optimizer.Step();
  loaded.optimizer.LoadMemory(
      saved.optimizer.SaveMemory(opt::SaveOptions().Params()),
      opt::LoadOptions().Params());
  ExpectToGoOnAlike(&saved, &loaded);
}

TEST(State, SavedWithWeightsToEvaluateAtIsLoadedWithThemInPlace) {
  Trained saved, loaded;
  saved.optimizer.StartAverage(opt::AverageOptions::Swa());
  saved.optimizer.Step();
  saved.optimizer.Step();
  const std::vector<float> trained = saved.param;
  saved.optimizer.SwapEvalWeights();
  loaded.optimizer.LoadMemory(
      saved.optimizer.SaveMemory(opt::SaveOptions().Params()),
      opt::LoadOptions().Params());
  EXPECT_TRUE(loaded.optimizer.IsSwapped());
  EXPECT_NE(loaded.param, trained);
  ExpectError(OPT_ERR_STATE, "opt_swap_eval_weights",
              [&] { loaded.optimizer.Step(); });
  for (Trained* each : {&saved, &loaded}) each->optimizer.SwapEvalWeights();
  EXPECT_FALSE(loaded.optimizer.IsSwapped());
  EXPECT_EQ(loaded.param, trained);
  ExpectToGoOnAlike(&saved, &loaded);
}

TEST(State, GoesThroughStreams) {
  Trained saved, loaded;
  std::stringstream stream;
  saved.optimizer.Step();
  saved.optimizer.SaveStream(stream, opt::SaveOptions().Params());
  loaded.optimizer.LoadStream(stream, opt::LoadOptions().Params());
  ExpectToGoOnAlike(&saved, &loaded);
}

TEST(State, GoesThroughAFileWithEntriesOfTheCallers) {
  Trained saved, loaded;
  const std::string path = testing::TempDir() + "libopt_cpp_state_test";
  const std::vector<int64_t> epoch = {7};
  const float best[] = {0.5F, 0.25F};
  saved.optimizer.Step();
  saved.optimizer.SaveFile(path,
                           opt::SaveOptions()
                               .Params()
                               .Entry("epoch", epoch)
                               .Entry("best", best)
                               .Entry("note", std::string("Gr\u00f6\u00dfe")));
  const opt::Checkpoint checkpoint = opt::Checkpoint::OpenFile(path);
  EXPECT_EQ(checkpoint.Read<int64_t>("epoch"), epoch);
  EXPECT_EQ(checkpoint.Read<float>("best"), (std::vector<float>{0.5F, 0.25F}));
  EXPECT_EQ(checkpoint.Read<uint8_t>("note").size(), 7U);
  ExpectError(OPT_ERR_DTYPE, "is int64_t, not double",
              [&] { checkpoint.Read<double>("epoch"); });
  ExpectError(OPT_ERR_NAME, "epoch", [&] { checkpoint.Find("epock"); });
  int own = 0;
  for (int64_t i = 0; i < checkpoint.Count(); ++i) {
    own += static_cast<int>(checkpoint.At(i).own);
  }
  EXPECT_EQ(own, 3);
  loaded.optimizer.LoadFile(path, opt::LoadOptions().Params());
  ExpectToGoOnAlike(&saved, &loaded);
  EXPECT_EQ(std::remove(path.c_str()), 0);
  ExpectError(OPT_ERR_IO, path, [&] { loaded.optimizer.LoadFile(path); });
}

TEST(State, IsLoadedFromACheckpointThatWasLookedInto) {
  Trained saved, loaded;
  saved.optimizer.Step();
  const std::vector<int64_t> epoch = {7};
  const std::vector<uint8_t> bytes = saved.optimizer.SaveMemory(
      opt::SaveOptions().Params().Entry("epoch", epoch));
  opt::Checkpoint checkpoint = opt::Checkpoint::OpenMemory(bytes);
  EXPECT_EQ(checkpoint.Read<int64_t>("epoch"), epoch);
  loaded.optimizer.Load(checkpoint, opt::LoadOptions().Params());
  EXPECT_EQ(loaded.param, saved.param);
  ExpectToGoOnAlike(&saved, &loaded);
  EXPECT_EQ(checkpoint.Read<int64_t>("epoch"), epoch);  // it stays open
  opt::LoadReport report;
  Trained other("v");
  ExpectError(OPT_ERR_MISMATCH, "4 missing", [&] {
    other.optimizer.Load(checkpoint, opt::LoadOptions().Report(&report));
  });
  EXPECT_FALSE(report.empty());
  checkpoint.Close();
  ExpectError(OPT_ERR_HANDLE, "", [&] { loaded.optimizer.Load(checkpoint); });
}

TEST(State, ReportsEachNameThatDoesNotFit) {
  Trained saved("w"), loaded("v");
  opt::LoadReport report;
  const std::vector<uint8_t> bytes = saved.optimizer.SaveMemory();
  ExpectError(OPT_ERR_MISMATCH, "4 missing, 4 unexpected", [&] {
    loaded.optimizer.LoadMemory(bytes, opt::LoadOptions().Report(&report));
  });
  ASSERT_EQ(report.size(), 8U);
  EXPECT_EQ(report[0].kind, OPT_REPORT_UNEXPECTED);
  EXPECT_EQ(report[0].name, "w/exp_avg");
  EXPECT_FALSE(report[0].detail.empty());
  EXPECT_EQ(report[4].kind, OPT_REPORT_MISSING);
  EXPECT_EQ(report[4].name, "v/exp_avg");
  loaded.optimizer.LoadMemory(
      bytes,
      opt::LoadOptions().AllowMissing().AllowUnexpected().Report(&report));
  EXPECT_EQ(report.size(), 8U);  // not added to those of the load before
}

TEST(State, LoadsAChosenTensorAndKeepsOptions) {
  Trained saved, loaded;
  saved.optimizer.Set(OPT_LR, 0.5);
  saved.optimizer.Step();
  const std::vector<uint8_t> bytes = saved.optimizer.SaveMemory();
  loaded.optimizer.LoadMemory(bytes, opt::LoadOptions().KeepOptions());
  EXPECT_EQ(loaded.optimizer.Get(OPT_LR), 0.001);
  EXPECT_EQ(loaded.optimizer.TensorAt(0).step, 1);
  Trained chosen;
  chosen.optimizer.LoadMemory(bytes, opt::LoadOptions().Names({"w"}));
  EXPECT_EQ(chosen.optimizer.TensorAt(0).step, 1);
  EXPECT_EQ(chosen.optimizer.Info().steps, 0);
  Trained none;
  none.optimizer.LoadMemory(bytes, opt::LoadOptions().Names({}));
  EXPECT_EQ(none.optimizer.TensorAt(0).step, 0);
}

// Schedule-free AdamW, whose numbers belong to the group.
struct ScheduleFree {
  ScheduleFree()
      : optimizer(opt::ScheduleFreeAdamW().lr(0.1).warmup_steps(3).r(1)) {
    optimizer.Attach(opt::TensorSpec("w", param, grad));
  }
  std::vector<float> param = {1, 2};
  std::vector<float> grad = {3, 4};
  opt::Optimizer optimizer;
};

TEST(State, TheNumbersOfAGroupGoOnInMidRun) {
  ScheduleFree straight, resumed;
  straight.optimizer.Step();
  straight.optimizer.Step();
  resumed.optimizer.LoadMemory(
      straight.optimizer.SaveMemory(opt::SaveOptions().Params()),
      opt::LoadOptions().Params());
  const opt::Span<double> steps = resumed.optimizer.State<double>(0, "k");
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0], 2);
  for (int i = 0; i < 2; ++i) {
    straight.optimizer.Step();
    resumed.optimizer.Step();
  }
  EXPECT_EQ(resumed.param, straight.param);
  EXPECT_EQ(resumed.optimizer.SaveMemory(), straight.optimizer.SaveMemory());
}

struct Thrown {};

TEST(State, WhatACallbackThrowsComesOutOfTheCall) {
  Trained trained;
  EXPECT_THROW(trained.optimizer.SaveCallback(
                   [](const void*, int64_t) -> bool { throw Thrown(); }),
               Thrown);
  EXPECT_THROW(trained.optimizer.LoadCallback(
                   [](void*, int64_t) -> int64_t { throw Thrown(); }),
               Thrown);
  ExpectError(OPT_ERR_IO, "", [&] {
    trained.optimizer.SaveCallback([](const void*, int64_t) { return false; });
  });
  trained.optimizer.Step();
}

TEST(State, AStreamThatIsNotOpenIsTold) {
  Trained trained;
  std::ofstream nowhere("/nonexistent/checkpoint");
  ExpectError(OPT_ERR_IO, "the stream failed",
              [&] { trained.optimizer.SaveStream(nowhere); });
  std::ifstream nothing("/nonexistent/checkpoint");
  ExpectError(OPT_ERR_IO, "the stream cannot be read",
              [&] { trained.optimizer.LoadStream(nothing); });
}

TEST(State, ADamagedCheckpointIsRefused) {
  Trained trained;
  const std::vector<uint8_t> intact = trained.optimizer.SaveMemory();
  std::vector<uint8_t> bytes = intact;
  bytes[bytes.size() / 2] ^= 1;
  ExpectError(OPT_ERR_FORMAT, "", [&] { trained.optimizer.LoadMemory(bytes); });
  opt::Checkpoint closed = opt::Checkpoint::OpenMemory(intact);
  closed.Close();
  const std::string gone = "this checkpoint is closed or was moved from";
  ExpectError(OPT_ERR_HANDLE, gone, [&] { closed.Count(); });
  ExpectError(OPT_ERR_HANDLE, gone, [&] { closed.Read<float>("w"); });
  ExpectError(OPT_ERR_HANDLE, gone, [&] { trained.optimizer.Load(closed); });
}

}  // namespace
}  // namespace opt_test
