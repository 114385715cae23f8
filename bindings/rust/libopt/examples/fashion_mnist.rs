// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

//! Softmax regression on Fashion-MNIST: one layer of weights, trained with AdamW
//! on mini-batches.
//!     cargo run --release --example fashion_mnist [folder of the four idx files]

use std::error::Error;
use std::process::Command;

use libopt::rules::AdamW;
use libopt::{Lent, Optimizer, TensorSpec};

const PIXELS: usize = 784;
const CLASSES: usize = 10;
const BATCH: usize = 128;
const EPOCHS: usize = 2;

/// The bytes of a gzip'ed idx file after its header.
fn read_idx(path: String, header: usize) -> Result<Vec<u8>, Box<dyn Error>> {
    let output = Command::new("gzip").args(["-dc", &path]).output()?;
    if !output.status.success() || output.stdout.len() <= header {
        return Err(format!("{path} cannot be read").into());
    }
    Ok(output.stdout[header..].to_vec())
}

struct DataSet {
    pixels: Vec<u8>,
    labels: Vec<u8>,
}

impl DataSet {
    fn read(folder: &str, name: &str) -> Result<DataSet, Box<dyn Error>> {
        let pixels = read_idx(format!("{folder}/{name}-images-idx3-ubyte.gz"), 16)?;
        let labels = read_idx(format!("{folder}/{name}-labels-idx1-ubyte.gz"), 8)?;
        if pixels.len() != labels.len() * PIXELS {
            return Err(format!("{folder}: images and labels differ in number").into());
        }
        Ok(DataSet { pixels, labels })
    }

    fn sample(&self, i: usize) -> (&[u8], usize) {
        (&self.pixels[i * PIXELS..][..PIXELS], self.labels[i] as usize)
    }
}

/// Logits w x + b; w is stored pixel by pixel.
struct Model {
    weight: Vec<f32>,
    bias: [f32; CLASSES],
}

impl Model {
    fn zeros() -> Model {
        Model { weight: vec![0.; PIXELS * CLASSES], bias: [0.; CLASSES] }
    }

    fn probabilities(&self, pixels: &[u8]) -> [f32; CLASSES] {
        let mut z = self.bias;
        for (row, pixel) in self.weight.chunks_exact(CLASSES).zip(pixels) {
            let x = f32::from(*pixel) / 255.;
            z.iter_mut().zip(row).for_each(|(z, w)| *z += w * x);
        }
        let max = z.iter().copied().fold(f32::MIN, f32::max);
        let exp = z.map(|z| (z - max).exp());
        let sum: f32 = exp.iter().sum();
        exp.map(|e| e / sum)
    }

    /// Adds the gradient of one sample's cross-entropy, times a weight.
    fn add_gradient(&self, gradient: &mut Model, sample: (&[u8], usize), weight: f32) {
        let mut dz = self.probabilities(sample.0);
        dz[sample.1] -= 1.;
        let dz = dz.map(|d| d * weight);
        gradient.bias.iter_mut().zip(dz).for_each(|(g, d)| *g += d);
        for (row, pixel) in gradient.weight.chunks_exact_mut(CLASSES).zip(sample.0) {
            let x = f32::from(*pixel) / 255.;
            row.iter_mut().zip(dz).for_each(|(g, d)| *g += d * x);
        }
    }

    /// The share of images that are told right.
    fn accuracy(&self, data: &DataSet) -> f64 {
        let right = (0..data.labels.len()).filter(|i| {
            let (pixels, label) = data.sample(*i);
            let p = self.probabilities(pixels);
            p.iter().all(|other| *other <= p[label])
        });
        right.count() as f64 / data.labels.len() as f64
    }
}

/// The numbers below `count`, shuffled (SplitMix64; Fisher and Yates).
fn shuffled(count: usize, state: &mut u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    for i in (1..count).rev() {
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        order.swap(i, ((z ^ (z >> 31)) % (i as u64 + 1)) as usize);
    }
    order
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1);
    let folder = folder.unwrap_or_else(|| "/usr/share/datasets/fashion-mnist".into());
    let (train, test) = (DataSet::read(&folder, "train")?, DataSet::read(&folder, "t10k")?);

    let mut optimizer = Optimizer::new(AdamW::new().lr(2e-3))?;
    let biases = optimizer.add_group_with(&AdamW::new().weight_decay(0.))?;
    let shape = [PIXELS as i64, CLASSES as i64];
    optimizer.attach(TensorSpec::new::<f32>("weight", PIXELS * CLASSES).shape(&shape))?;
    optimizer.attach(TensorSpec::new::<f32>("bias", CLASSES).group(biases))?;

    let (mut model, mut random) = (Model::zeros(), 1);
    for _ in 0..EPOCHS {
        for batch in shuffled(train.labels.len(), &mut random).chunks(BATCH) {
            let mut gradient = Model::zeros();
            for i in batch {
                model.add_gradient(&mut gradient, train.sample(*i), 1. / batch.len() as f32);
            }
            optimizer.step([
                Lent::new(&mut model.weight, &gradient.weight),
                Lent::new(&mut model.bias, &gradient.bias),
            ])?;
        }
    }
    println!("test accuracy: {:.1} %", 100. * model.accuracy(&test));
    Ok(())
}
