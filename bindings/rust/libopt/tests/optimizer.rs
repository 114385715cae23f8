// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

//! Optimizers, options, and buffers that are lent.

use libopt::rules::{AdaGrad, AdamW, Amsgrad, EpsPlacement, Lion, Momentum, Sgd};
use libopt::{
    AccumulateOptions, AverageOptions, Checkpoint, Context, DType, GradientWork, Group, Lent,
    LoadOptions, Optimizer, Options, SaveOptions, Schedule, SlotShape, Status, StepOptions,
    TensorSpec,
};

fn failure<T>(result: libopt::Result<T>) -> (Status, String) {
    let error = result.err().expect("the call should fail");
    (error.status(), error.message().to_string())
}

fn two_tensors() -> Optimizer {
    let mut optimizer = Optimizer::new(Sgd::new().lr(1.)).unwrap();
    optimizer.attach(TensorSpec::new::<f32>("a", 1)).unwrap();
    optimizer.attach(TensorSpec::with_grad::<f64, f32>("b", 1)).unwrap();
    optimizer
}

#[test]
fn steps_over_tensors_of_every_dtype() {
    let mut optimizer = two_tensors();
    let (mut a, mut b) = (vec![1f32], [1f64]);
    optimizer.step([Lent::new(&mut a, &[2f32]), Lent::new(&mut b, &[3f32])]).unwrap();
    assert_eq!((a[0], b[0]), (-1., -2.));
    assert_eq!(optimizer.info().unwrap().steps, 1);
}

#[test]
fn a_tensor_without_a_gradient_is_passed_over() {
    let mut optimizer = two_tensors();
    let (mut a, mut b) = ([1f32], [1f64]);
    optimizer.step([Lent::new(&mut a, &[2f32]), Lent::nothing()]).unwrap();
    optimizer.step([Lent::nothing(), Lent::param(&mut b)]).unwrap();
    assert_eq!((a[0], b[0]), (-1., 1.));
    assert_eq!(optimizer.tensor(0).unwrap().step, 1);
    assert_eq!(optimizer.tensor(1).unwrap().step, 0);
}

#[test]
fn lent_buffers_that_do_not_fit_are_refused_and_change_nothing() {
    let mut optimizer = two_tensors();
    let (mut a, mut b) = ([1f32], [1f64]);
    let result = optimizer.step([Lent::new(&mut a, &[2f32])]);
    assert!(failure(result).1.contains("fewer tensors"));
    let three = [Lent::new(&mut a, &[2f32]), Lent::nothing(), Lent::nothing()];
    assert!(failure(optimizer.step(three)).1.contains("more tensors"));
    let result = optimizer.step([Lent::new(&mut b, &[2f32]), Lent::nothing()]);
    let message = "tensor 'a': its parameters were attached as f32, but lent as f64";
    assert_eq!(failure(result), (Status::DType, message.into()));
    for grad in [&[2f32, 3.][..], &[]] {
        let result = optimizer.step([Lent::new(&mut a, grad), Lent::nothing()]);
        let n = grad.len();
        let message = format!("tensor 'a': it has 1 elements, but {n} gradients are lent");
        assert_eq!(failure(result), (Status::Argument, message));
    }
    for param in [&mut [2f32, 3.][..], &mut []] {
        let n = param.len();
        let result = optimizer.step([Lent::new(param, &[2f32]), Lent::nothing()]);
        let message = format!("tensor 'a': it has 1 elements, but {n} parameters are lent");
        assert_eq!(failure(result), (Status::Argument, message));
    }
    let result = optimizer.step([Lent::grad(&[2f32]), Lent::nothing()]);
    assert_eq!(failure(result).0, Status::State);
    assert_eq!((a[0], optimizer.info().unwrap().steps), (1., 0));
}

#[test]
fn gradients_are_zeroed_where_they_are_lent_to_be_written() {
    let mut optimizer = two_tensors();
    let (mut a, mut grad) = ([1f32], [2f32]);
    let how = StepOptions::new().zero_grads();
    let result = optimizer.step_with(&how, [Lent::new(&mut a, &grad), Lent::nothing()]);
    assert!(failure(result).1.contains("Lent::zeroing"));
    optimizer.step_with(&how, [Lent::zeroing(&mut a, &mut grad), Lent::nothing()]).unwrap();
    assert_eq!((a[0], grad[0]), (-1., 0.));
    grad[0] = 5.;
    optimizer.zero_grads([Lent::grad_mut(&mut grad), Lent::nothing()]).unwrap();
    assert_eq!(grad[0], 0.);
}

