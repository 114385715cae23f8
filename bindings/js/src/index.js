// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

export { load, isLoaded, hasSimd } from './native.js';
export { floats, doubles, HeapArray } from './array.js';
export { Optimizer } from './optimizer.js';
export { Group } from './group.js';
export { Tensor } from './tensor.js';
export { Schedule } from './schedule.js';
export { Checkpoint } from './checkpoint.js';
export {
  OptError, OptArgumentError, OptStateError, OptNonfiniteError,
  OptCheckpointError,
} from './errors.js';
export {
  catalog, rules, aliases, scheduleKinds, attributes, findRule,
  findScheduleKind, version, versionNumber, buildInfo,
} from './library.js';
export * from './rules.js';
export * as schedules from './schedules.js';
