#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the shared library exports, and that its headers stand alone in C and C++.

Usage: check_library.py LIBRARY INCLUDE_DIR. Prints TAP.
"""
import re
import shutil
import subprocess
import sys
import tempfile

library, include = sys.argv[1:3]
HEADERS = {"dmus.h": "struct dmus_error e = DMUS_INIT(dmus_error); return e.size == 0;",
           "ddi.h": "IUnknown *u = NULL; return &dmus_create_instance == NULL || u != NULL;"}
header = "".join(open(f"{include}/dmus/{name}", encoding="utf-8").read() for name in HEADERS)
declared = set(re.findall(r"\b(dmus_\w+)\(", re.sub(r"/\*.*?\*/", "", header, flags=re.S)))
names = [line.split() for line in subprocess.run(["nm", "-D", "--defined-only", library], check=True, capture_output=True,
                                                 text=True).stdout.splitlines()]
exported = {name[2].split("@")[0] for name in names if name[1] in "TDBRVW"}

results = [("exports nothing but what its headers declare", exported - declared),
           ("exports all that its headers declare", declared - exported)]
for compiler, suffix in (("cc", "c"), ("c++", "cc")):
    for name, use in HEADERS.items() if shutil.which(compiler) else ():
        with tempfile.TemporaryDirectory() as work:
            source = f"{work}/alone.{suffix}"
            with open(source, "w", encoding="utf-8") as out:
                out.write(f'#include "dmus/{name}"\n#include "dmus/{name}"\nint main(void) {{ {use} }}\n')
            done = subprocess.run([compiler, "-Wall", "-Wextra", "-Wno-missing-field-initializers", "-Wno-address", "-pedantic",
                                   "-Werror", f"-I{include}", f"-I{include}/ddi", "-c", source, "-o", f"{work}/alone.o"],
                                  capture_output=True, text=True)
            results.append((f"{name} alone with {compiler}", done.stderr.split("\n")[:5] if done.returncode else []))
for number, (what, wrong) in enumerate(results, 1):
    print(f"{'not ok' if wrong else 'ok'} {number} - {what}" + (f" # {sorted(wrong)}" if wrong else ""))
print(f"1..{len(results)}")
sys.exit(any(wrong for _, wrong in results))