#[test]
fn accumulated_gradients_make_the_mean_of_all_samples() {
    let mut optimizer = two_tensors();
    let mut a = [0f32];
    let means = AccumulateOptions::of(2).means();
    optimizer.accumulate(&means, [Lent::grad(&[1f32]), Lent::nothing()]).unwrap();
    optimizer
        .accumulate(&AccumulateOptions::of(2), [Lent::grad(&[6f32]), Lent::nothing()])
        .unwrap();
    assert_eq!(optimizer.info().unwrap().pending_samples, 4);
    let result = optimizer.step([Lent::new(&mut a, &[1f32]), Lent::nothing()]);
    assert_eq!(failure(result).0, Status::State);
    optimizer
        .step_accumulated(&StepOptions::new(), [Lent::param(&mut a), Lent::nothing()])
        .unwrap();
    assert_eq!(a[0], -2.);
    optimizer.accumulate(&means, [Lent::grad(&[1f32]), Lent::nothing()]).unwrap();
    optimizer.discard().unwrap();
    assert_eq!(optimizer.info().unwrap().pending_samples, 0);
}

#[test]
fn a_detached_index_takes_nothing_and_is_given_again() {
    let mut optimizer = two_tensors();
    optimizer.detach(0).unwrap();
    let (mut a, mut b) = ([1f32], [1f64]);
    let result = optimizer.step([Lent::new(&mut a, &[2f32]), Lent::nothing()]);
    assert_eq!(failure(result).0, Status::Range);
    optimizer.step([Lent::nothing(), Lent::new(&mut b, &[2f32])]).unwrap();
    assert_eq!(optimizer.attach(TensorSpec::new::<f64>("c", 3)).unwrap(), 0);
    let result = optimizer.step([Lent::new(&mut a, &[2f32]), Lent::nothing()]);
    assert_eq!(failure(result).0, Status::DType);
    optimizer.detach(1).unwrap();
    optimizer.detach(0).unwrap();
    optimizer.step([]).unwrap();
    assert_eq!(failure(optimizer.detach(0)).0, Status::Range);
}

#[test]
fn typed_options_are_set_all_or_none() {
    let rule = AdamW::new().preset("pytorch").lr(0.25).amsgrad(Amsgrad::Raw);
    let rule = rule.eps_placement(EpsPlacement::Hat);
    let mut optimizer = Optimizer::new(rule).unwrap();
    assert_eq!(optimizer.get("lr").unwrap(), 0.25);
    assert_eq!(optimizer.get("amsgrad").unwrap(), 1.);
    assert_eq!(optimizer.get("eps_placement").unwrap(), 2.);
    let group = optimizer.add_group().unwrap();
    optimizer.set_options(group, &AdamW::new().lr(0.5)).unwrap();
    let refused = optimizer.set_options(Group::ALL, &AdamW::new().lr(1.).beta1(2.));
    assert_eq!(failure(refused).0, Status::Value);
    assert_eq!(optimizer.get("lr").unwrap(), 0.25);
    assert_eq!(optimizer.get_in(Group::FIRST, "lr").unwrap(), 0.25);
    assert_eq!(optimizer.get_in(group, "lr").unwrap(), 0.5);
    let foreign = optimizer.set_options(group, &Lion::new().lr(1.));
    assert_eq!(failure(foreign).0, Status::Name);
}

#[test]
fn options_are_set_by_name_all_or_none() {
    let mut optimizer = Optimizer::new(AdamW::new().lr(0.25)).unwrap();
    let both = Options::new().set("lr", 0.5).set("eps", 1e-6);
    optimizer.set_options(Group::FIRST, &both).unwrap();
    let get = |optimizer: &Optimizer, name| optimizer.get_in(Group::FIRST, name).unwrap();
    assert_eq!((get(&optimizer, "lr"), get(&optimizer, "eps")), (0.5, 1e-6));
    assert_eq!(optimizer.get("lr").unwrap(), 0.25);
    let wrong = Options::new().set("lr", 1.).set("epss", 1.);
    let (status, message) = failure(optimizer.set_options(Group::FIRST, &wrong));
    assert_eq!(status, Status::Name);
    assert!(message.contains("did you mean 'eps'"), "{message}");
    let preset = Options::new().preset("pytorch").set("eps", 1e-3);
    assert_eq!(get(&optimizer, "lr"), 0.5);
    optimizer.set_options(Group::FIRST, &preset).unwrap();
    let lr = libopt::preset_value("adamw", "pytorch", "lr").unwrap();
    assert_eq!((get(&optimizer, "lr"), get(&optimizer, "eps")), (lr, 1e-3));
}

