/* SPDX-License-Identifier: MIT */
/*
 * The two ways to lead a voice through a cell, voice by voice (voice_cell) and
 * eight at once (the kernel and what surrounds it), give the same bits: random
 * articulations and random scores, rendered with lanes sent the one way, the
 * other, or to and fro. And so do the two ways to hear of a change in a channel.
 */
#include "synth/connection.h"
#include "synth/group.h"

#include "../tap.h"
#include "kit.h"

enum { RATE = 48000, FRAMES = RATE, VOICES = 24, BLOCKS = 30 };

static uint64_t state;
static uint32_t draw(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % below);
}

/* ---- what is played ----------------------------------------------------------- */

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

static void perform(struct kit *kit, uint32_t *slot, bool anew)
{
    switch (draw(5)) {
    case 0:
    case 1: {
        struct voice_params p = kit_note(kit, (uint8_t)(36 + draw(50)), (uint8_t)(1 + draw(127)));
        voice_slot done[VOICES];
        mixer_finished(kit->mixer, done, VOICES);
        *slot = (*slot + 1) % VOICES;
        if (kit->mixer->lane_of[*slot] != VOICE_NONE)
            break;
        if (draw(4) == 0) {
            p.glide_cents = draw(2) ? -700 : 300;
            p.glide_rate = 5000;
        }
        mixer_start(kit->mixer, *slot, &p);
        break;
    }
    case 2:
        mixer_release(kit->mixer, draw(VOICES));
        break;
    case 3:
        if (draw(3) == 0)
            mixer_steal(kit->mixer, draw(VOICES));
        else
            mixer_retune(kit->mixer, draw(VOICES), 60, (uint8_t)(48 + draw(24)), draw(2) ? 3000 : 0);
        break;
    default:
        change_channel(kit, anew);
        break;
    }
}

/* ---- the ways ------------------------------------------------------------------ */

enum way { KERNEL, SINGLY, TO_AND_FRO, ANEW, WAYS };

/* Before a cell begins */
static void choose(struct mixer *m, enum way way, uint32_t *turn)
{
    for (uint32_t i = 0; i < m->group_count; i++) {
        struct group *g = &m->groups[i];
        uint32_t odd = 0; /* whichever way */
        *turn = *turn * 1664525u + 1013904223u;
        if (way == SINGLY)
            g->odd_mask |= g->mask;
        if (way == TO_AND_FRO) { /* out of the odd ones a voice comes by voice_take_channel, which leaves it underway */
            for (uint32_t n = 0; n < LANES; n++) {
                const struct modulation *mod = &g->voice[n].mod;
                bool really = mod->irregular || mod->active[GEN_EG1] || mod->moves >> LIVE_PAN & 1u;
                odd |= (uint32_t)really << n;
            }
            g->odd_mask = g->mask & (odd | *turn >> 16);
            g->control.underway = UNDERWAY_ALL;
            g->control.swept = UINT32_MAX;
        }
    }
}

static void render_score(uint64_t seed, enum way way, float *left, float *right)
{
    struct artic_block blocks[BLOCKS];
    struct kit kit;
    uint32_t slot = 0, next = 0, turn = (uint32_t)seed;
    state = seed;
    kit_open(&kit, RATE, SYNTH_LINEAR, draw(3) ? SYNTH_STUDIO : SYNTH_NATIVE, VOICES, 2000);
    kit_sine(&kit, 20000, 20);
    mixer_set_effects(kit.mixer, draw(4));
    kit.channel.cc[91] = 40;
    kit_articulate(&kit, blocks, draw_articulation(blocks));
    for (uint32_t at = 0; at < FRAMES;) {
        if (at == next) {
            perform(&kit, &slot, way == ANEW);
            next += 1 + draw(draw(8) ? 300 : 6000);
        }
        uint32_t n = MIXER_GRID - at % MIXER_GRID;
        n = next - at < n ? next - at : n;
        n = FRAMES - at < n ? FRAMES - at : n;
        if (at % MIXER_GRID == 0)
            choose(kit.mixer, way, &turn);
        mixer_render(kit.mixer, n, left + at, right + at);
        at += n;
    }
    kit_close(&kit);
}

static void test_ways(void)
{
    static float out[WAYS][2][FRAMES];
    long different[WAYS] = {0}, sounding = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        for (unsigned way = 0; way < WAYS; way++) {
            render_score(seed, (enum way)way, out[way][0], out[way][1]);
            different[way] += memcmp(out[way], out[KERNEL], sizeof out[way]) != 0;
        }
        for (uint32_t i = 0; i < FRAMES; i++)
            sounding += out[KERNEL][0][i] != 0.0f;
    }
    CHECK(sounding > 60 * FRAMES / 2);
    for (unsigned way = 0; way < WAYS; way++)
        CHECK_EQ(different[way], 0);
}

int main(void)
{
    RUN(test_ways);
    return tap_done();
}
