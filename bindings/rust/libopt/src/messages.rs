// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

//! The C library's messages name functions, structs and constants of its own;
//! here they get the names that they have in this crate.

/// The name in C, and the name here. A field of a struct has a row of
/// its own where there is no method or field of the same name.
const WORDS: &[(&str, &str)] = &[
    ("OPT_ALL_CORES", "ContextBuilder::all_cores"),
    ("OPT_AVERAGE_EMA", "AverageOptions::ema"),
    ("OPT_AVERAGE_SWA", "AverageOptions::swa"),
    ("OPT_AVERAGE_WARMUP", "AverageOptions::warmup"),
    ("OPT_F32", "DType::F32"),
    ("OPT_F64", "DType::F64"),
    ("OPT_I64", "DType::I64"),
    ("OPT_LOAD_KEEP_OPTIONS", "LoadOptions::keep_options"),
    ("OPT_LOAD_PARAMS", "LoadOptions::retained_params"),
    ("OPT_NONFINITE_ERROR", "Nonfinite::Error"),
    ("OPT_NONFINITE_PROPAGATE", "Nonfinite::Propagate"),
    ("OPT_NONFINITE_SKIP", "Nonfinite::Skip"),
    ("OPT_NORM_2", "Norm::Two"),
    ("OPT_NORM_INF", "Norm::Infinity"),
    ("OPT_SAVE_PARAMS", "SaveOptions::retained_params"),
    ("OPT_U8", "DType::U8"),
    ("opt_accumulate", "Optimizer::accumulate"),
    ("opt_accumulate_args.samples", "samples"),
    ("opt_add_group", "Optimizer::add_group"),
    ("opt_attach", "Optimizer::attach"),
    ("opt_attribute_at", "libopt::attributes"),
    ("opt_average_config", "AverageOptions"),
    ("opt_average_config.decay", "decay"),
    ("opt_average_start", "Optimizer::start_average"),
    ("opt_average_stop", "Optimizer::stop_average"),
    ("opt_bind", "Optimizer::bind"),
    ("opt_checkpoint_at", "Checkpoint::entries"),
    ("opt_checkpoint_open_memory", "Checkpoint::from_memory"),
    ("opt_clip_grads", "Optimizer::clip_grads"),
    ("opt_clone", "Optimizer::try_clone"),
    ("opt_context_config", "ContextBuilder"),
    ("opt_context_config.allocate", "ContextBuilder::memory"),
    ("opt_detach", "Optimizer::detach"),
    ("opt_discard", "Optimizer::discard"),
    ("opt_grad_work", "GradientWork"),
    ("opt_grad_work.max_norm", "GradientWork::max_norm"),
    ("opt_grad_work.max_tensor_norm", "GradientWork::max_tensor_norm"),
    ("opt_grad_work.max_value", "GradientWork::max_value"),
    ("opt_lent", "Lent"),
    ("opt_lent.params", "Lent::param"),
    ("opt_load_args", "LoadOptions"),
    ("opt_load_args.lent", "LoadOptions::param"),
    ("opt_load_memory", "Optimizer::load_memory"),
    ("opt_option_at", "libopt::options_of"),
    ("opt_preset_at", "libopt::presets_of"),
    ("opt_read_eval_weights", "Optimizer::read_eval_weights"),
    ("opt_rule_at", "libopt::rules"),
    ("opt_save_args.lent", "SaveOptions::param"),
    ("opt_save_memory", "Optimizer::save_memory"),
    ("opt_scaler_config", "ScalerOptions"),
    ("opt_scaler_set_scale", "Optimizer::set_scale"),
    ("opt_scaler_start", "Optimizer::start_scaler"),
    ("opt_scaler_stop", "Optimizer::stop_scaler"),
    ("opt_schedule_kind_at", "libopt::schedule_kinds"),
    ("opt_schedule_option_at", "libopt::schedule_options_of"),
    ("opt_schedule_set_milestones", "Schedule::set_milestones"),
    ("opt_schedule_then", "Schedule::then"),
    ("opt_schedule_value", "Schedule::value"),
    ("opt_slot_at", "libopt::slots_of"),
    ("opt_state_bytes", "Optimizer::state_bytes"),
    ("opt_step", "Optimizer::step"),
    ("opt_step_abandon", "Optimizer::abandon_step"),
    ("opt_step_args.work", "StepOptions::work"),
    ("opt_step_begin", "Optimizer::begin_step"),
    ("opt_step_slice", "Optimizer::step_slice"),
    ("opt_swap_eval_weights", "Optimizer::swap_eval_weights"),
    ("opt_tensor_set_group", "Optimizer::set_tensor_group"),
    ("opt_tensor_set_step", "Optimizer::set_tensor_step"),
];

fn word(c: &str) -> Option<&'static str> {
    WORDS.iter().find(|(name, _)| *name == c).map(|(_, word)| *word)
}

/// A name of C's, which may end with a field; the name itself if it has no row.
fn translated_name(name: &str) -> String {
    if let Some(word) = word(name) {
        return word.into();
    }
    match name.split_once('.').and_then(|(base, field)| Some((word(base)?, field))) {
        Some((word, field)) => format!("{word}::{field}"),
        None => name.into(),
    }
}

fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The length of the name of C's that `text` begins with, a field included; 0 if
/// it begins with none.
fn name_length(text: &str) -> usize {
    if !text.starts_with("opt_") && !text.starts_with("OPT_") {
        return 0;
    }
    let rest = text.trim_start_matches(is_name_character);
    let field = rest.strip_prefix('.').filter(|field| field.starts_with(is_name_character));
    text.len() - field.map_or(rest, |field| field.trim_start_matches(is_name_character)).len()
}

/// A message of the C library in the words of this crate. Text in quotes is the
/// user's own and stays.
pub(crate) fn translated(message: &str) -> String {
    let mut result = String::new();
    let (mut quoted, mut before) = (false, ' ');
    let mut rest = message;
    while let Some(c) = rest.chars().next() {
        let length = match quoted || is_name_character(before) || before == '/' {
            true => 0,
            false => name_length(rest),
        };
        if length > 0 {
            result += &translated_name(&rest[..length]);
            before = '_';
            rest = &rest[length..];
            continue;
        }
        rest = &rest[c.len_utf8()..];
        // An apostrophe within a word neither opens nor closes.
        let outside = if quoted { rest.chars().next().unwrap_or(' ') } else { before };
        if c == '\'' && !is_name_character(outside) {
            quoted = !quoted;
        }
        result.push(c);
        before = c;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_c_become_those_of_the_crate() {
        for (c, rust) in [
            ("lend them to opt_step", "lend them to Optimizer::step"),
            ("(opt_rule_at lists them)", "(libopt::rules lists them)"),
            ("opt_grad_work.max_norm is -1", "GradientWork::max_norm is -1"),
            ("opt_grad_work.loss_scale is 0", "GradientWork::loss_scale is 0"),
            ("use OPT_F32.", "use DType::F32."),
            ("opt_add_group", "Optimizer::add_group"),
        ] {
            assert_eq!(translated(c), rust);
        }
    }

    #[test]
    fn what_is_not_a_name_of_c_stays() {
        for text in [
            "",
            "there is no rule 'opt_step'",
            "the user's 'opt_lent' of tensors' opt",
            "cannot open '/tmp/it's/opt_bind'",
            "/usr/lib/opt_step and my_opt_step",
            "opt_unknown.field, é OPT_",
        ] {
            assert_eq!(translated(text), text);
        }
    }

    #[test]
    fn the_rows_are_in_order() {
        assert!(WORDS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