#[test]
fn a_group_is_added_with_values_of_its_own() {
    let mut optimizer = Optimizer::new(AdamW::new().lr(0.25).weight_decay(0.5)).unwrap();
    let typed = optimizer.add_group_with(&AdamW::new().weight_decay(0.)).unwrap();
    let named = optimizer.add_group_with(&Options::new().set("lr", 0.5)).unwrap();
    let get = |group, name| optimizer.get_in(group, name).unwrap();
    assert_eq!((get(typed, "lr"), get(typed, "weight_decay")), (0.25, 0.));
    assert_eq!((get(named, "lr"), get(named, "weight_decay")), (0.5, 0.5));
    let refused = optimizer.add_group_with(&AdamW::new().lr(1.).beta1(2.));
    assert_eq!(failure(refused).0, Status::Value);
    assert_eq!(failure(optimizer.add_group_with(&Lion::new())).0, Status::Name);
    assert_eq!(optimizer.info().unwrap().groups, 3);
}

#[test]
fn a_tensor_moves_to_another_group() {
    let mut optimizer = two_tensors();
    let slow = optimizer.add_group_with(&Sgd::new().lr(0.5)).unwrap();
    let mut a = [0f32];
    optimizer.step([Lent::new(&mut a, &[1f32]), Lent::nothing()]).unwrap();
    optimizer.set_tensor_group(0, slow).unwrap();
    assert_eq!(optimizer.tensor(0).unwrap().group, slow);
    optimizer.step([Lent::new(&mut a, &[1f32]), Lent::nothing()]).unwrap();
    assert_eq!(a[0], -1.5);
    assert_eq!(failure(optimizer.set_tensor_group(7, slow)).0, Status::Range);
}

#[test]
fn bytes_of_state_are_told_before_tensors_are_attached() {
    let mut optimizer = Optimizer::new("adam").unwrap();
    let weight = TensorSpec::new::<f32>("w", 6).shape(&[2, 3]);
    let tensors = [weight, TensorSpec::new::<f64>("b", 3)];
    let bytes = optimizer.state_bytes(&tensors).unwrap();
    assert_eq!(bytes, 2 * (6 * 4 + 3 * 8)); // two moments
    assert_eq!(optimizer.info().unwrap().tensors, 0);
    for tensor in tensors {
        optimizer.attach(tensor).unwrap();
    }
    assert_eq!(optimizer.info().unwrap().state_bytes, bytes);
    assert_eq!(optimizer.state_bytes(&[]).unwrap(), 0);
    let wrong = TensorSpec::new::<f32>("v", 6).shape(&[2, 2]);
    assert_eq!(failure(optimizer.state_bytes(&[wrong])).0, Status::Argument);
}

#[test]
fn a_clone_goes_on_as_its_original_does() {
    let mut optimizer = Optimizer::new(AdamW::new().lr(0.5)).unwrap();
    optimizer.attach(TensorSpec::new::<f32>("w", 2)).unwrap();
    let (mut w, grad) = ([1f32, 2.], [3f32, 4.]);
    optimizer.step([Lent::new(&mut w, &grad)]).unwrap();
    let (mut clone, mut v) = (optimizer.try_clone().unwrap(), w);
    assert_eq!(clone.info().unwrap().steps, 1);
    optimizer.step([Lent::new(&mut w, &grad)]).unwrap();
    assert_ne!(v, w);
    clone.step([Lent::new(&mut v, &grad)]).unwrap();
    assert_eq!(v, w);
    drop(optimizer);
    clone.step([Lent::new(&mut v, &grad)]).unwrap();
    let short = clone.step([Lent::new(&mut v[..1], &grad)]);
    assert_eq!(failure(short).0, Status::Argument);
}

#[test]
fn a_clone_has_the_context_of_its_original_or_another() {
    let threads = |optimizer: &Optimizer| optimizer.context().info().unwrap().threads;
    let context = |threads| Context::builder().threads(threads).build().unwrap();
    let optimizer = Optimizer::with_context("adam", &context(3)).unwrap();
    assert_eq!(threads(&optimizer.try_clone().unwrap()), 3);
    assert_eq!(threads(&optimizer.clone_with_context(&context(2)).unwrap()), 2);
}

