#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No file beyond 800 lines, unless it is a table; prints the median, which the house wants around 150."""
import statistics

import tree

LIMIT = 800
TABLES = {}  # file: what it is a table of
SUFFIXES = ('.c', '.h', '.cc', '.inc', '.py', '.sh', '.build')


def main():
    problems, sizes = 0, {}
    for name in tree.files():
        if name.endswith(SUFFIXES):
            sizes[name] = tree.read(name).count('\n')
    for name, lines in sorted(sizes.items()):
        if lines > LIMIT:
            print('%s: %d lines%s' % (name, lines, ', a table of ' + TABLES[name] if name in TABLES else ''))
            problems += name not in TABLES
    for name in TABLES:
        if sizes.get(name, 0) <= LIMIT:
            print('check_size.py lists %s, which needs no exception' % name)
            problems += 1
    code = [n for name, n in sizes.items() if name.startswith(('src/', 'cli/')) and name.endswith(('.c', '.h'))]
    print('%d files; median of src and cli %d lines' % (len(sizes), statistics.median(code or [0])))
    tree.finish(problems, 'check_size')


main()
