# SPDX-License-Identifier: MIT
"""dmus conformance: the set for other programs, and what it says of their sounds. The rules themselves: make conformance."""
import os

from harness import main

CASE = 'connect-gain'


def test_judge(t):
    if t.dmus('help', 'conformance').code != 0:
        t.skip('sounds of another program', 'built without the measuring room')
        return
    os.mkdir(t.path('sounds'))
    t.exits(t.dmus('conformance', '--emit', 'set'), 0, 'the set')
    run = t.dmus('conformance', '--only', CASE, '--judge', 'sounds')
    t.exits(run, 2, 'nothing to judge is no success')
    t.says(run, 'sounds: no sound of a case')
    argv = ['set/%s.mid' % CASE, '-b', 'set/%s.dls' % CASE, '-r', '48000', '--reverb', 'off', '--chorus', 'off', '--dither', 'off']
    t.exits(t.dmus('render', *argv, '--format', 'f32', '--tail', 'last-event', '-q', '-o', 'sounds/%s.wav' % CASE), 0, 'a sound')
    run = t.dmus('conformance', '--only', CASE, '--judge', 'sounds', '--label', 'Twin')
    t.exits(run, 0, 'judged')
    own, other = run.out.splitlines()[-2:]
    t.ok(own.startswith('OpenDMus: ') and other.startswith('Twin: ') and other.endswith('1 of 1 cases have a sound'), 'both are told', run)
    t.equal(other.split(';')[0].split(': ')[1], own.split(': ')[1], 'and alike, since it is the same program')


main(globals())
