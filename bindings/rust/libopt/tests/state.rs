// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

//! Saving, loading and looking into checkpoints.

use std::error::Error as _;
use std::io;

use libopt::rules::ScheduleFreeAdamW;
use libopt::{
    AverageOptions, Checkpoint, DType, Lent, LoadFindingKind, LoadOptions, LoadReport, Optimizer,
    SaveOptions, Status, TensorSpec,
};

fn attached(name: &str) -> Optimizer {
    let mut optimizer = Optimizer::new("adam").unwrap();
    optimizer.attach(TensorSpec::new::<f32>(name, 2)).unwrap();
    optimizer
}

/// An optimizer after a step, and its parameters.
fn trained() -> (Optimizer, [f32; 2]) {
    let (mut optimizer, mut w) = (attached("w"), [1f32, 2.]);
    optimizer.step([Lent::new(&mut w, &[3f32, 4.])]).unwrap();
    (optimizer, w)
}

fn goes_on_alike(mut saved: (Optimizer, [f32; 2]), mut loaded: (Optimizer, [f32; 2])) {
    for (optimizer, w) in [&mut saved, &mut loaded] {
        optimizer.step([Lent::new(w, &[1f32, 1.])]).unwrap();
    }
    assert_eq!(saved.1, loaded.1);
}

#[test]
fn saved_with_weights_to_evaluate_at_is_loaded_with_them_in_place() {
    let (mut saved, mut w) = trained();
    saved.start_average(&AverageOptions::swa()).unwrap();
    for _ in 0..2 {
        saved.step([Lent::new(&mut w, &[3f32, 4.])]).unwrap();
    }
    let at_end = w;
    saved.swap_eval_weights([Lent::param(&mut w)]).unwrap();
    let bytes = saved.save_memory(&SaveOptions::new().param(&w)).unwrap();
    let (mut loaded, mut v) = (attached("w"), [0f32; 2]);
    loaded.load_memory(&bytes, LoadOptions::new().param(&mut v)).unwrap();
    assert!(loaded.is_swapped().unwrap());
    assert_eq!(v, w);
    let refused = loaded.step([Lent::new(&mut v, &[1f32, 1.])]);
    assert_eq!(refused.err().unwrap().status(), Status::State);
    saved.swap_eval_weights([Lent::param(&mut w)]).unwrap();
    loaded.swap_eval_weights([Lent::param(&mut v)]).unwrap();
    assert!(!loaded.is_swapped().unwrap());
    assert_eq!(v, at_end);
    goes_on_alike((saved, w), (loaded, v));
}

#[test]
fn goes_to_memory_and_back() {
    let (saved, w) = trained();
    let bytes = saved.save_memory(&SaveOptions::new().param(&w)).unwrap();
    let (mut loaded, mut v) = (attached("w"), [0f32; 2]);
    loaded.load_memory(&bytes, LoadOptions::new().param(&mut v)).unwrap();
    assert_eq!(v, w);
    goes_on_alike((saved, w), (loaded, v));
}

#[test]
fn numbers_of_a_group_go_on_in_mid_run() {
    let schedule_free = || {
        let rule = ScheduleFreeAdamW::new().lr(0.1).warmup_steps(3).r(1.);
        let mut optimizer = Optimizer::new(rule).unwrap();
        optimizer.attach(TensorSpec::new::<f32>("w", 2)).unwrap();
        optimizer
    };
    let (mut straight, mut w) = (schedule_free(), [1f32, 2.]);
    for _ in 0..2 {
        straight.step([Lent::new(&mut w, &[3f32, 4.])]).unwrap();
    }
    let bytes = straight.save_memory(&SaveOptions::new()).unwrap();
    let (mut resumed, mut v) = (schedule_free(), w);
    resumed.load_memory(&bytes, LoadOptions::new()).unwrap();
    assert_eq!(resumed.state::<f64>(0, "k").unwrap(), [2.]);
    for _ in 0..2 {
        straight.step([Lent::new(&mut w, &[3f32, 4.])]).unwrap();
        resumed.step([Lent::new(&mut v, &[3f32, 4.])]).unwrap();
    }
    assert_eq!(v, w);
    let saved = |optimizer: &Optimizer| optimizer.save_memory(&SaveOptions::new()).unwrap();
    assert_eq!(saved(&resumed), saved(&straight));
}

