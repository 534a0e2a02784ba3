# SPDX-License-Identifier: MIT
"""What is played: songs, cut where they are long, small songs made for one purpose, and TiMidity's configuration of a bank."""
import os
import struct

BANKS = {'TimGM6mb': '/usr/share/sounds/sf2/TimGM6mb.sf2', 'FluidR3_GM': '/usr/share/sounds/sf2/FluidR3_GM.sf2'}
OPENMSX = '/usr/share/games/openttd/baseset/openmsx/'
DEMO = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'data', 'demo.mid')
SONGS = {'keep_on_rolling': OPENMSX + 'keep_on_rolling.mid', 'tttheme2': OPENMSX + 'tttheme2.mid',
         'run_for_your_life': OPENMSX + 'run_for_your_life.mid', 'demo': DEMO,
         'music009': '/usr/share/planetblupi/music/music009.mid'}
DIVISION = 480  # of songs made here, two quarters a second


def number(value):
    out = bytes([value & 127])
    while value > 127:
        value >>= 7
        out = bytes([128 | value & 127]) + out
    return out


def write_song(path, tracks, division=DIVISION):
    with open(path, 'wb') as f:
        f.write(b'MThd' + struct.pack('>IHHH', 6, len(tracks) > 1, len(tracks), division))
        for track in tracks:
            f.write(b'MTrk' + struct.pack('>I', len(track)) + track)


def write_notes(path, events, seconds):
    """EVENTS: (seconds, bytes), in order. A controller at the end keeps renderers from stopping before."""
    track, last = b'', 0
    for at, event in events + [(seconds, b'\xbf\x0b\x7f')]:
        tick = round(at * DIVISION * 2)
        track += number(tick - last) + event
        last = tick
    write_song(path, [track + b'\x00\xff\x2f\x00'])


class Track:
    """Reads one MTrk: (tick, bytes with the status they ran with) of every event."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def number(self):
        value = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value = value << 7 | byte & 127
            if byte < 128:
                return value

    def events(self):
        tick = status = 0
        while self.at < len(self.data):
            tick += self.number()
            if self.data[self.at] & 128:
                status = self.data[self.at]
                self.at += 1
            head = bytes([status])
            if status in (0xf0, 0xf7, 0xff):
                begin = self.at
                self.at += status == 0xff
                size = self.number()
                self.at += size
                yield tick, head + self.data[begin:self.at]
            else:
                size = 1 if 0xc0 <= status < 0xe0 else 2
                yield tick, head + self.data[self.at:self.at + size]
                self.at += size


def read_tracks(path):
    with open(path, 'rb') as f:
        data = f.read()
    division = struct.unpack('>H', data[12:14])[0]
    at, tracks = 14, []
    while at + 8 <= len(data):
        size = struct.unpack('>I', data[at + 4:at + 8])[0]
        if data[at:at + 4] == b'MTrk':
            tracks.append(list(Track(data[at + 8:at + 8 + size]).events()))
        at += 8 + size
    return division, tracks


def ticks_of(seconds, division, tracks):
    tempi = sorted((tick, int.from_bytes(event[3:6], 'big')) for track in tracks for tick, event in track
                   if event[:3] == b'\xff\x51\x03')
    at, tempo = 0, 500000
    for tick, new in tempi + [(1 << 60, 0)]:
        span = (tick - at) * tempo / division / 1e6
        if span >= seconds:
            return at + int(seconds * 1e6 * division / tempo)
        seconds -= span
        at, tempo = tick, new
    return 1 << 60


def cut(source, target, seconds):
    """The first SECONDS of a song; notes that still sound are let go."""
    division, tracks = read_tracks(source)
    end = ticks_of(seconds, division, tracks)
    out = []
    for track in tracks:
        data, last, held = b'', 0, set()
        for tick, event in track:
            if tick > end or event[:2] == b'\xff\x2f':
                break
            kind = event[0] & 0xf0
            if kind == 0x90 and event[2]:
                held.add((event[0] & 15, event[1]))
            elif kind in (0x80, 0x90):
                held.discard((event[0] & 15, event[1]))
            data += number(tick - last) + event
            last = tick
        for channel, key in sorted(held):
            data += number(max(0, min(end, 1 << 27) - last)) + bytes([0x80 | channel, key, 0])
            last = max(last, min(end, 1 << 27))
        out.append(data + b'\x00\xff\x2f\x00')
    write_song(target, out, division)


def presets(path):
    """(bank, program) of every preset of a SoundFont."""
    with open(path, 'rb') as f:
        f.seek(12)
        while True:
            head = f.read(8)
            if len(head) < 8:
                return []
            name, size = head[:4], struct.unpack('<I', head[4:])[0]
            if name == b'LIST':
                if f.read(4) != b'pdta':
                    f.seek(size - 4 + (size & 1), 1)
                continue
            data = f.read(size + (size & 1))
            if name == b'phdr':
                return sorted(struct.unpack_from('<HH', data, at + 20)[::-1] for at in range(0, size - 38, 38))


def write_timidity(bank, path):
    """TiMidity reads the system's configuration first, and a line `soundfont` does not override the programs that are mapped
    there (Debian maps all to FluidR3): so every one is mapped again."""
    with open(path, 'w', encoding='ascii') as f:
        for number_, program in presets(bank):
            if number_ < 128:
                f.write('bank %d\n%d %%font "%s" %d %d\n' % (number_, program, bank, number_, program))
            elif number_ == 128:
                f.write('drumset %d\n' % program)
                f.writelines('%d %%font "%s" 128 %d %d\n' % (key, bank, program, key) for key in range(128))
