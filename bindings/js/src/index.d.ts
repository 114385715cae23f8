// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// libopt for JavaScript: ../README.md is the manual.

export * from './rules.js';
export * as schedules from './schedules.js';

declare global {
  interface SymbolConstructor {
    readonly dispose: unique symbol;
  }
}

/** Types of elements. Parameters and gradients are 'f32' or 'f64'. */
export type DType = 'f32' | 'f64' | 'u8' | 'i64';

// Loading.

/**
 * Loads the library; everything else needs it. Later calls wait for the first.
 *
 * @param source the .wasm file as a URL, a Response, bytes or a module; without
 *     it, the file beside this module that suits the engine
 */
export function load(
  source?: string | URL | Response | BufferSource | WebAssembly.Module,
): Promise<void>;
/** Whether the library has been loaded. */
export function isLoaded(): boolean;
/** Whether this engine has WebAssembly's SIMD instructions. */
export function hasSimd(): boolean;

// Arrays in the library's memory.

/** An array that an optimizer can keep; `floats` and `doubles` make it. */
export class HeapArray<
  View extends Float32Array | Float64Array = Float32Array | Float64Array,
> implements Iterable<number> {
  private constructor();
  readonly dtype: 'f32' | 'f64';
  readonly length: number;
  /**
   * Its elements, without a copy. Take it again after a call that makes an
   * array, attaches or loads: where the library's memory grows, earlier views
   * have no elements any more. Steps never make it grow.
   */
  readonly view: View;
  /** Where it lies in the library's memory. */
  readonly address: number;
  /** The elements from `begin` to before `end`, in the same memory. */
  subarray(begin?: number, end?: number): HeapArray<View>;
  /** Copies values into it, from element `offset` on. */
  set(values: ArrayLike<number> | HeapArray, offset?: number): void;
  fill(value: number): void;
  [Symbol.iterator](): IterableIterator<number>;
  /**
   * Gives the memory back at once; the collector does so in time. All arrays
   * that share it have an end. Throws while an optimizer uses it.
   */
  free(): void;
}
/** Floats: so many zeros, or a copy of values. */
export function floats(
  source: number | Iterable<number> | ArrayLike<number>,
): HeapArray<Float32Array>;
/** Doubles: so many zeros, or a copy of values. */
export function doubles(
  source: number | Iterable<number> | ArrayLike<number>,
): HeapArray<Float64Array>;

/** Arrays for one call; those of JavaScript are copied there and back. */
export interface Lent {
  tensor: Tensor<any>;
  param?: HeapArray | Float32Array | Float64Array | null;
  grad?: HeapArray | Float32Array | Float64Array | null;
}
export type LentParam = Omit<Lent, 'grad'>;

// Optimizers.

/** Values of options by name: numbers, switches, names of choices. */
export type Options = Record<string, unknown>;
/** The names of a rule's options. */
export type OptionName<O> = string & Exclude<keyof O, 'preset' | 'milestones'>;

/** A tensor to attach. */
export interface TensorSpec<O extends object = any> {
  /** Unique; without one, "tensor.0" and so on. */
  name?: string;
  /** Made by floats() or doubles(); none: lent to each call. */
  param?: HeapArray | null;
  grad?: HeapArray | null;
  /** Number of elements, if there are no arrays. */
  count?: number;
  /** Extents; without them the tensor has one axis. */
  shape?: number[];
  group?: Group<O>;
  paramDtype?: 'f32' | 'f64';
  gradDtype?: 'f32' | 'f64';
}

/** Work on the gradients before the rule sees them, in this order. */
export interface GradientWork {
  /** Divides by it: the gradients are those of the scaled loss. */
  lossScale?: number;
  /** Clips each element to [-max, max]. */
  maxValue?: number;
  /** Clips each tensor by its own norm. */
  maxTensorNorm?: number;
  /** Clips by the norm over all tensors. */
  maxNorm?: number;
  /** maxNorm bounds the norm of each group by itself. */
  perGroup?: boolean;
  /** The norm of both clips and of the report; 'two' unless it is given. */
  norm?: 'two' | 'inf';
  /** How Inf and NaN are treated; 'propagate' unless it is given. */
  nonfinite?: 'propagate' | 'error' | 'skip';
}

export interface StepOptions {
  /** Sets each gradient to zero in the same pass over memory. */
  zeroGrads?: boolean;
  /** Steps with the sum of accumulated gradients, not their mean. */
  sum?: boolean;
  work?: GradientWork | null;
  /** Makes the step return a report, which costs a norm. */
  reports?: boolean;
  lent?: Lent | Lent[];
}

