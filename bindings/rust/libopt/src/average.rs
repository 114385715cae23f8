// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

use libopt_sys as sys;

use crate::buffers::Lent;
use crate::error::{check, Result};
use crate::optimizer::Optimizer;
use crate::raw::{c_string, Sized32};

/// Which average of the parameters is kept, and when it is updated: with every
/// step unless told otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Average {
    kind: u32,
    decay: f64,
    start: i64,
    period: i64,
    flags: u32,
}

impl Average {
    /// An exponential moving average; the decay is in 0..=1.
    pub fn ema(decay: f64) -> Average {
        Average { kind: sys::OPT_AVERAGE_EMA, decay, start: 0, period: 0, flags: 0 }
    }

    /// The mean of the parameters at its updates: stochastic weight averaging,
    /// Izmailov et al. 2018, arXiv:1803.05407.
    pub fn swa() -> Average {
        Average { kind: sys::OPT_AVERAGE_SWA, ..Average::ema(0.) }
    }

    /// Of an EMA: the decay grows to its value, so that the average leaves the
    /// first parameters behind sooner.
    pub fn warmup(mut self) -> Average {
        self.flags |= sys::OPT_AVERAGE_WARMUP;
        self
    }

    /// Number of steps before the first update.
    pub fn start(mut self, steps: u64) -> Average {
        self.start = i64::try_from(steps).unwrap_or(i64::MAX);
        self
    }

    /// Number of steps from one update to the next.
    pub fn period(mut self, steps: u64) -> Average {
        self.period = i64::try_from(steps).unwrap_or(i64::MAX);
        self
    }
}

/// An average, described.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AverageInfo {
    /// What is averaged, and when.
    pub average: Average,
    /// Whether parameters and averages are exchanged.
    pub is_swapped: bool,
    /// Steps that updated it.
    pub updates: u64,
}

impl Optimizer {
    /// Keeps an average of the parameters from now on; see the slot
    /// `"param_average"` with [`state`](Self::state).
    pub fn start_average(&mut self, average: &Average) -> Result<()> {
        let mut config = sys::opt_average_config::initial();
        config.kind = average.kind as i32;
        config.decay = average.decay;
        config.start = average.start;
        config.period = average.period;
        config.flags = average.flags;
        check(unsafe { sys::opt_average_start(self.handle, &config) })
    }

    /// Stops averaging and frees the averages.
    pub fn stop_average(&mut self) -> Result<()> {
        check(unsafe { sys::opt_average_stop(self.handle) })
    }

    /// How the parameters are averaged, if they are.
    pub fn average(&self) -> Result<Option<AverageInfo>> {
        let mut info = sys::opt_average_info::initial();
        check(unsafe { sys::opt_average_get(self.handle, &mut info) })?;
        let average = Average {
            kind: info.kind as u32,
            decay: info.decay,
            start: info.start,
            period: info.period,
            flags: info.flags,
        };
        let (is_swapped, updates) = (info.swapped != 0, info.updates as u64);
        Ok((info.kind != 0).then(|| AverageInfo { average, is_swapped, updates }))
    }

    /// Exchanges the parameters, which are lent with [`Lent::param`], with
    /// their averages; the next call, with the same ones, puts them back.
    pub fn swap_average<'a>(&mut self, lent: impl IntoIterator<Item = Lent<'a>>) -> Result<()> {
        self.pointers.fill(lent, false)?;
        let mut args = sys::opt_swap_args::initial();
        args.count = self.pointers.params.len() as i64;
        args.params = self.pointers.params.as_ptr();
        check(unsafe { sys::opt_average_swap(self.handle, &args) })
    }

    /// The same with the retained parameters.
    pub fn swap_average_retained(&mut self) -> Result<()> {
        check(unsafe { sys::opt_average_swap(self.handle, std::ptr::null()) })
    }

    /// Sets an attribute of one tensor: `"lr_factor"`, `"weight_decay_factor"`,
    /// `"frozen"`.
    pub fn set_tensor(&mut self, index: usize, attribute: &str, value: f64) -> Result<()> {
        let name = c_string(attribute)?;
        check(unsafe { sys::opt_set_tensor(self.handle, index as i64, name.as_ptr(), value) })
    }

    /// Reads an attribute of one tensor.
    pub fn get_tensor(&self, index: usize, attribute: &str) -> Result<f64> {
        let name = c_string(attribute)?;
        let mut value = 0.;
        check(unsafe {
            sys::opt_get_tensor(self.handle, index as i64, name.as_ptr(), &mut value)
        })?;
        Ok(value)
    }
}
