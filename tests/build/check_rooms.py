#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every #include of src/, include/, cli/ and dll/ obeys the layering of doc/design.md: a room sees only rooms below it.

usage: check_rooms.py [--self-test]
"""
import os
import re
import sys

import tree

# room (longest matching folder wins): the rooms whose headers it may include, besides its own.
BELOW_PLAYER = {'include/dmus', 'include/ddi', 'src/base', 'src/formats', 'src/synth', 'src/audio', 'src/user',
                'src/kernel', 'src/kernel/wdm', 'src/kernel/host', 'src/kernel/miniports'}
ROOMS = {
    'include/ddi': set(),
    'include/dmus': {'include/ddi'},  # dmus/ddi.h brings the DDI along
    'src/base': set(),
    'src/formats': {'src/base'},
    'src/synth': {'src/base'},
    'src/audio': {'src/base'},
    'src/user': {'include/ddi', 'include/dmus', 'src/base', 'src/synth', 'src/audio'},
    'src/kernel': {'include/ddi', 'include/dmus', 'src/base', 'src/audio'},
    'src/kernel/wdm': {'include/ddi', 'src/base'},
    'src/kernel/portcls': {'include/ddi', 'include/dmus', 'src/base', 'src/kernel/wdm'},
    'src/kernel/miniports': {'include/ddi', 'include/dmus', 'src/base', 'src/synth', 'src/kernel/wdm'},
    'src/kernel/host': {'include/ddi', 'include/dmus', 'src/base', 'src/kernel/wdm', 'src/kernel/portcls'},
    'src/player': BELOW_PLAYER,
    'src/live': BELOW_PLAYER | {'src/player'},
    'src/drivers': BELOW_PLAYER | {'src/player', 'src/kernel/portcls'},
    'src/conformance': BELOW_PLAYER | {'src/player'},
    'cli': BELOW_PLAYER | {'src/player', 'src/conformance', 'src/drivers'},
    'dll': {'include/ddi', 'include/dmus', 'src/user'},
}
# What a compiler without an operating system has; memcpy, memmove, memset and memcmp come with it in practice.
FREESTANDING = {'float.h', 'immintrin.h', 'emmintrin.h', 'arm_neon.h', 'limits.h', 'stdalign.h', 'stdarg.h', 'stdatomic.h',
                'stdbool.h', 'stddef.h', 'stdint.h', 'stdnoreturn.h', 'string.h'}
SEARCH = ['src', 'include', 'include/ddi']

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def room_of(name):
    best = max((r for r in ROOMS if name.startswith(r + '/')), key=len, default=None)
    return best


def resolve(name, quote, target, known):
    """File of the tree that an #include means, or None for a header of the system."""
    places = ([os.path.dirname(name)] if quote == '"' else []) + SEARCH
    for place in places:
        path = os.path.normpath(os.path.join(place, target))
        if path in known:
            return path
    return None


def includes(name, text):
    for m in INCLUDE.finditer(text):
        yield text.count('\n', 0, m.start()) + 1 + m.group(0).count('\n'), m.group(1), m.group(2)


def check(texts):
    """texts: {file: contents}. Yields a line per offence."""
    known = set(texts)
    for name in sorted(texts):
        room = room_of(name)
        if room is None:
            if name.startswith('src/'):
                yield '%s: no room of this name in check_rooms.py; doc/design.md says which rooms there are' % name
            continue
        for line, quote, target in includes(name, texts[name]):
            where = '%s:%d: #include %s%s%s' % (name, line, quote, target, '>' if quote == '<' else '"')
            path = resolve(name, quote, target, known)
            if path is None:
                if quote == '"':
                    yield where + ': no such file'
                elif room == 'src/synth' and target not in FREESTANDING:
                    yield where + ': the engine is freestanding'
            else:
                other = room_of(path)
                if other != room and other not in ROOMS[room]:
                    yield '%s: %s may not look at %s' % (where, room, other or os.path.dirname(path))
    yield from check_engine(texts, known)


def check_engine(texts, known):
    """What the engine reaches through the headers of base must be freestanding too."""
    seen, queue = {}, []
    for name in sorted(texts):
        if room_of(name) == 'src/synth':
            seen[name] = name
            queue.append(name)
    while queue:
        name = queue.pop()
        for line, quote, target in includes(name, texts[name]):
            path = resolve(name, quote, target, known)
            if path is not None and path not in seen:
                seen[path] = name
                queue.append(path)
            elif path is None and room_of(name) == 'src/base' and target not in FREESTANDING:
                yield '%s:%d: #include <%s>: reached from the freestanding engine by %s' % (name, line, target, seen[name])


def sources():
    suffixes = ('.c', '.h', '.cc', '.inc')
    return {n: tree.read(n) for n in tree.files(untracked=True)
            if n.endswith(suffixes) and n.split('/')[0] in ('src', 'include', 'cli', 'dll')}


def design_rooms():
    """Folders in the first column of the table of doc/design.md."""
    return set(re.findall(r'^\| `((?:src|include|cli|dll)[\w/]*?)/?` \|', tree.read('doc/design.md'), re.M))


def self_test():
    """The rules catch what they are for."""
    good = {'src/base/a.h': '#include <stdint.h>\n', 'src/base/os.h': '#include <stdio.h>\n',
            'src/formats/f.h': '#include "base/a.h"\n', 'src/synth/s.h': '#include "base/a.h"\n',
            'src/user/u.h': '#include "synth/s.h"\n', 'src/kernel/portcls/k.h': '', 'include/ddi/dmusics.h': '',
            'src/player/p.h': '#include <dmusics.h>\n#include "user/u.h"\n#include "formats/f.h"\n', 'cli/m.c': ''}
    bad = [('src/user/x.c', '#include "kernel/portcls/k.h"\n'), ('src/kernel/portcls/x.c', '#include "user/u.h"\n'),
           ('src/kernel/wdm/x.c', '#include "../portcls/k.h"\n'), ('src/formats/x.c', '#include "synth/s.h"\n'),
           ('src/synth/x.c', '#include "formats/f.h"\n'), ('src/synth/x.c', '  #  include "../formats/f.h"\n'),
           ('src/synth/x.c', '#include <stdio.h>\n'), ('src/synth/x.c', '#include "base/os.h"\n'),
           ('src/synth/x.c', '#include <dmusics.h>\n'), ('src/base/x.c', '#include "synth/s.h"\n'),
           ('src/user/x.c', '#include "player/p.h"\n'), ('src/player/x.c', '#include "../../cli/m.c"\n'),
           ('include/ddi/x.h', '#include "base/a.h"\n'), ('src/attic/x.c', ''), ('cli/x.c', '#include "nowhere.h"\n')]
    problems = len(list(check(good)))
    for name, text in bad:
        if len(list(check({**good, name: text}))) != 1:
            print('self-test: %s with %r was not told once' % (name, text))
            problems += 1
    tree.finish(problems, 'check_rooms --self-test')


def main():
    if sys.argv[1:] == ['--self-test']:
        self_test()
    texts = sources()
    offences = list(check(texts))
    for room in sorted(design_rooms() - set(ROOMS)):
        offences.append('doc/design.md: room %s is not known to check_rooms.py' % room)
    if not texts:
        offences.append('no source found')
    print('\n'.join(offences) or '%d files look only downwards' % len(texts))
    tree.finish(len(offences), 'check_rooms')


main()
