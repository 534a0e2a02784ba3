#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Renders every song of openttd-openmsx and the demo song with both Debian banks and with the DLS made of TimGM6mb.

Usage: check_songs.py DMUS SOUND_CHECK DEMO.mid

Each render must succeed, hold no NaN, begin without a click (the step out of silence below -40 dBFS, a hundredth), end in silence (last 10 ms below
-80 dBFS), and the DLS must sound like the SoundFont it came from (difference below -60 dB RMS). Prints TAP.
"""
import glob
import os
import subprocess
import sys
import tempfile

BANKS = {"TimGM6mb": "/usr/share/sounds/sf2/TimGM6mb.sf2", "FluidR3_GM": "/usr/share/sounds/sf2/FluidR3_GM.sf2"}
SONGS = "/usr/share/games/openttd/baseset/openmsx/*.mid"


def facts(tool, *files):
    text = subprocess.run([tool, *files], check=True, capture_output=True, text=True).stdout
    return {key: float(value) for key, value in (word.split("=") for word in text.split())}


def main():
    dmus, tool, demo = sys.argv[1:]
    songs = sorted(glob.glob(SONGS)) + [demo]
    if len(songs) == 1 or not all(map(os.path.exists, BANKS.values())):
        print("1..0 # SKIP openttd-openmsx, timgm6mb-soundfont and fluid-soundfont-gm are needed")
        return 0
    failed = count = 0

    def tell(good, text):
        nonlocal failed, count
        count += 1
        failed += not good
        print(f"{'ok' if good else 'not ok'} {count} - {text}", flush=True)

    with tempfile.TemporaryDirectory() as work:
        dls = os.path.join(work, "TimGM6mb.dls")
        done = subprocess.run([dmus, "convert", "-q", BANKS["TimGM6mb"], "-o", dls])
        tell(done.returncode == 0, "TimGM6mb becomes a DLS collection")
        folders = {}
        for bank, path in (*BANKS.items(), ("TimGM6mb as DLS", dls)):
            folders[bank] = os.path.join(work, "out-%d" % len(folders))
            os.mkdir(folders[bank])
            done = subprocess.run([dmus, "render", "-q", "-j", "0", "--no-loudness", "--format", "f32", "-b", path, "-o", folders[bank],
                                   *songs], stderr=subprocess.PIPE, text=True)
            errors = [line for line in done.stderr.splitlines() if "warning" not in line]
            tell(done.returncode == 0 and not errors, f"{len(songs)} songs with {bank} {'; '.join(errors)}")
        for song in songs:
            name = os.path.basename(song)
            files = {bank: os.path.join(folder, os.path.splitext(name)[0] + ".wav") for bank, folder in folders.items()}
            for bank, out in files.items():
                f = facts(tool, out)
                good = f["nan"] == 0 and f["first"] < -40 and f["last"] < -80 and f["peak"] > -40
                tell(good, f"{name} with {bank}: peak {f['peak']}, first {f['first']}, last {f['last']} dBFS")
            f = facts(tool, files["TimGM6mb"], files["TimGM6mb as DLS"])
            tell(f["diff"] < -60 and f["frames"] == f["frames_b"], f"{name}: SoundFont against its DLS {f['diff']} dB")
    print(f"1..{count}")
    return failed != 0


sys.exit(main())
