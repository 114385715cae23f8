# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
# Generated from the rules' descriptors: do not edit, but build the target
# "generate".
"""The update rules, one class each."""

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
    """gradient descent: full batch, one sample or mini-batch, with or without
    momentum.

    Of each element, at each step::

        g = grad + weight_decay * param
        v = momentum * v + (1 - dampening) * g
        param = param - lr * v
        nesterov: param = param - lr * (g + momentum * v)

    Robbins and Monro 1951; Polyak 1964 (momentum); Sutskever et al. 2013
    (nesterov).

    Options, with their defaults:

    lr: 0.001
        learning rate, the step size; in [0, inf)
    weight_decay: 0
        weight decay coefficient (L2); in [0, inf)
    decoupled_weight_decay: False
        weight decay acts on the parameter (subtract lr * weight_decay *
        parameter), not through the gradient
    maximize: False
        ascend: flip the gradient's sign before weight decay
    frozen: False
        steps pass the group's tensors over: parameters, state and step count
        stay
    momentum: 0
        momentum factor, usually in 0..1; 0 keeps no state; in [0, inf)
    dampening: 0
        dampening of the gradient that enters the velocity; in [0, 1]
    nesterov: False
        Nesterov momentum: step along g + momentum * velocity
    first_step_dampened: True ('pytorch': False)
        0, as in PyTorch: the first velocity is the gradient itself, and
        without momentum there is no dampening
    lr_in_velocity: False
        as in Keras: the velocity holds the learning rate, v = momentum * v -
        lr * g, and is added to the parameter

    State of a parameter:

    momentum_buffer
        velocity v (with momentum)

    ``libopt.torch.Optimizer`` tells of params, preset and context.
    """

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
    ) -> None:
        super().__init__(
            'sgd', params, preset=preset, context=context,
            lr=lr,
            weight_decay=weight_decay,
            decoupled_weight_decay=decoupled_weight_decay,
            maximize=maximize,
            frozen=frozen,
            momentum=momentum,
            dampening=dampening,
            nesterov=nesterov,
            first_step_dampened=first_step_dampened,
            lr_in_velocity=lr_in_velocity)


class Adagrad(Optimizer):
    """adaptive rates from the sum of squared gradients; suits sparse data.

    Of each element, at each step::

        g = grad + weight_decay * param
        G = G + g^2
        param = param - lr / sqrt(G + eps) * g

    Duchi, Hazan and Singer 2011.

    Options, with their defaults:

    lr: 0.01
        learning rate, the step size; in [0, inf)
    weight_decay: 0
        weight decay coefficient (L2); in [0, inf)
    decoupled_weight_decay: False
        weight decay acts on the parameter (subtract lr * weight_decay *
        parameter), not through the gradient
    maximize: False
        ascend: flip the gradient's sign before weight decay
    frozen: False
        steps pass the group's tensors over: parameters, state and step count
        stay
    eps: 1e-08 ('pytorch': 1e-10)
        small number that keeps the denominator from being zero; in [0, inf)
    eps_placement: 'inside' ('pytorch': 'outside')
        where eps is added: sqrt(G + eps) or sqrt(G) + eps
    lr_decay: 0
        the rate of step t is lr / (1 + (t - 1) * lr_decay); in [0, inf)
    initial_accumulator_value: 0
        what the sum starts at when a tensor is attached; in [0, inf)

    State of a parameter:

    sum
        sum of squared gradients G

    ``libopt.torch.Optimizer`` tells of params, preset and context.
    """

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
    ) -> None:
        super().__init__(
            'adagrad', params, preset=preset, context=context,
            lr=lr,
            weight_decay=weight_decay,
            decoupled_weight_decay=decoupled_weight_decay,
            maximize=maximize,
            frozen=frozen,
            eps=eps,
            eps_placement=eps_placement,
            lr_decay=lr_decay,
            initial_accumulator_value=initial_accumulator_value)


