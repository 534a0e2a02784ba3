#!/bin/sh
# SPDX-License-Identifier: MIT
# Everything that `make test` leaves out: the suite 'all' (peers, big banks), and the ordinary tests again under other
# compilers, sanitizers, word sizes and byte orders. Goes on after a failure; prints one line per configuration and
# ends with "N passed, N failed". Exit status 1 if anything failed. Usage: test-all.sh [--sweep] [CONFIGURATION...]
# --sweep removes each build directory of its own, and the private 32-bit Wine that it fetched, when their tests are over:
# for machines with a small disk, where all of them together do not fit.
set -u
cd "$(dirname "$0")/.."
sweep=
[ "${1:-}" = --sweep ] && sweep=yes && shift
passed=0
failed=0
only=" $* "
names=$(mktemp)
songs=$(mktemp -d)
trap 'rm -rf "$names" "$songs"' EXIT

swept() { # NAME...: the directories are not needed any longer
    [ -z "$sweep" ] || rm -rf "$@"
}

count() { # NAME BUILDDIR: add the results of the last meson test run there
    set -- "$1" "$(python3 scripts/results.py "$2" "$names")"
    ok=${2% *}
    bad=${2#* }
    passed=$((passed + ok))
    failed=$((failed + bad))
    printf '%-12s %s passed, %s failed\n' "$1:" "$ok" "$bad"
}

run() { # NAME 'SETUP ARGUMENTS' 'TEST ARGUMENTS'   (environment passes through)
    name=$1
    [ "$only" = "  " ] || case $only in *" $name "*) ;; *) return ;; esac
    dir=build-$name
    [ "$name" != full ] || dir=build
    rm -rf "$dir/meson-logs/testlog.json"
    # shellcheck disable=SC2086
    if { [ -f "$dir/build.ninja" ] || meson setup "$dir" $2 >"/tmp/opendmus-$name.log" 2>&1; } &&
        ninja -C "$dir" >"/tmp/opendmus-$name.log" 2>&1; then
        # shellcheck disable=SC2086
        meson test -C "$dir" --no-rebuild --print-errorlogs $3 || true
        count "$name" "$dir"
        case $name in full | clang | asan | O0)
            "$dir/cli/dmus" render -q -y data/demo.mid -b /usr/share/sounds/sf2/TimGM6mb.sf2 --to 30 -o "$songs/$name.wav" ;;
        esac
    else
        tail -n 30 "/tmp/opendmus-$name.log"
        failed=$((failed + 1))
        echo "$dir: does not build" | tee -a "$names"
    fi
    case $name in full | dll*) ;; *) swept "$dir" ;; esac
}

# The DLL, under Wine: first, because the test of `dmus wine-install` with a real prefix takes it from there. The 32-bit half
# needs a 32-bit Wine; what cannot run is skipped and says so.
run dll64 '--cross-file scripts/cross/mingw-x86_64.ini -Dwerror=true' '--timeout-multiplier 2'
wine32=${XDG_CACHE_HOME:-$HOME/.cache}/opendmus/wine32
[ ! -e "$wine32" ] || wine32= # was here before
case $only in "  " | *" dll32 "*) sh scripts/wine32.sh || echo 'dll32:       no 32-bit Wine; its tests are skipped' ;; esac
run dll32 '--cross-file scripts/cross/mingw-i686.ini -Dwerror=true' '--timeout-multiplier 2'
# What the default build leaves out of `make test`.
run full '' '--suite all --timeout-multiplier 4'
swept build-dll64 build-dll32 "$wine32"
CC=clang run clang '-Dwerror=true' '--no-suite all'
# Line numbers are all the debug information that a sanitizer's report needs; the whole of it takes a gigabyte.
run asan '-Db_sanitize=address,undefined -Db_lundef=false --buildtype=debugoptimized -Dc_args=-g1' '--no-suite all --timeout-multiplier 4'
run tsan '-Db_sanitize=thread -Db_lundef=false --buildtype=debugoptimized -Dc_args=-g1' '--suite threads --timeout-multiplier 6'
run O0 '--buildtype=debug -Doptimization=0 -Dc_args=-g1' '--no-suite all --timeout-multiplier 4'
# Rooms without foreign libraries, 32 bit (with drivers that are loaded and played) and big-endian.
run m32 '--cross-file scripts/cross/i386.ini -Drooms=kernel' '--no-suite all'
# NEON, by an emulator.
run aarch64 '--cross-file scripts/cross/aarch64.ini -Drooms=core' '--suite synth --suite base --no-suite all --timeout-multiplier 20'
run s390x '--cross-file scripts/cross/s390x.ini -Drooms=core' '--suite base --suite formats --no-suite all --timeout-multiplier 10'

# Same input, same bits, whatever the compiler and the optimisation.
if [ "$only" = "  " ]; then
    if cmp "$songs/full.wav" "$songs/clang.wav" && cmp "$songs/full.wav" "$songs/O0.wav" && cmp "$songs/full.wav" "$songs/asan.wav"; then
        passed=$((passed + 1))
        echo 'same bits:   1 passed, 0 failed'
    else
        failed=$((failed + 1))
        echo 'same bits:   0 passed, 1 failed'
        echo 'same bits: builds of different compilers differ' >>"$names"
    fi
fi

[ -s "$names" ] && echo 'failed:' && sed 's/^/  /' "$names"
printf '%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
