# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""pytest prints TAP, which tests/count_cases reads."""

import pytest


class Tap:
    """In place of pytest's own reporter."""

    def __init__(self):
        self.count = 0

    def line(self, passed, name, details=''):
        self.count += 1
        for line in details.splitlines():
            print(f'# {line}')
        print(f'{"ok" if passed else "not ok"} {self.count} - {name}',
              flush=True)

    def pytest_runtest_logreport(self, report):
        if report.when == 'call' or report.failed:
            # A test that was skipped or expected to fail has not passed.
            self.line(report.outcome == 'passed', report.nodeid,
                      '' if report.passed else report.longreprtext
                      + report.capstdout + report.capstderr)
        elif report.skipped:
            self.line(False, report.nodeid, 'skipped')

    def pytest_collectreport(self, report):
        if report.failed:
            self.line(False, f'{report.nodeid} can be collected',
                      report.longreprtext)

    def pytest_sessionfinish(self):
        print(f'1..{self.count}')


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    terminal = config.pluginmanager.getplugin('terminalreporter')
    if terminal is not None and not config.option.verbose:
        config.pluginmanager.unregister(terminal)
        config.pluginmanager.register(Tap(), 'tap')
