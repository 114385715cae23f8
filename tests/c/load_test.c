/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Loading: all that does not fit is told by name; what may be missing or
 * unexpected; options that are kept; parameters that are retained, lent, or
 * nowhere; a selection of tensors.
 */

#include <stdlib.h>
#include <string.h>

#include "model.h"

static model from; /* whose checkpoint is loaded */
static model to;
static saved checkpoint;

/* Two models of a rule after a few steps, and the first one's checkpoint. */
static void start(const char* rule) {
  start_model(&from, rule, 3);
  start_model(&to, rule, 1);
  checkpoint = save_model(&from);
}

static void end(void) {
  free(checkpoint.data);
  end_model(&from);
  end_model(&to);
}

static opt_status load(opt_optimizer optimizer, const opt_load_args* args) {
  return opt_load_memory(optimizer, checkpoint.data, checkpoint.size, args);
}

/* Attaches other tensors than the model's to a new optimizer with two groups,
 * and loads the checkpoint: with these flags it comes to `status`, and the
 * report to `told`. */
static void expect_report(const char* rule, const opt_tensor* tensors,
                          int64_t count, uint32_t flags, opt_status status,
                          const char* told) {
  reports r = {"", 0};
  opt_load_args args = OPT_LOAD_ARGS_INIT;
  args.flags = flags;
  args.report = take_report;
  args.user = &r;
  const opt_optimizer optimizer = new_optimizer(rule);
  int32_t group = 0;
  CHECK_OK(opt_add_group(optimizer, NULL, NULL, 0, &group));
  CHECK_OK(opt_attach(optimizer, tensors, count, NULL));
  if (status == OPT_OK) {
    CHECK_OK(load(optimizer, &args));
  } else {
    CHECK_REFUSES(optimizer, load(optimizer, &args), status, "");
  }
  CHECK_STR(r.text, told);
  CHECK_OK(opt_destroy(optimizer));
}

static opt_tensor weight(int64_t count) {
  static const int64_t shape[2] = {2, 3};
  opt_tensor tensor = tensor_of("w", NULL, NULL, count);
  if (count == kWeights) {
    tensor.shape = shape;
    tensor.rank = 2;
  }
  return tensor;
}

static opt_tensor bias(opt_dtype dtype) {
  opt_tensor tensor = tensor_of("b", NULL, NULL, kBiases);
  tensor.param_dtype = dtype;
  tensor.group = 1;
  return tensor;
}

static void every_name_that_does_not_fit_is_told(void) {
  const opt_tensor tensors[3] = {weight(4), tensor_of("new", NULL, NULL, 1),
                                 bias(OPT_F32)};
  start(OPT_RULE_ADAM);
  expect_report(OPT_RULE_ADAM, tensors, 3, 0, OPT_ERR_MISMATCH,
                "mismatched w/exp_avg\nmismatched w/exp_avg_sq\n"
                "mismatched b/exp_avg\nmismatched b/exp_avg_sq\n"
                "missing new/exp_avg\nmissing new/exp_avg_sq\n"
                "missing new/step\nmissing new/group\n");
  expect_report(OPT_RULE_ADAM, tensors + 1, 1, 0, OPT_ERR_MISMATCH,
                "unexpected w\nunexpected w/exp_avg\n"
                "unexpected w/exp_avg_sq\nunexpected w/step\n"
                "unexpected w/group\nunexpected b\nunexpected b/exp_avg\n"
                "unexpected b/exp_avg_sq\nunexpected b/step\n"
                "unexpected b/group\n"
                "missing new/exp_avg\nmissing new/exp_avg_sq\n"
                "missing new/step\nmissing new/group\n");
  end();
}

static void another_shape_of_as_many_elements_does_not_fit(void) {
  opt_tensor tensors[2] = {weight(kWeights), bias(OPT_F64)};
  start(OPT_RULE_ADAGRAD);
  tensors[0].shape = NULL;
  tensors[0].rank = 0;
  expect_report(OPT_RULE_ADAGRAD, tensors, 2, 0, OPT_ERR_MISMATCH,
                "mismatched w/sum\n");
  end();
}

static void the_message_counts_what_does_not_fit(void) {
  start(OPT_RULE_ADAM);
  const opt_tensor tensor = tensor_of("new", NULL, NULL, 1);
  CHECK_OK(opt_attach(to.optimizer, &tensor, 1, NULL));
  CHECK_REFUSES(
      to.optimizer, load(to.optimizer, NULL), OPT_ERR_MISMATCH,
      "4 missing, 0 unexpected, 0 mismatched; the first is 'new/exp_avg'");
  end();
}

