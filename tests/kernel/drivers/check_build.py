#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Build the example drivers by the recipe of examples/drivers/README.md, with every compiler and word size that is there.

usage: check_build.py BUILD_DIR

No warning is accepted, and the one name that each exports for its host must be DriverEntry. Exit status 77: no C++ compiler.
"""
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..', '..'))
DRIVERS = os.path.join(ROOT, 'examples', 'drivers')


def flags(build):
    packaging = os.path.join(build, 'packaging')
    if shutil.which('pkg-config'):
        env = dict(os.environ, PKG_CONFIG_PATH=packaging)
        return subprocess.run(['pkg-config', '--cflags', 'dmus-ddk'], env=env, check=True, capture_output=True,
                              text=True).stdout.split()
    sys.exit('pkg-config is missing')


def main():
    recipe = flags(sys.argv[1])
    built, bad = 0, 0
    with tempfile.TemporaryDirectory() as tmp:
        probe = os.path.join(tmp, 'probe.cpp')
        with open(probe, 'w') as f:
            f.write('#include <cmath>\nint probe() { return 0; }\n')
        for cxx in ('g++', 'clang++'):
            if not shutil.which(cxx):
                print('SKIP: %s is not installed' % cxx)
                continue
            for width in ([], ['-m32']):
                so = os.path.join(tmp, 'driver.so')
                shared = [cxx] + width + ['-shared', '-fPIC', '-o', so]
                if subprocess.run(shared + [probe], capture_output=True).returncode:
                    print('SKIP: %s %s does not build here' % (cxx, ' '.join(width)))
                    continue
                for name in sorted(d for d in os.listdir(DRIVERS) if os.path.isdir(os.path.join(DRIVERS, d))):
                    folder = os.path.join(DRIVERS, name)
                    sources = [os.path.join(folder, s) for s in sorted(os.listdir(folder)) if s.endswith('.cpp')]
                    for debug in ('0', '1'):
                        done = subprocess.run(shared + ['-Wall', '-Wextra', '-Werror', '-O2', '-DDBG=' + debug] + sources +
                                              recipe, capture_output=True, text=True)
                        names = subprocess.run(['nm', '-D', '--defined-only', so], capture_output=True, text=True).stdout \
                            if done.returncode == 0 else ''
                        ok = ' T DriverEntry\n' in names and '_Zdl' not in names
                        built += 1
                        bad += not ok
                        print('%s %s %s DBG=%s: %s' % (cxx, ' '.join(width), name, debug, 'ok' if ok else 'FAILED'))
                        if not ok:
                            print(done.stderr[:2000] or names)
    if not built:
        print('SKIP: no C++ compiler')
        sys.exit(77)
    print('%d built, %d failed' % (built, bad))
    sys.exit(1 if bad else 0)


main()
