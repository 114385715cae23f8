/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/train/idx.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "examples/train/fail.h"
#include "examples/train/gunzip.h"

enum {
  kImageMagic = 0x0803, /* unsigned bytes in three dimensions */
  kLabelMagic = 0x0801, /* unsigned bytes in one dimension */
  kMaxCount = 1000000
};

static int read_u32(gunzip* g, uint32_t* value) {
  uint8_t b[4];
  if (gunzip_read(g, b, sizeof(b)) != 0) return -1;
  *value = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 |
           (uint32_t)b[3];
  return 0;
}

static int expect_u32(gunzip* g, const char* what, uint32_t expected) {
  const int64_t at = g->offset;
  uint32_t value = 0;
  if (read_u32(g, &value) != 0) return -1;
  if (value == expected) return 0;
  return fail("%s: %s at byte %" PRId64 " is %" PRIu32 " (0x%08" PRIx32
              "), not %" PRIu32 " (0x%08" PRIx32 "); " GUNZIP_REMEDY,
              g->path, what, at, value, value, expected, expected);
}

/* Reads the header and the `count` images or labels that follow. */
static int read_items(gunzip* g, uint32_t magic, int64_t* count,
                      uint8_t** items) {
  const int64_t item_size = magic == kImageMagic ? kPixels : 1;
  uint32_t n = 0;
  if (expect_u32(g, "magic number", magic) != 0 || read_u32(g, &n) != 0) {
    return -1;
  }
  if (n < 1 || n > kMaxCount) {
    return fail("%s: item count at byte 4 is %" PRIu32
                ", not in 1 to %d; " GUNZIP_REMEDY,
                g->path, n, kMaxCount);
  }
  if (magic == kImageMagic && (expect_u32(g, "image height", 28) != 0 ||
                               expect_u32(g, "image width", 28) != 0)) {
    return -1;
  }
  *count = n;
  *items = malloc((size_t)(n * item_size));
  if (*items == NULL) return fail("%s: out of memory", g->path);
  if (gunzip_read(g, *items, n * item_size) != 0) return -1;
  return gunzip_expect_end(g);
}

/* Opens DIR/PREFIX-SUFFIX. */
static int open_file(gunzip* g, const char* dir, const char* prefix,
                     const char* suffix) {
  char name[64];
  snprintf(name, sizeof(name), "%s-%s", prefix, suffix);
  return gunzip_open(g, dir, name);
}

static int load_images(const char* dir, const char* prefix, images* set) {
  gunzip g;
  if (open_file(&g, dir, prefix, "images-idx3-ubyte.gz") != 0) return -1;
  const int status = read_items(&g, kImageMagic, &set->count, &set->pixels);
  gunzip_close(&g);
  return status;
}

static int check_labels(const gunzip* g, const images* set, int64_t count) {
  if (count != set->count) {
    return fail("%s: %" PRId64 " labels for %" PRId64 " images; " GUNZIP_REMEDY,
                g->path, count, set->count);
  }
  for (int64_t i = 0; i < count; ++i) {
    if (set->labels[i] >= kClasses) {
      return fail("%s: label at byte %" PRId64
                  " is %d, not in 0 to %d; " GUNZIP_REMEDY,
                  g->path, i + 8, set->labels[i], kClasses - 1);
    }
  }
  return 0;
}

static int load_labels(const char* dir, const char* prefix, images* set) {
  gunzip g;
  if (open_file(&g, dir, prefix, "labels-idx1-ubyte.gz") != 0) return -1;
  int64_t count = 0;
  int status = read_items(&g, kLabelMagic, &count, &set->labels);
  if (status == 0) status = check_labels(&g, set, count);
  gunzip_close(&g);
  return status;
}

int images_load(const char* dir, const char* prefix, images* set) {
  const images none = {0, NULL, NULL};
  *set = none;
  if (load_images(dir, prefix, set) == 0 &&
      load_labels(dir, prefix, set) == 0) {
    return 0;
  }
  images_free(set);
  return -1;
}

int64_t images_checksum(const images* set) {
  const z_size_t count = (z_size_t)set->count;
  const uLong pixels = crc32_z(0, set->pixels, count * kPixels);
  return (int64_t)crc32_z(pixels, set->labels, count);
}

void images_free(images* set) {
  free(set->pixels);
  free(set->labels);
  set->pixels = NULL;
  set->labels = NULL;
  set->count = 0;
}
