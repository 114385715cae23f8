#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""A policy that is trained in the loop of a game is that of a plain program.

usage: godot.py <cartpole> <libcartpole.so>
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

import tap

PROGRAM, LIBRARY = sys.argv[1:]
SCORE = re.compile(r'ticks an episode: ([\d.]+) at first, ([\d.]+) after')
FRAMES = re.compile(r'the game ran for (\d+) frames')


def contents(path):
    with open(path, 'rb') as file:
        return file.read()


def play(folder, checkpoint):
    """The output of the game, and how it ends."""
    game = os.path.join(folder, 'game')
    shutil.copytree(os.path.join(tap.ROOT, 'examples/godot/game'), game)
    shutil.copy(LIBRARY, os.path.join(game, 'libcartpole.so'))
    home = os.path.join(folder, 'home')
    os.makedirs(home)
    result = subprocess.run(
        ['godot3-server', '--path', game], stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False,
        env={**os.environ, 'HOME': home, 'CARTPOLE_CHECKPOINT': checkpoint})
    return result.stdout, result.returncode


def main():
    with tempfile.TemporaryDirectory() as folder:
        plain = os.path.join(folder, 'plain.safetensors')
        played = os.path.join(folder, 'played.safetensors')
        first, last = map(float, SCORE.search(tap.output(PROGRAM, plain))
                          .groups())
        tap.case('the policy learns to balance the pole',
                 '' if last > 4 * first else f'{first} ticks, then {last}')
        printed, status = play(folder, played)
        tap.case('the game ends', '' if status == 0 else
                 f'exit {status}\n{printed}')
        frames = FRAMES.search(printed)
        tap.case('it went on from frame to frame while the policy learned',
                 '' if frames and int(frames[1]) > 1 else printed)
        tap.case('all memory that libopt took of it is given back',
                 '' if 'at the end: 0\n' in printed else printed)
        tap.case("its checkpoint has the plain program's bytes",
                 '' if os.path.exists(played) and
                 contents(plain) == contents(played) else 'it differs')
    tap.finish()


main()
