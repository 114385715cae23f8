// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// How many workers a loop deserves, as a function of what was measured.

#include "src/parallel/choice.h"

#include <gtest/gtest.h>

#include "src/parallel/estimate.h"

namespace libopt {
namespace {

// Nanoseconds, as measured on a virtual machine, where waking is dear, and as
// they are on a machine of one's own.
constexpr CallCost kAwake = {100, 300};
constexpr CallCost kVirtual = {30000, 68000};
constexpr CallCost kBare = {3000, 15000};

// Threads that do not slow each other down.
Work Each(double work) { return {work, work}; }

Crew CrewOf(int awake, int asleep, const CallCost& of_asleep) {
  return {awake, asleep, kAwake, of_asleep};
}

TEST(ChoiceTest, NobodyIsWokenForWhatIsDoneBeforeTheyCome) {
  for (const double work : {0.0, 1000.0, 50000.0, 100000.0, 120000.0}) {
    const Choice choice = ChooseWorkers(Each(work), CrewOf(0, 15, kVirtual));
    EXPECT_EQ(choice.awake + choice.asleep, 0) << work;
    EXPECT_EQ(choice.time, work);
  }
}

TEST(ChoiceTest, TheTimeIsThatOfWorkThatFlowsToAllWhoHaveBegun) {
  const Choice choice = ChooseWorkers(Each(200000), CrewOf(0, 1, kVirtual));
  EXPECT_EQ(choice.asleep, 1);
  EXPECT_EQ(choice.time, (200000 + 30000 + 68000) / 2.0);
}

TEST(ChoiceTest, AllAreWokenForMuchWork) {
  for (const int asleep : {1, 15, 191}) {
    EXPECT_EQ(ChooseWorkers(Each(1e9), CrewOf(0, asleep, kVirtual)).asleep,
              asleep);
  }
}

TEST(ChoiceTest, AsManyAreWokenAsPay) {
  const auto woken = [](double work) {
    return ChooseWorkers(Each(work), CrewOf(0, 15, kBare)).asleep;
  };
  EXPECT_EQ(woken(20000), 0);
  EXPECT_EQ(woken(50000), 2);
  EXPECT_EQ(woken(100000), 5);
  int before = 0;
  for (double work = 1000; work < 1e8; work *= 1.1) {
    EXPECT_GE(woken(work), before) << work;
    before = woken(work);
  }
  EXPECT_EQ(before, 15);
}

TEST(ChoiceTest, NoChoiceIsSlowerThanTheCallerAlone) {
  for (double work = 100; work < 1e9; work *= 1.5) {
    for (const int awake : {0, 1, 3}) {
      for (const int asleep : {0, 1, 12}) {
        const Choice choice =
            ChooseWorkers(Each(work), CrewOf(awake, asleep, kVirtual));
        EXPECT_LE(choice.time, work);
      }
    }
  }
}

TEST(ChoiceTest, MoreWorkersAreNeverSlower) {
  for (double work = 100; work < 1e9; work *= 1.5) {
    double before = work;
    for (int asleep = 0; asleep < 64; ++asleep) {
      const double time =
          ChooseWorkers(Each(work), CrewOf(0, asleep, kBare)).time;
      EXPECT_LE(time, before);
      before = time;
    }
  }
}

TEST(ChoiceTest, ThoseWhoAreAwakeComeFirst) {
  const Choice little = ChooseWorkers(Each(10000), CrewOf(2, 13, kVirtual));
  EXPECT_EQ(little.awake, 2);
  EXPECT_EQ(little.asleep, 0);
  const Choice much = ChooseWorkers(Each(1e8), CrewOf(2, 13, kVirtual));
  EXPECT_EQ(much.awake, 2);
  EXPECT_EQ(much.asleep, 13);
  EXPECT_EQ(ChooseWorkers(Each(400), CrewOf(2, 13, kVirtual)).awake, 0);
}

TEST(ChoiceTest, ThreadsThatSlowEachOtherDownAreNotCalled) {
  const Crew crew = CrewOf(1, 0, kVirtual);
  EXPECT_EQ(ChooseWorkers({20000, 20000}, crew).awake, 1);
  EXPECT_EQ(ChooseWorkers({20000, 30000}, crew).awake, 1);
  EXPECT_EQ(ChooseWorkers({20000, 40000}, crew).awake, 0);
  EXPECT_EQ(ChooseWorkers({20000, 40000}, crew).time, 20000);
  // On more cores they are worth it all the same.
  EXPECT_EQ(ChooseWorkers({20000, 40000}, CrewOf(7, 0, kVirtual)).awake, 7);
}

TEST(AnticipationTest, WakesOnceAsMuchIsMissedAsEightTimesThePrice) {
  Anticipation anticipation;
  // Each loop takes 15 microseconds, and would take 8; waking costs 7.
  for (int loop = 1; loop < 8; ++loop) {
    EXPECT_FALSE(anticipation.Note(true, 15000, 8000, 1, 7000)) << loop;
  }
  EXPECT_TRUE(anticipation.Note(true, 15000, 8000, 1, 7000));
  EXPECT_FALSE(anticipation.Note(true, 15000, 8000, 1, 7000));
}

TEST(AnticipationTest, ManyMustMissMore) {
  Anticipation anticipation;
  for (int loop = 1; loop < 24; ++loop) {
    EXPECT_FALSE(anticipation.Note(true, 15000, 8000, 3, 7000)) << loop;
  }
  EXPECT_TRUE(anticipation.Note(true, 15000, 8000, 3, 7000));
}

TEST(AnticipationTest, LoopsWithPausesBetweenThemWakeNobody) {
  Anticipation anticipation;
  for (int loop = 0; loop < 1000; ++loop) {
    EXPECT_FALSE(anticipation.Note(false, 15000, 8000, 1, 7000));
    EXPECT_FALSE(anticipation.Note(true, 15000, 8000, 1, 7000));
  }
}

TEST(AnticipationTest, NobodyIsWokenIfNobodyIsMissing) {
  Anticipation anticipation;
  for (int loop = 0; loop < 1000; ++loop) {
    EXPECT_FALSE(anticipation.Note(true, 15000, 15000, 0, 7000));
  }
}

TEST(EstimateTest, TheFirstSampleReplacesTheGuess) {
  Estimate estimate(1000);
  EXPECT_EQ(estimate.value(), 1000);
  EXPECT_FALSE(estimate.measured());
  estimate.Add(50000);
  EXPECT_EQ(estimate.value(), 50000);
  EXPECT_TRUE(estimate.measured());
}

TEST(EstimateTest, FollowsTheSamples) {
  Estimate estimate(1000);
  estimate.Add(50000);
  for (int i = 0; i < 60; ++i) estimate.Add(10000);
  EXPECT_NEAR(estimate.value(), 10000, 100);
  for (int i = 0; i < 60; ++i) estimate.Add(30000);
  EXPECT_NEAR(estimate.value(), 30000, 100);
}

TEST(EstimateTest, OneLongDelayHasLittleInfluence) {
  Estimate estimate(1000);
  estimate.Add(10000);
  estimate.Add(1e9);
  EXPECT_LT(estimate.value(), 15000);
}

// The number of doubts that make an estimate smaller than a limit.
int DoubtsUntil(double limit, Estimate estimate, double dear = 1) {
  int doubts = 0;
  for (; estimate.value() >= limit; ++doubts) estimate.Doubt(dear);
  return doubts;
}

TEST(EstimateTest, ShrinksWithEachDoubtUntilItIsMeasured) {
  Estimate estimate(1000);
  estimate.Add(10000);
  estimate.Doubt();
  EXPECT_LT(estimate.value(), 10000);
  EXPECT_EQ(estimate.average(), 10000);
  EXPECT_LT(DoubtsUntil(1000, estimate), 100);
  estimate.Add(10000);
  EXPECT_EQ(estimate.value(), 10000);
}

TEST(EstimateTest, DoubtsThatProveWrongAreRaisedLess) {
  Estimate estimate(1000);
  estimate.Add(10000);
  int before = 0;
  for (int i = 0; i < 5; ++i) {
    EXPECT_GT(DoubtsUntil(1000, estimate), before);
    before = DoubtsUntil(1000, estimate);
    estimate.Doubt();
    estimate.Add(10000);
  }
  for (int i = 0; i < 100; ++i) {
    estimate.Doubt();
    estimate.Add(10000);
  }
  EXPECT_LT(DoubtsUntil(1000, estimate), 2000);  // but not never
}

TEST(EstimateTest, ADoubtThatProvesRightIsBelievedAtOnce) {
  Estimate estimate(1000);
  estimate.Add(1e6);
  estimate.Doubt();
  estimate.Add(10000);
  EXPECT_EQ(estimate.value(), 10000);
}

TEST(EstimateTest, WhatIsDearIsDoubtedLess) {
  Estimate estimate(1000);
  estimate.Add(10000);
  EXPECT_GT(DoubtsUntil(1000, estimate, 16), 10 * DoubtsUntil(1000, estimate));
}

}  // namespace
}  // namespace libopt
