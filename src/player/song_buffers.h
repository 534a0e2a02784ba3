/* SPDX-License-Identifier: MIT */
/*
 * song_buffers.h - a song as buffers of DMUS_EVENTHEADER events (spec/ddi-user.md
 * 4.3), handed out in time order, window by window.
 *
 * Channel messages become structured events of 3 bytes, system exclusives
 * unstructured ones; port p becomes channel group p + 1; headers stand 8 bytes
 * apart at least. One thread per reader.
 */
#ifndef DMUS_PLAYER_SONG_BUFFERS_H
#define DMUS_PLAYER_SONG_BUFFERS_H

#include "base/status.h"
#include "formats/smf.h"

struct song_buffers {
    const struct smf_song *song;
    uint32_t sample_rate; /* stamps lie on frames of this rate ... */
    bool exact;           /* ... or are the song's own times (native profile: the sink has its grid) */
    uint32_t next;        /* event */
    uint8_t *bytes;
    uint32_t capacity;
};

void song_buffers_begin(struct song_buffers *reader, const struct smf_song *song, uint32_t sample_rate, bool exact);
void song_buffers_end(struct song_buffers *reader);

/* Pack the events before END_100NS that were not yet handed out, as many as fit one buffer. *size is 0 when there are none (call
 * again until then); *start_100ns is the stamp of the first one. The bytes stay valid until the next call. DM_ERR_NOMEM. */
enum dm_status song_buffers_next(struct song_buffers *reader, int64_t end_100ns, int64_t *start_100ns,
                                 const uint8_t **bytes, uint32_t *size, struct dm_error *err);

/* Bytes that an event with SIZE bytes of data takes: 20 of header, data, up to the next multiple of 8. */
uint32_t song_event_bytes(uint32_t size);

/* What of an event is sent: the 3 bytes of a channel message (put into CHANNEL_BYTES), a whole system exclusive, or nothing
 * (*size 0). */
void song_event_message(const struct smf_event *event, uint8_t channel_bytes[3], const uint8_t **data, uint32_t *size,
                        bool *structured);

/* Append one event; returns the number of bytes written, song_event_bytes(SIZE). Room is the caller's business. */
uint32_t song_event_put(uint8_t *at, int64_t delta_100ns, uint32_t group, bool structured, const uint8_t *data,
                        uint32_t size);

/* The frame of RATE that a song time (floored to 100 ns) falls on, and the earliest 100 ns in which it lies, as the sink
 * converts it back without loss. */
int64_t song_time_frame(int64_t time_100ns, uint32_t rate);
int64_t song_frame_time(int64_t frame, uint32_t rate);

#endif