#[test]
fn goes_through_writers_and_readers() {
    let (saved, w) = trained();
    let mut bytes = Vec::new();
    saved.save_to(&mut bytes, &SaveOptions::new().param(&w)).unwrap();
    let (mut loaded, mut v) = (attached("w"), [0f32; 2]);
    loaded.load_from(&bytes[..], LoadOptions::new().param(&mut v)).unwrap();
    goes_on_alike((saved, w), (loaded, v));
}

#[test]
fn goes_through_a_file_with_entries_of_the_callers() {
    let path = std::env::temp_dir().join(format!("libopt-rust-{}", std::process::id()));
    let (saved, w) = trained();
    let note = "Größe".as_bytes();
    let save = SaveOptions::new().param(&w).entry("epoch", &[7i64]).entry("note", note);
    saved.save_file(&path, &save).unwrap();
    let checkpoint = Checkpoint::open(&path).unwrap();
    assert_eq!(checkpoint.read::<i64>("epoch").unwrap(), [7]);
    assert_eq!(checkpoint.read::<u8>("note").unwrap(), note);
    assert_eq!(checkpoint.read::<f64>("epoch").err().unwrap().status(), Status::DType);
    assert_eq!(checkpoint.find("epock").err().unwrap().status(), Status::Name);
    let entries = checkpoint.entries().unwrap();
    assert_eq!(entries.iter().filter(|entry| entry.is_own).count(), 2);
    let moment = entries.iter().find(|entry| entry.name == "w/exp_avg").unwrap();
    assert_eq!((moment.dtype, moment.count, moment.bytes), (DType::F32, 2, 8));
    let (mut loaded, mut v) = (attached("w"), [0f32; 2]);
    loaded.load_file(&path, LoadOptions::new().param(&mut v)).unwrap();
    std::fs::remove_file(&path).unwrap();
    goes_on_alike((saved, w), (loaded, v));
    let missing = attached("w").load_file(&path, LoadOptions::new()).err().unwrap();
    assert_eq!(missing.status(), Status::Io);
}

#[test]
fn a_checkpoint_that_was_looked_into_is_loaded() {
    let (saved, w) = trained();
    let bytes = saved.save_memory(&SaveOptions::new().param(&w).entry("epoch", &[7i64])).unwrap();
    let checkpoint = Checkpoint::from_memory(&bytes).unwrap();
    assert_eq!(checkpoint.read::<i64>("epoch").unwrap(), [7]);
    let (mut loaded, mut v) = (attached("w"), [0f32; 2]);
    loaded.load_checkpoint(&checkpoint, LoadOptions::new().param(&mut v)).unwrap();
    assert_eq!(v, w);
    assert_eq!(checkpoint.read::<i64>("epoch").unwrap(), [7]); // it stays open
    let mut report = LoadReport::default();
    let load = LoadOptions::new().report(&mut report);
    let error = attached("v").load_checkpoint(&checkpoint, load).err().unwrap();
    assert_eq!(error.status(), Status::Mismatch);
    assert!(!report.findings.is_empty());
    goes_on_alike((saved, w), (loaded, v));
}

#[test]
fn parameters_that_do_not_fit_are_refused() {
    let (saved, w) = trained();
    let refused = |options| {
        let error = saved.save_memory(&options).err().unwrap();
        (error.status(), error.message().to_string())
    };
    let (status, message) = refused(SaveOptions::new().param(&[0f64; 2]));
    assert_eq!(status, Status::DType);
    assert_eq!(message, "tensor 'w': its parameters were attached as f32, but lent as f64");
    let (status, message) = refused(SaveOptions::new().param(&w).param(&w));
    assert_eq!(status, Status::Argument);
    assert!(message.starts_with("more tensors are lent than are attached"), "{message}");
    let bytes = saved.save_memory(&SaveOptions::new()).unwrap();
    let refused = attached("w").load_memory(&bytes, LoadOptions::new().param(&mut [0f32; 1]));
    let error = refused.err().unwrap();
    assert_eq!(error.status(), Status::Argument);
    assert_eq!(error.message(), "tensor 'w': it has 2 elements, but 1 parameters are lent");
}

