/* SPDX-License-Identifier: MIT */
/*
 * The two ways to lead a voice through a cell, voice by voice (voice_cell) and
 * eight at once (the kernel and what surrounds it), give the same bits: random
 * articulations and random scores, rendered with lanes sent the one way, the
 * other, or to and fro. And so do the two ways to hear of a change in a channel.
 */
#include "../tap.h"
#include "score.h"

enum { RATE = 48000, FRAMES = RATE };

/* ---- the ways ------------------------------------------------------------------ */

enum way { KERNEL, SINGLY, TO_AND_FRO, ANEW, WAYS };

/* Before a cell begins */
static void choose(struct mixer *m, enum way way, uint32_t *turn)
{
    for (uint32_t i = 0; i < m->group_count; i++) {
        struct group *g = &m->groups[i];
        uint32_t odd = g->slave_mask; /* whichever way */
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
    struct artic_block blocks[SCORE_BLOCKS];
    struct kit kit;
    uint32_t slot = 0, next = 0, turn = (uint32_t)seed;
    score_state = seed;
    kit_open(&kit, RATE, SYNTH_LINEAR, draw(3) ? SYNTH_STUDIO : SYNTH_NATIVE, SCORE_VOICES, 2000);
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
