#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The page examples/web trains in headless Chromium: each rule's loss falls, each
path goes down the valley, and both figures show all of them.

usage: page.py <chromium> <package>
"""

import functools
import http.server
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading

import matplotlib.image
import tap

PAGE = os.path.join(tap.ROOT, 'examples/web')
WIDTH, HEIGHT = 1200, 900
CELL = re.compile(r'<td>(?:<span[^>]*></span>)?([^<]*)</td>')
COLOR = re.compile(r"rule: '(\w+)'.*color: '#(\w{6})'")
START = 104  # the height of the valley where all paths begin
PIXELS = 60  # of a color at least, in each half of the figures


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def browse(chromium, url, home, *options):
    """What Chromium prints when the page has had its time."""
    result = subprocess.run(
        [chromium, '--headless=new', '--no-sandbox', '--disable-gpu',
         '--disable-dev-shm-usage', '--hide-scrollbars',
         f'--user-data-dir={home}', f'--window-size={WIDTH},{HEIGHT}',
         '--virtual-time-budget=60000', *options, url],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
        timeout=500)
    return result.stdout


def rows(dom):
    """[rule, learning rate, loss at first, loss now, height] of each rule."""
    body = re.search(r'<tbody id="rules">(.*?)</tbody>', dom, re.S)
    return [CELL.findall(row) for row in
            re.findall(r'<tr>(.*?)</tr>', body[1] if body else '', re.S)]


def count(image, color):
    """The pixels of a color."""
    wanted = [int(color[i:i + 2], 16) for i in (0, 2, 4)]
    return int((abs(image - wanted).max(axis=2) < 24).sum())


def check_figures(picture, colors):
    """Cases for the two halves of the figures' part of the picture."""
    image = matplotlib.image.imread(picture)[:, :, :3] * 255
    top = image[:image.shape[0] * 6 // 10]
    middle = image.shape[1] // 2
    for name, half in (('losses', top[:, :middle]), ('valley', top[:, middle:])):
        tap.case(f'the figure of the {name} shows each rule', [
            f'{rule}: {count(half, color)} pixels of #{color}'
            for rule, color in colors if count(half, color) < PIXELS])


def main():
    chromium, package = sys.argv[1:]
    with open(os.path.join(PAGE, 'page.js'), encoding='utf-8') as file:
        colors = COLOR.findall(file.read())
    with tempfile.TemporaryDirectory() as work:
        site = shutil.copytree(PAGE, os.path.join(work, 'site'))
        shutil.copytree(package, os.path.join(site, 'libopt'))
        server = http.server.ThreadingHTTPServer(
            ('127.0.0.1', 0), functools.partial(Quiet, directory=site))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f'http://127.0.0.1:{server.server_port}/index.html'
        home = os.path.join(work, 'home')
        picture = os.path.join(work, 'page.png')
        dom = browse(chromium, url, home, '--dump-dom')
        browse(chromium, url, home, f'--screenshot={picture}')
        server.shutdown()
        found = rows(dom)
        tap.case('the page trains with every rule to the end',
                 '' if 'data-state="done"' in dom and
                 [row[0] for row in found] == [rule for rule, _ in colors]
                 else dom or 'Chromium prints nothing')
        tap.case('each loss falls to less than half', [
            ' '.join(row) for row in found
            if not float(row[3]) < float(row[2]) / 2] if found else 'no row')
        tap.case('each path goes down the valley', [
            ' '.join(row) for row in found
            if not float(row[4]) < START / 2] if found else 'no row')
        if os.environ.get('LIBOPT_PICTURE'):
            shutil.copy(picture, os.environ['LIBOPT_PICTURE'])
        check_figures(picture, colors)
    tap.finish()


main()
