#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs the Debian packages that a target needs, after saying which. Usage: setup.sh build|demo|conformance|bench|dll|wine|all
set -eu
build='gcc meson ninja-build pkg-config python3 libc6-dev libsndfile1-dev libvorbis-dev libebur128-dev'
demo='timgm6mb-soundfont'
# What is measured beside ours, and what all of them play.
bench='fluidsynth timidity timgm6mb-soundfont fluid-soundfont-gm openttd-openmsx planetblupi-music-midi'
dll='gcc-mingw-w64-x86-64-win32 gcc-mingw-w64-i686-win32'
# libc6-i386 for the private 32-bit Wine of scripts/wine32.sh.
wine='wine wine64 pulseaudio pulseaudio-utils libc6-i386'
# 32 bit without gcc-multilib, which conflicts with Debian's cross compilers.
more='libkissfft-dev libncurses-dev clang libclang-rt-14-dev g++ libc6-dev-i386 lib32gcc-12-dev lib32stdc++-12-dev mandoc valgrind
      libpipewire-0.3-dev libjack-jackd2-dev libasound2-dev libdbus-1-dev pipewire pipewire-bin wireplumber jackd2
      libasound2-plugins pulseaudio pulseaudio-utils dbus-daemon python3-dbus python3-gi strace
      gcc-aarch64-linux-gnu libc6-dev-arm64-cross gcc-s390x-linux-gnu libc6-dev-s390x-cross qemu-user'
case ${1:-build} in
build) want=$build ;;
demo) want="$build $demo" ;;
conformance) want="$build libkissfft-dev" ;;
bench) want="$build $bench" ;;
dll) want="$build $dll" ;;
wine) want="$build $dll $wine" ;;
all) want="$build $demo $bench $dll $wine $more" ;;
*) echo "usage: setup.sh build|demo|conformance|bench|dll|wine|all" >&2; exit 1 ;;
esac

# What the build cannot do without, by whatever way it came here; prints what is missing.
lacking() {
    for tool in cc meson ninja pkg-config python3; do
        command -v "$tool" >/dev/null 2>&1 || printf ' %s' "$tool"
    done
    pkg-config --exists sndfile 2>/dev/null || printf ' sndfile(pkg-config)'
}

if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
    missing=$(lacking)
    [ -z "$missing" ] && exit 0
    echo "setup: this is not a Debian system, so nothing is installed. Missing:$missing" >&2
    echo "setup: install a C compiler, Meson >= 1.0, ninja, pkg-config, Python 3 and the development files of" >&2
    echo "setup: libsndfile, libvorbis and libebur128 with your system's package manager, then run make again." >&2
    exit 1
fi

missing=
for package in $want; do
    # An installed package may be newer under another name (gcc on a machine with its own cc).
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
as_root=
if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null 2>&1; then
        as_root=sudo
    elif [ "${1:-build}" != all ] && [ -z "$(lacking)" ]; then
        exit 0 # the tools are here without their packages
    else
        echo "setup: not root and no sudo here. As root, run: apt-get install$missing" >&2
        exit 1
    fi
fi
echo "setup: installing Debian packages:$missing"
$as_root apt-get update -qq || { echo "setup: apt-get update failed (network?)" >&2; exit 1; }
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
    { echo "setup: apt-get could not install:$missing" >&2; exit 1; }
