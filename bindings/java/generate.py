# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Java's typed classes: of each rule one, with a builder that has a method for
each option, and of each kind of schedule; and the names as constants."""

from catalog import ROOT, Entry, Files, render

HEADER = '''
// ${NOTICE}
// ${LICENSE}

package org.libopt;

'''

CLASS = HEADER + '''/**
 * ${escape(sentence(made.doc), False)}
 *
 * <pre>{@code
 * ${made.formula}
 * }</pre>
 *
% if made.is_rule:
 * <p>State: ${escape(slots_of(made, code), False)}. Reference: ${escape(sentence(made.reference), False)}
 */
public final class ${name} {
  private ${name}() {}

  /**
   * Starts the description of an optimizer.
   *
   * @return a builder with the defaults
   */
  public static Builder builder() {
    return new Builder();
  }

% else:
 * <p>${escape(sentence('the tick t counts every interval steps', *('as ' + name for name in made.of_pytorch), *made.published), False)}
 */
public final class ${name} extends Schedule {
% for option in made.enums:
  /** Values of the option {@code ${option.name}}. */
  public enum ${option.camel} {
%   for choice in option.choices:
    /** {@code ${choice}}. */
    ${choice.upper()}${',' if choice != option.choices[-1] else ''}
%   end
  }

% if made.is_rule:
  /** Describes an optimizer. */
  public static final class Builder extends RuleBuilder<Builder> {
    private Builder() {
      super("${made.name}");
    }

    @Override
    Builder self() {
      return this;
    }
% elif made.has_milestones:
  /**
   * Makes a schedule with milestones.
   *
   * @param milestones as {@link #setMilestones} takes them
   */
% else:
  /** Makes a schedule with the defaults. */
% if not made.is_rule:
  public ${name}(${'long... milestones' if made.has_milestones else ''}) {
    super("${made.name}");
    setMilestones(milestones);  %% if made.has_milestones
  }
% for option in made.options:
%   method = option.name[0] + upper_camel(option.name)[1:]
%   type_name = by_type(option, 'double', 'boolean', option.camel, 'long')
%   setter = by_type(option, 'set', 'set', 'choose', 'set')
%   number = method + by_type(option, '', ' ? 1 : 0', '')

${pad}  /**
${pad}   * ${escape(option.text, False)}
${pad}   *
${pad}   * @param ${method} the option {@code ${option.name}}
${pad}   * @return this ${'builder' if made.is_rule else 'schedule'}
${pad}   */
${pad}  public ${'Builder' if made.is_rule else name} ${method}(${type_name} ${method}) {
${pad}    ${'return ' if made.is_rule else ''}${setter}("${option.name}", ${number});
    return this;  %% if not made.is_rule
${pad}  }
% end
  }  %% if made.is_rule
}
'''

NAMES = HEADER + '''/** Names as constants, so that a typo is a compile error. */
public final class Names {
  private Names() {}
% for prefix, entries in [
%     ('RULE_', catalog.classes),
%     ('', catalog.option_names),
%     ('PRESET_', catalog.presets), ('SLOT_', catalog.slots),
%     ('SCHEDULE_', catalog.schedules), ('TENSOR_', catalog.attributes),
% ]:
%   for entry in entries:

  /**
   * ${escape(sentence(entry.doc), False)}
   */
  public static final String ${prefix}${entry.upper} = "${entry.name}";
% end
}
'''

def files(catalog: Entry) -> Files:
    folder, code = 'bindings/java/src/main/java/org/libopt', '{@code %s}'
    yield f'{folder}/Names.java', render(NAMES, 100, locals())
    for made in catalog.classes + catalog.schedules:
        suffix, pad = ('', '  ') if made.is_rule else ('Schedule', '')
        name = made.class_name + suffix
        yield f'{folder}/{name}.java', render(CLASS, 100, locals())
    yield '.gitattributes', attributes(folder, ['Names', *(
        made.class_name for made in catalog.classes)])


def attributes(folder: str, classes: list[str]) -> str:
    """The attributes of the repository's files, with a line for each class that
    is made here and has no pattern."""
    text = (ROOT / '.gitattributes').read_text(encoding='utf-8')
    lines = text.splitlines()
    old = [line for line in lines if line.startswith(f'{folder}/')]
    new = [line for line in old if '*' in line or ' -' in line]
    new += [f'{folder}/{name}.java linguist-generated' for name in classes]
    at = lines.index(old[0])
    lines[at:at + len(old)] = sorted(new, key=str.lower)
    return '\n'.join(lines) + '\n'
