// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

//! The replay and the relay of Rust; ../../README.md tells what they do.

use std::error::Error;
use std::fs::File;
use std::io::{BufReader, Read, Write};

use libopt::{
    Checkpoint, DType, DataMut, Float, Group, Lent, LoadOptions, Optimizer, SaveOptions, Status,
    TensorSpec,
};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The format is that of ../../write_input.c.
struct Input {
    counts: Vec<usize>,
    params: Vec<f32>,
    grads: Vec<Vec<f32>>, // by step
}

impl Input {
    fn read(path: &str) -> Outcome<Input> {
        let mut file = BufReader::new(File::open(path)?);
        let (tensors, steps) = (int(&mut file)?, int(&mut file)?);
        let counts = (0..tensors).map(|_| int(&mut file)).collect::<Outcome<Vec<_>>>()?;
        let total = counts.iter().sum();
        let params = floats(&mut file, total)?;
        let grads = (0..steps).map(|_| floats(&mut file, total)).collect::<Outcome<_>>()?;
        Ok(Input { counts, params, grads })
    }

    /// A tensor's part of the numbers of all.
    fn part<'a>(&self, all: &'a [f32], tensor: usize) -> &'a [f32] {
        let begin: usize = self.counts[..tensor].iter().sum();
        &all[begin..begin + self.counts[tensor]]
    }

    fn split<T: From<f32>>(&self, all: &[f32]) -> Vec<Vec<T>> {
        let part = |i| self.part(all, i).iter().map(|x| T::from(*x)).collect();
        (0..self.counts.len()).map(part).collect()
    }
}

fn int(file: &mut impl Read) -> Outcome<usize> {
    let mut bytes = [0; 8];
    file.read_exact(&mut bytes)?;
    Ok(i64::from_le_bytes(bytes).try_into()?)
}

