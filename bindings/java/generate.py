# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Java's typed classes: of each rule one, with a builder that has a method for
each option, and of each kind of schedule; and the names as constants."""

from catalog import LICENSE, NOTICE, Entry, by_type, escape, first, marked_up
from catalog import render, schedule_notes, slots_of, upper_camel

HEADER = f'''
// {NOTICE}
// {LICENSE}

package org.libopt;

'''

RULE = HEADER + '''/**
 * ${marked_up(rule.summary)}
 *
 * <pre>{@code
 * ${rule.formula}
 * }</pre>
 *
 * <p>State: ${escape(slots_of(rule, SLOT, CONDITION), False)}. Reference: ${marked_up(rule.reference)}
 */
public final class ${rule.class_name} {
  private ${rule.class_name}() {}

  /**
   * Starts the description of an optimizer.
   *
   * @return a builder with the defaults
   */
  public static Builder builder() {
    return new Builder();
  }
% for option in rule.options:
%   if option.choices:

  /** Values of the option {@code ${option.name}}. */
  public enum ${upper_camel(option.name)} {
%     for choice in option.choices:
    /** {@code ${choice}}. */
    ${choice.upper()}${',' if choice != option.choices[-1] else ''}
%     end
  }
%   end
% end

  /** Describes an optimizer. */
  public static final class Builder extends RuleBuilder<Builder> {
    private Builder() {
      super("${rule.name}");
    }

    @Override
    Builder self() {
      return this;
    }
% for option in rule.options:
%   for name in (option.name, *option.aliases):
%     camel = name[0] + upper_camel(name)[1:]

    /**
     * ${marked_up(option.doc, option.range_and_default)}
     *
     * @param ${camel} the option {@code ${name}}
     * @return this builder
     */
    public Builder ${camel}(${by_type(option, 'double', 'boolean', upper_camel(option.name))} ${camel}) {
      return set("${name}", ${camel}${by_type(option, '', ' ? 1 : 0', '.ordinal()')});
    }
%   end
% end
  }
}
'''

SCHEDULE = HEADER + '''/**
 * ${marked_up(kind.summary)}
 *
 * <pre>{@code
 * ${kind.formula}
 * }</pre>
 *
 * <p>${marked_up(*schedule_notes(kind))}
 */
public final class ${upper_camel(kind.name)}Schedule extends Schedule {
% for option in kind.options:
%   if option.choices:
  /** Values of the option {@code ${option.name}}. */
  public enum ${upper_camel(option.name)} {
%     for choice in option.choices:
    /** {@code ${choice}}. */
    ${choice.upper()}${',' if choice != option.choices[-1] else ''}
%     end
  }

%   end
% end
% if kind.has_milestones:
  /**
   * Makes a schedule with milestones.
   *
   * @param milestones as {@link #setMilestones} takes them
   */
  public ${upper_camel(kind.name)}Schedule(long... milestones) {
    super("${kind.name}");
    setMilestones(milestones);
  }
% else:
  /** Makes a schedule with the defaults. */
  public ${upper_camel(kind.name)}Schedule() {
    super("${kind.name}");
  }
% end
% for option in kind.options:
%   camel = option.name[0] + upper_camel(option.name)[1:]

  /**
   * ${marked_up(option.doc, option.range_and_default)}
   *
   * @param ${camel} the option {@code ${option.name}}
   * @return this schedule
   */
  public ${upper_camel(kind.name)}Schedule ${camel}(${java_type(option)} ${camel}) {
    set("${option.name}", ${camel}${by_type(option, '', ' ? 1 : 0', '.ordinal()')});
    return this;
  }
% end
}
'''

NAMES = HEADER + '''/** Names as constants, so that a typo is a compile error. */
public final class Names {
  private Names() {}
% for prefix, entries in sections(catalog):
%   for entry in entries:

  /**
   * ${marked_up(entry.doc)}
   */
  public static final String ${prefix}${entry.name.upper()} = "${entry.name}";
%   end
% end
}
'''

SLOT, CONDITION = '{{@code {name}}} ({doc})', ' with {{@code {when_option}}}'


def sections(catalog: Entry) -> list[tuple[str, list[Entry]]]:
    """Prefixes of the constants, and what has the names."""
    return [('RULE_', catalog.classes),
            ('', first(catalog.options + catalog.schedule_options)),
            ('PRESET_', catalog.presets), ('SLOT_', catalog.slots),
            ('SCHEDULE_', catalog.schedules), ('TENSOR_', catalog.attributes)]


def java_type(option: Entry) -> str:
    """The type of a schedule's option."""
    number = 'long' if option.type == 'integer' else 'double'
    return by_type(option, number, 'boolean', upper_camel(option.name))


def files(catalog: Entry) -> list[tuple[str, str]]:
    folder = 'bindings/java/src/main/java/org/libopt'
    return [(f'{folder}/Names.java',
             render(NAMES, 100, globals(), catalog=catalog))] + [
                 (f'{folder}/{rule.class_name}.java',
                  render(RULE, 100, globals(), rule=rule))
                 for rule in catalog.classes] + [
                     (f'{folder}/{upper_camel(kind.name)}Schedule.java',
                      render(SCHEDULE, 100, globals(), kind=kind))
                     for kind in catalog.schedules]
