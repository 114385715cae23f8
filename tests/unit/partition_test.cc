// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/parallel/partition.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

#include "src/base/memory.h"
#include "src/os/clock.h"

namespace libopt {
namespace {

// A list of items as they are added, and how often each element was done.
struct Items {
  struct Item {
    int64_t count;
    int64_t element_size;
    std::vector<int> done;
  };
  std::vector<Item> items;
  int64_t misplaced_cuts = 0;
  int64_t calls = 0;

  void Add(int64_t count, int64_t element_size) {
    items.push_back(
        {count, element_size, std::vector<int>(static_cast<size_t>(count))});
  }

  void Do(int64_t index, int64_t begin, int64_t count) {
    Item& item = items[static_cast<size_t>(index)];
    const int64_t end = begin + count;
    ++calls;
    if (begin * item.element_size % 64 != 0) ++misplaced_cuts;
    if (end != item.count && end * item.element_size % 64 != 0) {
      ++misplaced_cuts;
    }
    for (int64_t i = begin; i < end; ++i) ++item.done[static_cast<size_t>(i)];
  }
};

void RunItems(Context* context, Partition* partition, Items* items) {
  partition->Run(context, [&](int64_t item, int64_t begin, int64_t count) {
    items->Do(item, begin, count);
  });
}

// A context whose host runs the parts one after another.
Context* CreateContext(int32_t threads) {
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  config.threads = threads;
  config.parallel_for = [](void*, int64_t count,
                           void (*task)(void* data, int64_t i), void* data) {
    for (int64_t i = 0; i < count; ++i) task(data, i);
    return 0;
  };
  return Context::Create(config);
}

void ExpectEachElementOnce(Items items) {
  for (const int32_t threads : {1, 2, 3, 7, 64, 1024}) {
    Context* context = CreateContext(threads);
    Items work = items;
    Partition partition(ProcessMemory());
    partition.Reserve(static_cast<int64_t>(work.items.size()));
    for (const Items::Item& item : work.items) {
      partition.Add(item.count, item.element_size);
    }
    RunItems(context, &partition, &work);
    EXPECT_EQ(work.misplaced_cuts, 0);
    for (const Items::Item& item : work.items) {
      ASSERT_EQ(item.done, std::vector<int>(item.done.size(), 1))
          << threads << " threads, " << item.count << " elements";
    }
    context->Unref();
  }
}

TEST(PartitionTest, OneLargeItem) {
  for (const int64_t count : {8192, 8193, 100003}) {
    Items items;
    items.Add(count, 4);
    ExpectEachElementOnce(items);
  }
}

TEST(PartitionTest, ManySmallItems) {
  Items items;
  for (int64_t i = 0; i < 3000; ++i) items.Add(i % 40, i % 3 == 0 ? 8 : 4);
  ExpectEachElementOnce(items);
}

TEST(PartitionTest, AnyItems) {
  std::mt19937 random(1);
  for (int round = 0; round < 20; ++round) {
    Items items;
    const auto item_count = random() % 50 + 1;
    for (unsigned i = 0; i < item_count; ++i) {
      const unsigned kind = random() % 4;
      const unsigned most = kind == 0 ? 1 : kind == 1 ? 20 : 5000;
      items.Add(random() % (most + 1), random() % 2 == 0 ? 4 : 8);
    }
    ExpectEachElementOnce(items);
  }
}

TEST(PartitionTest, LittleWorkIsNotCut) {
  Context* context = CreateContext(8);
  Items items;
  Partition partition(ProcessMemory());
  for (int i = 0; i < 5; ++i) {
    items.Add(100, 4);
    partition.Add(100, 4);
  }
  RunItems(context, &partition, &items);
  EXPECT_EQ(items.calls, 5);
  context->Unref();
}

// Many threads make many parts of much work, but not of little.
TEST(PartitionTest, PartsAreWorthAThreadEach) {
  Context* context = CreateContext(16);
  const auto calls_of = [&](int64_t count) {
    Items items;
    Partition partition(ProcessMemory());
    items.Add(count, 4);
    partition.Add(count, 4);
    RunItems(context, &partition, &items);
    return items.calls;
  };
  const int64_t few = calls_of(10000);
  EXPECT_GT(few, 1);
  EXPECT_LE(few, 8);
  EXPECT_GT(calls_of(100000), few);
  EXPECT_EQ(calls_of(10000000), 64);
  context->Unref();
}

// A host that is slow, or whose body is slow without it, by so many
// nanoseconds.
struct Host {
  int64_t delay = 0;
  int64_t delay_without = 0;
  int calls = 0;
  bool inside = false;

  static void Burn(int64_t time) {
    for (const int64_t end = os::Nanoseconds() + time;
         os::Nanoseconds() < end;) {
    }
  }

  static int32_t ParallelFor(void* user, int64_t count,
                             void (*task)(void* data, int64_t i), void* data) {
    auto* host = static_cast<Host*>(user);
    ++host->calls;
    host->inside = true;
    Burn(host->delay);
    for (int64_t i = 0; i < count; ++i) task(data, i);
    host->inside = false;
    return 0;
  }

  // Returns how often the host is asked in some runs of the same work.
  int Asked(int runs) {
    opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
    config.threads = 2;
    config.user = this;
    config.parallel_for = ParallelFor;
    Context* context = Context::Create(config);
    Partition partition(ProcessMemory());
    partition.Add(10000, 4);
    for (int i = 0; i < runs; ++i) {
      partition.Run(context, [&](int64_t, int64_t, int64_t) {
        if (!inside) Burn(delay_without);
      });
    }
    context->Unref();
    return calls;
  }
};

TEST(PartitionTest, AHostThatIsSlowerThanTheCallerIsHardlyAsked) {
  Host host;
  host.delay = 2'000'000;
  const int asked = host.Asked(40);
  EXPECT_GE(asked, 1);
  EXPECT_LE(asked, 5);
}

TEST(PartitionTest, AHostThatIsFasterThanTheCallerIsAsked) {
  Host host;
  host.delay_without = 2'000'000;
  EXPECT_GE(host.Asked(40), 30);
}

TEST(PartitionTest, IsUsedAgainAfterClear) {
  Context* context = CreateContext(2);
  Partition partition(ProcessMemory());
  for (const int64_t count : {100000, 20000}) {
    Items items;
    items.Add(count, 4);
    partition.Clear();
    partition.Add(count, 4);
    RunItems(context, &partition, &items);
    EXPECT_EQ(items.items[0].done,
              std::vector<int>(static_cast<size_t>(count), 1));
  }
  context->Unref();
}

}  // namespace
}  // namespace libopt
