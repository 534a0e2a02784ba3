# SPDX-License-Identifier: MIT
"""dmus play and dmus live on the silent output: what they record, how they end, what they refuse; the screen, in a pseudo terminal."""
import json
import os
import pty
import resource
import select
import signal
import struct
import subprocess
import termios
import time

import files
from harness import DMUS, Wave, main

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


def test_notes_missing(t):
    """Notes that no region takes are told when their song is over, in the words of a render; live, in sum."""
    t.write('low.sf2', files.sf2(keys=(0, 60)))
    t.write('high.mid', files.smf(files.note(0, 240, 50) + files.note(0, 240, 70, channel=2) + files.note(240, 480, 72, channel=2)))
    words = 'warning: high.mid: 2 notes of program 0 (Acoustic Grand Piano) are outside its regions (first: key 70, channel 3)\n'
    t.says(t.dmus('render', 'high.mid', '-b', 'low.sf2', '-o', 'high.wav', '-q'), words)
    run = t.dmus('play', 'high.mid', 'high.mid', *NULL, '-b', 'low.sf2', '--json')
    t.exits(run, 0, 'plays')
    t.equal((run.err.count(words), run.json()['notes_missing']), (2, 4), 'each song says so', run)
    run = t.dmus('play', 'high.mid', *NULL, '-b', 'low.sf2', '-q', '--through', 'kernel')
    t.equal(run.err, 'dmus: ' + words, 'also through the kernel half')
    t.write('keys', bytes([0x90, 70, 100, 72, 100, 0x80, 70, 0, 72, 0]))
    run = t.dmus('live', *NULL, 'low.sf2', '-m', 'raw:keys', '--json')
    t.says(run, 'warning: 2 notes found no instrument or region')
    t.equal(run.json()['notes_missing'], 2, 'and of live notes', run)


