#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Counts the results of the last `meson test` of a build directory.

Usage: results.py BUILDDIR [NAMES]. Prints "OK FAILED"; appends a line "BUILDDIR: test (result)" for each failure to the file
NAMES, and below it what the test said of it. A log that is missing or empty is one failure.
"""
import json
import os
import sys

GOOD = ("OK", "EXPECTEDFAIL")
LINES = 12


def said(test):
    """The lines up to the first failure told in TAP, else the last ones."""
    lines = (test.get("stdout") or "").splitlines() + (test.get("stderr") or "").splitlines()
    end = next((at + 1 for at, line in enumerate(lines) if line.startswith("not ok")), len(lines))
    return lines[max(0, end - LINES):end]


def main():
    build = sys.argv[1]
    ok, bad = 0, []
    try:
        for line in open(os.path.join(build, "meson-logs", "testlog.json")):
            test = json.loads(line)
            if test["result"] in GOOD:
                ok += 1
            elif test["result"] != "SKIP":
                bad.append("\n    ".join(["%s (%s)" % (test["name"], test["result"])] + said(test)))
    except (OSError, ValueError, KeyError) as error:
        bad.append("no results: %s" % error)
    if not ok and not bad:
        bad.append("no test ran")
    if len(sys.argv) > 2:
        with open(sys.argv[2], "a") as names:
            names.writelines("%s: %s\n" % (os.path.basename(build.rstrip("/")), name) for name in bad)
    print(ok, len(bad))


main()
