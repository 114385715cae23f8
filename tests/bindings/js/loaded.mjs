// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The package that the environment names by LIBOPT_PACKAGE, loaded; LIBOPT_WASM
// may name another of its .wasm files than the one that suits the engine.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const { LIBOPT_PACKAGE: folder, LIBOPT_WASM: wasm } = process.env;

export const libopt = await import(pathToFileURL(join(folder, 'index.js')));
await libopt.load(wasm && pathToFileURL(join(folder, wasm)));
