# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
# The C API as include/opt/ documents it: handles and addresses are int, outputs are
# returned, failures raise libopt.Error. bindings/calls.h and its neighbours have
# the classes, bindings/python/buffer.cc and view.cc the types Buffer and View.

from typing import Any, final

OPT_ACCUMULATE_MEANS: int
OPT_ACCUMULATE_ZERO_GRADS: int
OPT_ADAPT_WITHOUT_DECAY: str
OPT_ALL_CORES: int
OPT_ALL_GROUPS: int
OPT_ALPHA: str
OPT_ALPHA_WARMUP: str
OPT_AMSGRAD: str
OPT_AMSGRAD_CORRECTED: int
OPT_AMSGRAD_OFF: int
OPT_AMSGRAD_RAW: int
OPT_ANNEAL: str
OPT_AVERAGE_EMA: int
OPT_AVERAGE_SWA: int
OPT_AVERAGE_WARMUP: int
OPT_BETA: str
OPT_BETA1: str
OPT_BETA2: str
OPT_BETA2_CAP: str
OPT_BETA2_DECAY: str
OPT_BETA3: str
OPT_BETA3_WARMUP: str
OPT_BF16: int
OPT_BIAS_CORRECTION: str
OPT_CAUTIOUS: str
OPT_CAUTIOUS_COUNT: int
OPT_CAUTIOUS_MEAN: int
OPT_CAUTIOUS_OFF: int
OPT_CAUTIOUS_WEIGHT_DECAY: str
OPT_CENTERED: str
OPT_CLIP: str
OPT_CLIP_EXP: str
OPT_CLIP_THRESHOLD: str
OPT_COOLDOWN: str
OPT_CORRECTED_WEIGHT_DECAY: str
OPT_CORRECTED_WEIGHT_DECAY_OFF: int
OPT_CORRECTED_WEIGHT_DECAY_RELATIVE: int
OPT_CORRECTED_WEIGHT_DECAY_SQUARED: int
OPT_DAMPENING: str
OPT_DECAY: str
OPT_DECAY_STEPS: str
OPT_DEGENERATED_TO_SGD: str
OPT_DIV_FACTOR: str
OPT_DTYPE_PARAM: int
OPT_D_MODEL: str
OPT_END_FACTOR: str
OPT_EPS: str
OPT_EPS1: str
OPT_EPS1_PLACEMENT: str
OPT_EPS1_PLACEMENT_ADDED: int
OPT_EPS1_PLACEMENT_FLOOR: int
OPT_EPS2: str
OPT_EPS_PLACEMENT: str
OPT_EPS_PLACEMENT_HAT: int
OPT_EPS_PLACEMENT_INSIDE: int
OPT_EPS_PLACEMENT_OUTSIDE: int
OPT_EPS_ROOT: str
OPT_ERR_ARGUMENT: int
OPT_ERR_BUSY: int
OPT_ERR_DTYPE: int
OPT_ERR_FORMAT: int
OPT_ERR_HANDLE: int
OPT_ERR_INTERNAL: int
OPT_ERR_IO: int
OPT_ERR_LIMIT: int
OPT_ERR_MEMORY: int
OPT_ERR_MISMATCH: int
OPT_ERR_NAME: int
OPT_ERR_NONFINITE: int
OPT_ERR_OVERLAP: int
OPT_ERR_RANGE: int
OPT_ERR_STATE: int
OPT_ERR_STRUCT: int
OPT_ERR_VALUE: int
OPT_ETA_MIN: str
OPT_ETA_MINUS: str
OPT_ETA_PLUS: str
OPT_F32: int
OPT_F64: int
OPT_FACTOR: str
OPT_FINAL_DIV_FACTOR: str
OPT_FIRST_STEP_DAMPENED: str
OPT_FIXED_DECAY: str
OPT_FROZEN: str
OPT_GAMMA: str
OPT_GRAD_AVERAGING: str
OPT_GRAD_SUM: int
OPT_GRAD_WORK_CLIP_PER_GROUP: int
OPT_I64: int
OPT_INITIAL_ACCUMULATOR: str
OPT_INITIAL_EXP_AVG: str
OPT_INITIAL_PARAM: str
OPT_INIT_ZERO: str
OPT_INNER_MOMENTUM: str
OPT_INTERVAL: str
OPT_INVERSE: str
OPT_L1: str
OPT_L2: str
OPT_L2_DOUBLED: str
OPT_L2_SHRINKAGE: str
OPT_LAMBD: str
OPT_LOAD_ALLOW_MISSING: int
OPT_LOAD_ALLOW_UNEXPECTED: int
OPT_LOAD_KEEP_OPTIONS: int
OPT_LOAD_PARAMS: int
OPT_LOG_INFO: int
OPT_LOG_WARNING: int
OPT_LOOKAHEAD: str
OPT_LOOKAHEAD_ALPHA: str
OPT_LR: str
OPT_LR_DECAY: str
OPT_LR_IN_VELOCITY: str
OPT_MAXIMIZE: str
OPT_MAX_LR: str
OPT_MAX_STEP_SIZE: str
OPT_MIN_DIM_FACTORED: str
OPT_MIN_STEP_SIZE: str
OPT_MIN_VALUE: str
OPT_MODE: str
OPT_MODE_HARD: int
OPT_MODE_REFINED: int
OPT_MODE_SMOOTH: int
OPT_MOMENTUM: str
OPT_MOMENTUM_DECAY: str
OPT_NESTEROV: str
OPT_NESTEROV_DOZAT: int
OPT_NESTEROV_MLCOMMONS: int
OPT_NESTEROV_OFF: int
OPT_NONFINITE_ERROR: int
OPT_NONFINITE_PROPAGATE: int
OPT_NONFINITE_SKIP: int
OPT_NORMALIZE_MOMENT: str
OPT_NORM_2: int
OPT_NORM_INF: int
OPT_NO_PROX: str
OPT_OK: int
OPT_OPTION_BOOL: int
OPT_OPTION_CHOICE: int
OPT_OPTION_INTEGER: int
OPT_OPTION_LAYOUT: int
OPT_OPTION_MAX_OPEN: int
OPT_OPTION_MIN_OPEN: int
OPT_OPTION_REQUIRED: int
OPT_PATIENCE: str
OPT_PCT_START: str
OPT_PEAK_VALUE: str
OPT_POWER: str
OPT_PRESET_KERAS: str
OPT_PRESET_MLX: str
OPT_PRESET_NVIDIA: str
OPT_PRESET_OPTAX: str
OPT_PRESET_PYTORCH: str
OPT_PRESET_T5X: str
OPT_PRESET_TEXTBOOK: str
OPT_PRESET_TIMM: str
OPT_PRESET_TRANSFORMERS: str
OPT_R: str
OPT_RECTIFY: str
OPT_RELATIVE_STEP: str
OPT_REMAINING: int
OPT_REPORT_MISMATCHED: int
OPT_REPORT_MISSING: int
OPT_REPORT_UNEXPECTED: int
OPT_RHO: str
OPT_RHO_THRESHOLD: str
OPT_RULE_ADABELIEF: str
OPT_RULE_ADADELTA: str
OPT_RULE_ADAFACTOR: str
OPT_RULE_ADAGRAD: str
OPT_RULE_ADAM: str
OPT_RULE_ADAMAX: str
OPT_RULE_ADAMAXW: str
OPT_RULE_ADAMW: str
OPT_RULE_ADAN: str
OPT_RULE_ADEMAMIX: str
OPT_RULE_ADOPT: str
OPT_RULE_ASGD: str
OPT_RULE_FTRL: str
OPT_RULE_GD: str
OPT_RULE_LAMB: str
OPT_RULE_LAMBC: str
OPT_RULE_LARS: str
OPT_RULE_LION: str
OPT_RULE_MOMENTUM: str
OPT_RULE_NADAM: str
OPT_RULE_NADAMW: str
OPT_RULE_NOVOGRAD: str
OPT_RULE_RADABELIEF: str
OPT_RULE_RADAM: str
OPT_RULE_RADAMW: str
OPT_RULE_RANGER: str
OPT_RULE_RMSPROP: str
OPT_RULE_RMSPROP_TF: str
OPT_RULE_ROWWISE_ADAGRAD: str
OPT_RULE_RPROP: str
OPT_RULE_SCHEDULE_FREE_ADAMW: str
OPT_RULE_SCHEDULE_FREE_RADAM: str
OPT_RULE_SCHEDULE_FREE_SGD: str
OPT_RULE_SGD: str
OPT_RULE_SIGNSGD: str
OPT_RULE_SIGNUM: str
OPT_RULE_STABLEADAMW: str
OPT_RULE_YOGI: str
OPT_SAVE_PARAMS: int
OPT_SCALE_PARAMETER: str
OPT_SCHEDULE_CONSTANT: str
OPT_SCHEDULE_COSINE: str
OPT_SCHEDULE_COSINE_RESTARTS: str
OPT_SCHEDULE_CYCLIC: str
OPT_SCHEDULE_CYCLIC_MODE_EXP_RANGE: int
OPT_SCHEDULE_CYCLIC_MODE_TRIANGULAR: int
OPT_SCHEDULE_CYCLIC_MODE_TRIANGULAR2: int
OPT_SCHEDULE_EXPONENTIAL: str
OPT_SCHEDULE_HAS_METRIC: int
OPT_SCHEDULE_HAS_MILESTONES: int
OPT_SCHEDULE_INVERSE_SQRT: str
OPT_SCHEDULE_LINEAR: str
OPT_SCHEDULE_MULTI_STEP: str
OPT_SCHEDULE_ONE_CYCLE: str
OPT_SCHEDULE_ONE_CYCLE_ANNEAL_COS: int
OPT_SCHEDULE_ONE_CYCLE_ANNEAL_LINEAR: int
OPT_SCHEDULE_PLATEAU: str
OPT_SCHEDULE_PLATEAU_MODE_MAX: int
OPT_SCHEDULE_PLATEAU_MODE_MIN: int
OPT_SCHEDULE_PLATEAU_THRESHOLD_MODE_ABS: int
OPT_SCHEDULE_PLATEAU_THRESHOLD_MODE_REL: int
OPT_SCHEDULE_POLYNOMIAL: str
OPT_SCHEDULE_STEP: str
OPT_SCHEDULE_WARMUP_STABLE_DECAY: str
OPT_SCHEDULE_WARMUP_STABLE_DECAY_DECAY_COSINE: int
OPT_SCHEDULE_WARMUP_STABLE_DECAY_DECAY_LINEAR: int
OPT_SCHEDULE_WARMUP_STABLE_DECAY_DECAY_SQRT: int
OPT_SHAPE_BLOCKS: int
OPT_SHAPE_COLUMN_FACTOR: int
OPT_SHAPE_COLUMN_SQUARE: int
OPT_SHAPE_GROUP_NUMBER: int
OPT_SHAPE_NUMBER: int
OPT_SHAPE_PARAM: int
OPT_SHAPE_ROWS: int
OPT_SHAPE_ROW_FACTOR: int
OPT_SHAPE_ROW_SQUARE: int
OPT_SHARPNESS: str
OPT_SILENT_SGD_PHASE: str
OPT_SLOT_ACCUMULATOR: str
OPT_SLOT_ACC_DELTA: str
OPT_SLOT_AX: str
OPT_SLOT_COL_VAR: str
OPT_SLOT_ETA: str
OPT_SLOT_EXP_AVG: str
OPT_SLOT_EXP_AVG_DIFF: str
OPT_SLOT_EXP_AVG_FAST: str
OPT_SLOT_EXP_AVG_SLOW: str
OPT_SLOT_EXP_AVG_SQ: str
OPT_SLOT_EXP_AVG_VAR: str
OPT_SLOT_EXP_INF: str
OPT_SLOT_GRAD_ACCUMULATOR: str
OPT_SLOT_GRAD_AVG: str
OPT_SLOT_K: str
OPT_SLOT_LINEAR: str
OPT_SLOT_LR_MAX: str
OPT_SLOT_MAX_EXP_AVG_SQ: str
OPT_SLOT_MAX_EXP_AVG_VAR: str
OPT_SLOT_MOMENTUM_BUFFER: str
OPT_SLOT_MU: str
OPT_SLOT_MU_PRODUCT: str
OPT_SLOT_NEG_PRE_GRAD: str
OPT_SLOT_PARAM_AVERAGE: str
OPT_SLOT_PREV: str
OPT_SLOT_ROW_VAR: str
OPT_SLOT_SLOW: str
OPT_SLOT_SQUARE_AVG: str
OPT_SLOT_STEP_SIZE: str
OPT_SLOT_SUM: str
OPT_SLOT_VARIANCE: str
OPT_SLOT_WEIGHT_SUM: str
OPT_SLOT_Z: str
OPT_STABLE_STEPS: str
OPT_START_FACTOR: str
OPT_STEP_SIZE: str
OPT_STEP_SIZE_DOWN: str
OPT_STEP_SIZE_UP: str
OPT_STEP_SUM: int
OPT_STEP_ZERO_GRADS: int
OPT_T0: str
OPT_TENSOR_FROZEN: str
OPT_TENSOR_LR_FACTOR: str
OPT_TENSOR_WEIGHT_DECAY_FACTOR: str
OPT_THREE_PHASE: str
OPT_THRESHOLD: str
OPT_THRESHOLD_MODE: str
OPT_TOTAL_ITERS: str
OPT_TOTAL_STEPS: str
OPT_TRUST_CLIP: str
OPT_TRUST_COEFFICIENT: str
OPT_TRUST_MAX: str
OPT_TRUST_MIN: str
OPT_TRUST_NORM: str
OPT_TRUST_NORM_AFTER_MOMENTUM: int
OPT_TRUST_NORM_DECAYED: int
OPT_TRUST_NORM_SEPARATE: int
OPT_T_0: str
OPT_T_MAX: str
OPT_T_MULT: str
OPT_U8: int
OPT_UPDATE_CLIPPING: str
OPT_VERSION_MAJOR: int
OPT_VERSION_MINOR: int
OPT_VERSION_NUMBER: int
OPT_VERSION_PATCH: int
OPT_WARMUP_INIT: str
OPT_WARMUP_STEPS: str
OPT_WEIGHT_DECAY: str
OPT_WEIGHT_DECAY_KIND: str
OPT_WEIGHT_DECAY_KIND_COUPLED: int
OPT_WEIGHT_DECAY_KIND_DECOUPLED: int
OPT_WEIGHT_DECAY_KIND_UPDATE: int
OPT_WEIGHT_DECAY_SCALE: str
OPT_WEIGHT_DECAY_SCALE_LR: int
OPT_WEIGHT_DECAY_SCALE_NONE: int
OPT_WEIGHT_DECAY_SCALE_RATE: int
OPT_WEIGHT_LR_POWER: str

