/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Loading into what the arguments name: a selection of tensors, parameters
 * that are retained, lent, or nowhere.
 */

#include <stdlib.h>
#include <string.h>

#include "state_fixture.h"
#include "topics.h"

static model from;
static model to;
static saved checkpoint;

static void start(void) {
  start_model(&from, OPT_RULE_ADAM, 3);
  start_model(&to, OPT_RULE_ADAM, 1);
  checkpoint = save_model(&from);
}

static void end(void) {
  free(checkpoint.data);
  end_model(&from);
  end_model(&to);
}

static opt_status load(const opt_load_args* args) {
  return opt_load_memory(to.optimizer, checkpoint.data, checkpoint.size, args);
}

static opt_load_args args_of(uint32_t flags, void* const* params,
                             const char* const* names, int64_t name_count) {
  opt_load_args args = OPT_LOAD_ARGS_INIT;
  args.flags = flags;
  args.params = params;
  args.count = params == NULL ? 0 : 2;
  args.names = names;
  args.name_count = name_count;
  return args;
}

static int has_params_of(const model* a, const model* b) {
  return memcmp(a->w, b->w, sizeof a->w) == 0 &&
         memcmp(a->b, b->b, sizeof a->b) == 0;
}

static void unknown_flags_and_wrong_counts_are_refused(void) {
  void* params[2] = {NULL, NULL};
  const char* const names[2] = {"w", NULL};
  start();
  opt_load_args args = args_of(16, NULL, NULL, 0);
  CHECK_REFUSES(to.optimizer, load(&args), OPT_ERR_ARGUMENT, "flags");
  args = args_of(0, params, NULL, 0);
  for (int64_t count = -1; count < 5; ++count) {
    if (count == 2) continue;
    args.count = count;
    CHECK_REFUSES(to.optimizer, load(&args), OPT_ERR_ARGUMENT, "params");
  }
  args = args_of(0, NULL, names, -1);
  CHECK_REFUSES(to.optimizer, load(&args), OPT_ERR_ARGUMENT, "name_count");
  args = args_of(0, NULL, NULL, 1);
  CHECK_REFUSES(to.optimizer, load(&args), OPT_ERR_ARGUMENT, "name_count");
  args = args_of(0, NULL, names, 2);
  CHECK_REFUSES(to.optimizer, load(&args), OPT_ERR_ARGUMENT, "names[1]");
  CHECK_REFUSES(to.optimizer,
                opt_load_memory(to.optimizer, checkpoint.data, -1, NULL),
                OPT_ERR_ARGUMENT, "size");
  CHECK_REFUSES(to.optimizer,
                opt_load_memory(to.optimizer, checkpoint.data, 0, NULL),
                OPT_ERR_FORMAT, "byte 0");
  end();
}

static void parameters_are_left_alone_unless_asked_for(void) {
  float w[kWeights];
  start();
  memcpy(w, to.w, sizeof w);
  CHECK_OK(load(NULL));
  CHECK(memcmp(w, to.w, sizeof w) == 0);
  CHECK(same_state(from.optimizer, to.optimizer));
  end();
}

static void retained_parameters_are_loaded(void) {
  start();
  CHECK(!has_params_of(&from, &to));
  CHECK_OK(load_saved(to.optimizer, &checkpoint, OPT_LOAD_PARAMS));
  CHECK(has_params_of(&from, &to));
  end();
}

/* Buffers need not even be aligned: they are written byte by byte. */
static void lent_parameters_are_loaded(void) {
  char lent[sizeof(float) * kWeights + 1];
  void* const params[2] = {lent + 1, NULL};
  const opt_load_args args = args_of(OPT_LOAD_PARAMS, params, NULL, 0);
  start();
  const float w = to.w[0];
  CHECK_OK(load(&args));
  CHECK(memcmp(lent + 1, from.w, sizeof from.w) == 0);
  CHECK(memcmp(to.b, from.b, sizeof from.b) == 0);
  CHECK(to.w[0] == w);
  end();
}

static void parameters_without_a_place_are_refused(void) {
  start();
  CHECK_OK(opt_bind(to.optimizer, 1, NULL, NULL));
  CHECK_REFUSES(to.optimizer,
                load_saved(to.optimizer, &checkpoint, OPT_LOAD_PARAMS),
                OPT_ERR_STATE, "'b'");
  CHECK_OK(load(NULL));
  end();
}

static void parameters_that_were_not_saved_are_missed(void) {
  start();
  free(checkpoint.data);
  checkpoint = save_of(from.optimizer, NULL);
  CHECK_REFUSES(to.optimizer,
                load_saved(to.optimizer, &checkpoint, OPT_LOAD_PARAMS),
                OPT_ERR_MISMATCH, "'w': it is not in the checkpoint");
  end();
}

