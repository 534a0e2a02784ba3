#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compile the tables of this directory against include/ddi, and against mingw-w64's headers where that is installed.

usage: check_headers.py CHECK

  alone      each header compiles by itself, twice over, as C and C++, under every macro that changes its shape
  layout     structures, constants and interfaces are as in the tables: gcc and clang, C and C++, both conventions
  layout-32  the same with -m32
  mingw      the same tables against mingw-w64's headers; the names it lacks are listed, and checked to be lacking
  contract   include/dmus/idmus.h and src/user/ddi.h compile on top of our headers and of mingw-w64's
  macros     each COBJMACROS macro calls the method of its name with all arguments
  vtables    C++ classes and C tables are the same thing: every method called across, run

Exit status: 0 passed, 1 failed, 77 a needed compiler is missing.
"""
import concurrent.futures
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
DDI = os.path.join(ROOT, 'include', 'ddi')
KERNEL_HEADERS = set()  # names of include/ddi that cannot stand alone in user mode, with the reason; none so far

C_FLAGS = ['-std=c11', '-Wall', '-Wextra', '-Wshadow', '-Wundef', '-Wstrict-prototypes', '-pedantic', '-Werror']
CXX_FLAGS = ['-std=c++11', '-Wall', '-Wextra', '-Wshadow', '-Wundef', '-pedantic', '-Werror']
OURS = ['-I' + DDI]
failures = []


def skip(text):
    print('SKIP:', text)
    sys.exit(77)


def compilers(*names):
    """Those of the compilers that are there; says which are not."""
    there = [n for n in names if shutil.which(n)]
    for n in names:
        if n not in there:
            print('SKIP:', n, 'is not installed')
    return there


def compile_all(jobs):
    """jobs: (label, argument list, source text or None). Runs them side by side and notes what fails."""
    with tempfile.TemporaryDirectory() as tmp:
        def run(numbered):
            number, (label, args, text) = numbered
            if text is not None:
                path = os.path.join(tmp, '%d.%s' % (number, 'cc' if '++' in args[0] else 'c'))
                with open(path, 'w') as f:
                    f.write(text)
                args = args + [path]
            done = subprocess.run(args, capture_output=True, text=True)
            return label, done.returncode, done.stderr
        with concurrent.futures.ThreadPoolExecutor(max_workers=4) as pool:
            for label, status, err in pool.map(run, enumerate(jobs)):
                if status:
                    failures.append(label)
                    print('FAIL:', label)
                    print('\n'.join('    ' + line for line in err.splitlines()[:12]))
    print('%d compilations, %d failed' % (len(jobs), len(failures)))


def headers():
    return sorted(h for h in os.listdir(DDI) if h.endswith('.h') and h not in KERNEL_HEADERS)


def check_alone():
    shapes = {'C': [[], ['-DINITGUID', '-DCOBJMACROS', '-DCONST_VTABLE']],
              'C++': [[], ['-DINITGUID'], ['-DCINTERFACE', '-DCOBJMACROS', '-DDDI_MS_ABI']]}
    jobs = []
    for lang, ccs, flags in (('C', compilers('gcc', 'clang'), C_FLAGS), ('C++', compilers('g++', 'clang++'), CXX_FLAGS)):
        for cc in ccs:
            for shape in shapes[lang]:
                for h in headers():
                    text = '#include <%s>\n#include <%s>\ntypedef int not_empty;\n' % (h, h)
                    jobs.append(('%s %s %s' % (cc, ' '.join(shape), h),
                                 [cc] + flags + OURS + shape + ['-fsyntax-only'], text))
    if not jobs:
        skip('no compiler')
    compile_all(jobs)


def layout_jobs(ccs, more):
    """layout.c with each compiler; C++ sees the same text under another suffix."""
    with open(os.path.join(HERE, 'layout.c')) as f:
        text = f.read()
    flags = ['-Wall', '-Wextra', '-Werror', '-I' + HERE, '-fsyntax-only']
    return [('layout: %s %s' % (cc, ' '.join(m for m in more if not m.startswith('-I'))),
             [cc, '-std=c++11' if '++' in cc else '-std=c11'] + flags + more, text) for cc in ccs]


def check_layout():
    ccs = compilers('gcc', 'clang', 'g++', 'clang++')
    if not ccs:
        skip('no compiler')
    compile_all(layout_jobs(ccs, OURS) + layout_jobs(ccs, OURS + ['-DDDI_MS_ABI']))


def works(args, text='int main(void) { return 0; }\n', link=False):
    """Whether the compiler takes the arguments and finds the headers it needs for them."""
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, 'try.cc' if '++' in args[0] else 'try.c')
        with open(path, 'w') as f:
            f.write(text)
        out = ['-o', os.path.join(tmp, 'try')] if link else ['-fsyntax-only']
        return subprocess.run(args + [path] + out, capture_output=True).returncode == 0


def check_layout_32():
    ccs = [c for c in compilers('gcc', 'clang', 'g++', 'clang++') if works([c, '-m32'], '#include <stdint.h>\n')]
    if not ccs:
        skip('no compiler here builds for 32 bits (-m32)')
    compile_all(layout_jobs(ccs, ['-m32'] + OURS) + layout_jobs(ccs, ['-m32', '-DDDI_MS_ABI'] + OURS))


def declared(cc, include, names):
    """The names that an expression can use after the includes: one line each, and the compiler says which are wrong."""
    first = include.count('\n') + 1
    text = include + ''.join('void f_%s(void) { (void)(%s); }\n' % (n, n) for n in names)
    done = subprocess.run([cc, '-std=c11', '-fsyntax-only', '-fmax-errors=0', '-x', 'c', '-'], input=text,
                          capture_output=True, text=True)
    wrong = {int(line) for line in re.findall(r'^<stdin>:(\d+):\d+: error', done.stderr, re.M)}
    return [n for i, n in enumerate(names) if first + i not in wrong]


def rows(table, macro):
    with open(os.path.join(HERE, table)) as f:
        return re.findall(r'^%s\((\w+)' % macro, f.read(), re.M)


def mingw_compilers():
    return compilers('x86_64-w64-mingw32-gcc', 'i686-w64-mingw32-gcc', 'x86_64-w64-mingw32-g++', 'i686-w64-mingw32-g++')


def check_mingw():
    ccs = mingw_compilers()
    if not ccs:
        skip('mingw-w64 is not installed')
    jobs = layout_jobs(ccs, [])
    with open(os.path.join(HERE, 'guids_mingw.c')) as f:
        text = f.read()
    for cc in ccs:
        if '++' not in cc:
            jobs.append(('guids: ' + cc, [cc, '-std=c11', '-Wall', '-Wextra', '-Werror', '-I' + HERE, '-fsyntax-only'],
                         text))
    # What is not asserted there: it must really not be there.
    missing = rows('constants.h', 'OURS') + rows('guids.h', 'GUID_ROW_OURS')
    print('not in mingw-w64, so not compared:', ', '.join(missing), 'and dmusprop.h')
    include = '#include <windows.h>\n' + ''.join(
        '#include <%s>\n' % h for h in ('dls2.h', 'dmksctrl.h', 'dmusici.h', 'dmusics.h'))
    for name in declared(ccs[0], include, missing):
        failures.append(name)
        print('FAIL: mingw-w64 has %s now: move its row to VALUE or GUID_ROW' % name)
    if works([ccs[0]], '#include <windows.h>\n#include <dmusprop.h>\n'):
        failures.append('dmusprop.h')
        print('FAIL: mingw-w64 has dmusprop.h now: let layout.c include it')
    compile_all(jobs)


def check_contract():
    include = ['-I' + os.path.join(ROOT, 'include'), '-I' + os.path.join(ROOT, 'src')]
    text = '#include "user/ddi.h"\n' + ''.join(
        'void use_%s(%s *p);\nvoid use_%s(%s *p) { (void)p; }\n' % (t, t, t, t)
        for t in ('IDirectMusicSynth8', 'IDirectMusicSynthSink', 'IKsControl', 'IReferenceClock', 'IClassFactory',
                  'IDmusSynthControl', 'IDmusSinkControl', 'KSPROPERTY', 'DMUS_EVENTHEADER', 'DMUS_SYNTHREPORT'))
    jobs = []
    for cc in compilers('gcc', 'clang', 'g++', 'clang++'):
        flags = CXX_FLAGS if '++' in cc else C_FLAGS
        jobs.append(('contract: ' + cc, [cc] + flags + include + OURS + ['-fsyntax-only'], text))
    for cc in mingw_compilers():
        flags = ['-std=c++11'] if '++' in cc else ['-std=c11']
        jobs.append(('contract: ' + cc, [cc] + flags + ['-Wall', '-Wextra', '-Werror'] + include + ['-fsyntax-only'], text))
    if not jobs:
        skip('no compiler')
    compile_all(jobs)


def methods():
    """(interface, method, number of parameters after the interface pointer) of interfaces.h."""
    with open(os.path.join(HERE, 'interfaces.h')) as f:
        text = re.sub(r'/\*.*?\*/', '', f.read(), flags=re.S)
    for m in re.finditer(r'^METHOD\((.*?)\)\n(?=METHOD|INTERFACE|\n|\Z)', text, re.M | re.S):
        fields = re.sub(r'\(HANDLE,\s*HANDLE\)', '', m.group(1)).split(',')
        yield fields[0].strip(), fields[2].strip(), len(fields) - 6


def check_macros():
    cc = (compilers('gcc', 'clang') or [skip('no compiler')])[0]
    text = '#define COBJMACROS\n#include <dmksctrl.h>\n#include <dmusics.h>\n'
    want = {}
    for iface, name, count in methods():
        args = ['(P)'] + ['A%d' % i for i in range(count)]
        text += '@@%s_%s=%s_%s(%s)\n' % (iface, name, iface, name, ', '.join(args))
        want['%s_%s' % (iface, name)] = '((P))->lpVtbl->%s(%s)' % (name, ', '.join(args))
    if len(want) < 100:
        failures.append('interfaces.h')
        print('FAIL: only %d methods found in interfaces.h' % len(want))
    done = subprocess.run([cc, '-std=c11', '-E', '-P', '-x', 'c', '-'] + OURS, input=text, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    got = dict(re.findall(r'^@@(\w+)=(.*)$', done.stdout, re.M))
    for key, text in want.items():
        squeezed = re.sub(r'\s+', '', got.get(key, 'no such line'))
        if squeezed != re.sub(r'\s+', '', text):
            failures.append(key)
            print('FAIL: %s expands to %s, want %s' % (key, got.get(key), text))
    print('%d macros, %d wrong' % (len(want), len(failures)))


def check_switch(cc, sources):
    """DDI_MS_ABI is no empty promise: with it on one side only, the arguments arrive in the wrong registers."""
    with tempfile.TemporaryDirectory() as tmp:
        objects = [os.path.join(tmp, 'class.o'), os.path.join(tmp, 'table.o')]
        for source, obj, more in zip(sources, objects, (['-DDDI_MS_ABI'], [])):
            subprocess.run([cc, '-std=c++11', '-c', source, '-o', obj] + OURS + more, check=True)
        exe = os.path.join(tmp, 'abi')
        subprocess.run([cc] + objects + ['-o', exe], check=True)
        if subprocess.run([exe], capture_output=True, timeout=20).returncode == 0:
            failures.append('DDI_MS_ABI')
            print('FAIL: %s: DDI_MS_ABI does not change the calling convention' % cc)


def check_vtables():
    sources = [os.path.join(HERE, s) for s in ('abi_class.cc', 'abi_table.cc')]
    built = 0
    probe = '#include <cstdio>\nint main() { return 0; }\n'
    for cc in compilers('g++', 'clang++'):
        for more in ([], ['-m32'], ['-DDDI_MS_ABI'], ['-m32', '-DDDI_MS_ABI']):
            label = ' '.join([cc] + more)
            if cc == 'clang++' and '-m32' in more:
                continue  # one compiler is enough for the rare case
            if '-m32' in more and not works([cc, '-m32'], probe, link=True):
                print('SKIP: %s does not link here' % label)
                continue
            with tempfile.TemporaryDirectory() as tmp:
                exe = os.path.join(tmp, 'abi')
                flags = ['-std=c++11', '-Wall', '-Wextra', '-Werror'] + OURS
                done = subprocess.run([cc] + flags + more + sources + ['-o', exe], capture_output=True, text=True)
                if done.returncode == 0:
                    done = subprocess.run([exe], capture_output=True, text=True, timeout=20)
                print('%s: %s' % (label, done.stdout.strip().splitlines()[-1] if done.stdout else done.stderr[:2000]))
                if done.returncode:
                    failures.append(label)
                    print(done.stdout)
                built += 1
        if platform.machine() == 'x86_64':
            check_switch(cc, sources)
    if not built:
        skip('no C++ compiler')


def main():
    checks = {'alone': check_alone, 'layout': check_layout, 'layout-32': check_layout_32, 'mingw': check_mingw,
              'contract': check_contract, 'macros': check_macros, 'vtables': check_vtables}
    if len(sys.argv) != 2 or sys.argv[1] not in checks:
        sys.exit(__doc__)
    checks[sys.argv[1]]()
    sys.exit(1 if failures else 0)


if __name__ == '__main__':
    main()