fn floats(file: &mut impl Read, count: usize) -> Outcome<Vec<f32>> {
    let mut bytes = vec![0; 4 * count];
    file.read_exact(&mut bytes)?;
    Ok(bytes.chunks(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect())
}

/// Retained buffers.
fn replay_run<T: Float + From<f32>>(
    input: &Input,
    rule: &str,
    preset: &str,
    bytes: impl Fn(&T) -> Vec<u8>,
) -> Outcome<Vec<u8>> {
    let mut params = input.split::<T>(&input.params);
    let mut grads = params.clone();
    let mut optimizer = Optimizer::new(rule)?;
    optimizer.set_preset(Group::ALL, preset)?;
    let pointers: Vec<_> = grads.iter_mut().map(|grad| grad.as_mut_ptr()).collect();
    for (param, grad) in params.iter_mut().zip(&pointers) {
        let tensor = TensorSpec::new::<T>("", param.len());
        // Both outlive the optimizer, and are touched between steps alone.
        unsafe { optimizer.attach_retained(tensor, param.as_mut_ptr(), *grad)? };
    }
    for all in &input.grads {
        for (i, pointer) in pointers.iter().enumerate() {
            for (j, value) in input.part(all, i).iter().enumerate() {
                unsafe { *pointer.add(j) = T::from(*value) };
            }
        }
        optimizer.step_retained(&libopt::StepOptions::new())?;
    }
    drop(optimizer);
    Ok(params.iter().flatten().flat_map(bytes).collect())
}

fn replay(input: &Input, directory: &str) -> Outcome<()> {
    for rule in libopt::rules()? {
        for preset in libopt::presets_of(rule.name)? {
            let path = format!("{directory}/{}-{}", rule.name, preset.name);
            let f32s = |x: &f32| x.to_le_bytes().to_vec();
            let f64s = |x: &f64| x.to_le_bytes().to_vec();
            let bytes = replay_run(input, rule.name, preset.name, f32s)?;
            std::fs::write(format!("{path}-f32"), bytes)?;
            let bytes = replay_run(input, rule.name, preset.name, f64s)?;
            std::fs::write(format!("{path}-f64"), bytes)?;
        }
    }
    Ok(())
}

/// TensorSpec i: f32 if i is even, else f64.
enum Weights {
    F32(Vec<f32>),
    F64(Vec<f64>),
}

fn weights(input: &Input, all: &[f32]) -> Vec<Weights> {
    let part = |i| match i % 2 {
        0 => Weights::F32(input.part(all, i).to_vec()),
        _ => Weights::F64(input.part(all, i).iter().map(|x| f64::from(*x)).collect()),
    };
    (0..input.counts.len()).map(part).collect()
}

/// Lent buffers.
fn relay(input: &Input, from: &str, to: &str, range: (usize, usize), rule: &str) -> Outcome<()> {
    let (first, end) = (range.0, range.0 + range.1);
    let mut optimizer = Optimizer::new(rule)?;
    let second = optimizer.add_group()?;
    let mut params = weights(input, &input.params);
    for (i, (param, count)) in params.iter().zip(&input.counts).enumerate() {
        let name = format!("Größe.{i}");
        let tensor = match param {
            Weights::F32(_) => TensorSpec::new::<f32>(name, *count),
            Weights::F64(_) => TensorSpec::new::<f64>(name, *count),
        };
        let group = if i % 2 == 0 { Group::FIRST } else { second };
        let rows = if count % 2 == 0 { 2 } else { 1 };
        optimizer.attach(tensor.shape(&[rows, *count as i64 / rows]).group(group))?;
    }
    if from == "-" {
        optimizer.set_in(second, "lr", 0.01)?;
    } else {
        let saved = Checkpoint::open(from)?;
        if saved.read::<i64>("step")? != [first as i64] {
            return Err(format!("{from}: made after another step").into());
        }
        let load = params.iter_mut().fold(LoadOptions::new(), |load, param| match param {
            Weights::F32(w) => load.param(DataMut::from(w)),
            Weights::F64(w) => load.param(DataMut::from(w)),
        });
        optimizer.load_checkpoint(&saved, load)?;
    }
    for all in &input.grads[first..end] {
        let grads = weights(input, all);
        optimizer.step(params.iter_mut().zip(&grads).map(|pair| match pair {
            (Weights::F32(param), Weights::F32(grad)) => Lent::new(param, grad),
            (Weights::F64(param), Weights::F64(grad)) => Lent::new(param, grad),
            _ => unreachable!("both are made by weights()"),
        }))?;
    }
    let next = [end as i64];
    let save =
        params.iter().fold(SaveOptions::new().entry("step", &next), |save, param| match param {
            Weights::F32(w) => save.param(w),
            Weights::F64(w) => save.param(w),
        });
    Ok(optimizer.save_file(to, &save)?)
}

fn slots(path: &str) -> Outcome<()> {
    let mut file = File::create(path)?;
    for rule in libopt::rules()? {
        let mut optimizer = Optimizer::new(rule.name)?;
        optimizer.attach(TensorSpec::new::<f32>("", 3000).shape(&[2, 3, 500]))?;
        for slot in libopt::slots_of(rule.name)? {
            let dtype = slot.dtype.unwrap_or(DType::F32);
            let elements = match dtype {
                DType::F64 => optimizer.state::<f64>(0, slot.name).map(|s| s.len()),
                _ => optimizer.state::<f32>(0, slot.name).map(|s| s.len()),
            };
            let elements = match elements {
                Err(error) if error.status() == Status::Name => continue, // not of this tensor
                elements => elements?,
            };
            if slot.when_option.is_none() {
                let line =
                    format!("{} {} {:?} {dtype} {elements}", rule.name, slot.name, slot.shape);
                writeln!(file, "{}", line.to_lowercase())?;
            }
        }
    }
    Ok(())
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["replay", input, directory] => replay(&Input::read(input)?, directory),
        ["slots", _, file] => slots(file),
        ["relay", input, from, to, first, steps, rule] => {
            relay(&Input::read(input)?, from, to, (first.parse()?, steps.parse()?), rule)
        }
        _ => Err("usage: replay <input> <directory> | slots <input> <file> | \
                  relay <input> <from> <to> <first step> <steps> <rule>"
            .into()),
    }
}
