# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The library's messages in Python's words."""

from __future__ import annotations

import re

_WORDS = {
    'NULL': 'None',
    'OPT_ALL_CORES': 'ALL_CORES',
    'OPT_F32': "'float32'",
    'OPT_F64': "'float64'",
    'OPT_LOAD_KEEP_OPTIONS': 'keep_options=True',
    'OPT_LOAD_PARAMS': 'params=True',
    'OPT_AVERAGE_EMA': "'ema'",
    'OPT_AVERAGE_SWA': "'swa'",
    'OPT_AVERAGE_WARMUP': 'warmup',
    'opt_add_group': 'add_param_group()',
    'opt_attach': 'parameters are attached',
    'opt_attribute_at': 'libopt.attributes()',
    'opt_average_start': 'start_average()',
    'opt_average_stop': 'stop_average()',
    'opt_average_swap': 'swap_average()',
    'opt_load_file': 'load()',
    'opt_load_memory': 'load_bytes()',
    'opt_option_at': 'libopt.rule()',
    'opt_preset_at': 'libopt.rule()',
    'opt_rule_at': 'libopt.rules()',
    'opt_save_file': 'save()',
    'opt_save_memory': 'save_bytes()',
    'opt_schedule_kind_at': 'libopt.schedule_kinds()',
    'opt_schedule_option_at': 'libopt.schedule_kinds()',
    'opt_schedule_then': 'then()',
    'opt_schedule_value': 'value()',
    'opt_set_tensor_step': 'Tensor.step',
    'opt_slot_at': 'libopt.rule()',
    'opt_step_args.work': 'work=',
}

# A text in quotes is a name of the program's; fields of C's structs are
# arguments here, and functions mostly methods of the same name.
_PATTERN = re.compile(r"'[^']*'|\bopt_\w+_(?:args|config|work)\.(?!work)(?=\w)"
                      r'|\bopt_step_args\.work\b|\bopt_\w+|\bOPT_\w+|\bNULL\b')


def in_python(message: str) -> str:
    """The message, with what C calls otherwise as Python does."""
    return _PATTERN.sub(_translate, message)


def _translate(match: re.Match[str]) -> str:
    word = match[0]
    if word.startswith("'"):
        return word
    if word.endswith('.'):
        return ''
    if word.startswith('opt_'):
        return _WORDS.get(word, word[len('opt_'):] + '()')
    return _WORDS.get(word, word[len('OPT_'):].lower())
