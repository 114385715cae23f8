// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A host as engines are built: without exceptions and type information, with
// memory of its own, and with an operator new that ends the program. It links
// the static library, which must therefore do without operator new.

#include <opt/opt.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

int g_news = 0;  // calls of operator new
int g_cases = 0;
int g_failures = 0;

[[noreturn]] void Refuse() {
  std::fprintf(stderr, "operator new was called\n");
  std::abort();
}

void* CountNew() {
  ++g_news;
  Refuse();
}

void Case(bool passed, const char* name) {
  g_failures += passed ? 0 : 1;
  std::printf("%sok %d - %s\n", passed ? "" : "not ", ++g_cases, name);
}

// The memory that the host's allocator has given.
struct Memory {
  int64_t blocks = 0;  // that are not given back
  int64_t allocations = 0;
};

void* Allocate(void* user, int64_t size, int64_t alignment) {
  auto* const memory = static_cast<Memory*>(user);
  const int64_t padded = (size + alignment - 1) / alignment * alignment;
  void* const block = std::aligned_alloc(static_cast<size_t>(alignment),
                                         static_cast<size_t>(padded));
  if (block != nullptr) {
    ++memory->blocks;
    ++memory->allocations;
  }
  return block;
}

void Release(void* user, void* memory, int64_t /*size*/,
             int64_t /*alignment*/) {
  --static_cast<Memory*>(user)->blocks;
  std::free(memory);
}

// The host's jobs, one after another.
int32_t ParallelFor(void* /*user*/, int64_t count,
                    void (*task)(void* task_data, int64_t i), void* task_data) {
  for (int64_t i = 0; i < count; ++i) task(task_data, i);
  return 0;
}

constexpr int64_t kTensors = 3;
constexpr int64_t kElements = 5000;

float g_params[kTensors][kElements];
float g_grads[kTensors][kElements];

void FillGrads(int step) {
  for (int64_t t = 0; t < kTensors; ++t) {
    for (int64_t i = 0; i < kElements; ++i) {
      g_grads[t][i] = static_cast<float>((t + i + step) % 17) / 16;
    }
  }
}

opt_status Attach(opt_optimizer optimizer) {
  opt_tensor tensors[kTensors];
  for (int64_t t = 0; t < kTensors; ++t) {
    tensors[t] = OPT_TENSOR_INIT;
    tensors[t].count = kElements;
    tensors[t].param = g_params[t];
    tensors[t].grad = g_grads[t];
  }
  return opt_attach(optimizer, tensors, kTensors, nullptr);
}

bool StepInSlices(opt_optimizer optimizer) {
  int64_t remaining = 0;
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  opt_step_args args = OPT_STEP_ARGS_INIT;
  work.max_norm = 1;
  args.work = &work;
  bool passed = opt_step_begin(optimizer, &args, &remaining) == OPT_OK;
  for (int64_t next = 0; remaining > 0 && passed; ++next) {
    passed = opt_step_slice(optimizer, nullptr, &next, 1, &remaining) == OPT_OK;
  }
  return passed;
}

bool Train(opt_optimizer optimizer) {
  for (int step = 0; step < 50; ++step) {
    FillGrads(step);
    if (step % 2 == 0 ? opt_step(optimizer, nullptr) != OPT_OK
                      : !StepInSlices(optimizer)) {
      return false;
    }
  }
  return true;
}

// Saves and loads; the buffer is the host's.
bool Resume(opt_optimizer optimizer) {
  static char checkpoint[1 << 20];
  int64_t size = 0;
  return opt_save_memory(optimizer, checkpoint, sizeof checkpoint, &size,
                         nullptr) == OPT_OK &&
         Train(optimizer) &&
         opt_load_memory(optimizer, checkpoint, size, nullptr) == OPT_OK;
}

// Inside, failures travel as exceptions.
bool Fails(opt_optimizer optimizer) {
  const bool named =
      opt_set(optimizer, OPT_ALL_GROUPS, OPT_LR, -1) == OPT_ERR_VALUE &&
      std::strstr(opt_last_error(), "lr") != nullptr;
  g_grads[1][7] = NAN;
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  opt_step_args args = OPT_STEP_ARGS_INIT;
  work.nonfinite = OPT_NONFINITE_ERROR;
  args.work = &work;
  return named && opt_step(optimizer, &args) == OPT_ERR_NONFINITE;
}

}  // namespace

// Every form of them: the others call one of these.
void* operator new(size_t /*size*/) { return CountNew(); }
void* operator new[](size_t /*size*/) { return CountNew(); }
void* operator new(size_t /*size*/, std::align_val_t /*alignment*/) {
  return CountNew();
}
void* operator new[](size_t /*size*/, std::align_val_t /*alignment*/) {
  return CountNew();
}
void* operator new(size_t /*size*/, const std::nothrow_t& /*tag*/) noexcept {
  return CountNew();
}
void operator delete(void* /*memory*/) noexcept {}
void operator delete(void* /*memory*/, size_t /*size*/) noexcept {}
void operator delete[](void* /*memory*/) noexcept {}
void operator delete[](void* /*memory*/, size_t /*size*/) noexcept {}

int main() {
  Memory memory;
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  opt_context context = nullptr;
  opt_optimizer optimizer = nullptr;
  config.user = &memory;
  config.allocate = Allocate;
  config.release = Release;
  config.parallel_for = ParallelFor;
  config.threads = 4;
  Case(opt_context_create(&config, &context) == OPT_OK &&
           opt_create(context, OPT_RULE_LAMB, &optimizer) == OPT_OK &&
           Attach(optimizer) == OPT_OK,
       "a host without exceptions attaches tensors");
  const int64_t before = memory.allocations;
  Case(Train(optimizer), "it takes steps, whole ones and in slices");
  Case(memory.allocations == before, "they allocate nothing");
  Case(Resume(optimizer), "it saves and loads");
  Case(Fails(optimizer), "failures come as statuses and messages");
  Case(opt_destroy(optimizer) == OPT_OK &&
           opt_context_destroy(context) == OPT_OK && memory.blocks == 0,
       "all memory is the host's, and is given back");
  Case(g_news == 0, "operator new is never called");
  std::printf("1..%d\n", g_cases);
  return g_failures == 0 ? 0 : 1;
}
