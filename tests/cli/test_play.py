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
PATIENCE = 60 # seconds for what a busy machine is to do at last


def samples(data):
    """Stereo float frames of a WAV of ours."""
    at = data.index(b'data') + 8
    return struct.unpack('<%df' % ((len(data) - at) // 4), data[at:at + (len(data) - at) // 8 * 8])


def from_first_sound(values):
    first = next((i for i, v in enumerate(values) if v), None)
    return () if first is None else values[first - first % 2:]


def duration(values):
    """Seconds from the first sound to the last."""
    last = next((i for i in range(len(values), 0, -1) if values[i - 1]), 0)
    return len(from_first_sound(values[:last])) / 96000


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


def test_play_warns(t):
    """What is replaced or was repaired is said, once, also with -q."""
    t.write('bank.sf2', files.sf2())
    t.write('poor.mid', files.smf(files.program(40, 3) + files.note(0, 240, 60, channel=3) + files.note(0, 240, 60)))
    t.write('cut.mid', files.smf(files.note(0, 240, 60))[:-4]) # without its end of track
    run = t.dmus('play', 'poor.mid', 'cut.mid', *NULL, '-b', 'bank.sf2', '-q')
    t.exits(run, 0, 'both play')
    t.says(run, 'warning: poor.mid: patch 0:0:40 (Violin) is in no bank', 'warning: cut.mid')
    t.equal((run.out, run.err.count('Violin')), ('', 1), 'and no more than that', run)
    t.equal(t.dmus('play', 'poor.mid', *NULL, '-b', 'bank.sf2', '-q', '--mute', '4').err.count('\n'), 1, 'a line for each')


def test_play_knobs(t):
    t.write('bank.sf2', files.sf2())
    t.write('song.mid', files.tune(2))
    whole = 0
    for options in ([], ['--tempo', '400'], ['--from', '1.5', '--transpose', '-3'], ['--mute', '1,2'], ['--solo', '16']):
        run = t.dmus('play', 'song.mid', *NULL, '-b', 'bank.sf2', '--record', 'got.wav', '--format', 'f32', '-y', '-q', *options)
        t.exits(run, 0, ' '.join(options))
        heard = duration(samples(t.read('got.wav')))
        t.equal(heard > 0, options[:1] not in (['--mute'], ['--solo']), 'is heard, or not: ' + ' '.join(options))
        whole = heard if not options else whole
        t.ok(options[:1] not in (['--tempo'], ['--from']) or heard < whole - 1, 'takes less time', '%g of %g s' % (heard, whole))


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
            (['play', 'song.mid', *NULL, '-b', 'bank.sf2', '--from', '500'], 1, 'begin at 500 s, but the song ends'),
            (['play', 'song.mid', *NULL, '-b', 'bank.sf2', '--loop', '500-501'], 1, '--loop: begin at 500 s'),
            (['play', 'song.mid', '-a', 'null:foo', '-b', 'bank.sf2'], 3, "no device 'foo'"),
            (['play', 'song.mid', '--mute', '17'], 1, '--mute'),
            (['play', 'song.mid', '-z', '3'], 1, '--period'),
            (['play', 'song.mid', *NULL, '-b', 'bank.sf2', '--record', 'no/such/dir.wav'], 4, 'no/such'),
            (['live', *NULL, 'bank.sf2', '-m', 'raw:none'], 2, 'none'),
            (['live', *NULL, 'bank.sf2', '-m', 'telepathy'], 2, 'telepathy'),
            (['live', *NULL, 'bank.sf2', '-m', 'raw:-', '-C', '24:0'], 1, '--connect'),
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


def recorded(t, pid):
    """Bytes in the file without a name that it writes in the box: a record has none before it is whole."""
    for fd in os.listdir('/proc/%d/fd' % pid):
        path = '/proc/%d/fd/%s' % (pid, fd)
        try:
            if os.readlink(path).startswith(os.path.realpath(t.box)) and os.readlink(path).endswith('(deleted)'):
                return os.stat(path).st_size
        except OSError: # closed meanwhile
            pass
    return 0


def test_signal(t):
    t.write('bank.sf2', files.sf2())
    t.write('song.mid', files.tune(300))
    process = subprocess.Popen([DMUS, 'song.mid', *NULL, '-b', 'bank.sf2', '--plain', '--record', 'got.wav'], cwd=t.box,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    until = time.monotonic() + PATIENCE
    while recorded(t, process.pid) < 150000 and process.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    try:
        process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
    t.equal(process.returncode, 130, 'an interrupt ends it')
    t.ok(len(t.read('got.wav')) >= 150000, 'and what was recorded is there')


class Screen:
    """The tool in a pseudo terminal."""

    def __init__(self, t):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(t.box)
            os.environ.update(TERM='xterm', LINES='30', COLUMNS='110')
            os.execv(DMUS, [DMUS, 'song.mid', *NULL, '-b', 'bank.sf2'])
        self.text = ''

    def shows(self, words, seconds=PATIENCE):
        """Whether WORDS appear among what is written from the last key on, before the time is over."""
        until = time.monotonic() + seconds
        while words not in self.text and time.monotonic() < until:
            if select.select([self.fd], [], [], 0.05)[0]:
                try:
                    self.text += os.read(self.fd, 65536).decode(errors='replace')
                except OSError: # it ended
                    break
        return words in self.text

    def shows_much(self):
        until = time.monotonic() + PATIENCE
        while len(self.text) < 400 and time.monotonic() < until:
            self.shows('\0', 0.1)

    def press(self, key):
        self.text = ''
        os.write(self.fd, key)

    def end(self):
        """The exit code; None: it had to be killed."""
        until, done, status = time.monotonic() + PATIENCE, 0, 0
        while not done and time.monotonic() < until:
            self.shows('\0', 0.05) # nobody reads: it would wait for us
            done, status = os.waitpid(self.pid, os.WNOHANG)
        if not done:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status) if done else None


def test_screen(t):
    t.write('bank.sf2', files.sf2())
    t.write('song.mid', files.tune(300))
    screen = Screen(t)
    t.ok(screen.shows('voices'), 'begins', screen.text)
    if '\x1b[?1049h' not in screen.text: # xterm's other screen
        screen.press(b'\x03')
        screen.end()
        t.skip('the screen', 'built without ncurses')
        return
    t.ok(screen.shows('song.mid') and screen.shows('space pause'), 'shows song and keys', screen.text)
    screen.press(b' ')
    t.ok(screen.shows('PAUSED'), 'space pauses', screen.text)
    screen.press(b' ')
    screen.shows_much() # what did not change is not written: that it went on shows in that it can pause again
    screen.press(b' ')
    t.ok(screen.shows('PAUSED'), 'and goes on', screen.text)
    screen.press(b' ')
    for key in (b'm', b'm', b'+', b'\x1b[C'):
        screen.press(key)
    screen.press(b'q')
    t.equal(screen.end(), 0, 'q quits')


if __name__ == '__main__':
    main(globals())
