/* SPDX-License-Identifier: MIT */
/*
 * sink_object.h - the wave sink of this library, as its other objects see it. Internal.
 */
#ifndef DMUS_USER_SINK_OBJECT_H
#define DMUS_USER_SINK_OBJECT_H

#include <stdint.h>

#include "ddi.h"

struct sink_object;

/* One public reference. E_OUTOFMEMORY. */
HRESULT sink_object_create(IDirectMusicSynthSink **out);

/* The sink of this library behind a foreign pointer, or NULL; takes no reference. */
struct sink_object *sink_object_from(IDirectMusicSynthSink *sink);

/* Init(NULL), unless SINK was given to another synth than SYNTH since. */
void sink_object_forget(struct sink_object *sink, IDirectMusicSynth *synth);

/* Keep the memory, not the sink alive. */
void sink_object_hold(struct sink_object *sink);
void sink_object_let_go(struct sink_object *sink);

/* The sink's own time line in 100 ns: grows with the frames rendered, never goes back. Any thread. */
int64_t sink_stream_time(struct sink_object *sink);

#endif
