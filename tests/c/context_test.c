/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Contexts: configuration, memory, log, lifetime.
 */

#include <stdlib.h>

#include "fixture.h"
#include "host.h"

enum { kLarge = 1 << 17 };

static void the_default_context_is_described(void) {
  opt_context_info info = OPT_CONTEXT_INFO_INIT;
  CHECK_OK(opt_context_get_info(NULL, &info));
  CHECK_EQ(info.threads, 1);
  CHECK_EQ(info.spin_microseconds, 0);
  CHECK(info.target != NULL && info.target[0] != '\0');
}

static void a_context_without_configuration_is_like_the_default(void) {
  opt_context context = NULL;
  opt_context_info info = OPT_CONTEXT_INFO_INIT;
  CHECK_OK(opt_context_create(NULL, &context));
  CHECK_OK(opt_context_get_info(context, &info));
  CHECK_EQ(info.threads, 1);
  CHECK_OK(opt_context_destroy(context));
}

static void expect_threads(int32_t threads, int32_t expected) {
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  opt_context_info info = OPT_CONTEXT_INFO_INIT;
  opt_context context = NULL;
  config.threads = threads;
  CHECK_OK(opt_context_create(&config, &context));
  CHECK_OK(opt_context_get_info(context, &info));
  if (expected > 0) CHECK_EQ(info.threads, expected);
  CHECK(info.threads >= 1 && info.threads <= 1024);
  CHECK_OK(opt_context_destroy(context));
}

static void thread_counts_within_bounds_are_kept(void) {
  expect_threads(0, 1);
  expect_threads(1, 1);
  expect_threads(2, 2);
  expect_threads(1024, 1024);
  expect_threads(OPT_ALL_CORES, 0);
}

static void thread_counts_out_of_bounds_are_refused(void) {
  const int32_t threads[] = {-2, 1025, INT32_MAX, INT32_MIN};
  for (int64_t i = 0; i < COUNT_OF(threads); ++i) {
    opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
    opt_context context = NULL;
    config.threads = threads[i];
    CHECK_FAILS(opt_context_create(&config, &context), OPT_ERR_VALUE,
                "threads");
    CHECK_CONTAINS(opt_last_error(), "1024");
    CHECK(context == NULL);
  }
}

static void expect_spin(int32_t spin_microseconds) {
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  opt_context_info info = OPT_CONTEXT_INFO_INIT;
  opt_context context = NULL;
  config.spin_microseconds = spin_microseconds;
  CHECK_OK(opt_context_create(&config, &context));
  CHECK_OK(opt_context_get_info(context, &info));
  CHECK_EQ(info.spin_microseconds, spin_microseconds);
  CHECK_OK(opt_context_destroy(context));
}

static void active_waiting_within_bounds_is_kept(void) {
  expect_spin(0);
  expect_spin(1);
  expect_spin(1000000);
}

static void active_waiting_out_of_bounds_is_refused(void) {
  const int32_t spins[] = {-1, 1000001, INT32_MAX, INT32_MIN};
  for (int64_t i = 0; i < COUNT_OF(spins); ++i) {
    opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
    opt_context context = NULL;
    config.spin_microseconds = spins[i];
    CHECK_FAILS(opt_context_create(&config, &context), OPT_ERR_VALUE,
                "spin_microseconds");
    CHECK_CONTAINS(opt_last_error(), "1000000");
    CHECK(context == NULL);
  }
}

static void what_is_reserved_must_be_zero(void) {
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  opt_context context = NULL;
  config.reserved = 1;
  CHECK_FAILS(opt_context_create(&config, &context), OPT_ERR_ARGUMENT,
              "reserved");
  CHECK(context == NULL);
}

static void one_memory_callback_without_the_other_is_refused(void) {
  host host = HOST_INIT;
  opt_context_config config = host_config(&host, kMemory);
  opt_context context = NULL;
  config.release = NULL;
  CHECK_FAILS(opt_context_create(&config, &context), OPT_ERR_ARGUMENT,
              "release");
  config = host_config(&host, kMemory);
  config.allocate = NULL;
  CHECK_FAILS(opt_context_create(&config, &context), OPT_ERR_ARGUMENT,
              "allocate");
  CHECK(context == NULL);
  CHECK_EQ(host.allocations, 0);
}

static void memory_is_taken_from_the_host_and_given_back(void) {
  host host = HOST_INIT;
  const opt_context context = host_context(&host, kMemory);
  const opt_tensor tensor = tensor_of("w", NULL, NULL, 1000);
  opt_optimizer optimizer = NULL;
  CHECK_OK(opt_create(context, OPT_RULE_ADAM, &optimizer));
  const int64_t before = host.live_bytes;
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  CHECK(host.live_bytes >= before + 2 * 1000 * 4);
  CHECK_OK(opt_accumulate(optimizer, NULL));
  CHECK_OK(opt_detach(optimizer, 0));
  CHECK(host.live_bytes < before + 2 * 1000 * 4);
  CHECK_OK(opt_destroy(optimizer));
  CHECK_OK(opt_context_destroy(context));
  CHECK(host.allocations > 0);
  CHECK_EQ(host.live_blocks, 0);
  CHECK_EQ(host.live_bytes, 0);
  CHECK_EQ(host.mistakes, 0);
}

static void no_memory_is_reported(void) {
  host host = HOST_INIT;
  const opt_context_config config = host_config(&host, kMemory);
  opt_context context = NULL;
  host.refuse_after = 0;
  CHECK_FAILS(opt_context_create(&config, &context), OPT_ERR_MEMORY,
              "out of memory: ");
  CHECK_CONTAINS(opt_last_error(), " bytes could not be allocated");
  CHECK(context == NULL);
  CHECK_EQ(host.live_blocks, 0);
}

