// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Arrays that are lent to one call: those of JavaScript are copied to the
// library's memory and back.

import { checkArray, DTYPES, HeapArray, isInside } from './array.js';
import { OptArgumentError } from './errors.js';
import { allocate, bytesOf, memory, release } from './native.js';

// Where an array lies in the library's memory; null for one of JavaScript's own.
function addressInside(array) {
  if (array instanceof HeapArray) return array.address;
  return isInside(array) ? array.byteOffset : null;
}

class Copies {
  #made = [];

  // A copy for the call, which is copied back if it is written.
  add(array, isWritten) {
    const address = allocate(array.byteLength);
    this.#made.push({ array, address, isWritten });
    new Uint8Array(memory(), address, array.byteLength).set(bytesOf(array));
    return address;
  }

  copyBack() {
    for (const { array, address, isWritten } of this.#made) {
      if (!isWritten) continue;
      bytesOf(array).set(
        new Uint8Array(memory(), address, array.byteLength));
    }
  }

  release() {
    for (const { address } of this.#made) release(address);
  }
}

function list(lent) {
  if (lent === undefined || lent === null) return [];
  return Array.isArray(lent) ? lent : [lent];
}

/**
 * Calls `use` with the index and the addresses of the arrays of each tensor
 * that something is lent for. `writes`: what the call writes to.
 */
export function withLent(optimizer, lent, writes, use) {
  const copies = new Copies();
  const seen = new Set();
  const checked = (tensor, array, dtype, what) => {
    if (array === undefined || array === null) return { address: 0 };
    checkArray(array, dtype, tensor.count, `the ${what} of '${tensor.name}'`);
    return { array, address: addressInside(array) };
  };
  // A copy may make the memory grow, which empties views of it: those are looked
  // at first.
  const found = list(lent).map(({ tensor, param, grad }) => {
    optimizer.checkOwn(tensor);
    if (seen.has(tensor.index)) {
      throw new OptArgumentError('ARGUMENT',
        `the tensor '${tensor.name}' is lent twice`);
    }
    seen.add(tensor.index);
    return {
      index: tensor.index,
      param: checked(tensor, param, tensor.paramDtype, 'parameters'),
      grad: checked(tensor, grad, tensor.gradDtype, 'gradient'),
    };
  });
  try {
    const result = use(found.map(({ index, param, grad }) => ({
      index,
      param: param.address ?? copies.add(param.array, writes.params),
      grad: grad.address ?? copies.add(grad.array, writes.grads),
    })));
    copies.copyBack();
    return result;
  } finally {
    copies.release();
  }
}

/** A copy of what lies at an address of the library's memory. */
export function copyOf(dtype, address, count) {
  const { Type } = DTYPES[dtype];
  return new Type(memory(), address, count).slice();
}