static void a_selection_is_loaded_alone(void) {
  const char* const names[1] = {"b"};
  const opt_load_args args = args_of(OPT_LOAD_PARAMS, NULL, names, 1);
  double rate = 0;
  opt_info info = OPT_INFO_INIT;
  float w[kWeights];
  start();
  memcpy(w, to.w, sizeof w);
  CHECK_OK(opt_set(to.optimizer, 1, OPT_LR, 0.5));
  CHECK_OK(load(&args));
  CHECK_EQ(step_of(to.optimizer, 0), 1);
  CHECK_EQ(step_of(to.optimizer, 1), 3);
  CHECK(memcmp(to.w, w, sizeof w) == 0);
  CHECK(memcmp(to.b, from.b, sizeof from.b) == 0);
  CHECK_OK(opt_get(to.optimizer, 1, OPT_LR, &rate));
  CHECK(rate == 0.5);
  CHECK_OK(opt_get_info(to.optimizer, &info));
  CHECK_EQ(info.steps, 1);
  end();
}

static void a_selection_does_not_mind_other_tensors(void) {
  const char* const names[2] = {"w", "w"};
  const opt_load_args args = args_of(0, NULL, names, 2);
  const opt_tensor other = tensor_of("other", NULL, NULL, 4);
  start();
  CHECK_OK(opt_attach(to.optimizer, &other, 1, NULL));
  CHECK_OK(opt_detach(to.optimizer, 1));
  CHECK_OK(load(&args));
  CHECK_EQ(step_of(to.optimizer, 0), 3);
  end();
}

static void a_selected_tensor_must_be_in_both(void) {
  const char* names[1] = {"nonesuch"};
  opt_load_args args = args_of(0, NULL, names, 1);
  reports r = {"", 0};
  start();
  CHECK_REFUSES(to.optimizer, load(&args), OPT_ERR_NAME, "nonesuch");
  const opt_tensor other = tensor_of("other", NULL, NULL, 4);
  CHECK_OK(opt_attach(to.optimizer, &other, 1, NULL));
  names[0] = "other";
  args.report = take_report;
  args.user = &r;
  CHECK_REFUSES(to.optimizer, load(&args), OPT_ERR_MISMATCH, "'other/");
  CHECK_STR(r.text,
            "missing other/exp_avg\nmissing other/exp_avg_sq\n"
            "missing other/step\nmissing other/group\n");
  end();
}

static void a_selection_leaves_sums_that_wait_for_a_step_alone(void) {
  const char* const names[1] = {"b"};
  const opt_load_args args = args_of(0, NULL, names, 1);
  double sum[kBiases];
  opt_view view = OPT_VIEW_INIT;
  start();
  CHECK_OK(opt_accumulate(from.optimizer, NULL));
  CHECK_OK(opt_accumulate(from.optimizer, NULL));
  free(checkpoint.data);
  checkpoint = save_model(&from);
  CHECK_OK(opt_accumulate(to.optimizer, NULL));
  memcpy(sum, to.db, sizeof sum);
  CHECK_OK(load(&args));
  CHECK_OK(opt_state_view(to.optimizer, 1, OPT_SLOT_GRAD_ACCUMULATOR, &view));
  CHECK(memcmp(view.data, sum, sizeof sum) == 0);
  CHECK_EQ(step_of(to.optimizer, 1), 3);
  end();
}

static void a_selection_of_nothing_loads_nothing(void) {
  const char* const names[1] = {NULL};
  const opt_load_args args = args_of(OPT_LOAD_PARAMS, NULL, names, 0);
  start();
  const uint64_t before = snapshot(to.optimizer);
  CHECK_OK(load(&args));
  CHECK(snapshot(to.optimizer) == before);
  end();
}

void state_target_tests(void) {
  RUN(unknown_flags_and_wrong_counts_are_refused);
  RUN(parameters_are_left_alone_unless_asked_for);
  RUN(retained_parameters_are_loaded);
  RUN(lent_parameters_are_loaded);
  RUN(parameters_without_a_place_are_refused);
  RUN(parameters_that_were_not_saved_are_missed);
  RUN(a_selection_is_loaded_alone);
  RUN(a_selection_does_not_mind_other_tensors);
  RUN(a_selected_tensor_must_be_in_both);
  RUN(a_selection_leaves_sums_that_wait_for_a_step_alone);
  RUN(a_selection_of_nothing_loads_nothing);
}
