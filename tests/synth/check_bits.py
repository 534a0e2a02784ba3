#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Same input, same bits: the score of test_mixer hashed by builds that differ in compiler and optimisation level.

usage: check_bits.py PROGRAM...                compare programs that were built before
       check_bits.py --build ROOT OUT CC...    build each CC ("clang -O3", "gcc -m32 -msse2 -mfpmath=sse" ...) and compare
"""
import glob
import os
import subprocess
import sys


def build(root, out, number, compiler):
    program = os.path.join(out, f"bits{number}")
    sources = sorted(glob.glob(os.path.join(root, "src/synth/*.c")))
    command = compiler.split() + ["-std=c11", "-ffp-contract=off", "-fno-math-errno", "-I", os.path.join(root, "src"),
                                  "-I", os.path.join(root, "include"), os.path.join(root, "tests/synth/test_mixer.c")]
    subprocess.run(command + sources + ["-o", program, "-lm"], check=True)
    return program


def main(args):
    programs = args
    if args and args[0] == "--build":
        root, out = args[1:3]
        programs = [build(root, out, n, cc) for n, cc in enumerate(args[3:])]
    names = args[3:] if args and args[0] == "--build" else args
    if len(programs) < 2:
        sys.exit(__doc__)
    wrapper = os.environ.get("MESON_EXE_WRAPPER", "").split()  # of programs for another machine
    hashes = [subprocess.run(wrapper + [p, "--hash"], check=True, capture_output=True, text=True).stdout for p in programs]
    print(f"1..{len(programs) - 1}")
    for n in range(1, len(programs)):
        same = hashes[n] == hashes[0] and hashes[0].count("hash") == 5
        print(f"{'ok' if same else 'not ok'} {n} - {names[n]} gives the bits of {names[0]}")
        if not same:
            print("# " + hashes[0].replace("\n", "\n# ") + "\n# " + hashes[n].replace("\n", "\n# "))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
