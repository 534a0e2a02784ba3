#!/bin/sh
# SPDX-License-Identifier: MIT
# Every measurement of speed, beside the peers that this machine has: bench/run.py, results also into BUILD/bench.json.
# Usage: bench.sh [BUILD] [--check | PART... --quick ...]
# --check: only instruction counts against the bounds of bench/check.py. A quiet machine gives quiet figures.
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}
[ $# = 0 ] || shift
if [ "${1:-}" = --check ]; then
    ninja -C "$build" bench/stress >/dev/null
    exec python3 bench/check.py "$build/bench/stress"
fi
ninja -C "$build" cli/dmus bench/stress bench/note_on bench/songs bench/cost bench/first_ours bench/first_fluidsynth >/dev/null
exec python3 bench/run.py "$build" "$@" --json "$build/bench.json"
