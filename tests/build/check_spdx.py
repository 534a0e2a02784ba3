#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every source, script, header and build file says near its top that it is MIT: first line, or second after a #!."""
import os

import tree

SUFFIXES = ('.c', '.h', '.cc', '.hh', '.cpp', '.inc', '.S', '.s', '.py', '.sh', '.bash', '.build', '.rc', '.def', '.cmake',
            '.ini', '.1', '.yml', '.yaml', '.dict')
NAMES = ('meson.build', 'meson_options.txt', 'Makefile', 'Dockerfile')
LINE = 'SPDX-License-Identifier: MIT'


def wants(name, head):
    return name.endswith(SUFFIXES) or os.path.basename(name) in NAMES or head.startswith('#!')


def main():
    problems = checked = 0
    for name in tree.files():
        if name.startswith(('fuzz/corpus/', 'data/')):
            continue  # inputs, not sources
        with open(os.path.join(tree.ROOT, name), 'rb') as f:
            head = f.read(400).decode('ascii', 'replace')
        if not wants(name, head):
            continue
        checked += 1
        if LINE not in ''.join(head.splitlines(True)[:3 if head.startswith('#!') else 2]):
            print('%s:1: no "%s"' % (name, LINE))
            problems += 1
    print(checked, 'files')
    tree.finish(problems or not checked, 'check_spdx')


main()
