// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Generated from include/opt/opt.h by bindgen: do not edit, but build the target
// "generate".

pub const OPT_VERSION_MAJOR: i32 = 0;
pub const OPT_VERSION_MINOR: i32 = 1;
pub const OPT_VERSION_PATCH: i32 = 0;
pub const OPT_ALL_CORES: i32 = -1;
pub const OPT_RULE_SGD: &[u8; 4usize] = b"sgd\0";
pub const OPT_RULE_ADAGRAD: &[u8; 8usize] = b"adagrad\0";
pub const OPT_RULE_RMSPROP: &[u8; 8usize] = b"rmsprop\0";
pub const OPT_RULE_ADAM: &[u8; 5usize] = b"adam\0";
pub const OPT_RULE_ADAMW: &[u8; 6usize] = b"adamw\0";
pub const OPT_RULE_LION: &[u8; 5usize] = b"lion\0";
pub const OPT_RULE_GD: &[u8; 3usize] = b"gd\0";
pub const OPT_RULE_MOMENTUM: &[u8; 9usize] = b"momentum\0";
pub const OPT_LR: &[u8; 3usize] = b"lr\0";
pub const OPT_WEIGHT_DECAY: &[u8; 13usize] = b"weight_decay\0";
pub const OPT_DECOUPLED_WEIGHT_DECAY: &[u8; 23usize] = b"decoupled_weight_decay\0";
pub const OPT_MAXIMIZE: &[u8; 9usize] = b"maximize\0";
pub const OPT_FROZEN: &[u8; 7usize] = b"frozen\0";
pub const OPT_MOMENTUM: &[u8; 9usize] = b"momentum\0";
pub const OPT_DAMPENING: &[u8; 10usize] = b"dampening\0";
pub const OPT_NESTEROV: &[u8; 9usize] = b"nesterov\0";
pub const OPT_FIRST_STEP_DAMPENED: &[u8; 20usize] = b"first_step_dampened\0";
pub const OPT_LR_IN_VELOCITY: &[u8; 15usize] = b"lr_in_velocity\0";
pub const OPT_EPS: &[u8; 4usize] = b"eps\0";
pub const OPT_EPS_PLACEMENT: &[u8; 14usize] = b"eps_placement\0";
pub const OPT_EPS_PLACEMENT_INSIDE: i32 = 0;
pub const OPT_EPS_PLACEMENT_OUTSIDE: i32 = 1;
pub const OPT_EPS_PLACEMENT_HAT: i32 = 2;
pub const OPT_LR_DECAY: &[u8; 9usize] = b"lr_decay\0";
pub const OPT_INITIAL_ACCUMULATOR: &[u8; 20usize] = b"initial_accumulator\0";
pub const OPT_ALPHA: &[u8; 6usize] = b"alpha\0";
pub const OPT_CENTERED: &[u8; 9usize] = b"centered\0";
pub const OPT_BETA1: &[u8; 6usize] = b"beta1\0";
pub const OPT_BETA2: &[u8; 6usize] = b"beta2\0";
pub const OPT_EPS_ROOT: &[u8; 9usize] = b"eps_root\0";
pub const OPT_AMSGRAD: &[u8; 8usize] = b"amsgrad\0";
pub const OPT_BIAS_CORRECTION: &[u8; 16usize] = b"bias_correction\0";
pub const OPT_TENSOR_LR_FACTOR: &[u8; 10usize] = b"lr_factor\0";
pub const OPT_TENSOR_WEIGHT_DECAY_FACTOR: &[u8; 20usize] = b"weight_decay_factor\0";
pub const OPT_TENSOR_FROZEN: &[u8; 7usize] = b"frozen\0";
pub const OPT_PRESET_TEXTBOOK: &[u8; 9usize] = b"textbook\0";
pub const OPT_PRESET_PYTORCH: &[u8; 8usize] = b"pytorch\0";
pub const OPT_SLOT_GRAD_ACCUMULATOR: &[u8; 17usize] = b"grad_accumulator\0";
pub const OPT_SLOT_PARAM_AVERAGE: &[u8; 14usize] = b"param_average\0";
pub const OPT_SLOT_MOMENTUM_BUFFER: &[u8; 16usize] = b"momentum_buffer\0";
pub const OPT_SLOT_SUM: &[u8; 4usize] = b"sum\0";
pub const OPT_SLOT_SQUARE_AVG: &[u8; 11usize] = b"square_avg\0";
pub const OPT_SLOT_GRAD_AVG: &[u8; 9usize] = b"grad_avg\0";
pub const OPT_SLOT_EXP_AVG: &[u8; 8usize] = b"exp_avg\0";
pub const OPT_SLOT_EXP_AVG_SQ: &[u8; 11usize] = b"exp_avg_sq\0";
pub const OPT_SLOT_MAX_EXP_AVG_SQ: &[u8; 15usize] = b"max_exp_avg_sq\0";
pub const OPT_SCHEDULE_CONSTANT: &[u8; 9usize] = b"constant\0";
pub const OPT_SCHEDULE_LINEAR: &[u8; 7usize] = b"linear\0";
pub const OPT_SCHEDULE_STEP: &[u8; 5usize] = b"step\0";
pub const OPT_SCHEDULE_MULTI_STEP: &[u8; 11usize] = b"multi_step\0";
pub const OPT_SCHEDULE_EXPONENTIAL: &[u8; 12usize] = b"exponential\0";
pub const OPT_SCHEDULE_POLYNOMIAL: &[u8; 11usize] = b"polynomial\0";
pub const OPT_SCHEDULE_COSINE: &[u8; 7usize] = b"cosine\0";
pub const OPT_SCHEDULE_COSINE_RESTARTS: &[u8; 16usize] = b"cosine_restarts\0";
pub const OPT_SCHEDULE_ONE_CYCLE: &[u8; 10usize] = b"one_cycle\0";
pub const OPT_SCHEDULE_CYCLIC: &[u8; 7usize] = b"cyclic\0";
pub const OPT_SCHEDULE_INVERSE_SQRT: &[u8; 13usize] = b"inverse_sqrt\0";
pub const OPT_SCHEDULE_WARMUP_STABLE_DECAY: &[u8; 20usize] = b"warmup_stable_decay\0";
pub const OPT_SCHEDULE_PLATEAU: &[u8; 8usize] = b"plateau\0";
pub const OPT_INTERVAL: &[u8; 9usize] = b"interval\0";
pub const OPT_FACTOR: &[u8; 7usize] = b"factor\0";
pub const OPT_TOTAL_ITERS: &[u8; 12usize] = b"total_iters\0";
pub const OPT_START_FACTOR: &[u8; 13usize] = b"start_factor\0";
pub const OPT_END_FACTOR: &[u8; 11usize] = b"end_factor\0";
pub const OPT_STEP_SIZE: &[u8; 10usize] = b"step_size\0";
pub const OPT_GAMMA: &[u8; 6usize] = b"gamma\0";
pub const OPT_POWER: &[u8; 6usize] = b"power\0";
pub const OPT_ETA_MIN: &[u8; 8usize] = b"eta_min\0";
pub const OPT_T_MAX: &[u8; 6usize] = b"t_max\0";
pub const OPT_T_0: &[u8; 4usize] = b"t_0\0";
pub const OPT_T_MULT: &[u8; 7usize] = b"t_mult\0";
pub const OPT_TOTAL_STEPS: &[u8; 12usize] = b"total_steps\0";
pub const OPT_PCT_START: &[u8; 10usize] = b"pct_start\0";
pub const OPT_ANNEAL: &[u8; 7usize] = b"anneal\0";
pub const OPT_THREE_PHASE: &[u8; 12usize] = b"three_phase\0";
pub const OPT_DIV_FACTOR: &[u8; 11usize] = b"div_factor\0";
pub const OPT_FINAL_DIV_FACTOR: &[u8; 17usize] = b"final_div_factor\0";
pub const OPT_INVERSE: &[u8; 8usize] = b"inverse\0";
pub const OPT_MIN_VALUE: &[u8; 10usize] = b"min_value\0";
pub const OPT_PEAK_VALUE: &[u8; 11usize] = b"peak_value\0";
pub const OPT_STEP_SIZE_UP: &[u8; 13usize] = b"step_size_up\0";
pub const OPT_STEP_SIZE_DOWN: &[u8; 15usize] = b"step_size_down\0";
pub const OPT_MODE: &[u8; 5usize] = b"mode\0";
pub const OPT_WARMUP_STEPS: &[u8; 13usize] = b"warmup_steps\0";
pub const OPT_D_MODEL: &[u8; 8usize] = b"d_model\0";
pub const OPT_STABLE_STEPS: &[u8; 13usize] = b"stable_steps\0";
pub const OPT_DECAY_STEPS: &[u8; 12usize] = b"decay_steps\0";
pub const OPT_DECAY: &[u8; 6usize] = b"decay\0";
pub const OPT_PATIENCE: &[u8; 9usize] = b"patience\0";
pub const OPT_THRESHOLD: &[u8; 10usize] = b"threshold\0";
pub const OPT_THRESHOLD_MODE: &[u8; 15usize] = b"threshold_mode\0";
pub const OPT_COOLDOWN: &[u8; 9usize] = b"cooldown\0";
pub const OPT_SCHEDULE_ONE_CYCLE_ANNEAL_COS: i32 = 0;
pub const OPT_SCHEDULE_ONE_CYCLE_ANNEAL_LINEAR: i32 = 1;
pub const OPT_SCHEDULE_CYCLIC_MODE_TRIANGULAR: i32 = 0;
pub const OPT_SCHEDULE_CYCLIC_MODE_TRIANGULAR2: i32 = 1;
pub const OPT_SCHEDULE_CYCLIC_MODE_EXP_RANGE: i32 = 2;
pub const OPT_SCHEDULE_WARMUP_STABLE_DECAY_DECAY_LINEAR: i32 = 0;
pub const OPT_SCHEDULE_WARMUP_STABLE_DECAY_DECAY_COSINE: i32 = 1;
pub const OPT_SCHEDULE_WARMUP_STABLE_DECAY_DECAY_SQRT: i32 = 2;
pub const OPT_SCHEDULE_PLATEAU_MODE_MIN: i32 = 0;
pub const OPT_SCHEDULE_PLATEAU_MODE_MAX: i32 = 1;
pub const OPT_SCHEDULE_PLATEAU_THRESHOLD_MODE_REL: i32 = 0;
pub const OPT_SCHEDULE_PLATEAU_THRESHOLD_MODE_ABS: i32 = 1;
pub const OPT_ALL_GROUPS: i32 = -1;
pub type __int32_t = ::std::os::raw::c_int;
pub type __uint32_t = ::std::os::raw::c_uint;
pub type __int64_t = ::std::os::raw::c_long;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_context_handle {
    _unused: [u8; 0],
}
pub type opt_context = *mut opt_context_handle;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_optimizer_handle {
    _unused: [u8; 0],
}
pub type opt_optimizer = *mut opt_optimizer_handle;
pub type opt_status = i32;
pub const OPT_OK: _bindgen_ty_1 = 0;
pub const OPT_ERR_ARGUMENT: _bindgen_ty_1 = 1;
pub const OPT_ERR_HANDLE: _bindgen_ty_1 = 2;
pub const OPT_ERR_BUSY: _bindgen_ty_1 = 3;
pub const OPT_ERR_NAME: _bindgen_ty_1 = 4;
pub const OPT_ERR_VALUE: _bindgen_ty_1 = 5;
pub const OPT_ERR_RANGE: _bindgen_ty_1 = 6;
pub const OPT_ERR_STATE: _bindgen_ty_1 = 7;
pub const OPT_ERR_DTYPE: _bindgen_ty_1 = 8;
pub const OPT_ERR_OVERLAP: _bindgen_ty_1 = 9;
pub const OPT_ERR_STRUCT: _bindgen_ty_1 = 10;
pub const OPT_ERR_MEMORY: _bindgen_ty_1 = 11;
pub const OPT_ERR_LIMIT: _bindgen_ty_1 = 12;
pub const OPT_ERR_INTERNAL: _bindgen_ty_1 = 13;
pub const OPT_ERR_IO: _bindgen_ty_1 = 14;
pub const OPT_ERR_FORMAT: _bindgen_ty_1 = 15;
pub const OPT_ERR_MISMATCH: _bindgen_ty_1 = 16;
pub const OPT_ERR_NONFINITE: _bindgen_ty_1 = 17;
pub type _bindgen_ty_1 = ::std::os::raw::c_uint;
pub type opt_dtype = i32;
pub const OPT_F32: _bindgen_ty_2 = 0;
pub const OPT_F64: _bindgen_ty_2 = 1;
pub const OPT_U8: _bindgen_ty_2 = 8;
pub const OPT_I64: _bindgen_ty_2 = 9;
pub type _bindgen_ty_2 = ::std::os::raw::c_uint;
extern "C" {
    pub fn opt_last_error() -> *const ::std::os::raw::c_char;
}
extern "C" {
    pub fn opt_status_name(status: opt_status) -> *const ::std::os::raw::c_char;
}
extern "C" {
    pub fn opt_version() -> *const ::std::os::raw::c_char;
}
extern "C" {
    pub fn opt_build_info() -> *const ::std::os::raw::c_char;
}
pub const OPT_AVERAGE_EMA: _bindgen_ty_3 = 1;
pub const OPT_AVERAGE_SWA: _bindgen_ty_3 = 2;
pub type _bindgen_ty_3 = ::std::os::raw::c_uint;
pub const OPT_AVERAGE_WARMUP: _bindgen_ty_4 = 1;
pub type _bindgen_ty_4 = ::std::os::raw::c_uint;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_average_config {
    pub struct_size: u32,
    pub kind: i32,
    pub decay: f64,
    pub start: i64,
    pub period: i64,
    pub flags: u32,
    pub reserved: i32,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_average_info {
    pub struct_size: u32,
    pub kind: i32,
    pub decay: f64,
    pub start: i64,
    pub period: i64,
    pub flags: u32,
    pub swapped: i32,
    pub updates: i64,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_swap_args {
    pub struct_size: u32,
    pub flags: u32,
    pub count: i64,
    pub params: *const *mut ::std::os::raw::c_void,
}
extern "C" {
    pub fn opt_average_start(
        optimizer: opt_optimizer,
        config: *const opt_average_config,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_average_stop(optimizer: opt_optimizer) -> opt_status;
}
extern "C" {
    pub fn opt_average_get(optimizer: opt_optimizer, info: *mut opt_average_info) -> opt_status;
}
extern "C" {
    pub fn opt_average_swap(optimizer: opt_optimizer, args: *const opt_swap_args) -> opt_status;
}
pub const OPT_LOG_WARNING: _bindgen_ty_5 = 1;
pub const OPT_LOG_INFO: _bindgen_ty_5 = 2;
pub type _bindgen_ty_5 = ::std::os::raw::c_uint;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_context_config {
    pub struct_size: u32,
    pub threads: i32,
    pub user: *mut ::std::os::raw::c_void,
    pub allocate: ::std::option::Option<
        unsafe extern "C" fn(
            user: *mut ::std::os::raw::c_void,
            size: i64,
            alignment: i64,
        ) -> *mut ::std::os::raw::c_void,
    >,
    pub release: ::std::option::Option<
        unsafe extern "C" fn(
            user: *mut ::std::os::raw::c_void,
            memory: *mut ::std::os::raw::c_void,
            size: i64,
            alignment: i64,
        ),
    >,
    pub log: ::std::option::Option<
        unsafe extern "C" fn(
            user: *mut ::std::os::raw::c_void,
            level: i32,
            message: *const ::std::os::raw::c_char,
        ),
    >,
    pub parallel_for: ::std::option::Option<
        unsafe extern "C" fn(
            user: *mut ::std::os::raw::c_void,
            count: i64,
            task: ::std::option::Option<
                unsafe extern "C" fn(task_data: *mut ::std::os::raw::c_void, i: i64),
            >,
            task_data: *mut ::std::os::raw::c_void,
        ) -> i32,
    >,
    pub target: *const ::std::os::raw::c_char,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_context_info {
    pub struct_size: u32,
    pub threads: i32,
    pub target: *const ::std::os::raw::c_char,
}
extern "C" {
    pub fn opt_context_create(
        config: *const opt_context_config,
        context: *mut opt_context,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_context_destroy(context: opt_context) -> opt_status;
}
extern "C" {
    pub fn opt_context_get_info(context: opt_context, info: *mut opt_context_info) -> opt_status;
}
extern "C" {
    pub fn opt_shutdown() -> opt_status;
}
pub const OPT_OPTION_BOOL: _bindgen_ty_6 = 1;
pub const OPT_OPTION_CHOICE: _bindgen_ty_6 = 2;
pub const OPT_OPTION_MIN_OPEN: _bindgen_ty_6 = 4;
pub const OPT_OPTION_MAX_OPEN: _bindgen_ty_6 = 8;
pub const OPT_OPTION_LAYOUT: _bindgen_ty_6 = 16;
pub const OPT_OPTION_INTEGER: _bindgen_ty_6 = 32;
pub const OPT_OPTION_REQUIRED: _bindgen_ty_6 = 64;
pub type _bindgen_ty_6 = ::std::os::raw::c_uint;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_rule_info {
    pub struct_size: u32,
    pub option_count: i32,
    pub slot_count: i32,
    pub preset_count: i32,
    pub name: *const ::std::os::raw::c_char,
    pub summary: *const ::std::os::raw::c_char,
    pub formula: *const ::std::os::raw::c_char,
    pub reference: *const ::std::os::raw::c_char,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_option_info {
    pub struct_size: u32,
    pub flags: u32,
    pub default_value: f64,
    pub min: f64,
    pub max: f64,
    pub name: *const ::std::os::raw::c_char,
    pub alias: *const ::std::os::raw::c_char,
    pub doc: *const ::std::os::raw::c_char,
    pub choices: *const ::std::os::raw::c_char,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_slot_info {
    pub struct_size: u32,
    pub reserved: i32,
    pub name: *const ::std::os::raw::c_char,
    pub doc: *const ::std::os::raw::c_char,
    pub when_option: *const ::std::os::raw::c_char,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_preset_info {
    pub struct_size: u32,
    pub reserved: i32,
    pub name: *const ::std::os::raw::c_char,
    pub doc: *const ::std::os::raw::c_char,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_alias_info {
    pub struct_size: u32,
    pub reserved: i32,
    pub name: *const ::std::os::raw::c_char,
    pub rule: *const ::std::os::raw::c_char,
    pub doc: *const ::std::os::raw::c_char,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_target_info {
    pub struct_size: u32,
    pub supported: i32,
    pub name: *const ::std::os::raw::c_char,
}
extern "C" {
    pub fn opt_rule_count(count: *mut i32) -> opt_status;
}
extern "C" {
    pub fn opt_rule_at(index: i32, info: *mut opt_rule_info) -> opt_status;
}
extern "C" {
    pub fn opt_rule_find(
        rule: *const ::std::os::raw::c_char,
        info: *mut opt_rule_info,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_alias_count(count: *mut i32) -> opt_status;
}
extern "C" {
    pub fn opt_alias_at(index: i32, info: *mut opt_alias_info) -> opt_status;
}
extern "C" {
    pub fn opt_option_at(
        rule: *const ::std::os::raw::c_char,
        index: i32,
        info: *mut opt_option_info,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_attribute_count(count: *mut i32) -> opt_status;
}
extern "C" {
    pub fn opt_attribute_at(index: i32, info: *mut opt_option_info) -> opt_status;
}
extern "C" {
    pub fn opt_slot_at(
        rule: *const ::std::os::raw::c_char,
        index: i32,
        info: *mut opt_slot_info,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_preset_at(
        rule: *const ::std::os::raw::c_char,
        index: i32,
        info: *mut opt_preset_info,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_preset_value(
        rule: *const ::std::os::raw::c_char,
        preset: *const ::std::os::raw::c_char,
        option: *const ::std::os::raw::c_char,
        value: *mut f64,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_target_count(count: *mut i32) -> opt_status;
}
extern "C" {
    pub fn opt_target_at(index: i32, info: *mut opt_target_info) -> opt_status;
}
extern "C" {
    pub fn opt_catalog() -> *const ::std::os::raw::c_char;
}
pub const OPT_NORM_2: _bindgen_ty_7 = 0;
pub const OPT_NORM_INF: _bindgen_ty_7 = 1;
pub type _bindgen_ty_7 = ::std::os::raw::c_uint;
pub const OPT_NONFINITE_PROPAGATE: _bindgen_ty_8 = 0;
pub const OPT_NONFINITE_ERROR: _bindgen_ty_8 = 1;
pub const OPT_NONFINITE_SKIP: _bindgen_ty_8 = 2;
pub type _bindgen_ty_8 = ::std::os::raw::c_uint;
pub const OPT_CLIP_PER_GROUP: _bindgen_ty_9 = 1;
pub type _bindgen_ty_9 = ::std::os::raw::c_uint;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_grad_work {
    pub struct_size: u32,
    pub flags: u32,
    pub loss_scale: f64,
    pub max_value: f64,
    pub max_tensor_norm: f64,
    pub max_norm: f64,
    pub norm: i32,
    pub nonfinite: i32,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_grad_report {
    pub struct_size: u32,
    pub skipped: i32,
    pub norm: f64,
    pub factor: f64,
    pub nonfinite_tensor: i64,
    pub group_norms: *mut f64,
    pub group_capacity: i64,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_grad_args {
    pub struct_size: u32,
    pub flags: u32,
    pub count: i64,
    pub grads: *const *mut ::std::os::raw::c_void,
    pub work: *const opt_grad_work,
}
extern "C" {
    pub fn opt_grad_norm(
        optimizer: opt_optimizer,
        args: *const opt_grad_args,
        report: *mut opt_grad_report,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_clip_grads(
        optimizer: opt_optimizer,
        args: *const opt_grad_args,
        report: *mut opt_grad_report,
    ) -> opt_status;
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_scaler_config {
    pub struct_size: u32,
    pub flags: u32,
    pub initial_scale: f64,
    pub growth_factor: f64,
    pub backoff_factor: f64,
    pub growth_interval: i64,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_scaler_info {
    pub struct_size: u32,
    pub active: i32,
    pub scale: f64,
    pub growth_factor: f64,
    pub backoff_factor: f64,
    pub growth_interval: i64,
    pub good_steps: i64,
    pub skipped: i64,
}
extern "C" {
    pub fn opt_scaler_start(
        optimizer: opt_optimizer,
        config: *const opt_scaler_config,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_scaler_stop(optimizer: opt_optimizer) -> opt_status;
}
extern "C" {
    pub fn opt_scaler_get(optimizer: opt_optimizer, info: *mut opt_scaler_info) -> opt_status;
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_schedule_handle {
    _unused: [u8; 0],
}
pub type opt_schedule = *mut opt_schedule_handle;
pub const OPT_SCHEDULE_HAS_MILESTONES: _bindgen_ty_10 = 1;
pub const OPT_SCHEDULE_HAS_METRIC: _bindgen_ty_10 = 2;
pub type _bindgen_ty_10 = ::std::os::raw::c_uint;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_schedule_kind_info {
    pub struct_size: u32,
    pub option_count: i32,
    pub flags: u32,
    pub reserved: i32,
    pub name: *const ::std::os::raw::c_char,
    pub summary: *const ::std::os::raw::c_char,
    pub formula: *const ::std::os::raw::c_char,
    pub reference: *const ::std::os::raw::c_char,
    pub pytorch: *const ::std::os::raw::c_char,
}
extern "C" {
    pub fn opt_schedule_create(
        context: opt_context,
        kind: *const ::std::os::raw::c_char,
        schedule: *mut opt_schedule,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_schedule_destroy(schedule: opt_schedule) -> opt_status;
}
extern "C" {
    pub fn opt_schedule_set(
        schedule: opt_schedule,
        option: *const ::std::os::raw::c_char,
        value: f64,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_schedule_get(
        schedule: opt_schedule,
        option: *const ::std::os::raw::c_char,
        value: *mut f64,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_schedule_set_milestones(
        schedule: opt_schedule,
        milestones: *const i64,
        count: i64,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_schedule_then(schedule: opt_schedule, steps: i64, next: opt_schedule) -> opt_status;
}
extern "C" {
    pub fn opt_schedule_chain(schedule: opt_schedule, other: opt_schedule) -> opt_status;
}
extern "C" {
    pub fn opt_schedule_value(
        schedule: opt_schedule,
        base: f64,
        step: i64,
        value: *mut f64,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_set_schedule(
        optimizer: opt_optimizer,
        group: i32,
        option: *const ::std::os::raw::c_char,
        schedule: opt_schedule,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_copy_schedule(
        optimizer: opt_optimizer,
        group: i32,
        option: *const ::std::os::raw::c_char,
        schedule: *mut opt_schedule,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_get_scheduled(
        optimizer: opt_optimizer,
        group: i32,
        option: *const ::std::os::raw::c_char,
        value: *mut f64,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_report_metric(optimizer: opt_optimizer, group: i32, metric: f64) -> opt_status;
}
extern "C" {
    pub fn opt_schedule_kind_count(count: *mut i32) -> opt_status;
}
extern "C" {
    pub fn opt_schedule_kind_at(index: i32, info: *mut opt_schedule_kind_info) -> opt_status;
}
extern "C" {
    pub fn opt_schedule_kind_find(
        kind: *const ::std::os::raw::c_char,
        info: *mut opt_schedule_kind_info,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_schedule_option_at(
        kind: *const ::std::os::raw::c_char,
        index: i32,
        info: *mut opt_option_info,
    ) -> opt_status;
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_checkpoint_handle {
    _unused: [u8; 0],
}
pub type opt_checkpoint = *mut opt_checkpoint_handle;
pub const OPT_SAVE_PARAMS: _bindgen_ty_11 = 1;
pub type _bindgen_ty_11 = ::std::os::raw::c_uint;
pub const OPT_LOAD_PARAMS: _bindgen_ty_12 = 1;
pub const OPT_LOAD_KEEP_OPTIONS: _bindgen_ty_12 = 2;
pub const OPT_LOAD_ALLOW_MISSING: _bindgen_ty_12 = 4;
pub const OPT_LOAD_ALLOW_UNEXPECTED: _bindgen_ty_12 = 8;
pub type _bindgen_ty_12 = ::std::os::raw::c_uint;
pub const OPT_LOAD_MISSING: _bindgen_ty_13 = 1;
pub const OPT_LOAD_UNEXPECTED: _bindgen_ty_13 = 2;
pub const OPT_LOAD_MISMATCHED: _bindgen_ty_13 = 3;
pub type _bindgen_ty_13 = ::std::os::raw::c_uint;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_entry {
    pub struct_size: u32,
    pub dtype: opt_dtype,
    pub count: i64,
    pub name: *const ::std::os::raw::c_char,
    pub data: *const ::std::os::raw::c_void,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_save_args {
    pub struct_size: u32,
    pub flags: u32,
    pub count: i64,
    pub params: *const *mut ::std::os::raw::c_void,
    pub entry_count: i64,
    pub entries: *const opt_entry,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_load_args {
    pub struct_size: u32,
    pub flags: u32,
    pub count: i64,
    pub params: *const *mut ::std::os::raw::c_void,
    pub name_count: i64,
    pub names: *const *const ::std::os::raw::c_char,
    pub report: ::std::option::Option<
        unsafe extern "C" fn(
            user: *mut ::std::os::raw::c_void,
            kind: i32,
            name: *const ::std::os::raw::c_char,
            detail: *const ::std::os::raw::c_char,
        ),
    >,
    pub user: *mut ::std::os::raw::c_void,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_entry_info {
    pub struct_size: u32,
    pub rank: i32,
    pub dtype: opt_dtype,
    pub own: u32,
    pub count: i64,
    pub bytes: i64,
    pub shape: *const i64,
    pub name: *const ::std::os::raw::c_char,
}
pub type opt_write_function = ::std::option::Option<
    unsafe extern "C" fn(
        user: *mut ::std::os::raw::c_void,
        data: *const ::std::os::raw::c_void,
        size: i64,
    ) -> i32,
>;
pub type opt_read_function = ::std::option::Option<
    unsafe extern "C" fn(
        user: *mut ::std::os::raw::c_void,
        data: *mut ::std::os::raw::c_void,
        size: i64,
    ) -> i64,
>;
extern "C" {
    pub fn opt_save_file(
        optimizer: opt_optimizer,
        path: *const ::std::os::raw::c_char,
        args: *const opt_save_args,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_save_memory(
        optimizer: opt_optimizer,
        buffer: *mut ::std::os::raw::c_void,
        capacity: i64,
        size: *mut i64,
        args: *const opt_save_args,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_save_callback(
        optimizer: opt_optimizer,
        write: opt_write_function,
        user: *mut ::std::os::raw::c_void,
        args: *const opt_save_args,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_load_file(
        optimizer: opt_optimizer,
        path: *const ::std::os::raw::c_char,
        args: *const opt_load_args,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_load_memory(
        optimizer: opt_optimizer,
        data: *const ::std::os::raw::c_void,
        size: i64,
        args: *const opt_load_args,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_load_callback(
        optimizer: opt_optimizer,
        read: opt_read_function,
        user: *mut ::std::os::raw::c_void,
        args: *const opt_load_args,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_checkpoint_open_file(
        context: opt_context,
        path: *const ::std::os::raw::c_char,
        checkpoint: *mut opt_checkpoint,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_checkpoint_open_memory(
        context: opt_context,
        data: *const ::std::os::raw::c_void,
        size: i64,
        checkpoint: *mut opt_checkpoint,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_checkpoint_close(checkpoint: opt_checkpoint) -> opt_status;
}
extern "C" {
    pub fn opt_checkpoint_count(checkpoint: opt_checkpoint, count: *mut i64) -> opt_status;
}
extern "C" {
    pub fn opt_checkpoint_at(
        checkpoint: opt_checkpoint,
        index: i64,
        info: *mut opt_entry_info,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_checkpoint_find(
        checkpoint: opt_checkpoint,
        name: *const ::std::os::raw::c_char,
        index: *mut i64,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_checkpoint_read(
        checkpoint: opt_checkpoint,
        index: i64,
        data: *mut ::std::os::raw::c_void,
        size: i64,
    ) -> opt_status;
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_tensor {
    pub struct_size: u32,
    pub group: i32,
    pub param_dtype: opt_dtype,
    pub grad_dtype: opt_dtype,
    pub count: i64,
    pub shape: *const i64,
    pub name: *const ::std::os::raw::c_char,
    pub param: *mut ::std::os::raw::c_void,
    pub grad: *mut ::std::os::raw::c_void,
    pub rank: i32,
    pub reserved: i32,
}
pub const OPT_ZERO_GRADS: _bindgen_ty_14 = 1;
pub const OPT_SUM: _bindgen_ty_14 = 2;
pub const OPT_GRADS_ARE_MEANS: _bindgen_ty_14 = 4;
pub type _bindgen_ty_14 = ::std::os::raw::c_uint;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_step_args {
    pub struct_size: u32,
    pub flags: u32,
    pub count: i64,
    pub params: *const *mut ::std::os::raw::c_void,
    pub grads: *const *mut ::std::os::raw::c_void,
    pub work: *const opt_grad_work,
    pub report: *mut opt_grad_report,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_accumulate_args {
    pub struct_size: u32,
    pub flags: u32,
    pub count: i64,
    pub samples: i64,
    pub grads: *const *mut ::std::os::raw::c_void,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_zero_grad_args {
    pub struct_size: u32,
    pub flags: u32,
    pub count: i64,
    pub grads: *const *mut ::std::os::raw::c_void,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_info {
    pub struct_size: u32,
    pub group_count: i32,
    pub index_count: i64,
    pub tensor_count: i64,
    pub param_count: i64,
    pub state_bytes: i64,
    pub steps: i64,
    pub pending_samples: i64,
    pub rule: *const ::std::os::raw::c_char,
    pub skipped: i64,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_tensor_info {
    pub struct_size: u32,
    pub group: i32,
    pub param_dtype: opt_dtype,
    pub grad_dtype: opt_dtype,
    pub count: i64,
    pub step: i64,
    pub shape: *const i64,
    pub name: *const ::std::os::raw::c_char,
    pub param: *mut ::std::os::raw::c_void,
    pub grad: *mut ::std::os::raw::c_void,
    pub rank: i32,
    pub reserved: i32,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct opt_view {
    pub struct_size: u32,
    pub dtype: opt_dtype,
    pub count: i64,
    pub data: *mut ::std::os::raw::c_void,
}
extern "C" {
    pub fn opt_create(
        context: opt_context,
        rule: *const ::std::os::raw::c_char,
        optimizer: *mut opt_optimizer,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_destroy(optimizer: opt_optimizer) -> opt_status;
}
extern "C" {
    pub fn opt_add_group(optimizer: opt_optimizer, group: *mut i32) -> opt_status;
}
extern "C" {
    pub fn opt_set(
        optimizer: opt_optimizer,
        group: i32,
        option: *const ::std::os::raw::c_char,
        value: f64,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_get(
        optimizer: opt_optimizer,
        group: i32,
        option: *const ::std::os::raw::c_char,
        value: *mut f64,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_set_preset(
        optimizer: opt_optimizer,
        group: i32,
        preset: *const ::std::os::raw::c_char,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_attach(
        optimizer: opt_optimizer,
        tensors: *const opt_tensor,
        count: i64,
        indices: *mut i64,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_bind(
        optimizer: opt_optimizer,
        index: i64,
        param: *mut ::std::os::raw::c_void,
        grad: *mut ::std::os::raw::c_void,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_detach(optimizer: opt_optimizer, index: i64) -> opt_status;
}
extern "C" {
    pub fn opt_step(optimizer: opt_optimizer, args: *const opt_step_args) -> opt_status;
}
extern "C" {
    pub fn opt_accumulate(optimizer: opt_optimizer, args: *const opt_accumulate_args)
        -> opt_status;
}
extern "C" {
    pub fn opt_discard(optimizer: opt_optimizer) -> opt_status;
}
extern "C" {
    pub fn opt_zero_grad(optimizer: opt_optimizer, args: *const opt_zero_grad_args) -> opt_status;
}
extern "C" {
    pub fn opt_get_info(optimizer: opt_optimizer, info: *mut opt_info) -> opt_status;
}
extern "C" {
    pub fn opt_tensor_at(
        optimizer: opt_optimizer,
        index: i64,
        info: *mut opt_tensor_info,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_find_tensor(
        optimizer: opt_optimizer,
        name: *const ::std::os::raw::c_char,
        index: *mut i64,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_set_tensor(
        optimizer: opt_optimizer,
        index: i64,
        attribute: *const ::std::os::raw::c_char,
        value: f64,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_get_tensor(
        optimizer: opt_optimizer,
        index: i64,
        attribute: *const ::std::os::raw::c_char,
        value: *mut f64,
    ) -> opt_status;
}
extern "C" {
    pub fn opt_set_tensor_step(optimizer: opt_optimizer, index: i64, step: i64) -> opt_status;
}
extern "C" {
    pub fn opt_state_view(
        optimizer: opt_optimizer,
        index: i64,
        slot: *const ::std::os::raw::c_char,
        view: *mut opt_view,
    ) -> opt_status;
}
