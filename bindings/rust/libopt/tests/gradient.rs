// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

//! Norms, clipping, loss scaling, and what is done about Inf and NaN.

use libopt::rules::Sgd;
use libopt::{
    GradientWork, Lent, Nonfinite, Norm, Optimizer, ScalerOptions, Status, StepOptions, TensorSpec,
};

/// A tensor of two elements, and one of one in a group of its own.
fn two_groups() -> Optimizer {
    let mut optimizer = Optimizer::new(Sgd::new().lr(1.)).unwrap();
    let second = optimizer.add_group().unwrap();
    optimizer.attach(TensorSpec::new::<f32>("w", 2)).unwrap();
    optimizer.attach(TensorSpec::new::<f32>("b", 1).group(second)).unwrap();
    optimizer
}

#[test]
fn norms_are_measured_over_all_and_by_group() {
    let mut optimizer = two_groups();
    let grads = || [Lent::grad(&[3f32, 4.]), Lent::grad(&[12f32])];
    let report = optimizer.grad_norm(&GradientWork::new(), grads()).unwrap();
    assert_eq!((report.norm, report.factor, report.nonfinite_tensor), (13., 1., None));
    assert_eq!(report.group_norms, [5., 12.]);
    let largest = GradientWork::new().norm(Norm::Infinity);
    assert_eq!(optimizer.grad_norm(&largest, grads()).unwrap().norm, 12.);
    let root = largest.norm(Norm::Two);
    assert_eq!(optimizer.grad_norm(&root, grads()).unwrap().norm, 13.);
}

#[test]
fn gradients_are_clipped_by_the_norm_of_all_of_a_group_or_of_a_tensor() {
    let clipped = |work: GradientWork| {
        let (mut w, mut b) = ([3f32, 4.], [12f32]);
        let lent = [Lent::grad_mut(&mut w), Lent::grad_mut(&mut b)];
        let report = two_groups().clip_grads(&work, lent).unwrap();
        (w[1], (b[0] * 100.).round() / 100., report.norm)
    };
    let (w, b, norm) = clipped(GradientWork::new().max_norm(6.5));
    assert!(w < 2.01 && b == 6. && norm == 13.);
    assert_eq!(clipped(GradientWork::new().max_norm(6.).per_group()), (4., 6., 13.));
    let (w, b, _) = clipped(GradientWork::new().max_tensor_norm(6.));
    assert_eq!((w, b), (4., 6.));
}

#[test]
fn gradients_are_clipped_in_place_and_in_a_step() {
    let mut optimizer = two_groups();
    let mut grad = [12f32];
    let work = GradientWork::new().max_value(6.);
    let refused = optimizer.clip_grads(&work, [Lent::nothing(), Lent::grad(&grad)]);
    assert_eq!(refused.err().unwrap().status(), Status::Argument);
    optimizer.clip_grads(&work, [Lent::nothing(), Lent::grad_mut(&mut grad)]).unwrap();
    assert_eq!(grad, [6.]);
    let mut b = [0f32];
    let how = StepOptions::new().work(GradientWork::new().loss_scale(2.).max_value(2.));
    let lent = [Lent::nothing(), Lent::new(&mut b, &grad)];
    let report = optimizer.step_and_report(&how, lent).unwrap();
    assert_eq!((b[0], report.norm), (-2., 2.));
}

#[test]
fn inf_is_an_error_or_skips_the_step_if_wanted() {
    let mut optimizer = two_groups();
    let (mut b, inf) = ([1f32], [f32::INFINITY]);
    let how = StepOptions::new().work(GradientWork::new().nonfinite(Nonfinite::Error));
    let failed = optimizer.step_with(&how, [Lent::nothing(), Lent::new(&mut b, &inf)]);
    assert_eq!(failed.err().unwrap().status(), Status::Nonfinite);
    let how = StepOptions::new().work(GradientWork::new().nonfinite(Nonfinite::Skip));
    let lent = [Lent::nothing(), Lent::new(&mut b, &inf)];
    let report = optimizer.step_and_report(&how, lent).unwrap();
    assert_eq!((report.skipped, report.nonfinite_tensor, b[0]), (true, Some(1), 1.));
    assert_eq!(optimizer.info().unwrap().skipped, 1);
}

#[test]
fn the_loss_scale_adapts() {
    let mut optimizer = two_groups();
    assert!(optimizer.scaler().unwrap().is_none());
    let scaler = ScalerOptions {
        initial_scale: Some(4.),
        growth_factor: Some(3.),
        backoff_factor: Some(0.25),
        growth_interval: Some(1),
    };
    optimizer.start_scaler(&scaler).unwrap();
    let (mut b, inf) = ([0f32], [f32::INFINITY]);
    optimizer.step([Lent::nothing(), Lent::new(&mut b, &[4f32])]).unwrap();
    optimizer.step([Lent::nothing(), Lent::new(&mut b, &inf)]).unwrap();
    let scaler = optimizer.scaler().unwrap().unwrap();
    assert_eq!((b[0], scaler.scale, scaler.skipped), (-1., 4. * 3. * 0.25, 1));
    optimizer.set_scale(1024.).unwrap();
    assert_eq!(optimizer.scaler().unwrap().unwrap().scale, 1024.);
    assert_eq!(optimizer.set_scale(-1.).unwrap_err().status(), Status::Argument);
    optimizer.stop_scaler().unwrap();
    assert!(optimizer.scaler().unwrap().is_none());
    assert_eq!(optimizer.set_scale(2.).unwrap_err().status(), Status::State);
}
