// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

//! What `Optimizer::step` costs beside the bare call of C, in turns in one
//! process: sgd on tensors of one element, where there is next to nothing to
//! compute. Prints the fastest rounds.

use std::ffi::c_void;
use std::ptr::null_mut;
use std::time::Instant;

use libopt::{sys, Context, Lent, Optimizer, TensorSpec};

const ROUNDS: usize = 200;
const CALLS: usize = 2000;

/// Nanoseconds of one call in a round.
fn round(mut call: impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..CALLS {
        call();
    }
    start.elapsed().as_nanos() as f64 / CALLS as f64
}

/// Calls `opt_step` with pointers that have been collected once.
struct Bare {
    handle: sys::opt_optimizer,
    params: Vec<*mut c_void>,
    grads: Vec<*mut c_void>,
}

impl Bare {
    fn new(params: &mut [[f32; 1]], grads: &mut [[f32; 1]]) -> Bare {
        let params: Vec<_> = params.iter_mut().map(|x| x.as_mut_ptr().cast()).collect();
        let grads = grads.iter_mut().map(|x| x.as_mut_ptr().cast()).collect();
        let mut handle = null_mut();
        unsafe {
            let rule = b"sgd\0".as_ptr().cast();
            assert_eq!(sys::opt_create(null_mut(), rule, &mut handle), 0);
            for _ in &params {
                let mut tensor: sys::opt_tensor = std::mem::zeroed();
                tensor.struct_size = std::mem::size_of_val(&tensor) as u32;
                tensor.count = 1;
                assert_eq!(sys::opt_attach(handle, &tensor, 1, null_mut()), 0);
            }
        }
        Bare { handle, params, grads }
    }

    fn step(&self) {
        unsafe {
            let mut args: sys::opt_step_args = std::mem::zeroed();
            args.struct_size = std::mem::size_of_val(&args) as u32;
            let mut lent: sys::opt_lent = std::mem::zeroed();
            lent.struct_size = std::mem::size_of_val(&lent) as u32;
            lent.count = self.params.len() as i64;
            lent.params = self.params.as_ptr();
            lent.grads = self.grads.as_ptr();
            args.lent = &lent;
            assert_eq!(sys::opt_step(self.handle, &args), 0);
        }
    }
}

fn measure(tensors: usize) {
    let context = Context::builder().build().unwrap(); // one thread, as the bare one
    let mut optimizer = Optimizer::with_context("sgd", &context).unwrap();
    for i in 0..tensors {
        optimizer.attach(TensorSpec::new::<f32>(i.to_string(), 1)).unwrap();
    }
    let (mut params, grads) = (vec![[1f32]; tensors], vec![[1f32]; tensors]);
    let (mut bare_params, mut bare_grads) = (params.clone(), grads.clone());
    let bare = Bare::new(&mut bare_params, &mut bare_grads);
    let (mut rust, mut c) = (f64::MAX, f64::MAX);
    for _ in 0..ROUNDS {
        rust = rust.min(round(|| {
            let lent = params.iter_mut().zip(&grads).map(|(w, g)| Lent::new(w, g));
            optimizer.step(lent).unwrap();
        }));
        c = c.min(round(|| bare.step()));
    }
    unsafe { sys::opt_destroy(bare.handle) };
    assert_eq!(params, bare_params, "both have made the same steps");
    println!(
        "{tensors} tensors: libopt {rust:.1} ns, opt_step {c:.1} ns, difference {:.1} ns, ratio {:.2}",
        rust - c,
        rust / c
    );
}

fn main() {
    [1, 10, 100].into_iter().for_each(measure);
}
