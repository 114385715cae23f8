// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The catalogue of the library: rules, kinds of schedules, versions.

import { OptArgumentError } from './errors.js';
import { call, textAt } from './native.js';

let parsed = null;

/**
 * All that follows, as the library itself tells it (`opt_catalog` in
 * include/opt/opt_describe.h); the names in it are the library's.
 */
export function catalog() {
  parsed ??= JSON.parse(textAt(call('opt_catalog')));
  return parsed;
}

/** The rules, with their options, state slots and presets. */
export function rules() {
  return catalog().rules;
}

/** Other names for rules, with their own defaults. */
export function aliases() {
  return catalog().aliases;
}

/** The kinds of schedules, with their options. */
export function scheduleKinds() {
  return catalog().schedules;
}

/** The attributes of a tensor, described as options are. */
export function attributes() {
  return catalog().attributes;
}

function find(what, name, entries) {
  const found = entries.find((entry) => entry.name === name);
  if (found === undefined) {
    throw new OptArgumentError('NAME', `there is no ${what} '${name}'`);
  }
  return found;
}

/** A rule, or an alias, by its name. */
export function findRule(name) {
  return find('rule', name, [...rules(), ...aliases()]);
}

/** A kind of schedule by its name. */
export function findScheduleKind(name) {
  return find('kind of schedule', name, scheduleKinds());
}

/** The version, as "0.1.0". */
export function version() {
  return textAt(call('opt_version'));
}

/** The version as a number that grows from release to release. */
export function versionNumber() {
  return call('opt_version_number');
}

/** The build of the library, for bug reports. */
export function buildInfo() {
  return textAt(call('opt_build_info'));
}
