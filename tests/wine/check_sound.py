#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Play through DirectSound into a PulseAudio device without hardware, record it, and look for the notes.

usage: check_sound.py 64|32 BUILD_DIRECTORY DMSYNTH.DLL DSOUND_CLIENT.EXE
"""
import array
import os
import sys
import tempfile

import pulse
import wine

RATE = 44100
# client_tune of client.h: start in ms, length in ms, key
TUNE = [(100, 200, 60), (450, 150, 67), (777, 100, 72), (1003, 250, 55), (1500, 90, 79), (1834, 300, 48), (2401, 120, 64),
        (2700, 200, 60)]
LOUD = 300  # of 32768: far above the resampler's ripple, reached within 2 ms of a note
GAP = RATE // 50


def notes(samples):
    """(start, end) of each stretch of sound, in frames; 20 ms of quiet end one."""
    found, start, last = [], None, 0
    for i, value in enumerate(samples):
        if -LOUD < value < LOUD:
            continue
        if start is not None and i - last > GAP:
            found.append((start, last))
            start = None
        if start is None:
            start = i
        last = i
    if start is not None:
        found.append((start, last))
    return found


def frequency(samples, start, end):
    first = last = None
    count = -1
    for i in range(start + 1, end):
        a, b = samples[i - 1], samples[i]
        if a < 0 <= b:
            last = i - 1 + a / (a - b)
            first = last if first is None else first
            count += 1
    return count / (last - first) * RATE if count > 0 else 0


def judge(samples):
    """TAP results for two tunes in a row."""
    found = notes(samples)
    results = [('%d notes, want %d' % (len(found), 2 * len(TUNE)), len(found) == 2 * len(TUNE))]
    if not results[0][1]:
        print('# ' + ' '.join('%.3f-%.3f' % (a / RATE, b / RATE) for a, b in found))
        return results
    for tune in range(2):
        heard = found[tune * len(TUNE):(tune + 1) * len(TUNE)]
        for (start_ms, length_ms, key), (start, end) in zip(TUNE, heard):
            off = (start - heard[0][0]) * 1000 / RATE - (start_ms - TUNE[0][0])
            hz, want = frequency(samples, start + 400, end - 400), 441 * 2 ** ((key - 60) / 12)
            length = (end - start) * 1000 / RATE - length_ms
            what = 'tune %d key %d: %+.2f ms, %.2f Hz for %.2f, %+.1f ms long' % (tune + 1, key, off, hz, want, length)
            results.append((what, abs(off) <= 2 and abs(hz / want - 1) < 0.005 and -5 < length < 25))
    return results


def attempt(server, loader, env, program, recording):
    """One recording: (status of the program, what it printed, TAP results)."""
    server.record(recording)
    status, text = wine.run(loader, env, [program], 60)
    server.finish()
    samples = array.array('h')
    with open(recording, 'rb') as data:
        samples.frombytes(data.read()[:-1 if os.path.getsize(recording) % 2 else None])
    if sys.byteorder == 'big':
        samples.byteswap()
    return status, text, [('the program', status == 0)] + judge(samples)


def listen(server, loader, env, program):
    # PulseAudio, its recorder and Wine's mixer are not to be stopped for 10 ms, which a busy machine does: one recording out
    # of five must be without a fault. The program's own judgement of our code must be good each time.
    for number in range(5):
        with tempfile.TemporaryDirectory() as folder:
            status, text, results = attempt(server, loader, env, program, os.path.join(folder, 'sound.raw'))
        if '# SKIP' in text:
            print(text, end='')
            return status
        print(''.join('# %s\n' % line.lstrip('# ') for line in text.splitlines()), end='')
        if status or all(ok for _, ok in results):
            break
        print('# recording %d is damaged:' % (number + 1))
        print(''.join('#   %s\n' % what for what, ok in results if not ok), end='')
    for number, (what, ok) in enumerate(results, 1):
        print('%sok %d - %s' % ('' if ok else 'not ', number, what))
    print('1..%d' % len(results))
    return not all(ok for _, ok in results)


def main():
    bits, build, dll, program = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
    loader = wine.find(bits)
    with pulse.Pulse() as server:
        reason = 'no Wine for %d bits' % bits if not loader else server.reason
        if reason:
            print('1..0 # SKIP ' + reason.replace('\n', ' '))
            return 0
        with wine.Prefix(loader, bits, build, dll) as prefix:
            if prefix.problem:
                print('Bail out! no scratch prefix: ' + prefix.problem)
                return 1
            return listen(server, loader, dict(prefix.env, PULSE_SERVER=server.server), program)


sys.exit(main())