class RMSprop(Optimizer):
    """adaptive rates from the moving average of squared gradients.

    Of each element, at each step::

        g = grad + weight_decay * param
        E = alpha * E + (1 - alpha) * g^2
        param = param - lr / sqrt(E + eps) * g

    Tieleman and Hinton 2012; Graves 2013 (centered).

    Options, with their defaults:

    lr: 0.001 ('pytorch': 0.01)
        learning rate, the step size; in [0, inf)
    weight_decay: 0
        weight decay coefficient (L2); in [0, inf)
    decoupled_weight_decay: False
        weight decay acts on the parameter (subtract lr * weight_decay *
        parameter), not through the gradient
    maximize: False
        ascend: flip the gradient's sign before weight decay
    frozen: False
        steps pass the group's tensors over: parameters, state and step count
        stay
    alpha: 0.9 ('pytorch': 0.99)
        averaging coefficient of the squared gradient; in [0, 1]
    eps: 1e-08
        small number that keeps the denominator from being zero; in [0, inf)
    eps_placement: 'inside' ('pytorch': 'outside')
        where eps is added: sqrt(E + eps) or sqrt(E) + eps
    centered: False
        divide by the standard deviation: E - (average of g)^2, not below 0, in
        place of E
    momentum: 0
        momentum factor on the scaled gradient; 0 keeps no such state; in [0,
        inf)
    lr_in_velocity: False
        as in Keras and Optax: the momentum buffer holds the learning rate

    State of a parameter:

    square_avg
        moving average of squared gradients E
    momentum_buffer
        velocity of the scaled gradient (with momentum)
    grad_avg
        moving average of gradients (with centered)

    ``libopt.torch.Optimizer`` tells of params, preset and context.
    """

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
    ) -> None:
        super().__init__(
            'rmsprop', params, preset=preset, context=context,
            lr=lr,
            weight_decay=weight_decay,
            decoupled_weight_decay=decoupled_weight_decay,
            maximize=maximize,
            frozen=frozen,
            alpha=alpha,
            eps=eps,
            eps_placement=eps_placement,
            centered=centered,
            momentum=momentum,
            lr_in_velocity=lr_in_velocity)


class Adam(Optimizer):
    """adaptive rates from bias-corrected first and second moments.

    Of each element, at each step::

        g = grad + weight_decay * param
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g^2
        m_hat = m / (1 - beta1^t)
        v_hat = v / (1 - beta2^t)
        param = param - lr / sqrt(v_hat + eps) * m_hat

    Kingma and Ba 2015, arXiv:1412.6980; Reddi et al. 2018 (amsgrad).

    Options, with their defaults:

    lr: 0.001
        learning rate, the step size; in [0, inf)
    weight_decay: 0
        weight decay coefficient (L2); in [0, inf)
    decoupled_weight_decay: False
        weight decay acts on the parameter (subtract lr * weight_decay *
        parameter), not through the gradient
    maximize: False
        ascend: flip the gradient's sign before weight decay
    frozen: False
        steps pass the group's tensors over: parameters, state and step count
        stay
    beta1: 0.9
        averaging coefficient of the first moment; in [0, 1)
    beta2: 0.999
        averaging coefficient of the second moment; in [0, 1)
    eps: 1e-08
        small number that keeps the denominator from being zero; in [0, inf)
    eps_placement: 'inside' ('pytorch': 'outside')
        where eps is added: sqrt(v_hat + eps), sqrt(v_hat) + eps, or, as in
        Keras, to the square root of the uncorrected v
    eps_root: 0
        a second eps, always inside the root, as in Optax; in [0, inf)
    amsgrad: False
        divide by the running maximum of the second moment
    bias_correction: True
        correct the moments for their start at zero
    betas:
        both beta1 and beta2, as PyTorch has them

    State of a parameter:

    exp_avg
        first moment m
    exp_avg_sq
        second moment v
    max_exp_avg_sq
        running maximum of v (with amsgrad)

    ``libopt.torch.Optimizer`` tells of params, preset and context.
    """

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
    ) -> None:
        super().__init__(
            'adam', params, preset=preset, context=context,
            lr=lr,
            weight_decay=weight_decay,
            decoupled_weight_decay=decoupled_weight_decay,
            maximize=maximize,
            frozen=frozen,
            betas=betas,
            eps=eps,
            eps_placement=eps_placement,
            eps_root=eps_root,
            amsgrad=amsgrad,
            bias_correction=bias_correction)


