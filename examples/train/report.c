/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/train/report.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "examples/train/fail.h"

/* Creates the directories of a path, each up to a '/', in place. */
static int make_directories(char* path) {
  for (char* slash = strchr(path + 1, '/'); slash != NULL;
       slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    const int made = mkdir(path, 0777) == 0 || errno == EEXIST;
    if (!made) {
      return fail("--out: cannot create directory %s: %s", path,
                  strerror(errno));
    }
    *slash = '/';
  }
  return 0;
}

static int write_error(const curve_file* f) {
  return fail("cannot write %s: %s", f->path, strerror(errno));
}

int curve_file_open(curve_file* f, const char* dir) {
  const int length = snprintf(f->path, sizeof(f->path), "%s/losses.csv", dir);
  if ((size_t)length >= sizeof(f->path)) return fail("--out: path too long");
  if (make_directories(f->path) != 0) return -1;
  f->file = fopen(f->path, "w");
  if (f->file == NULL) return write_error(f);
  fputs("run,rule,preset,batch,step,epoch,lr,loss\n", f->file);
  if (fflush(f->file) == 0) return 0;
  write_error(f);
  fclose(f->file);
  return -1;
}

int curve_file_add(curve_file* f, const planned_run* run, const char* preset,
                   const run_result* result) {
  for (int i = 0; i < result->at.point_count; ++i) {
    const curve_point* const point = &result->at.curve[i];
    fprintf(f->file, "%s,%s,%s,%" PRId64 ",%" PRId64 ",%.9g,%.9g,%.9g\n",
            run->label, run->rule, preset, result->batch, point->step,
            point->epoch, point->lr, point->loss);
  }
  return fflush(f->file) == 0 ? 0 : write_error(f);
}

int curve_file_close(curve_file* f) {
  return fclose(f->file) == 0 ? 0 : write_error(f);
}

void heading_print(const options* o, int64_t train, int64_t test) {
  printf("libopt %s; %" PRId64 " images to train, %" PRId64
         " to test, from %s; preset %s, seed %" PRId64 ", schedule %s",
         opt_version(), train, test, o->data, o->preset, o->seed, o->schedule);
  if (o->warmup >= 0) printf(", warm-up %" PRId64, o->warmup);
  if (o->clip > 0.0) printf(", clip %g", o->clip);
  if (o->ema >= 0.0) printf(", ema %g", o->ema);
  putchar('\n');
  fflush(stdout);
}

static void print_row(const planned_run* run, const options* o,
                      const run_result* r) {
  printf("%-10s %-9s %6" PRId64 " %6" PRId64 " %6" PRId64 " %7g ", run->label,
         o->preset, r->batch, run->epochs, r->at.step, run->lr);
  if (isfinite(r->loss)) {
    printf("%8.4f", r->loss);
  } else {
    printf("%8s", "diverged");
  }
  printf(" %8.2f %%", 100.0 * r->accuracy);
  if (o->ema >= 0.0) printf(" %8.2f %%", 100.0 * r->average_accuracy);
  if (o->clip > 0.0) {
    printf(" %8" PRId64 " %8.3g", r->at.clipped_steps, r->at.largest_norm);
  }
  printf(" %8.2f %9.2f\n", r->seconds, r->optimizer_seconds);
}

void table_print(const plan* p, const options* o, const run_result* results,
                 int count) {
  int width = printf("%-10s %-9s %6s %6s %6s %7s %8s %10s", "rule", "preset",
                     "batch", "epochs", "steps", "lr", "loss", "test acc.");
  if (o->ema >= 0.0) width += printf(" %10s", "ema acc.");
  if (o->clip > 0.0) width += printf(" %8s %8s", "clipped", "max norm");
  printf(" %8s %9s\n", "seconds", "optimizer");
  double seconds = 0.0;
  double optimizer_seconds = 0.0;
  for (int i = 0; i < count; ++i) {
    print_row(&p->runs[i], o, &results[i]);
    seconds += results[i].seconds;
    optimizer_seconds += results[i].optimizer_seconds;
  }
  printf("%-*s %8.2f %9.2f\n", width, "total", seconds, optimizer_seconds);
}
