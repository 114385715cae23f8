// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The WebAssembly module: loading it, its memory, and calls of its functions.

import { errorOf, OptError } from './errors.js';

const MAX_BYTES = 2 ** 32 - 1; // addresses have 32 bits

let exports = null; // of the module, once it is loaded
let loading = null;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

// A module of one function that uses a SIMD instruction.
const SIMD_PROBE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1,
  8, 0, 65, 0, 253, 15, 253, 98, 11);

/** Whether this engine has WebAssembly's SIMD instructions. */
export function hasSimd() {
  return WebAssembly.validate(SIMD_PROBE);
}

/**
 * Loads the library; everything else needs it. Later calls wait for the first.
 * `source`: the .wasm file as a URL, a Response, bytes or a WebAssembly.Module;
 * without it, the file beside this module that suits the engine.
 */
export function load(source) {
  loading ??= instantiate(source).then(
    (instance) => {
      exports = instance.exports;
    },
    (error) => {
      loading = null;
      throw error;
    });
  return loading;
}

/** Whether the library has been loaded. */
export function isLoaded() {
  return exports !== null;
}

async function instantiate(source) {
  const module = await compile(source ?? defaultFile());
  let instance = null;
  // There is neither an environment nor a file system.
  const host = {
    emscripten_notify_memory_growth() {},
    proc_exit(code) {
      throw new OptError('INTERNAL', `libopt ended with status ${code}`);
    },
    environ_sizes_get(count, size) {
      const view = new DataView(instance.exports.memory.buffer);
      view.setUint32(count, 0, true);
      view.setUint32(size, 0, true);
      return 0;
    },
    environ_get: () => 0,
  };
  const NOT_SUPPORTED = 52; // WASI's ENOSYS; a system call gives the negative
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    imports[from][name] = host[name] ??
      (() => (name.startsWith('__syscall') ? -NOT_SUPPORTED : NOT_SUPPORTED));
  }
  instance = await WebAssembly.instantiate(module, imports);
  instance.exports._initialize();
  return instance;
}

function defaultFile() {
  return hasSimd()
    ? new URL('./libopt.wasm', import.meta.url)
    : new URL('./libopt-plain.wasm', import.meta.url);
}

async function compile(source) {
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) {
    return WebAssembly.compile(source);
  }
  if (typeof Response === 'function' && source instanceof Response) {
    return compileResponse(source);
  }
  const url = new URL(source, import.meta.url);
  if (url.protocol === 'file:' && typeof process === 'object') {
    const { readFile } = await import(
      /* webpackIgnore: true */ 'node:fs/promises');
    return WebAssembly.compile(await readFile(url));
  }
  return compileResponse(await fetch(url));
}

async function compileResponse(response) {
  if (!response.ok) {
    throw new OptError('IO', `cannot load '${response.url}': the server ` +
      `answered ${response.status}`);
  }
  // Not by compileStreaming, which refuses a server that does not know the type
  // application/wasm.
  return WebAssembly.compile(await response.arrayBuffer());
}

function loaded() {
  if (exports === null) {
    throw new OptError('STATE', 'libopt is not loaded: await load() first');
  }
  return exports;
}

/** The memory of the library, which may be another one after each call. */
export function memory() {
  return loaded().memory.buffer;
}

/** Calls a function that cannot fail. */
export function call(name, ...args) {
  return loaded()[name](...args);
}

/** Calls a function that returns a status; throws what it failed with. */
export function check(name, ...args) {
  let status;
  try {
    status = loaded()[name](...args);
  } catch (error) {
    throw memoryError(error);
  }
  if (status !== 0) throw errorOf(status, textAt(exports.opt_last_error()));
}

// C++'s own exception where memory for the arguments of a call ran out.
function memoryError(error) {
  const isNative = typeof WebAssembly.Exception === 'function' &&
    error instanceof WebAssembly.Exception;
  return isNative ? outOfMemory() : error;
}

function outOfMemory(bytes) {
  const wanted = bytes === undefined ? '' : `${bytes} bytes `;
  return new OptError('MEMORY', `there is no memory for ${wanted}more: ` +
    'free arrays, or close optimizers');
}

/** Zeroed memory, to be given to `release`. */
export function allocate(bytes) {
  // A larger number would be taken for another one.
  const address = bytes > MAX_BYTES
    ? 0 : call('calloc', Math.max(bytes, 1), 1) >>> 0;
  if (address === 0) throw outOfMemory(bytes);
  return address;
}

/** Gives back what `allocate` gave. */
export function release(address) {
  if (exports !== null) exports.free(address);
}

/** The text at an address, which ends with a zero. */
export function textAt(address) {
  const bytes = new Uint8Array(memory());
  const begin = address >>> 0;
  return decoder.decode(bytes.subarray(begin, bytes.indexOf(0, begin)));
}

/** Integers of 64 bits at an address. */
export function integersAt(address, count) {
  return Array.from(new BigInt64Array(memory(), address, count), Number);
}

/**
 * Calls `use` with functions that make memory for one call: `text` a text of C,
 * `bytes` a copy of an array, `space` room for results.
 */
export function withMemory(use) {
  const made = [];
  const space = (size) => {
    made.push(allocate(size));
    return made[made.length - 1];
  };
  const bytes = (array) => {
    const address = space(array.byteLength);
    new Uint8Array(memory(), address, array.byteLength).set(bytesOf(array));
    return address;
  };
  const text = (value) => {
    const string = checkedText(value);
    return bytes(encoder.encode(string + '\0'));
  };
  try {
    return use({ text, bytes, space });
  } finally {
    for (const address of made) release(address);
  }
}

// C's texts end at the first zero.
function checkedText(value) {
  if (typeof value !== 'string') {
    throw new TypeError(`a name is a string, not ${describe(value)}`);
  }
  if (value.includes('\0')) {
    throw new TypeError(`the name '${value}' has a character U+0000`);
  }
  return value;
}

/** The bytes of a typed array. */
export function bytesOf(array) {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** The doubles that a function of native.cc fills in. */
export function described(name, count, ...args) {
  return withMemory(({ space }) => {
    const out = space(count * 8);
    check(name, ...args, out);
    return Array.from(new Float64Array(memory(), out, count));
  });
}

/**
 * The handle, or null, that a function of the C API writes to its last
 * argument.
 */
export function created(name, ...args) {
  return withMemory(({ space }) => {
    const out = space(4);
    check(name, ...args, out);
    return new Uint32Array(memory(), out, 1)[0];
  });
}

/** A value as a message names it. */
export function describe(value) {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'object') return value.constructor?.name ?? 'an object';
  return `${typeof value} ${String(value)}`;
}

/**
 * Closes what nobody closed, some time after it has become unreachable.
 */
export const forgotten = new FinalizationRegistry((close) => close());