export interface AccumulateOptions {
  /** The gradients are means over the samples, not sums. */
  means?: boolean;
  zeroGrads?: boolean;
  lent?: Lent | Lent[];
}

/** The norms of the gradients, and what the call did about them. */
export interface GradientReport<O extends object = any> {
  /** There were Inf or NaN, and the step was skipped. */
  isSkipped: boolean;
  /** The norm over all tensors before maxNorm. */
  norm: number;
  /** The factor of maxNorm; 1: nothing was clipped. */
  factor: number;
  nonfiniteTensor: Tensor<O> | null;
  groupNorms: number[];
}

export interface SaveOptions {
  /** The parameters too: the lent ones, else the attached ones. */
  params?: boolean;
  /** The caller's own entries, by name: a number is a double, a bigint an
   * integer of 64 bits, a string its UTF-8. */
  entries?: Record<string, number | bigint | string | Uint8Array
    | BigInt64Array | Float32Array | Float64Array | HeapArray>;
  lent?: LentParam | LentParam[];
}

export interface LoadOptions {
  /** Copies the checkpoint's parameters into the lent or attached ones. */
  params?: boolean;
  /** Keeps the optimizer's own options, schedules, attributes and groups. */
  keepOptions?: boolean;
  /** Lets a tensor that the checkpoint lacks keep its state. */
  allowMissing?: boolean;
  /** Ignores tensors of the checkpoint that are not attached. */
  allowUnexpected?: boolean;
  /** Loads these tensors alone. */
  names?: Iterable<string>;
  lent?: LentParam | LentParam[];
}

/** A name that did not fit in a load. */
export interface Finding {
  kind: 'missing' | 'unexpected' | 'mismatched';
  name: string;
  detail: string;
}

export interface OptimizerInfo {
  rule: string;
  groupCount: number;
  tensorCount: number;
  paramCount: number;
  stateBytes: number;
  steps: number;
  pendingSamples: number;
  skipped: number;
  /** Tensors that have not had their turn in the open step in slices. */
  remaining: number;
}

export interface ScalerOptions {
  initialScale?: number;
  growthFactor?: number;
  backoffFactor?: number;
  growthInterval?: number;
}

export interface ScalerInfo {
  /** The factor to multiply the next loss by. */
  scale: number;
  growthFactor: number;
  backoffFactor: number;
  growthInterval: number;
  goodSteps: number;
  skipped: number;
}

export interface AverageOptions {
  /** An exponential moving average, or the mean. */
  kind?: 'ema' | 'swa';
  decay?: number;
  /** The steps up to this one do not update it. */
  start?: number;
  /** Steps from one update to the next. */
  period?: number;
  /** Lets an 'ema' forget the first parameters sooner. */
  warmup?: boolean;
}

export interface AverageInfo extends Required<AverageOptions> {
  updates: number;
}

/** A rule, its options and state, and the tensors it steps. */
export class Optimizer<O extends object = Options> {
  /**
   * @param rule its name or an alias: 'adamw'; each has a class as well
   * @param options of all groups; `preset` comes first
   */
  constructor(rule: string, options?: O);
  readonly rule: string;
  readonly info: OptimizerInfo;
  /** An optimizer that continues to the same bytes, without arrays. */
  clone(): this;
  /** Frees its state and lets go of all arrays. */
  close(): void;
  [Symbol.dispose](): void;

  /** A value set here is set in every group and in those to come. */
  readonly allGroups: Group<O>;
  readonly groups: Group<O>[];
  addGroup(options?: Partial<O>): Group<O>;

  attach(name: string, param: HeapArray, grad?: HeapArray | null,
    options?: Pick<TensorSpec<O>, 'shape' | 'group'>): Tensor<O>;
  /** Attaches a tensor whose arrays are lent to each call. */
  attach(name: string, count: number,
    options?: Omit<TensorSpec<O>, 'name' | 'count' | 'param'>): Tensor<O>;
  attach(spec: TensorSpec<O>): Tensor<O>;
  /** Attaches several, or none if one of them cannot be. */
  attach(specs: TensorSpec<O>[]): Tensor<O>[];
  /** Bytes of state that tensors would take; nothing is attached. */
  stateBytes(specs: TensorSpec<O> | TensorSpec<O>[]): number;
  readonly tensors: Tensor<O>[];
  findTensor(name: string): Tensor<O>;

