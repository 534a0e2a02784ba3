#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The sink on each device, by what a server's monitor hears.

usage: check_devices.py LIVE_CLIENT JACK_TAP TEST [SECONDS]
"""
import os
import shutil
import signal
import subprocess
import sys
import time

import servers
from hearing import OUTPUTS, Failed, Nothing, calls_in_pulls, check, differs, floats, recorder, run, skip

client, tap = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
TRIES = 5 # on a machine that does other things as well
NO_PRIORITY = 'sound was lost in each of %d tries: this busy machine grants no real-time priority' % TRIES


class RecorderLost(Exception):
    """What was captured goes on with what comes later: the program that captures did not get it."""


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


def compare(want, got, seconds, rate):
    """Frames compared."""
    count, a, b, wrong = differs(want, got, seconds, rate)
    if wrong is None:
        return count
    after = next((i for i in range(wrong // 2 * 2, 2 * count) if got[b + i] and got[b + i + 1]), 2 * count)
    rest = got[b + after + 2000:b + after + 2400].tobytes()
    if rest and want[a + wrong:a + wrong + 4 * rate].tobytes().find(rest) >= 0:
        raise RecorderLost('sound is missing from frame %d on' % (wrong // 2))
    raise Failed('frame %d of %d: %r instead of %r' % (wrong // 2, count, got[b + wrong], want[a + wrong]))


def test_capture(kind, seconds):
    """The song in the monitor is the song of the file. A server that reports an xrun of its own gets more tries."""
    for attempt in range(TRIES):
        with OUTPUTS[kind]() as server:
            if server.reason:
                skip(server.reason)
            reference, path = os.path.join(server.folder, 'reference'), os.path.join(server.folder, 'captured')
            # PulseAudio without real-time scheduling wants more of a buffer.
            buffer = {'Z': '1024', 'C': '8'} if kind == 'alsa' else {}
            child = start_client(server, ['song', kind, str(seconds), reference], GO='1', RATE='48000', **buffer)
            read_until(child, 'ready')
            listener = recorder(kind, server, seconds + 3, path, tap)
            time.sleep(1)
            go(child)
            told = figures(child)
            time.sleep(1)
            if kind == 'jack':
                listener.wait(30)
            else:
                listener.send_signal(signal.SIGINT)
                listener.wait(30)
            print('# %s: xruns %s, underruns %s, lead %s us, latency %s frames, schedule %s' %
                  (kind, told['xruns'], told['underruns'], told['lead_us'], told['latency_frames'], told['schedule']))
            print('# conversions off by %s us, later %s us, at worst %s us' %
                  (told['clock_off_us'], told['clock_off_late_us'], told['clock_off_worst_us']))
            check(told['clock_ran_back'] == '0', 'the latency clock ran back')
            if int(told['underruns']) or int(told['xruns']):
                print('# the server lost sound; again')
                if attempt < TRIES - 1:
                    continue
                if told['schedule'] != '2':
                    skip(NO_PRIORITY)
            check(abs(float(told['clock_off_us'])) < 1000 and abs(float(told['clock_off_late_us'])) < 1000,
                  'the conversions are 1 ms off')
            try:
                print('# %d frames equal' % compare(floats(reference), floats(path, kind == 'pipewire'), seconds, server.rate))
            except RecorderLost as why:
                check(attempt < TRIES - 1, why)
                print('# the recorder lost sound: %s; again' % why)
                continue
            return


def test_keys(count):
    """Note-ons through JACK MIDI are heard at their frame and one constant latency."""
    for attempt in range(TRIES):
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
            busy = int(told['underruns']) or int(told['xruns'])
            if busy and (len(pairs) < count or len(late) > 1 or told['late'] != '0') and attempt < TRIES - 1:
                print('# the server lost sound; again')
                continue
            if busy and told['schedule'] != '2' and (len(pairs) < count or len(late) > 1):
                skip(NO_PRIORITY)
            # What was lost with its period was never heard; what was heard is exact all the same.
            check(len(pairs) == count or (busy and len(pairs) > count // 2), 'notes are missing')
            check(len(late) == 1, 'jitter')
            # What the tap hears has still the device's own latency before it.
            total = late[0] + int(told['latency_frames'])
            print('# event to sound: %d frames, %.2f ms' % (total, total / 48))
            check(total <= 4 * 48, 'more than 4 ms')
            check(told['lost'] == '0' and (busy or told['late'] == '0'), 'late or lost messages')
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
    for attempt in range(TRIES):
        if try_keys_pipewire(count, attempt == TRIES - 1):
            return
        print('# the server lost sound; again')


def try_keys_pipewire(count, last):
    """False: not judged, the machine is busy."""
    with servers.PipeWire(period=256) as server:
        if server.reason or not shutil.which('pw-midiplay'):
            skip(server.reason or 'no pw-midiplay')
        path, song = os.path.join(server.folder, 'captured'), os.path.join(server.folder, 'clicks.mid')
        song_of_clicks(song, count)
        child = start_client(server, ['keys', 'pipewire', 'pipewire', '100'], Z='256')
        read_until(child, 'playing')
        listener = recorder('pipewire', server, 0, path, tap)
        time.sleep(1)
        player = server.run(['pw-midiplay', '--target', '0', song], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        linked = link_midi(server)
        player.wait(count / 20 + 20)
        time.sleep(1)
        listener.send_signal(signal.SIGINT)
        listener.wait(30)
        child.send_signal(signal.SIGTERM)
        told = figures(child)
        check(linked, 'no link to the port')
        left = floats(path, True)[::2]
        loud = [i for i, value in enumerate(left) if abs(value) > 1e-4]
        onsets = [at for k, at in enumerate(loud) if k == 0 or at - loud[k - 1] > 500]
        steps = sorted(set(b - a for a, b in zip(onsets, onsets[1:])))
        print('# %d notes sent, %s received, %d heard; distances %s; %s late, %s underruns' %
              (count, told['played'], len(onsets), steps[:6], told['late'], told['underruns']))
        whole = int(told['played']) >= count * 9 // 10 and len(onsets) == int(told['played'])
        even = steps and steps[0] >= 1999 and steps[-1] <= 2001  # 40 ticks are 2000 frames, rounded by the player
        busy = int(told['underruns']) or int(told['late'])
        if not (whole and even) and not last:
            return False
        if busy and told['schedule'] != '2' and not (whole and even):
            skip(NO_PRIORITY)
        check(whole or (busy and len(onsets) > count // 2), 'notes are missing')
        # Where the graph lost periods of 256 frames, they are missing as a whole.
        check(even or (busy and steps and all((step - 1999) % 256 <= 2 for step in steps)), 'jitter')
        return True


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
    with OUTPUTS[kind]() as server:
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
    with OUTPUTS.get(kind, Nothing)() as server:
        if server.reason:
            skip(server.reason)
        log = os.path.join(server.folder, 'strace')
        child = server.run(['strace', '-f', '-q', '-o', log, client, 'song', kind, '3', os.path.join(server.folder, 'reference')],
                           env=dict(server.env, MARK='1'), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL)
        child.told = []
        figures(child)
        pulls, calls = calls_in_pulls(log)
        check(pulls > 50, 'too few pulls')
        check(not calls, calls[:3])


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
    run(tests[test])


main()
