#!/bin/sh
# SPDX-License-Identifier: MIT
# A private Wine for 32-bit Windows programs, for the tests: Debian's own packages, unpacked into a directory, so that the
# system needs no foreign architecture. Nothing is installed; no root. 110 MB to fetch, 500 MB on disk, half a minute.
# Usage: wine32.sh [DIRECTORY]      afterwards DIRECTORY/wine runs 32-bit programs (default: ~/.cache/opendmus/wine32)
set -eu
dir=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/opendmus/wine32}
if [ -x /usr/lib/wine/wine ]; then
    echo "wine32: the system has one" >&2
    exit 0
fi
[ -x "$dir/wine" ] && exit 0
if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null || [ "$(dpkg --print-architecture)" != amd64 ]; then
    echo "wine32: only for Debian on amd64" >&2
    exit 1
fi
if [ ! -e /lib/ld-linux.so.2 ]; then
    echo "wine32: needs the package libc6-i386" >&2
    exit 1
fi

work=$dir.part
rm -rf "$work"
mkdir -p "$work/apt/state/lists/partial" "$work/apt/cache/archives/partial" "$work/root"
: >"$work/apt/status"

# An apt of its own, which believes that this is an i386 system with nothing installed. Same archive, same keys; the release
# alone, because its security updates differ from one architecture's index to the next.
. /etc/os-release
apt-get indextargets --format '$(REPO_URI)|$(CODENAME)|$(SIGNED_BY)' 'Identifier: Packages' 'Component: main' |
    awk -F'|' -v code="${VERSION_CODENAME:-none}" '$2 == code && !seen[$1]++ {
        print "deb " ($3 ~ "^/" ? "[signed-by=" $3 "] " : "") $1 " " code " main" }' >"$work/apt/sources.list"
if [ ! -s "$work/apt/sources.list" ]; then
    echo "wine32: apt knows no archive of ${VERSION_CODENAME:-this release}" >&2
    exit 1
fi
cat >"$work/apt/apt.conf" <<END
APT::Architecture "i386";
APT::Architectures "i386";
APT::Install-Recommends "false";
APT::Sandbox::User "";
Dir::State "$work/apt/state";
Dir::State::status "$work/apt/status";
Dir::Cache "$work/apt/cache";
Dir::Etc::sourcelist "$work/apt/sources.list";
Dir::Etc::sourceparts "-";
END
APT_CONFIG=$work/apt/apt.conf
export APT_CONFIG
apt-get update -qq
# What Wine's parts for windows, fonts and sound load; the rest of its libraries is for cameras, films and networks.
apt-get install -y -qq --download-only libasound2 libfontconfig1 libfreetype6 libpulse0 libudev1 \
    libunwind8 libusb-1.0-0 libxext6 >/dev/null
(cd "$work/apt/cache/archives" && apt-get download -qq libwine wine32 libz-mingw-w64)
for package in "$work"/apt/cache/archives/*.deb; do
    case $package in
    */libc6_*) ;; # the system's libc6-i386
    *) dpkg-deb -x "$package" "$work/root" ;;
    esac
done
wine=usr/lib/i386-linux-gnu/wine
rm -rf "$work/apt" "$work/root/$wine/x86_64-windows" "$work/root/usr/share/doc"

# Debian's package marks this library as one of Wine's own when it is installed.
python3 - "$work/root/usr/i686-w64-mingw32/lib/zlib1.dll" "$work/root/$wine/i386-windows/zlib1.dll" <<'END'
import sys
image = bytearray(open(sys.argv[1], 'rb').read())
image[64:96] = b'Wine builtin DLL'.ljust(32, b'\0')
open(sys.argv[2], 'wb').write(image)
END

cat >"$work/wine" <<END
#!/bin/sh
root='$dir/root'
LD_LIBRARY_PATH=\$root/usr/lib/i386-linux-gnu:\$root/lib/i386-linux-gnu:\$root/usr/lib/i386-linux-gnu/pulseaudio
WINELOADER=\$root/usr/lib/wine/wine
WINESERVER=\$root/usr/lib/wine/wineserver32
export LD_LIBRARY_PATH WINELOADER WINESERVER
[ "\${0##*/}" = wineserver ] && exec "\$WINESERVER" "\$@"
exec "\$WINELOADER" "\$@"
END
chmod +x "$work/wine"
ln -s wine "$work/wineserver"
rm -rf "$dir"
mv "$work" "$dir"
