/* SPDX-License-Identifier: MIT */
/*
 * smf_internal.h - between the three halves of the MIDI file reader: chunks
 * (smf_read.c), the events of one track (smf_track.c), one list in time order
 * (smf_merge.c).
 *
 * A file above 4 GiB is refused at the door. An event never needs more bytes
 * than it took in the file, nor less than two there, so every count and sum of
 * sizes below fits 32 bits.
 */
#ifndef DMUS_FORMATS_SMF_INTERNAL_H
#define DMUS_FORMATS_SMF_INTERNAL_H

#include "base/arena.h"
#include "formats/smf.h"

enum {
    META_TRACK_NAME = 0x03,
    META_COPYRIGHT = 0x02,
    META_PORT = 0x21,
    META_END_OF_TRACK = 0x2F,
    META_TEMPO = 0x51
};

/* An event of a track, its time still in ticks. */
struct raw_event {
    uint64_t tick;
    union {
        uint8_t message[4];  /* SMF_CHANNEL: status and data */
        const uint8_t *file; /* SMF_META, SMF_ESCAPE: the payload, in the file */
        size_t sysex;        /* SMF_SYSEX: offset into smf_parse.sysex, where packets are joined */
    } at;
    uint32_t size;
    uint16_t port;
    uint8_t kind, meta_type;
};

/* The events of a track within smf_parse.events. */
struct raw_track {
    size_t first, count;
};

/* Everything between the bytes and the song. smf_read frees the three blocks. */
struct smf_parse {
    struct span file;
    const struct dm_notes *notes;
    struct raw_event *events; /* track after track, in each by tick */
    size_t event_count, event_capacity;
    struct raw_track *tracks;
    size_t track_count, track_capacity;
    uint8_t *sysex;
    size_t sysex_size, sysex_capacity;
    size_t data_size; /* sum of raw_event.size */
};

/* Parse one MTrk chunk's BODY, a part of parse->file, as the next track. *USED is how much of it the track
 * took: up to its end-of-track event, or all. Only DM_ERR_NOMEM fails; damage ends the track with a note. */
enum dm_status smf_parse_track(struct smf_parse *parse, struct span body, size_t *used, struct dm_error *err);

/* Merge the tracks into SONG, whose format and division are set. Memory comes from MEMORY.
 * Errors: DM_ERR_NOMEM. */
enum dm_status smf_merge(const struct smf_parse *parse, struct smf_song *song, struct arena *memory,
                         struct dm_error *err);

#endif
