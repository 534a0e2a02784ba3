# SPDX-License-Identifier: MIT
"""Songs and banks for the tests of the tool, built byte by byte: nothing outside the tree is needed.

The bank's only sound is a looped sine of PERIOD frames at RATE, so that its pitch and level can be worked out."""
import math
import struct

RATE = 44100
PERIOD = 100          # frames per cycle: 441 Hz, a little above A4 (key 69 plays it unshifted)
CYCLES = 8
AMPLITUDE = 16384     # of 32768
TICKS = 480           # per quarter; at the default tempo a second has 960


# ---- songs ----

def varlen(value):
    out = bytes([value & 127])
    while value >= 128:
        value >>= 7
        out = bytes([value & 127 | 128]) + out
    return out


def track(events):
    """EVENTS: (tick, message) in any order; equal ticks keep theirs. The end of the track is added."""
    body, now = b'', 0
    for tick, message in sorted(events, key=lambda event: event[0]):
        body += varlen(tick - now) + message
        now = tick
    body += b'\x00\xff\x2f\x00'
    return b'MTrk' + struct.pack('>I', len(body)) + body


def smf(*tracks, division=TICKS):
    kind = 0 if len(tracks) == 1 else 1
    return b'MThd' + struct.pack('>IHHH', 6, kind, len(tracks), division) + b''.join(map(track, tracks))


def note(begin, end, key, velocity=100, channel=0):
    return [(begin, bytes([0x90 | channel, key, velocity])), (end, bytes([0x80 | channel, key, 64]))]


def program(number, channel=0, tick=0, bank=None):
    select = [(tick, bytes([0xB0 | channel, 0, bank]))] if bank is not None else []
    return select + [(tick, bytes([0xC0 | channel, number]))]


def title(text):
    return [(0, b'\xff\x03' + varlen(len(text)) + text)]


def one_second():
    """One note of program 0 from 0 to 1 s, last event at 1 s exactly."""
    return smf(note(0, 960, 69))


def tune(seconds=2, keys=(60, 64, 67)):
    """Notes on no grid, a chord at a time, with pitch bend, pan and pedal on the way."""
    events = title(b'Tune')
    for step in range(int(seconds * 4)):
        begin = 240 * step + 7 * step % 13
        for key in keys:
            events += note(begin, begin + 201, key + step % 5, 70 + 9 * (step % 6))
        events += [(begin + 3, bytes([0xB0, 10, 30 * (step % 5)])), (begin + 5, bytes([0xE0, 0, 60 + step % 9])),
                   (begin + 9, bytes([0xB0, 64, 127 * (step & 1)]))]
    return smf(events + [(int(seconds * 960) + 60, b'\xb0\x40\x00')])


def crowd(seconds, notes_per_second=200):
    """Many notes for a long time: work for a renderer."""
    events = []
    for i in range(int(seconds * notes_per_second)):
        begin = 960 * i // notes_per_second
        events += note(begin, begin + 900, 30 + i * 7 % 60, 80)
    return smf(events)


# ---- RIFF ----

def chunk(name, body):
    return name + struct.pack('<I', len(body)) + body + b'\0' * (len(body) & 1)


def group(kind, name, *chunks):
    return chunk(kind, name + b''.join(chunks))


def zstr(text):
    return text + b'\0' * (2 - len(text) % 2)


def sine(amplitude=AMPLITUDE, cycles=CYCLES):
    return [round(amplitude * math.sin(2 * math.pi * i / PERIOD)) for i in range(PERIOD * cycles)]


