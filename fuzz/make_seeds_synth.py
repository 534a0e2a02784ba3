#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes fuzz/corpus/download, events and voices, and one file of ddi_download: small inputs that reach each branch."""
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


def play_wave(kind, ident, bits, data, rate=22050):
    form = struct.pack('<HHIIHHH', 1, 1, rate, rate * bits // 8, bits // 8, bits, 0)
    return image(kind, ident, [struct.pack('<I', len(data)) + data, struct.pack('<3I', 0, 0, 0) + form + b'\0\0'])


def wave_articulation(ident, parts, bus=0xFFFFFFFF, master=None, options=0):
    root = struct.pack('<4IHH', 1, bus, len(parts), ident if master is None else master, options, 0)
    return image(4, ident, [root, struct.pack('<%dI' % len(parts), *parts)])


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
    yield 'one_shot', play_wave(6, 9, 16, struct.pack('<20h', *range(-1000, 1000, 100)))
    yield 'one_shot8', play_wave(6, 9, 8, bytes(range(0, 250, 10)), 11025)
    yield 'stream_buffer', play_wave(5, 9, 16, struct.pack('<20h', *range(-1000, 1000, 100)))
    yield 'artic_one_shot', wave_articulation(9, [3], 1, 3, 1)
    yield 'artic_stream', wave_articulation(9, [4, 5])
    yield 'artic_stream_bus', wave_articulation(9, [5], 512)


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


def voices():
    def play(ident, download, where=0x10, pitch=0, volume=0, start=0, loop=(0, 0), delay=20):
        return bytes([0, ident, download, where, pitch & 255, volume & 255, start, *loop, delay])

    def render(count, way=1):
        return bytes([6, count, way])

    states = render(50) + render(200, 0) + render(90, 8)
    yield 'one_shot', b'\1' + play(0, 3) + states + play(1, 3, 0x11, 7, -6, 20, (30, 20)) + states + bytes([2, 1, 20]) + states
    yield 'stream', (b'\0' + play(0, 4) + states + b''.join(bytes([3, n, 200]) for n in (0, 1, 2)) + states +
                     bytes([3, 16, 40]) + states * 2)
    yield 'fast_stream', b'\x31' + play(0, 4, pitch=120) + render(0) + bytes([3, 0, 0, 3, 17, 0]) + states
    yield 'pair', b'\1' + play(0, 5) + play(1, 6, pitch=40) + states + play(2, 5) + play(3, 3) + play(0, 3) + states
    yield 'buses', (b'\x0D' + bytes([4, 0x10, 3, 0, 4, 128]) + bytes([4, 0x11, 2, 64, 255]) + bytes([4, 0x12, 0]) + play(0, 3) +
                    play(1, 3, 0x11) + play(2, 3, 0x12) + render(250, 2) + states + render(100, 17) + render(100, 26))
    yield 'mono', b'\3' + bytes([4, 0x10, 2, 1, 130]) + play(0, 3, loop=(10, 60)) + render(100, 8) + states
    yield 'unload', (b'\1' + play(0, 4) + play(1, 3) + render(20) + b''.join(bytes([5, n]) for n in range(7)) + states * 2 +
                     b''.join(bytes([5, n]) for n in range(7)) + play(0, 4) + states)
    yield 'resets', (b'\1' + play(0, 4, 0x20) + play(1, 3, 0x20, loop=(0, 63)) + render(20) + bytes([7, 0, 0]) + states +
                     bytes([7, 1, 0]) + play(0, 4, 0x20) + bytes([7, 0xF8, 0]) + states + play(1, 3) + bytes([7, 0xFF, 0]) + states +
                     play(1, 3) + bytes([7, 0xB0, 20, 120]) + bytes([7, 0xB0, 20, 7]) + states)


def ddi_voices():
    samples = struct.pack('<20h', *range(-1000, 1000, 100))
    for one in (play_wave(6, 1, 16, samples), play_wave(5, 2, 16, samples), play_wave(5, 3, 16, samples),
                wave_articulation(4, [2, 3]), wave_articulation(5, [1], 0, 5), wave_articulation(6, [1], 1, 5, 1)):
        yield struct.pack('<H', len(one)) + one


def main():
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'corpus')
    with open(os.path.join(root, 'ddi_download', 'voices.bin'), 'wb') as out:
        out.write(b''.join(ddi_voices()))
    for folder, seeds, head in (('download', downloads(), True), ('events', events(), False), ('voices', voices(), False)):
        os.makedirs(os.path.join(root, folder), exist_ok=True)
        for number, (name, data) in enumerate(seeds):
            with open(os.path.join(root, folder, name), 'wb') as out:
                out.write((bytes([number & 3 if head else 0]) if head else b'') + data)
    return 0


if __name__ == '__main__':
    sys.exit(main())