static void the_message_names_the_file_that_does_not_fit(void) {
  start(OPT_RULE_ADAM);
  CHECK_REFUSES(to.optimizer, opt_load_file(to.optimizer, "/dev/null", NULL),
                OPT_ERR_FORMAT, "'/dev/null': the checkpoint ends at byte 0");
  end();
}

static void parameters_that_were_not_saved_are_told_with_the_remedy(void) {
  reports r = {"", 0};
  opt_load_args args = OPT_LOAD_ARGS_INIT;
  args.flags = OPT_LOAD_PARAMS;
  args.report = take_report;
  args.user = &r;
  start_model(&from, OPT_RULE_SGD, 1);
  start_model(&to, OPT_RULE_SGD, 1);
  checkpoint = save_of(from.optimizer, NULL);
  CHECK_REFUSES(to.optimizer, load(to.optimizer, &args), OPT_ERR_MISMATCH,
                "save it with OPT_SAVE_PARAMS");
  CHECK_STR(r.text, "mismatched w\nmismatched b\n");
  end();
}

static void what_is_missing_or_unexpected_may_be_allowed(void) {
  const opt_tensor tensors[2] = {weight(kWeights),
                                 tensor_of("new", NULL, NULL, 1)};
  const char* const both =
      "unexpected b\nunexpected b/exp_avg\nunexpected b/exp_avg_sq\n"
      "unexpected b/step\nunexpected b/group\nmissing new/exp_avg\n"
      "missing new/exp_avg_sq\nmissing new/step\nmissing new/group\n";
  start(OPT_RULE_ADAM);
  expect_report(OPT_RULE_ADAM, tensors, 2, OPT_LOAD_ALLOW_MISSING,
                OPT_ERR_MISMATCH, both);
  expect_report(OPT_RULE_ADAM, tensors, 2, OPT_LOAD_ALLOW_UNEXPECTED,
                OPT_ERR_MISMATCH, both);
  expect_report(OPT_RULE_ADAM, tensors, 2,
                OPT_LOAD_ALLOW_MISSING | OPT_LOAD_ALLOW_UNEXPECTED, OPT_OK,
                both);
  end();
}

static void a_tensor_that_is_missing_keeps_its_state(void) {
  float param[2] = {1, 2};
  float grad[2] = {3, 4};
  const opt_tensor tensor = tensor_of("new", param, grad, 2);
  opt_view view = OPT_VIEW_INIT;
  start(OPT_RULE_ADAM);
  CHECK_OK(opt_attach(to.optimizer, &tensor, 1, NULL));
  CHECK_OK(opt_step(to.optimizer, NULL));
  CHECK_OK(opt_state_view(to.optimizer, 2, OPT_SLOT_EXP_AVG, &view));
  const float moment = *(const float*)view.data;
  CHECK_OK(load_saved(to.optimizer, &checkpoint, OPT_LOAD_ALLOW_MISSING));
  CHECK_EQ(step_of(to.optimizer, 0), 3);
  CHECK_EQ(step_of(to.optimizer, 2), 1);
  CHECK_OK(opt_state_view(to.optimizer, 2, OPT_SLOT_EXP_AVG, &view));
  CHECK(moment != 0 && *(const float*)view.data == moment);
  end();
}

static void a_tensor_that_is_missing_can_accumulate_with_the_others(void) {
  float param = 0;
  float grad = 1;
  const opt_tensor tensor = tensor_of("new", &param, &grad, 1);
  start(OPT_RULE_SGD);
  CHECK_OK(opt_accumulate(from.optimizer, NULL));
  free(checkpoint.data);
  checkpoint = save_model(&from);
  CHECK_OK(opt_attach(to.optimizer, &tensor, 1, NULL));
  CHECK_OK(load_saved(to.optimizer, &checkpoint, OPT_LOAD_ALLOW_MISSING));
  CHECK_OK(opt_accumulate(to.optimizer, NULL));
  CHECK_OK(opt_step(to.optimizer, NULL));
  CHECK(param < 0);
  end();
}

static void another_rule_does_not_fit(void) {
  start(OPT_RULE_ADAM);
  model other;
  start_model(&other, OPT_RULE_ADAMW, 1);
  CHECK_REFUSES(other.optimizer, load(other.optimizer, NULL), OPT_ERR_MISMATCH,
                "'adam'");
  end_model(&other);
  end();
}