class LoadCall:
    def __init__(self, flags: int, /) -> None: ...
    def select(self, name: str, /) -> None: ...
    def lend(self, index: int, param: int, /) -> None: ...
    def from_file(self, optimizer: int, path: str | bytes, /) -> None: ...
    def from_memory(self, optimizer: int, data: int, size: int, /) -> None: ...
    def from_checkpoint(self, optimizer: int, checkpoint: int, /) -> None: ...
    def report_count(self) -> int: ...
    def report_kind(self, i: int, /) -> int: ...
    def report_name(self, i: int, /) -> str: ...
    def report_detail(self, i: int, /) -> str: ...

class Milestones:
    def add(self, tick: int, /) -> None: ...
    def set(self, schedule: int, /) -> None: ...

class SaveCall:
    def __init__(self, flags: int, /) -> None: ...
    def add(self, name: str, dtype: int, count: int, data: int, /) -> None: ...
    def lend(self, index: int, param: int, /) -> None: ...
    def to_file(self, optimizer: int, path: str | bytes, /) -> None: ...
    def measure(self, optimizer: int, /) -> int: ...
    def to_memory(self, optimizer: int, buffer: int, capacity: int, /) -> None: ...

class StepCall:
    def lend(self, index: int, param: int, grad: int, /) -> None: ...
    def forget(self) -> None: ...
    def set_work(
        self,
        flags: int,
        loss_scale: float,
        max_value: float,
        max_tensor_norm: float,
        max_norm: float,
        norm: int,
        nonfinite: int,
        reports: bool,
        /,
    ) -> None: ...
    def skipped(self) -> bool: ...
    def norm(self) -> float: ...
    def factor(self) -> float: ...
    def nonfinite_tensor(self) -> int: ...
    def group_norm(self, group: int, /) -> float: ...
    def step(self, optimizer: int, flags: int, /) -> None: ...
    def step_accumulated(self, optimizer: int, flags: int, /) -> None: ...
    def begin_step(self, optimizer: int, flags: int, /) -> None: ...
    def begin_step_accumulated(self, optimizer: int, flags: int, /) -> None: ...
    def clear_slice(self) -> None: ...
    def add_to_slice(self, index: int, /) -> None: ...
    def step_slice(self, optimizer: int, /) -> None: ...
    def step_remaining(self, optimizer: int, /) -> None: ...
    def remaining(self) -> int: ...
    def accumulate(self, optimizer: int, samples: int, flags: int, /) -> None: ...
    def zero_grads(self, optimizer: int, /) -> None: ...
    def grad_norm(self, optimizer: int, flags: int, /) -> None: ...
    def swap_eval_weights(self, optimizer: int, /) -> None: ...
    def read_eval_weights(
        self, optimizer: int, index: int, weights: int, /
    ) -> None: ...
    def clip_grads(self, optimizer: int, /) -> None: ...

