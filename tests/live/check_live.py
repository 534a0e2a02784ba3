#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""dmus play, live and latency through sound servers of our own.

usage: check_live.py DMUS JACK_TAP TEST_REALTIME TEST [NUMBER]
"""
import json
import os
import random
import signal
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'audio'), os.path.join(HERE, '..', 'cli')]
import files  # noqa: E402
import servers  # noqa: E402
from hearing import OUTPUTS, Failed, Nothing, calls_in_pulls, check, differs, first_sound, floats, pieces, recorder, run, skip  # noqa: E402

dmus, tap, realtime = map(os.path.abspath, sys.argv[1:4])
TRIES = 5 # on a machine that does other things as well
NO_PRIORITY = 'sound was lost in each of %d tries: this busy machine grants no real-time priority' % TRIES


def path(server, name):
    return os.path.join(server.folder, name)


def tune(seconds):
    """Pseudo-random chords, controllers and programs on 16 channels, drums among them: no two frames are alike."""
    draw = random.Random(7)
    events, at = [], 0
    for channel in range(16):
        events += files.program(draw.randrange(128), channel)
    while at < seconds * 960:
        at += draw.randrange(20, 90)
        end = at + draw.randrange(100, 900)
        events += files.note(at, end, draw.randrange(30, 100), draw.randrange(20, 127), draw.randrange(16))
        if draw.random() < 0.3:
            events.append((at, bytes([0xB0 | draw.randrange(16), draw.choice((1, 7, 10, 11, 91, 93)), draw.randrange(128)])))
    return files.smf(sorted(events, key=lambda event: event[0]))


def prepare(server, seconds, bank=None):
    with open(path(server, 'song.mid'), 'wb') as out:
        out.write(tune(seconds))
    if bank is None:
        bank = next((b for b in ('/usr/share/sounds/sf2/TimGM6mb.sf2',) if os.path.exists(b)), None)
    if bank is None:
        with open(path(server, 'bank.sf2'), 'wb') as out:
            out.write(files.sf2())
        bank = path(server, 'bank.sf2')
    return bank


def start(server, *args, **more):
    log = open(path(server, 'dmus.log'), 'wb')
    # --foreground: a signal to it reaches dmus once; the second one kills.
    child = subprocess.Popen(['timeout', '--foreground', '-k', '30', str(servers.LIFE), dmus, *args], stdin=more.pop('stdin', subprocess.DEVNULL),
                             stdout=more.pop('stdout', log), stderr=log, cwd=server.folder, env=server.env)
    server.children.append(child)
    return child


def said(server):
    with open(path(server, 'dmus.log'), errors='replace') as log:
        return log.read()


def report_of(server):
    text = said(server)
    check('{' in text, 'no report: ' + text)
    return json.loads(text[text.index('{'):text.rindex('}') + 1])


def wait_for(ready, seconds, what):
    until = time.monotonic() + seconds
    while not ready():
        check(time.monotonic() < until, what)
        time.sleep(0.05)


def ended(child, seconds):
    try:
        return child.wait(seconds)
    except subprocess.TimeoutExpired:
        raise Failed('does not end')


def capture(kind, seconds, through):
    """One try: None, or the report where a loaded machine may have done what was wrong."""
    with OUTPUTS[kind]() as server:
        if server.reason:
            skip(server.reason)
        bank = prepare(server, seconds)
        common = ['-b', bank, '--through', through]
        done = subprocess.run([dmus, 'render', 'song.mid', '-o', 'want.wav', '-r', '48000', '-p', '256', '--format', 'f32', '-q', *common],
                              cwd=server.folder)
        check(done.returncode == 0, 'render fails')
        name = path(server, 'captured.wav' if kind == 'pipewire' else 'captured')
        buffer = ['-z', '1024', '-c', '8'] if kind == 'alsa' else []
        if kind == 'jack':  # the listener needs the ports: a first, silent second
            child = start(server, 'play', '--plain', '--json', '-a', kind, '-r', '48000', 'song.mid', *common)
            listener = recorder(kind, server, seconds + 4, name, tap)
        else:
            listener = recorder(kind, server, seconds + 4, name, tap)
            time.sleep(1.5)
            child = start(server, 'play', '--plain', '--json', '-a', kind, '-r', '48000', 'song.mid', *buffer, *common)
        code = ended(child, seconds * 2 + 60)
        check(code == 0, 'dmus ends with %d: %s' % (code, said(server)))
        time.sleep(1)
        if kind == 'jack':
            ended(listener, 60)
        else:
            listener.send_signal(signal.SIGINT)
            ended(listener, 30)
        report = report_of(server)
        want, got = floats(path(server, 'want.wav'), True), floats(name, kind == 'pipewire')
        frames, _, _, wrong = differs(want, got, seconds, 48000)
        wrong = wrong if wrong is None else wrong // 2
        print('# %s through %s: %d frames, first wrong %s; %d underruns, %d late, real time %s' %
              (kind, through, frames, wrong, report['underruns'], report['events_late'], report['realtime']))
        check(wrong is None or report['underruns'] or report['events_late'] or kind != 'jack', 'other samples, and no sound was lost')
        if wrong is not None and kind != 'jack':  # these recorders are ordinary programs, and lose sound without a word
            equal, others = pieces(want, got)
            print('# in pieces: %d frames equal, %d are others' % (equal, others))
            if equal > seconds * 48000 // 2 and others * 100 < equal:
                return None
        return None if wrong is None else report


def test_capture(kind, seconds, through='user'):
    """The song in the monitor is the rendered song. Lost sound, ours or a recorder's, gets three tries on a loaded machine."""
    for _ in range(TRIES):
        report = capture(kind, seconds, through)
        if report is None:
            return
        print('# sound was lost; again')
    if report['underruns'] and not report['realtime']:
        skip(NO_PRIORITY)
    raise Failed('other samples %d times' % TRIES)


