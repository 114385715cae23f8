# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""include/opt/opt_names.h: names as constants of C."""

from catalog import Entry, render

HEADER = '''
/* ${NOTICE}
 * ${LICENSE}
 *
 * Names as constants, so that a typo is a compile error. Include <opt/opt.h>.
 */
#ifndef OPT_OPT_NAMES_H_
#define OPT_OPT_NAMES_H_
% of_rules = [option.name for option in catalog.options]
% for title, prefix, entries in [
%     ('Rules and their aliases.', 'RULE_', catalog.classes),
%     ('Options, and the values of those that are a choice.', '', catalog.options),
%     ('Attributes of a tensor.', 'TENSOR_', catalog.attributes),
%     ('Presets.', 'PRESET_', catalog.presets),
%     ('State slots.', 'SLOT_', catalog.slots),
%     ('Kinds of schedules.', 'SCHEDULE_', catalog.schedules),
%     ('Options of schedules.', '', [one for one in catalog.schedule_options if one.name not in of_rules]),
% ]:

/* ${title} */
%   for entry in entries:

/* ${entry.doc} */
#define OPT_${prefix}${entry.upper} "${entry.name}"
%     for number, choice in enumerate(entry.choices if entries is catalog.options else []):
#define OPT_${prefix}${entry.upper}_${choice.upper()} ${number}
% end

/* Values of those that are a choice; another kind may have others. */
% for kind in catalog.schedules:
%   for option in kind.options:
#define OPT_SCHEDULE_${kind.upper}_${option.upper}_${choice.upper()} ${number}  %% for number, choice in enumerate(option.choices)
% end

#endif /* OPT_OPT_NAMES_H_ */
'''


def files(catalog: Entry) -> list[tuple[str, str]]:
    return [('include/opt/opt_names.h', render(HEADER, 80, locals()))]
