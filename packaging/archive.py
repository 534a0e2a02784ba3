#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Leave in an installed archive no name for a program to collide with but dmus_*, as the shared library has none.

usage: archive.py OBJCOPY AR LIBRARY... -- CC...

Install script: each LIBRARY, below DESTDIR, becomes one object whose other names are local.
"""
import os
import subprocess
import sys
import tempfile


def close(library, objcopy, ar, compiler):
    with tempfile.TemporaryDirectory() as work:
        whole, closed = os.path.join(work, 'dmus.o'), os.path.join(work, 'closed.a')
        subprocess.run([*compiler, '-r', '-nostdlib', '-o', whole, '-Wl,--whole-archive', library, '-Wl,--no-whole-archive'],
                       check=True)
        subprocess.run([objcopy, '--wildcard', '--keep-global-symbol=dmus_*', whole], check=True)
        subprocess.run([ar, 'rcsD', closed, whole], check=True)
        with open(closed, 'rb') as data, open(library, 'wb') as file:
            file.write(data.read())


def main():
    cut = sys.argv.index('--')
    objcopy, ar, *libraries = sys.argv[1:cut]
    for library in libraries:
        path = os.path.join(os.environ['MESON_INSTALL_DESTDIR_PREFIX'], library)
        try:
            if os.path.exists(path):  # meson install --tags may have left it out
                close(path, objcopy, ar, sys.argv[cut + 1:])
        except subprocess.CalledProcessError as error:
            print(f'{path} keeps the names of the house: {error}', file=sys.stderr)


main()
