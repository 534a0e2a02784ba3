#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes a MIDI file of single notes at known places, for comparing two synthesizers note by note.

Usage: make_notes.py programs|drums OUT.mid

programs: note 60, velocity 100, on channel 1, for programs 0 to 127; drums: notes 35 to 81 on channel 10. Each note lasts one
second, the next begins three seconds after it, the first after one second. 120 beats a minute and 24000 ticks a beat: one tick is
one frame at 48 kHz. Times are multiples of 64 frames, so that a peer that works in blocks of 64 adds no jitter of its own.
"""
import struct
import sys

RATE, FIRST, SPACING, LENGTH = 48000, 48000, 144000, 48000


def varlen(value):
    out = [value & 127]
    while value := value >> 7:
        out.append(value & 127 | 128)
    return bytes(reversed(out))


def main():
    kind, path = sys.argv[1:]
    events = []
    notes = [(0, p, 60) for p in range(128)] if kind == "programs" else [(9, None, k) for k in range(35, 82)]
    for i, (channel, program, key) in enumerate(notes):
        at = FIRST + i * SPACING
        if program is not None:
            events.append((at - 9600, bytes([0xC0 | channel, program])))
        events.append((at, bytes([0x90 | channel, key, 100])))
        events.append((at + LENGTH, bytes([0x80 | channel, key, 64])))
    track, now = b"\x00\xff\x51\x03\x07\xa1\x20", 0
    for at, data in events:
        track += varlen(at - now) + data
        now = at
    track += varlen(2 * RATE) + b"\xff\x2f\x00"
    with open(path, "wb") as f:
        f.write(b"MThd" + struct.pack(">IHHH", 6, 0, 1, 24000) + b"MTrk" + struct.pack(">I", len(track)) + track)


main()
