/* SPDX-License-Identifier: MIT */
/*
 * smf.h - a Standard MIDI File (formats 0, 1, 2) as one list of timed events.
 *
 * The reader merges the tracks into time order (stable: by time, then track,
 * then order in the track), resolves running status, joins split system
 * exclusives, follows the tempo map or the SMPTE division exactly, and turns
 * meta event FF 21 into a port number. Format 2: patterns play one after
 * another, each with its own tempo.
 */
#ifndef DMUS_FORMATS_SMF_H
#define DMUS_FORMATS_SMF_H

#include "base/bytes.h"
#include "base/status.h"

enum smf_event_kind {
    SMF_CHANNEL, /* data: status and 1 or 2 data bytes */
    SMF_SYSEX,   /* data: F0 ... F7, whole message, at the time of its last packet */
    SMF_ESCAPE,  /* data: raw bytes of an F7 packet that continues nothing */
    SMF_META     /* data: payload; meta_type is set. Tempo, end of track and port are also listed */
};

struct smf_event {
    int64_t time_100ns; /* from the beginning, floor of the exact time */
    uint64_t tick;      /* of its track (format 2: of its pattern) */
    uint32_t track;
    uint32_t size;
    const uint8_t *data; /* into the song's arena; at most 3 bytes are copied for channel messages */
    uint8_t kind;        /* enum smf_event_kind */
    uint8_t meta_type;
    uint16_t port;       /* FF 21 in force on the track, 0 by default: channel group = port + 1 */
};

struct smf_song {
    uint16_t format;        /* 0, 1, 2 as in the header */
    uint16_t division;      /* raw */
    uint32_t track_count;   /* chunks really found */
    uint32_t event_count;
    const struct smf_event *events;
    int64_t duration_100ns; /* time of the last event, end-of-track events included; last_event_100ns if that would be more
                             * than 10 minutes before it, or an hour if a note is held then (noted; later events stand
                             * there) */
    int64_t last_event_100ns; /* time of the last SMF_CHANNEL, SMF_SYSEX or SMF_ESCAPE event */
    uint32_t note_count;    /* note-ons with velocity > 0 */
    uint16_t port_count;    /* highest port + 1, at least 1 */
    const char *title, *copyright; /* first FF 03 of track 0 and first FF 02, as UTF-8, NULL if absent */
    struct smf_arena *arena;
};

/* Parse BYTES (must outlive nothing: all is copied). Broken ends, a missing end of track, wrong lengths and
 * track counts, bytes before the header (up to 64 KiB) are repaired and noted; at most 200 notes are given, the
 * rest is counted. A song without a note or an event is none the less a song. Times end at INT64_MAX.
 * Errors: DM_ERR_FORMAT, DM_ERR_UNSUPPORTED (above 4 GiB), DM_ERR_NOMEM. Any thread. */
enum dm_status smf_read(struct span bytes, const struct dm_notes *notes, struct smf_song **out, struct dm_error *err);
void smf_free(struct smf_song *song);

#endif