def test_record_clipped(t):
    t.write('bank.sf2', files.sf2(amplitude=32767))
    t.write('song.mid', files.smf([e for key in range(60, 76) for e in files.note(0, 480, key, 127)]))
    for form, clips in (('s16', True), ('s24', True), ('f32', False)):
        run = t.dmus('play', 'song.mid', *NULL, '-b', 'bank.sf2', '-g', '20', '--record', 'got.wav', '--format', form, '-y',
                     '--json')
        t.exits(run, 0, form)
        count = run.json()['clipped_samples']
        told = 'warning: got.wav: %d samples were clipped' % count in run.err
        t.equal((count > 0, told), (clips, clips), 'clipping is told', run)
        if form == 's16':
            data = t.read('got.wav')
            full = sum(v in (32767, -32768) for v, in struct.iter_unpack('<h', data[data.index(b'data') + 8:][:len(data) // 4 * 2]))
            t.ok(0 < count <= full, 'no more than stand at the limit in the file', '%d, %d' % (count, full))


def test_bank_from_a_pipe(t):
    """It can be read only once, however many songs there are and whatever is replaced."""
    t.write('bank.sf2', files.sf2())
    t.write('song.mid', files.smf(files.note(0, 96, 69)))
    t.write('keys', bytes([0x90, 60, 100, 60, 0]))
    os.mkfifo(t.path('pipe.sf2'))
    for words in (['play', 'song.mid', 'song.mid'], ['live', '-m', 'raw:keys']):
        t.write('got.wav', b'old')
        writer = subprocess.Popen(['cp', 'bank.sf2', 'pipe.sf2'], cwd=t.box)
        run = t.dmus(*words, *NULL, '-b', 'pipe.sf2', '--record', 'got.wav', '-y', '--json')
        writer.kill()
        writer.wait()
        t.exits(run, 0, words[0])
        t.equal((run.json()['songs_failed'], t.read('got.wav')[:4]), (0, b'RIFF'), 'and the record', run)


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


def test_record_to_standard_output(t):
    """The stream carries the record alone; titles and report go the other way."""
    t.standard_files()
    t.write('keys', bytes([0x90, 60, 100, 60, 0]))
    play, live = ['play', 'song.mid', *NULL, '-b', 'bank.sf2'], ['live', *NULL, 'bank.sf2', '-m', 'raw:keys']
    for words in (play, live):
        with open(t.path('out'), 'wb') as out: # where a file begins, its head has the lengths
            run = t.dmus(*words, '--record', '-', '--format', 's16', '--json', stdout=out)
        t.exits(run, 0, ' '.join(words) + ' --record - --json')
        data = t.read('out')
        at = data.index(b'data')
        t.equal((data[:4], struct.unpack_from('<I', data, 4)[0] + 8, struct.unpack_from('<I', data, at + 4)[0] + at + 8),
                (b'RIFF', len(data), len(data)), 'a WAV of its frames, and nothing else')
        report = json.loads(run.err[run.err.index('{'):])
        t.ok(48000 / 4 < report['recorded_frames'] <= Wave(data).frames, 'and the report is beside it', run)
    run = t.dmus(*play, '--record', '-', '--format', 's16', text=False)
    t.ok(run.out[:4] == b'RIFF' and run.err.startswith('song.mid\n'), 'the title is told beside it', run)
    run = t.dmus(*live, '--record-midi', '-', '--json', text=False)
    t.exits(run, 0, 'live --record-midi -')
    t.write('got.mid', run.out)
    t.equal(t.dmus('info', '--json', 'got.mid').json()[0]['notes'], 1, 'MIDI as it should be')
    t.equal(struct.unpack_from('>I', run.out, 18)[0], len(run.out) - 22, 'and nothing behind its track')
    t.ok('voices_peak' in run.err, 'the report is beside it', run)


def test_live_raw(t):
    t.write('bank.sf2', files.sf2())
    t.write('keys', bytes([0x90, 60, 100, 64, 100, 0xF8, 67, 100, 0x80, 60, 0, 64, 0, 67, 0]))
    run = t.dmus('live', *NULL, 'bank.sf2', '-m', 'raw:keys', '--record', 'got.wav', '--format', 'f32', '--record-midi', 'got.mid', '--json')
    t.exits(run, 0, 'ends with its input')
    t.ok(run.json()['voices_peak'] >= 1 and run.json()['midi_lost'] == 0, 'plays it', run.out)
    t.equal(t.dmus('info', '--json', 'got.mid').json()[0]['notes'], 3, 'running status and a clock byte in between: three notes')
    t.ok(from_first_sound(samples(t.read('got.wav'))), 'and they are heard')
    t.write('keys', bytes([0x90, 60, 100])) # and its sender is gone before the note has begun
    run = t.dmus('live', *NULL, 'bank.sf2', '-m', 'raw:keys', '-q')
    t.exits(run, 0, 'a held note does not hang')
    t.says(run, 'its notes are ended')


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


def test_json_failures(t):
    """Songs that cannot be opened, queued or loaded are in the report, which there always is."""
    t.write('bank.sf2', files.sf2(presets=((0, 0),)))
    t.write('ok.mid', files.one_second())
    t.write('bad.mid', b'MThd')
    t.write('silent.mid', files.smf([(960, bytes([0xB0, 7, 100]))]))
    t.write('drums.mid', files.smf(files.note(0, 240, 60, channel=9)))
    failing = ['nosuch.mid', 'bad.mid', 'silent.mid', 'drums.mid']
    run = t.dmus('play', '-q', '--json', *NULL, '-b', 'bank.sf2', 'ok.mid', *failing)
    t.exits(run, 2, 'fails')
    report = run.json()
    t.equal((report['songs'], report['songs_failed'], report['device']), (5, 4, 'null'), 'counts them', run)
    t.equal(sorted(song['song'] for song in report['failed']), sorted(failing), 'and names them', run)
    t.equal([song for song in report['failed'] if song['error'] not in run.err or not song['error'].startswith(song['song']) or
             song['status'] == 'ok'], [], 'with the reason that was told', run)
    for words in (['nosuch.mid'], ['drums.mid'], ['silent.mid', 'bad.mid']):
        run = t.dmus('play', '--json', *NULL, '-b', 'bank.sf2', *words)
        t.exits(run, 2, 'none of %s plays' % words)
        t.equal([song['song'] for song in run.json()['failed']], sorted(words), 'the report', run)
    for words in (['ok.mid', 'no.sf2', 'ok.mid'], ['no.sf2', 'ok.mid', 'ok.mid']): # whatever comes first
        run = t.dmus('play', '--json', *NULL, *words)
        t.exits(run, 2, 'a bank that is not there')
        t.equal((run.json()['device'], run.json()['songs']), (None, 2), 'the report', run)
    run = t.dmus('play', '--json', '-a', 'null:none', '-b', 'bank.sf2', 'ok.mid', 'bad.mid')
    t.exits(run, 3, 'no device')
    t.equal((run.json()['device'], run.json()['songs'], run.json()['songs_failed']), (None, 2, 1), 'the report', run)
    run = t.dmus('live', '--json', *NULL, '-b', 'none.sf2', '-m', 'raw:none')
    t.exits(run, 2, 'live: no bank')
    t.equal((run.json()['device'], run.json()['songs']), (None, 0), 'the report', run)


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


def test_disk_full(t):
    """Told when it happens, not at the end of a long evening; what is lost is not counted."""
    limit, frame, block = 300000, 8, 16384 # bytes, bytes, frames that wait to be written at once
    t.write('bank.sf2', files.sf2())
    t.write('song.mid', files.tune(300))
    process = t.start('song.mid', *NULL, '-b', 'bank.sf2', '--json', '--record', 'got.wav', '--format', 'f32',
                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                      preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    said = process.stderr.readline().decode() if select.select([process.stderr], [], [], PATIENCE)[0] else ''
    t.equal(said, 'dmus: got.wav: File too large: nothing more is recorded\n', 'is told')
    time.sleep(0.5)
    t.equal(process.poll(), None, 'and the song goes on')
    process.send_signal(signal.SIGINT)
    try:
        out, err = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
    t.equal(process.returncode, 4, 'fails in the end', err.decode())
    t.ok('got.wav: File too large' in err.decode(), 'for that reason', err)
    t.ok(json.loads(out)['recorded_frames'] <= limit // frame + block, 'and counts no more than there was room for', out)
    t.ok('got.wav' not in t.listing(), 'nothing is left', t.listing())


class Screen:
    """The tool in a pseudo terminal."""

    def __init__(self, t, *words):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(t.box)
            os.environ.update(TERM='xterm', LINES='30', COLUMNS='110')
            os.execv(DMUS, [DMUS, 'song.mid', *NULL, '-b', 'bank.sf2', *words])
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


def test_screen_of_a_shortened_bank(t):
    """It ends in the midst of a song; the terminal is as it was, and the reason can be read."""
    t.write('bank.sf2', files.sf2())
    t.write('song.mid', files.tune(4))
    screen = Screen(t, 'song.mid', 'song.mid') # the third is loaded when the first is over
    if not screen.shows('\x1b[?1049h'):
        screen.press(b'\x03')
        screen.end()
        t.skip('the screen', 'built without ncurses')
        return
    screen.shows('1 of 3')
    os.truncate(t.path('bank.sf2'), 0)
    ended = screen.shows('shortened')
    echoes = termios.tcgetattr(screen.fd)[3] & termios.ECHO
    text = screen.text
    t.equal(screen.end(), 2, 'ends', text)
    back, why = text.find('\x1b[?1049l'), text.find('dmus: bank.sf2: the file was shortened')
    t.ok(ended and 0 < back < why, 'back from the screen, then why', text)
    t.ok('\x1b[?25h' in text or '\x1b[34h' in text, 'with a cursor', text)
    t.ok(echoes, 'and what is typed is seen')


if __name__ == '__main__':
    main(globals())
