/* SPDX-License-Identifier: MIT */
/*
 * transport.h - a song on its way to a synthesizer while somebody turns the
 * knobs: seek, tempo, transposition, mute, solo, loop from A to B.
 *
 * It turns a song into messages stamped with output frames. At tempo 1 and
 * without a command the frames are those of a render (song_buffers.h). A command
 * takes effect at the frame it names, which must not lie before the last message
 * handed out; what sounds then is ended with the keys it was begun with.
 *
 * A jump restores what the song had set up: all messages before the target but
 * notes, key pressure and values that a later one replaces are sent again, in
 * order, at the frame of the jump.
 *
 * One thread. Nothing here is meant for a real-time thread.
 */
#ifndef DMUS_PLAYER_TRANSPORT_H
#define DMUS_PLAYER_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "formats/smf.h"

#define TRANSPORT_TEMPO_MIN 0.1
#define TRANSPORT_TEMPO_MAX 10.0
#define TRANSPORT_KEYS_MAX  48
#define TRANSPORT_LOOP_MIN_100NS 100000 /* 10 ms */

struct transport;

struct transport_message {
    int64_t frame;       /* output frame it belongs to */
    uint32_t group;      /* channel group, 1.. */
    const uint8_t *data; /* valid until the next call */
    uint32_t size;       /* 3 for a channel message, else a whole system exclusive */
    bool structured;
};

/* SAMPLE_RATE of the output frames, Hz. DM_ERR_NOMEM. */
enum dm_status transport_create(uint32_t sample_rate, struct transport **out, struct dm_error *err);
void transport_free(struct transport *transport); /* NULL allowed */

/* SONG (borrowed until the next start or the end) begins at output frame FRAME. Tempo, transposition, mutes and solos stay as
 * they are, a loop is forgotten. DM_ERR_NOMEM: then nothing is loaded. */
enum dm_status transport_start(struct transport *transport, const struct smf_song *song, int64_t frame, struct dm_error *err);

/* The next message that belongs before frame BEFORE; false if there is none yet. */
bool transport_next(struct transport *transport, int64_t before, struct transport_message *message);

/* The song is over: nothing more will come without a command. *frame is where its last event (end of track included) lies. */
bool transport_ended(const struct transport *transport, int64_t *frame);

/* Where in the song output frame FRAME lies, 100 ns, not before its beginning nor after its end. Of the last 16 jumps and changes of
 * tempo those that come after FRAME do not count. */
int64_t transport_song_time(const struct transport *transport, int64_t frame);

/* Commands. FRAME: from when on. Those that send something can run out of memory (false); then nothing is changed. */
bool transport_seek(struct transport *transport, int64_t song_100ns, int64_t frame);
/* RATIO of the song's own tempo, clamped to the limits above. */
void transport_set_tempo(struct transport *transport, double ratio, int64_t frame);
/* Keys up, clamped to the limits above. Rhythm parts are left alone; a note that leaves 0..127 is not played. */
void transport_set_keys(struct transport *transport, int keys);
/* Silence a channel (0..15) of a port, and let it be heard again with its next note. */
bool transport_mute(struct transport *transport, uint32_t port, uint32_t channel, bool muted, int64_t frame);
/* While any channel is solo, only those that are are heard. */
bool transport_solo(struct transport *transport, uint32_t port, uint32_t channel, bool solo, int64_t frame);
/* What mute and solo were set to. */
void transport_knobs(const struct transport *transport, uint32_t port, uint32_t channel, bool *muted, bool *solo);
bool transport_is_heard(const struct transport *transport, uint32_t port, uint32_t channel);
/* Channel 10, or what the song's GS and XG messages made of a channel up to where it was handed out; such a part has no keys. */
bool transport_is_drums(const struct transport *transport, uint32_t port, uint32_t channel);
/* From A to B again and again; an end at or before A + TRANSPORT_LOOP_MIN_100NS: no loop. The end of the song may be B. */
void transport_set_loop(struct transport *transport, int64_t a_100ns, int64_t b_100ns);
/* End all that sounds. */
bool transport_silence(struct transport *transport, int64_t frame);

#endif