def wav(frames=1000):
    data = struct.pack('<%dh' % frames, *sine(cycles=frames // PERIOD))
    return group(b'RIFF', b'WAVE', chunk(b'fmt ', struct.pack('<HHIIHH', 1, 1, RATE, 2 * RATE, 2, 16)), chunk(b'data', data))


def rmid(song, bank=b''):
    return group(b'RIFF', b'RMID', chunk(b'data', song)) if not bank else \
        group(b'RIFF', b'RMID', chunk(b'data', song), bank)


# ---- SoundFont 2 ----

def _name(text):
    return text.encode()[:19].ljust(20, b'\0')


def _generators(pairs):
    return b''.join(struct.pack('<HH', oper, amount & 0xffff) for oper, amount in pairs)


def sf2(presets=((0, 0), (128, 0)), amplitude=AMPLITUDE, keys=(0, 127), name=b'Test bank', vorbis=None,
        generators=()):
    """PRESETS: (bank, program), all of one instrument whose only zone takes KEYS. VORBIS: an Ogg stream of at least 8 periods
    instead of the sample, which makes an SF3. GENERATORS: more of the zone, (number, amount)."""
    pcm = sine(amplitude)
    smpl = vorbis or struct.pack('<%dh' % (len(pcm) + 46), *pcm, *[0] * 46)
    end = len(vorbis) if vorbis else len(pcm)
    key_range = keys[0] | keys[1] << 8
    # Preset zones: instrument (41). Instrument zone: key range (43), loop (54), release -1 s octave (38), sample (53).
    pgen = _generators([(41, 0)] * len(presets)) + _generators([(0, 0)])
    zone = [(43, key_range), (38, -1200), (54, 1), *generators, (53, 0)]
    igen = _generators(zone) + _generators([(0, 0)])
    phdr = b''.join(_name('Preset %d:%d' % p) + struct.pack('<HHHIII', p[1], p[0], i, 0, 0, 0) for i, p in enumerate(presets))
    phdr += _name('EOP') + struct.pack('<HHHIII', 0, 0, len(presets), 0, 0, 0)
    pbag = b''.join(struct.pack('<HH', i, 0) for i in range(len(presets) + 1))
    inst = _name('Sine') + struct.pack('<H', 0) + _name('EOI') + struct.pack('<H', 1)
    ibag = struct.pack('<HHHH', 0, 0, len(zone), 0)
    shdr = _name('Sine') + struct.pack('<IIIIIBbHH', 0, end, PERIOD, PERIOD * (CYCLES - 1), RATE, 69, 0, 0, 0x11 if vorbis else 1)
    shdr += _name('EOS') + bytes(26)
    none = bytes(10)
    pdta = [(b'phdr', phdr), (b'pbag', pbag), (b'pmod', none), (b'pgen', pgen), (b'inst', inst), (b'ibag', ibag),
            (b'imod', none), (b'igen', igen), (b'shdr', shdr)]
    return group(b'RIFF', b'sfbk',
                 group(b'LIST', b'INFO', chunk(b'ifil', struct.pack('<HH', 3 if vorbis else 2, 1)), chunk(b'isng', zstr(b'EMU8000')),
                       chunk(b'INAM', zstr(name))),
                 group(b'LIST', b'sdta', chunk(b'smpl', smpl)),
                 group(b'LIST', b'pdta', *[chunk(*pair) for pair in pdta]))


# ---- DLS ----

def dls(patches=(0, 0x80000000), amplitude=AMPLITUDE, keys=(0, 127), codecs=(1,)):
    """PATCHES: program | bank bits as in insh, drum flag in bit 31. Each has one region, gain 0 dB. CODECS: wFormatTag of each
    wave; instrument n has wave n, or the last one."""
    wsmp = struct.pack('<IHhiIIIIII', 20, 69, 0, 0, 0, 1, 16, 0, PERIOD, PERIOD * (CYCLES - 2))
    instruments = []
    for number, patch in enumerate(patches):
        region = group(b'LIST', b'rgn ', chunk(b'rgnh', struct.pack('<HHHHHH', *keys, 0, 127, 0, 0)), chunk(b'wsmp', wsmp),
                       chunk(b'wlnk', struct.pack('<HHII', 0, 0, 1, min(number, len(codecs) - 1))))
        instruments.append(group(b'LIST', b'ins ',
                                 chunk(b'insh', struct.pack('<III', 1, patch & 0xffffff80, patch & 127)),
                                 group(b'LIST', b'lrgn', region),
                                 group(b'LIST', b'INFO', chunk(b'INAM', zstr(b'Sine')))))
    pcm = sine(amplitude)
    waves = [group(b'LIST', b'wave', chunk(b'fmt ', struct.pack('<HHIIHH', codec, 1, RATE, 2 * RATE, 2, 16)),
                   chunk(b'data', struct.pack('<%dh' % len(pcm), *pcm))) for codec in codecs]
    cues = struct.pack('<II', 8, len(waves)) + b''.join(struct.pack('<I', i * len(waves[0])) for i in range(len(waves)))
    return group(b'RIFF', b'DLS ', chunk(b'colh', struct.pack('<I', len(patches))), group(b'LIST', b'lins', *instruments),
                 chunk(b'ptbl', cues), group(b'LIST', b'wvpl', *waves),
                 group(b'LIST', b'INFO', chunk(b'INAM', zstr(b'Test collection'))))
