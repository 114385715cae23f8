// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A checkpoint that was cut short, or of which one bit is another: refused,
// with the byte named, and optimizer and parameters are as they were.

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <string_view>

#include "tests/c/snapshot.h"
#include "tests/state/edited.h"
#include "tests/state/training.h"

namespace opt_test {
namespace {

// One tensor: what is tried goes up with the square of the file's size.
Training NewTraining(double momentum) {
  return Training(OPT_RULE_SGD, {{OPT_MOMENTUM, momentum}},
                  {SmallTensors()[0]});
}

// A small checkpoint with everything in it: parameters, sums that wait for a
// step, an entry of the caller's.
std::string Whole() {
  Training training = NewTraining(0.5);
  training.Steps(0, 3);
  training.Accumulate(3);
  Edited edited(training.Save());
  edited.Add("__own__.epoch", "I64", {1}, std::string(8, '\7'));
  return edited.Build();
}

class DamageTest : public testing::Test {
 protected:
  DamageTest() : training_(NewTraining(0.25)) {
    training_.Steps(0, 1);
    before_ = snapshot(training_.get());
  }

  opt_optimizer get() const { return training_.get(); }

  void ExpectUnchanged() { ASSERT_EQ(snapshot(training_.get()), before_); }

  const std::string whole_ = Whole();

 private:
  Training training_;
  uint64_t before_;
};

opt_status LoadFromCallback(opt_optimizer optimizer, std::string_view bytes) {
  return LoadByCallback(optimizer, bytes, OPT_LOAD_PARAMS);
}

TEST_F(DamageTest, TheWholeOfItLoads) {
  EXPECT_EQ(LoadAll(get(), whole_), OPT_OK) << opt_last_error();
  EXPECT_EQ(LoadFromCallback(get(), whole_), OPT_OK) << opt_last_error();
}

using Loader = opt_status(opt_optimizer optimizer, std::string_view bytes);

TEST_F(DamageTest, CutShortAnywhere) {
  for (Loader* load : {LoadAll, LoadFromCallback}) {
    for (size_t size = 0; size < whole_.size(); ++size) {
      const std::string cut = whole_.substr(0, size);
      ASSERT_EQ(load(get(), cut), OPT_ERR_FORMAT) << size;
      const std::string message = opt_last_error();
      const std::string byte = "byte " + std::to_string(size);
      ASSERT_TRUE(message.find(byte + ",") != std::string::npos ||
                  message.find(byte + ":") != std::string::npos)
          << message;
      ExpectUnchanged();
    }
  }
}

TEST_F(DamageTest, LongerThanItSays) {
  for (Loader* load : {LoadAll, LoadFromCallback}) {
    for (const size_t more : {1, 64, 5000}) {
      ASSERT_EQ(load(get(), whole_ + std::string(more, '\0')), OPT_ERR_FORMAT);
      const std::string message = opt_last_error();
      ASSERT_NE(message.find("byte " + std::to_string(whole_.size())),
                std::string::npos)
          << message;
      ExpectUnchanged();
    }
  }
}

// Of the header: a flip may make it another rule's, say, before the checksums
// are read.
TEST_F(DamageTest, AnyBitOfTheHeaderFlipped) {
  uint64_t length = 0;
  std::memcpy(&length, whole_.data(), sizeof(length));
  std::string damaged = whole_;
  for (size_t bit = 0; bit < 8 * (length + 8); ++bit) {
    const auto mask = static_cast<char>(1 << bit % 8);
    damaged[bit / 8] ^= mask;
    const opt_status status = LoadAll(get(), damaged);
    const std::string message = opt_last_error();
    ASSERT_TRUE(status == OPT_ERR_FORMAT || status == OPT_ERR_MISMATCH)
        << bit << ": " << opt_status_name(status);
    ASSERT_TRUE(status != OPT_ERR_FORMAT ||
                message.find("byte ") != std::string::npos)
        << message;
    ExpectUnchanged();
    damaged[bit / 8] ^= mask;
  }
}

TEST_F(DamageTest, AnyBitOfTheDataFlipped) {
  uint64_t length = 0;
  std::memcpy(&length, whole_.data(), sizeof(length));
  std::string damaged = whole_;
  for (size_t bit = 8 * (length + 8); bit < 8 * whole_.size(); ++bit) {
    const auto mask = static_cast<char>(1 << bit % 8);
    damaged[bit / 8] ^= mask;
    ASSERT_EQ(LoadAll(get(), damaged), OPT_ERR_FORMAT) << bit;
    const std::string message = opt_last_error();
    ASSERT_EQ(message.find("the checksum of "), 0U) << message;
    ASSERT_NE(message.find("from byte "), std::string::npos) << message;
    ExpectUnchanged();
    damaged[bit / 8] ^= mask;
  }
}

TEST_F(DamageTest, TheChecksumTellsWhereTheDamagedTensorStarts) {
  const size_t at = whole_.find(std::string(8, '\7'));
  std::string damaged = whole_;
  damaged[at + 5] = 0;
  ASSERT_EQ(LoadAll(get(), damaged), OPT_ERR_FORMAT);
  EXPECT_NE(std::string(opt_last_error())
                .find("'__own__.epoch', from byte " + std::to_string(at)),
            std::string::npos)
      << opt_last_error();
}

}  // namespace
}  // namespace opt_test
