// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

import { DTYPES, dtypeOfArray, HeapArray, Retained } from './array.js';
import {
  Checkpoint, checkpointBytes, copyInside,
} from './checkpoint.js';
import {
  OptArgumentError, OptCheckpointError, OptStateError,
} from './errors.js';
import { Group } from './group.js';
import { withLent } from './lent.js';
import { findRule } from './library.js';
import {
  allocate, call, check, created, described, describe, forgotten,
  memory, release, textAt, withMemory,
} from './native.js';
import { checkMembers, choiceOf, withOptions } from './options.js';
import { numberOfDtype, retainedAddress, Tensor } from './tensor.js';

const ADOPT = Symbol('a handle in place of a rule');
const ALL_GROUPS = -1;

const SPEC = ['name', 'param', 'grad', 'count', 'shape', 'group', 'paramDtype',
  'gradDtype'];
const STEP = ['zeroGrads', 'sum', 'work', 'reports', 'lent'];
const ACCUMULATE = ['means', 'zeroGrads', 'lent'];
const WORK = ['lossScale', 'maxValue', 'maxTensorNorm', 'maxNorm', 'perGroup',
  'norm', 'nonfinite'];
const SAVE = ['params', 'entries', 'lent'];
const LOAD = ['params', 'keepOptions', 'allowMissing', 'allowUnexpected',
  'names', 'lent'];
const AVERAGE = ['kind', 'decay', 'start', 'period', 'warmup'];
const SCALER = ['initialScale', 'growthFactor', 'backoffFactor',
  'growthInterval'];

const NORMS = ['two', 'inf'];
const NONFINITE = ['propagate', 'error', 'skip'];
const AVERAGES = ['none', 'ema', 'swa'];
const REPORTS = ['none', 'missing', 'unexpected', 'mismatched'];

// The bit of each member that is true, as the C API's flags have them.
function flagsOf(...members) {
  return members.reduce((flags, on, bit) => flags | (on ? 1 << bit : 0), 0);
}

/** An optimizer: a rule, its options and state, and the tensors it steps. */
export class Optimizer {
  #handle;
  #tensors = new Map(); // by index
  #slicesZero = false; // whether the open step sets gradients to zero
  #retained = new Retained();
  #describedRule = null;

  /**
   * @param {string} rule its name or an alias: 'adamw'; each has a class as
   *   well
   * @param {object} options of all groups; `preset` comes first
   */
  constructor(rule, options = {}) {
    const handle = rule === ADOPT ? options : withMemory(({ text }) =>
      created('opt_create', 0, text(rule)));
    const retained = this.#retained;
    this.#handle = handle;
    forgotten.register(this, () => destroy(handle, retained), this);
    if (rule === ADOPT) return;
    try {
      if (Object.keys(options).length > 0) this.allGroups.set(options);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * An optimizer that continues to the same bytes. It has no arrays: `bind`
   * some to its tensors, or lend them.
   */
  clone() {
    const handle = created('opt_clone', this.handle, 0);
    const copy = Reflect.construct(Optimizer, [ADOPT, handle],
      this.constructor);
    for (const { index } of this.tensors) copy.#adoptTensor(index);
    return copy;
  }

  #adoptTensor(index) {
    const tensor = new Tensor(this, index);
    this.#tensors.set(index, tensor);
    return tensor;
  }

  /** @private */
  get handle() {
    if (this.#handle === null) {
      throw new OptStateError('HANDLE', 'the optimizer has been closed');
    }
    return this.#handle;
  }

  /** Frees its state and lets go of all arrays; closing again does nothing. */
  close() {
    if (this.#handle === null) return;
    forgotten.unregister(this);
    destroy(this.#handle, this.#retained);
    this.#handle = null;
    this.#tensors.clear();
  }

  // Its description.

  /** Counters: steps, tensorCount, paramCount, stateBytes, ... */
  get info() {
    const [groupCount, , tensorCount, paramCount, stateBytes, steps,
      pendingSamples, skipped, rule, remaining] =
      described('js_info', 10, this.handle);
    return {
      rule: textAt(rule), groupCount, tensorCount, paramCount, stateBytes,
      steps, pendingSamples, skipped, remaining,
    };
  }

  /** The name of its rule; of an alias it is the rule's. */
  get rule() {
    return this.describedRule.name;
  }

  /** @private */
  get describedRule() {
    this.#describedRule ??= findRule(this.info.rule);
    return this.#describedRule;
  }

  // Groups.

  get allGroups() {
    return new Group(this, ALL_GROUPS);
  }

  get groups() {
    return Array.from({ length: this.info.groupCount },
      (_, i) => new Group(this, i));
  }

  /** Adds a group, whose options begin as those of all groups. */
  addGroup(options = {}) {
    const index = withOptions(this.describedRule, options, (list) =>
      created('js_options_add_group', list, this.handle));
    return new Group(this, index);
  }

  // Tensors.

  /**
   * Attaches a tensor, by `attach(name, param, grad, { shape, group })` or by
   * an object with these members; or several by an array of such objects, all
   * or none. Its arrays are made by floats() or doubles(). `attach(name,
   * count)` attaches one whose arrays are lent to each call.
   */
  attach(first, param, grad, options) {
    if (Array.isArray(first)) return this.#attach(first);
    if (first !== null && typeof first === 'object') {
      return this.#attach([first])[0];
    }
    const isCount = typeof param === 'number';
    const spec = isCount
      ? { ...grad, name: first, count: param }
      : { ...options, name: first, param, grad };
    return this.#attach([spec])[0];
  }

  #attach(specs) {
    return this.#withTensors(specs, (list) => {
      check('js_tensors_attach', list, this.handle);
      return specs.map(({ param, grad }, i) => {
        const tensor = this.#adoptTensor(call('js_tensors_index', list, i));
        this.#retained.set(tensor.index, param, grad);
        return tensor;
      });
    });
  }

