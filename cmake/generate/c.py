# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The names as constants of C, and C++'s typed options: a class for each rule and
for each kind of schedule."""

from catalog import Entry, Files, render

HEADER = '''
/* ${NOTICE}
 * ${LICENSE} */
/**
 * @file opt_names.h
 * The names that libopt's functions take as text, as constants: a typo in one
 * does not compile. Include <opt/opt.h>.
 */
#ifndef OPT_OPT_NAMES_H_
#define OPT_OPT_NAMES_H_
% for title, prefix, entries in [
%     ('Rules and their aliases.', 'RULE_', catalog.classes),
%     ('Options, and the values of those that are a choice.', '', catalog.option_names[:len(catalog.options)]),
%     ('Attributes of a tensor.', 'TENSOR_', catalog.attributes),
%     ('Presets.', 'PRESET_', catalog.presets),
%     ('State slots.', 'SLOT_', catalog.slots),
%     ('Kinds of schedules.', 'SCHEDULE_', catalog.schedules),
%     ('Options of schedules.', '', catalog.option_names[len(catalog.options):]),
% ]:

/* ${title} */
%   for entry in entries:

/** ${entry.doc}\xa0*/
#define OPT_${prefix}${entry.upper} "${entry.name}"
%     for number, choice in enumerate(entry.choices if entry.name in of_rules else []):
/** "${choice}", a value of OPT_${entry.upper} */
#define OPT_${prefix}${entry.upper}_${choice.upper()} ${number}
% end

/* Values of those that are a choice; another kind may have others. */
% for kind in catalog.schedules:
%   for option in kind.options:
%     for number, choice in enumerate(option.choices):

/** "${choice}", a value of OPT_${option.upper} of "${kind.name}"\xa0*/
#define OPT_SCHEDULE_${kind.upper}_${option.upper}_${choice.upper()} ${number}
% end

#endif /* OPT_OPT_NAMES_H_ */
'''

CLASSES = '''
// ${NOTICE}
// ${LICENSE}
//
// The options of each ${about}. A value that was not given is left alone. Include <opt/opt.hpp>.
#ifndef OPT_HPP_${file.upper()}_HPP_
#define OPT_HPP_${file.upper()}_HPP_

#include "opt/hpp/error.hpp"
#include "opt/hpp/typed_options.hpp"
#include "opt/opt.h"

// clang-format off

namespace opt {
inline namespace OPT_HPP_NAMESPACE {
namespace schedules {  %% if file == 'schedules'
% for option in enums:

// ${option.enum_doc}
enum class ${option.enum} {
  k${upper_camel(choice)} = ${number},  %% for number, choice in enumerate(option.choices)
};
% for made in entries:

// ${sentence(made.doc, *made.published)}
class ${made.class_name} {
 public:
%   if made.is_rule:
  static constexpr const char* kRule = "${made.name}";
  static constexpr const char* kBaseRule = "${made.rule}";

  // Sets every option to a preset's values, before those that are given.
  ${made.class_name}& preset(const char* preset) {
    options_.SetPreset(preset);
    return *this;
  }
%   else:
  static constexpr const char* kKind = "${made.name}";
%   arguments = ['Span<const int64_t> milestones'] * made.has_milestones
%   arguments += [f'{types.get(one.type, one.enum)} {one.name}' for one in made.required]
%   if arguments:

  // The milestones are ticks in ascending order.  %% if made.has_milestones
  // ${one.text}  %% for one in made.required
  explicit ${made.class_name}(${', '.join(arguments)}) {
    options_.SetMilestones(milestones);  %% if made.has_milestones
    options_.Set("${one.name}", static_cast<double>(${one.name}));  %% for one in made.required
  }
%   for option in made.optional:

  // ${option.text}
  ${made.class_name}& ${option.name}(${types.get(option.type, option.enum)} value) {
    options_.Set("${option.name}", ${by_type(option, 'value', 'value ? 1 : 0', 'static_cast<double>(value)', 'static_cast<double>(value)')});
    return *this;
  }
%   end

  const TypedOptions<${len(made.options)}>& options() const { return options_; }

 private:
  TypedOptions<${len(made.options)}> options_;
};
% end

}  // namespace schedules  %% if file == 'schedules'
}  // namespace OPT_HPP_NAMESPACE
}  // namespace opt

// clang-format on

#endif  // OPT_HPP_${file.upper()}_HPP_
'''


def files(catalog: Entry) -> Files:
    types = {'number': 'double', 'integer': 'int64_t', 'bool': 'bool'}
    of_rules = [option.name for option in catalog.options]
    # A comment's end is on no line of its own.
    names = render(HEADER, 80, locals()).replace('\xa0', ' ')
    yield 'include/opt/opt_names.h', names
    for file, entries, enums, about in (
            ('rules', catalog.classes, catalog.enums,
             'rule, typed: opt::AdamW().lr(3e-4).weight_decay(0.1)'),
            ('schedules', catalog.schedules, catalog.schedule_enums,
             'kind of schedule, typed: opt::schedules::Cosine(9500).eta_min(1e-5)')):
        yield f'include/opt/hpp/{file}.hpp', render(CLASSES, 80, locals())
