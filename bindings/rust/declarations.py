# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The C API as bindgen declares it for Rust."""

import os
import subprocess

from catalog import LICENSE, NOTICE, ROOT, Entry, Files

DECLARATIONS = 'bindings/rust/libopt-sys/src/bindings.rs'
BINDGEN = '''
/usr/bin/bindgen include/opt/opt.h --allowlist-function opt_.*
--allowlist-type opt_.* --allowlist-var OPT_.* --rust-target 1.47
--default-macro-constant-type signed --no-prepend-enum-name --no-layout-tests
--no-doc-comments --disable-header-comment
--enable-function-attribute-detection'''


def declarations() -> str:
    """The text that bindgen makes of the C API's headers."""
    for tool in ('/usr/bin/bindgen', '/usr/bin/rustfmt'):
        if not os.path.exists(tool):
            raise SystemExit(f'{tool} is missing, without which {DECLARATIONS} '
                             'stays as it was: run cmake/bootstrap tests')
    notice = NOTICE.replace('the catalogue', 'include/opt/opt.h')
    return subprocess.run(
        [*BINDGEN.split(), '--raw-line', f'// {notice}', '--raw-line',
         f'// {LICENSE}', '--', '-Iinclude', '-std=c11'],
        cwd=ROOT, env={**os.environ, 'RUSTFMT': '/usr/bin/rustfmt'},
        stdout=subprocess.PIPE, text=True, check=True).stdout


def files(_: Entry) -> Files:
    yield DECLARATIONS, declarations()
