#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Instructions per voice and frame against bounds that are kept here: a slow-down is found without a clock.

Runs `stress once` under callgrind twice, a long and a short time; the difference divided by voices and frames is the figure.
It repeats itself to the third digit on one machine and compiler; other compilers differ by some hundredths. A figure above its
bound fails; one far below it says that the bound is to be lowered.

usage: check.py STRESS [--print]
"""
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile

SHORT, LONG, VOICES = 4096, 12288, 256
# (level, mode, table of stress.c): bound. gcc 12 -O3 gave the figure behind it.
BOUNDS = {
    ('c', 'linear', 'once'): 56.30, # 53.11
    ('c', 'cubic', 'once'): 84.97, # 80.16
    ('c', 'sinc16', 'once'): 157.48, # 148.57
    ('sse2', 'linear', 'once'): 24.60, # 23.20
    ('sse2', 'cubic', 'once'): 30.29, # 28.57
    ('sse2', 'sinc16', 'once'): 63.70, # 60.10
    ('avx2', 'linear', 'once'): 14.21, # 13.41
    ('avx2', 'cubic', 'once'): 19.08, # 18.00
    ('avx2', 'sinc16', 'once'): 35.64, # 33.62
    ('avx2', 'cubic', 'once-plain'): 17.89, # 16.88
    ('avx2', 'sinc16', 'once-plain'): 34.32, # 32.38
    ('avx2', 'cubic', 'once-modulated'): 27.48, # 25.93
    ('avx2', 'sinc32', 'once'): 46.53, # 43.90
}
ROOM = 1.06 # of a bound over the measured figure; another compiler may need it


def instructions(stress, level, mode, kind, frames):
    with tempfile.TemporaryDirectory() as where:
        run = subprocess.run(['valgrind', '--tool=callgrind', '--callgrind-out-file=' + os.path.join(where, 'out'), stress, kind, mode,
                              str(frames), '--voices', str(VOICES), '--simd', level], capture_output=True, text=True)
    match = re.search(r'refs:\s+([\d,]+)', run.stderr)
    if run.returncode or not match:
        sys.exit('check: valgrind said\n' + run.stderr[-2000:])
    return int(match.group(1).replace(',', ''))


def main(args):
    if not args:
        sys.exit(__doc__)
    if not shutil.which('valgrind') or platform.machine() not in ('x86_64', 'AMD64'):
        print('1..0 # SKIP needs valgrind on x86-64')
        return 0
    bad = 0
    print('1..%d' % len(BOUNDS))
    for number, ((level, mode, kind), bound) in enumerate(BOUNDS.items(), 1):
        figure = (instructions(args[0], level, mode, kind, LONG) - instructions(args[0], level, mode, kind, SHORT)) / (
            (LONG - SHORT) * VOICES)
        if '--print' in args:
            print("    ('%s', '%s', '%s'): %.2f, # %.2f" % (level, mode, kind, figure * ROOM, figure))
            continue
        ok = figure <= bound
        bad += not ok
        print('%s %d - %s, %s, %s: %.2f instructions per voice and frame, at most %.2f%s' %
              ('ok' if ok else 'not ok', number, level, mode, kind, figure, bound,
               ' (lower the bound)' if figure < 0.8 * bound else ''))
    if bad:
        print('# if that is wanted: python3 bench/check.py %s --print gives new lines for BOUNDS' % args[0])
    return bad != 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