#[test]
fn a_clone_has_the_indices_of_its_original() {
    let mut optimizer = two_tensors();
    optimizer.detach(0).unwrap();
    let mut clone = optimizer.try_clone().unwrap();
    let mut b = [1f64];
    clone.step([Lent::nothing(), Lent::new(&mut b, &[3f32])]).unwrap();
    assert_eq!(b[0], -2.);
    assert_eq!(clone.attach(TensorSpec::new::<f32>("c", 1)).unwrap(), 0);
    assert_eq!(failure(optimizer.tensor(0)).0, Status::Range);
}

#[test]
fn a_clone_retains_no_buffers() {
    let (mut w, mut g) = ([1f32], [2f32]);
    let mut optimizer = Optimizer::new(Sgd::new().lr(1.)).unwrap();
    let (w, g) = (w.as_mut_ptr(), g.as_mut_ptr());
    unsafe { optimizer.attach_retained(TensorSpec::new::<f32>("w", 1), w, g).unwrap() };
    let mut clone = optimizer.try_clone().unwrap();
    assert_eq!(failure(clone.step_retained(&StepOptions::new())).0, Status::State);
    unsafe { clone.bind(0, w, g).unwrap() };
    clone.step_retained(&StepOptions::new()).unwrap();
    assert_eq!(unsafe { *w }, -1.);
}

#[test]
fn a_choice_that_the_rule_lacks_is_refused() {
    let rule = AdaGrad::new().eps_placement(EpsPlacement::Hat);
    assert_eq!(failure(Optimizer::new(rule)).0, Status::Value);
}

#[test]
fn an_alias_has_its_own_defaults() {
    let mut optimizer = Optimizer::new(Momentum::new()).unwrap();
    assert_eq!(optimizer.info().unwrap().rule, "sgd");
    assert_eq!(optimizer.get("momentum").unwrap(), 0.9);
    optimizer.set_options(Group::FIRST, &Sgd::new().momentum(0.5)).unwrap();
    optimizer.set_preset(Group::FIRST, "pytorch").unwrap();
    assert_eq!(optimizer.get_in(Group::FIRST, "momentum").unwrap(), 0.9);
}

#[test]
fn messages_speak_of_the_crates_own_names() {
    let mut optimizer = two_tensors();
    let bytes = optimizer.save_memory(&SaveOptions::new()).unwrap();
    let checkpoint = Checkpoint::from_memory(&bytes).unwrap();
    for (result, part) in [
        (checkpoint.find("nope").map(|_| ()), "(Checkpoint::entries lists them)"),
        (optimizer.set("x", 1.), "(libopt::options_of lists them)"),
        (optimizer.set_scale(2.), "Optimizer::start_scaler"),
        (optimizer.step([Lent::grad(&[2f32]), Lent::nothing()]), "Lent::param"),
        (optimizer.start_average(&AverageOptions::ema(2.)), "decay cannot be 2"),
    ] {
        let message = failure(result).1;
        assert!(message.contains(part), "{message}");
        assert!(!message.to_lowercase().contains("opt_"), "{message}");
    }
    let work = GradientWork::new().max_norm(-1.);
    let result = optimizer.grad_norm(&work, [Lent::grad(&[2f32]), Lent::nothing()]);
    let message = failure(result).1;
    assert!(message.starts_with("GradientWork::max_norm is -1"), "{message}");
}

#[test]
fn errors_have_the_status_and_the_message_of_c() {
    let (status, message) = failure(Optimizer::new("adm"));
    assert_eq!((status, status.name(), status.code()), (Status::Name, "OPT_ERR_NAME", 4));
    assert!(message.contains("did you mean 'adam'"), "{message}");
    let mut optimizer = Optimizer::new("adam").unwrap();
    assert!(failure(optimizer.set("lrr", 1.)).1.contains("did you mean 'lr'"));
    assert_eq!(failure(optimizer.set("l\0r", 1.)).0, Status::Name);
}

#[test]
fn tensors_tell_what_they_are() {
    let mut optimizer = Optimizer::new("adam").unwrap();
    let group = optimizer.add_group().unwrap();
    let tensor = TensorSpec::with_grad::<f32, f64>("Größe", 6).shape(&[2, 3]).group(group);
    let index = optimizer.attach(tensor).unwrap();
    let info = optimizer.tensor(index).unwrap();
    assert_eq!((info.name.as_str(), info.count, &info.shape[..]), ("Größe", 6, &[2, 3][..]));
    assert_eq!((info.group, info.grad_dtype), (group, DType::F64));
    assert_eq!(optimizer.find_tensor("Größe").unwrap(), index);
    optimizer.set_tensor_step(index, 41).unwrap();
    assert_eq!(optimizer.tensor(index).unwrap().step, 41);
    let wrong = TensorSpec::new::<f32>("v", 6).shape(&[2, 2]);
    assert_eq!(failure(optimizer.attach(wrong)).0, Status::Argument);
}

