#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Turns recorded runs of other libraries into peers.txt.

usage: take_peers.py <folder with torch.json, optax.json, timm.json> > peers.txt

Each file holds one problem (initial parameters and gradients of a few tensors)
and many cases, in float64. Of those whose class is a rule here, what libopt needs
to repeat the run is written: the rule, its preset and options, the tolerance,
and the parameters after some of the steps, every number as the 16 digits of its
bits. A class that is left out has a line in LEFT_OUT_CLASSES, and a case in
LEFT_OUT. What torch computed with
scalars in float32 is there a second time, as in_double.py has it.
"""

import json
import struct
import sys

import in_double

STEPS = (1, 2, 5, 20, 40)

# Names of options, where they are not libopt's.
NAMES = {'learning_rate': 'lr', 'b1': 'beta1', 'b2': 'beta2', 'b3': 'beta3',
         'decay': 'alpha', 'caution': 'cautious',
         'decoupled': 'weight_decay_kind',
         'initial_accumulator_value': 'initial_accumulator',
         'initial_scale': 'initial_accumulator',
         'decoupled_weight_decay': 'weight_decay_kind',
         'min_dim_size_to_factor': 'min_dim_factored', 'momentum': 'momentum',
         'weight_decay_rate': 'weight_decay',
         'decoupled_decay': 'weight_decay_kind', 'trust_clip': 'trust_max'}

# By library and class: rule, preset, and the options that make the rule that
# library's.
CLASSES = {
    ('torch', 'SGD'): ('sgd', 'pytorch', {}),
    ('torch', 'Adagrad'): ('adagrad', 'pytorch', {}),
    ('torch', 'RMSprop'): ('rmsprop', 'pytorch', {}),
    ('torch', 'Adam'): ('adam', 'pytorch', {}),
    ('torch', 'AdamW'): ('adamw', 'pytorch', {}),
    ('torch', 'NAdam'): ('nadam', 'pytorch', {}),
    ('torch', 'ASGD'): ('asgd', 'pytorch', {}),
    ('torch', 'Adadelta'): ('adadelta', 'pytorch', {}),
    ('torch', 'Adamax'): ('adamax', 'pytorch', {}),
    ('torch', 'RAdam'): ('radam', 'pytorch', {}),
    ('torch', 'Rprop'): ('rprop', 'pytorch', {}),
    ('optax', 'sgd'): ('sgd', 'optax', {}),
    ('optax', 'adagrad'): ('adagrad', 'optax', {}),
    ('optax', 'rmsprop'): ('rmsprop', 'optax', {}),
    ('optax', 'adam'): ('adam', 'optax', {}),
    ('optax', 'adamw'): ('adamw', 'optax', {}),
    ('optax', 'nadam'): ('adam', 'optax', {'nesterov': 1}),
    ('optax', 'nadamw'): ('adamw', 'optax', {'nesterov': 1}),
    ('optax', 'amsgrad'): ('adam', 'optax', {'amsgrad': 2}),
    ('optax', 'lion'): ('lion', 'optax', {}),
    ('optax', 'adadelta'): ('adadelta', 'optax', {}),
    ('optax', 'adamax'): ('adamax', 'optax', {}),
    ('optax', 'adamaxw'): ('adamaxw', 'optax', {}),
    ('optax', 'radam'): ('radam', 'optax', {}),
    ('optax', 'adabelief'): ('adabelief', 'optax', {}),
    ('optax', 'yogi'): ('yogi', 'optax', {}),
    ('optax', 'adopt'): ('adopt', 'optax', {}),
    ('optax', 'ademamix'): ('ademamix', 'optax', {}),
    ('optax', 'signum'): ('signum', 'optax', {}),
    ('optax', 'sign_sgd'): ('signum', 'optax', {'beta': 0}),
    ('optax', 'schedule_free_sgd'): ('schedule_free_sgd', 'optax', {}),
    ('optax', 'schedule_free_adamw'): ('schedule_free_adamw', 'optax', {}),
    ('optax', 'lamb'): ('lamb', 'optax', {}),
    ('optax', 'lars'): ('lars', 'optax', {}),
    ('optax', 'novograd'): ('novograd', 'optax', {}),
    ('timm', 'adadelta'): ('adadelta', 'pytorch', {}),
    ('timm', 'adagrad'): ('adagrad', 'pytorch', {}),
    ('timm', 'adam'): ('adam', 'pytorch', {}),
    ('timm', 'adamax'): ('adamax', 'pytorch', {}),
    ('timm', 'adamw'): ('adamw', 'pytorch', {}),
    ('timm', 'adamwlegacy'): ('adamw', 'pytorch', {}),
    ('timm', 'momentum'): ('momentum', 'pytorch', {'momentum': 0}),
    ('timm', 'nadam'): ('nadam', 'pytorch', {}),
    ('timm', 'nadamlegacy'): ('nadam', 'pytorch', {}),
    ('timm', 'nadamw'): ('adamw', 'pytorch', {'nesterov': 2}),
    ('timm', 'radam'): ('radam', 'pytorch', {}),
    ('timm', 'radamw'): ('radamw', 'pytorch', {}),
    ('timm', 'rmsprop'): ('rmsprop', 'pytorch', {}),
    ('timm', 'rmsproptf'): ('rmsprop', 'timm', {}),
    ('timm', 'lion'): ('lion', 'textbook', {}),
    ('torch', 'Adafactor'): ('adafactor', 'pytorch', {}),
    ('optax', 'adafactor'): ('adafactor', 't5x', {'lr': 1}),
    ('timm', 'adafactor'): ('adafactor', 'timm', {}),
    ('timm', 'adabelief'): ('adabelief', 'timm', {}),
    ('timm', 'radabelief'): ('adabelief', 'timm', {'eps_placement': 2}),
    ('timm', 'adopt'): ('adopt', 'timm', {}),
    ('timm', 'adoptw'): ('adopt', 'timm', {}),
    ('timm', 'cadopt'): ('adopt', 'timm', {}),
    ('timm', 'cadoptw'): ('adopt', 'timm', {}),
    ('timm', 'adamc'): ('adamw', 'pytorch', {}),
    ('timm', 'cadamw'): ('adamw', 'pytorch', {}),
    ('timm', 'cadamc'): ('adamw', 'pytorch', {}),
    ('timm', 'nadamc'): ('adamw', 'pytorch', {'nesterov': 2}),
    ('timm', 'cnadamw'): ('adamw', 'pytorch', {'nesterov': 2}),
    ('timm', 'cnadamc'): ('adamw', 'pytorch', {'nesterov': 2}),
    ('timm', 'lionc'): ('lion', 'textbook', {}),
    ('timm', 'clion'): ('lion', 'textbook', {}),
    ('timm', 'clionc'): ('lion', 'textbook', {}),
    ('timm', 'rmsproptfc'): ('rmsprop', 'timm', {}),
    ('timm', 'adoptc'): ('adopt', 'timm', {}),
    ('timm', 'cadoptc'): ('adopt', 'timm', {}),
    ('timm', 'adan'): ('adan', 'timm', {}),
    ('timm', 'adanw'): ('adan', 'timm', {}),
    ('timm', 'lamb'): ('lamb', 'timm', {}),
    ('timm', 'lambc'): ('lamb', 'timm', {}),
    ('timm', 'lambw'): ('lamb', 'timm', {}),
    ('timm', 'lambcw'): ('lamb', 'timm', {}),
    ('timm', 'lambcd'): ('lamb', 'timm', {}),
    ('timm', 'clamb'): ('lamb', 'timm', {}),
    ('timm', 'clambw'): ('lamb', 'timm', {}),
    ('timm', 'larc'): ('lars', 'timm', {}),
    ('timm', 'lars'): ('lars', 'timm', {}),
    ('timm', 'novograd'): ('novograd', 'timm', {}),
}

# The largest error of a tensor in units of its largest element; 1e-10 if it is
# not here.
TOLERANCES = {
    # As in_double.py has them, with 1e-10.
    'nadam': 1e-9,  # torch kept mu_product in float32 when this was recorded,
    'asgd': 1e-7,   # and eta and mu
}
# The same for one library's class.
TOLERANCES_OF = {
    ('timm', 'novograd'): 1e-7,  # which keeps the squared norm in float32
    ('optax', 'adafactor'): 1e-8,  # which computes t^-0.8 in float32
}

# The same for single cases.
TOLERANCES_OF_CASES = {
    'optax_adafactor_2': 1e-6,  # whose momentum is float32
}

# Classes of rules that are here, and why they cannot be compared.
LEFT_OUT_CLASSES = {
    ('optax', 'adan'): 'has 1 - beta2 where beta2 is due',
    ('optax', 'rprop'): 'steps by the update of the step before',
    ('optax', 'simplified_ademamix'): 'has one moment, which is not averaged',
    ('timm', 'adafactorbv'): 'drops the mean of the row factors of tall '
                             'matrices, and keeps its moment in bfloat16',
    ('timm', 'adafactorbvc'): 'as adafactorbv',
    ('timm', 'cadafactorbv'): 'as adafactorbv',
    ('timm', 'cadafactorbvc'): 'as adafactorbv',
    ('timm', 'cadan'): 'masks the first moment alone',
    ('timm', 'cadanw'): 'as cadan',
    ('timm', 'cadafactor'): 'is that of adafactor to the last digit: caution '
                            'changed nothing',
    ('timm', 'crmsproptf'): 'is that of rmsproptf to the last digit: caution '
                            'changed nothing',
    ('timm', 'radamlegacy'): 'computes in float32',
}

# Classes of rules that are not here.
OTHER_RULES = {
    'optax': {'cocob', 'dadapt_adamw', 'dog', 'dowg', 'fromage', 'madgrad',
              'muon', 'optimistic_adam', 'optimistic_adam_v2',
              'optimistic_gradient_descent', 'prodigy', 'sm3'},
    'timm': {'adamp', 'adamuon', 'cadamp', 'claprop', 'cmars', 'csgdp', 'kron',
             'kronc', 'kronw', 'laprop', 'lapropc', 'madgrad', 'madgradw',
             'mars', 'muon', 'nadamuon', 'nmuon', 'sgdp'},
}

# Options that libopt does not have, and why a case cannot be compared.
LEFT_OUT = {
    ('schedule_free_sgd', 'warmup_steps'):
        'as of schedule_free_adamw',
    ('schedule_free_adamw', 'warmup_steps'):
        'Optax counts the steps of its warm-up from 0 in one place and from 1 '
        'in another',
}

# The norm to which the class itself clips all gradients together.
CLIPS = {('timm', 'lamb'): 1.0}

# Options that a case's file gives in words.
SPELLED = {('schedule_free_sgd', 0): {'lr': 0.1, 'warmup_steps': 5},
           ('schedule_free_adamw', 0): {'lr': 0.01, 'warmup_steps': 5},
           ('schedule_free_adamw', 1): {'lr': 0.01, 'beta1': 0.8,
                                        'weight_decay': 0.1}}


def digits(number):
    return struct.pack('>d', number).hex()


def numbers(tensors):
    return ' '.join(digits(x) for tensor in tensors for x in tensor)


def options_of(library, case, nth):
    rule, _, base = CLASSES[library, case['class']]
    found = SPELLED.get((case['class'], nth)) or case['options']
    made = dict(base)
    for name, value in found.items():
        if name == 'betas':
            made['beta1'], made['beta2'] = value
        elif rule == 'adafactor' and name == 'eps':
            made['eps1'], made['eps2'] = value
        elif rule == 'lars' and name == 'trust_clip':
            made[name] = float(value)
        elif rule == 'adafactor' and name == 'momentum':
            made['beta1'] = value
        elif name == 'etas':
            made['eta_minus'], made['eta_plus'] = value
        elif name == 'step_sizes':
            made['min_step_size'], made['max_step_size'] = value
        elif name == 'eps_in_sqrt':
            made['eps_placement'] = int(not value)
        else:
            made[NAMES.get(name, name)] = float(value)
    left_out = [name for name in made if (rule, name) in LEFT_OUT]
    return made, left_out


def write_case(library, case, nth, kept, tolerance=None, name=None):
    rule, preset, _ = CLASSES[library, case['class']]
    options, left_out = options_of(library, case, nth)
    if left_out:
        return
    print(f'case {name or library}_{case["class"]}_{nth}')
    tolerance = tolerance or TOLERANCES_OF.get(
        (library, rule), TOLERANCES.get(rule, 1e-10))
    print('rule', rule, preset, TOLERANCES_OF_CASES.get(
        f'{library}_{case["class"]}_{nth}', tolerance))
    if (library, rule) in CLIPS:
        print('clip', CLIPS[library, rule])
    for name, value in options.items():
        print('option', name, repr(float(value)))
    for step, params in zip(kept, case['params']):
        if step in STEPS:
            tensors = params['params'] if isinstance(params, dict) else params
            print('step', step, numbers(tensors))
            if isinstance(params, dict):
                print('eval', step, numbers(params['eval']))


def is_taken(library, name):
    if (library, name) in CLASSES:
        return True
    if (library, name) not in LEFT_OUT_CLASSES and (
            name not in OTHER_RULES.get(library, ())):
        sys.exit(f'{name} of {library} is in none of the tables')
    return False


def write_library(folder, library):
    with open(f'{folder}/{library}.json', encoding='utf-8') as file:
        data = json.load(file)
    print('problem', library)
    for shape in data['shapes']:
        print('shape', *shape)
    print('initial', numbers(data['initial']))
    for gradient in data['gradients']:
        print('gradient', numbers(gradient))
    seen = {}
    for case in data['cases']:
        nth = seen[case['class']] = seen.get(case['class'], -1) + 1
        if 'params' not in case or not is_taken(library, case['class']):
            continue
        write_case(library, case, nth, data['kept_steps'])
        if library == 'torch' and case['class'] in ('NAdam', 'ASGD'):
            params = in_double.run(case['class'], case['options'],
                                   data['initial'], data['gradients'],
                                   data['kept_steps'])
            write_case(library, {**case, 'params': params}, nth,
                       data['kept_steps'], 1e-10, 'double')


def main():
    print('# Made by take_peers.py of torch 2.11.0, optax 0.2.8, timm 1.0.29.')
    for library in ('torch', 'optax', 'timm'):
        write_library(sys.argv[1], library)


main()
