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
STEPS = [(tune, number) for tune in range(2) for number in range(1, len(TUNE))]
RECORDINGS = 8
NOTHING = (1e9, '')
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


def tunes(samples):
    """The notes of each tune, as (start, end, Hz): a second of silence lies between two."""
    groups = [[]]
    for start, end in notes(samples):
        if groups[-1] and start - groups[-1][-1][1] > RATE:
            groups.append([])
        groups[-1].append((start, end, frequency(samples, start + 400, end - 400)))
    return groups


def pitch(key):
    return 441 * 2 ** ((key - 60) / 12)


def fault(note, length_ms, key):
    """How far pitch and length are off, as a part of what is allowed: good below 1."""
    start, end, hz = note
    length = (end - start) * 1000 / RATE - length_ms
    return max(abs(hz / pitch(key) - 1) / 0.005, abs(length - 10) / 15)


def judge(samples):
    """{(tune, note): (fault, text)} of each note but the first, measured from the one right before it; the best pair heard."""
    best, heard_tunes = {}, tunes(samples) + [[], []]
    for tune, number in STEPS:
        (start_ms, *before), (next_ms, length_ms, key) = TUNE[number - 1], TUNE[number]
        heard = heard_tunes[tune]
        for first, second in zip(heard, heard[1:]):
            off = (second[0] - first[0]) * 1000 / RATE - (next_ms - start_ms)
            total = max(abs(off) / 2, fault(first, *before), fault(second, length_ms, key))
            text = 'tune %d key %d: %+.2f ms, %.2f Hz for %.2f, %+.1f ms long' % (
                tune + 1, key, off, second[2], pitch(key), (second[1] - second[0]) * 1000 / RATE - length_ms)
            best[tune, number] = min(best.get((tune, number), NOTHING), (total, text))
    return best


def attempt(server, loader, env, program, recording):
    """One recording: status of the program, what it printed, what was heard."""
    server.record(recording)
    status, text = wine.run(loader, env, [program])
    server.finish()
    samples = array.array('h')
    with open(recording, 'rb') as data:
        samples.frombytes(data.read()[:-1 if os.path.getsize(recording) % 2 else None])
    if sys.byteorder == 'big':
        samples.byteswap()
    return status, text, judge(samples)


def listen(server, loader, env, program):
    # PulseAudio, its recorder and Wine's mixer are not to be stopped for 10 ms, which a busy machine does, and sound is lost or
    # shifted from there on. What our code does wrong it does in every recording: so each step from a note to the next must be right
    # in one of them. The program's own judgement of our code must be good each time.
    best = {}
    for number in range(RECORDINGS):
        with tempfile.TemporaryDirectory() as folder:
            status, text, heard = attempt(server, loader, env, program, os.path.join(folder, 'sound.raw'))
        skipped = [line for line in text.splitlines() if '# SKIP' in line]
        if skipped:
            print(skipped[0])
            return status
        print(''.join('# %s\n' % line.lstrip('# ') for line in text.splitlines()), end='')
        best = {step: min(best.get(step, NOTHING), heard.get(step, NOTHING)) for step in STEPS}
        bad = [step for step in STEPS if best[step][0] > 1]
        if status or not bad:
            break
        print('# recording %d: the machine lost sound; not heard yet: %s' % (
            number + 1, ', '.join(best[step][1] or 'tune %d note %d' % (step[0] + 1, step[1] + 1) for step in bad)))
    results = [('the program', status == 0)]
    results += [(best[step][1] or 'tune %d note %d' % (step[0] + 1, step[1] + 1), best[step][0] <= 1) for step in STEPS]
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
