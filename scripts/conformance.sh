#!/bin/sh
# SPDX-License-Identifier: MIT
# Measures our sound and, if it is installed, FluidSynth's against the rules of DLS; writes doc/conformance.md and
# doc/conformance/*.svg. Exit status 2 if rows of ours do not pass. Usage: conformance.sh [BUILD]
set -eu
cd "$(dirname "$0")/.."
dmus=${1:-build}/cli/dmus
if ! "$dmus" help conformance >/dev/null 2>&1; then
    echo "conformance: $dmus was built without the measuring room, which needs kissfft (Debian: libkissfft-dev)." >&2
    echo "conformance: with it installed: meson setup --reconfigure ${1:-build}, then run make conformance again." >&2
    exit 1
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/dmus-conformance.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
"$dmus" conformance --emit "$work"

# Without a bank FluidSynth plays its default one and says nothing: it is told to have none, and asked what it has.
fluidsynth_case() { # CASE, with its line of the list in $line
    bank=$(basename "$(ls "$work/$1".dls "$work/$1".sf2 2>/dev/null | head -n 1)")
    effects=0
    voices=256
    case $line in *'(reverb and chorus on)'*) effects=1 ;; esac
    case $line in *' voices)'*) voices=${line% voices)*} voices=${voices##*(} ;; esac
    (cd "$work" && fluidsynth -n -i -q -f fonts -o synth.default-soundfont= -o synth.polyphony="$voices" -F "$1.wav" -r 48000 \
        -T wav -O float -g 1 -R $effects -C $effects "$bank" "$1.mid" >"$1.fonts" 2>"$1.log") &&
        grep -q "^ *[0-9][0-9]* *$bank\$" "$work/$1.fonts" && ! grep -q 'Failed to load' "$work/$1.log"
}

label=
if version=$(fluidsynth --version 2>/dev/null | sed -n 's/^FluidSynth runtime version //p') && [ -n "$version" ]; then
    label="FluidSynth $version"
    echo fonts >"$work/fonts"
    while read -r line; do
        name=${line%% *}
        [ -f "$work/$name.mid" ] || continue
        if ! fluidsynth_case "$name"; then
            rm -f "$work/$name.wav"
            echo "conformance: $label did not play $name with its bank: $(tail -n 1 "$work/$name.log")" >&2
        fi
    done <"$work/README.txt"
else
    echo "conformance: FluidSynth is not installed; its column is left out." >&2
fi

mkdir -p doc/conformance
rm -f doc/conformance/*.svg
set -- --table doc/conformance.md --plots doc/conformance
[ -z "$label" ] || set -- "$@" --judge "$work" --label "$label"
"$dmus" conformance -q "$@"