def click_bank(server):
    """A DLS bank of a 1 ms click at once: note-ons can be found in the sound to the frame."""
    wsmp = files.chunk(b'wsmp', struct.pack('<IHhiII', 20, 60, 0, 0, 0, 0))
    region = files.group(b'LIST', b'rgn ', files.chunk(b'rgnh', struct.pack('<HHHHHH', 0, 127, 0, 127, 0, 0)), wsmp,
                         files.chunk(b'wlnk', struct.pack('<HHII', 0, 0, 1, 0)))
    instrument = files.group(b'LIST', b'ins ', files.chunk(b'insh', struct.pack('<III', 1, 0, 0)), files.group(b'LIST', b'lrgn', region))
    wave = files.group(b'LIST', b'wave', files.chunk(b'fmt ', struct.pack('<HHIIHH', 1, 1, 48000, 96000, 2, 16)), wsmp,
                       files.chunk(b'data', struct.pack('<48h', *[20000] * 48)))
    with open(path(server, 'click.dls'), 'wb') as out:
        out.write(files.group(b'RIFF', b'DLS ', files.chunk(b'colh', struct.pack('<I', 1)), files.group(b'LIST', b'lins', instrument),
                              files.chunk(b'ptbl', struct.pack('<III', 8, 1, 0)), files.group(b'LIST', b'wvpl', wave)))
    return path(server, 'click.dls')


