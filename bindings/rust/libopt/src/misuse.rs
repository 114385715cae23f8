// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

//! What must not compile: memory that is gone before the library is through
//! with it. Each is a test.

/// Parameters that are gone, of each way to lend them.
///
/// ```compile_fail,E0597
/// let grad = [1f32];
/// let lent;
/// {
///     let mut gone = [1f32];
///     lent = libopt::Lent::new(&mut gone, &grad);
/// }
/// drop(lent);
/// ```
/// ```compile_fail,E0597
/// let mut grad = [1f32];
/// let lent;
/// {
///     let mut gone = [1f32];
///     lent = libopt::Lent::zeroing(&mut gone, &mut grad);
/// }
/// drop(lent);
/// ```
/// ```compile_fail,E0597
/// let lent;
/// {
///     let mut gone = [1f32];
///     lent = libopt::Lent::param(&mut gone);
/// }
/// drop(lent);
/// ```
pub struct LentParam;

/// Gradients that are gone.
///
/// ```compile_fail,E0597
/// let mut param = [1f32];
/// let lent;
/// {
///     let gone = [1f32];
///     lent = libopt::Lent::new(&mut param, &gone);
/// }
/// drop(lent);
/// ```
/// ```compile_fail,E0597
/// let lent;
/// {
///     let gone = [1f32];
///     lent = libopt::Lent::grad(&gone);
/// }
/// drop(lent);
/// ```
/// ```compile_fail,E0597
/// let lent;
/// {
///     let mut gone = [1f32];
///     lent = libopt::Lent::grad_mut(&mut gone);
/// }
/// drop(lent);
/// ```
pub struct LentGrad;

/// State of a tensor that is detached, of an optimizer that is gone, and state
/// that is looked at while a step writes it.
///
/// ```compile_fail,E0502
/// let mut optimizer = libopt::Optimizer::new("adam").unwrap();
/// let state = optimizer.state::<f32>(0, "exp_avg").unwrap();
/// optimizer.detach(0).unwrap();
/// drop(state[0]);
/// ```
/// ```compile_fail,E0505
/// let mut optimizer = libopt::Optimizer::new("adam").unwrap();
/// let state = optimizer.state_mut::<f32>(0, "exp_avg").unwrap();
/// drop(optimizer);
/// state[0] = 1.;
/// ```
/// ```compile_fail,E0502
/// let mut optimizer = libopt::Optimizer::new("adam").unwrap();
/// let state = optimizer.state::<f32>(0, "exp_avg").unwrap();
/// optimizer.step([]).unwrap();
/// drop(state[0]);
/// ```
pub struct State;

/// What a save reads, a load writes, and a checkpoint is read from.
///
/// ```compile_fail,E0597
/// let what;
/// {
///     let gone = [1f32];
///     what = libopt::Save::new().param(&gone);
/// }
/// drop(what);
/// ```
/// ```compile_fail,E0597
/// let what;
/// {
///     let gone = [1f32];
///     what = libopt::Save::new().entry("epoch", &gone);
/// }
/// drop(what);
/// ```
/// ```compile_fail,E0597
/// let how;
/// {
///     let mut gone = [1f32];
///     how = libopt::Load::new().param(&mut gone);
/// }
/// drop(how);
/// ```
/// ```compile_fail,E0597
/// let checkpoint;
/// {
///     let gone = vec![1u8];
///     checkpoint = libopt::Checkpoint::from_memory(&gone).unwrap();
/// }
/// drop(checkpoint);
/// ```
pub struct Checkpoints;

/// One object, used by two threads at once.
///
/// ```compile_fail,E0277
/// fn shared<T: Sync>(_: T) {}
/// shared(libopt::Schedule::new("cosine").unwrap());
/// ```
pub struct Threads;
