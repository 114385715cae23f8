// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

//! Schedules of options, averages of parameters, attributes of tensors.

use libopt::rules::{ScheduleFreeAdamW, Sgd};
use libopt::schedules::*;
use libopt::{AverageOptions, Group, Lent, Optimizer, Schedule, Status, TensorSpec};
use libopt::{ToSchedule, TypedSchedule};

fn one_tensor() -> Optimizer {
    let mut optimizer = Optimizer::new(Sgd::new().lr(1.)).unwrap();
    optimizer.attach(TensorSpec::new::<f32>("w", 1)).unwrap();
    optimizer
}

#[test]
fn an_option_is_scheduled_from_the_next_step_on() {
    let (mut optimizer, mut w) = (one_tensor(), [0f32]);
    let halves = Schedule::new("exponential").unwrap().with("gamma", 0.5).unwrap();
    assert_eq!(halves.get("gamma").unwrap(), 0.5);
    optimizer.set_schedule(Group::ALL, "lr", &halves).unwrap();
    drop(halves);
    optimizer.step([Lent::new(&mut w, &[1f32])]).unwrap();
    assert_eq!(optimizer.scheduled(Group::FIRST, "lr").unwrap(), 0.5);
    assert_eq!(optimizer.get("lr").unwrap(), 1.);
    optimizer.step([Lent::new(&mut w, &[1f32])]).unwrap();
    assert_eq!(w[0], -1.5);
    let copy = optimizer.copy_schedule(Group::FIRST, "lr").unwrap().unwrap();
    assert_eq!(copy.value(8., 2).unwrap(), 2.);
    optimizer.remove_schedule(Group::ALL, "lr").unwrap();
    assert!(optimizer.copy_schedule(Group::FIRST, "lr").unwrap().is_none());
    assert_eq!(optimizer.scheduled(Group::FIRST, "lr").unwrap(), 1.);
}

#[test]
fn a_schedule_is_made_of_parts() {
    let first = Schedule::new("constant").unwrap().with("factor", 0.5).unwrap();
    let mut first = first.with("total_iters", 100.).unwrap();
    let mut second = Schedule::new("multi_step").unwrap().with("gamma", 0.5).unwrap();
    second.set_milestones(&[1, 3]).unwrap();
    first.then(2, &second).unwrap();
    let value = |schedule: &Schedule, step| schedule.value(8., step).unwrap();
    assert_eq!((value(&first, 1), value(&first, 2), value(&first, 3)), (4., 8., 4.));
    first.chain(&second).unwrap();
    assert_eq!(value(&first, 3), 1.);
    assert_eq!(first.get("factor").err().unwrap().status(), Status::State);
    let unknown = Schedule::new("cosin").err().unwrap();
    assert!(unknown.message().contains("did you mean 'cosine'"));
}

#[test]
fn a_schedule_tells_its_parts() {
    let mut schedule = Schedule::new(Linear::new().total_iters(500)).unwrap();
    schedule.then(500, Cosine::new(9500).eta_min(1e-5)).unwrap();
    schedule.chain(MultiStep::new([1000, 2000]).gamma(0.5)).unwrap();
    let parts = schedule.parts().unwrap();
    drop(schedule);
    let kinds: Vec<_> = parts.iter().map(|part| part.kind).collect();
    assert_eq!(kinds, ["linear", "cosine", "multi_step"]);
    let turns: Vec<_> = parts.iter().map(|part| (part.begin, part.end)).collect();
    assert_eq!(turns[..2], [(0, Some(500)), (500, None)]);
    assert_eq!(parts[0].option("total_iters"), Some(500.));
    assert_eq!(parts[0].options.len(), libopt::schedule_options_of("linear").unwrap().len());
    assert_eq!(parts[1].option("t_max"), Some(9500.));
    assert_eq!(parts[1].option("eta_min"), Some(1e-5));
    assert_eq!(parts[1].option("gamma"), None);
    assert!(parts[1].milestones.is_empty());
    assert_eq!(
        (parts[2].option("gamma"), &parts[2].milestones[..]),
        (Some(0.5), &[1000, 2000][..])
    );
}

