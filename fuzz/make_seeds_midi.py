#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write the seeds of the targets smf, sf2 and sf3 into fuzz/corpus.

Usage: make_seeds_midi.py CORPUS_DIRECTORY [TEST_FORMATS_SF3]
The second argument is the test program that has the Ogg Vorbis encoder; without it the SF3 seeds stay as they are.
"""
import struct, subprocess, sys
from pathlib import Path


def delta(v):
    out = [v & 127]
    while v := v >> 7:
        out.insert(0, v & 127 | 128)
    return bytes(out)


def track(*events):
    body = b"".join(delta(t) + e for t, e in events)
    return b"MTrk" + struct.pack(">I", len(body)) + body


def header(kind, tracks, division):
    return b"MThd" + struct.pack(">IHHH", 6, kind, tracks, division)


END = (0, b"\xff\x2f\0")
NOTE, RUN, OFF = b"\x90\x3c\x64", b"\x40\x64", b"\x80\x3c\x40"


def songs():
    conductor = track((0, b"\xff\x03\x04Song"), (0, b"\xff\x02\x02me"), (0, b"\xff\x51\x03\x07\xa1\x20"),
                      (96, b"\xff\x51\x03\x03\x0d\x40"), END)
    piano = track((0, b"\xff\x21\x01\x01"), (0, b"\xc0\x05"), (0, NOTE), (10, RUN), (5, b"\xff\x06\x01a"), (0, RUN),
                  (300, OFF), END)
    yield "format0.mid", header(0, 1, 480) + track((0, NOTE), (480, OFF), END)
    yield "format1.mid", header(1, 3, 96) + conductor + piano + piano
    yield "format2.mid", header(2, 2, 7) + conductor + piano
    yield "smpte25.mid", header(0, 1, 0xE728) + track((0, NOTE), (1000, OFF), END)
    yield "smpte29.mid", header(0, 1, 0xE304) + track((0, NOTE), (1000, OFF), END)
    yield "late_end.mid", header(0, 1, 1) + track((0, NOTE), (1, OFF), (0xFFFFFF0, b"\xff\x01\x01x"), (0xFFFFFFF, END[1]))
    yield "sysex.mid", header(0, 1, 96) + track((0, b"\xf0\x05\x7e\x7f\x09\x01\xf7"), (0, b"\xf0\x02\x43\x12"),
                                                (9, b"\xff\x01\x01x"), (9, b"\xf7\x02\x43\xf7"), (0, b"\xf7\x01\xf8"),
                                                (0, NOTE), (0, b"\xf0\x01\x41"), END)
    yield "damaged.mid", b"\0" * 128 + header(1, 9, 0) + b"XFIH\0\0\0\2ab" + b"MTrk\0\0\0\1" + piano[8:] + \
        track((0, b"\xf8"), (0, b"\xff\x51\x02\0\0"), (0, NOTE)) + b"MTrk\xff\xff\xff\xff" + piano[8:-2]


def chunk(name, body):
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) & 1)


def bank(version=(2, 4), frames=64, low=b"", extra=b""):
    s = struct.pack
    pool = s("<%dh" % frames, *range(frames))
    gens = [(43, 0x7F00), (44, 0x7F01), (8, 9000), (51, 12)]
    pgen = b"".join(s("<2H", *g) for g in [(8, 5), gens[0], (41, 0), (41, 1), (0, 0)])
    igen = b"".join(s("<2H", *g) for g in gens + [(53, 0), (48, 100), (43, 0x4000), (53, 1), (0, 0)])
    tables = {
        b"phdr": s("<20s3H12x", b"Piano", 0, 0, 0) + s("<20s3H12x", b"Drums", 0, 128, 2) + s("<20s3H12x", b"EOP", 0, 0, 3),
        b"pbag": s("<8H", 0, 0, 1, 1, 3, 1, 4, 1),
        b"pmod": s("<2Hh2H", 0x0502, 48, 960, 0, 0) + bytes(10),
        b"pgen": pgen,
        b"inst": s("<20sH", b"One", 0) + s("<20sH", b"Two", 1) + s("<20sH", b"EOI", 3),
        b"ibag": s("<8H", 0, 0, 5, 0, 6, 0, 8, 0),
        b"imod": bytes(10),
        b"igen": igen,
        b"shdr": s("<20s5IBb2H", b"Left", 0, frames // 2, 2, 20, 22050, 60, -3, 1, 4) +
                 s("<20s5IBb2H", b"Right", frames // 2, frames, frames // 2, frames, 44100, 255, 0, 0, 2) + bytes(46),
    }
    info = chunk(b"ifil", s("<2H", *version)) + chunk(b"isng", b"EMU8000\0") + chunk(b"INAM", b"Seed\0")
    sdta = chunk(b"smpl", pool) + (chunk(b"sm24", low) if low else b"")
    pdta = b"".join(chunk(name, body) for name, body in tables.items())
    return chunk(b"RIFF", b"sfbk" + chunk(b"LIST", b"INFO" + info) + chunk(b"LIST", b"sdta" + sdta) +
                 chunk(b"LIST", b"pdta" + pdta)) + extra


def main():
    corpus = Path(sys.argv[1])
    for target in ("smf", "sf2", "sf3"):
        (corpus / target).mkdir(parents=True, exist_ok=True)
    for name, data in songs():
        (corpus / "smf" / name).write_bytes(data)
    (corpus / "sf2" / "small.sf2").write_bytes(bank())
    (corpus / "sf2" / "bits24.sf2").write_bytes(bank(low=bytes(range(64))))
    (corpus / "sf2" / "old.sf2").write_bytes(bank(version=(2, 1), extra=b"junk"))
    if len(sys.argv) > 2:
        sf3 = corpus / "sf2" / "vorbis.sf3"
        subprocess.run([sys.argv[2], sf3], check=True)
        data = sf3.read_bytes()
        begin = data.index(b"OggS")
        (corpus / "sf3" / "short.ogg").write_bytes(data[begin:data.index(b"\xef\xbe\xad\xde", begin)])


main()
