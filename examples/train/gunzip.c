/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/train/gunzip.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "examples/train/fail.h"

enum { kGzipWindow = 15 + 16 }; /* the largest window, gzip's wrapper */

int gunzip_open(gunzip* g, const char* dir, const char* name) {
  const int length = snprintf(g->path, sizeof(g->path), "%s/%s", dir, name);
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

void gunzip_close(gunzip* g) {
  inflateEnd(&g->stream);
  fclose(g->file);
}

static int truncated(const gunzip* g, int64_t wanted) {
  if (g->offset == wanted) {
    return fail("%s is truncated: its checksum is cut off; " GUNZIP_REMEDY,
                g->path);
  }
  return fail("%s is truncated: it ends after %" PRId64 " of %" PRId64
              " bytes (uncompressed); " GUNZIP_REMEDY,
              g->path, g->offset, wanted);
}

/* Makes sure that there is input. `wanted`: how far the reader must come. */
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
      return fail("%s is damaged after byte %" PRId64
                  " (uncompressed): %s; " GUNZIP_REMEDY,
                  g->path, g->offset,
                  stream->msg != NULL ? stream->msg : zError(code));
    }
  }
  return 0;
}

int gunzip_read(gunzip* g, uint8_t* out, int64_t size) {
  const int64_t wanted = g->offset + size;
  if (uncompress_some(g, out, size, wanted) != 0) return -1;
  return g->offset == wanted ? 0 : truncated(g, wanted);
}

int gunzip_expect_end(gunzip* g) {
  const int64_t end = g->offset;
  uint8_t byte = 0;
  if (uncompress_some(g, &byte, 1, end) != 0) return -1;
  if (g->offset == end && g->stream.avail_in == 0 && fgetc(g->file) == EOF) {
    return 0;
  }
  return fail(
      "%s: more data after byte %" PRId64
      " (uncompressed), where its header says that it ends; " GUNZIP_REMEDY,
      g->path, end);
}
