# SPDX-License-Identifier: MIT
"""dmus play and dmus live on the silent output: what they record, how they end, what they refuse; the screen, in a pseudo terminal."""
import os
import pty
import select
import signal
import struct
import subprocess
import time

import files
from harness import DMUS, main

NULL = ['-a', 'null', '-r', '48000', '--no-realtime']


def samples(data):
    """Stereo float frames of a WAV of ours."""
    at = data.index(b'data') + 8
    return struct.unpack('<%df' % ((len(data) - at) // 4), data[at:at + (len(data) - at) // 8 * 8])


def from_first_sound(values):
    first = next((i for i, v in enumerate(values) if v), None)
    return () if first is None else values[first - first % 2:]


def test_play_as_rendered(t):
    t.write('bank.sf2', files.sf2())
    t.write('song.mid', files.tune(1))
    t.exits(t.dmus('render', 'song.mid', '-b', 'bank.sf2', '-r', '48000', '-p', '256', '--format', 'f32', '-o', 'want.wav', '-q'), 0, 'render')
    for words in (['play', 'song.mid'], ['song.mid', '-z', '64']): # also without a command
        run = t.dmus(*words, *NULL, '-b', 'bank.sf2', '--record', 'got.wav', '--format', 'f32', '-y', '--json')
        t.exits(run, 0, ' '.join(words))
        want, got = (from_first_sound(samples(t.read(name))) for name in ('want.wav', 'got.wav'))
        count = min(len(want), len(got))
        t.ok(count > 48000 and want[:count] == got[:count], 'what is heard is what is rendered', '%d of %d samples' % (count, len(want)))
        report = run.json()
        t.equal((report['songs'], report['events_late'], report['sample_rate']), (1, 0, 48000), 'the report') # a busy machine may underrun
        t.ok(report['recorded_frames'] * 2 <= len(samples(t.read('got.wav'))) + 2, 'and the length of the record')


def test_play_knobs(t):
    t.write('bank.sf2', files.sf2())
    t.write('song.mid', files.tune(2))
    for options in (['--tempo', '400'], ['--from', '1.5', '--transpose', '-3'], ['--mute', '1,2'], ['--solo', '16']):
        begun = time.monotonic()
        run = t.dmus('play', 'song.mid', *NULL, '-b', 'bank.sf2', '--record', 'got.wav', '--format', 'f32', '-y', '-q', *options)
        t.exits(run, 0, ' '.join(options))
        heard = len(from_first_sound(samples(t.read('got.wav'))))
        t.equal(heard > 0, options[0] not in ('--mute', '--solo'), 'is heard, or not: ' + options[0])
        t.ok(options[0] not in ('--tempo', '--from') or time.monotonic() - begun < 3, 'takes less time')


def test_live_raw(t):
    t.write('bank.sf2', files.sf2())
    t.write('keys', bytes([0x90, 60, 100, 64, 100, 0xF8, 67, 100, 0x80, 60, 0, 64, 0, 67, 0]))
    run = t.dmus('live', *NULL, 'bank.sf2', '-m', 'raw:keys', '--record', 'got.wav', '--format', 'f32', '--record-midi', 'got.mid', '--json')
    t.exits(run, 0, 'ends with its input')
    t.ok(run.json()['voices_peak'] >= 1 and run.json()['midi_lost'] == 0, 'plays it', run.out)
    t.equal(t.dmus('info', '--json', 'got.mid').json()[0]['notes'], 3, 'running status and a clock byte in between: three notes')
    t.ok(from_first_sound(samples(t.read('got.wav'))), 'and they are heard')


def test_refusals(t):
    t.write('bank.sf2', files.sf2())
    t.write('song.mid', files.tune(1))
    t.write('bad.mid', b'MThd')
    for words, code, says in (
            (['play'], 1, 'no song given'),
            (['play', 'song.mid', '-a', 'nothing', '-b', 'bank.sf2'], 1, 'nothing'),
            (['play', 'bad.mid', *NULL, '-b', 'bank.sf2'], 2, 'bad.mid'),
            (['play', 'song.mid', *NULL, '-b', 'none.sf2'], 2, 'none.sf2'),
            (['play', 'song.mid', '--tempo', '9'], 1, '--tempo'),
            (['play', 'song.mid', '--loop', '3-2'], 1, '--loop'),
            (['play', 'song.mid', '--mute', '17'], 1, '--mute'),
            (['play', 'song.mid', '-z', '3'], 1, '--period'),
            (['play', 'song.mid', *NULL, '-b', 'bank.sf2', '--record', 'no/such/dir.wav'], 4, 'no/such'),
            (['live', *NULL, 'bank.sf2', '-m', 'raw:none'], 2, 'none'),
            (['live', *NULL, 'bank.sf2', '-m', 'telepathy'], 2, 'telepathy'),
            (['live', *NULL, 'song.mid'], 2, 'song.mid'),
            (['no-such-thing'], 1, 'no-such-thing')):
        run = t.dmus(*words)
        t.exits(run, code, ' '.join(words))
        t.says(run, says)
    run = t.dmus('play', 'bad.mid', 'song.mid', *NULL, '-b', 'bank.sf2', '--plain')
    t.exits(run, 2, 'a bad song among good ones')
    t.ok('song.mid' in run.out, 'the good one is played', run)


def test_lists(t):
    for words in (['play', '--list-audio'], ['live', '--list-audio'], ['live', '--list-midi']):
        run = t.dmus(*words)
        t.exits(run, 0, ' '.join(words))
        t.ok('null' in run.out if 'audio' in words[1] else 'raw' in run.out, 'names what needs no hardware', run)


def test_signal(t):
    t.write('bank.sf2', files.sf2())
    t.write('song.mid', files.tune(30))
    process = subprocess.Popen([DMUS, 'song.mid', *NULL, '-b', 'bank.sf2', '--plain', '--record', 'got.wav'], cwd=t.box,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    try:
        process.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
    t.equal(process.returncode, 130, 'an interrupt ends it')
    t.ok(len(t.read('got.wav')) > 100000, 'and what was recorded is there')


def screen(t, keys):
    """The screen in a pseudo terminal: what was written after each key; exit code."""
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(t.box)
        os.environ.update(TERM='xterm', LINES='30', COLUMNS='110')
        os.execv(DMUS, [DMUS, 'song.mid', *NULL, '-b', 'bank.sf2'])
    seen = []
    for key in keys + [None]:
        text, until = b'', time.monotonic() + 0.5
        while time.monotonic() < until:
            if select.select([fd], [], [], 0.05)[0]:
                try:
                    text += os.read(fd, 65536)
                except OSError:
                    until = 0
        seen.append(text.decode(errors='replace'))
        if key:
            os.write(fd, key)
    until = time.monotonic() + 5
    done, status = 0, 0
    while not done and time.monotonic() < until:
        done, status = os.waitpid(pid, os.WNOHANG)
        time.sleep(0.05)
    if not done:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    os.close(fd)
    return seen, os.waitstatus_to_exitcode(status) if done else None


def test_screen(t):
    t.write('bank.sf2', files.sf2())
    t.write('song.mid', files.tune(30))
    seen, code = screen(t, [b' ', b' ', b'm', b'm', b'+', b'\x1b[C', b'q'])
    if 'voices' not in seen[0]:
        t.skip('the screen', 'built without ncurses')
        return
    t.ok('song.mid' in seen[0] and 'space pause' in seen[0], 'shows song and keys', seen[0])
    t.ok('PAUSED' in seen[1], 'space pauses', seen[1])
    t.ok('PAUSED' not in seen[2], 'and goes on', seen[2])
    t.equal(code, 0, 'q quits')


if __name__ == '__main__':
    main(globals())