def test_keys(count, *more):
    """Note-ons through JACK MIDI at random frames are heard at their frame and one constant latency."""
    for attempt in range(TRIES):
        with servers.Jack(period=64) as server:
            if server.reason:
                skip(server.reason)
            child = start(server, 'live', '--plain', '--json', '-a', 'jack', '-m', 'jack', '-z', '64', '-c', '2', '--reverb', 'off',
                          '--chorus', 'off', click_bank(server), *more)
            out = server.run([tap, 'keys', str(count), '1', 'dmus:out_left', 'dmus-midi:in'], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
            lines = out.stdout.read().decode().split('\n')
            child.send_signal(signal.SIGTERM)
            code = ended(child, 60)
            check(code == 0, 'ends with %s: %s' % (code, said(server)))
            report = report_of(server)
            pairs = [tuple(map(int, line.split())) for line in lines[1:] if line]
            late = sorted({heard - sent for sent, heard in pairs})
            print('# %s; latency in frames: %s; %d underruns, %d late' % (lines[0], late[:5], report['underruns'], report['events_late']))
            if (len(pairs) < count or len(late) > 1) and report['underruns'] and attempt < TRIES - 1:
                print('# sound was lost; again')
                continue
            if report['underruns'] and not report['realtime'] and (len(pairs) < count or len(late) > 1):
                skip(NO_PRIORITY)
            # What was lost with its period was never heard; what was heard is exact all the same.
            check(len(pairs) == count or (report['underruns'] and len(pairs) > count // 2), 'notes are missing')
            check(len(late) == 1, 'jitter')
            total = late[0] + report['latency_frames']
            print('# event to sound: %d frames, %.2f ms' % (total, total / 48))
            check(total == report['input_latency_frames'], 'not what the tool tells: %d' % report['input_latency_frames'])
            check((total <= 4 * 48 or more) and report['midi_lost'] == 0, 'more than 4 ms, or messages were lost')
            return


def test_latency(kind):
    """dmus latency -z 64 -c 2: at most 4 ms; without jitter where the frames are JACK's."""
    for attempt in range(TRIES):
        with OUTPUTS[kind](period=64) as server:
            if server.reason:
                skip(server.reason)
            run = subprocess.run([dmus, 'latency', '-a', kind, '-z', '64', '-c', '2', '-n', '300', '--json'], env=server.env,
                                 capture_output=True, text=True, timeout=120)
            check(run.returncode in (0, 3), run.stderr)
            report = json.loads(run.stdout)
            print('# %s' % {k: report.get(k) for k in ('method', 'heard', 'min_ms', 'median_ms', 'max_ms', 'jitter_ms', 'underruns')})
            if (report['heard'] < report['sent'] or report['max_ms'] > 4) and report['underruns'] and attempt < TRIES - 1:
                continue
            if report['underruns'] and not report['realtime'] and (report['heard'] < 300 or report['median_ms'] > 4):
                skip(NO_PRIORITY)
            check(report['sent'] == 300 and (report['heard'] == 300 or (report['underruns'] and report['heard'] > 150)), 'notes are missing')
            check(report['median_ms'] <= 4, 'more than 4 ms')
            check(kind != 'jack' or (report['max_ms'] <= 4 and report['jitter_ms'] < 1e-6), 'jitter')
            return


def test_kill(kind):
    """The server dies while we play: that is said, and with a new one there is sound again; the song ends in its time."""
    with OUTPUTS[kind]() as server:
        if server.reason:
            skip(server.reason)
        child = start(server, 'play', '--plain', '--json', '-a', kind, '-r', '48000', 'song.mid', '-b', prepare(server, 8))
        time.sleep(3)
        check(child.poll() is None, 'ended: ' + said(server))
        server.kill()
        wait_for(lambda: 'gone' in said(server), 10, 'no message: ' + said(server))
        time.sleep(0.5)
        check(child.poll() is None, 'ended: ' + said(server))
        server.restart()
        code = ended(child, 60)
        check(code == 0, 'ends with %d: %s' % (code, said(server)))
        print('# ' + [line for line in said(server).split('\n') if 'gone' in line][0])


def jack_live(server, *more):
    return start(server, 'live', '--plain', '--json', '-a', 'jack', '-m', 'jack', *more)


def test_gone(count):
    """100,000 note-ons a second from a client that then leaves with all of them held: said, and silence follows."""
    with servers.Jack(period=256) as server:
        if server.reason:
            skip(server.reason)
        child = jack_live(server, '-b', prepare(server, 1), '--record', 'got.wav', '--format', 'f32')
        flood = server.run([tap, 'flood', str(count), '1', 'dmus:out_left', 'dmus-midi:in'], stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        check(ended(flood, 60) == 0, 'the flood fails')
        time.sleep(6)
        check(child.poll() is None, 'ended: ' + said(server))
        child.send_signal(signal.SIGTERM)
        check(ended(child, 30) == 0, 'ends with %s: %s' % (child.returncode, said(server)))
        text = said(server)
        print('# ' + ' / '.join(line for line in text.split('\n') if line.startswith('dmus'))[:400])
        got = floats(path(server, 'got.wav'), True)
        tail = max(map(abs, got[-48000:]), default=1)
        print('# last half second: at most %g' % tail)
        check(first_sound(got) is not None and tail < 1e-3, 'notes hang')
        check('a sender of MIDI left' in text, 'no message')


def test_sysex(size):
    """A system exclusive of SIZE bytes on standard input: left out, said; the notes around it sound."""
    with servers.Jack(period=256) as server:
        if server.reason:
            skip(server.reason)
        child = start(server, 'live', '--plain', '--json', '-a', 'jack', '-m', 'raw:-', '-b', prepare(server, 1), '--record-midi', 'got.mid',
                      stdin=subprocess.PIPE)
        time.sleep(1)
        child.stdin.write(b'\x90\x40\x64\xF0' + bytes(size) + b'\xF7\x90\x43\x64\x80\x40\0\x80\x43\0')
        child.stdin.close()
        check(ended(child, 60) == 0, 'ends with %s: %s' % (child.returncode, said(server)))
        check('too long' in said(server), 'no message: ' + said(server))
        info = subprocess.run([dmus, 'info', '--json', path(server, 'got.mid')], capture_output=True, text=True)
        check(json.loads(info.stdout)[0]['notes'] == 2, 'the notes around it: ' + info.stdout)


def test_calls(_):
    """The pulls of a session that plays, loads, seeks, records and is played to (test_realtime.c marks them) make no call to the system."""
    if not servers.shutil.which('strace'):
        skip('no strace')
    with Nothing() as server:
        log = path(server, 'strace')
        child = server.run(['strace', '-f', '-q', '-o', log, realtime], cwd=server.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        text = child.stdout.read().decode()
        check(ended(child, 60) == 0, text)
        pulls, calls = calls_in_pulls(log)
        check(pulls > 200, 'too few pulls')
        check(not calls, calls[:3])


def main():
    test, number = sys.argv[4], float(sys.argv[5]) if len(sys.argv) > 5 else 10
    tests = {}
    for kind in OUTPUTS:
        tests['capture-' + kind] = lambda kind=kind: test_capture(kind, int(number))
        tests['kernel-' + kind] = lambda kind=kind: test_capture(kind, int(number), 'kernel')
        tests['latency-' + kind] = lambda kind=kind: test_latency(kind)
        tests['kill-' + kind] = lambda kind=kind: test_kill(kind)
    tests['keys'] = lambda: test_keys(int(number))
    tests['keys-kernel'] = lambda: test_keys(int(number), '--through', 'kernel')
    tests['gone'] = lambda: test_gone(int(number))
    tests['sysex'] = lambda: test_sysex(int(number))
    tests['calls'] = lambda: test_calls(number)
    run(tests[test])


main()
