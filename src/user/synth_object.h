/* SPDX-License-Identifier: MIT */
/*
 * synth_object.h - the synth of this library, as its other objects see it. Internal.
 */
#ifndef DMUS_USER_SYNTH_OBJECT_H
#define DMUS_USER_SYNTH_OBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "ddi.h"

struct synth_object;

/* One public reference. CLASS is what GetPortCaps calls the port, and stays in place. E_OUTOFMEMORY. */
HRESULT synth_object_create(const CLSID *class, IDirectMusicSynth8 **out);

/* The synth of this library behind a foreign pointer, or NULL; takes no reference. */
struct synth_object *synth_object_from(IDirectMusicSynth *synth);

/* Keep the memory, not the synth alive: after the last Release its methods answer as a closed synth does. */
void synth_object_hold(struct synth_object *synth);
void synth_object_let_go(struct synth_object *synth);

/* Render or RenderFloat for a sink of ours, whose buffers are made for RATE and CHANNELS. A host may close an active synth and open
 * it anew in another format: then DMUS_E_WAVEFORMATNOTSUPPORTED, and nothing is written. Real-time safe. */
HRESULT synth_object_render(struct synth_object *synth, uint32_t rate, uint32_t channels, bool as_float, void *frames,
                            uint32_t count, int64_t position);

/* Call the unload callbacks that became due, unless a control method is at work, which will do it itself. For our own sinks,
 * between two blocks: a host that only waits must be called back too. */
void synth_object_poke(struct synth_object *synth);

#endif