/// Fails unless typed options are the schedule of the kind `T::KIND` with these
/// options and milestones.
fn expect_same<T: TypedSchedule>(typed: T, options: &[(&str, f64)], milestones: &[i64]) {
    let mut named = Schedule::new(T::KIND).unwrap();
    for (option, value) in options {
        named.set(option, *value).unwrap();
    }
    if !milestones.is_empty() {
        named.set_milestones(milestones).unwrap();
    }
    let typed = Schedule::new(typed).unwrap();
    for option in libopt::schedule_options_of(T::KIND).unwrap() {
        let (a, b) = (typed.get(option.name).unwrap(), named.get(option.name).unwrap());
        assert_eq!(a, b, "{} of {}", option.name, T::KIND);
    }
    for step in 0..40 {
        let (a, b) = (typed.value(0.5, step).unwrap(), named.value(0.5, step).unwrap());
        assert_eq!(a, b, "{} at step {step}", T::KIND);
    }
}

#[test]
fn typed_options_give_the_schedule_of_their_names() {
    let constant = Constant::new().interval(2).factor(0.25).total_iters(7);
    expect_same(constant, &[("interval", 2.), ("factor", 0.25), ("total_iters", 7.)], &[]);
    let linear = Linear::new().start_factor(0.1).end_factor(0.9).total_iters(9);
    let options = [("start_factor", 0.1), ("end_factor", 0.9), ("total_iters", 9.)];
    expect_same(linear, &options, &[]);
    expect_same(Step::new(3).gamma(0.5), &[("step_size", 3.), ("gamma", 0.5)], &[]);
    expect_same(MultiStep::new([1, 3]).gamma(0.5), &[("gamma", 0.5)], &[1, 3]);
    expect_same(Exponential::new(0.75), &[("gamma", 0.75)], &[]);
    let polynomial = Polynomial::new().total_iters(8).power(2.).eta_min(0.1);
    let options = [("total_iters", 8.), ("power", 2.), ("eta_min", 0.1)];
    expect_same(polynomial, &options, &[]);
    expect_same(Cosine::new(12).eta_min(0.1), &[("t_max", 12.), ("eta_min", 0.1)], &[]);
    let restarts = CosineRestarts::new(4).t_mult(2).eta_min(0.1);
    expect_same(restarts, &[("t_0", 4.), ("t_mult", 2.), ("eta_min", 0.1)], &[]);
    let one_cycle = OneCycle::new(30).pct_start(0.4).anneal(OneCycleAnneal::Linear);
    let options = [("total_steps", 30.), ("pct_start", 0.4), ("anneal", 1.), ("three_phase", 1.)];
    expect_same(one_cycle.three_phase(true), &options, &[]);
    let cyclic = Cyclic::new(2.).step_size_up(5).mode(CyclicMode::ExpRange).gamma(0.9);
    let options = [("peak_value", 2.), ("step_size_up", 5.), ("mode", 2.), ("gamma", 0.9)];
    expect_same(cyclic, &options, &[]);
    let inverse_sqrt = InverseSqrt::new().warmup_steps(6).d_model(64);
    expect_same(inverse_sqrt, &[("warmup_steps", 6.), ("d_model", 64.)], &[]);
    let decay = WarmupStableDecay::new().warmup_steps(4).stable_steps(5).decay_steps(6);
    let options = [("warmup_steps", 4.), ("stable_steps", 5.), ("decay_steps", 6.), ("decay", 2.)];
    expect_same(decay.decay(WarmupStableDecayDecay::Sqrt), &options, &[]);
    let plateau = Plateau::new().mode(PlateauMode::Max).patience(3);
    let options = [("mode", 1.), ("patience", 3.), ("threshold_mode", 1.)];
    expect_same(plateau.threshold_mode(PlateauThresholdMode::Abs), &options, &[]);
}

