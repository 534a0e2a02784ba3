#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Leave in an installed archive no name for a program to collide with but dmus_*, as the shared library has none.

usage: archive.py OBJCOPY NM LIBRARY...

Install script: in each LIBRARY, below DESTDIR, every other name gets a prefix. The members stay apart, with the same names in each
archive: a program may link to several of them, in any order, and has what they share once.
"""
import os
import subprocess
import sys
import tempfile

PREFIX = 'dmus_internal_'


def own_names(library, nm):
    """Global names that LIBRARY defines and that are not the API's."""
    listing = subprocess.run([nm, '-g', '--defined-only', '--format=posix', library], check=True, stdout=subprocess.PIPE, text=True)
    words = (line.split() for line in listing.stdout.splitlines())
    return sorted({word[0] for word in words if len(word) > 1 and not word[0].startswith('dmus_')})


def close(library, objcopy, nm):
    with tempfile.TemporaryDirectory() as work:
        names, closed = os.path.join(work, 'names'), os.path.join(work, 'closed.a')
        with open(names, 'w') as out:
            out.writelines(f'{name} {PREFIX}{name}\n' for name in own_names(library, nm))
        subprocess.run([objcopy, '-D', '--redefine-syms=' + names, library, closed], check=True)
        with open(closed, 'rb') as data, open(library, 'wb') as file:
            file.write(data.read())


def main():
    objcopy, nm, *libraries = sys.argv[1:]
    for library in libraries:
        path = os.path.join(os.environ['MESON_INSTALL_DESTDIR_PREFIX'], library)
        try:
            if os.path.exists(path):  # meson install --tags may have left it out
                close(path, objcopy, nm)
        except subprocess.CalledProcessError as error:
            print(f'{path} keeps the names of the house: {error}', file=sys.stderr)


main()
