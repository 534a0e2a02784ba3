#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The engine needs nothing but memcpy, memmove, memset and memcmp.

Compiles every source of src/synth with the flags of the build and -ffreestanding -O2, links them into one object, and
compares what that leaves undefined with a list. With --every under each compiler that is there, and where the first
builds for 32 bits once more with -m32, where the 64-bit arithmetic of libgcc is allowed.

usage: check_freestanding.py BUILD_DIRECTORY [--every]
"""
import os
import re
import tempfile

import tree

ALLOWED = {'memcpy', 'memmove', 'memset', 'memcmp',
           '_GLOBAL_OFFSET_TABLE_'}  # a mark of the linker for position-independent code, no function
# The compiler's own: 64-bit division, shifts and conversions on 32-bit machines, and the name of the offset table.
ALLOWED_32 = ALLOWED | {'_GLOBAL_OFFSET_TABLE_'}
ALLOWED_32 |= {'__%s%s' % (op, mode) for mode in ('di2', 'di3', 'di4')
               for op in ('div', 'mod', 'udiv', 'umod', 'divmod', 'udivmod', 'mul', 'ashl', 'ashr', 'lshr', 'cmp', 'ucmp',
                          'neg', 'popcount', 'clz', 'ctz', 'ffs', 'bswap')}
ALLOWED_32 |= {'__%s%s' % (op, pair) for op in ('fix', 'fixuns') for pair in ('sfdi', 'dfdi')}
ALLOWED_32 |= {'__%s%s' % (op, pair) for op in ('float', 'floatun') for pair in ('disf', 'didf')}

# Sources that a build may leave out, since they are for the instruction set in their name.
OTHER_MACHINES = re.compile(r'_(sse\d*|ssse3|avx\d*|fma|neon|sve|vsx|rvv)\.c$')


def undefined(cc, sources, more, out):
    """Names that the engine as one object leaves open, and the sources that could not be compiled."""
    commands, objects, broken = [], [], 0
    for number, (source, flags) in enumerate(sorted(sources.items())):
        obj = os.path.join(out, '%d.o' % number)
        objects.append(obj)
        commands.append((source, [cc] + tree.usable(cc, flags) + ['-ffreestanding', '-fno-stack-protector', '-O2'] + more +
                         ['-c', os.path.join(tree.ROOT, source), '-o', obj]))
    for source, status, text in tree.run_all(commands):
        if status:
            print('%s does not compile: %s' % (source, text[:1500]))
            broken += 1
    if broken:
        return set(), broken
    whole = os.path.join(out, 'engine.o')
    commands = [('ld', [cc, '-nostdlib', '-no-pie', '-r', '-o', whole] + [m for m in more if m == '-m32'] + objects),
                ('nm', ['nm', '-u', '-P', whole])]
    names = set()
    for tool, status, text in tree.run_all(commands[:1]):
        if status:
            print('%s: %s' % (tool, text[:1500]))
            return set(), 1
    for tool, status, text in tree.run_all(commands[1:]):
        names = {line.split()[0] for line in text.splitlines() if line.strip()}
        broken += status != 0
    return names, broken


def main():
    build, ccs, every = tree.arguments(__doc__)
    if not ccs or not tree.there('nm'):
        tree.skip('needs gcc or clang, and nm')
    sources = tree.compilations(build, 'src/synth')
    problems = 0
    for name in tree.files():
        if re.fullmatch(r'src/synth/\w+\.c', name) and name not in sources and not OTHER_MACHINES.search(name):
            print('%s is not part of this build, so nobody knows what it needs' % name)
            problems += 1
    if not sources:
        print('the build has no source of src/synth')
        problems += 1
    runs = [(cc, [], ALLOWED) for cc in ccs]
    if every and tree.accepts(ccs[0], '-m32'):
        runs.append((ccs[0], ['-m32', '-msse2', '-mfpmath=sse'], ALLOWED_32))
    elif every:
        print('SKIP: %s does not build for 32 bits' % ccs[0])
    for cc, more, allowed in runs if sources else []:
        with tempfile.TemporaryDirectory() as out:
            names, broken = undefined(cc, sources, more, out)
        problems += broken + len(names - allowed)
        print('%s %s: %d sources need: %s' % (cc, ' '.join(more), len(sources), ', '.join(sorted(names)) or 'nothing'))
        for name in sorted(names - allowed):
            print('left open, and not one that a kernel has: ' + name)
    tree.finish(problems, 'check_freestanding')


main()
