// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Arrays in the library's memory, which an optimizer can keep using.

import { OptArgumentError, OptStateError } from './errors.js';
import { allocate, describe, forgotten, memory, release } from './native.js';

/** Types of elements, by the names that arrays and tensors have for them. */
export const DTYPES = {
  f32: { code: 0, Type: Float32Array },
  f64: { code: 1, Type: Float64Array },
  u8: { code: 8, Type: Uint8Array },
  i64: { code: 9, Type: BigInt64Array },
};

/** The name of a type by the number of the C API; null for one without. */
export function dtypeOf(code) {
  return Object.keys(DTYPES).find((name) => DTYPES[name].code === code) ?? null;
}

/** The name of the type of a typed array's elements, or undefined. */
export function dtypeOfArray(array) {
  return Object.keys(DTYPES).find((name) => array instanceof DTYPES[name].Type);
}

// A view keeps its array, and with it the memory, as long as it is in use.
const ownerOfView = new WeakMap();

// Memory that arrays share; it is given back when the last of them is gone.
class Block {
  constructor(bytes) {
    const address = allocate(bytes);
    this.address = address;
    this.uses = 0; // by optimizers
    forgotten.register(this, () => release(address), this);
  }

  free() {
    forgotten.unregister(this);
    release(this.address);
    this.address = null;
  }
}

/**
 * An array of floats or doubles in the library's memory, as `floats` and
 * `doubles` make it. `view` is what a program computes with.
 */
export class HeapArray {
  #block;
  #offset; // in bytes
  #view = null;

  /** @private */
  constructor(dtype, length, block, offset) {
    this.dtype = dtype;
    this.length = length;
    this.#block = block;
    this.#offset = offset;
  }

  /**
   * The array as a Float32Array or Float64Array, without a copy. When the
   * library's memory grows, earlier views have no elements any more: take `view`
   * again after a call that makes an array, attaches or loads. It costs
   * nothing, and steps never make the memory grow.
   */
  get view() {
    const buffer = memory();
    if (this.#view?.buffer !== buffer || this.#block.address === null) {
      const { Type } = DTYPES[this.dtype];
      this.#view = new Type(buffer, this.address, this.length);
      ownerOfView.set(this.#view, this);
    }
    return this.#view;
  }

  /** Where it lies in the library's memory. */
  get address() {
    if (this.#block.address === null) {
      throw new OptStateError('STATE', 'the array has been freed');
    }
    return this.#block.address + this.#offset;
  }

  /** The elements from `begin` to before `end`, in the same memory. */
  subarray(begin = 0, end = this.length) {
    if (!(0 <= begin && begin <= end && end <= this.length)) {
      throw new OptArgumentError('RANGE',
        `elements ${begin} to ${end} of an array of ${this.length}`);
    }
    return new HeapArray(this.dtype, end - begin, this.#block,
      this.#offset + begin * DTYPES[this.dtype].Type.BYTES_PER_ELEMENT);
  }

  /** Copies values into it, from element `offset` on. */
  set(values, offset = 0) {
    this.view.set(values instanceof HeapArray ? values.view : values, offset);
  }

  /** Sets every element. */
  fill(value) {
    this.view.fill(value);
  }

  [Symbol.iterator]() {
    return this.view[Symbol.iterator]();
  }

  /**
   * Gives the memory back at once; the collector does so in time. All arrays
   * that share it have an end.
   */
  free() {
    if (this.#block.address === null) return;
    if (this.#block.uses > 0) {
      throw new OptStateError('STATE', 'the array is attached to an ' +
        'optimizer: detach its tensor or close the optimizer first');
    }
    this.#block.free();
    this.#view = null;
  }

  /** @private */
  retain() {
    ++this.#block.uses;
  }

  /** @private */
  letGo() {
    --this.#block.uses;
  }
}

/** The arrays that an optimizer uses, by the index of their tensor. */
export class Retained {
  #arrays = new Map();

  /** Takes the place of what there was for the tensor. */
  set(index, ...arrays) {
    const found = arrays.filter((array) => array instanceof HeapArray);
    for (const array of found) array.retain();
    this.delete(index);
    this.#arrays.set(index, found);
  }

  delete(index) {
    for (const array of this.#arrays.get(index) ?? []) array.letGo();
    this.#arrays.delete(index);
  }

  clear() {
    for (const index of [...this.#arrays.keys()]) this.delete(index);
  }
}

function make(dtype, source) {
  const isLength = typeof source === 'number';
  const values = isLength || source instanceof HeapArray || 'length' in source
    ? source : Array.from(source);
  const length = isLength ? source : values.length;
  if (!Number.isSafeInteger(length) || length < 0) {
    throw new OptArgumentError('ARGUMENT',
      `the length of an array is a whole number, 0 or more, not ${source}`);
  }
  const bytes = length * DTYPES[dtype].Type.BYTES_PER_ELEMENT;
  const array = new HeapArray(dtype, length, new Block(bytes), 0);
  if (!isLength) array.set(values);
  return array;
}

/** Floats in the library's memory: so many zeros, or a copy of values. */
export function floats(source) {
  return make('f32', source);
}

/** Doubles in the library's memory: so many zeros, or a copy of values. */
export function doubles(source) {
  return make('f64', source);
}

/** Whether a typed array lies in the library's memory. */
export function isInside(array) {
  return array.buffer === memory();
}

/** Refuses an array that is not of this type and length. */
export function checkArray(array, dtype, length, what) {
  const found = array instanceof HeapArray ? array.dtype : dtypeOfArray(array);
  if (found === undefined) {
    throw new TypeError(`${what} is an array made by floats() or doubles(), ` +
      `or a Float32Array or Float64Array, not ${describe(array)}`);
  }
  if (found !== dtype) {
    throw new OptArgumentError('DTYPE',
      `${what} is '${dtype}', not '${found}'`);
  }
  if (array.length === 0 && length > 0 && array.buffer?.byteLength === 0) {
    throw new OptStateError('STATE', `${what} is a view from before the memory ` +
      'grew, which has no elements any more: take `view` again');
  }
  if (array.length !== length) {
    throw new OptArgumentError('ARGUMENT',
      `${what} has ${array.length} elements, not ${length}`);
  }
}
