// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The library's messages name functions, structs and constants of the C API,
// and write numbers as C does; a user of another language knows the same things
// by that language's names. Translated() puts those in their place.

#ifndef OPT_BINDINGS_MESSAGES_H_
#define OPT_BINDINGS_MESSAGES_H_

#ifndef SWIG
#include <cctype>
#include <cstddef>
#include <string>
#include <string_view>

namespace opt_bindings {

// A thing's name in C and in the languages. A field of a struct has a row of
// its own where it is not a member of the same name.
struct Word {
  std::string_view c;
  std::string_view csharp;
  std::string_view java;
};

constexpr Word kWords[] = {
    {"OPT_ALL_CORES", "Context.AllCores", "Context.ALL_CORES"},
    {"OPT_AVERAGE_EMA", "AverageKind.Ema", "AverageOptions.Kind.EMA"},
    {"OPT_AVERAGE_SWA", "AverageKind.Swa", "AverageOptions.Kind.SWA"},
    {"OPT_AVERAGE_WARMUP", "AverageOptions.Warmup", "AverageOptions.warmup"},
    {"OPT_F32", "DType.F32", "DType.F32"},
    {"OPT_F64", "DType.F64", "DType.F64"},
    {"OPT_I64", "DType.I64", "DType.I64"},
    {"OPT_LOAD_KEEP_OPTIONS", "LoadOptions.KeepOptions",
     "LoadOptions.keepOptions"},
    {"OPT_LOAD_PARAMS", "LoadOptions.Params", "LoadOptions.params"},
    {"OPT_NONFINITE_ERROR", "NonfinitePolicy.Error",
     "GradientWork.Nonfinite.ERROR"},
    {"OPT_NONFINITE_PROPAGATE", "NonfinitePolicy.Propagate",
     "GradientWork.Nonfinite.PROPAGATE"},
    {"OPT_NONFINITE_SKIP", "NonfinitePolicy.Skip",
     "GradientWork.Nonfinite.SKIP"},
    {"OPT_NORM_2", "GradientNorm.Two", "GradientWork.Norm.TWO"},
    {"OPT_NORM_INF", "GradientNorm.Infinity", "GradientWork.Norm.INF"},
    {"OPT_SAVE_PARAMS", "SaveOptions.Params", "SaveOptions.params"},
    {"OPT_U8", "DType.U8", "DType.U8"},
    {"opt_accumulate", "Optimizer.Accumulate", "Optimizer.accumulate"},
    {"opt_accumulate_args.samples", "samples", "samples"},
    {"opt_add_group", "Optimizer.AddGroup", "Optimizer.addGroup"},
    {"opt_attach", "Optimizer.Attach", "Optimizer.attach"},
    {"opt_attribute_at", "Library.Attributes", "Library.attributes"},
    {"opt_average_config", "AverageOptions", "AverageOptions"},
    {"opt_average_start", "Optimizer.StartAverage", "Optimizer.startAverage"},
    {"opt_average_stop", "Optimizer.StopAverage", "Optimizer.stopAverage"},
    {"opt_swap_eval_weights", "Optimizer.SwapEvalWeights",
     "Optimizer.swapEvalWeights"},
    {"opt_read_eval_weights", "Tensor.ReadEvalWeights",
     "Tensor.readEvalWeights"},
    {"opt_bind", "Tensor.Bind", "Tensor.bind"},
    {"opt_checkpoint_at", "Checkpoint.Entries", "Checkpoint.entries"},
    {"opt_checkpoint_open_memory", "Checkpoint.Open", "Checkpoint.open"},
    {"opt_clip_grads", "Optimizer.ClipGrads", "Optimizer.clipGrads"},
    {"opt_clone", "Optimizer.Clone", "Optimizer.clone"},
    {"opt_context_config", "Context", "Context.Builder"},
    {"opt_context_config.threads", "threads", "Context.Builder.threads"},
    {"opt_context_config.spin_microseconds", "spinMicroseconds",
     "Context.Builder.spinMicroseconds"},
    {"opt_context_config.target", "target", "Context.Builder.target"},
    {"opt_detach", "Tensor.Detach", "Tensor.detach"},
    {"opt_discard", "Optimizer.Discard", "Optimizer.discard"},
    {"opt_grad_work", "GradientWork", "GradientWork"},
    {"opt_lent", "Lent", "Lent"},
    {"opt_lent.params", "Lent.Param", "Lent.of"},
    {"opt_load_args", "LoadOptions", "LoadOptions"},
    {"opt_load_args.report", "OptCheckpointException.Report",
     "OptException.Checkpoint.report"},
    {"opt_load_memory", "Optimizer.Load", "Optimizer.load"},
    {"opt_option_at", "Rule.Options", "Rule.options"},
    {"opt_preset_at", "Rule.Presets", "Rule.presets"},
    {"opt_rule_at", "Library.Rules", "Library.rules"},
    {"opt_save_args", "SaveOptions", "SaveOptions"},
    {"opt_save_memory", "Optimizer.SaveToBytes", "Optimizer.saveToBytes"},
    {"opt_scaler_config", "ScalerOptions", "ScalerOptions"},
    {"opt_scaler_set_scale", "Optimizer.SetScale", "Optimizer.setScale"},
    {"opt_scaler_start", "Optimizer.StartScaler", "Optimizer.startScaler"},
    {"opt_scaler_stop", "Optimizer.StopScaler", "Optimizer.stopScaler"},
    {"opt_schedule_kind_at", "Library.ScheduleKinds", "Library.scheduleKinds"},
    {"opt_schedule_option_at", "ScheduleKind.Options", "ScheduleKind.options"},
    {"opt_schedule_set_milestones", "Schedule.SetMilestones",
     "Schedule.setMilestones"},
    {"opt_schedule_then", "Schedule.Then", "Schedule.then"},
    {"opt_schedule_value", "Schedule.Value", "Schedule.value"},
    {"opt_slot_at", "Rule.Slots", "Rule.slots"},
    {"opt_state_bytes", "Optimizer.StateBytes", "Optimizer.stateBytes"},
    {"opt_step", "Optimizer.Step", "Optimizer.step"},
    {"opt_step_abandon", "Optimizer.AbandonStep", "Optimizer.abandonStep"},
    {"opt_step_args.work", "StepOptions.Work", "StepOptions.work"},
    {"opt_step_begin", "Optimizer.BeginStep", "Optimizer.beginStep"},
    {"opt_step_slice", "Optimizer.StepSlice", "Optimizer.stepSlice"},
    {"opt_tensor_set_group", "Tensor.Group", "Tensor.setGroup"},
    {"opt_tensor_set_step", "Tensor.Step", "Tensor.setStep"},
};

// The words for values that the languages do not write as C does. NaN has a
// sign in C alone.
constexpr std::string_view kValues[][2] = {
    {"nan", "NaN"},        {"-nan", "NaN"},  {"inf", "Infinity"},
    {"-inf", "-Infinity"}, {"NULL", "null"},
};

// A column of the table.
using Language = std::string_view Word::*;

inline const Word* FindWord(std::string_view c) {
  for (const Word& word : kWords) {
    if (word.c == c) return &word;
  }
  return nullptr;
}

// The field "max_norm" as a member: MaxNorm in C#, maxNorm in Java.
inline std::string Member(std::string_view field, Language language) {
  std::string member;
  bool upper = language == &Word::csharp;
  for (const char c : field) {
    if (c == '_') {
      upper = true;
      continue;
    }
    member += upper ? static_cast<char>(std::toupper(c)) : c;
    upper = false;
  }
  return member;
}

// A name of C's, which may end with a field; the name itself if it has no row.
inline std::string TranslatedName(std::string_view name, Language language) {
  if (const Word* word = FindWord(name)) return std::string(word->*language);
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return std::string(name);
  const Word* word = FindWord(name.substr(0, dot));
  if (word == nullptr) return std::string(name);
  return std::string(word->*language) + "." +
         Member(name.substr(dot + 1), language);
}

inline bool IsNameCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// The length of the name of C's that `text` begins with, a field included; 0 if
// it begins with none.
inline size_t NameLength(std::string_view text) {
  if (text.substr(0, 4) != "opt_" && text.substr(0, 4) != "OPT_") return 0;
  size_t length = 0;
  while (length < text.size() && IsNameCharacter(text[length])) ++length;
  size_t field = length + 1;
  if (field >= text.size() || text[length] != '.') return length;
  while (field < text.size() && IsNameCharacter(text[field])) ++field;
  return field > length + 1 ? field : length;
}

// A word of C's that a text begins with, and what it is in the language; the
// length is 0 if it begins with none.
struct Found {
  size_t length;
  std::string words;
};

inline Found FindTranslation(std::string_view text, Language language) {
  for (const auto& [c, other] : kValues) {
    const bool ends =
        text.size() <= c.size() || !IsNameCharacter(text[c.size()]);
    if (ends && text.substr(0, c.size()) == c) {
      return {c.size(), std::string(other)};
    }
  }
  const size_t length = NameLength(text);
  if (length == 0) return {0, ""};
  return {length, TranslatedName(text.substr(0, length), language)};
}

// A message of the library's in the words of a language. Text in quotes is the
// user's own and stays.
inline std::string Translated(std::string_view message, Language language) {
  std::string translated;
  bool quoted = false;
  char before = ' ';
  for (size_t i = 0; i < message.size();) {
    const char c = message[i];
    // An apostrophe within a word neither opens nor closes.
    if (c == '\'' &&
        (quoted ? i + 1 == message.size() || !IsNameCharacter(message[i + 1])
                : !IsNameCharacter(before))) {
      quoted = !quoted;
    }
    const Found found = quoted || IsNameCharacter(before) || before == '/'
                            ? Found{0, ""}
                            : FindTranslation(message.substr(i), language);
    if (found.length == 0) {
      translated += c;
      before = c;
      ++i;
    } else {
      translated += found.words;
      before = 'x';
      i += found.length;
    }
  }
  return translated;
}

}  // namespace opt_bindings
#endif

#endif  // OPT_BINDINGS_MESSAGES_H_
