// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Objects of options: names in camel case, values that are numbers, switches or
// names of choices.

import { OptArgumentError } from './errors.js';
import { camelCase } from './messages.js';
import { call, check, describe, memory, withMemory } from './native.js';

/** The name that the library has for an option: weightDecay is weight_decay. */
export function snakeCase(name) {
  if (typeof name !== 'string') {
    throw new TypeError('the name of an option is a string, not ' +
      describe(name));
  }
  return name.replace(/[A-Z]/g, (letter) => '_' + letter.toLowerCase());
}

/** Refuses members that an object of options does not have. */
export function checkMembers(what, object, members) {
  if (object === undefined || object === null) return {};
  if (typeof object !== 'object') {
    throw new TypeError(`${what} is an object, not ${describe(object)}`);
  }
  const unknown = Object.keys(object).find((name) => !members.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`${what} has no member '${unknown}'; it has ` +
      members.join(', '));
  }
  return object;
}

/** The number for one of the names in their order. */
export function choiceOf(what, name, names) {
  const index = names.indexOf(name);
  if (index < 0) {
    throw new OptArgumentError('VALUE', `${what} is one of '` +
      `${names.join("', '")}', not '${name}'`);
  }
  return index;
}

/** The number that the library has for the value of an option. */
export function numberOf(owner, option, value) {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') {
    throw new TypeError(`the value of '${option}' is a number, a boolean or ` +
      `a string, not ${describe(value)}`);
  }
  const described = owner.options.find(({ name }) => name === option);
  if (described?.type !== 'choice') {
    throw new TypeError(`the value of '${option}' is a number or a boolean, ` +
      `not '${value}'`);
  }
  return choiceOf(`'${option}'`, value, described.choices);
}

/** The value of an option for the number that the library has for it. */
export function valueOf(owner, option, number) {
  const described = owner.options.find(
    ({ name, aliases = [] }) => name === option || aliases.includes(option));
  if (described?.type === 'bool') return number !== 0;
  return described?.type === 'choice' ? described.choices[number] : number;
}

/** All options of an object that describes a rule or a schedule, by `read`. */
export function valuesOf(owner, read) {
  return Object.fromEntries(owner.options.map(
    ({ name }) => [camelCase(name), valueOf(owner, name, read(name))]));
}

/** Calls `use` with a list of the values and the preset in an object. */
export function withOptions(owner, { preset, ...values }, use) {
  const list = call('js_options_new');
  try {
    return withMemory((made) => {
      if (preset !== undefined && preset !== null) {
        call('js_options_preset', list, made.text(preset));
      }
      for (const [name, value] of Object.entries(values)) {
        if (value === undefined) continue;
        const option = snakeCase(name);
        call('js_options_add', list, made.text(option),
          numberOf(owner, option, value));
      }
      return use(list, made);
    });
  } finally {
    call('js_options_delete', list);
  }
}

/** Calls a function whose last argument is a double that it fills in. */
export function readNumber(name, ...args) {
  return withMemory(({ text, space }) => {
    const out = space(8);
    check(name, ...args.map((value) =>
      (typeof value === 'string' ? text(value) : value)), out);
    return new Float64Array(memory(), out, 1)[0];
  });
}
