/* SPDX-License-Identifier: MIT */
/*
 * score.h - random articulations, and random scores for voices of a kit.h.
 */
#ifndef DMUS_TESTS_SYNTH_SCORE_H
#define DMUS_TESTS_SYNTH_SCORE_H

#include "synth/connection.h"
#include "synth/group.h"

#include "kit.h"

enum { SCORE_VOICES = 24, SCORE_BLOCKS = 30 };

static uint64_t score_state;
static uint32_t draw(uint32_t below)
{
    score_state = score_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((score_state >> 33) % below);
}

static int32_t draw_time(void) /* 0.5 ms to 0.5 s: many segments end within the score */
{
    return ((int32_t)draw(12000) - 13200) * 65536;
}

static uint32_t draw_articulation(struct artic_block *b)
{
    static const uint16_t times[] = {DST_EG1_ATTACK, DST_EG1_HOLD, DST_EG1_DECAY, DST_EG1_RELEASE, DST_EG2_ATTACK, DST_EG2_DECAY,
                                     DST_EG2_RELEASE, DST_EG2_DELAY, DST_EG2_HOLD, DST_LFO_DELAY, DST_VIB_DELAY};
    static const uint16_t generators[] = {SRC_LFO, SRC_VIBRATO, SRC_EG2, SRC_EG2, SRC_EG2, SRC_EG1};
    static const uint16_t by[] = {0, 0, SRC_CC1, SRC_CHANNEL_PRESSURE};
    static const struct {
        uint16_t to;
        int32_t most;
    } dests[] = {{DST_GAIN, 100}, {DST_PITCH, 700}, {DST_FILTER_CUTOFF, 4000}, {DST_FILTER_CUTOFF, 300}, {DST_PAN, 300}};
    uint32_t count = 0;
    for (unsigned i = 0; i < sizeof times / sizeof times[0]; i++)
        if (draw(3))
            b[count++] = (struct artic_block){0, 0, times[i], 0, draw_time()};
    b[count++] = (struct artic_block){0, 0, DST_EG1_SUSTAIN, 0, (int32_t)(draw(3) ? 500 + draw(500) : draw(1000)) * 65536};
    b[count++] = (struct artic_block){0, 0, DST_EG2_SUSTAIN, 0, (int32_t)draw(1001) * 65536};
    b[count++] = (struct artic_block){0, 0, DST_LFO_FREQUENCY, 0, ((int32_t)draw(6000) - 6000) * 65536};
    if (draw(4)) {
        b[count++] = (struct artic_block){0, 0, DST_FILTER_CUTOFF, 0, (int32_t)(4000 + draw(10000)) * 65536};
        b[count++] = (struct artic_block){0, 0, DST_FILTER_Q, 0, (int32_t)draw(200) * 65536};
    }
    for (uint32_t n = draw(6); n; n--) {
        unsigned d = draw(12) ? draw(4) : 4;
        uint16_t from = generators[draw(20) ? draw(5) : 5];
        int32_t most = dests[d].most, scale = (int32_t)draw((uint32_t)(2 * most)) - most;
        b[count++] = (struct artic_block){from, by[draw(4)], dests[d].to, 0x4000, scale * 65536};
    }
    return count;
}

/* ANEW: voices are to look at all of the channel, not only at what changed. */
static void change_channel(struct kit *kit, bool anew)
{
    static const uint8_t controllers[] = {1, 7, 10, 11, 74, 91, 93};
    const uint32_t number = controllers[draw(7)], what = draw(4);
    if (what) {
        kit->channel.cc[number] = (uint8_t)draw(128);
        mixer_touch(kit->mixer, &kit->channel, channel_controller_bit(number));
    }
    if (what != 1) {
        kit->channel.wheel = (uint16_t)draw(16384);
        mixer_touch(kit->mixer, &kit->channel, CHANNEL_WHEEL);
    }
    if (draw(6) == 0) {
        kit->master.gain_db = draw(4) ? -(float)draw(20) : -96.0f;
        kit->master.version++;
    }
    kit->channel.version += (draw(6) == 0) | (uint32_t)anew;
}

/* A voice that sounds and is not locked itself, or none */
static voice_slot draw_master(const struct kit *kit, uint32_t slot)
{
    const uint32_t other = (slot + 1 + draw(SCORE_VOICES - 1)) % SCORE_VOICES, lane = kit->mixer->lane_of[other];
    return lane != VOICE_NONE && voice_in(kit->mixer, lane)->master_lane == VOICE_NONE ? other : VOICE_NONE;
}

static void perform(struct kit *kit, uint32_t *slot, bool anew)
{
    switch (draw(5)) {
    case 0:
    case 1: {
        struct voice_params p = kit_note(kit, (uint8_t)(36 + draw(50)), (uint8_t)(1 + draw(127)));
        voice_slot done[SCORE_VOICES];
        mixer_finished(kit->mixer, done, SCORE_VOICES);
        *slot = (*slot + 1) % SCORE_VOICES;
        if (kit->mixer->lane_of[*slot] != VOICE_NONE)
            break;
        if (draw(4) == 0) {
            p.glide_cents = draw(2) ? -700 : 300;
            p.glide_rate = 5000;
        }
        if (draw(3) == 0)
            p.phase_master = draw_master(kit, *slot);
        mixer_start(kit->mixer, *slot, &p);
        break;
    }
    case 2:
        mixer_release(kit->mixer, draw(SCORE_VOICES));
        break;
    case 3:
        if (draw(3) == 0)
            mixer_steal(kit->mixer, draw(SCORE_VOICES));
        else
            mixer_retune(kit->mixer, draw(SCORE_VOICES), 60, (uint8_t)(48 + draw(24)), draw(2) ? 3000 : 0);
        break;
    default:
        change_channel(kit, anew);
        break;
    }
}

#endif
