#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Seeds of fuzz_kernel_property: requests that a client would make. Run in fuzz/."""
import os
import struct

GET, SET, SUPPORT, TOPOLOGY = 1, 2, 0x200, 0x10000000
OWN, PIN, TOPO, CONNECTION, CLOCK, SYNTH = 0, 2, 4, 5, 6, 7


def request(on_pin, which, item, flags, number, value, tail=b'', size=None):
    size = (32 + len(tail) if number is not None else 24) if size is None else size
    tail = tail[:255]
    assert len(tail) <= size
    head = struct.pack('<BBIIBB', on_pin | which << 1, item, flags, number or 0, size, value)
    return head + (tail + bytes(size))[:size]


def ranges(*items):
    body = b''.join(items)
    return struct.pack('<II', 8 + len(body), len(items)) + body


MUSIC = struct.pack('<IIII', 64, 0, 0, 0) + bytes.fromhex('60d325e7cc62cf11a5d628db04c10000') + \
    bytes.fromhex('bcf8821a8b3fd211b774006008331 6c1'.replace(' ', '')) + bytes.fromhex('d617640f18c3d011a43f00a0c9223196')
PCM = struct.pack('<IIII', 88, 0, 0, 0) + bytes.fromhex('6175647300001000800000aa00389b71') + \
    bytes.fromhex('0100000000001000800000aa00389b71') + bytes.fromhex('819f580556c3ce11bf0100aa0055595a') + \
    struct.pack('<IIIIII', 2, 8, 24, 8000, 96000, 0)

SEEDS = {
    'own': b''.join(request(p, OWN, i, GET | t, 0 if t else None, v) for p in (0, 1) for i in range(4) for t in (0, TOPOLOGY)
                    for v in (0, 4, 16)),
    'instance': request(1, OWN, 0, SET | TOPOLOGY, 0, 8, bytes(range(40))),
    'support': b''.join(request(1, s, 0, SUPPORT, 0, 4) for s in range(8)),
    'pins': b''.join(request(0, PIN, i, GET, 1, v) for i in range(15) for v in (0, 4, 200)),
    'topology': b''.join(request(0, TOPO, i, GET, 0, v) for i in range(4) for v in (0, 4, 100)),
    'connection': b''.join(request(1, CONNECTION, 0, SET, None, 4, bytes([s]), 24) for s in (3, 2, 1, 0)) +
                  request(1, CONNECTION, 2, GET, None, 64),
    'clock': request(0, CLOCK, 0, GET, None, 8) + request(0, SYNTH, 0, GET, None, 4),
    'music': request(0, PIN, 4, GET, 0, 64, ranges(MUSIC)),
    'pcm': request(0, PIN, 4, GET, 1, 100, ranges(MUSIC, PCM)),
}

if __name__ == '__main__':
    os.makedirs('corpus/kernel_property', exist_ok=True)
    for name, data in SEEDS.items():
        with open('corpus/kernel_property/' + name, 'wb') as f:
            f.write(data)
