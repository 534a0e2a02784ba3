#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run soak.exe for some minutes against a PulseAudio device without hardware, and watch its memory.

usage: soak.py 64|32 BUILD_DIRECTORY DMSYNTH.DLL SOAK.EXE MINUTES
"""
import sys
import time

import pulse
import wine

WARM_UP = 20  # seconds until all that is loaded once is loaded


def resident_kb(pid):
    try:
        with open('/proc/%d/status' % pid) as status:
            return next(int(line.split()[1]) for line in status if line.startswith('VmRSS:'))
    except (OSError, StopIteration):
        return None


def soak(loader, env, program, minutes):
    sizes, start = [], time.monotonic()

    def look(pid):
        size = resident_kb(pid)
        if size and time.monotonic() - start > WARM_UP:
            sizes.append(size)

    run = wine.Program(loader, env, [program, str(minutes)])
    status, text = run.watch(minutes * 60 + wine.PATIENCE, look), run.text()
    if '# SKIP' in text:
        print(text, end='')
        return status
    print(''.join('# %s\n' % line.lstrip('# ') for line in text.splitlines()), end='')
    results = [('the program', status == 0)]
    if sizes:
        # The middle of the first and of the last tenth: single pages come and go.
        tenth = max(1, len(sizes) // 10)
        first, last = sorted(sizes[:tenth])[tenth // 2], sorted(sizes[-tenth:])[tenth // 2]
        results.append(('memory: %d kB after %d s, %d kB at the end, most %d kB' % (first, WARM_UP, last, max(sizes)),
                        last - first <= 256))
    else:
        results.append(('memory was never seen', False))
    for number, (what, ok) in enumerate(results, 1):
        print('%sok %d - %s' % ('' if ok else 'not ', number, what))
    print('1..%d' % len(results))
    return not all(ok for _, ok in results)


def main():
    bits, build, dll, program, minutes = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], float(sys.argv[5])
    loader = wine.find(bits)
    with pulse.Pulse() as server:
        reason = 'no Wine for %d bits' % bits if not loader else server.reason
        if reason:
            print('1..0 # SKIP ' + reason.replace('\n', ' '))
            return 0
        with wine.Prefix(loader, bits, build, dll) as prefix:
            if prefix.problem:
                print('Bail out! no scratch prefix: ' + prefix.problem)
                return 1
            return soak(loader, dict(prefix.env, PULSE_SERVER=server.server), program, minutes)


sys.exit(main())