class OptionList:
    def set_preset(self, preset: str | None, /) -> None: ...
    def add(self, option: str, value: float, /) -> None: ...
    def set(self, optimizer: int, group: int, /) -> None: ...
    def add_group(self, optimizer: int, /) -> int: ...

class TensorList:
    def add(
        self,
        name: str | None,
        group: int,
        param_dtype: int,
        grad_dtype: int,
        count: int,
        param: int,
        grad: int,
        /,
    ) -> None: ...
    def extend(self, extent: int, /) -> None: ...
    def attach(self, optimizer: int, /) -> None: ...
    def state_bytes(self, optimizer: int, /) -> int: ...
    def index(self, i: int, /) -> int: ...

def opt_alias_at(index: int, info: opt_alias_info, /) -> None: ...

def opt_alias_count() -> int: ...

class opt_alias_info:
    @property
    def name(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def doc(self) -> str: ...

def opt_attribute_at(index: int, info: opt_option_info, /) -> None: ...

def opt_attribute_count() -> int: ...

def opt_average_get_info(optimizer: int, info: opt_average_info, /) -> None: ...

class opt_average_info:
    @property
    def kind(self) -> int: ...
    @property
    def decay(self) -> float: ...
    @property
    def start(self) -> int: ...
    @property
    def period(self) -> int: ...
    @property
    def flags(self) -> int: ...
    @property
    def swapped(self) -> int: ...
    @property
    def updates(self) -> int: ...

def opt_average_start_with(
    optimizer: int,
    kind: int,
    decay: float,
    start: int,
    period: int,
    flags: int,
    /,
) -> None: ...

def opt_average_stop(optimizer: int, /) -> None: ...

def opt_bind(optimizer: int, index: int, param: int, grad: int, /) -> None: ...

def opt_build_info() -> str: ...

def opt_catalog() -> str: ...

def opt_checkpoint_at(checkpoint: int, index: int, info: opt_entry_info, /) -> None: ...

def opt_checkpoint_close(checkpoint: int, /) -> None: ...

def opt_checkpoint_count(checkpoint: int, /) -> int: ...

def opt_checkpoint_find(checkpoint: int, name: str, /) -> int: ...

def opt_checkpoint_open_file(context: int, path: str | bytes, /) -> int: ...

def opt_checkpoint_open_memory(context: int, data: int, size: int, /) -> int: ...

def opt_checkpoint_read(
    checkpoint: int,
    index: int,
    data: int,
    size: int,
    /,
) -> None: ...

def opt_clone(optimizer: int, context: int, /) -> int: ...

def opt_context_create_with(
    threads: int,
    spin_microseconds: int,
    target: str | None,
    /,
) -> int: ...

def opt_context_destroy(context: int, /) -> None: ...

def opt_context_get_info(context: int, info: opt_context_info, /) -> None: ...

class opt_context_info:
    @property
    def spin_microseconds(self) -> int: ...
    @property
    def target(self) -> str: ...
    @property
    def threads(self) -> int: ...

def opt_copy_schedule(optimizer: int, group: int, option: str, /) -> int: ...

def opt_create(context: int, rule: str, /) -> int: ...

def opt_destroy(optimizer: int, /) -> None: ...

def opt_detach(optimizer: int, index: int, /) -> None: ...

def opt_discard(optimizer: int, /) -> None: ...
def opt_step_abandon(optimizer: int, /) -> None: ...

class opt_entry_info:
    @property
    def rank(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def own(self) -> int: ...
    @property
    def count(self) -> int: ...
    @property
    def dtype(self) -> int: ...
    @property
    def bytes(self) -> int: ...

def opt_part_milestone_at(info: opt_schedule_part_info, i: int, /) -> int: ...

def opt_part_option_at(info: opt_schedule_part_info, i: int, /) -> float: ...

def opt_scaler_set_scale(optimizer: int, scale: float, /) -> None: ...

def opt_schedule_part_at(
    schedule: int, index: int, info: opt_schedule_part_info, /
) -> None: ...

def opt_schedule_part_count(schedule: int, /) -> int: ...

class opt_schedule_part_info:
    @property
    def option_count(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def begin(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def milestone_count(self) -> int: ...

def opt_tensor_find(optimizer: int, name: str, /) -> int: ...

def opt_get(optimizer: int, group: int, option: str, /) -> float: ...

def opt_get_info(optimizer: int, info: opt_info, /) -> None: ...

def opt_get_scheduled(optimizer: int, group: int, option: str, /) -> float: ...

def opt_get_attribute(optimizer: int, index: int, attribute: str, /) -> float: ...

class opt_info:
    @property
    def tensor_count(self) -> int: ...
    @property
    def rule(self) -> str: ...
    @property
    def group_count(self) -> int: ...
    @property
    def steps(self) -> int: ...
    @property
    def skipped(self) -> int: ...
    @property
    def param_count(self) -> int: ...
    @property
    def pending_samples(self) -> int: ...
    @property
    def remaining(self) -> int: ...
    @property
    def index_count(self) -> int: ...
    @property
    def state_bytes(self) -> int: ...

def opt_last_error() -> str: ...

def opt_option_at(rule: str, index: int, info: opt_option_info, /) -> None: ...

class opt_option_info:
    @property
    def min(self) -> float: ...
    @property
    def name(self) -> str: ...
    @property
    def aliases(self) -> str | None: ...
    @property
    def flags(self) -> int: ...
    @property
    def choices(self) -> str | None: ...
    @property
    def default_value(self) -> float: ...
    @property
    def doc(self) -> str: ...
    @property
    def max(self) -> float: ...

def opt_preset_at(rule: str, index: int, info: opt_preset_info, /) -> None: ...

class opt_preset_info:
    @property
    def name(self) -> str: ...
    @property
    def doc(self) -> str: ...

def opt_preset_value(rule: str, preset: str, option: str, /) -> float: ...

def opt_remove_schedule(optimizer: int, group: int, option: str, /) -> None: ...

def opt_report_metric(optimizer: int, group: int, metric: float, /) -> None: ...

def opt_rule_at(index: int, info: opt_rule_info, /) -> None: ...

def opt_rule_count() -> int: ...

def opt_rule_find(rule: str, info: opt_rule_info, /) -> None: ...

class opt_rule_info:
    @property
    def preset_count(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def formula(self) -> str: ...
    @property
    def option_count(self) -> int: ...
    @property
    def slot_count(self) -> int: ...
    @property
    def reference(self) -> str: ...

def opt_scaler_get_info(optimizer: int, info: opt_scaler_info, /) -> None: ...

class opt_scaler_info:
    @property
    def growth_factor(self) -> float: ...
    @property
    def good_steps(self) -> int: ...
    @property
    def backoff_factor(self) -> float: ...
    @property
    def growth_interval(self) -> int: ...
    @property
    def skipped(self) -> int: ...
    @property
    def active(self) -> int: ...
    @property
    def scale(self) -> float: ...

def opt_scaler_start_with(
    optimizer: int,
    initial_scale: float,
    growth_factor: float,
    backoff_factor: float,
    growth_interval: int,
    /,
) -> None: ...

def opt_scaler_stop(optimizer: int, /) -> None: ...

def opt_schedule_chain(schedule: int, other: int, /) -> None: ...

def opt_schedule_create(context: int, kind: str, /) -> int: ...

def opt_schedule_destroy(schedule: int, /) -> None: ...

def opt_schedule_get(schedule: int, option: str, /) -> float: ...

def opt_schedule_kind_at(index: int, info: opt_schedule_kind_info, /) -> None: ...

def opt_schedule_kind_count() -> int: ...

def opt_schedule_kind_find(kind: str, info: opt_schedule_kind_info, /) -> None: ...

class opt_schedule_kind_info:
    @property
    def name(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def formula(self) -> str: ...
    @property
    def flags(self) -> int: ...
    @property
    def pytorch(self) -> str | None: ...
    @property
    def option_count(self) -> int: ...
    @property
    def reference(self) -> str: ...

def opt_schedule_option_at(kind: str, index: int, info: opt_option_info, /) -> None: ...

def opt_schedule_set(schedule: int, option: str, value: float, /) -> None: ...

def opt_schedule_then(schedule: int, steps: int, next: int, /) -> None: ...

def opt_schedule_value(schedule: int, base: float, step: int, /) -> float: ...

def opt_set(optimizer: int, group: int, option: str, value: float, /) -> None: ...

def opt_set_preset(optimizer: int, group: int, preset: str, /) -> None: ...

def opt_set_schedule(
    optimizer: int,
    group: int,
    option: str,
    schedule: int,
    /,
) -> None: ...

def opt_set_attribute(optimizer: int, index: int, attribute: str, value: float, /) -> None: ...

def opt_tensor_set_group(optimizer: int, index: int, group: int, /) -> None: ...

def opt_tensor_set_step(optimizer: int, index: int, step: int, /) -> None: ...

def opt_shape_at(info: opt_tensor_info | opt_entry_info | opt_view, i: int, /) -> int: ...

def opt_shutdown() -> None: ...

def opt_slot_at(rule: str, index: int, info: opt_slot_info, /) -> None: ...

class opt_slot_info:
    @property
    def shape(self) -> int: ...
    @property
    def dtype(self) -> int: ...
    @property
    def initial_option(self) -> str | None: ...
    @property
    def name(self) -> str: ...
    @property
    def when_option(self) -> str | None: ...
    @property
    def doc(self) -> str: ...

def opt_state_view(
    optimizer: int,
    index: int,
    slot: str,
    view: opt_view,
    /,
) -> None: ...

def opt_status_name(status: int, /) -> str: ...

def opt_step_retained(optimizer: int, /) -> None: ...

def opt_target_at(index: int, info: opt_target_info, /) -> None: ...

def opt_target_count() -> int: ...

class opt_target_info:
    @property
    def name(self) -> str: ...
    @property
    def supported(self) -> int: ...

def opt_tensor_at(optimizer: int, index: int, info: opt_tensor_info, /) -> None: ...

class opt_tensor_info:
    @property
    def step(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def grad(self) -> int: ...
    @property
    def rank(self) -> int: ...
    @property
    def group(self) -> int: ...
    @property
    def param(self) -> int: ...
    @property
    def grad_dtype(self) -> int: ...
    @property
    def count(self) -> int: ...
    @property
    def param_dtype(self) -> int: ...

def opt_version() -> str: ...

def opt_version_number() -> int: ...

class opt_view:
    @property
    def count(self) -> int: ...
    @property
    def dtype(self) -> int: ...
    @property
    def data(self) -> int: ...
    @property
    def rank(self) -> int: ...

@final
class Buffer:
    def __new__(
        cls, array: Any, what: str, writable: bool, floats: bool, /
    ) -> Buffer: ...
    def release(self) -> None: ...
    @property
    def address(self) -> int: ...
    @property
    def count(self) -> int: ...
    @property
    def dtype(self) -> int: ...
    @property
    def shape(self) -> tuple[int, ...]: ...

@final
class View:
    def __new__(
        cls, owner: object, address: int, dtype: int, shape: tuple[int, ...], /
    ) -> View: ...
    def end(self) -> bool: ...