class AdamW(Optimizer):
    """Adam with decoupled weight decay.

    Of each element, at each step::

        m = beta1 * m + (1 - beta1) * grad
        v = beta2 * v + (1 - beta2) * grad^2
        m_hat = m / (1 - beta1^t)
        v_hat = v / (1 - beta2^t)
        param = param - lr / sqrt(v_hat + eps) * m_hat - lr * weight_decay * param

    Loshchilov and Hutter 2019, arXiv:1711.05101.

    Options, with their defaults:

    lr: 0.001
        learning rate, the step size; in [0, inf)
    weight_decay: 0.01
        weight decay coefficient (L2); in [0, inf)
    decoupled_weight_decay: True
        weight decay acts on the parameter (subtract lr * weight_decay *
        parameter), not through the gradient
    maximize: False
        ascend: flip the gradient's sign before weight decay
    frozen: False
        steps pass the group's tensors over: parameters, state and step count
        stay
    beta1: 0.9
        averaging coefficient of the first moment; in [0, 1)
    beta2: 0.999
        averaging coefficient of the second moment; in [0, 1)
    eps: 1e-08
        small number that keeps the denominator from being zero; in [0, inf)
    eps_placement: 'inside' ('pytorch': 'outside')
        where eps is added: sqrt(v_hat + eps), sqrt(v_hat) + eps, or, as in
        Keras, to the square root of the uncorrected v
    eps_root: 0
        a second eps, always inside the root, as in Optax; in [0, inf)
    amsgrad: False
        divide by the running maximum of the second moment
    bias_correction: True
        correct the moments for their start at zero
    betas:
        both beta1 and beta2, as PyTorch has them

    State of a parameter:

    exp_avg
        first moment m
    exp_avg_sq
        second moment v
    max_exp_avg_sq
        running maximum of v (with amsgrad)

    ``libopt.torch.Optimizer`` tells of params, preset and context.
    """

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
    ) -> None:
        super().__init__(
            'adamw', params, preset=preset, context=context,
            lr=lr,
            weight_decay=weight_decay,
            decoupled_weight_decay=decoupled_weight_decay,
            maximize=maximize,
            frozen=frozen,
            betas=betas,
            eps=eps,
            eps_placement=eps_placement,
            eps_root=eps_root,
            amsgrad=amsgrad,
            bias_correction=bias_correction)


class Lion(Optimizer):
    """the sign of an averaged gradient, with decoupled weight decay.

    Of each element, at each step::

        c = beta1 * m + (1 - beta1) * grad
        m = beta2 * m + (1 - beta2) * grad
        param = param - lr * sign(c) - lr * weight_decay * param

    Chen et al. 2023, arXiv:2302.06675.

    Options, with their defaults:

    lr: 1e-04
        learning rate, the step size; in [0, inf)
    weight_decay: 0
        weight decay coefficient (L2); in [0, inf)
    decoupled_weight_decay: True
        weight decay acts on the parameter (subtract lr * weight_decay *
        parameter), not through the gradient
    maximize: False
        ascend: flip the gradient's sign before weight decay
    frozen: False
        steps pass the group's tensors over: parameters, state and step count
        stay
    beta1: 0.9
        share of the moving average in the interpolation; in [0, 1)
    beta2: 0.99
        averaging coefficient of the gradient; in [0, 1)
    betas:
        both beta1 and beta2, as PyTorch has them

    State of a parameter:

    exp_avg
        moving average of gradients m

    ``libopt.torch.Optimizer`` tells of params, preset and context.
    """

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
    ) -> None:
        super().__init__(
            'lion', params, preset=preset, context=context,
            lr=lr,
            weight_decay=weight_decay,
            decoupled_weight_decay=decoupled_weight_decay,
            maximize=maximize,
            frozen=frozen,
            betas=betas)


