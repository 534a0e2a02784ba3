#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run a Windows program in the scratch prefix of a build directory; its TAP output passes through.

usage: run_wine.py 64|32 BUILD_DIRECTORY [--dll DMSYNTH.DLL] PROGRAM.EXE [ARGUMENT...]

With --dll the library takes the place of Wine's own, as `dmus wine-install` would have it.
"""
import re
import sys

import wine


def main():
    words = sys.argv[1:]
    if len(words) < 3 or words[0] not in ('64', '32'):
        sys.exit(__doc__)
    bits, build, dll = int(words.pop(0)), words.pop(0), None
    if words[0] == '--dll':
        dll = words[1]
        del words[:2]
    loader = wine.find(bits)
    if not loader:
        print('1..0 # SKIP no Wine for %d-bit programs%s' % (bits, '; scripts/wine32.sh makes one' if bits == 32 else ''))
        return 0
    with wine.Prefix(loader, bits, build, dll) as prefix:
        if prefix.problem:
            print('Bail out! no scratch prefix: ' + prefix.problem)
            return 1
        status, text = wine.run(loader, prefix.env, words)
    # Wine's own processes speak, too.
    print(re.sub('^wine: ', '# wine: ', text, flags=re.MULTILINE), end='')
    return status


sys.exit(main())