  /** Makes a step. */
  step(options: StepOptions & { reports: true }): GradientReport<O>;
  step(options?: StepOptions): GradientReport<O> | undefined;
  /** Begins a step in slices: `info.remaining` tensors must have their turn. */
  beginStep(options: StepOptions & { reports: true }): GradientReport<O>;
  beginStep(options?: StepOptions): GradientReport<O> | undefined;
  /** Gives tensors their turn; the number of those that have not had theirs. */
  stepSlice(tensors: Tensor<O>[], lent?: Lent | Lent[]): number;
  stepRemaining(lent?: Lent | Lent[]): void;
  /** Ends the open step; tensors that remain are left out of it. */
  abandonStep(): void;
  /**
   * Adds the gradients, sums over so many samples, to those of the next step.
   */
  accumulate(samples?: number, options?: AccumulateOptions): void;
  discard(): void;
  zeroGrads(lent?: Lent | Lent[]): void;
  /** Measures the gradients as a step would see them. */
  gradNorm(options?: { sum?: boolean; work?: GradientWork;
    lent?: Lent | Lent[] }): GradientReport<O>;
  /** Does the work on the gradients themselves. */
  clipGrads(work: GradientWork, lent?: Lent | Lent[]): GradientReport<O>;

  startScaler(options?: ScalerOptions): void;
  setScale(scale: number): void;
  stopScaler(): void;
  readonly scaler: ScalerInfo | null;
  startAverage(options?: AverageOptions): void;
  stopAverage(): void;
  readonly average: AverageInfo | null;
  /** Puts the evaluation weights into the parameters' buffers, and back. */
  swapEvalWeights(lent?: LentParam | LentParam[]): void;
  readonly isSwapped: boolean;

  /** Saves to bytes that every language of libopt reads. */
  saveToBytes(options?: SaveOptions): Uint8Array;
  /** Loads a checkpoint; returns what did not fit but was allowed not to. */
  load(source: BufferSource | Checkpoint, options?: LoadOptions): Finding[];
}

/** Tensors of an optimizer that have their own option values. */
export class Group<O extends object = Options> {
  private constructor();
  readonly optimizer: Optimizer<O>;
  /** 0 for the first; -1 for all groups. */
  readonly index: number;
  /** Sets options: all or none. */
  set(options: Partial<O>): this;
  set<K extends OptionName<O>>(name: K, value: O[K]): this;
  /** An option's own value, which a schedule leaves. */
  get<K extends OptionName<O>>(name: K): NonNullable<O[K]>;
  /** The value that the next step uses. */
  getScheduled<K extends OptionName<O>>(name: K): NonNullable<O[K]>;
  /** The own values of all options. */
  readonly options: Required<Omit<O, 'preset'>>;
  setPreset(preset: O extends { preset?: infer P } ? NonNullable<P> : string):
    this;
  /** Schedules an option from the next step on; null: not any more. */
  setSchedule(name: OptionName<O>, schedule: Schedule<any> | null): this;
  copySchedule(name: OptionName<O>): Schedule | null;
  /** Feeds a metric to every plateau schedule of the group. */
  reportMetric(metric: number): void;
}

export interface TensorAttributes {
  lrFactor: number;
  weightDecayFactor: number;
  frozen: boolean;
}

/** A tensor that is attached to an optimizer. */
export class Tensor<O extends object = Options> {
  private constructor();
  readonly optimizer: Optimizer<O>;
  readonly index: number;
  readonly name: string;
  readonly count: number;
  readonly shape: number[];
  readonly paramDtype: 'f32' | 'f64';
  readonly gradDtype: 'f32' | 'f64';
  /** Setting it moves the tensor, with its state. */
  group: Group<O>;
  /** How many steps it has taken: t in the formulas. */
  step: number;
  set<K extends keyof TensorAttributes>(name: K, value: TensorAttributes[K]):
    void;
  get<K extends keyof TensorAttributes>(name: K): TensorAttributes[K];
  /** Gives it other arrays to keep; null: lent to each call, or no gradient. */
  bind(param: HeapArray | null, grad?: HeapArray | null): void;
  /** Detaches it, frees its state and lets go of its arrays. */
  detach(): void;
  /**
   * A slot of its state, 'exp_avg', without a copy: valid until something is
   * attached, detached, loaded or closed, or the library's memory grows.
   */
  viewState(slot: string): Float32Array | Float64Array;
  /** A copy of a slot of its state. */
  getState(slot: string): Float32Array | Float64Array;
  /** Copies a slot of its state in. */
  setState(slot: string, values: ArrayLike<number>): void;
  /** A copy of the evaluation weights. */
  readEvalWeights(param?: HeapArray | Float32Array | Float64Array):
    Float32Array | Float64Array;
}

// Schedules.

export interface SchedulePart {
  kind: string;
  /** The first step of its turn, from which it counts. */
  begin: number;
  /** The step after its turn; Infinity if that does not end. */
  end: number;
  options: Options;
  milestones: number[];
}

