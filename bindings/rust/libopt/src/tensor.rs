// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

use crate::data::{Dtype, Float};
use crate::optimizer::Group;

/// A parameter tensor to attach: flat and contiguous, of `f32` or `f64`.
#[derive(Clone, Debug)]
pub struct Tensor {
    pub(crate) name: Option<String>,
    pub(crate) count: usize,
    pub(crate) shape: Option<Vec<i64>>,
    pub(crate) group: Group,
    pub(crate) param: Dtype,
    pub(crate) grad: Dtype,
}

impl Tensor {
    /// A tensor of `count` elements of type `P`, with gradients of the same
    /// type. Names are unique in an optimizer; checkpoints know tensors by them.
    pub fn new<P: Float>(name: impl Into<String>, count: usize) -> Tensor {
        Tensor::with_grad::<P, P>(name, count)
    }

    /// A tensor of type `P` with gradients of type `G`.
    pub fn with_grad<P: Float, G: Float>(name: impl Into<String>, count: usize) -> Tensor {
        let name = Some(name.into()).filter(|name| !name.is_empty());
        Tensor { name, count, shape: None, group: Group::FIRST, param: P::DTYPE, grad: G::DTYPE }
    }

    /// Extents whose product is the number of elements; one extent otherwise.
    pub fn shape(mut self, shape: &[i64]) -> Tensor {
        self.shape = Some(shape.to_vec());
        self
    }

    /// The group whose options it follows; the first otherwise.
    pub fn group(mut self, group: Group) -> Tensor {
        self.group = group;
        self
    }
}
