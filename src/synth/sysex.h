/* SPDX-License-Identifier: MIT */
/* sysex.h - the families of system exclusives (spec/dls.md 4.5, 5.5). BYTES begin with F0; SIZE does not count the final F7; all
 * bytes between are below 0x80. Any device id is accepted. Render side. Internal to the engine. */
#ifndef DMUS_SYNTH_SYSEX_H
#define DMUS_SYNTH_SYSEX_H

#include "engine.h"

/* 7E non-real-time and 7F real-time. */
void sysex_universal(struct synth *synth, struct group *group, const uint8_t *bytes, uint32_t size);
/* 41 Roland GS data set. */
void sysex_roland(struct synth *synth, struct group *group, const uint8_t *bytes, uint32_t size);
/* 43 Yamaha XG parameter change. */
void sysex_yamaha(struct synth *synth, struct group *group, const uint8_t *bytes, uint32_t size);

#endif
