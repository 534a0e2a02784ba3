#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compile the kernel_*.h tables against the kernel-mode headers, and against mingw-w64's ddk headers where installed.

usage: check_kernel.py CHECK

  layout     structures, constants, methods are as in the tables: gcc, clang, g++, clang++
  layout-32  the same with -m32
  mingw      the same tables, types and slots of the methods, against mingw-w64's ddk; says what it lacks
  macros     each COBJMACROS macro calls the method of its name with all arguments
  vtables    a C table called through C++ classes, C++ objects called through C tables: every method, run
  dialect    driver words, wide strings, __try and CUnknown: built and run with every C++ compiler and standard

Exit status: 0 passed, 1 failed, 77 a needed compiler is missing.
"""
import os
import re
import subprocess
import sys
import tempfile

import check_headers as base

HERE = base.HERE
DRIVER = ['-fshort-wchar', '-fno-exceptions', '-fno-strict-aliasing', '-Wno-multichar', '-Wno-unknown-pragmas']
# mingw-w64 10.0 has another return type there; the published reference has void, as its IPortDMus has, too.
MINGW_DIFFERS = {'METHOD(IPortMidi, 7, RegisterServiceGroup, void, IPortMidi *, PSERVICEGROUP)'}
MINGW_LEAST = 400  # rows that must be compared, so that a broken check does not pass


def layout_jobs(more):
    with open(os.path.join(HERE, 'layout_kernel.c')) as f:
        text = f.read()
    flags = ['-Wall', '-Wextra', '-Werror', '-I' + HERE, '-fsyntax-only'] + base.OURS
    ccs = [c for c in base.compilers('gcc', 'clang', 'g++', 'clang++') if base.works([c] + more, '#include <stdint.h>\n')]
    if not ccs:
        base.skip('no compiler for ' + ' '.join(more))
    return [('kernel layout: ' + ' '.join([cc] + more + abi),
             [cc, '-std=c++11' if '++' in cc else '-std=c11'] + flags + more + abi, text)
            for cc in ccs for abi in ([], ['-DDDI_MS_ABI'], ['-fshort-wchar'])]


def numbered():
    """layout_kernel.c with its tables put in, each row under a line number of its own in a file called "row"."""
    rows = []

    def put_in(match):
        with open(os.path.join(HERE, match.group(1))) as f:
            text = re.sub(r'/\*.*?\*/', '', f.read(), flags=re.S)
        out = ''
        for row in re.findall(r'^[A-Z_]+\(.*?\)$(?=\n[A-Z_]+\(|\n\n|\n?\Z)', text, re.M | re.S):
            rows.append(' '.join(row.split()))
            out += '#line %d "row"\n%s\n' % (len(rows), rows[-1])
        return out + '#line 1 "rest"\n'
    with open(os.path.join(HERE, 'layout_kernel.c')) as f:
        text = re.sub(r'#include "(kernel_(?!mingw)\w+\.h)"\n', put_in, f.read())
    return rows, text


def mingw_compile(cc, text, more):
    return subprocess.run([cc, '-std=gnu++11', '-fmax-errors=0', '-ftrack-macro-expansion=0', '-I' + HERE, '-idirafter',
                           '/usr/share/mingw-w64/include/ddk', '-x', 'c++', '-'] + more, input=text, capture_output=True,
                          text=True)


def mingw_slots(cc, rows, text, bad):
    """Where the compiler puts each method: member pointers hold 1 + slot * size of a pointer."""
    without = {rows[n - 1] for n in bad}
    for n in (n for n, row in enumerate(rows, 1) if row in without):
        text = text.replace('#line %d "row"\n%s\n' % (n, rows[n - 1]), '')
    done = mingw_compile(cc, text, ['-DDDI_SLOTS', '-S', '-o', '-'])
    width = 8 if cc.startswith('x86_64') else 4
    got = {(i, m): (int(v) - 1) // width for i, m, v in
           re.findall(r'^_?slot_of__(\w+?)__(\w+):\n\s+\.(?:quad|long)\s+(\d+)', done.stdout, re.M)}
    seen = 0
    for row in sorted(set(rows)):
        m = re.match(r'METHOD\((\w+), (\d+), (\w+),', row)
        if m and row not in without and (m.group(1), m.group(3)) in got:
            seen += 1
            if got[m.group(1), m.group(3)] != int(m.group(2)):
                base.failures.append(row)
                print('FAIL: %s: %s is in slot %d' % (cc, row, got[m.group(1), m.group(3)]))
    if seen < 100:
        base.failures.append('slots')
        print('FAIL: %s: only %d slots found\n%s' % (cc, seen, done.stderr[:1000]))
    return len(got)


def check_mingw():
    ccs = base.compilers('x86_64-w64-mingw32-g++', 'i686-w64-mingw32-g++')
    if not ccs:
        base.skip('mingw-w64 is not installed')
    rows, text = numbered()
    for cc in ccs:
        done = mingw_compile(cc, text, ['-fsyntax-only'])
        wrong = {}
        for n, why in re.findall(r'^row:(\d+):\d+: error: (.*)', done.stderr, re.M):
            wrong.setdefault(int(n), []).append(why)
        lacking = set()
        for n, why in sorted(wrong.items()):
            if rows[n - 1] in MINGW_DIFFERS:
                print('known to differ:', rows[n - 1])
            elif any(re.search('not declared|not name a type|not been declared', w) for w in why):
                lacking.add(re.match(r'\w+\(\(?(\w+)', rows[n - 1]).group(1))
            else:
                base.failures.append(rows[n - 1])
                print('FAIL: %s: %s: %s' % (cc, rows[n - 1], why[0]))
        for line in done.stderr.splitlines():
            if 'error:' in line and not line.startswith('row:'):
                base.failures.append(line)
                print('FAIL: %s: %s' % (cc, line))
        slots = mingw_slots(cc, rows, text, wrong)
        compared = len(set(rows)) - len(wrong)
        print('%s: %d rows agree, %d methods in their slots; not there: %s' % (cc, compared, slots, ', '.join(sorted(lacking))))
        if compared < MINGW_LEAST:
            base.failures.append('rows')


def check_macros():
    cc = (base.compilers('gcc', 'clang') or [base.skip('no compiler')])[0]
    rows, _ = numbered()
    text, want = '#define COBJMACROS\n#include <portcls.h>\n', {}
    for row in sorted(set(rows)):
        m = re.match(r'METHOD\((\w+), \d+, (\w+), [^,]+, (.*)\)$', row)
        if m:
            iface, name, params = m.groups()
            args = ['P'] + ['A%d' % i for i in range(params.count(','))]
            text += '@@%s_%s=%s_%s(%s)\n' % (iface, name, iface, name, ', '.join(args))
            want['%s_%s' % (iface, name)] = '(P)->lpVtbl->%s(%s)' % (name, ', '.join(args))
    done = subprocess.run([cc, '-std=c11', '-E', '-P', '-x', 'c', '-'] + base.OURS, input=text, capture_output=True, text=True)
    got = dict(re.findall(r'^@@(\w+)=(.*)$', done.stdout, re.M))
    for key, value in want.items():
        if re.sub(r'\s+', '', got.get(key, '')) != re.sub(r'\s+', '', value):
            base.failures.append(key)
            print('FAIL: %s expands to %s, want %s' % (key, got.get(key), value))
    print('%d macros, %d wrong' % (len(want), len(base.failures)))
    if len(want) < 150:
        base.failures.append('kernel_interfaces.h')


def run_program(label, command, exe):
    """Builds and runs; notes a failure of either."""
    done = subprocess.run(command + ['-o', exe], capture_output=True, text=True)
    if done.returncode == 0:
        done = subprocess.run([exe], capture_output=True, text=True, timeout=20)
    tail = done.stdout.strip().splitlines()[-1:] or done.stderr.strip().splitlines()[:8]
    print('%s: %s' % (label, '\n'.join(tail)))
    if done.returncode:
        base.failures.append(label)
        print(done.stdout[-1500:])


def cxx_compilers(*more):
    probe = '#include <cstdio>\nint main() { return 0; }\n'
    return [(cc, list(m)) for cc in base.compilers('g++', 'clang++') for m in more
            if base.works([cc] + list(m), probe, link=True) or print('SKIP: %s does not link here' % ' '.join([cc] + list(m)))]


def check_vtables():
    found = cxx_compilers([], ['-m32'], ['-DDDI_MS_ABI'])
    if not found:
        base.skip('no C++ compiler')
    with tempfile.TemporaryDirectory() as tmp:
        for cc, more in found:
            run_program(' '.join([cc] + more),
                        [cc, '-std=c++11', '-O1', '-Wall', '-Wextra', '-Werror', '-I' + HERE] + base.OURS + more +
                        [os.path.join(HERE, s) for s in ('abi_kernel_class.cc', 'abi_kernel_table.cc')],
                        os.path.join(tmp, 'abi'))


def check_dialect():
    found = cxx_compilers([], ['-m32'])
    if not found:
        base.skip('no C++ compiler')
    with tempfile.TemporaryDirectory() as tmp:
        for cc, more in found:
            for std in ('98', '11', '14', '17', '20') if not more else ('11', '17'):
                run_program(' '.join([cc, '-std=gnu++' + std] + more),
                            [cc, '-std=gnu++' + std, '-O2', '-Wall', '-Wextra', '-Werror', '-DDBG=1', '-D_WIN32', '-DUNICODE'] +
                            more + DRIVER + base.OURS + [os.path.join(HERE, 'dialect.cc')], os.path.join(tmp, 'dialect'))


def main():
    checks = {'layout': lambda: base.compile_all(layout_jobs([])), 'layout-32': lambda: base.compile_all(layout_jobs(['-m32'])),
              'mingw': check_mingw, 'macros': check_macros, 'vtables': check_vtables, 'dialect': check_dialect}
    if len(sys.argv) != 2 or sys.argv[1] not in checks:
        sys.exit(__doc__)
    checks[sys.argv[1]]()
    sys.exit(1 if base.failures else 0)


main()