#[test]
fn state_is_seen_and_written_without_copying() {
    let mut optimizer = Optimizer::new("adam").unwrap();
    optimizer.attach(TensorSpec::new::<f64>("w", 1)).unwrap();
    optimizer.attach(TensorSpec::new::<f64>("empty", 0)).unwrap();
    optimizer.state_mut::<f64>(0, "exp_avg").unwrap()[0] = 5.;
    assert_eq!(optimizer.state::<f64>(0, "exp_avg").unwrap(), [5.]);
    assert!(optimizer.state::<f64>(1, "exp_avg").unwrap().is_empty());
    let message = "tensor 'w': its state 'exp_avg' is f64, not f32";
    assert_eq!(failure(optimizer.state::<f32>(0, "exp_avg")), (Status::DType, message.into()));
    assert_eq!(failure(optimizer.state::<f64>(0, "sum")).0, Status::Name);
}

#[test]
fn a_number_of_an_f32_tensor_is_one_f64() {
    let mut optimizer = Optimizer::new("nadam").unwrap();
    optimizer.attach(TensorSpec::new::<f32>("w", 2)).unwrap();
    assert_eq!(optimizer.state::<f64>(0, "mu_product").unwrap(), [1.]);
    optimizer.step([Lent::new(&mut [1f32, 2.], &[3f32, 4.])]).unwrap();
    let product = optimizer.state::<f64>(0, "mu_product").unwrap()[0];
    assert!((product - 0.9 * (1. - 0.5 * 0.96f64.powf(0.004))).abs() < 1e-15);
    assert_eq!(optimizer.state::<f32>(0, "exp_avg").unwrap().len(), 2);
    let (status, message) = failure(optimizer.state::<f32>(0, "mu_product"));
    assert_eq!(status, Status::DType);
    assert!(message.contains("'mu_product'") && message.contains("f64"), "{message}");
}

#[test]
fn slots_tell_their_shapes_types_and_starts() {
    let told = |rule: &str, slot: &str| {
        let slots = libopt::slots_of(rule).unwrap();
        let found = slots.iter().find(|one| one.name == slot).unwrap();
        (found.shape, found.dtype, found.initial_option)
    };
    assert_eq!(told("nadam", "exp_avg"), (SlotShape::Param, None, None));
    assert_eq!(told("nadam", "mu_product"), (SlotShape::Number, Some(DType::F64), None));
    assert_eq!(told("adagrad", "sum"), (SlotShape::Param, None, Some("initial_accumulator")));
    assert_eq!(told("schedule_free_adamw", "z"), (SlotShape::Param, None, Some("param")));
    assert_eq!(told("schedule_free_adamw", "k"), (SlotShape::GroupNumber, Some(DType::F64), None));
}

#[test]
fn retained_buffers_are_used_until_others_are_bound() {
    let (mut w, mut g, mut other) = ([1f32], [2f32], [10f32]);
    let mut optimizer = Optimizer::new(Sgd::new().lr(1.)).unwrap();
    let (w, g) = (w.as_mut_ptr(), g.as_mut_ptr());
    unsafe {
        let index = optimizer.attach_retained(TensorSpec::new::<f32>("w", 1), w, g).unwrap();
        optimizer.accumulate_retained(&AccumulateOptions::of(1)).unwrap();
        optimizer.step_retained(&StepOptions::new()).unwrap();
        optimizer.bind(index, other.as_mut_ptr(), g).unwrap();
        optimizer.step_retained(&StepOptions::new()).unwrap();
        optimizer.zero_grads_retained().unwrap();
        assert_eq!((*w, *g), (-1., 0.));
        assert_eq!(failure(optimizer.bind(index, &mut 0f64, g)).0, Status::DType);
    }
    assert_eq!(other[0], 8.);
}

#[test]
fn an_optimizer_goes_to_another_thread() {
    let mut optimizer = two_tensors();
    let thread = std::thread::spawn(move || {
        let mut a = [1f32];
        optimizer.step([Lent::new(&mut a, &[2f32]), Lent::nothing()]).unwrap();
        a[0]
    });
    assert_eq!(thread.join().unwrap(), -1.);
}

