# SPDX-License-Identifier: MIT
"""dmus wine-install with real prefixes: afterwards programs get our synth, with --remove Wine's own again.

usage: test_real.py DMUS      takes the DLLs and programs from build-dll64 and build-dll32, which `make test-all` makes
"""
import os
import subprocess
import sys
import tempfile

import wine

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DMUS = os.path.abspath(sys.argv[1])
RESULTS = []


def ok(good, what, detail=''):
    RESULTS.append(bool(good))
    print('%sok %d - %s' % ('' if good else 'not ', len(RESULTS), what))
    if not good:
        print(''.join('#   %s\n' % line for line in str(detail).splitlines()[-20:]), end='')


def install(prefix, *argv):
    env = dict(os.environ, WINEPREFIX=prefix.path)
    return subprocess.run([DMUS, 'wine-install', *argv], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)


def built(bits, *name):
    return os.path.join(TREE, 'build-dll%d' % bits, *name)


def read(prefix, name):
    try:
        with open(os.path.join(prefix.path, 'drive_c/windows', name), 'rb') as file:
            return file.read()
    except OSError:
        return None


def overrides(prefix):
    with open(os.path.join(prefix.path, 'user.reg')) as file:
        text = file.read()
    return text.split('[Software\\\\Wine\\\\DllOverrides]')[1].split('\n[')[0] if 'DllOverrides]' in text else ''


def play(prefix, bits):
    """The client refuses any synth but ours, and looks for the right notes at the right times."""
    return wine.run(prefix.loader, prefix.env, [built(bits, 'tests/wine/ddi_client.exe')])


def judge(prefix, bits, dlls):
    names = ['system32/dmsynth.dll'] + (['syswow64/dmsynth.dll'] if bits == 64 else [])
    before = [read(prefix, name) for name in names]
    ok(before[0], '%d: Wine has a dmsynth.dll of its own' % bits)
    status, text = play(prefix, bits)
    ok(status != 0 and 'not ok' in text, '%d: which is not ours' % bits, text)
    problem = prefix.keep_running()
    run = install(prefix, '--dlls', dlls)
    ok(not problem and run.returncode == 2 and 'running' in run.stdout, '%d: no installing while Wine runs' % bits,
       problem or run.stdout)
    prefix.stop()
    run = install(prefix, '--dlls', dlls)
    ok(run.returncode == 0, '%d: installs' % bits, run.stdout)
    for _ in range(2):  # Wine writes its registry anew when it ends
        status, text = play(prefix, bits)
        ok(status == 0, '%d: programs play through OpenDMus' % bits, text)
        prefix.stop()
    ok('"dmsynth"="native"' in overrides(prefix), '%d: the override is still there' % bits, overrides(prefix))
    run = install(prefix, '--remove')
    ok(run.returncode == 0, '%d: removes' % bits, run.stdout)
    ok([read(prefix, name) for name in names] == before, '%d: the old ones are back' % bits)
    ok('dmsynth' not in overrides(prefix), '%d: the override is gone' % bits, overrides(prefix))
    left = [name for _, _, files in os.walk(prefix.path) for name in files if 'opendmus' in name]
    ok(not left, '%d: nothing is left' % bits, left)
    status, text = play(prefix, bits)
    ok(status != 0 and 'not ok' in text, '%d: and Wine has its own again' % bits, text)
    ok(status != -1, '%d: which came to an end' % bits, text)


def main():
    for bits in (64, 32):
        loader = wine.find(bits)
        missing = [built(b, name) for b in (64, 32) for name in ('dll/dmsynth.dll', 'tests/wine/ddi_client.exe')
                   if not os.path.exists(built(b, name))]
        if missing or not loader:
            RESULTS.append(True)
            print('ok %d - %d # SKIP %s' % (len(RESULTS), bits, 'there is no ' + missing[0] if missing else 'no Wine'))
            continue
        with tempfile.TemporaryDirectory(prefix='dmus-wine-') as folder:
            dlls = os.path.join(folder, 'dlls')
            subprocess.run(['sh', os.path.join(TREE, 'scripts', 'dll.sh'), 'install', dlls], stdout=subprocess.DEVNULL, check=True)
            with wine.Prefix(loader, bits, folder) as prefix:
                if prefix.problem:
                    ok(False, '%d: a scratch prefix' % bits, prefix.problem)
                else:
                    judge(prefix, bits, dlls)
    print('1..%d' % len(RESULTS))
    return not all(RESULTS)


sys.exit(main())
