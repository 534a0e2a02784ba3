#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compare the SoundFont reader with a naive one on sound files, record for record and sample for sample.

Usage: check_sf2.py SF2_DUMP FILE...
Exit: 0 all equal, 1 a difference, 77 (skipped) if there is no file.
"""
import array, struct, subprocess, sys
from pathlib import Path


def chunks(data, at, end):
    while at + 8 <= end:
        size = struct.unpack("<I", data[at + 4:at + 8])[0]
        yield data[at:at + 4], at + 8, at + 8 + size
        at += 8 + size + (size & 1)


def records(data, span, form):
    size = struct.calcsize(form)
    return [struct.unpack(form, data[at:at + size]) for at in range(*span, size)]


def text(field):
    field = field.split(b"\0")[0]
    try:
        name = field.decode("utf-8")
    except UnicodeDecodeError:
        name = field.decode("latin-1")
    return "".join(c if c.isprintable() else " " for c in name).rstrip()


def zones(bags, gens, mods, first, last, terminal):
    for number, bag in enumerate(range(first, last)):
        (gen, mod), (gen_end, mod_end) = bags[bag], bags[bag + 1]
        key, velocity, target = 0x7F00, 0x7F00, None
        body = []
        for place, (oper, amount) in enumerate(gens[gen:gen_end]):
            body.append("    gen %d %d" % (oper, amount))
            if oper == 43 and place == 0:
                key = amount
            if oper == 44 and (place == 0 or place == 1 and gens[gen][0] == 43):
                velocity = amount
            if oper == terminal:
                target = amount
                break
        if target is None and number > 0:
            continue
        yield "  zone %d %d key %d-%d velocity %d-%d" % (
            target is None, target or 0, key & 255, key >> 8, velocity & 255, velocity >> 8)
        yield from body
        yield from ("    mod %d %d %d %d %d" % m for m in mods[mod:mod_end])


def naive_dump(data):
    spans = {}
    for _, at, end in chunks(data, 12, len(data)):
        spans.update((name, (a, e)) for name, a, e in chunks(data, at + 4, end))
    forms = {b"phdr": "<20s3H12x", b"inst": "<20sH", b"shdr": "<20s5IBb2H"}
    for level in "pi":
        forms[(level + "bag").encode()] = "<2H"
        forms[(level + "gen").encode()] = "<2H"
        forms[(level + "mod").encode()] = "<2Hh2H"
    t = {name: records(data, spans[name], form) for name, form in forms.items()}
    for here, after in zip(t[b"phdr"], t[b"phdr"][1:]):
        yield "preset %s %d %d" % (text(here[0]), here[2], here[1])
        yield from zones(t[b"pbag"], t[b"pgen"], t[b"pmod"], here[3], after[3], 41)
    for here, after in zip(t[b"inst"], t[b"inst"][1:]):
        yield "instrument %s" % text(here[0])
        yield from zones(t[b"ibag"], t[b"igen"], t[b"imod"], here[1], after[1], 53)
    pool = array.array("h")
    pool.frombytes(data[spans[b"smpl"][0]:spans[b"smpl"][1]])
    if sys.byteorder == "big":
        pool.byteswap()
    for name, start, end, loop, loop_end, rate, key, cents, link, kind in t[b"shdr"][:-1]:
        loops = (0, 0) if loop == loop_end else (loop - start, loop_end - start)
        yield "sample %s %d %d loop %d %d rate %d key %d %d link %d type %d sum %d" % (
            text(name), start, end, *loops, rate, 60 if key == 255 else key, cents, link, kind, sum(pool[start:end]))


def main():
    files = [Path(name) for name in sys.argv[2:] if Path(name).exists()]
    bad = 0
    for file in files:
        ours = subprocess.run([sys.argv[1], file], capture_output=True, text=True).stdout.splitlines()
        naive = list(naive_dump(file.read_bytes()))
        differ = [(a, b) for a, b in zip(ours, naive) if a != b]
        if ours != naive:
            bad += 1
            print("%s: %d and %d lines, %d differ" % (file, len(ours), len(naive), len(differ)))
            for a, b in differ[:10]:
                print("  reader %s\n  naive  %s" % (a, b))
    print("%d files, %d differ" % (len(files), bad))
    return 1 if bad else 0 if files else 77


sys.exit(main())