static void another_layout_does_not_fit(void) {
  reports r = {"", 0};
  opt_load_args args = OPT_LOAD_ARGS_INIT;
  args.report = take_report;
  args.user = &r;
  model plain;
  model momentum;
  start_model(&plain, OPT_RULE_SGD, 1);
  start_model(&momentum, "momentum", 1);
  checkpoint = save_model(&momentum);
  CHECK_REFUSES(plain.optimizer, load(plain.optimizer, &args), OPT_ERR_MISMATCH,
                "momentum");
  CHECK_STR(r.text,
            "mismatched w/momentum_buffer\nmismatched b/momentum_buffer\n");
  free(checkpoint.data);
  r = (reports){"", 0};
  checkpoint = save_model(&plain);
  CHECK_REFUSES(momentum.optimizer, load(momentum.optimizer, &args),
                OPT_ERR_MISMATCH, "momentum_buffer");
  CHECK_STR(r.text,
            "mismatched w/momentum_buffer\nmismatched b/momentum_buffer\n");
  free(checkpoint.data);
  end_model(&plain);
  end_model(&momentum);
}

static void another_number_of_groups_does_not_fit_unless_options_are_kept(
    void) {
  int32_t group = 0;
  start(OPT_RULE_ADAM);
  CHECK_OK(opt_add_group(to.optimizer, NULL, NULL, 0, &group));
  CHECK_REFUSES(to.optimizer, load(to.optimizer, NULL), OPT_ERR_MISMATCH,
                "groups: 2 in the checkpoint");
  CHECK_OK(load_saved(to.optimizer, &checkpoint, OPT_LOAD_KEEP_OPTIONS));
  CHECK_EQ(step_of(to.optimizer, 1), 3);
  end();
}

static void options_come_from_the_checkpoint_unless_they_are_kept(void) {
  double rate = 0;
  start_model(&from, OPT_RULE_ADAM, 0);
  start_model(&to, OPT_RULE_ADAM, 0);
  CHECK_OK(opt_set(from.optimizer, OPT_ALL_GROUPS, OPT_LR, 0.5));
  CHECK_OK(opt_set(from.optimizer, 1, OPT_LR, 0.25));
  checkpoint = save_model(&from);
  CHECK_OK(load_saved(to.optimizer, &checkpoint, OPT_LOAD_KEEP_OPTIONS));
  CHECK_OK(opt_get(to.optimizer, 1, OPT_LR, &rate));
  CHECK(rate == 0.125);
  CHECK_OK(load_saved(to.optimizer, &checkpoint, 0));
  CHECK_OK(opt_get(to.optimizer, 1, OPT_LR, &rate));
  CHECK(rate == 0.25);
  CHECK_OK(opt_get(to.optimizer, OPT_ALL_GROUPS, OPT_LR, &rate));
  CHECK(rate == 0.5);
  CHECK(same_state(from.optimizer, to.optimizer));
  end();
}

/* The buffers that args_of() lends. */
static opt_lent buffers = OPT_LENT_INIT;

static opt_load_args args_of(uint32_t flags, void* const* params,
                             const char* const* names, int64_t name_count) {
  opt_load_args args = OPT_LOAD_ARGS_INIT;
  args.flags = flags;
  args.lent = &buffers;
  buffers.params = params;
  buffers.count = params == NULL ? 0 : 2;
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
  start(OPT_RULE_ADAM);
  opt_load_args args = args_of(16, NULL, NULL, 0);
  CHECK_REFUSES(to.optimizer, load(to.optimizer, &args), OPT_ERR_ARGUMENT,
                "flags");
  args = args_of(0, params, NULL, 0);
  for (int64_t count = -1; count < 5; ++count) {
    if (count == 2) continue;
    buffers.count = count;
    CHECK_REFUSES(to.optimizer, load(to.optimizer, &args), OPT_ERR_ARGUMENT,
                  "opt_lent.count");
  }
  args = args_of(0, NULL, names, -1);
  CHECK_REFUSES(to.optimizer, load(to.optimizer, &args), OPT_ERR_ARGUMENT,
                "name_count");
  args = args_of(0, NULL, NULL, 1);
  CHECK_REFUSES(to.optimizer, load(to.optimizer, &args), OPT_ERR_ARGUMENT,
                "name_count");
  args = args_of(0, NULL, names, 2);
  CHECK_REFUSES(to.optimizer, load(to.optimizer, &args), OPT_ERR_ARGUMENT,
                "names[1]");
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
  start(OPT_RULE_ADAM);
  memcpy(w, to.w, sizeof w);
  CHECK_OK(load(to.optimizer, NULL));
  CHECK(memcmp(w, to.w, sizeof w) == 0);
  CHECK(same_state(from.optimizer, to.optimizer));
  end();
}

