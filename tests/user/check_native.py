#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds doc/native.md to its word: every numbered item has a row (W are our own), and every proof it names exists.

A proof is `FILE:FUNCTION` (a test function that FILE runs), `conformance:native N` (a row of src/conformance) or `meson:NAME`
(a test of that name, perhaps put together in a loop) or `fuzz:NAME` (a fuzz target, replayed by the tests). Anything else
must begin with "not tested: " and give a reason.
"""
import glob
import os
import re
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
ITEMS = {'A': (1, 5), 'B': (6, 10), 'C': (11, 20), 'D': (21, 27), 'E': (28, 30), 'F': (31, 34), 'G': (35, 41), 'H': (42, 46),
         'I': (47, 51), 'J': (52, 66), 'K': (67, 69), 'L': (70, 71), 'M': (72, 81), 'N': (82, 86), 'W': (1, 24)}
CHECKLIST = 30


def read(*path):
    with open(os.path.join(ROOT, *path), encoding='utf-8') as file:
        return file.read()


def rows(text):
    """(item, proof cell) of every row."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip('|').split('|')]
        if line.startswith('|') and len(cells) == 3 and re.fullmatch(r'[A-NW]?\d+', cells[0]):
            yield cells[0], cells[2]


def meson_names():
    """Names of tests; a loop's variable stands for any word of its list."""
    for path in glob.glob(os.path.join(ROOT, 'tests', '**', 'meson.build'), recursive=True):
        text = read(os.path.relpath(path, ROOT))
        words = re.findall(r"'([\w-]+)'", text)
        for name, variable in re.findall(r"test\('([^']*)'(?: \+ (\w+))?", text):
            for end in words if variable else ['']:
                yield name + end


def missing(proof, conformance, names):
    """What is wrong with one proof, or None."""
    kind, _, what = proof.partition(':')
    if kind == 'conformance':
        return None if '"%s"' % what in conformance else 'no such row in src/conformance'
    if kind == 'meson':
        return None if what in names else 'no such test in tests/'
    if kind == 'fuzz':
        return None if "'%s':" % what in read('fuzz', 'targets', 'meson.build') else 'no such target'
    if not os.path.exists(os.path.join(ROOT, kind)):
        return 'no such file'
    text = read(kind)
    if not re.search(r'^static void %s\(void\)$' % re.escape(what), text, re.MULTILINE):
        return 'no such function'
    return None if 'RUN(%s);' % what in text else 'the function is not run'


def main():
    conformance = ''.join(read(os.path.relpath(path, ROOT))
                          for path in sorted(glob.glob(os.path.join(ROOT, 'src', 'conformance', '*.c'))))
    names = set(meson_names())
    problems, seen = [], []
    for item, cell in rows(read('doc', 'native.md')):
        seen.append(item)
        proofs = re.findall(r'`([^`]+)`', cell)
        if not proofs and not re.match(r'not tested: .{20}', cell):
            problems.append('%s: neither a proof nor a reason' % item)
        problems += ['%s: %s: %s' % (item, proof, wrong) for proof in proofs for wrong in [missing(proof, conformance, names)] if wrong]
    expected = ['%s%d' % (letter, n) for letter, (first, last) in ITEMS.items() for n in range(first, last + 1)]
    expected += [str(n) for n in range(1, CHECKLIST + 1)]
    problems += ['%s: no row' % item for item in expected if item not in seen]
    problems += ['%s: more than one row' % item for item in set(seen) if seen.count(item) > 1]
    problems += ['%s: no such item' % item for item in seen if item not in expected]
    for problem in problems:
        print(problem)
    print('check_native: %d items, %d problems' % (len(seen), len(problems)))
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
