#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No room warns; those that read foreign bytes or compute sound also convert nothing silently. Under gcc, or else clang;
with --every under both.

usage: check_warnings.py BUILD_DIRECTORY [--every]
"""
import os

import tree

ALL = ['-Wall', '-Wextra', '-Wshadow', '-Wstrict-prototypes', '-Wmissing-prototypes']
STRICT = ['-Wconversion', '-Wsign-conversion']
ROOMS = {'src/base': ALL + STRICT, 'src/formats': ALL + STRICT, 'src/synth': ALL + STRICT, 'src/audio': ALL,
         'src/user': ALL, 'src/kernel': ALL, 'src/player': ALL, 'src/conformance': ALL, 'cli': ALL}


def main():
    build, ccs, every = tree.arguments(__doc__)
    if not ccs:
        tree.skip('needs gcc or clang')
    commands, counts = [], {}
    for cc in ccs:
        for room, warnings in ROOMS.items():
            for source, flags in sorted(tree.compilations(build, room).items()):
                flags = tree.usable(cc, flags)
                commands.append(('%s %s' % (cc, source), [cc] + flags + warnings +
                                 ['-Werror', '-fsyntax-only', os.path.join(tree.ROOT, source)]))
                counts[room] = counts.get(room, 0) + 1
    problems = 0
    for label, status, text in tree.run_all(commands):
        if status:
            print('%s\n%s' % (label, text[:3000]))
            problems += 1
    print('%s: %d compilations; %s' % (' and '.join(ccs), len(commands), ', '.join('%s %d' % i for i in counts.items())))
    for room in ('src/synth', 'src/formats'):
        if not counts.get(room):
            print('the build has no source of', room)
            problems += 1
    tree.finish(problems, 'check_warnings')


main()
