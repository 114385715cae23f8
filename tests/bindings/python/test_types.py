# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The types of the package are right, and of use to who uses it."""

import os
import subprocess

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.join(HERE, '../../../bindings/python')

PROGRAM = '''
import libopt

with libopt.AdamW([bytearray(8)], lr=1e-3, preset='pytorch') as optimizer:
    reveal_type(optimizer)
    reveal_type(optimizer.step(work=libopt.GradientWork(max_norm=1)))
    reveal_type(optimizer.steps)
    optimizer.stepp()
    optimizer.param_groups[0].lrr
libopt.AdamW(lr='fast')
libopt.Adam(eps_placement='above')
libopt.SGD(momentun=0.9)
'''
EXPECTED = [
    'Revealed type is "libopt._rules.AdamW"',
    'Revealed type is "Union[Tuple[builtins.float, builtins.float, '
    'builtins.bool, Union[builtins.str, None], '
    'builtins.tuple[builtins.float, ...], '
    'fallback=libopt._gradients.GradientReport], None]"',
    'Revealed type is "builtins.int"',
    '"AdamW" has no attribute "stepp"',
    '"Group" has no attribute "lrr"',
    'Argument "lr" to "AdamW" has incompatible type',
    'Argument "eps_placement" to "Adam" has incompatible type',
    'Unexpected keyword argument "momentun" for "SGD"',
]


# The parts of PyTorch that tell nothing of optimizers take a minute to read.
SKIPPED = ','.join(f'torch.{part}.*' for part in (
    'ao', 'cuda', 'distributed', 'distributions', 'functional', 'fx', 'jit',
    'nn', 'onnx', 'package', 'testing', 'utils'))
CONFIGURATION = f'''[mypy]
strict = True
[mypy-{SKIPPED}]
follow_imports = skip
follow_imports_for_stubs = True
'''


@pytest.fixture(scope='module', name='checker')
def make_checker(tmp_path_factory):
    place = tmp_path_factory.mktemp('mypy')
    (place / 'mypy.ini').write_text(CONFIGURATION)
    return ['mypy', '--config-file', str(place / 'mypy.ini'),
            '--cache-dir', str(place / 'cache')]


def run(*command, **environment):
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, cwd=PACKAGE,
                          env={**os.environ, **environment})
    return done.returncode, done.stdout


def test_the_package_is_typed_strictly(checker):
    code, text = run(*checker, 'libopt')
    assert code == 0, text


def test_the_stubs_are_what_the_modules_have(tmp_path):
    # It has no option for where its cache is.
    (tmp_path / 'mypy.ini').write_text(
        f'[mypy]\ncache_dir = {tmp_path}/cache\n')
    code, text = run(
        'stubtest', '--concise', '--mypy-config-file',
        str(tmp_path / 'mypy.ini'), '--allowlist',
        os.path.join(HERE, 'stubtest_allowlist.txt'), 'libopt._native',
        MYPYPATH=os.environ['PYTHONPATH'].split(':')[0])
    assert code == 0, text


def test_a_users_program_is_checked(checker, tmp_path):
    (tmp_path / 'program.py').write_text(PROGRAM)
    code, text = run(*checker, str(tmp_path / 'program.py'), MYPYPATH=PACKAGE)
    assert code == 1, text
    lines = [line for line in text.splitlines() if 'program.py:' in line]
    assert len(lines) == len(EXPECTED), text
    for line, expected in zip(lines, EXPECTED):
        assert expected in line
