#!/bin/sh
# SPDX-License-Identifier: MIT
# Every measurement of the engine's speed, side by side with the peers that this machine has. Usage: bench.sh [BUILD] [--check]
# --check: only instruction counts against the bounds of bench/check.py. A quiet machine gives quiet figures.
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}
ninja -C "$build" bench/stress bench/note_on >/dev/null
if [ "${2:-}" = --check ]; then
    exec python3 bench/check.py "$build/bench/stress"
fi
pin=
command -v taskset >/dev/null 2>&1 && pin='taskset -c 1'
for table in modes 'modes --simd avx2' 'modes --simd c' scale groups modulated effects worst; do
    echo "== stress $table"
    # shellcheck disable=SC2086
    $pin "$build/bench/stress" $table
done
echo '== stress threads'
"$build/bench/stress" threads
echo '== note_on'
$pin "$build/bench/note_on"
