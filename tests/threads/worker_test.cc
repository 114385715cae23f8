// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The library's own threads: when they start and end, what they may run on,
// and that the host's signals are none of their business.

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include <set>
#include <string>
#include <thread>

#include "src/os/thread.h"
#include "tests/threads/model.h"
#include "tests/threads/tasks.h"

namespace libopt::threads {
namespace {

constexpr int kThreads = 4;

class WorkerTest : public testing::Test {
 protected:
  std::set<int> Workers() const { return NewTasks(before_, Tasks()); }

  std::set<int> before_ = Tasks();
};

TEST_F(WorkerTest, StartAtTheFirstLargeStep) {
  const opt_context context = CreateContext(kThreads);
  {
    const Model small(context, 10);
    EXPECT_EQ(small.Step(), OPT_OK);
    EXPECT_EQ(Workers().size(), 0U);
    const Model large(context);
    EXPECT_EQ(Workers().size(), 0U);
    EXPECT_EQ(large.Step(), OPT_OK);
    const std::set<int> workers = Workers();
    EXPECT_EQ(workers.size(), kThreads - 1U);
    EXPECT_EQ(large.Step(), OPT_OK);
    EXPECT_EQ(Workers(), workers);
  }
  EXPECT_EQ(opt_context_destroy(context), OPT_OK);
}

TEST_F(WorkerTest, AreJoinedWithTheContextsLastUser) {
  const opt_context context = CreateContext(kThreads);
  {
    const Model model(context);
    EXPECT_EQ(model.Step(), OPT_OK);
    EXPECT_EQ(opt_context_destroy(context), OPT_OK);
    EXPECT_EQ(Workers().size(), kThreads - 1U);
    EXPECT_EQ(model.Step(), OPT_OK);
  }
  EXPECT_TRUE(OnlyTasks(before_));
}

TEST_F(WorkerTest, AreNotStartedForTheHostsParallelFor) {
  HoldingHost host;
  opt_context_config config = host.Config();
  opt_context context = nullptr;
  config.threads = kThreads;
  ASSERT_EQ(opt_context_create(&config, &context), OPT_OK);
  host.Release();
  {
    const Model model(context);
    EXPECT_EQ(model.Step(), OPT_OK);
    EXPECT_EQ(Workers().size(), 0U);
  }
  EXPECT_EQ(opt_context_destroy(context), OPT_OK);
}

// Whether a signal's bit is set in a mask as /proc prints it.
bool Has(const std::string& mask, int signal) {
  return (std::stoull(mask, nullptr, 16) >> (signal - 1) & 1) != 0;
}

TEST_F(WorkerTest, BlockAllSignalsAndLeaveTheCallersAlone) {
  sigset_t mask;
  sigset_t found;
  sigemptyset(&mask);
  sigaddset(&mask, SIGUSR2);
  ASSERT_EQ(pthread_sigmask(SIG_SETMASK, &mask, &found), 0);
  const std::string caller = TaskStatus(ThisTask(), "SigBlk");
  const opt_context context = CreateContext(kThreads);
  {
    const Model model(context);
    EXPECT_EQ(model.Step(), OPT_OK);
    ASSERT_EQ(Workers().size(), kThreads - 1U);
    for (const int worker : Workers()) {
      const std::string blocked = TaskStatus(worker, "SigBlk");
      for (const int signal : {SIGHUP, SIGINT, SIGUSR1, SIGTERM, SIGALRM,
                               SIGCHLD, SIGPROF, SIGRTMIN, SIGRTMAX}) {
        EXPECT_TRUE(Has(blocked, signal)) << signal << " of " << blocked;
      }
    }
  }
  EXPECT_EQ(TaskStatus(ThisTask(), "SigBlk"), caller);
  EXPECT_EQ(pthread_sigmask(SIG_SETMASK, &found, nullptr), 0);
  EXPECT_EQ(opt_context_destroy(context), OPT_OK);
}

TEST_F(WorkerTest, RunOnAllCpusThoughTheCallerIsPinned) {
  const std::string process = TaskStatus(ThisTask(), "Cpus_allowed");
  const opt_context context = CreateContext(kThreads);
  const Model model(context);
  std::set<int> workers;
  std::thread pinned([&] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<size_t>(sched_getcpu()), &one);
    ASSERT_EQ(pthread_setaffinity_np(pthread_self(), sizeof one, &one), 0);
    EXPECT_EQ(model.Step(), OPT_OK);
    workers = Workers();
    workers.erase(ThisTask());
  });
  pinned.join();
  ASSERT_EQ(workers.size(), kThreads - 1U);
  for (const int worker : workers) {
    WaitUntilAsleep(worker);  // it is past its start then
    EXPECT_EQ(TaskStatus(worker, "Cpus_allowed"), process);
  }
  EXPECT_EQ(opt_context_destroy(context), OPT_OK);
}

TEST_F(WorkerTest, LeavesACpuWithoutBeingPinnedToOthers) {
  std::thread other([] {
    cpu_set_t all;
    ASSERT_EQ(sched_getaffinity(0, sizeof all, &all), 0);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<size_t>(sched_getcpu()), &one);
    for (const cpu_set_t& mine : {all, one}) {
      ASSERT_EQ(sched_setaffinity(0, sizeof mine, &mine), 0);
      os::LeaveCpu(os::CurrentCpu());
      cpu_set_t after;
      ASSERT_EQ(sched_getaffinity(0, sizeof after, &after), 0);
      EXPECT_TRUE(CPU_EQUAL(&after, &mine));
    }
  });
  other.join();
}

TEST_F(WorkerTest, AllCoresMeansThoseThatTheProcessMayUse) {
  cpu_set_t cpus;
  ASSERT_EQ(sched_getaffinity(0, sizeof cpus, &cpus), 0);
  const opt_context context = CreateContext(OPT_ALL_CORES);
  opt_context_info info = OPT_CONTEXT_INFO_INIT;
  EXPECT_EQ(opt_context_get_info(context, &info), OPT_OK);
  EXPECT_EQ(info.threads, CPU_COUNT(&cpus));
  EXPECT_EQ(opt_context_destroy(context), OPT_OK);
}

}  // namespace
}  // namespace libopt::threads