/** The value of an option as a function of the number of steps. */
export class Schedule<O extends object = Options> {
  /**
   * @param kind its name: 'cosine'; each kind has a class as well
   * @param options their values, with `milestones` if the kind has some
   */
  constructor(kind: string, options?: O);
  readonly kind: string;
  set(options: Partial<O>): this;
  set<K extends OptionName<O>>(name: K, value: O[K]): this;
  get<K extends OptionName<O>>(name: K): NonNullable<O[K]>;
  setMilestones(ticks: Iterable<number>): this;
  /**
   * Lets a copy of another schedule take over so many steps after the last part
   * of this one began. The other languages call it "then"; an object of
   * JavaScript with a method of that name is taken for a promise.
   */
  andThen(steps: number, next: Schedule<any>): this;
  /** Stacks a copy of another on this one, whose value becomes its base. */
  chain(other: Schedule<any>): this;
  /** The value at a step of an option whose own value is base. */
  value(base: number, step: number): number;
  readonly parts: SchedulePart[];
  close(): void;
  [Symbol.dispose](): void;
}

// Checkpoints.

export interface CheckpointEntry {
  name: string;
  /** null: a type that libopt does not know. */
  dtype: DType | null;
  shape: number[];
  count: number;
  bytes: number;
  /** Whether it is one of the caller's own entries. */
  isOwn: boolean;
}

/** A checkpoint that is looked into without an optimizer. */
export class Checkpoint {
  private constructor();
  /** Opens a checkpoint, or any safetensors file; the bytes are copied. */
  static open(bytes: BufferSource): Checkpoint;
  readonly entries: CheckpointEntry[];
  find(name: string): CheckpointEntry;
  /** The data of an entry, verified: an array of its type. */
  read(name: string): Uint8Array | BigInt64Array | Float32Array | Float64Array;
  close(): void;
  [Symbol.dispose](): void;
}

// Errors.

export type Status = 'ARGUMENT' | 'HANDLE' | 'BUSY' | 'NAME' | 'VALUE'
  | 'RANGE' | 'STATE' | 'DTYPE' | 'OVERLAP' | 'STRUCT' | 'MEMORY' | 'LIMIT'
  | 'INTERNAL' | 'IO' | 'FORMAT' | 'MISMATCH' | 'NONFINITE';

/** A call that the library refused or could not do; it has changed nothing. */
export class OptError extends Error {
  constructor(status: Status, message: string);
  readonly status: Status;
}
/** A wrong name, value, length, element type; memory that overlaps. */
export class OptArgumentError extends OptError {}
/** The right call at the wrong time; an object that is closed or detached. */
export class OptStateError extends OptError {}
/** Inf or NaN among the gradients, if they are to be an error. */
export class OptNonfiniteError extends OptError {}
/** A checkpoint that is damaged or does not fit; nothing was loaded. */
export class OptCheckpointError extends OptError {
  /** Every name that does not fit: none if it is damaged or of another rule. */
  readonly report: Finding[];
}

// The catalogue of the library, under its own names: weight_decay.

export interface OptionDescription {
  name: string;
  aliases: string[];
  doc: string;
  type: 'number' | 'integer' | 'bool' | 'choice';
  choices: string[];
  /** null: it must be set. */
  default_value: number | null;
  min: number | null;
  max: number | null;
  min_open: boolean;
  max_open: boolean;
  layout: boolean;
  presets: Record<string, number>;
  range: string;
  range_and_default: string;
}

export interface Rule {
  name: string;
  /** Of an alias, the name of its rule. */
  rule: string;
  class_name: string;
  summary: string;
  formula: string;
  reference: string;
  options: OptionDescription[];
  slots: { name: string; doc: string; shape: string; dtype: string;
    when_option: string | null; initial_option: string | null }[];
  presets: { name: string; doc: string }[];
}

export interface ScheduleKind {
  name: string;
  summary: string;
  formula: string;
  reference: string;
  pytorch: string | null;
  has_milestones: boolean;
  has_metric: boolean;
  options: OptionDescription[];
}

/** All of it, as one object. */
export function catalog(): { version: string; rules: Rule[]; aliases: Rule[];
  schedules: ScheduleKind[]; attributes: OptionDescription[] };
export function rules(): Rule[];
export function aliases(): Rule[];
export function scheduleKinds(): ScheduleKind[];
/** The attributes of a tensor. */
export function attributes(): OptionDescription[];
export function findRule(name: string): Rule;
export function findScheduleKind(name: string): ScheduleKind;
export function version(): string;
export function versionNumber(): number;
export function buildInfo(): string;
