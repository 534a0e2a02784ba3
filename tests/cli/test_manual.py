# SPDX-License-Identifier: MIT
"""doc/dmus.1 and the tool say the same: options of every command, keys of every JSON report."""
import os
import re

import files
from harness import TREE, main

OPTION = re.compile(r'^  (?:-(\w), |    )--([\w-]+)( \S+)?', re.M)


def manual():
    with open(os.path.join(TREE, 'doc', 'dmus.1')) as file:
        return file.read()


def section(text, title):
    """Between '.Ss TITLE' and the next section."""
    return re.split(r'^\.S[sh] ', text.split('.Ss %s\n' % title, 1)[1], maxsplit=1, flags=re.M)[0]


def test_options(t):
    text = manual()
    listed = re.findall(r'^  ([\w-]+) ', t.dmus('help').out.split('Commands:\n')[1].split('\n\n')[0], re.M)
    for command in listed:
        t.ok(re.search(r'^\.Cm %s$' % command, text, re.M) or command == 'version', 'the manual has the command ' + command)
        of_tool = {(short, name, bool(argument)) for short, name, argument in OPTION.findall(t.dmus('help', command).out)}
        if not of_tool:
            continue
        of_page = set()
        for line in re.findall(r'^\.It Fl (.*)$', section(text, 'dmus ' + command), re.M):
            match = re.fullmatch(r'(?:(\w) , Fl )?-([\w-]+)( (?:Ar \w+|Cm on \| off))?', line)
            if t.ok(match, 'dmus %s: an option in the usual form' % command, line):
                of_page.add((match.group(1) or '', match.group(2), bool(match.group(3))))
        t.equal(of_page, of_tool, 'dmus %s: the options of the manual are those of the tool' % command,
                'only one has %r' % (of_page ^ of_tool))


def keys(value):
    """Every key in a JSON value."""
    if isinstance(value, dict):
        return set(value) | set().union(*map(keys, value.values()))
    return set().union(*map(keys, value)) if isinstance(value, list) else set()


def documented(title):
    found = set()
    for line in re.findall(r'^\.(?:It )?Li (.*)$', section(manual(), title), re.M):
        found |= {word for word in re.split(r'[ ,.:]+', line) if re.fullmatch(r'[a-z_0-9]+', word)}
    return found


def test_json(t):
    t.write('song.mid', files.smf(files.title(b'T') + files.note(0, 960, 69) + files.program(40, 3) + files.note(0, 9, 60, channel=3)))
    t.write('bank.sf2', files.sf2())
    t.write('bad.mid', b'MThd')
    for title, argv in (('Report of dmus render', ['render', 'song.mid', 'bad.mid', '-b', 'bank.sf2', '--dry-run']),
                        ('Report of dmus convert', ['convert', 'bank.sf2', '-o', 'out.dls']),
                        ('Report of dmus info on a song', ['info', 'song.mid']),
                        ('Report of dmus info on a bank', ['info', 'bank.sf2', '--checksum'])):
        real, page = keys(t.dmus(*argv, '--json').json()), documented(title)
        t.equal(real, page, title + ': keys', 'only one has %r' % (real ^ page))


def test_exit_status(t):
    text = manual().split('.Sh EXIT STATUS')[1]
    for code in (0, 1, 2, 3, 4, 5):
        t.ok('\n.It %d\n' % code in text, 'exit status %d is told' % code)


main(globals())