#[test]
fn every_kind_of_schedule_has_a_type() {
    let typed = [
        Constant::KIND,
        Linear::KIND,
        Step::KIND,
        MultiStep::KIND,
        Exponential::KIND,
        Polynomial::KIND,
        Cosine::KIND,
        CosineRestarts::KIND,
        OneCycle::KIND,
        Cyclic::KIND,
        InverseSqrt::KIND,
        WarmupStableDecay::KIND,
        Plateau::KIND,
    ];
    let kinds = libopt::schedule_kinds().unwrap();
    assert_eq!(kinds.iter().map(|kind| kind.name).collect::<Vec<_>>(), typed);
}

#[test]
fn typed_options_are_taken_wherever_a_schedule_is() {
    let mut parts = Schedule::new(Constant::new().factor(0.5).total_iters(100)).unwrap();
    parts.then(2, MultiStep::new([1, 3]).gamma(0.5)).unwrap();
    parts.chain(MultiStep::new(vec![1, 3]).gamma(0.5)).unwrap();
    let values: Vec<_> = (0..4).map(|step| parts.value(8., step).unwrap()).collect();
    assert_eq!(values, [4., 2., 4., 1.]);
    let (mut optimizer, mut w) = (one_tensor(), [0f32]);
    optimizer.set_schedule(Group::ALL, "lr", Exponential::new(0.5)).unwrap();
    optimizer.step([Lent::new(&mut w, &[1f32])]).unwrap();
    optimizer.step([Lent::new(&mut w, &[1f32])]).unwrap();
    assert_eq!(w[0], -1.5);
}

#[test]
fn a_wrong_value_of_a_typed_option_is_named() {
    let refused = |kind: &dyn Fn() -> libopt::Result<Schedule>, part: &str| {
        let error = kind().unwrap_err();
        assert_eq!(error.status(), Status::Value);
        assert!(error.message().contains(part), "{}", error.message());
    };
    refused(&|| Cosine::new(-1).to_schedule(), "t_max");
    refused(&|| Schedule::new(Linear::new().start_factor(f64::NAN)), "start_factor");
    refused(&|| Schedule::new(MultiStep::new([3, 1])), "ascending");
    let mut optimizer = one_tensor();
    let error = optimizer.set_schedule(Group::ALL, "lr", Step::new(0)).unwrap_err();
    assert!(error.message().contains("step_size"), "{}", error.message());
    assert!(optimizer.copy_schedule(Group::FIRST, "lr").unwrap().is_none());
}

#[test]
fn a_plateau_waits_for_a_metric() {
    let mut optimizer = one_tensor();
    let plateau = Schedule::new("plateau").unwrap().with("factor", 0.5).unwrap();
    let plateau = plateau.with("patience", 0.).unwrap();
    optimizer.set_schedule(Group::ALL, "lr", &plateau).unwrap();
    optimizer.report_metric(Group::ALL, 1.).unwrap();
    optimizer.report_metric(Group::FIRST, 2.).unwrap();
    assert_eq!(optimizer.scheduled(Group::FIRST, "lr").unwrap(), 0.5);
}

#[test]
fn kinds_of_schedules_and_their_options_are_listed() {
    let kinds = libopt::schedule_kinds().unwrap();
    assert!(kinds.iter().any(|kind| kind.pytorch == Some("CosineAnnealingLR")));
    assert!(kinds.iter().any(|kind| kind.name == "plateau" && kind.has_metric));
    let options = libopt::schedule_options_of("cosine").unwrap();
    assert!(options.iter().any(|option| option.name == "t_max"));
}

