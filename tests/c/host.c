/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */

#include "host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* Precedes each of the host's blocks, in a unit of the block's alignment. */
typedef struct {
  int64_t size;
  int64_t alignment;
} block_header;

static int64_t header_space(int64_t alignment) {
  const int64_t size = (int64_t)sizeof(block_header);
  return alignment > size ? alignment : size;
}

static void* host_allocate(void* user, int64_t size, int64_t alignment) {
  host* const h = user;
  const int64_t space = header_space(alignment);
  if (h->during != NULL) h->during(h);
  if (size <= 0 || alignment <= 0 || (alignment & (alignment - 1)) != 0) {
    ++h->mistakes;
    return NULL;
  }
  if (h->refuse_after >= 0 && h->allocations >= h->refuse_after) return NULL;
  /* aligned_alloc wants a multiple of the alignment. */
  const int64_t padded = (space + size + space - 1) / space * space;
  char* const memory = aligned_alloc((size_t)space, (size_t)padded);
  if (memory == NULL) return NULL;
  const block_header header = {size, alignment};
  memcpy(memory, &header, sizeof header);
  memset(memory + space, 0xA5, (size_t)size);
  ++h->allocations;
  ++h->live_blocks;
  h->live_bytes += size;
  return memory + space;
}

static void host_release(void* user, void* memory, int64_t size,
                         int64_t alignment) {
  host* const h = user;
  block_header header;
  if (memory == NULL) {
    ++h->mistakes;
    return;
  }
  char* const start = (char*)memory - header_space(alignment);
  memcpy(&header, start, sizeof header);
  if (header.size != size || header.alignment != alignment) ++h->mistakes;
  --h->live_blocks;
  h->live_bytes -= size;
  free(start);
}

static void host_log(void* user, int32_t level, const char* message) {
  host* const h = user;
  if (h->during != NULL) h->during(h);
  if (level != OPT_LOG_WARNING && level != OPT_LOG_INFO) {
    ++h->mistakes;
    return;
  }
  ++h->logged[level];
  snprintf(h->last_log, sizeof h->last_log, "%s", message);
}

static int32_t host_parallel_for(void* user, int64_t count,
                                 void (*task)(void* task_data, int64_t i),
                                 void* task_data) {
  host* const h = user;
  ++h->parallel_calls;
  h->parallel_parts = count;
  if (h->during != NULL) h->during(h);
  if (h->order == kForward) {
    for (int64_t i = 0; i < count; ++i) task(task_data, i);
  } else if (h->order == kBackward) {
    for (int64_t i = count - 1; i >= 0; --i) task(task_data, i);
  } else if (h->order == kEveryOther) {
    for (int64_t i = 0; i < count; i += 2) task(task_data, i);
  } else if (h->order == kTwice) {
    /* From before the start to past the end. */
    for (int64_t i = -2; i < 2 * count + 4; ++i) task(task_data, i / 2);
  }
  return h->parallel_result;
}

opt_context_config host_config(host* host, unsigned parts) {
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  config.user = host;
  if ((parts & kMemory) != 0) {
    config.allocate = host_allocate;
    config.release = host_release;
  }
  if ((parts & kLog) != 0) config.log = host_log;
  if ((parts & kJobs) != 0) config.parallel_for = host_parallel_for;
  return config;
}

opt_context host_context(host* host, unsigned parts) {
  const opt_context_config config = host_config(host, parts);
  opt_context context = NULL;
  CHECK_OK(opt_context_create(&config, &context));
  return context;
}
