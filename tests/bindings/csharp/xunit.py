#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Runs the tests on .NET, and prints their results as TAP.

usage: xunit.py <dotnet> <assembly of the tests>
"""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

import tap

TRX = '{http://microsoft.com/schemas/VisualStudio/TeamTest/2010}'


def main():
    dotnet, assembly = sys.argv[1:]
    with tempfile.TemporaryDirectory() as place:
        trx = os.path.join(place, 'results.trx')
        result = subprocess.run(
            [dotnet, 'test', assembly, '--results-directory', place,
             '--logger', f'trx;LogFileName={trx}'],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        results = []
        if os.path.exists(trx):
            results = list(ElementTree.parse(trx).getroot().iter(
                f'{TRX}UnitTestResult'))
    for case in sorted(results, key=lambda case: case.get('testName')):
        texts = [element.text or '' for element in case.iter()
                 if element.tag in (f'{TRX}Message', f'{TRX}StackTrace')]
        passed = case.get('outcome') == 'Passed'
        tap.case(case.get('testName'),
                 '' if passed else '\n'.join(texts) or case.get('outcome'))
    if not results or (result.returncode and all(
            case.get('outcome') == 'Passed' for case in results)):
        tap.case('dotnet test ends well', result.stdout or 'it does not')
    tap.finish()


main()
