/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/train/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "examples/train/clock.h"

enum { kBarWidth = 24 };

static const double kRedrawSeconds = 0.1;

void progress_begin(progress* p, const char* label, int64_t first,
                    int64_t steps) {
  p->label = label;
  p->first = first;
  p->steps = steps;
  p->terminal = isatty(STDERR_FILENO) == 1;
  p->start = clock_seconds();
  p->drawn = p->start;
  p->fifth = (int)(5 * first / steps);
}

static void draw_bar(const progress* p, double part, double loss,
                     double seconds_left) {
  char bar[kBarWidth + 1];
  for (int i = 0; i < kBarWidth; ++i) {
    bar[i] = i < (int)(part * kBarWidth) ? '#' : '.';
  }
  bar[kBarWidth] = '\0';
  fprintf(stderr, "\r[%d/%d] %-10s %s %3.0f %%  loss %.4f  %.0f s left \033[K",
          p->run, p->runs, p->label, bar, 100.0 * part, loss, seconds_left);
}

void progress_update(progress* p, int64_t step, double loss) {
  const double now = clock_seconds();
  const double part = (double)step / (double)p->steps;
  const double seconds_left =
      (now - p->start) * (double)(p->steps - step) / (double)(step - p->first);
  if (p->terminal) {
    if (now - p->drawn < kRedrawSeconds) return;
    p->drawn = now;
    draw_bar(p, part, loss, seconds_left);
  } else if ((int)(5.0 * part) > p->fifth) {
    p->fifth = (int)(5.0 * part);
    fprintf(stderr, "[%d/%d] %s: %.0f %%, loss %.4f, %.1f s left\n", p->run,
            p->runs, p->label, 100.0 * part, loss, seconds_left);
  }
}

void progress_end(progress* p) {
  if (p->terminal) fputs("\r\033[K", stderr);
}
