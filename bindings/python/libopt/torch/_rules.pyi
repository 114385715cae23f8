# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
# Generated from the rules' descriptors: do not edit, but build the target
# "generate".

from __future__ import annotations

from typing import Literal

from .._context import Context
from ._optimizer import Optimizer, Params

__all__ = [
    'SGD',
    'Adagrad',
    'RMSprop',
    'Adam',
    'AdamW',
    'Lion',
    'GD',
    'Momentum',
]


class SGD(Optimizer):
    def __init__(
        self,
        params: Params,
        lr: float | None = None,
        *,
        weight_decay: float | None = None,
        decoupled_weight_decay: bool | None = None,
        maximize: bool | None = None,
        frozen: bool | None = None,
        momentum: float | None = None,
        dampening: float | None = None,
        nesterov: bool | None = None,
        first_step_dampened: bool | None = None,
        lr_in_velocity: bool | None = None,
        preset: Literal['textbook', 'pytorch'] | None = None,
        context: Context | None = None,
    ) -> None: ...


class Adagrad(Optimizer):
    def __init__(
        self,
        params: Params,
        lr: float | None = None,
        *,
        weight_decay: float | None = None,
        decoupled_weight_decay: bool | None = None,
        maximize: bool | None = None,
        frozen: bool | None = None,
        eps: float | None = None,
        eps_placement: Literal['inside', 'outside'] | None = None,
        lr_decay: float | None = None,
        initial_accumulator_value: float | None = None,
        preset: Literal['textbook', 'pytorch'] | None = None,
        context: Context | None = None,
    ) -> None: ...


class RMSprop(Optimizer):
    def __init__(
        self,
        params: Params,
        lr: float | None = None,
        *,
        weight_decay: float | None = None,
        decoupled_weight_decay: bool | None = None,
        maximize: bool | None = None,
        frozen: bool | None = None,
        alpha: float | None = None,
        eps: float | None = None,
        eps_placement: Literal['inside', 'outside'] | None = None,
        centered: bool | None = None,
        momentum: float | None = None,
        lr_in_velocity: bool | None = None,
        preset: Literal['textbook', 'pytorch'] | None = None,
        context: Context | None = None,
    ) -> None: ...


class Adam(Optimizer):
    def __init__(
        self,
        params: Params,
        lr: float | None = None,
        *,
        weight_decay: float | None = None,
        decoupled_weight_decay: bool | None = None,
        maximize: bool | None = None,
        frozen: bool | None = None,
        betas: tuple[float, float] | None = None,
        eps: float | None = None,
        eps_placement: Literal['inside', 'outside', 'hat'] | None = None,
        eps_root: float | None = None,
        amsgrad: bool | None = None,
        bias_correction: bool | None = None,
        preset: Literal['textbook', 'pytorch'] | None = None,
        context: Context | None = None,
    ) -> None: ...


class AdamW(Optimizer):
    def __init__(
        self,
        params: Params,
        lr: float | None = None,
        *,
        weight_decay: float | None = None,
        decoupled_weight_decay: bool | None = None,
        maximize: bool | None = None,
        frozen: bool | None = None,
        betas: tuple[float, float] | None = None,
        eps: float | None = None,
        eps_placement: Literal['inside', 'outside', 'hat'] | None = None,
        eps_root: float | None = None,
        amsgrad: bool | None = None,
        bias_correction: bool | None = None,
        preset: Literal['textbook', 'pytorch'] | None = None,
        context: Context | None = None,
    ) -> None: ...


class Lion(Optimizer):
    def __init__(
        self,
        params: Params,
        lr: float | None = None,
        *,
        weight_decay: float | None = None,
        decoupled_weight_decay: bool | None = None,
        maximize: bool | None = None,
        frozen: bool | None = None,
        betas: tuple[float, float] | None = None,
        preset: Literal['textbook'] | None = None,
        context: Context | None = None,
    ) -> None: ...


class GD(Optimizer):
    def __init__(
        self,
        params: Params,
        lr: float | None = None,
        *,
        weight_decay: float | None = None,
        decoupled_weight_decay: bool | None = None,
        maximize: bool | None = None,
        frozen: bool | None = None,
        momentum: float | None = None,
        dampening: float | None = None,
        nesterov: bool | None = None,
        first_step_dampened: bool | None = None,
        lr_in_velocity: bool | None = None,
        preset: Literal['textbook', 'pytorch'] | None = None,
        context: Context | None = None,
    ) -> None: ...


class Momentum(Optimizer):
    def __init__(
        self,
        params: Params,
        lr: float | None = None,
        *,
        weight_decay: float | None = None,
        decoupled_weight_decay: bool | None = None,
        maximize: bool | None = None,
        frozen: bool | None = None,
        momentum: float | None = None,
        dampening: float | None = None,
        nesterov: bool | None = None,
        first_step_dampened: bool | None = None,
        lr_in_velocity: bool | None = None,
        preset: Literal['textbook', 'pytorch'] | None = None,
        context: Context | None = None,
    ) -> None: ...
