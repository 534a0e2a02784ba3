# SPDX-License-Identifier: MIT
# What deviates from FluidSynth with TimGM6mb, and why (keys of REASONS in check_notes.py). Programs count from 0, drums by key.
KNOWN["programs"].update({
    38: "closing", 48: "layers", 49: "layers", 50: "layers", 51: "layers", 52: "layers", 53: "layers", 76: "layers",
    90: "layers", 95: "attack", 97: "attack", 101: "attack", 102: "attack", 118: "sweep", 119: "attack", 120: "filter",
    121: "filter", 125: "attack", 127: "layers",
})
KNOWN["drums"].update({42 - 35: "filter", 70 - 35: "filter", 72 - 35: "filter", 75 - 35: "filter", 80 - 35: "filter"})
