// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// libopt for C++17: opt.h with owners, spans and exceptions. Header-only; link
// libopt::opt as a C program does. In short:
//
//   opt::Optimizer optimizer(opt::AdamW().lr(3e-4));
//   optimizer.Attach(opt::TensorSpec("fc1.weight", weight, gradient));
//   for (int64_t i = 0; i < steps; ++i) {
//     Gradients(weight, &gradient);
//     optimizer.Step();
//   }
//   optimizer.SaveFile("run.safetensors", opt::SaveOptions().Params());
//
// A call that fails throws opt::Error, with the status and the message of the C
// call, and has changed nothing. Without exceptions (-fno-exceptions, or
// OPT_NO_EXCEPTIONS is defined) each call returns an opt::Result instead, and
// objects come from functions: auto made = opt::Optimizer::Create("adamw").
// Nothing here needs RTTI.
//
// Objects are owners, can be moved and not copied. Buffers belong to the caller
// and are not copied: an attached one must stay in place until it is detached,
// or its owner is handed over with TensorSpec::Keep. As in C, one optimizer
// serves one call at a time, and an overlapping one fails with OPT_ERR_BUSY.
#ifndef OPT_OPT_HPP_
#define OPT_OPT_HPP_

// IWYU pragma: begin_exports
#include "opt/hpp/checkpoint.hpp"
#include "opt/hpp/context.hpp"
#include "opt/hpp/describe.hpp"
#include "opt/hpp/error.hpp"
#include "opt/hpp/lent.hpp"
#include "opt/hpp/optimizer.hpp"
#include "opt/hpp/rules.hpp"
#include "opt/hpp/schedule.hpp"
#include "opt/hpp/schedules.hpp"
#include "opt/hpp/span.hpp"
#include "opt/hpp/step.hpp"
#include "opt/hpp/tensor.hpp"
#include "opt/opt.h"
// IWYU pragma: end_exports

#endif  // OPT_OPT_HPP_