static void an_optimizer_outlives_the_handle_of_its_context(void) {
  host host = HOST_INIT;
  const opt_context context = host_context(&host, kMemory | kLog);
  opt_context_info info = OPT_CONTEXT_INFO_INIT;
  float param = 1;
  float grad = 1;
  const opt_tensor tensor = tensor_of("w", &param, &grad, 1);
  opt_optimizer optimizer = NULL;
  opt_optimizer late = NULL;
  CHECK_OK(opt_create(context, OPT_RULE_ADAM, &optimizer));
  CHECK_OK(opt_context_destroy(context));
  CHECK_FAILS(opt_context_get_info(context, &info), OPT_ERR_HANDLE, "context");
  CHECK_FAILS(opt_create(context, OPT_RULE_ADAM, &late), OPT_ERR_HANDLE,
              "context");
  const int64_t before = host.allocations;
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  CHECK(host.allocations > before);
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(param < 1);
  CHECK(host.live_blocks > 0);
  CHECK_OK(opt_destroy(optimizer));
  CHECK_EQ(host.live_blocks, 0);
  CHECK_EQ(host.mistakes, 0);
}

static void a_context_serves_many_optimizers(void) {
  host host = HOST_INIT;
  const opt_context context = host_context(&host, kMemory);
  opt_optimizer optimizers[3] = {NULL, NULL, NULL};
  for (int i = 0; i < 3; ++i) {
    CHECK_OK(opt_create(context, OPT_RULE_ADAM, &optimizers[i]));
  }
  for (int i = 0; i < 3; ++i) CHECK_OK(opt_destroy(optimizers[i]));
  CHECK(host.live_blocks > 0);
  CHECK_OK(opt_context_destroy(context));
  CHECK_EQ(host.live_blocks, 0);
}

static void the_log_tells_the_target(void) {
  host host = HOST_INIT;
  const opt_context context = host_context(&host, kLog);
  opt_context_info info = OPT_CONTEXT_INFO_INIT;
  CHECK_OK(opt_context_get_info(context, &info));
  CHECK_EQ(host.logged[OPT_LOG_INFO], 1);
  CHECK_EQ(host.logged[OPT_LOG_WARNING], 0);
  CHECK_CONTAINS(host.last_log, info.target);
  CHECK_OK(opt_context_destroy(context));
}

static void the_log_tells_that_threads_start_and_are_joined(void) {
  host host = HOST_INIT;
  opt_context_config config = host_config(&host, kLog);
  float* const param = calloc(2 * kLarge, sizeof *param);
  const opt_tensor tensor = tensor_of("w", param, param + kLarge, kLarge);
  opt_context context = NULL;
  opt_optimizer optimizer = NULL;
  config.threads = 2;
  CHECK_OK(opt_context_create(&config, &context));
  CHECK_OK(opt_create(context, OPT_RULE_SGD, &optimizer));
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  const int64_t before = host.logged[OPT_LOG_INFO];
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_OK(opt_step(optimizer, NULL));
#ifdef SYSTEM_WITHOUT_THREADS
  CHECK_EQ(host.logged[OPT_LOG_WARNING], 1);
  CHECK_CONTAINS(host.last_log, "1 of 1 ");
#else
  CHECK_EQ(host.logged[OPT_LOG_INFO], before + 1);
  CHECK_CONTAINS(host.last_log, "start");
#endif
  CHECK_OK(opt_destroy(optimizer));
  CHECK_OK(opt_context_destroy(context));
#ifdef SYSTEM_WITHOUT_THREADS
  CHECK_EQ(host.logged[OPT_LOG_INFO], before);
#else
  CHECK_EQ(host.logged[OPT_LOG_INFO], before + 2);
  CHECK_CONTAINS(host.last_log, "join");
  CHECK_EQ(host.logged[OPT_LOG_WARNING], 0);
#endif
  free(param);
}

/* An allocator that is four bytes off. */
static int64_t misaligned_live;

static void* allocate_misaligned(void* user, int64_t size, int64_t alignment) {
  (void)user;
  (void)alignment;
  ++misaligned_live;
  return (char*)malloc((size_t)size + 4) + 4;
}

static void release_misaligned(void* user, void* memory, int64_t size,
                               int64_t alignment) {
  (void)user;
  (void)size;
  (void)alignment;
  --misaligned_live;
  free((char*)memory - 4);
}

static void misaligned_memory_of_an_allocator_is_refused_and_given_back(void) {
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  opt_context context = NULL;
  config.allocate = allocate_misaligned;
  config.release = release_misaligned;
  CHECK_FAILS(opt_context_create(&config, &context), OPT_ERR_MEMORY,
              "not aligned");
  CHECK(context == NULL);
  CHECK_EQ(misaligned_live, 0);
}

void context_tests(void) {
  RUN(misaligned_memory_of_an_allocator_is_refused_and_given_back);
  RUN(the_default_context_is_described);
  RUN(a_context_without_configuration_is_like_the_default);
  RUN(thread_counts_within_bounds_are_kept);
  RUN(thread_counts_out_of_bounds_are_refused);
  RUN(active_waiting_within_bounds_is_kept);
  RUN(active_waiting_out_of_bounds_is_refused);
  RUN(what_is_reserved_must_be_zero);
  RUN(one_memory_callback_without_the_other_is_refused);
  RUN(memory_is_taken_from_the_host_and_given_back);
  RUN(no_memory_is_reported);
  RUN(an_optimizer_outlives_the_handle_of_its_context);
  RUN(a_context_serves_many_optimizers);
  RUN(the_log_tells_the_target);
  RUN(the_log_tells_that_threads_start_and_are_joined);
}
