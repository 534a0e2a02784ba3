#!/bin/sh
# SPDX-License-Identifier: MIT
# Fuzzes every target with libFuzzer, FUZZ_SECONDS each (30). New findings stay in build-fuzz/findings/NAME.
set -eu
cd "$(dirname "$0")/.."
seconds=${FUZZ_SECONDS:-30}
[ -f build-fuzz/build.ninja ] ||
    CC=clang meson setup build-fuzz -Dfuzzing=true -Db_sanitize=address,undefined -Db_lundef=false --buildtype=debugoptimized >/dev/null
ninja -C build-fuzz >/dev/null
status=0
for source in fuzz/fuzz_*.c; do
    name=$(basename "$source" .c)
    name=${name#fuzz_}
    [ -x "build-fuzz/fuzz/fuzz_$name" ] || continue
    mkdir -p "build-fuzz/findings/$name" "build-fuzz/corpus/$name"
    dict=
    [ -f "fuzz/$name.dict" ] && dict="-dict=fuzz/$name.dict"
    if "build-fuzz/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        $dict -artifact_prefix="build-fuzz/findings/$name/" "build-fuzz/corpus/$name" "fuzz/corpus/$name" \
        >"build-fuzz/findings/$name.log" 2>&1; then
        printf '%-16s %s runs\n' "$name" "$(sed -n 's/^stat::number_of_executed_units: *//p' "build-fuzz/findings/$name.log")"
    else
        status=1
        printf '%-16s FAILED, see build-fuzz/findings/%s.log\n' "$name" "$name"
    fi
done
exit $status