  /** Bytes of state that tensors would take; nothing is attached. */
  stateBytes(specs) {
    return this.#withTensors(Array.isArray(specs) ? specs : [specs],
      (list) => described('js_tensors_state_bytes', 1, list, this.handle)[0]);
  }

  #withTensors(specs, use) {
    const list = call('js_tensors_new');
    try {
      return withMemory(({ text }) => {
        for (const spec of specs) this.#describeTensor(list, spec, text);
        return use(list);
      });
    } finally {
      call('js_tensors_delete', list);
    }
  }

  #describeTensor(list, given, text) {
    const spec = checkMembers('a tensor', given, SPEC);
    const { name, param, grad, shape, group } = spec;
    const array = param ?? grad;
    const paramDtype = spec.paramDtype ?? param?.dtype ??
      dtypeOfArray(param ?? []) ?? grad?.dtype ?? 'f32';
    const gradDtype = spec.gradDtype ?? grad?.dtype ??
      dtypeOfArray(grad ?? []) ?? paramDtype;
    const count = spec.count ?? array?.length ??
      shape?.reduce((product, extent) => product * extent, 1);
    if (!Number.isSafeInteger(count)) {
      throw new TypeError(`a tensor has an array or a count, not ` +
        describe(array ?? spec.count));
    }
    group?.checkOwner(this);
    call('js_tensors_add', list,
      name === undefined || name === null ? 0 : text(name), group?.index ?? 0,
      numberOfDtype(paramDtype), numberOfDtype(gradDtype), count,
      retainedAddress(param, paramDtype, count, 'the parameters'),
      retainedAddress(grad, gradDtype, count, 'the gradient'));
    for (const extent of shape ?? []) call('js_tensors_extend', list, extent);
  }

  /** The attached tensors. */
  get tensors() {
    return [...this.#tensors.values()].sort((a, b) => a.index - b.index);
  }

  /** A tensor by its name. */
  findTensor(name) {
    const index = withMemory(({ text, space }) => {
      const out = space(8);
      check('opt_tensor_find', this.handle, text(name), out);
      return Number(new BigInt64Array(memory(), out, 1)[0]);
    });
    return this.#tensors.get(index);
  }

  /** @private */
  forget(tensor) {
    this.#tensors.delete(tensor.index);
    this.#retained.delete(tensor.index);
  }

  /** @private Keeps arrays alive as long as the library uses them. */
  retain(tensor, param, grad) {
    this.#retained.set(tensor.index, param, grad);
  }

  /** @private */
  checkOwn(tensor) {
    if (!(tensor instanceof Tensor) || tensor.optimizer !== this) {
      throw new OptArgumentError('ARGUMENT',
        'the tensor is none of this optimizer');
    }
    return tensor.handle;
  }

  // Steps.

  /**
   * Makes a step. Without `lent`, over the arrays that are attached.
   *
   * @param {object} options `zeroGrads`, `sum`, `work`, `reports`, `lent`
   * @returns the report if `reports` is set, else undefined
   */
  step(options) {
    if (options === undefined) {
      check('opt_step', this.handle, 0);
      return undefined;
    }
    return this.#step(options, 'js_step_step', 'js_step_accumulated');
  }

  #step(options, withGrads, accumulated) {
    const { zeroGrads, sum, work, reports, lent } =
      checkMembers('StepOptions', options, STEP);
    const flags = flagsOf(zeroGrads, sum);
    const writes = { params: true, grads: zeroGrads };
    return this.#withGradients(lent, work, reports, writes, (step, entries) => {
      const lendsGrads = entries.some(({ grad }) => grad !== 0);
      const name = entries.length > 0 && !lendsGrads &&
        this.info.pendingSamples > 0 ? accumulated : withGrads;
      check(name, step, this.handle, flags);
      return reports ? this.#report(step) : undefined;
    });
  }

  /**
   * Begins a step in slices, for a page that must draw its next frame: decides
   * everything that concerns all tensors. `info.remaining` tensors must then
   * have their turn in `stepSlice`; until they have had it, what would disturb
   * the step is refused.
   *
   * @param {object} options as of `step`; each slice is lent its arrays once more
   * @returns the report if `reports` is set, else undefined
   */
  beginStep(options = {}) {
    this.#slicesZero = options.zeroGrads === true;
    return this.#step(options, 'js_step_begin', 'js_step_begin_accumulated');
  }

  /**
   * Gives some tensors their turn in the open step.
   *
   * @returns {number} how many have not had theirs; 0: the step has ended
   */
  stepSlice(tensors, lent) {
    return this.#slice(lent, (step) => {
      for (const tensor of tensors) {
        call('js_step_add_to_slice', step, tensor.index);
      }
      check('js_step_slice', step, this.handle);
    });
  }

  /** Gives all tensors that remain their turn, which ends the step. */
  stepRemaining(lent) {
    this.#slice(lent, (step) => check('js_step_remaining', step, this.handle));
  }

  #slice(lent, run) {
    const writes = { params: true, grads: this.#slicesZero };
    return this.#withGradients(lent, null, false, writes, (step) => {
      run(step);
      return call('js_step_remaining_count', step);
    });
  }

  /** Ends the open step early: tensors that remain are left out of it. */
  abandonStep() {
    check('opt_step_abandon', this.handle);
  }

  /**
   * Adds the gradients to those of the next step, which uses their mean.
   *
   * @param {number} samples that they are the sum over; with `means`, the mean
   */
  accumulate(samples = 1, options) {
    const { means, zeroGrads, lent } =
      checkMembers('AccumulateOptions', options, ACCUMULATE);
    this.#withGradients(lent, null, false, { grads: zeroGrads }, (step) =>
      check('js_step_accumulate', step, this.handle, samples,
        flagsOf(zeroGrads, means)));
  }

  /** Forgets the gradients that were accumulated since the last step. */
  discard() {
    check('opt_discard', this.handle);
  }

  /** Sets every gradient to zero. */
  zeroGrads(lent) {
    this.#withGradients(lent, null, false, { grads: true }, (step) =>
      check('js_step_zero_grads', step, this.handle));
  }

  /** Measures the gradients as a step would see them; changes nothing. */
  gradNorm(options) {
    const { sum, work, lent } =
      checkMembers('the options of gradNorm', options, ['sum', 'work', 'lent']);
    return this.#withGradients(lent, work, true, {}, (step) => {
      check('js_step_grad_norm', step, this.handle, flagsOf(sum));
      return this.#report(step);
    });
  }

  /** Does the work on the gradients themselves. */
  clipGrads(work, lent) {
    return this.#withGradients(lent, work, true, { grads: true }, (step) => {
      check('js_step_clip_grads', step, this.handle);
      return this.#report(step);
    });
  }

  #withGradients(lent, work, reports, writes, use) {
    return withLent(this, lent, writes, (entries) => {
      const step = call('js_step_new');
      try {
        for (const { index, param, grad } of entries) {
          call('js_step_lend', step, index, param, grad);
        }
        this.#setWork(step, work, reports);
        return use(step, entries);
      } finally {
        call('js_step_delete', step);
      }
    });
  }

  #setWork(step, given, reports) {
    if ((given === undefined || given === null) && !reports) return;
    const work = checkMembers('GradientWork', given, WORK);
    call('js_step_work', step, flagsOf(work.perGroup), work.lossScale ?? 0,
      work.maxValue ?? 0, work.maxTensorNorm ?? 0, work.maxNorm ?? 0,
      choiceOf('GradientWork.norm', work.norm ?? 'two', NORMS),
      choiceOf('GradientWork.nonfinite', work.nonfinite ?? 'propagate',
        NONFINITE),
      reports ? 1 : 0);
  }

  #report(step) {
    return withMemory(({ space }) => {
      const out = space(4 * 8);
      call('js_step_report', step, out);
      const [skipped, norm, factor, nonfinite] =
        new Float64Array(memory(), out, 4);
      return {
        isSkipped: skipped !== 0,
        norm,
        factor,
        nonfiniteTensor: this.#tensors.get(nonfinite) ?? null,
        groupNorms: this.groups.map((_, i) =>
          call('js_step_group_norm', step, i)),
      };
    });
  }

  // Loss scaling and averages.

  /** Starts a loss scaler, as PyTorch's GradScaler. */
  startScaler(options) {
    const { initialScale = 0, growthFactor = 0, backoffFactor = 0,
      growthInterval = 0 } = checkMembers('ScalerOptions', options, SCALER);
    check('js_scaler_start', this.handle, initialScale, growthFactor,
      backoffFactor, growthInterval);
  }

  setScale(scale) {
    check('opt_scaler_set_scale', this.handle, scale);
  }

  stopScaler() {
    check('opt_scaler_stop', this.handle);
  }

  /** The loss scaler, or null. */
  get scaler() {
    const [active, scale, growthFactor, backoffFactor, growthInterval,
      goodSteps, skipped] = described('js_scaler_info', 7, this.handle);
    return active === 0 ? null : {
      scale, growthFactor, backoffFactor, growthInterval, goodSteps, skipped,
    };
  }

  /** Keeps an average of the parameters from now on. */
  startAverage(options) {
    const { kind = 'ema', decay = 0.999, start = 0, period = 0,
      warmup = false } = checkMembers('AverageOptions', options, AVERAGE);
    check('js_average_start', this.handle,
      choiceOf('AverageOptions.kind', kind, AVERAGES), decay, start, period,
      flagsOf(warmup));
  }

  stopAverage() {
    check('opt_average_stop', this.handle);
  }

  /** The average that is kept, or null. */
  get average() {
    const [kind, decay, start, period, warmup, , updates] =
      this.#averageInfo();
    return kind === 0 ? null : {
      kind: AVERAGES[kind], decay, start, period, warmup: warmup !== 0, updates,
    };
  }

  #averageInfo() {
    return described('js_average_info', 7, this.handle);
  }

  /**
   * Puts the evaluation weights into the parameters' buffers; the next call
   * puts the parameters back.
   */
  swapEvalWeights(lent) {
    this.#withGradients(lent, null, false, { params: true }, (step) =>
      check('js_step_swap', step, this.handle));
  }

  /** Whether the evaluation weights are in the parameters' buffers. */
  get isSwapped() {
    return this.#averageInfo()[5] !== 0;
  }

  // Checkpoints.

  /**
   * Saves to bytes that every language of libopt reads.
   *
   * @param {object} options `params`: the parameters too; `entries`: of the
   *   caller's own, by name; `lent`
   * @returns {Uint8Array}
   */
  saveToBytes(options) {
    const { params, entries = {}, lent } =
      checkMembers('SaveOptions', options, SAVE);
    return withLent(this, lent, {}, (lentEntries) =>
      withMemory(({ text, bytes }) => {
        const save = call('js_save_new', flagsOf(params));
        try {
          for (const { index, param } of lentEntries) {
            call('js_save_lend', save, index, param);
          }
          for (const [name, value] of Object.entries(entries)) {
            const array = entryOf(name, value);
            const { code } = DTYPES[dtypeOfArray(array)];
            call('js_save_add', save, text(name), code, array.length,
              bytes(array));
          }
          return this.#saved(save);
        } finally {
          call('js_save_delete', save);
        }
      }));
  }

  #saved(save) {
    const [size] = described('js_save_measure', 1, save, this.handle);
    const buffer = allocate(size);
    try {
      check('js_save_to_memory', save, this.handle, buffer, size);
      return new Uint8Array(memory(), buffer, size).slice();
    } finally {
      release(buffer);
    }
  }

  /**
   * Loads a checkpoint into an optimizer of the same rule with the same
   * tensors. All of it is verified before anything changes.
   *
   * @param {Uint8Array | ArrayBuffer | Checkpoint} source
   * @param {object} options `params`, `keepOptions`, `allowMissing`,
   *   `allowUnexpected`, `names`, `lent`
   * @returns every name that did not fit but was allowed not to
   */
  load(source, options) {
    const { params, keepOptions, allowMissing, allowUnexpected, names, lent } =
      checkMembers('LoadOptions', options, LOAD);
    const flags = flagsOf(params, keepOptions, allowMissing, allowUnexpected);
    const isOpen = source instanceof Checkpoint;
    const bytes = isOpen ? null : checkpointBytes(source);
    return withLent(this, lent, { params: true }, (entries) =>
      withMemory(({ text }) => {
        const load = call('js_load_new', flags);
        try {
          for (const { index, param } of entries) {
            call('js_load_lend', load, index, param);
          }
          for (const name of names ?? []) {
            call('js_load_select', load, text(name));
          }
          if (isOpen) {
            this.#loadBy(load, 'js_load_from_checkpoint', source.handle);
          } else {
            this.#loadBytes(load, bytes);
          }
          return loadReport(load);
        } finally {
          call('js_load_delete', load);
        }
      }));
  }

  #loadBytes(load, bytes) {
    const data = copyInside(bytes);
    try {
      this.#loadBy(load, 'js_load_from_memory', data, bytes.byteLength);
    } finally {
      release(data);
    }
  }

  #loadBy(load, name, ...args) {
    try {
      check(name, load, this.handle, ...args);
    } catch (error) {
      if (error instanceof OptCheckpointError) error.report = loadReport(load);
      throw error;
    }
  }

  toString() {
    return `Optimizer '${this.rule}'`;
  }
}
if (Symbol.dispose) {
  Optimizer.prototype[Symbol.dispose] = Optimizer.prototype.close;
}

function destroy(handle, retained) {
  call('opt_destroy', handle);
  retained.clear();
}

function loadReport(load) {
  return withMemory(({ space }) => {
    const out = space(2 * 8);
    const findings = [];
    for (let i = 0; ; ++i) {
      const kind = call('js_load_report', load, i, out);
      if (kind === 0) return findings;
      const [name, detail] = new Float64Array(memory(), out, 2);
      findings.push({
        kind: REPORTS[kind], name: textAt(name), detail: textAt(detail),
      });
    }
  });
}

// One of the caller's own entries as a typed array: a number is a double, a
// bigint an integer of 64 bits, a text its UTF-8.
function entryOf(name, value) {
  if (typeof value === 'number') return Float64Array.of(value);
  if (typeof value === 'bigint') return BigInt64Array.of(value);
  if (typeof value === 'string') return new TextEncoder().encode(value);
  const array = value instanceof HeapArray ? value.view : value;
  if (ArrayBuffer.isView(array) && dtypeOfArray(array) !== undefined) {
    return array;
  }
  throw new TypeError(`the entry '${name}' is a number, a bigint, a string, ` +
    'a Uint8Array, BigInt64Array, Float32Array or Float64Array, not ' +
    describe(value));
}
