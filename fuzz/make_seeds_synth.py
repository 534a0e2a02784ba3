#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes fuzz/corpus/download and fuzz/corpus/events: small inputs that reach each branch of the two targets."""
import os
import struct
import sys


def image(kind, ident, objects):
    """objects: list of bytes, one per table entry."""
    table, body, offset = b'', b'', 16 + 4 * len(objects)
    for data in objects:
        data += b'\0' * (-len(data) % 4)
        table += struct.pack('<I', offset + len(body))
        body += data
    return struct.pack('<IIII', kind, ident, len(objects), offset + len(body)) + table + body


def instrument(patch, first, artic=0, flags=0):
    return struct.pack('<6I', patch, first, artic, 0, 0, flags)


def region(following=0, wave=1, keys=(0, 127), velocities=(0, 127), artic=0, loop=None, group=0, options=0, phase=0, master=0):
    kind, start, length = loop or (0, 0, 0)
    return (struct.pack('<6H', *keys, *velocities, options, group) + struct.pack('<3I', artic, following, 0) +
            struct.pack('<HHII', master, phase, 1, wave) + struct.pack('<IHhiII', 20, 60, 0, 0, 0, 1 if loop else 0) +
            struct.pack('<4I', 16, kind, start, length))


def connections(*blocks):
    return struct.pack('<II', 8, len(blocks)) + b''.join(struct.pack('<4Hi', *b) for b in blocks)


def wave(ident, bits, data, rate=22050):
    form = struct.pack('<HHIIHHH', 1, 1, rate, rate * bits // 8, bits // 8, bits, 0)
    return image(2, ident, [struct.pack('<3I', 0, 0, 1) + form + b'\0\0', struct.pack('<I', len(data)) + data])


def downloads():
    artic2 = struct.pack('<3I', 2, 0, 0)
    sound = connections((0, 0, 0x206, 0, -4000 << 16), (0, 0, 0x500, 0, 7000 << 16), (1, 0x81, 3, 0x4000, 50 << 16),
                        (2, 0, 1, 0x8400, -960 << 16), (0, 0, 0x104, 0, -851 << 16))
    params = struct.pack('<20i', *([-851 << 16, -7973 << 16, 0, 0, 0, 10 << 16] + [-3000 << 16] * 2 + [500 << 16] +
                                   [-2000 << 16] + [0] * 2 + [-3000 << 16] * 2 + [500 << 16, -2000 << 16, 0, 0, 0, 0]))
    yield 'instrument2', image(3, 5, [instrument(0, 3, 1), artic2, sound, region(loop=(0, 2, 60))])
    yield 'instrument1', image(1, 5, [instrument(0x00010203, 3, 1), struct.pack('<II', 2, 0), params, region(loop=(1, 2, 9))])
    yield 'kit', image(3, 5, [instrument(0x80000000, 3, 1), artic2, sound, region(4, keys=(35, 35), group=1),
                              region(5, wave=2, keys=(36, 60), group=1, options=1), region(0, keys=(61, 127), artic=1)])
    yield 'layers', image(3, 5, [instrument(1, 1, 0, 1), region(2, phase=1, master=1), region(3, phase=1),
                                 region(0, velocities=(64, 127))])
    yield 'chain', image(3, 5, [instrument(0, 4, 1), struct.pack('<3I', 2, 0, 3), sound, artic2, region()])
    yield 'no_region', image(3, 5, [instrument(0, 0)])
    yield 'wave16', wave(9, 16, struct.pack('<20h', *range(-1000, 1000, 100)))
    yield 'wave8', wave(9, 8, bytes(range(0, 250, 10)), 11025)
    yield 'empty_wave', wave(9, 16, b'\1')


def events():
    def short(status, a, b, delay=20, group=1):
        return bytes([group << 4, status & 0x7F, a, b, delay])

    def sysex(*data, delay=20, group=1):
        return bytes([group << 4 | 8, len(data), *data, delay])

    def render(count):
        return bytes([10, count])

    note = short(0x90, 60, 100) + short(0x90, 64, 90) + render(100) + short(0x80, 60, 0) + render(200)
    yield 'notes', b'\1' + note + short(0xB0, 64, 127) + note + short(0xB0, 64, 0) + render(50)
    yield 'native', b'\0' + short(0xB0, 126, 0) + note + short(0x99, 40, 100) * 3 + render(100)
    yield 'effects', b'\7' + short(0xB0, 91, 127) + short(0xB0, 93, 127) + note + render(255)
    yield 'steal', b'\1' + b''.join(short(0x90 + i % 3, 40 + i, 100, 20 + i) for i in range(20)) + render(100)
    yield 'parameters', b'\1' + b''.join(short(0xB0, 101, 0) + short(0xB0, 100, n) + short(0xB0, 6, 70) + short(0xB0, 38, 9) +
                                         short(0xB0, 96, 0) for n in range(6)) + note
    yield 'portamento', b'\1' + short(0xB0, 65, 127) + short(0xB0, 5, 50) + note + short(0xB0, 84, 64) + note
    yield 'legato', b'\1' + short(0xB0, 126, 1) + short(0xB0, 68, 127) + note
    resets = [(0x7E, 0x7F, 9, 1), (0x7E, 0x7F, 9, 3), (0x41, 0x10, 0x42, 0x12, 0x40, 0, 0x7F, 0, 0x41),
              (0x43, 0x10, 0x4C, 0, 0, 0x7E, 0), (0x7E, 0x7F, 0x0A, 1), (0x7E, 0x7F, 0x0A, 3)]
    yield 'resets', b'\1' + b''.join(sysex(*r) + note for r in resets)
    tunings = [(0x7E, 0x7F, 8, 8, 3, 127, 127) + (70,) * 12, (0x7E, 0x7F, 8, 9, 3, 127, 127) + (65, 3) * 12,
               (0x7F, 0x7F, 8, 2, 0, 1, 60, 61, 64, 0), (0x7E, 0x7F, 8, 7, 1, 0, 1, 60, 61, 64, 0),
               (0x7E, 0x7F, 8, 5, 0, 0) + (32,) * 16 + (60,) * 12]
    yield 'tunings', b'\1' + b''.join(sysex(*t) for t in tunings) + note
    device = [(0x7F, 0x7F, 4, n, 1, 40) for n in range(1, 5)] + [(0x7F, 0x7F, 4, 5, 1, 1, 1, 1, 1, 0, 3, 1, 9),
              (0x7F, 0x7F, 9, 1, 0, 0, 80, 3, 90), (0x7F, 0x7F, 9, 3, 0, 1, 2, 100), (0x7F, 0x7F, 0x0A, 1, 9, 40, 7, 20, 0x0A, 90)]
    yield 'device', b'\1' + b''.join(sysex(*d) for d in device) + note + short(0x99, 40, 100) + short(0xD0, 90, 0) + render(60)
    yield 'control', (b'\1' + note + bytes([13, 5]) + note + bytes([13, 1]) + bytes([0x1E, 0, 7]) + bytes([15, 0, 0]) + note +
                      bytes([15, 0, 0]) + note + bytes([15, 8, 0]) + note + bytes([15, 12, 200]) + bytes([9, 3, 0x90, 60, 0xFF, 0]))


def main():
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'corpus')
    for folder, seeds, head in (('download', downloads(), True), ('events', events(), False)):
        os.makedirs(os.path.join(root, folder), exist_ok=True)
        for number, (name, data) in enumerate(seeds):
            with open(os.path.join(root, folder, name), 'wb') as out:
                out.write((bytes([number & 3 if head else 0]) if head else b'') + data)
    return 0


if __name__ == '__main__':
    sys.exit(main())
