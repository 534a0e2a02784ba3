#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compare the MIDI file reader with a naive one on sound files, event for event.

Usage: check_smf.py SMF_DUMP FILE_OR_DIRECTORY...
The naive reader knows formats 0 and 1, metrical and SMPTE divisions, no damage and no split exclusives.
Exit: 0 all equal, 1 a difference, 77 (skipped) if there is no file.
"""
import struct, subprocess, sys
from fractions import Fraction
from pathlib import Path


def number(data, at):
    value = 0
    while True:
        value = value << 7 | data[at] & 127
        at += 1
        if data[at - 1] < 128:
            return value, at


def track_events(data, track):
    """(tick, track, order, port, kind, meta type, payload)"""
    at = tick = port = 0
    status = None
    events = []
    while at < len(data):
        delta, at = number(data, at)
        tick += delta
        meta = ""
        if data[at] in (0xF0, 0xF7, 0xFF):
            lead = data[at]
            at += 1
            if lead == 0xFF:
                meta = "%02x " % data[at]
                at += 1
            size, at = number(data, at)
            payload = data[at:at + size]
            at += size
            kind = {0xF0: "sysex", 0xF7: "escape", 0xFF: "meta"}[lead]
            if lead == 0xF0:
                payload = b"\xf0" + payload
            if meta == "21 ":
                port = payload[0]
        else:
            if data[at] >= 0x80:
                status = data[at]
                at += 1
            size = 1 if status >> 4 in (0xC, 0xD) else 2
            payload = bytes([status]) + data[at:at + size]
            at += size
            kind = "channel"
        events.append((tick, track, len(events), port, kind, meta, payload))
    return events


def naive_dump(data):
    kind, ntracks, division = struct.unpack(">HHH", data[8:14])
    assert kind < 2
    events = []
    at = 14
    for track in range(ntracks):
        assert data[at:at + 4] == b"MTrk"
        size = struct.unpack(">I", data[at + 4:at + 8])[0]
        events += track_events(data[at + 8:at + 8 + size], track)
        at += 8 + size
    events.sort(key=lambda e: e[:3])
    if division & 0x8000:
        frames = 256 - (division >> 8)
        per_second = (Fraction(30000, 1001) if frames == 29 else frames) * (division & 255)
        tick_100ns = Fraction(10**7) / per_second
    else:
        tick_100ns = Fraction(5000000, division)
    time, before, lines, last, notes = Fraction(0), 0, [], 0, 0
    for tick, track, _, port, kind, meta, payload in events:
        time += (tick - before) * tick_100ns
        before = tick
        lines.append("%d %d %d %d %s %s%s" % (time // 1, tick, track, port, kind, meta, payload.hex()))
        if meta == "51 " and not division & 0x8000:
            tick_100ns = Fraction(10 * int.from_bytes(payload, "big"), division)
        if kind != "meta":
            last = time // 1
        notes += kind == "channel" and payload[0] >> 4 == 9 and payload[2] > 0
    lines.append("duration %d last %d notes %d" % (time // 1, last, notes))
    return lines


def main():
    files = []
    for name in map(Path, sys.argv[2:]):
        files += sorted(name.glob("*.mid")) if name.is_dir() else [name]
    files = [f for f in files if f.exists()]
    bad = 0
    for file in files:
        ours = subprocess.run([sys.argv[1], file], capture_output=True, text=True).stdout.splitlines()
        naive = naive_dump(file.read_bytes())
        if ours != naive:
            bad += 1
            where = next((i for i, (a, b) in enumerate(zip(ours, naive)) if a != b), min(len(ours), len(naive)))
            print("%s: line %d\n  reader %s\n  naive  %s" % (file, where + 1, ours[where:where + 1], naive[where:where + 1]))
    print("%d files, %d differ" % (len(files), bad))
    return 1 if bad else 0 if files else 77


sys.exit(main())
