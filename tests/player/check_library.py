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
HEADERS = {"dmus/dmus.h": "struct dmus_error e = DMUS_INIT(dmus_error); return e.size != sizeof e || e.text[0] != 0;",
           "dmus/live.h": "struct dmus_port p = DMUS_INIT(dmus_port); return p.size != sizeof p;",
           "dmus/ddi.h": "IUnknown *u = NULL; return dmus_create_system_clock(NULL) == S_OK || u != NULL;",
           "dmusicks.h": "return IID_IMXF.Data1 == 0;", "ksmedia.h": "return 0;", "portcls.h": "return 0;"}
header = "".join(open(f"{include}/dmus/{name}", encoding="utf-8").read() for name in ("dmus.h", "ddi.h"))
declared = set(re.findall(r"DMUS_API[^;]*?\b(dmus_\w+)\(", re.sub(r"/\*.*?\*/", "", header, flags=re.S)))
names = [line.split() for line in subprocess.run(["nm", "-D", "--defined-only", library], check=True, capture_output=True,
                                                 text=True).stdout.splitlines()]
exported = {name[2].split("@")[0] for name in names if name[1] in "TDBRVW"}

results = [("exports nothing but what its headers declare", exported - declared),
           ("exports all that its headers declare", declared - exported)]
COMPILERS = (("cc", "c", "c99"), ("cc", "c", "c11"), ("clang", "c", "c99"),
             ("c++", "cc", "c++11"), ("c++", "cc", "c++20"), ("clang++", "cc", "c++17"))
for compiler, suffix, standard in COMPILERS:
    for name, use in HEADERS.items() if shutil.which(compiler) else ():
        with tempfile.TemporaryDirectory() as work:
            source = f"{work}/alone.{suffix}"
            with open(source, "w", encoding="utf-8") as out:
                out.write(f'#include <{name}>\n#include <{name}>\nint main(void) {{ {use} }}\n')
            done = subprocess.run([compiler, f"-std={standard}", "-Wall", "-Wextra", "-pedantic", "-Werror", f"-I{include}",
                                   f"-I{include}/ddi", "-c", source, "-o", f"{work}/alone.o"], capture_output=True, text=True)
            results.append((f"{name} alone with {compiler} -std={standard}",
                            done.stderr.split("\n")[:5] if done.returncode else []))
for number, (what, wrong) in enumerate(results, 1):
    print(f"{'not ok' if wrong else 'ok'} {number} - {what}" + (f" # {sorted(wrong)}" if wrong else ""))
print(f"1..{len(results)}")
sys.exit(any(wrong for _, wrong in results))
