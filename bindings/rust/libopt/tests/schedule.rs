// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

//! Schedules of options, averages of parameters, attributes of tensors.

use libopt::rules::Sgd;
use libopt::{AverageOptions, Group, Lent, Optimizer, Schedule, Status, TensorSpec};

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
    optimizer.swap_averages([Lent::param(&mut w)]).unwrap();
    assert_eq!(w[0], -2.);
    let refused = optimizer.step([Lent::new(&mut w, &[1f32])]);
    assert_eq!(refused.err().unwrap().status(), Status::State);
    optimizer.swap_averages([Lent::param(&mut w)]).unwrap();
    assert_eq!((w[0], optimizer.state::<f32>(0, "param_average").unwrap()[0]), (-3., -2.));
    optimizer.stop_average().unwrap();
    let refused = optimizer.start_average(&AverageOptions::ema(2.)).err().unwrap();
    assert_eq!(refused.status(), Status::Value);
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
