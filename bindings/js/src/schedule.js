// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

import { OptStateError } from './errors.js';
import { findScheduleKind } from './library.js';
import { camelCase } from './messages.js';
import {
  call, check, created, described, forgotten, integersAt, memory, textAt,
  withMemory,
} from './native.js';
import {
  numberOf, readNumber, snakeCase, valueOf,
} from './options.js';

const ADOPT = Symbol('a handle in place of a kind');

/**
 * The value of an option as a function of the number of steps. An optimizer
 * keeps its own copy, so that a schedule may be closed at once.
 */
export class Schedule {
  #handle;

  /**
   * @param {string} kind its name: 'cosine'; each kind has a class as well
   * @param {object} options their values, with `milestones` if the kind has
   *   some
   */
  constructor(kind, options = {}) {
    const handle = kind === ADOPT ? options : withMemory(({ text }) =>
      created('opt_schedule_create', 0, text(kind)));
    this.#handle = handle;
    forgotten.register(this, () => call('opt_schedule_destroy', handle), this);
    if (kind === ADOPT) return;
    try {
      this.set(options);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** @private The schedule that a handle is of. */
  static adopt(handle) {
    return new Schedule(ADOPT, handle);
  }

  /** @private */
  get handle() {
    if (this.#handle === null) {
      throw new OptStateError('HANDLE', 'the schedule has been closed');
    }
    return this.#handle;
  }

  /** The name of the kind of its first part. */
  get kind() {
    return this.parts[0].kind;
  }

  /** Sets options of a schedule of one part, by an object or by a name. */
  set(options, value) {
    if (typeof options === 'string') return this.set({ [options]: value });
    const { milestones, ...values } = options;
    if (milestones !== undefined) this.setMilestones(milestones);
    for (const [name, given] of Object.entries(values)) {
      if (given === undefined) continue;
      const option = snakeCase(name);
      const number = typeof given === 'number' ? given
        : numberOf(findScheduleKind(this.kind), option, given);
      withMemory(({ text }) =>
        check('opt_schedule_set', this.handle, text(option), number));
    }
    return this;
  }

  /** Reads an option of a schedule of one part. */
  get(name) {
    const option = snakeCase(name);
    const number = readNumber('opt_schedule_get', this.handle, option);
    return valueOf(findScheduleKind(this.kind), option, number);
  }

  /** Sets the ticks of a kind that has milestones, in ascending order. */
  setMilestones(ticks) {
    const numbers = Float64Array.from(ticks);
    withMemory(({ bytes }) => check('js_set_milestones', this.handle,
      bytes(numbers), numbers.length));
    return this;
  }

  /**
   * Lets a copy of another schedule take over so many steps after the last part
   * of this one began (PyTorch's SequentialLR). The other languages call it
   * "then"; an object of JavaScript with a method of that name is taken for a
   * promise.
   */
  andThen(steps, next) {
    check('opt_schedule_then', this.handle, BigInt(steps), next.handle);
    return this;
  }

  /**
   * Stacks a copy of another schedule on this one, whose value becomes its base
   * (PyTorch's ChainedScheduler).
   */
  chain(other) {
    check('opt_schedule_chain', this.handle, other.handle);
    return this;
  }

  /**
   * The value at a step, 0 for the first, of an option whose own value is base.
   */
  value(base, step) {
    return readNumber('opt_schedule_value', this.handle, base, BigInt(step));
  }

  /** The parts in the order in which they act. */
  get parts() {
    const count = created('opt_schedule_part_count', this.handle);
    return Array.from({ length: count }, (_, i) => {
      const [kind, begin, end, options, values, ticks, milestones] =
        described('js_part_info', 7, this.handle, i);
      const name = textAt(kind);
      const numbers = new Float64Array(memory(), values, options);
      const owner = findScheduleKind(name);
      return {
        kind: name,
        begin,
        end: end < 0 ? Infinity : end,
        options: Object.fromEntries(owner.options.map((option, j) =>
          [camelCase(option.name), valueOf(owner, option.name, numbers[j])])),
        milestones: ticks > 0 ? integersAt(milestones, ticks) : [],
      };
    });
  }

  /** Destroys it; closing again does nothing. */
  close() {
    if (this.#handle === null) return;
    forgotten.unregister(this);
    call('opt_schedule_destroy', this.#handle);
    this.#handle = null;
  }
}
if (Symbol.dispose) {
  Schedule.prototype[Symbol.dispose] = Schedule.prototype.close;
}