#[test]
fn buffers_are_lent_from_another_thread_together_with_the_optimizer() {
    let mut optimizer = two_tensors();
    let (mut a, mut b) = (vec![1f32], [1f64]);
    let lent = [Lent::new(&mut a, &[2f32]), Lent::new(&mut b, &[3f32])];
    std::thread::scope(|scope| {
        scope.spawn(move || optimizer.step(lent).unwrap());
    });
    assert_eq!((a[0], b[0]), (-1., -2.));
}

#[test]
fn errors_go_wherever_others_do() {
    fn boxed() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(Optimizer::new("adam")?.set("lrr", 1.)?)
    }
    assert!(boxed().unwrap_err().to_string().contains("did you mean 'lr'?"));
}

#[test]
fn every_object_can_be_printed_and_sent() {
    fn shown<T: std::fmt::Debug + Send>(value: T) -> String {
        format!("{value:?}")
    }
    let mut optimizer = two_tensors();
    let optimizer_text = shown(&mut optimizer);
    assert!(optimizer_text.contains("rule: \"sgd\"") && optimizer_text.contains("tensors: 2"));
    let (mut a, grad) = ([1f32], [2f32]);
    let lent = shown(Lent::new(&mut a, &grad));
    assert!(lent.contains("[F32; 1]") && !lent.contains("0x"), "{lent}");
    assert!(shown(Context::builder().threads(3)).contains("threads: 3"));
    assert!(shown(Context::builder().build().unwrap()).contains("threads: 1"));
    assert!(shown(Schedule::new("cosine").unwrap()).contains("Schedule"));
    let save = SaveOptions::new().param(&a).entry("epoch", &[1i64]);
    assert!(shown(&save).contains("epoch"));
    let bytes = optimizer.save_memory(&SaveOptions::new()).unwrap();
    assert!(shown(Checkpoint::from_memory(&bytes).unwrap()).contains("entries: Ok("));
    assert!(shown(LoadOptions::new().param(&mut a)).contains("count: 1"));
}

#[test]
fn slices_give_the_bytes_of_one_step() {
    let gradients = [[3f32, 4.], [1., 2.], [5., 6.]];
    let train = |in_slices: bool| {
        let mut params = [[1f32, 2.]; 3];
        let mut optimizer = Optimizer::new(AdamW::new()).unwrap();
        for name in ["a", "b", "c"] {
            optimizer.attach(TensorSpec::new::<f32>(name, 2)).unwrap();
        }
        let options = StepOptions::new().work(GradientWork::new().max_norm(1.));
        for _ in 0..3 {
            let lent = params.iter_mut().zip(&gradients).map(|(p, g)| Lent::new(p, g));
            if !in_slices {
                optimizer.step_with(&options, lent).unwrap();
                continue;
            }
            assert_eq!(optimizer.begin_step(&options, lent).unwrap(), 3);
            for index in [2, 0, 1] {
                let lent = Lent::new(&mut params[index], &gradients[index]);
                let remaining = optimizer.step_slice(&[index], [lent]).unwrap();
                assert_eq!(optimizer.info().unwrap().remaining, remaining);
            }
        }
        (params, optimizer.save_memory(&SaveOptions::new()).unwrap())
    };
    assert_eq!(train(true), train(false));
}

#[test]
fn an_open_step_refuses_what_would_disturb_it() {
    let mut optimizer = two_tensors();
    let (mut a, mut b) = ([1f32], [1f64]);
    let (grad_a, grad_b) = ([2f32], [3f32]);
    let lent = [Lent::new(&mut a, &grad_a), Lent::new(&mut b, &grad_b)];
    assert_eq!(optimizer.begin_step(&StepOptions::new(), lent).unwrap(), 2);
    assert_eq!(optimizer.step_slice(&[0], [Lent::new(&mut a, &grad_a)]).unwrap(), 1);
    let (status, message) = failure(optimizer.step_retained(&StepOptions::new()));
    assert_eq!(status, Status::State);
    assert!(message.contains("'b' (index 1)"), "{message}");
    assert!(message.contains("Optimizer::abandon_step"), "{message}");
    let again = optimizer.step_slice(&[0], [Lent::new(&mut a, &grad_a)]);
    assert_eq!(failure(again).0, Status::Argument);
    let too_few = optimizer.step_slice(&[1], []);
    assert_eq!(failure(too_few).0, Status::Argument);
    optimizer.abandon_step().unwrap();
    assert_eq!(optimizer.info().unwrap().steps, 1);
    assert_eq!((a[0], b[0]), (-1., 1.));
}
