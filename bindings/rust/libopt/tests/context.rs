// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

//! Contexts, and what the library tells about itself.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use libopt::{Context, Lent, LogLevel, Optimizer, Status, TensorSpec};

const COUNT: usize = 1 << 17; // enough for several threads

fn stepped(context: &Context) -> Vec<f32> {
    let (mut w, g) = (vec![0f32; COUNT], vec![1f32; COUNT]);
    let mut optimizer = Optimizer::with_context("adam", context).unwrap();
    optimizer.attach(TensorSpec::new::<f32>("w", COUNT)).unwrap();
    optimizer.step([Lent::new(&mut w, &g)]).unwrap();
    w
}

struct Counted(Arc<AtomicI64>);

unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.0.fetch_add(1, Ordering::Relaxed);
        System.alloc(layout)
    }
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        self.0.fetch_sub(1, Ordering::Relaxed);
        System.dealloc(block, layout)
    }
}

#[test]
fn memory_comes_from_the_host() {
    let live = Arc::new(AtomicI64::new(0));
    let context = Context::builder().memory(Counted(live.clone())).build().unwrap();
    let mut optimizer = Optimizer::with_context("adam", &context).unwrap();
    optimizer.attach(TensorSpec::new::<f32>("w", 8)).unwrap();
    drop(context);
    assert!(live.load(Ordering::Relaxed) > 0);
    drop(optimizer);
    assert_eq!(live.load(Ordering::Relaxed), 0);
}

#[test]
fn a_step_runs_on_the_hosts_jobs() {
    let parts = Arc::new(AtomicUsize::new(0));
    let counted = parts.clone();
    let jobs = move |count, task: &(dyn Fn(i64) + Sync)| {
        std::thread::scope(|scope| {
            for i in 0..count {
                counted.fetch_add(1, Ordering::Relaxed);
                scope.spawn(move || task(i));
            }
        });
    };
    let warned = Arc::new(AtomicUsize::new(0));
    let warnings = warned.clone();
    let context = Context::builder()
        .threads(4)
        .parallel_for(jobs)
        .log(move |level, _| {
            warnings.fetch_add(usize::from(level == LogLevel::Warning), Ordering::Relaxed);
        })
        .build()
        .unwrap();
    let alone = Context::builder().build().unwrap();
    assert_eq!(stepped(&context), stepped(&alone));
    assert!(parts.load(Ordering::Relaxed) >= 4);
    assert_eq!(warned.load(Ordering::Relaxed), 0); // the library had none to make up for
}

#[test]
fn callbacks_that_panic_do_no_harm() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let log = lines.clone();
    let context = Context::builder()
        .threads(2)
        .parallel_for(|_, _| panic!("no job system"))
        .log(move |level, line| {
            log.lock().unwrap().push((level, line.to_string()));
            std::panic::panic_any("no log")
        })
        .build()
        .unwrap();
    assert!(stepped(&context).iter().all(|w| *w < 0.));
    let lines = lines.lock().unwrap();
    let failed = lines.iter().find(|line| line.1.contains("parallel_for returned 1"));
    assert_eq!(failed.unwrap().0, LogLevel::Warning);
}

#[test]
fn how_long_threads_wait_actively_is_the_hosts_choice() {
    let context = Context::builder().threads(2).spin_microseconds(200).build().unwrap();
    assert_eq!(context.info().unwrap().spin_microseconds, 200);
    assert_eq!(stepped(&context), stepped(&Context::builder().build().unwrap()));
    let refused = Context::builder().spin_microseconds(u32::MAX).build().unwrap_err();
    assert!(refused.to_string().contains("spin_microseconds"), "{refused}");
}

#[test]
fn the_default_is_all_cores_and_results_depend_on_no_thread_or_target() {
    let all = Context::all_cores().unwrap();
    let cores = std::thread::available_parallelism().unwrap().get();
    assert_eq!(all.info().unwrap().threads as usize, cores);
    assert_eq!(stepped(&all), stepped(&Context::builder().build().unwrap()));
    for target in libopt::targets().unwrap().iter().filter(|target| target.supported) {
        let context = Context::builder().target(target.name).build().unwrap();
        assert_eq!(context.info().unwrap().target, target.name);
        assert_eq!(stepped(&context), stepped(&all));
    }
    let unknown = Context::builder().target("MMX").build().err().unwrap();
    assert_eq!(unknown.status(), Status::Name);
}

#[test]
fn the_library_tells_what_it_has() {
    let rules = libopt::rules().unwrap();
    assert!(rules.iter().any(|rule| rule.name == "adamw" && !rule.formula.is_empty()));
    for rule in &rules {
        let options = libopt::options_of(rule.name).unwrap();
        assert!(options.iter().any(|option| option.name == "lr" && option.min == 0.));
        assert_eq!(libopt::presets_of(rule.name).unwrap()[0].name, "textbook");
    }
    let slots = libopt::slots_of("adam").unwrap();
    assert_eq!(slots[2].when_option, Some("amsgrad"));
    let options = libopt::options_of("adam").unwrap();
    let placement = options.iter().find(|option| option.name == "eps_placement").unwrap();
    assert_eq!(placement.choices, ["inside", "outside", "hat"]);
    assert_eq!(libopt::find_rule("momentum").unwrap().name, "sgd");
    assert!(libopt::aliases().unwrap().iter().any(|alias| alias.rule == "sgd"));
    assert_eq!(libopt::preset_value("adagrad", "pytorch", "eps").unwrap(), 1e-10);
    assert!(libopt::build_info().contains(libopt::version()));
    let numbers = libopt::version().split('.').map(|part| part.parse::<i32>().unwrap());
    assert_eq!(numbers.fold(0, |all, part| all * 100 + part), libopt::version_number());
    assert!(libopt::catalog().unwrap().contains(libopt::version()));
}
