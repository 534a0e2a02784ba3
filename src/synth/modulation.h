/* SPDX-License-Identifier: MIT */
/*
 * modulation.h - connections evaluated for one voice (DLS 2.2 section 1.6.2).
 * Internal to the engine; render side.
 */
#ifndef DMUS_SYNTH_MODULATION_H
#define DMUS_SYNTH_MODULATION_H

#include "channel.h"
#include "connection.h"

/* Who asks. */
struct listener {
    const struct artic *artic;
    const struct channel *channel;
    uint8_t note, key, velocity;
    uint8_t key_reverb, key_chorus; /* struct voice_params */
};

struct modulation {
    float sum[DEST_COUNT];               /* in the units of enum artic_dest */
    float depth[GEN_COUNT][LIVE_COUNT];  /* what a generator's -1..1 or 0..1 adds */
    bool active[GEN_COUNT];              /* some depth of it is not zero */
    float lfo_gain;                      /* amplitude depth of the LFO by controller destination (CA-022), 0..1 */
    bool irregular;                      /* modulation_irregular has something to add */
    uint32_t moves;                      /* bit per enum live_dest that some depth is for; all if irregular */
};

/* SUM of what depends on constants, key and velocity alone. */
void modulation_note(const struct listener *who, float sum[DEST_COUNT]);

/* NOTE_SUM (of modulation_note) plus what the channel's controllers add at present, and the generators' depths. */
void modulation_channel(const struct listener *who, const float note_sum[DEST_COUNT], struct modulation *out);

/* What the channel adds is the same for all voices whose articulation reads neither key nor velocity beside it: found once, kept
 * for the others. The sums come out with the same bits, as the same is added in the same order. */
enum { CHANNEL_PART_MAX = 40 };
struct channel_part {
    const struct artic *artic;
    const struct channel *channel;
    uint64_t at;        /* when that was; the keeper's affair */
    bool shared;        /* false: there is none, notes differ; what follows is not set */
    uint32_t count;     /* what is added to sums: by destination, and in order within each */
    uint8_t first[DEST_COUNT + 1]; /* of a destination */
    uint8_t dest[CHANNEL_PART_MAX];
    float amount[CHANNEL_PART_MAX];
    struct modulation rest; /* all but the sums */
};

/* Whether WHO's voice may take such a part, if its channel has any to share. */
static inline bool modulation_may_share(const struct listener *who)
{
    return who->artic->shared && !who->key_reverb && !who->key_chorus;
}

/* Fill PART (but its key) for WHO's articulation and channel, if modulation_may_share. */
void modulation_find_part(const struct listener *who, struct channel_part *part);
/* modulation_channel out of a PART that is shared. */
void modulation_take_part(const struct channel_part *part, const float note_sum[DEST_COUNT], struct modulation *out);
/* What becomes of the sum DEST alone. */
float modulation_part_sum(const struct channel_part *part, const float note_sum[DEST_COUNT], enum artic_dest dest);

/* What the channel adds to one sum, likewise the same for all voices of an articulation that may share */
enum { CHANNEL_SUM_MAX = 4 };
struct channel_sum {
    const struct artic *artic;
    const struct channel *channel;
    uint32_t at;        /* when that was; the keeper's affair */
    bool few;           /* false: it is more than fits here, or notes differ; what follows is not set */
    float amount[CHANNEL_SUM_MAX]; /* to be added in order; the rest is zero */
};

/* Fill SUM, key included but for AT, for an articulation that is shared. */
void modulation_find_sum(const struct artic *artic, const struct channel *channel, enum artic_dest dest, struct channel_sum *sum);
/* NOTE_SUM, of a voice's DEST, with that. */
static inline float modulation_add_sum(const struct channel_sum *sum, float note_sum)
{
    for (uint32_t i = 0; i < CHANNEL_SUM_MAX; i++)
        note_sum += sum->amount[i];
    return note_sum;
}

/* Add to SUM the connections that are not linear in a generator or join two of them. VALUE: LFOs -1..1, envelopes 0..1. */
void modulation_irregular(const struct listener *who, const float value[GEN_COUNT], float sum[LIVE_COUNT]);

#endif
