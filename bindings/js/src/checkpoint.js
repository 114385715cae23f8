// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

import { DTYPES, dtypeOf } from './array.js';
import { OptArgumentError, OptStateError } from './errors.js';
import {
  allocate, bytesOf, call, check, created, described, forgotten, integersAt,
  memory, release, textAt, withMemory,
} from './native.js';

/**
 * The bytes of a checkpoint: a Uint8Array, any other view, or an ArrayBuffer.
 */
export function checkpointBytes(bytes) {
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes);
  if (ArrayBuffer.isView(bytes)) return bytesOf(bytes);
  throw new TypeError('a checkpoint is a Uint8Array or an ArrayBuffer');
}

/** A copy of bytes in the library's memory, to be given to `release`. */
export function copyInside(bytes) {
  const address = allocate(bytes.byteLength);
  new Uint8Array(memory(), address, bytes.byteLength).set(bytes);
  return address;
}

// The number that C's int64_t at an address holds.
function count64(name, ...args) {
  return withMemory(({ space }) => {
    const out = space(8);
    check(name, ...args, out);
    return integersAt(out, 1)[0];
  });
}

/**
 * A checkpoint that is looked into without an optimizer, and may then be
 * loaded.
 */
export class Checkpoint {
  #handle;
  #data;

  /**
   * Opens a checkpoint, or any safetensors file.
   *
   * @param {Uint8Array | ArrayBuffer} bytes which are copied
   */
  static open(bytes) {
    return new Checkpoint(bytes);
  }

  /** @private */
  constructor(source) {
    const bytes = checkpointBytes(source);
    const data = copyInside(bytes);
    try {
      this.#handle = created('opt_checkpoint_open_memory', 0, data,
        BigInt(bytes.byteLength));
    } catch (error) {
      release(data);
      throw error;
    }
    this.#data = data;
    const handle = this.#handle;
    forgotten.register(this, () => close(handle, data), this);
  }

  /** @private */
  get handle() {
    if (this.#handle === null) {
      throw new OptStateError('HANDLE', 'the checkpoint has been closed');
    }
    return this.#handle;
  }

  #entry(index) {
    const [dtype, own, count, bytes, name, rank, shape] =
      described('js_entry_info', 7, this.handle, index);
    return {
      name: textAt(name),
      dtype: dtypeOf(dtype),
      shape: integersAt(shape, rank),
      count,
      bytes,
      isOwn: own !== 0,
    };
  }

  /**
   * Its entries: state, options, parameters, and the caller's own.
   */
  get entries() {
    const count = count64('opt_checkpoint_count', this.handle);
    return Array.from({ length: count }, (_, i) => this.#entry(i));
  }

  #index(name) {
    return withMemory(({ text }) =>
      count64('opt_checkpoint_find', this.handle, text(name)));
  }

  /** One of the caller's own entries, or another one by its whole name. */
  find(name) {
    return this.#entry(this.#index(name));
  }

  /** The data of an entry, verified: an array of its type. */
  read(name) {
    const index = this.#index(name);
    const { dtype, count, bytes } = this.#entry(index);
    if (dtype === null) {
      throw new OptArgumentError('DTYPE',
        `'${name}' is of a type that libopt does not know`);
    }
    return withMemory(({ space }) => {
      const data = space(bytes);
      check('opt_checkpoint_read', this.handle, BigInt(index), data,
        BigInt(bytes));
      return new DTYPES[dtype].Type(memory(), data, count).slice();
    });
  }

  /** Closes it; closing again does nothing. */
  close() {
    if (this.#handle === null) return;
    forgotten.unregister(this);
    close(this.#handle, this.#data);
    this.#handle = null;
  }
}
if (Symbol.dispose) {
  Checkpoint.prototype[Symbol.dispose] = Checkpoint.prototype.close;
}

function close(handle, data) {
  call('opt_checkpoint_close', handle);
  release(data);
}