static void retained_parameters_are_loaded(void) {
  start(OPT_RULE_ADAM);
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
  start(OPT_RULE_ADAM);
  const float w = to.w[0];
  CHECK_OK(load(to.optimizer, &args));
  CHECK(memcmp(lent + 1, from.w, sizeof from.w) == 0);
  CHECK(memcmp(to.b, from.b, sizeof from.b) == 0);
  CHECK(to.w[0] == w);
  end();
}

static void parameters_without_a_place_are_refused(void) {
  start(OPT_RULE_ADAM);
  CHECK_OK(opt_bind(to.optimizer, 1, NULL, NULL));
  CHECK_REFUSES(to.optimizer,
                load_saved(to.optimizer, &checkpoint, OPT_LOAD_PARAMS),
                OPT_ERR_STATE, "'b'");
  CHECK_OK(load(to.optimizer, NULL));
  end();
}

static void parameters_that_were_not_saved_are_missed(void) {
  start(OPT_RULE_ADAM);
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
  start(OPT_RULE_ADAM);
  memcpy(w, to.w, sizeof w);
  CHECK_OK(opt_set(to.optimizer, 1, OPT_LR, 0.5));
  CHECK_OK(load(to.optimizer, &args));
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
  start(OPT_RULE_ADAM);
  CHECK_OK(opt_attach(to.optimizer, &other, 1, NULL));
  CHECK_OK(opt_detach(to.optimizer, 1));
  CHECK_OK(load(to.optimizer, &args));
  CHECK_EQ(step_of(to.optimizer, 0), 3);
  end();
}

static void a_selected_tensor_must_be_in_both(void) {
  const char* names[1] = {"nonesuch"};
  opt_load_args args = args_of(0, NULL, names, 1);
  reports r = {"", 0};
  start(OPT_RULE_ADAM);
  CHECK_REFUSES(to.optimizer, load(to.optimizer, &args), OPT_ERR_NAME,
                "nonesuch");
  const opt_tensor other = tensor_of("other", NULL, NULL, 4);
  CHECK_OK(opt_attach(to.optimizer, &other, 1, NULL));
  names[0] = "other";
  args.report = take_report;
  args.user = &r;
  CHECK_REFUSES(to.optimizer, load(to.optimizer, &args), OPT_ERR_MISMATCH,
                "'other/");
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
  start(OPT_RULE_ADAM);
  CHECK_OK(opt_accumulate(from.optimizer, NULL));
  CHECK_OK(opt_accumulate(from.optimizer, NULL));
  free(checkpoint.data);
  checkpoint = save_model(&from);
  CHECK_OK(opt_accumulate(to.optimizer, NULL));
  memcpy(sum, to.db, sizeof sum);
  CHECK_OK(load(to.optimizer, &args));
  CHECK_OK(opt_state_view(to.optimizer, 1, OPT_SLOT_GRAD_ACCUMULATOR, &view));
  CHECK(memcmp(view.data, sum, sizeof sum) == 0);
  CHECK_EQ(step_of(to.optimizer, 1), 3);
  end();
}

static void a_selection_of_nothing_loads_nothing(void) {
  const char* const names[1] = {NULL};
  const opt_load_args args = args_of(OPT_LOAD_PARAMS, NULL, names, 0);
  start(OPT_RULE_ADAM);
  const uint64_t before = snapshot(to.optimizer);
  CHECK_OK(load(to.optimizer, &args));
  CHECK(snapshot(to.optimizer) == before);
  end();
}

void load_tests(void) {
  RUN(every_name_that_does_not_fit_is_told);
  RUN(another_shape_of_as_many_elements_does_not_fit);
  RUN(the_message_counts_what_does_not_fit);
  RUN(the_message_names_the_file_that_does_not_fit);
  RUN(parameters_that_were_not_saved_are_told_with_the_remedy);
  RUN(what_is_missing_or_unexpected_may_be_allowed);
  RUN(a_tensor_that_is_missing_keeps_its_state);
  RUN(a_tensor_that_is_missing_can_accumulate_with_the_others);
  RUN(another_rule_does_not_fit);
  RUN(another_layout_does_not_fit);
  RUN(another_number_of_groups_does_not_fit_unless_options_are_kept);
  RUN(options_come_from_the_checkpoint_unless_they_are_kept);
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
