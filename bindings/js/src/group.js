// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

import { OptArgumentError } from './errors.js';
import { check, created, withMemory } from './native.js';
import {
  readNumber, snakeCase, valueOf, valuesOf, withOptions,
} from './options.js';
import { Schedule } from './schedule.js';

/**
 * Tensors of an optimizer that have their own option values; or
 * `optimizer.allGroups`, where what is set is set in every group and in those
 * to come. A value acts from the next step on.
 */
export class Group {
  /** @private */
  constructor(optimizer, index) {
    this.optimizer = optimizer;
    /** 0 for the first; -1 for all groups. */
    this.index = index;
  }

  /**
   * Sets options: all or none. By an object, `{ lr: 0.1, preset: 'pytorch' }`,
   * whose preset comes first; or one by its name.
   */
  set(options, value) {
    if (typeof options === 'string') return this.set({ [options]: value });
    withOptions(this.optimizer.describedRule, options, (list) =>
      check('js_options_set', list, this.optimizer.handle, this.index));
    return this;
  }

  /** Reads an option's own value, which a schedule leaves. */
  get(name) {
    return this.#read('opt_get', name);
  }

  /**
   * The value that the next step uses: that of the schedule, if there is one.
   */
  getScheduled(name) {
    return this.#read('opt_get_scheduled', name);
  }

  #read(how, name) {
    const option = snakeCase(name);
    const number = readNumber(how, this.optimizer.handle, this.index, option);
    return valueOf(this.optimizer.describedRule, option, number);
  }

  /** The own values of all options. */
  get options() {
    const { handle, describedRule } = this.optimizer;
    return valuesOf(describedRule, (option) =>
      readNumber('opt_get', handle, this.index, option));
  }

  /** Sets every option to the values of a preset: 'pytorch'. */
  setPreset(preset) {
    withMemory(({ text }) => check('opt_set_preset', this.optimizer.handle,
      this.index, text(preset)));
    return this;
  }

  /** Schedules an option from the next step on; null: not any more. */
  setSchedule(name, schedule) {
    if (schedule !== null && !(schedule instanceof Schedule)) {
      throw new TypeError('the schedule is a Schedule or null');
    }
    withMemory(({ text }) => check('opt_set_schedule', this.optimizer.handle,
      this.index, text(snakeCase(name)), schedule?.handle ?? 0));
    return this;
  }

  /** A copy of an option's schedule, or null. */
  copySchedule(name) {
    const handle = withMemory(({ text }) => created('opt_copy_schedule',
      this.optimizer.handle, this.index, text(snakeCase(name))));
    return handle === 0 ? null : Schedule.adopt(handle);
  }

  /** Feeds a metric to every plateau schedule of the group. */
  reportMetric(metric) {
    check('opt_report_metric', this.optimizer.handle, this.index, metric);
  }

  /** @private Refuses to be the group of a tensor of this optimizer. */
  checkOwner(optimizer) {
    if (this.optimizer !== optimizer || this.index < 0) {
      throw new OptArgumentError('ARGUMENT',
        'the group is none of this optimizer: addGroup() makes one');
    }
  }
}
