/* SPDX-License-Identifier: MIT */
/*
 * deck.h - one synthesizer with its banks: what a song, or the live input, is played on. A session has several, so that a
 * song's sound dies away on one while the next begins on another.
 *
 * A deck is made, fed and closed by threads of the session, one at a time; its sound is pulled by the audio thread. It counts
 * frames of its own, from 0 at the first pull.
 */
#ifndef DMUS_LIVE_DECK_H
#define DMUS_LIVE_DECK_H

#include "base/status.h"
#include "dmus/live.h"
#include "player/route.h"
#include "player/transport.h"

struct deck;

struct deck_config {
    const struct dmus_live_options *options;
    uint32_t sample_rate, channels;
    uint32_t groups;             /* at least */
    uint32_t posts;              /* messages of deck_post that may wait; 0: none are made */
    uint32_t ahead;              /* deck_ahead */
};

/* Frames that decks of these options are rendered ahead of need: 0 unless their door cannot be asked in real time. PERIOD: of the
 * device. */
uint32_t deck_ahead(const struct deck_config *config, uint32_t period);

/* For SONG, or, if that is NULL, with everything the banks have. Takes references. Remarks go to NOTES. DM_ERR_NOMEM, DM_ERR_FORMAT,
 * DM_ERR_NOT_FOUND (no note finds an instrument), DM_ERR_UNSUPPORTED. May take long. */
enum dm_status deck_open(const struct deck_config *config, struct dmus_song *song, struct dmus_bank *const *banks,
                         size_t bank_count, const struct dm_notes *notes, struct deck **out, struct dm_error *err);
void deck_close(struct deck *deck); /* not pulled any more; NULL allowed */

struct dmus_song *deck_song(const struct deck *deck); /* NULL: live */
/* The name of what plays PATCH here, or NULL. */
const char *deck_instrument_name(const struct deck *deck, uint32_t patch);

/* Hand over a message for deck frame FRAME; sent by deck_flush at the latest. DM_ERR_NOMEM, DM_ERR_DEVICE. */
enum dm_status deck_send(struct deck *deck, int64_t frame, const struct transport_message *message, struct dm_error *err);
enum dm_status deck_flush(struct deck *deck, struct dm_error *err);
/* All before FRAME was handed over: a deck that is rendered ahead waits there. INT64_MAX: nothing more will come. */
void deck_ready(struct deck *deck, int64_t frame);
bool deck_silent(struct deck *deck);
/* Voices of a channel and the gain of the loudest: route.h. 0 where the door cannot tell. */
void deck_level(struct deck *deck, uint32_t group, uint32_t channel, uint32_t *voices, float *gain);
void deck_report(struct deck *deck, struct route_report *report);
/* What notes found no instrument or region, by patch; false past the last. */
bool deck_missing(struct deck *deck, uint32_t index, struct route_missing *missing);

/* Audio thread. deck_pull tells how many of the frames, the last ones, were not rendered in time and are silence. */
uint32_t deck_pull(struct deck *deck, float *frames, uint32_t count);
/* Frames from the next one to be pulled that cannot be changed any more. NULL: 0. */
uint32_t deck_delay(const struct deck *deck);
/* A message of at most ROUTE_POST_MAX bytes for a frame that is at least deck_delay ahead. false: no room. */
bool deck_post(struct deck *deck, int64_t frame, uint32_t group, const uint8_t *bytes, uint32_t size);

#endif
