// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The errors that calls throw, beside JavaScript's own TypeError for a value of
// the wrong type.

import { translated } from './messages.js';

/** A call that the library refused or could not do; it has changed nothing. */
export class OptError extends Error {
  /**
   * @param {string} status why: 'ARGUMENT', 'NAME', ...
   * @param {string} message what was wrong and what to do about it
   */
  constructor(status, message) {
    super(message);
    this.name = new.target.name;
    this.status = status;
  }
}

/** A wrong name, value, length, element type; memory that overlaps. */
export class OptArgumentError extends OptError {}

/** The right call at the wrong time; an object that is closed or detached. */
export class OptStateError extends OptError {}

/** Inf or NaN among the gradients, if they are to be an error. */
export class OptNonfiniteError extends OptError {}

/**
 * A checkpoint that is damaged or does not fit; nothing was loaded. `report`
 * lists every name that does not fit: none if it is damaged or of another rule.
 */
export class OptCheckpointError extends OptError {
  constructor(status, message, report = []) {
    super(status, message);
    this.report = report;
  }
}

// By the numbers of the C API, from 1 on.
const STATUSES = [
  ['ARGUMENT', OptArgumentError],
  ['HANDLE', OptStateError],
  ['BUSY', OptError],
  ['NAME', OptArgumentError],
  ['VALUE', OptArgumentError],
  ['RANGE', OptArgumentError],
  ['STATE', OptStateError],
  ['DTYPE', OptArgumentError],
  ['OVERLAP', OptArgumentError],
  ['STRUCT', OptError],
  ['MEMORY', OptError],
  ['LIMIT', OptError],
  ['INTERNAL', OptError],
  ['IO', OptError],
  ['FORMAT', OptCheckpointError],
  ['MISMATCH', OptCheckpointError],
  ['NONFINITE', OptNonfiniteError],
];

/** The error for a status of the C API that is not OPT_OK. */
export function errorOf(code, message) {
  const [status, Class] = STATUSES[code - 1] ?? ['INTERNAL', OptError];
  return new Class(status, translated(message));
}
