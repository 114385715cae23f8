/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/train/report.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "examples/train/system.h"
#include "opt/opt.h"

enum { kBarWidth = 24 };

static const double kRedrawSeconds = 0.1;

void progress_begin(progress* p) {
  p->terminal = isatty(STDERR_FILENO) == 1;
  p->start = clock_seconds();
  p->drawn = p->start;
  p->cells = 0;
  p->fifth = (int)(5 * p->first / p->steps);
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
    const int cells = (int)(part * kBarWidth);
    if (cells == p->cells && now - p->drawn < kRedrawSeconds) return;
    p->cells = cells;
    p->drawn = now;
    draw_bar(p, part, loss, seconds_left);
  } else if ((int)(5.0 * part) > p->fifth) {
    p->fifth = (int)(5.0 * part);
    fprintf(stderr, "[%d/%d] %s: %.0f %%, loss %.4f, %.1f s left\n", p->run,
            p->runs, p->label, 100.0 * part, loss, seconds_left);
  }
}

void progress_end(const progress* p) {
  if (p->terminal) fputs("\r\033[K", stderr);
}

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

static int write_error(const csv_file* f) {
  return fail("cannot write %s: %s", f->path, strerror(errno));
}

/* Creates DIR, if need be, and DIR/NAME with its header line. */
static int open_file(csv_file* f, const char* dir, const char* name,
                     const char* header) {
  const int length = snprintf(f->path, sizeof(f->path), "%s/%s", dir, name);
  if ((size_t)length >= sizeof(f->path)) return fail("--out: path too long");
  if (make_directories(f->path) != 0) return -1;
  f->file = fopen(f->path, "w");
  if (f->file == NULL) return write_error(f);
  fputs(header, f->file);
  if (fflush(f->file) == 0) return 0;
  write_error(f);
  fclose(f->file);
  f->file = NULL;
  return -1;
}

static int close_file(csv_file* f) {
  if (f->file == NULL) return 0;
  const int status = fclose(f->file);
  f->file = NULL;
  return status == 0 ? 0 : write_error(f);
}

int report_open(report* r, const char* dir) {
  if (open_file(&r->curves, dir, "losses.csv",
                "run,rule,preset,batch,step,epoch,lr,loss\n") != 0) {
    return -1;
  }
  return open_file(&r->results, dir, "results.csv",
                   "run,rule,preset,batch,epochs,steps,lr,schedule,warmup,clip,"
                   "ema,loss,accuracy,ema_accuracy,clipped_steps,max_norm\n");
}

int report_close(report* r) {
  const int curves = close_file(&r->curves);
  const int results = close_file(&r->results);
  return curves == 0 && results == 0 ? 0 : -1;
}

static int add_curve(csv_file* f, const planned_run* run, const char* preset,
                     const run_result* result) {
  const loss_curve* const curve = &result->at.curve;
  for (int64_t i = 0; i < curve->count; ++i) {
    fprintf(f->file, "%s,%s,%s,%" PRId64 ",%" PRId64 ",%.9g,%.9g,%.9g\n",
            run->label, run->rule, preset, result->batch, curve->step[i],
            curve->epoch[i], curve->lr[i], curve->loss[i]);
  }
  return fflush(f->file) == 0 ? 0 : write_error(f);
}

/* Options that were not given leave their columns empty. The text of a schedule
 * has commas. */
static int add_results(csv_file* f, const planned_run* run, const options* o,
                       const run_result* r) {
  fprintf(f->file, "%s,%s,%s,%" PRId64 ",%" PRId64 ",%" PRId64 ",%.9g,\"%s\",",
          run->label, run->rule, o->preset, r->batch, run->epochs, r->at.step,
          run->lr, o->schedule);
  if (o->warmup >= 0) fprintf(f->file, "%" PRId64, o->warmup);
  fputc(',', f->file);
  if (o->clip > 0.0) fprintf(f->file, "%.9g", o->clip);
  fputc(',', f->file);
  if (o->ema >= 0.0) fprintf(f->file, "%.9g", o->ema);
  fprintf(f->file, ",%.9g,%.9g,", r->loss, r->accuracy);
  if (o->ema >= 0.0) fprintf(f->file, "%.9g", r->average_accuracy);
  fputc(',', f->file);
  if (o->clip > 0.0) {
    fprintf(f->file, "%" PRId64 ",%.9g\n", r->at.clipped_steps,
            r->at.largest_norm);
  } else {
    fputs(",\n", f->file);
  }
  return fflush(f->file) == 0 ? 0 : write_error(f);
}

int report_add(report* r, const planned_run* run, const options* o,
               const run_result* result) {
  if (add_curve(&r->curves, run, o->preset, result) != 0) return -1;
  return result->finished ? add_results(&r->results, run, o, result) : 0;
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

/* A row of the table. */
typedef struct row {
  const planned_run* run;
  const run_result* result;
} row;

/* The better one first; of equal ones, the one that ran first. */
static int compare_rows(const void* a, const void* b) {
  const row* const x = a;
  const row* const y = b;
  if (x->result->accuracy != y->result->accuracy) {
    return x->result->accuracy > y->result->accuracy ? -1 : 1;
  }
  return x->run < y->run ? -1 : 1;
}

static void print_row(const row* one, const options* o, int width) {
  const planned_run* const run = one->run;
  const run_result* const r = one->result;
  printf("%-*s %-9s %6" PRId64 " %6" PRId64 " %6" PRId64 " %7g ", width,
         run->label, o->preset, r->batch, run->epochs, r->at.step, run->lr);
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
  row rows[kMaxRuns];
  int label = 10;
  for (int i = 0; i < count; ++i) {
    rows[i] = (row){&p->runs[i], &results[i]};
    const int length = (int)strlen(p->runs[i].label);
    if (length > label) label = length;
  }
  qsort(rows, (size_t)count, sizeof(*rows), compare_rows);
  int width =
      printf("%-*s %-9s %6s %6s %6s %7s %8s %10s", label, "rule", "preset",
             "batch", "epochs", "steps", "lr", "loss", "test acc.");
  if (o->ema >= 0.0) width += printf(" %10s", "ema acc.");
  if (o->clip > 0.0) width += printf(" %8s %8s", "clipped", "max norm");
  printf(" %8s %9s\n", "seconds", "optimizer");
  double seconds = 0.0;
  double optimizer_seconds = 0.0;
  for (int i = 0; i < count; ++i) {
    print_row(&rows[i], o, label);
    seconds += results[i].seconds;
    optimizer_seconds += results[i].optimizer_seconds;
  }
  printf("%-*s %8.2f %9.2f\n", width, "total", seconds, optimizer_seconds);
}