#[test]
fn parameters_are_exchanged_with_their_average_and_back() {
    let (mut optimizer, mut w) = (one_tensor(), [0f32]);
    assert!(optimizer.average().unwrap().is_none());
    optimizer.start_average(&AverageOptions::swa()).unwrap();
    optimizer.step([Lent::new(&mut w, &[1f32])]).unwrap();
    optimizer.step([Lent::new(&mut w, &[2f32])]).unwrap();
    let info = optimizer.average().unwrap().unwrap();
    assert_eq!((info.options, info.updates), (AverageOptions::swa().period(1), 2));
    optimizer.swap_eval_weights([Lent::param(&mut w)]).unwrap();
    assert_eq!(w[0], -2.);
    let refused = optimizer.step([Lent::new(&mut w, &[1f32])]);
    assert_eq!(refused.err().unwrap().status(), Status::State);
    optimizer.swap_eval_weights([Lent::param(&mut w)]).unwrap();
    assert_eq!((w[0], optimizer.state::<f32>(0, "param_average").unwrap()[0]), (-3., -2.));
    optimizer.stop_average().unwrap();
    let refused = optimizer.start_average(&AverageOptions::ema(2.)).err().unwrap();
    assert_eq!(refused.status(), Status::Value);
}

#[test]
fn a_rules_own_weights_are_read_as_a_swap_puts_them_in() {
    let mut optimizer = Optimizer::new(ScheduleFreeAdamW::new().lr(0.1)).unwrap();
    optimizer.attach(TensorSpec::new::<f32>("w", 2)).unwrap();
    let mut w = [2f32, 0.];
    for _ in 0..3 {
        optimizer.step([Lent::new(&mut w, &[1f32, -1.])]).unwrap();
    }
    let (trained, mut read) = (w, [0f32; 2]);
    optimizer.read_eval_weights(0, &mut read, [Lent::param(&mut w)]).unwrap();
    assert_eq!(w, trained);
    assert_ne!(read, trained);
    optimizer.swap_eval_weights([Lent::param(&mut w)]).unwrap();
    assert_eq!(w, read);
    let refused = optimizer.read_eval_weights(0, &mut read, [Lent::param(&mut w)]);
    assert_eq!(refused.err().unwrap().status(), Status::State);
    optimizer.swap_eval_weights([Lent::param(&mut w)]).unwrap();
    assert_eq!(w, trained);
}

#[test]
fn an_average_is_read_into_a_slice_that_fits_alone() {
    let (mut optimizer, mut w) = (one_tensor(), [0f32]);
    optimizer.start_average(&AverageOptions::swa()).unwrap();
    optimizer.step([Lent::new(&mut w, &[1f32])]).unwrap();
    optimizer.step([Lent::new(&mut w, &[2f32])]).unwrap();
    let mut read = [0f32];
    optimizer.read_eval_weights_retained(0, &mut read).unwrap();
    assert_eq!((read[0], w[0]), (-2., -3.));
    let status = |refused: libopt::Result<()>| refused.err().unwrap().status();
    assert_eq!(status(optimizer.read_eval_weights_retained(0, &mut [0f64])), Status::DType);
    assert_eq!(status(optimizer.read_eval_weights_retained(0, &mut [0f32; 2])), Status::Argument);
    assert_eq!(status(optimizer.read_eval_weights_retained(1, &mut read)), Status::Range);
}

#[test]
fn a_tensor_has_attributes_of_its_own() {
    let (mut optimizer, mut w) = (one_tensor(), [0f32]);
    optimizer.set_attribute(0, "lr_factor", 0.5).unwrap();
    optimizer.step([Lent::new(&mut w, &[1f32])]).unwrap();
    optimizer.set_attribute(0, "frozen", 1.).unwrap();
    optimizer.step([Lent::new(&mut w, &[1f32])]).unwrap();
    assert_eq!((w[0], optimizer.get_attribute(0, "lr_factor").unwrap()), (-0.5, 0.5));
    let names: Vec<_> = libopt::attributes().unwrap().iter().map(|a| a.name).collect();
    assert!(names.contains(&"frozen"), "{names:?}");
}
