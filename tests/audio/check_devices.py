#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The sink on each device, by what a server's monitor hears.

usage: check_devices.py LIVE_CLIENT JACK_TAP TEST [SECONDS]
"""
import array
import os
import shutil
import signal
import subprocess
import sys
import time

import servers

SKIP = 77
client, tap = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])


class Failed(Exception):
    pass


class RecorderLost(Exception):
    """What was captured goes on with what comes later: the program that captures did not get it."""


def check(ok, text):
    if not ok:
        raise Failed(text)


def skip(reason):
    print('skipped:', reason)
    sys.exit(SKIP)


def start_client(server, args, **env):
    child = server.run([client] + args, env=dict(server.env, **env), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                       stderr=open(os.path.join(server.folder, 'client.log'), 'ab'))
    child.told = []
    return child


def read_until(child, word):
    """Lines of the client up to one that begins with WORD; the rest of that line."""
    for line in child.stdout:
        child.told.append(line.decode().rstrip('\n'))
        if child.told[-1].startswith(word):
            return child.told[-1][len(word):].strip()
    raise Failed('the client ended before it said %r: %s' % (word, child.told))


def figures(child):
    child.told += child.stdout.read().decode().splitlines()
    code = child.wait(60)
    check(code == 0, 'the client ended with %d: %s' % (code, child.told))
    return dict(line.split(' ', 1) for line in child.told if ' ' in line)


def go(child):
    child.stdin.write(b'\n')
    child.stdin.flush()


def floats(path):
    samples = array.array('f')
    with open(path, 'rb') as file:
        data = file.read()
    samples.frombytes(data[:len(data) // 8 * 8])
    return samples


def first_sound(samples):
    return next((i // 2 * 2 for i, value in enumerate(samples) if value), None)


def compare(reference, captured, seconds, rate):
    """Sample for sample from the first sound on: frames compared."""
    want, got = floats(reference), floats(captured)
    a, b = first_sound(want), first_sound(got)
    check(a is not None and b is not None, 'silence')
    count = min(len(want) - a, len(got) - b)
    check(count >= 2 * seconds * rate, 'only %d frames were captured' % (count // 2))
    if want[a:a + count].tobytes() == got[b:b + count].tobytes():
        return count // 2
    wrong = next(i for i in range(count) if want[a + i] != got[b + i])
    after = next((i for i in range(wrong // 2 * 2, count) if got[b + i] and got[b + i + 1]), count)
    rest = got[b + after + 2000:b + after + 2400].tobytes()
    if rest and want[a + wrong:a + wrong + 4 * rate].tobytes().find(rest) >= 0:
        raise RecorderLost('sound is missing from frame %d on' % (wrong // 2))
    raise Failed('frame %d of %d: %r instead of %r' % (wrong // 2, count // 2, got[b + wrong], want[a + wrong]))


def capture_jack(server, seconds, path):
    return server.run([tap, 'record', str(seconds + 3), path, 'dmus:out_left', 'dmus:out_right'], stdout=subprocess.DEVNULL,
                      stderr=subprocess.DEVNULL)


def capture_pipewire(server, seconds, path):
    return server.run(['pw-record', '--target', 'capture', '-P', '{ stream.capture.sink = true }', '--format', 'f32', '--rate',
                       str(server.rate), '--channels', '2', path + '.wav'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def capture_alsa(server, seconds, path):
    return server.run(['parec', '-d', 'capture.monitor', '--raw', '--format=float32le', '--rate=%d' % server.rate,
                       '--channels=2', '--latency-msec=200', path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wav_to_raw(path):
    with open(path + '.wav', 'rb') as file:
        data = file.read()
    at = data.index(b'data') + 8
    with open(path, 'wb') as out:
        out.write(data[at:])


OUTPUTS = {'jack': (servers.Jack, capture_jack), 'pipewire': (servers.PipeWire, capture_pipewire),
           'alsa': (servers.Pulse, capture_alsa)}


def test_capture(kind, seconds):
    """The song in the monitor is the song of the file. A server that reports an xrun of its own gets two more tries."""
    make, capture = OUTPUTS[kind]
    for attempt in range(3):
        with make() as server:
            if server.reason:
                skip(server.reason)
            reference, path = os.path.join(server.folder, 'reference'), os.path.join(server.folder, 'captured')
            # PulseAudio without real-time scheduling wants more of a buffer.
            buffer = {'Z': '1024', 'C': '8'} if kind == 'alsa' else {}
            child = start_client(server, ['song', kind, str(seconds), reference], GO='1', RATE='48000', **buffer)
            read_until(child, 'ready')
            recorder = capture(server, seconds, path)
            time.sleep(1)
            go(child)
            told = figures(child)
            time.sleep(1)
            if kind == 'jack':
                recorder.wait(30)
            else:
                recorder.send_signal(signal.SIGINT)
                recorder.wait(10)
            if kind == 'pipewire':
                wav_to_raw(path)
            print('# %s: xruns %s, underruns %s, lead %s us, latency %s frames, schedule %s' %
                  (kind, told['xruns'], told['underruns'], told['lead_us'], told['latency_frames'], told['schedule']))
            print('# conversions off by %s us, later %s us, at worst %s us' %
                  (told['clock_off_us'], told['clock_off_late_us'], told['clock_off_worst_us']))
            check(told['clock_ran_back'] == '0', 'the latency clock ran back')
            if int(told['underruns']) and attempt < 2:
                print('# the server lost sound; again')
                continue
            check(abs(float(told['clock_off_us'])) < 1000 and abs(float(told['clock_off_late_us'])) < 1000,
                  'the conversions are 1 ms off')
            try:
                print('# %d frames equal' % compare(reference, path, seconds, server.rate))
            except RecorderLost as why:
                check(attempt < 2, why)
                print('# the recorder lost sound: %s; again' % why)
                continue
            return


def test_keys(count):
    """Note-ons through JACK MIDI are heard at their frame and one constant latency."""
    for attempt in range(3):
        with servers.Jack(period=64) as server:
            if server.reason:
                skip(server.reason)
            child = start_client(server, ['keys', 'jack', 'jack', '200'])
            read_until(child, 'playing')
            out = server.run([tap, 'keys', str(count), '1', 'dmus:out_left', 'dmus-midi:in'], stdout=subprocess.PIPE)
            lines = out.stdout.read().decode().split('\n')
            child.send_signal(signal.SIGTERM)
            told = figures(child)
            pairs = [tuple(map(int, line.split())) for line in lines[1:] if line]
            late = sorted(set(heard - sent for sent, heard in pairs))
            print('# %s; latency in frames: %s; %s xruns, %s underruns, %s late' %
                  (lines[0], late[:5], told['xruns'], told['underruns'], told['late']))
            if (int(told['underruns']) or int(told['xruns'])) and attempt < 2:
                print('# the server lost sound; again')
                continue
            check(len(pairs) == count, 'notes are missing')
            check(len(late) == 1, 'jitter')
            # What the tap hears has still the device's own latency before it.
            total = late[0] + int(told['latency_frames'])
            print('# event to sound: %d frames, %.2f ms' % (total, total / 48))
            check(total <= 4 * 48, 'more than 4 ms')
            check(told['lost'] == '0' and told['late'] == '0', 'late or lost messages')
            return


def test_flood(count):
    """100,000 note-ons a second from a client that then dies: each is taken or counted, and that it left is told."""
    with servers.Jack(period=256) as server:
        if server.reason:
            skip(server.reason)
        child = start_client(server, ['keys', 'jack', 'jack', '200'])
        read_until(child, 'playing')
        out = server.run([tap, 'flood', str(count), '1', 'dmus:out_left', 'dmus-midi:in'], stdout=subprocess.PIPE)
        check(out.wait(60) == 0, 'the sender failed')
        time.sleep(1)
        child.send_signal(signal.SIGTERM)
        told = figures(child)
        print('# %s' % {key: told[key] for key in ('messages', 'lost', 'gone', 'played', 'xruns', 'underruns')})
        check(int(told['messages']) + int(told['lost']) >= count, 'messages vanished')
        check(int(told['gone']) >= 1, 'nobody said that the sender left')


def song_of_clicks(path, count):
    """A MIDI file at 960 ticks a second; note N is at tick 40 + 40 N."""
    track = b'\x00\xff\x51\x03\x07\xa1\x20'  # 120 a minute, 480 ticks each
    for _ in range(count):
        track += b'\x28\x90\x3c\x7f'
    track += b'\x83\x60\xff\x2f\x00'
    with open(path, 'wb') as out:
        out.write(b'MThd\0\0\0\6\0\0\0\1\1\xe0MTrk' + len(track).to_bytes(4, 'big') + track)


def test_keys_pipewire(count):
    """The same through PipeWire, whose player stamps notes with a frame of the graph."""
    with servers.PipeWire(period=256) as server:
        if server.reason or not shutil.which('pw-midiplay'):
            skip(server.reason or 'no pw-midiplay')
        path, song = os.path.join(server.folder, 'captured'), os.path.join(server.folder, 'clicks.mid')
        song_of_clicks(song, count)
        child = start_client(server, ['keys', 'pipewire', 'pipewire', '100'], Z='256')
        read_until(child, 'playing')
        recorder = capture_pipewire(server, 0, path)
        time.sleep(1)
        player = server.run(['pw-midiplay', '--target', '0', song], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        linked = link_midi(server)
        player.wait(count / 20 + 20)
        time.sleep(1)
        recorder.send_signal(signal.SIGINT)
        recorder.wait(10)
        child.send_signal(signal.SIGTERM)
        told = figures(child)
        check(linked, 'no link to the port')
        wav_to_raw(path)
        left = floats(path)[::2]
        loud = [i for i, value in enumerate(left) if abs(value) > 1e-4]
        onsets = [at for k, at in enumerate(loud) if k == 0 or at - loud[k - 1] > 500]
        steps = sorted(set(b - a for a, b in zip(onsets, onsets[1:])))
        print('# %d notes sent, %s received, %d heard; distances %s; %s late, %s underruns' %
              (count, told['played'], len(onsets), steps[:6], told['late'], told['underruns']))
        check(int(told['played']) >= count * 9 // 10 and len(onsets) == int(told['played']), 'notes are missing')
        check(steps and steps[0] >= 1999 and steps[-1] <= 2001, 'jitter')  # 40 ticks are 2000 frames, rounded by the player


def test_connect_pipewire(_):
    """-C connects to a sender that is there, and says so if it is not."""
    with servers.PipeWire(period=256) as server:
        if server.reason or not shutil.which('pw-midiplay'):
            skip(server.reason or 'no pw-midiplay')
        song = os.path.join(server.folder, 'clicks.mid')
        song_of_clicks(song, 500)
        server.run(['pw-midiplay', '--target', '0', song], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
        time.sleep(1)
        child = start_client(server, ['keys', 'pipewire', 'pipewire', '3'], CONNECT='pw-midiplay')
        told = figures(child)
        print('# %s notes' % told['played'])
        check(int(told['played']) > 20, 'nothing came')
        child = start_client(server, ['keys', 'pipewire', 'pipewire', '3'], CONNECT='nobody')
        check(child.wait(20) == 3, 'no error for a sender that is not there')


def link_midi(server):
    for _ in range(100):
        listed = subprocess.run(['pw-link', '-o'], env=server.env, capture_output=True, text=True).stdout
        for port in listed.splitlines():
            if 'midiplay' in port and server.answers(['pw-link', port, 'dmus:in']):
                return True
        time.sleep(0.02)
    return False


def test_kill(kind):
    """The server dies while we play: that is told, time goes on, and with a new server there is sound again."""
    make = OUTPUTS[kind][0]
    with make() as server:
        if server.reason:
            skip(server.reason)
        child = start_client(server, ['song', kind, '14', os.path.join(server.folder, 'reference')])
        read_until(child, 'playing')
        read_until(child, 'state running')
        time.sleep(1)
        server.kill()
        why = read_until(child, 'state lost')
        print('# ' + why)
        check('gone' in why, 'no message')
        time.sleep(1)
        server.restart()
        print('# ' + read_until(child, 'state running'))
        told = figures(child)
        print('# %s' % {key: told[key] for key in ('position', 'lost_servers', 'resyncs', 'underruns', 'clock_ran_back')})
        check(told['lost_servers'] == '1' and told['clock_ran_back'] == '0', 'figures')
        check(int(told['position']) >= 15 * 48000, 'the song did not end')


def test_calls(kind):
    """Between the begin and the end of a pull its thread makes no call to the system."""
    if not shutil.which('strace'):
        skip('no strace')
    make = OUTPUTS[kind][0] if kind != 'null' else Nothing
    with make() as server:
        if server.reason:
            skip(server.reason)
        log = os.path.join(server.folder, 'strace')
        child = server.run(['strace', '-f', '-q', '-o', log, client, 'song', kind, '3', os.path.join(server.folder, 'reference')],
                           env=dict(server.env, MARK='1'), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL)
        child.told = []
        figures(child)
        inside, pulls, calls = set(), 0, []
        with open(log) as lines:
            for line in lines:
                thread, call = line.split(None, 1)
                if call.startswith('getpgid(424242'):
                    inside.add(thread)
                elif call.startswith('getpgid(434343'):
                    inside.discard(thread)
                    pulls += 1
                elif thread in inside and not call.startswith(('+++', '---')) and 'resumed>' not in call:
                    calls.append(line.strip())
        print('# %d pulls, %d calls inside' % (pulls, len(calls)))
        check(pulls > 50, 'too few pulls')
        check(not calls, calls[:3])


class Nothing(servers.Server):
    def start(self):
        pass


def end(*_):
    """A test that took too long: its servers end with it."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # some send it twice
    sys.exit(1)


def main():
    signal.signal(signal.SIGTERM, end)
    test, seconds = sys.argv[3], float(sys.argv[4]) if len(sys.argv) > 4 else 10
    tests = {'capture-' + kind: (lambda kind=kind: test_capture(kind, seconds)) for kind in OUTPUTS}
    tests['keys'] = lambda: test_keys(int(seconds))
    tests['flood'] = lambda: test_flood(int(seconds))
    tests['connect-pipewire'] = lambda: test_connect_pipewire(seconds)
    tests['keys-pipewire'] = lambda: test_keys_pipewire(int(seconds))
    tests.update({'kill-' + kind: (lambda kind=kind: test_kill(kind)) for kind in OUTPUTS})
    tests.update({'calls-' + kind: (lambda kind=kind: test_calls(kind)) for kind in list(OUTPUTS) + ['null']})
    try:
        tests[test]()
    except Failed as why:
        print('not ok:', why)
        sys.exit(1)
    print('ok')


main()
