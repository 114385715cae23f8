/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/train/data.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "examples/train/system.h"

/* The remedy for a bad data file. */
#define REMEDY                                                        \
  "reinstall it (apt-get install --reinstall dataset-fashion-mnist) " \
  "or name another directory with --data"

enum {
  kGzipWindow = 15 + 16, /* zlib's largest window, in gzip's format */
  kImageMagic = 0x0803,  /* unsigned bytes in three dimensions */
  kLabelMagic = 0x0801,  /* unsigned bytes in one dimension */
  kMaxCount = 1000000
};

/* A gzip-compressed file whose uncompressed length is known. */
typedef struct gunzip {
  FILE* file;
  z_stream stream;
  bool ended;     /* the checksum at the end has been read, and is right */
  int64_t offset; /* uncompressed bytes read so far */
  char path[4096];
  uint8_t input[65536];
} gunzip;

/* Opens DIR/PREFIX-SUFFIX. */
static int gunzip_open(gunzip* g, const char* dir, const char* prefix,
                       const char* suffix) {
  const int length =
      snprintf(g->path, sizeof(g->path), "%s/%s-%s", dir, prefix, suffix);
  if ((size_t)length >= sizeof(g->path)) return fail("--data: path too long");
  g->ended = false;
  g->offset = 0;
  memset(&g->stream, 0, sizeof(g->stream));
  g->file = fopen(g->path, "rb");
  if (g->file == NULL) {
    return fail(
        "cannot open %s: %s; install Debian's dataset-fashion-mnist or name "
        "another directory with --data",
        g->path, strerror(errno));
  }
  if (inflateInit2(&g->stream, kGzipWindow) == Z_OK) return 0;
  fclose(g->file);
  return fail("out of memory");
}

static void gunzip_close(gunzip* g) {
  inflateEnd(&g->stream);
  fclose(g->file);
}

/* Reports that the file ends too early; `wanted` is where it should end. */
static int truncated(const gunzip* g, int64_t wanted) {
  if (g->offset == wanted) {
    return fail("%s is truncated: its checksum is cut off; " REMEDY, g->path);
  }
  return fail("%s is truncated: it ends after %" PRId64 " of %" PRId64
              " bytes (uncompressed); " REMEDY,
              g->path, g->offset, wanted);
}

/* Reads more of the file if all of the input has been used. */
static int fill_input(gunzip* g, int64_t wanted) {
  if (g->stream.avail_in > 0) return 0;
  const size_t n = fread(g->input, 1, sizeof(g->input), g->file);
  g->stream.next_in = g->input;
  g->stream.avail_in = (uInt)n;
  if (n > 0) return 0;
  if (ferror(g->file)) {
    return fail("cannot read %s: %s", g->path, strerror(errno));
  }
  return truncated(g, wanted);
}

/* Uncompresses up to `size` bytes, fewer only at the end. */
static int uncompress_some(gunzip* g, uint8_t* out, int64_t size,
                           int64_t wanted) {
  z_stream* const stream = &g->stream;
  stream->next_out = out;
  stream->avail_out = (uInt)size;
  while (!g->ended && stream->avail_out > 0) {
    if (fill_input(g, wanted) != 0) return -1;
    const uInt before = stream->avail_out;
    const int code = inflate(stream, Z_NO_FLUSH);
    g->offset += before - stream->avail_out;
    g->ended = code == Z_STREAM_END;
    if (code != Z_OK && code != Z_STREAM_END) {
      return fail(
          "%s is damaged after byte %" PRId64 " (uncompressed): %s; " REMEDY,
          g->path, g->offset, stream->msg != NULL ? stream->msg : zError(code));
    }
  }
  return 0;
}

/* Reads exactly `size` uncompressed bytes. */
static int gunzip_read(gunzip* g, uint8_t* out, int64_t size) {
  const int64_t wanted = g->offset + size;
  if (uncompress_some(g, out, size, wanted) != 0) return -1;
  return g->offset == wanted ? 0 : truncated(g, wanted);
}

/* Checks that nothing is left. */
static int gunzip_expect_end(gunzip* g) {
  const int64_t end = g->offset;
  uint8_t byte = 0;
  if (uncompress_some(g, &byte, 1, end) != 0) return -1;
  if (g->offset == end && g->stream.avail_in == 0 && fgetc(g->file) == EOF) {
    return 0;
  }
  return fail("%s: more data after byte %" PRId64
              " (uncompressed), where its header says that it ends; " REMEDY,
              g->path, end);
}

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
              "), not %" PRIu32 " (0x%08" PRIx32 "); " REMEDY,
              g->path, what, at, value, value, expected, expected);
}

/* Reads the header, and the `count` images or labels that follow it. */
static int read_items(gunzip* g, uint32_t magic, int64_t* count,
                      uint8_t** items) {
  const int64_t item_size = magic == kImageMagic ? kPixels : 1;
  uint32_t n = 0;
  if (expect_u32(g, "magic number", magic) != 0 || read_u32(g, &n) != 0) {
    return -1;
  }
  if (n < 1 || n > kMaxCount) {
    return fail("%s: item count at byte 4 is %" PRIu32
                ", not in 1 to %d; " REMEDY,
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

static int load_images(const char* dir, const char* prefix, images* set) {
  gunzip g;
  if (gunzip_open(&g, dir, prefix, "images-idx3-ubyte.gz") != 0) return -1;
  const int status = read_items(&g, kImageMagic, &set->count, &set->pixels);
  gunzip_close(&g);
  return status;
}

static int check_labels(const gunzip* g, const images* set, int64_t count) {
  if (count != set->count) {
    return fail("%s: %" PRId64 " labels for %" PRId64 " images; " REMEDY,
                g->path, count, set->count);
  }
  for (int64_t i = 0; i < count; ++i) {
    if (set->labels[i] >= kClasses) {
      return fail("%s: label at byte %" PRId64
                  " is %d, not in 0 to %d; " REMEDY,
                  g->path, i + 8, set->labels[i], kClasses - 1);
    }
  }
  return 0;
}

static int load_labels(const char* dir, const char* prefix, images* set) {
  gunzip g;
  if (gunzip_open(&g, dir, prefix, "labels-idx1-ubyte.gz") != 0) return -1;
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

/* SplitMix64 (Steele, Lea and Flood, 2014). */
static uint64_t random_next(uint64_t* state) {
  uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

double random_uniform(uint64_t* state, double bound) {
  return bound * ((double)(random_next(state) >> 11) * 0x1p-52 - 1.0);
}

/* Fisher and Yates. */
void random_shuffle(uint64_t* state, int64_t* order, int64_t count) {
  for (int64_t i = count - 1; i > 0; --i) {
    const int64_t j = (int64_t)(random_next(state) % (uint64_t)(i + 1));
    const int64_t other = order[j];
    order[j] = order[i];
    order[i] = other;
  }
}