#[test]
fn an_empty_slice_holds_the_place_of_a_detached_tensor() {
    let mut optimizer = attached("gone");
    optimizer.attach(TensorSpec::new::<f32>("w", 2)).unwrap();
    optimizer.detach(0).unwrap();
    let (none, w) = ([0f32; 0], [1f32, 2.]);
    let bytes = optimizer.save_memory(&SaveOptions::new().param(&none).param(&w)).unwrap();
    let mut v = [0f32; 2];
    optimizer.load_memory(&bytes, LoadOptions::new().param(&mut [0f32; 0]).param(&mut v)).unwrap();
    assert_eq!(v, w);
    let refused = optimizer.save_memory(&SaveOptions::new().param(&w).param(&w)).err().unwrap();
    assert_eq!(refused.status(), Status::Range);
    let refused = optimizer.save_memory(&SaveOptions::new().param(&none)).err().unwrap();
    assert!(refused.message().starts_with("fewer tensors"), "{refused}");
}

#[test]
fn a_load_reports_each_name_that_does_not_fit() {
    let bytes = trained().0.save_memory(&SaveOptions::new()).unwrap();
    let mut report = LoadReport::default();
    let load = LoadOptions::new().report(&mut report);
    let error = attached("v").load_memory(&bytes, load).err().unwrap();
    assert_eq!(error.status(), Status::Mismatch);
    let found = |kind, name: &str| {
        let mut all = report.findings.iter();
        all.any(|f| f.kind == kind && f.name == name && !f.detail.is_empty())
    };
    assert!(found(LoadFindingKind::Unexpected, "w/exp_avg"), "{report:?}");
    assert!(found(LoadFindingKind::Missing, "v/exp_avg"), "{report:?}");
    let count = report.findings.len();
    let lenient = LoadOptions::new().allow_missing().allow_unexpected().report(&mut report);
    attached("v").load_memory(&bytes, lenient).unwrap();
    assert_eq!(report.findings.len(), count); // those of the latest load alone
}

#[test]
fn a_load_takes_chosen_tensors_and_keeps_options() {
    let (mut saved, _) = trained();
    saved.set("lr", 0.5).unwrap();
    let bytes = saved.save_memory(&SaveOptions::new()).unwrap();
    let mut kept = attached("w");
    kept.load_memory(&bytes, LoadOptions::new().keep_options()).unwrap();
    assert_eq!(kept.get("lr").unwrap(), 0.001);
    let mut chosen = attached("w");
    chosen.load_memory(&bytes, LoadOptions::new().names(&[])).unwrap();
    assert_eq!(chosen.tensor(0).unwrap().step, 0);
    chosen.load_memory(&bytes, LoadOptions::new().names(&["w"])).unwrap();
    assert_eq!((chosen.tensor(0).unwrap().step, chosen.info().unwrap().steps), (1, 0));
}

struct Broken;

impl io::Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::new(io::ErrorKind::BrokenPipe, "the pipe is broken"))
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl io::Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        panic!("read from a broken pipe")
    }
}

#[test]
fn what_a_writer_fails_with_is_the_source_of_the_error() {
    let error = trained().0.save_to(Broken, &SaveOptions::new()).err().unwrap();
    assert_eq!(error.status(), Status::Io);
    assert_eq!(error.source().unwrap().to_string(), "the pipe is broken");
    assert_eq!(error.message(), "the caller's reader or writer failed: the pipe is broken");
}

#[test]
fn what_a_reader_panics_with_comes_out_of_the_call() {
    let mut optimizer = attached("w");
    let load = std::panic::AssertUnwindSafe(|| optimizer.load_from(Broken, LoadOptions::new()));
    let panic = std::panic::catch_unwind(load).err().unwrap();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"read from a broken pipe"));
    optimizer.set("lr", 1.).unwrap();
}

/// Claims to have read more than it was asked for.
struct Boaster;

impl io::Read for Boaster {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        Ok(bytes.len() + 1)
    }
}

#[test]
fn a_reader_that_claims_too_much_has_failed() {
    let error = attached("w").load_from(Boaster, LoadOptions::new()).err().unwrap();
    assert_eq!(error.status(), Status::Io);
    assert!(error.message().contains("it claims 9 bytes, but 8 were asked for"), "{error}");
}

#[test]
fn a_damaged_checkpoint_is_refused() {
    let mut bytes = trained().0.save_memory(&SaveOptions::new()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let error = attached("w").load_memory(&bytes, LoadOptions::new()).err().unwrap();
    assert_eq!(error.status(), Status::Format);
    assert!(Checkpoint::from_memory(b"nonsense").is_err());
}
