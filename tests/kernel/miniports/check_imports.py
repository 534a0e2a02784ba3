#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The miniports and the engine need nothing but documented names of WDM and PortCls.

Compiles every driver source of src/kernel/miniports, the engine and the freestanding part of base with the flags of the
build and -ffreestanding, links them into one object, lists what that leaves undefined, and compares it with the names
below, each of which Microsoft documents for kernel-mode drivers (spec/ddi-kernel.md 4, 11.3).
With --every under each compiler that is there, and with -m32.

usage: check_imports.py BUILD_DIRECTORY [--every]
"""
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', '..', 'build'))
import tree  # noqa: E402

WDM = {'ExAllocatePoolWithTag', 'ExFreePoolWithTag',
       'IoAllocateMdl', 'IoFreeMdl', 'MmProbeAndLockPages', 'MmUnlockPages', 'MmGetSystemAddressForMdlSafe',
       'KeAcquireSpinLockRaiseToDpc', 'KeReleaseSpinLock', 'KeInitializeSpinLock',
       'KeInitializeMutex', 'KeReleaseMutex', 'KeWaitForSingleObject', 'KeDelayExecutionThread',
       'KeInitializeDpc', 'KeInsertQueueDpc', 'KeRemoveQueueDpc', 'KeFlushQueuedDpcs',
       'KeInitializeTimer', 'KeSetTimer', 'KeCancelTimer',
       'KeQueryPerformanceCounter', 'KeQueryInterruptTime', 'KeStallExecutionProcessor',
       'READ_PORT_UCHAR', 'WRITE_PORT_UCHAR', 'RtlInitUnicodeString'}
PORTCLS = {'PcInitializeAdapterDriver', 'PcAddAdapterDevice', 'PcNewPort', 'PcRegisterSubdevice', 'PcNewServiceGroup',
           'PcNewInterruptSync', 'PcCompletePendingPropertyRequest'}
HOST = {'wdm_paged_code', 'wdm_seh_top', '_setjmp'}  # what PAGED_CODE(), __try and __except are in this host
COMPILER = {'memcpy', 'memmove', 'memset', 'memcmp', '_GLOBAL_OFFSET_TABLE_'}
COMPILER_32 = {'__%s%s' % (op, mode) for mode in ('di2', 'di3', 'di4')
               for op in ('div', 'mod', 'udiv', 'umod', 'divmod', 'udivmod', 'mul', 'ashl', 'ashr', 'lshr', 'cmp', 'ucmp',
                          'neg', 'popcount', 'clz', 'ctz', 'ffs', 'bswap')}
COMPILER_32 |= {'__%s%s' % (op, pair) for op in ('fix', 'fixuns') for pair in ('sfdi', 'dfdi')}
COMPILER_32 |= {'__%s%s' % (op, pair) for op in ('float', 'floatun') for pair in ('disf', 'didf')}
BASE = {'src/base/cpu.c', 'src/base/meter.c', 'src/base/time_map.c'}
HARDWARE = {'src/kernel/miniports/mpu401.c'}  # not drivers


def undefined(cc, sources, more, out):
    commands, objects, broken = [], [], 0
    for number, (source, flags) in enumerate(sorted(sources.items())):
        obj = os.path.join(out, '%d.o' % number)
        objects.append(obj)
        commands.append((source, [cc] + tree.usable(cc, flags) + ['-ffreestanding', '-fno-stack-protector', '-O1'] + more +
                         ['-c', os.path.join(tree.ROOT, source), '-o', obj]))
    for source, status, text in tree.run_all(commands):
        if status:
            print('%s does not compile: %s' % (source, text[:1500]))
            broken += 1
    if broken:
        return set(), broken
    whole = os.path.join(out, 'driver.o')
    link = [cc, '-nostdlib', '-no-pie', '-r', '-o', whole] + [m for m in more if m == '-m32'] + objects
    names = set()
    for command in (link, ['nm', '-u', '-P', whole]):
        for _, status, text in tree.run_all([('', command)]):
            if status:
                print(text[:1500])
                return set(), 1
            names = {line.split()[0] for line in text.splitlines() if line.strip()}
    return names, 0


def main():
    build, ccs, every = tree.arguments(__doc__)
    if not ccs or not tree.there('nm'):
        tree.skip('needs gcc or clang, and nm')
    problems = 0
    drivers = {n: f for n, f in tree.compilations(build, 'src/kernel/miniports').items() if n not in HARDWARE}
    base = {n: f for n, f in tree.compilations(build, 'src/base').items() if n in BASE}
    engine = tree.compilations(build, 'src/synth')
    for name in tree.files(untracked=True):
        if re.fullmatch(r'src/kernel/miniports/\w+\.c', name) and name not in drivers and name not in HARDWARE:
            print('%s is not part of this build, so nobody knows what it needs' % name)
            problems += 1
    if len(base) != len(BASE) or not drivers or not engine:
        print('the build has not all of', ', '.join(sorted(BASE)), 'src/kernel/miniports, src/synth')
        problems += 1
    runs = [(cc, [], COMPILER) for cc in ccs]
    if every and tree.accepts(ccs[0], '-m32'):
        runs.append((ccs[0], ['-m32', '-msse2', '-mfpmath=sse'], COMPILER | COMPILER_32))
    elif every:
        print('SKIP: %s does not build for 32 bits' % ccs[0])
    for cc, more, compiler in runs if not problems else []:
        with tempfile.TemporaryDirectory() as out:
            names, broken = undefined(cc, {**drivers, **base, **engine}, more, out)
        documented = WDM | PORTCLS | HOST
        for name in sorted(names - documented - compiler):
            print('imported, and not a documented name: ' + name)
        for name in sorted(documented - names):
            print('allowed, but nothing imports it: ' + name)
        problems += broken + len(names - documented - compiler) + (0 if broken else len(documented - names))
        print('%s %s: %d sources import: %s' % (cc, ' '.join(more), len(drivers) + len(base) + len(engine),
                                                ', '.join(sorted(names - compiler))))
    tree.finish(problems, 'check_imports')


main()
