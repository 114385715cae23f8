#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The page examples/web trains in headless Chromium: each rule's loss falls, each
path goes down the valley, and both figures show all of them.

usage: page.py <chromium> <package>
"""

import base64
import functools
import http.server
import json
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
COLOR = re.compile(r"rule: '(\w+)'.*color: '#(\w{6})'")
START = 104  # the height of the valley where all paths begin
PIXELS = 12  # of a color at least, in each figure, where lines hide each other


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Browser:
    """Chromium, which takes commands of its DevTools protocol from a pipe: JSON
    that ends with a zero byte."""

    def __init__(self, chromium, home):
        commands, self._to = os.pipe()
        self._from, answers = os.pipe()

        def take_pipes():  # as the descriptors 3 and 4
            for end in (commands, answers):
                os.set_inheritable(end, True)
            os.dup2(commands, 63)
            os.dup2(answers, 64)
            os.dup2(63, 3)
            os.dup2(64, 4)

        self._process = subprocess.Popen(
            [chromium, '--headless=new', '--no-sandbox', '--disable-gpu',
             '--disable-dev-shm-usage', '--hide-scrollbars',
             '--remote-debugging-pipe', f'--user-data-dir={home}',
             f'--window-size={WIDTH},{HEIGHT}', 'about:blank'],
            preexec_fn=take_pipes, close_fds=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(commands)
        os.close(answers)
        self._number = 0
        self._rest = b''
        self._events = []
        target = self.call('Target.createTarget', url='about:blank')
        self._session = None
        self._session = self.call(
            'Target.attachToTarget', targetId=target['targetId'],
            flatten=True)['sessionId']

    _session = None

    def call(self, method, **params):
        """The result of a command."""
        self._number += 1
        command = {'id': self._number, 'method': method, 'params': params}
        if self._session:
            command['sessionId'] = self._session
        os.write(self._to, json.dumps(command).encode() + b'\0')
        while True:
            answer = self._read()
            if answer.get('id') == self._number:
                return answer['result']
            self._events.append(answer.get('method'))

    def open(self, url):
        """Opens a page; returns when it has been loaded."""
        self.call('Page.enable')
        self._events.clear()
        self.call('Page.navigate', url=url)
        while 'Page.loadEventFired' not in self._events:
            self._events.append(self._read().get('method'))

    def _read(self):
        while b'\0' not in self._rest:
            more = os.read(self._from, 1 << 20)
            if not more:
                sys.exit('page.py: Chromium ended early')
            self._rest += more
        text, self._rest = self._rest.split(b'\0', 1)
        return json.loads(text)

    def evaluate(self, expression):
        """The value of JavaScript's expression, also of one that is promised."""
        answer = self.call('Runtime.evaluate', expression=expression,
                           awaitPromise=True, returnByValue=True)
        return answer['result'].get('value', answer.get('exceptionDetails'))

    def save_picture(self, path):
        data = self.call('Page.captureScreenshot', format='png')['data']
        with open(path, 'wb') as file:
            file.write(base64.b64decode(data))

    def close(self):
        self._session = None
        self.call('Browser.close')
        self._process.wait()


# The state of the page and the texts of its table, once it trains no more.
RESULT = '''new Promise((resolve) => {
  const look = () => {
    const { state } = document.body.dataset;
    if (state !== 'done' && state !== 'failed') {
      requestAnimationFrame(look);
      return;
    }
    const rows = [...document.querySelectorAll('#rules tr')];
    resolve([document.getElementById('progress').value,
      rows.map((row) => [...row.cells].map((cell) => cell.textContent))]);
  };
  look();
})'''


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
        picture = os.path.join(work, 'page.png')
        browser = Browser(chromium, os.path.join(work, 'home'))
        try:
            browser.open(f'http://127.0.0.1:{server.server_port}/index.html')
            progress, found = browser.evaluate(RESULT)
            browser.save_picture(picture)
        finally:
            browser.close()
            server.shutdown()
        tap.case('the page trains with every rule to the end',
                 '' if progress.startswith('done') and
                 [row[0] for row in found] == [rule for rule, _ in colors]
                 else progress)
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
