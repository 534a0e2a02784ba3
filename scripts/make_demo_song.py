#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes data/demo.mid, the project's own demonstration song.

"Harbour Lights": 40 bars in 4/4 at 104 beats per minute, slowing at the end. Nine parts on purpose use what a
synthesizer has to get right: piano with sustain pedal, bass, strings with expression swells, two guitars panned
apart, vibraphone, a flute with modulation, a lead with pitch bends (range set by RPN 0), drums with an open and a
closed hi-hat in one key group, sends to reverb and chorus.

Usage: make_demo_song.py OUT.mid     The output is the same on every run.
"""
import struct
import sys

TPQ = 480
BAR = 4 * TPQ

# Chords of the progression, one a bar: root (MIDI, around C3) and the notes above it.
CHORDS = {
    "Dm9": (50, (53, 57, 60, 64)), "Bbmaj7": (46, (50, 53, 57, 62)), "Fadd9": (53, (57, 60, 65, 67)),
    "C": (48, (52, 55, 60, 64)), "Gm7": (43, (50, 53, 58, 62)), "A7": (45, (49, 52, 55, 61)),
    "Am7": (45, (48, 52, 55, 60)), "D": (50, (54, 57, 62, 66)),
}
VERSE = ["Dm9", "Bbmaj7", "Fadd9", "C", "Dm9", "Bbmaj7", "Gm7", "A7"]
CHORUS = ["Bbmaj7", "C", "Am7", "Dm9", "Gm7", "C", "Fadd9", "A7"]
FORM = VERSE + VERSE + CHORUS + VERSE + CHORUS
FORM = FORM[:39] + ["D"]

# Melodies: (beat within eight bars, length in beats, key, velocity)
FLUTE = [(0, 1.5, 69, 88), (1.5, .5, 72, 80), (2, 2, 74, 96), (4, 1, 72, 84), (5, 1, 70, 80), (6, 2, 69, 90),
         (8, 1.5, 67, 84), (9.5, .5, 69, 78), (10, 2, 72, 94), (12, 3, 67, 90), (16, 1.5, 69, 90), (17.5, .5, 74, 84),
         (18, 2, 77, 102), (20, 1, 76, 92), (21, 1, 74, 86), (22, 2, 72, 92), (24, 1.5, 70, 88), (25.5, .5, 69, 80),
         (26, 2, 67, 88), (28, 1.5, 69, 92), (29.5, .5, 73, 88), (30, 2, 76, 98)]
LEAD = [(0, 2, 74, 104), (2, 1, 77, 98), (3, 1, 79, 102), (4, 3, 76, 106), (7, 1, 72, 92), (8, 2, 76, 104),
        (10, 2, 79, 108), (12, 4, 77, 110), (16, 2, 74, 100), (18, 1, 70, 94), (19, 1, 74, 98), (20, 2, 79, 108),
        (22, 2, 76, 102), (24, 3, 81, 114), (27, 1, 79, 100), (28, 4, 76, 108)]


def varlen(value):
    out = [value & 127]
    while value := value >> 7:
        out.append(value & 127 | 128)
    return bytes(reversed(out))


class Track:
    def __init__(self, name):
        self.events = []
        self.meta(0, 3, name.encode())

    def add(self, tick, data, order=1):
        self.events.append((int(round(tick)), order, len(self.events), bytes(data)))

    def meta(self, tick, kind, payload):
        self.add(tick, bytes([255, kind]) + varlen(len(payload)) + payload, 0)

    def chunk(self):
        out, now = b"", 0
        for tick, _, _, data in sorted(self.events, key=lambda e: e[:3]):
            out += varlen(tick - now) + data
            now = tick
        out += varlen(BAR // 2) + b"\xff\x2f\x00"
        return b"MTrk" + struct.pack(">I", len(out)) + out


class Part(Track):
    def __init__(self, name, channel, program, volume, pan, reverb, chorus=0):
        super().__init__(name)
        self.channel = channel
        self.add(0, [0xC0 | channel, program])
        for controller, value in ((7, volume), (10, pan), (91, reverb), (93, chorus)):
            self.cc(0, controller, value)

    def cc(self, tick, controller, value):
        self.add(tick, [0xB0 | self.channel, controller, max(0, min(127, int(round(value))))])

    def bend(self, tick, semitones, span=2):
        value = max(0, min(16383, int(round(8192 + 8192 * semitones / span))))
        self.add(tick, [0xE0 | self.channel, value & 127, value >> 7])

    def note(self, tick, length, key, velocity):
        self.add(tick, [0x90 | self.channel, key, max(1, min(127, int(velocity)))], 2)
        self.add(tick + length, [0x80 | self.channel, key, 64], 0)


def sway(bar, step, depth=6):
    """A small fixed unevenness of velocity, so that repeated notes do not sound alike."""
    return (bar * 7 + step * 5) % (2 * depth + 1) - depth


def piano():
    p = Part("Piano", 0, 0, 100, 58, 46)
    for bar, chord in enumerate(FORM):
        root, notes = CHORDS[chord]
        at = bar * BAR
        p.cc(at + 30, 64, 127)
        p.cc(at + BAR - 20, 64, 0)
        busy = 16 <= bar < 24 or bar >= 32
        p.note(at, TPQ * 1.8, root, 74 + sway(bar, 0))
        for step, key in enumerate(notes):
            p.note(at + step * 12, TPQ * 1.4, key, 66 + sway(bar, step))
        if bar == len(FORM) - 1:
            break
        for step, index in enumerate((2, 3, 1, 2) if not busy else (3, 1, 2, 0)):
            p.note(at + TPQ * (2 + step / 2), TPQ * .45, notes[index] + (12 if busy else 0), 60 + sway(bar, step + 4))
    return p


def bass():
    p = Part("Bass", 1, 33, 104, 64, 12)
    for bar, chord in enumerate(FORM):
        if bar < 4:
            continue
        root = CHORDS[chord][0] - 12
        at = bar * BAR
        if bar == len(FORM) - 1:
            p.note(at, BAR, root, 96)
            break
        for beat, length, interval in ((0, 1.4, 0), (1.5, .4, 0), (2, .9, 7), (3, .45, 0), (3.5, .45, 12)):
            p.note(at + beat * TPQ, length * TPQ, root + interval, 92 + sway(bar, int(beat * 2), 5))
    return p


def strings():
    p = Part("Strings", 2, 48, 88, 64, 72, 20)
    for bar, chord in enumerate(FORM):
        if bar < 8:
            continue
        at = bar * BAR
        for key in CHORDS[chord][1][:3]:
            p.note(at, BAR - 10, key + 12, 70)
        for step in range(16):
            swell = 64 + 44 * (step / 15 if bar % 2 == 0 else 1 - step / 15)
            p.cc(at + step * BAR // 16, 11, swell)
    return p


def guitar(name, channel, program, pan, offset, first_bar):
    p = Part(name, channel, program, 92, pan, 34, 40)
    for bar, chord in enumerate(FORM[:-1]):
        if bar < first_bar:
            continue
        notes = CHORDS[chord][1]
        for step in range(8):
            key = notes[(step * 3 + offset) % 4] + (12 if step % 4 == 3 else 0)
            p.note(bar * BAR + (step + offset / 2) * TPQ / 2, TPQ * .8, key, 62 + sway(bar, step + offset))
    return p


def vibraphone():
    p = Part("Vibraphone", 5, 11, 96, 84, 60)
    for bar in range(24, 32):
        notes = CHORDS[FORM[bar]][1]
        for step, index in enumerate((3, 2, 1, 3, 0, 2)):
            p.note(bar * BAR + step * TPQ * 2 / 3, TPQ, notes[index] + 12, 76 + sway(bar, step))
    return p


def flute():
    p = Part("Flute", 6, 73, 98, 54, 64)
    for start in (8, 24):
        for beat, length, key, velocity in FLUTE:
            at = start * BAR + beat * TPQ
            p.note(at, length * TPQ - 15, key, velocity)
            if length >= 2:  # the player leans into long notes
                for step in range(8):
                    p.cc(at + TPQ * (.6 + step * .15), 1, 10 * step)
                p.cc(at + length * TPQ - 10, 1, 0)
    return p


def lead():
    p = Part("Lead", 7, 81, 84, 70, 50, 60)
    for controller, value in ((101, 0), (100, 0), (6, 3), (38, 0), (101, 127), (100, 127)):
        p.cc(0, controller, value)  # bend range: 3 semitones
    for start in (16, 32):
        for n, (beat, length, key, velocity) in enumerate(LEAD):
            if start == 32 and beat >= 28:
                length = 3
            at = start * BAR + beat * TPQ
            p.note(at, length * TPQ - 8, key, velocity)
            if n % 3 == 0:  # scoop from below
                for step in range(7):
                    p.bend(at + step * 22, -2 + step / 3, 3)
            elif length >= 2:  # bent up and back
                for step in range(13):
                    p.bend(at + TPQ * (.75 + step / 16), min(step, 12 - step) / 6, 3)
            p.bend(at + length * TPQ - 4, 0, 3)
    return p


def drums():
    p = Part("Drums", 9, 0, 108, 64, 28)
    for bar in range(4, len(FORM)):
        at = bar * BAR
        if bar == len(FORM) - 1:
            p.note(at, 60, 36, 118)
            p.note(at, 60, 49, 112)
            break
        if bar in (8, 16, 24, 32):
            p.note(at, 60, 49, 104)
        for beat in (0, 1.5, 2) if bar % 2 else (0, 2, 2.75):
            p.note(at + beat * TPQ, 60, 36, 104 + sway(bar, int(beat * 4), 5))
        fill = bar % 8 == 7
        for beat in (1, 3):
            if not (fill and beat == 3):
                p.note(at + beat * TPQ, 60, 38, 100 + sway(bar, beat, 5))
        for step in range(8):
            if fill and step >= 6:
                break
            is_open = step == 7 and bar % 4 == 3 or step == 5 and bar % 4 == 1
            p.note(at + step * TPQ / 2, 60, 46 if is_open else 42, (84 if step % 2 == 0 else 62) + sway(bar, step, 4))
        if fill:
            for step, key in enumerate((50, 50, 47, 45, 43, 41)):
                p.note(at + TPQ * (2.5 + step / 4), 60, key, 86 + 4 * step)
        if 16 <= bar < 24 or bar >= 32:
            for beat in range(4):
                p.note(at + (beat + .5) * TPQ, 60, 54, 58 + sway(bar, beat))
    return p


def conductor():
    t = Track("Harbour Lights")
    t.meta(0, 2, b"Copyright (c) 2026 the OpenDMus authors, MIT licence")
    t.meta(0, 0x58, bytes([4, 2, 24, 8]))
    t.meta(0, 0x59, bytes([255, 1]))
    t.add(0, bytes.fromhex("f0057e7f0901f7"), 0)  # GM System On
    tempo = 104.0
    t.meta(0, 0x51, struct.pack(">I", round(60e6 / tempo))[1:])
    for step in range(8):  # ritardando through the last two bars before the end
        tempo -= 4.0
        t.meta((len(FORM) - 3) * BAR + step * TPQ, 0x51, struct.pack(">I", round(60e6 / tempo))[1:])
    for bar, name in ((0, b"Intro"), (8, b"Verse"), (16, b"Chorus"), (24, b"Verse"), (32, b"Chorus")):
        t.meta(bar * BAR, 6, name)
    t.meta(len(FORM) * BAR, 1, b"end")
    return t


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: make_demo_song.py OUT.mid")
    tracks = [conductor(), piano(), bass(), strings(), guitar("Guitar left", 3, 24, 24, 0, 4),
              guitar("Guitar right", 4, 27, 104, 1, 12), vibraphone(), flute(), lead(), drums()]
    with open(sys.argv[1], "wb") as f:
        f.write(b"MThd" + struct.pack(">IHHH", 6, 1, len(tracks), TPQ))
        for track in tracks:
            f.write(track.chunk())


main()
