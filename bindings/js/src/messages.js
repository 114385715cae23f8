// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The library's messages name functions, structs and constants of the C API,
// and write numbers as C does; here they get the names that they have in this
// package.

/** The names of C, and those of the same things here. */
export const WORDS = new Map([
  ['OPT_ALL_CORES', 'threads'],
  ['OPT_AVERAGE_EMA', "AverageOptions.kind 'ema'"],
  ['OPT_AVERAGE_SWA', "AverageOptions.kind 'swa'"],
  ['OPT_AVERAGE_WARMUP', 'AverageOptions.warmup'],
  ['OPT_F32', "'f32'"],
  ['OPT_F64', "'f64'"],
  ['OPT_I64', "'i64'"],
  ['OPT_LOAD_KEEP_OPTIONS', 'LoadOptions.keepOptions'],
  ['OPT_LOAD_PARAMS', 'LoadOptions.params'],
  ['OPT_NONFINITE_ERROR', "GradientWork.nonfinite 'error'"],
  ['OPT_NONFINITE_PROPAGATE', "GradientWork.nonfinite 'propagate'"],
  ['OPT_NONFINITE_SKIP', "GradientWork.nonfinite 'skip'"],
  ['OPT_NORM_2', "GradientWork.norm 'two'"],
  ['OPT_NORM_INF', "GradientWork.norm 'inf'"],
  ['OPT_SAVE_PARAMS', 'SaveOptions.params'],
  ['OPT_U8', "'u8'"],
  ['opt_accumulate', 'Optimizer.accumulate'],
  ['opt_accumulate_args.samples', 'samples'],
  ['opt_add_group', 'Optimizer.addGroup'],
  ['opt_attach', 'Optimizer.attach'],
  ['opt_attribute_at', 'attributes'],
  ['opt_average_config', 'AverageOptions'],
  ['opt_average_start', 'Optimizer.startAverage'],
  ['opt_average_stop', 'Optimizer.stopAverage'],
  ['opt_swap_eval_weights', 'Optimizer.swapEvalWeights'],
  ['opt_read_eval_weights', 'Tensor.readEvalWeights'],
  ['opt_bind', 'Tensor.bind'],
  ['opt_checkpoint_at', 'Checkpoint.entries'],
  ['opt_checkpoint_open_memory', 'Checkpoint.open'],
  ['opt_clip_grads', 'Optimizer.clipGrads'],
  ['opt_clone', 'Optimizer.clone'],
  ['opt_context_config', 'context'],
  ['opt_context_config.threads', 'threads'],
  ['opt_context_config.target', 'target'],
  ['opt_detach', 'Tensor.detach'],
  ['opt_discard', 'Optimizer.discard'],
  ['opt_grad_work', 'GradientWork'],
  ['opt_lent', 'Lent'],
  ['opt_lent.params', 'Lent.param'],
  ['opt_load_args', 'LoadOptions'],
  ['opt_load_args.report', 'OptCheckpointError.report'],
  ['opt_load_memory', 'Optimizer.load'],
  ['opt_option_at', 'Rule.options'],
  ['opt_preset_at', 'Rule.presets'],
  ['opt_rule_at', 'rules'],
  ['opt_save_args', 'SaveOptions'],
  ['opt_save_memory', 'Optimizer.saveToBytes'],
  ['opt_scaler_config', 'ScalerOptions'],
  ['opt_scaler_set_scale', 'Optimizer.setScale'],
  ['opt_scaler_start', 'Optimizer.startScaler'],
  ['opt_scaler_stop', 'Optimizer.stopScaler'],
  ['opt_schedule_kind_at', 'scheduleKinds'],
  ['opt_schedule_option_at', 'ScheduleKind.options'],
  ['opt_schedule_set_milestones', 'Schedule.setMilestones'],
  ['opt_schedule_then', 'Schedule.andThen'],
  ['opt_schedule_value', 'Schedule.value'],
  ['opt_slot_at', 'Rule.slots'],
  ['opt_state_bytes', 'Optimizer.stateBytes'],
  ['opt_step', 'Optimizer.step'],
  ['opt_step_abandon', 'Optimizer.abandonStep'],
  ['opt_step_args.work', 'StepOptions.work'],
  ['opt_step_begin', 'Optimizer.beginStep'],
  ['opt_step_slice', 'Optimizer.stepSlice'],
  ['opt_tensor_set_group', 'Tensor.group'],
  ['opt_tensor_set_step', 'Tensor.step'],
]);

// The words for values that JavaScript does not write as C does. NaN has a sign
// in C alone.
const VALUES = {
  nan: 'NaN', '-nan': 'NaN', inf: 'Infinity', '-inf': '-Infinity', NULL: 'null',
};

// A name of C's, with a field if one follows, or a value; and what stands before.
const WORD =
  /(^|[^\w/])((?:opt|OPT)_\w+(?:\.\w+)?|(?:-?nan|-?inf|NULL)(?!\w))/g;

// Text in quotes, and what stands before: an apostrophe within a word neither
// opens nor closes.
const QUOTED = /(^|\W)('.*?'(?!\w))/;

/** A name of C's as a member: max_norm is maxNorm, t_0 stays t_0. */
export function camelCase(name) {
  return name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
}

function translatedWord(word) {
  const whole = WORDS.get(word) ?? VALUES[word];
  if (whole !== undefined) return whole;
  const [struct, field] = word.split('.');
  const home = field === undefined ? undefined : WORDS.get(struct);
  return home === undefined ? word : `${home}.${camelCase(field)}`;
}

/**
 * A message of the library in the words of this package. Text in quotes is the
 * user's own and stays.
 */
export function translated(message) {
  return message.split(QUOTED)
    .map((part, i) => (i % 3 === 2 ? part : part.replace(WORD,
      (_, before, word) => before + translatedWord(word))))
    .join('');
}
