# SPDX-License-Identifier: MIT
"""The programs of examples/ do what they say. argv: the tool, then the examples."""
import os
import struct
import subprocess
import sys

import files
from harness import Run, Wave, main

EXAMPLES = {os.path.basename(path): os.path.abspath(path) for path in sys.argv[2:]}


def run(t, name, *argv):
    done = subprocess.run([EXAMPLES[name], *argv], cwd=t.box, env=t.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=60)
    return Run([name, *argv], done.returncode, done.stdout.decode(), done.stderr.decode())


def test_render_file(t):
    t.standard_files()
    done = run(t, 'render_file', 'tune.mid', 'bank.sf2', 'out.wav')
    t.exits(done, 0, 'renders')
    t.says(done, 'dBFS', 'voices', where='out')
    t.exits(t.dmus('render', 'tune.mid', '-b', 'bank.sf2', '-o', 'tool.wav'), 0, 'as the tool does')
    t.ok(Wave(t.read('out.wav')).data == Wave(t.read('tool.wav')).data, 'with the same samples')
    done = run(t, 'render_file', 'nowhere.mid', 'bank.sf2', 'out2.wav')
    t.exits(done, 1, 'a missing song')
    t.says(done, 'nowhere.mid: No such file')
    t.exits(run(t, 'render_file'), 1, 'no arguments')


def test_list_bank(t):
    t.standard_files()
    done = run(t, 'list_bank', 'bank.sf2', 'tune.mid')
    t.exits(done, 0, 'lists')
    t.says(done, "'Test bank', 2 instruments, 1 waves", 'Preset 0:0', 'drums', '24 notes of the song', where='out')
    t.says(run(t, 'list_bank', 'song.mid'), 'song.mid', 'not a bank')


def test_level_meter(t):
    t.standard_files()
    done = run(t, 'level_meter', 'song.mid', 'bank.sf2')
    t.exits(done, 0, 'measures')
    level = float(done.out.splitlines()[0].split()[2])
    # As in test_render.py, RMS of a sine 3 dB below its peak.
    t.near(level, -27.33 - 3.01, 0.3, 'the level of the first half second')
    t.says(run(t, 'level_meter', 'song.mid'), 'no bank found')


def test_ddi_note(t):
    """Two notes at half a second each, by the number of their rising zero crossings."""
    t.exits(run(t, 'ddi_note', 'note.raw'), 0, 'runs')
    data = t.read('note.raw')
    left = struct.unpack('<%dh' % (len(data) // 2), data)[::2]
    t.equal(len(left), 75 * 441, 'one and a half seconds')
    for start, hz in ((0.1, 441), (0.6, 441 * 2 ** (7 / 12))):
        part = left[int(start * 22050):int((start + 0.3) * 22050)]
        crossings = sum(a < 0 <= b for a, b in zip(part, part[1:]))
        t.near(crossings / 0.3, hz, 5, 'the note at %.1f s' % start)
    t.equal(max(map(abs, left[int(1.4 * 22050):])), 0, 'then silence')


def test_own_mixer(t):
    """An arpeggio from C3 on, each note louder than the one before."""
    t.standard_files()
    t.exits(run(t, 'own_mixer', 'bank.sf2', 'notes.raw'), 0, 'runs')
    data = t.read('notes.raw')
    left = struct.unpack('<%df' % (len(data) // 4), data)[::2]
    t.equal(len(left), 3 * 48000, 'three seconds')
    for start, hz in ((0.05, 130.81), (0.29, 196.0)):
        part = left[int(start * 48000):int((start + 0.1) * 48000)]
        t.near(sum(a < 0 <= b for a, b in zip(part, part[1:])) / 0.1, hz, 12, 'the note at %.2f s' % start)
    t.ok(max(left[12960:19200]) > 1.02 * max(left[2400:9600]) > 0, 'louder')
    t.equal(max(map(abs, left[int(2.9 * 48000):])) < 1e-3, True, 'then silence')
    done = run(t, 'own_mixer', 'song.mid', 'notes.raw')
    t.exits(done, 1, 'a song is no bank')
    t.says(done, 'song.mid', 'not a bank')


main(globals())