class GD(Optimizer):
    """gradient descent: sgd with momentum 0.

    Of each element, at each step::

        g = grad + weight_decay * param
        v = momentum * v + (1 - dampening) * g
        param = param - lr * v
        nesterov: param = param - lr * (g + momentum * v)

    Robbins and Monro 1951; Polyak 1964 (momentum); Sutskever et al. 2013
    (nesterov).

    Options, with their defaults:

    lr: 0.001
        learning rate, the step size; in [0, inf)
    weight_decay: 0
        weight decay coefficient (L2); in [0, inf)
    decoupled_weight_decay: False
        weight decay acts on the parameter (subtract lr * weight_decay *
        parameter), not through the gradient
    maximize: False
        ascend: flip the gradient's sign before weight decay
    frozen: False
        steps pass the group's tensors over: parameters, state and step count
        stay
    momentum: 0
        momentum factor, usually in 0..1; 0 keeps no state; in [0, inf)
    dampening: 0
        dampening of the gradient that enters the velocity; in [0, 1]
    nesterov: False
        Nesterov momentum: step along g + momentum * velocity
    first_step_dampened: True ('pytorch': False)
        0, as in PyTorch: the first velocity is the gradient itself, and
        without momentum there is no dampening
    lr_in_velocity: False
        as in Keras: the velocity holds the learning rate, v = momentum * v -
        lr * g, and is added to the parameter

    State of a parameter:

    momentum_buffer
        velocity v (with momentum)

    ``libopt.torch.Optimizer`` tells of params, preset and context.
    """

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
    ) -> None:
        super().__init__(
            'gd', params, preset=preset, context=context,
            lr=lr,
            weight_decay=weight_decay,
            decoupled_weight_decay=decoupled_weight_decay,
            maximize=maximize,
            frozen=frozen,
            momentum=momentum,
            dampening=dampening,
            nesterov=nesterov,
            first_step_dampened=first_step_dampened,
            lr_in_velocity=lr_in_velocity)


class Momentum(Optimizer):
    """sgd with momentum 0.9.

    Of each element, at each step::

        g = grad + weight_decay * param
        v = momentum * v + (1 - dampening) * g
        param = param - lr * v
        nesterov: param = param - lr * (g + momentum * v)

    Robbins and Monro 1951; Polyak 1964 (momentum); Sutskever et al. 2013
    (nesterov).

    Options, with their defaults:

    lr: 0.001
        learning rate, the step size; in [0, inf)
    weight_decay: 0
        weight decay coefficient (L2); in [0, inf)
    decoupled_weight_decay: False
        weight decay acts on the parameter (subtract lr * weight_decay *
        parameter), not through the gradient
    maximize: False
        ascend: flip the gradient's sign before weight decay
    frozen: False
        steps pass the group's tensors over: parameters, state and step count
        stay
    momentum: 0.9
        momentum factor, usually in 0..1; 0 keeps no state; in [0, inf)
    dampening: 0
        dampening of the gradient that enters the velocity; in [0, 1]
    nesterov: False
        Nesterov momentum: step along g + momentum * velocity
    first_step_dampened: True ('pytorch': False)
        0, as in PyTorch: the first velocity is the gradient itself, and
        without momentum there is no dampening
    lr_in_velocity: False
        as in Keras: the velocity holds the learning rate, v = momentum * v -
        lr * g, and is added to the parameter

    State of a parameter:

    momentum_buffer
        velocity v (with momentum)

    ``libopt.torch.Optimizer`` tells of params, preset and context.
    """

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
    ) -> None:
        super().__init__(
            'momentum', params, preset=preset, context=context,
            lr=lr,
            weight_decay=weight_decay,
            decoupled_weight_decay=decoupled_weight_decay,
            maximize=maximize,
            frozen=frozen,
            momentum=momentum,
            dampening=dampening,
            nesterov=nesterov,
            first_step_dampened=first_step_dampened,
            lr_in_velocity=lr_in_velocity)
