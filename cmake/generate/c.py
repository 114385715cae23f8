# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""include/opt/opt_names.h: names as constants of C."""

from catalog import LICENSE, NOTICE, Entry, render

HEADER = '''
/* ${NOTICE}
 * ${LICENSE}
 *
 * Names as constants, so that a typo is a compile error. Include <opt/opt.h>.
 */
#ifndef OPT_OPT_NAMES_H_
#define OPT_OPT_NAMES_H_
% for title, prefix, entries in sections(catalog):

/* ${title} */
%   for entry in entries:

/* ${entry.doc} */
#define ${prefix}${entry.name.upper()} "${entry.name}"
%     if entry in catalog.options:
%       for number, choice in enumerate(entry.choices):
#define ${prefix}${entry.name.upper()}_${choice.upper()} ${number}
%       end
%     end
%   end
% end

/* Values of those that are a choice; another kind may have others. */
% for kind in catalog.schedules:
%   for option in kind.options:
%     for number, choice in enumerate(option.choices):
#define OPT_SCHEDULE_${'_'.join((kind.name, option.name, choice)).upper()} ${number}
%     end
%   end
% end

#endif /* OPT_OPT_NAMES_H_ */
'''


def sections(catalog: Entry) -> list[tuple[str, str, list[Entry]]]:
    """Titles, prefixes of the constants, and what has the names."""
    of_rules = [option.name for option in catalog.options]
    return [('Rules and their aliases.', 'OPT_RULE_', catalog.classes),
            ('Options, and the values of those that are a choice.', 'OPT_',
             catalog.options),
            ('Attributes of a tensor.', 'OPT_TENSOR_', catalog.attributes),
            ('Presets.', 'OPT_PRESET_', catalog.presets),
            ('State slots.', 'OPT_SLOT_', catalog.slots),
            ('Kinds of schedules.', 'OPT_SCHEDULE_', catalog.schedules),
            ('Options of schedules.', 'OPT_',
             [option for option in catalog.schedule_options
              if option.name not in of_rules])]


def files(catalog: Entry) -> list[tuple[str, str]]:
    return [('include/opt/opt_names.h',
             render(HEADER, 80, globals(), catalog=catalog))]
