/* SPDX-License-Identifier: MIT */
/*
 * graph.h - what a filter's pins and nodes are good for, told from its descriptor alone.
 *
 * One thread, that of the host (kernel/host/host.h).
 */
#ifndef DMUS_DRIVERS_GRAPH_H
#define DMUS_DRIVERS_GRAPH_H

#include "kernel/host/host.h"

struct graph {
    size_t filter;            /* number of it in the host */
    char name[128];           /* "swsynth0/DMusic", for host_open_filter */
    int directmusic, legacy;  /* first pin of each kind that takes MIDI, -1: none. One pin may be both */
    int capture;              /* that gives MIDI, -1 */
    bool capture_directmusic; /* it has that format; else the legacy one */
    int wave;                 /* that gives PCM, -1 */
    uint32_t rate_min, rate_max, channels_max, bits; /* of its first PCM range; bits: 16 if that is within */
    int synth;                /* first node of type SYNTHESIZER or DMSYNTH, -1 */
};

/* False past the last filter. A topology filter has no pin that can be opened: all -1. */
bool graph_find(struct host *host, size_t filter, struct graph *out);
/* The first filter that can play (RENDER), give sound or be listened to; false if there is none. NAME: that one only ("DMusic",
 * "swsynth0/DMusic"), NULL: any. */
bool graph_choose(struct host *host, const char *name, struct graph *out);
/* Does the automation table list the item with all bits of VERBS (KSPROPERTY_TYPE_)? */
bool graph_has(struct host *host, size_t filter, enum host_table table, uint32_t owner, const GUID *set, ULONG id, ULONG verbs);

/* A KSPIN_CONNECT for a pin of GRAPH into BYTES (HOST_CONNECT_MAX); answers its size. RATE and CHANNELS are those wished for, and on return
 * what the pin's range has of them. */
uint32_t graph_connect_wave(const struct graph *graph, void *bytes, uint32_t *rate, uint32_t *channels);

#endif
