// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

import { checkArray, DTYPES, dtypeOf, HeapArray } from './array.js';
import { OptArgumentError, OptStateError } from './errors.js';
import { Group } from './group.js';
import { attributes } from './library.js';
import { copyOf, withLent } from './lent.js';
import {
  allocate, call, check, described, describe, integersAt, memory, release,
  textAt, withMemory,
} from './native.js';
import { numberOf, readNumber, snakeCase, valueOf } from './options.js';

/** The address of an array that an optimizer is to keep; 0 for none. */
export function retainedAddress(array, dtype, count, what) {
  if (array === null || array === undefined) return 0;
  checkArray(array, dtype, count, what);
  if (!(array instanceof HeapArray)) {
    throw new TypeError(`${what} is an array of JavaScript's own, which the ` +
      'library cannot keep: make it by floats() or doubles(), or lend it to ' +
      'each call');
  }
  return array.address;
}

/** A tensor that is attached to an optimizer. */
export class Tensor {
  #detached = false;

  /** @private */
  constructor(optimizer, index) {
    this.optimizer = optimizer;
    /** The lowest that was free: 0 for the first. */
    this.index = index;
    const [, param, grad, count, , name, rank, shape] = this.#info();
    this.name = textAt(name);
    this.count = count;
    this.shape = integersAt(shape, rank);
    this.paramDtype = dtypeOf(param);
    this.gradDtype = dtypeOf(grad);
  }

  /** @private */
  get handle() {
    if (this.#detached) {
      throw new OptStateError('STATE', `'${this.name}' has been detached`);
    }
    return this.optimizer.handle;
  }

  #info() {
    return described('js_tensor_info', 8, this.handle, this.index);
  }

  /**
   * The group that it belongs to; setting it moves the tensor with its state.
   */
  get group() {
    return new Group(this.optimizer, this.#info()[0]);
  }

  set group(group) {
    group.checkOwner(this.optimizer);
    check('opt_tensor_set_group', this.handle, BigInt(this.index), group.index);
  }

  /** How many steps it has taken: t in the formulas. */
  get step() {
    return this.#info()[4];
  }

  set step(step) {
    check('opt_tensor_set_step', this.handle, BigInt(this.index), BigInt(step));
  }

  /** Sets an attribute: 'lrFactor', 'weightDecayFactor' or 'frozen'. */
  set(attribute, value) {
    const name = snakeCase(attribute);
    const number = numberOf({ options: attributes() }, name, value);
    withMemory(({ text }) => check('opt_set_attribute', this.handle,
      BigInt(this.index), text(name), number));
  }

  /** Reads an attribute. */
  get(attribute) {
    const name = snakeCase(attribute);
    return valueOf({ options: attributes() }, name, readNumber(
      'opt_get_attribute', this.handle, BigInt(this.index), name));
  }

  /** Gives it other arrays to keep; null: lent to each call, or no gradient. */
  bind(param, grad = null) {
    check('opt_bind', this.handle, BigInt(this.index),
      retainedAddress(param, this.paramDtype, this.count, 'the parameters'),
      retainedAddress(grad, this.gradDtype, this.count, 'the gradient'));
    this.optimizer.retain(this, param, grad);
  }

  /** Detaches it, frees its state and lets go of its arrays. */
  detach() {
    check('opt_detach', this.handle, BigInt(this.index));
    this.#detached = true;
    this.optimizer.forget(this);
  }

  /**
   * A slot of its state, 'exp_avg', without a copy: valid until something is
   * attached, detached, loaded or closed, or the library's memory grows.
   */
  viewState(slot) {
    const [dtype, count, data] = withMemory(({ text }) =>
      described('js_state_view', 3, this.handle, this.index, text(slot)));
    const { Type } = DTYPES[dtypeOf(dtype)];
    return new Type(memory(), data, count);
  }

  /** A copy of a slot of its state. */
  getState(slot) {
    return this.viewState(slot).slice();
  }

  /**
   * Copies a slot of its state in, to continue a run from another library.
   */
  setState(slot, values) {
    const view = this.viewState(slot);
    if (values.length !== view.length) {
      throw new OptArgumentError('ARGUMENT', `'${slot}' has ${view.length} ` +
        `elements, not ${values.length}`);
    }
    view.set(values);
  }

  /**
   * A copy of the evaluation weights. `param`: lent parameters, which
   * all weights but averages need; without them, the retained ones.
   */
  readEvalWeights(param) {
    const size = DTYPES[this.paramDtype].Type.BYTES_PER_ELEMENT * this.count;
    const lent = param === undefined ? [] : [{ tensor: this, param }];
    return withLent(this.optimizer, lent, {}, (entries) => {
      const weights = allocate(size);
      const step = call('js_step_new');
      try {
        for (const entry of entries) {
          call('js_step_lend', step, entry.index, entry.param, 0);
        }
        check('js_step_read_eval', step, this.handle, this.index, weights);
        return copyOf(this.paramDtype, weights, this.count);
      } finally {
        call('js_step_delete', step);
        release(weights);
      }
    });
  }

  toString() {
    return `Tensor '${this.name}'`;
  }
}

/** The number that the C API has for a type. */
export function numberOfDtype(dtype) {
  const found = DTYPES[dtype];
  if (found === undefined) {
    throw new TypeError(`there is no type ${describe(dtype)}; parameters and ` +
      "gradients are 'f32' or 'f64'");
  }
  return found.code;
}
