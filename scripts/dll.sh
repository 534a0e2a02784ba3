#!/bin/sh
# SPDX-License-Identifier: MIT
# dmsynth.dll for Wine and Windows, for 64- and 32-bit programs, built with mingw-w64 into build-dll64 and build-dll32.
# Usage: dll.sh                     build both; says which compiler is missing
#        dll.sh install DIRECTORY   copy what is built to DIRECTORY/x86_64-windows and DIRECTORY/i386-windows
set -eu
cd "$(dirname "$0")/.."

build() { # BITS MACHINE
    if ! command -v "$2-w64-mingw32-gcc" >/dev/null 2>&1; then
        echo "dll: no $2-w64-mingw32-gcc, so no dmsynth.dll for $1-bit programs. Debian: apt-get install gcc-mingw-w64;" >&2
        echo "dll: Fedora: mingw$1-gcc; Arch: mingw-w64-gcc." >&2
        return 1
    fi
    dir=build-dll$1
    log=$(mktemp "${TMPDIR:-/tmp}/opendmus-dll.XXXXXX")
    if ! { { [ -f "$dir/build.ninja" ] || "${MESON:-meson}" setup "$dir" --cross-file "scripts/cross/mingw-$2.ini"; } &&
        ninja --quiet -C "$dir" dll/dmsynth.dll; } >"$log" 2>&1; then
        tail -n 30 "$log" >&2
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
    echo "$dir/dll/dmsynth.dll: for $1-bit programs, $(wc -c <"$dir/dll/dmsynth.dll") bytes"
}

put() { # BITS FOLDER DIRECTORY
    [ -f "build-dll$1/dll/dmsynth.dll" ] || return 0
    mkdir -p "$3/$2"
    install -m 644 "build-dll$1/dll/dmsynth.dll" "$3/$2/dmsynth.dll"
    echo "Installing dmsynth.dll to $3/$2"
}

case ${1:-build} in
build)
    failed=0
    build 64 x86_64 || failed=1
    build 32 i686 || failed=1
    exit $failed
    ;;
install)
    put 64 x86_64-windows "$2"
    put 32 i386-windows "$2"
    ;;
*)
    echo "usage: dll.sh [install DIRECTORY]" >&2
    exit 1
    ;;
esac
