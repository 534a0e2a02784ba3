/* SPDX-License-Identifier: MIT */
/*
 * A voice does the same in whichever lane it is, and when voices end the others take fewer groups: random articulations and scores,
 * once with voices that stay where they are and once with some that move at each grid point.
 */
#include <stddef.h>

#include "synth/stream.h"

#include "../tap.h"
#include "score.h"

/* The score's voices and one that plays a stream */
enum { RATE = 48000, CELLS = 700, SEEDS = 40, SLOTS = SCORE_VOICES + 1 };

static uint32_t crowd(const struct mixer *m)
{
    uint32_t groups = 0;
    for (uint32_t i = 0; i < m->groups_high; i++)
        groups += m->groups[i].mask != 0;
    return groups;
}

static void mix_in(uint64_t *hash, const void *data, size_t size)
{
    for (const uint8_t *p = data; size; p++, size--)
        *hash = (*hash ^ *p) * UINT64_C(0x100000001B3);
}

/* All that a voice's sound comes from in the cell behind it, whichever lane it is in */
static uint64_t hash_of(const struct mixer *m, uint32_t slot)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    if (m->lane_of[slot] == VOICE_NONE)
        return 0;
    const struct group *g = &m->groups[m->lane_of[slot] / LANES];
    const uint32_t n = m->lane_of[slot] % LANES;
    const struct lanes *l = &g->lanes;
    const float values[] = {l->left[n], l->right[n], l->e[n], l->m[n], l->a[n], l->reverb[n], l->chorus[n], g->last[n]};
    const float filter[] = {l->k[n], l->q[n], l->b2[n], l->y[n], l->d[n]};
    const int64_t where[] = {g->osc[n].pos, g->osc[n].step};
    mix_in(&hash, values, sizeof values);
    if (l->filter[n])
        mix_in(&hash, filter, sizeof filter);
    mix_in(&hash, where, sizeof where);
    return hash;
}

/* Some voices go elsewhere. */
static uint32_t move_some(struct mixer *m, uint32_t *dice)
{
    uint32_t moved = 0;
    for (unsigned i = 0; i < 12; i++) {
        *dice = *dice * 1664525u + 1013904223u;
        const uint32_t from = m->lane_of[(*dice >> 8) % SLOTS], to = (*dice >> 16) % (m->groups_made * LANES);
        if (from == VOICE_NONE || m->groups[to / LANES].mask >> to % LANES & 1u)
            continue;
        mixer_move(m, from, to);
        m->groups_high = to / LANES >= m->groups_high ? to / LANES + 1 : m->groups_high;
        moved++;
    }
    return moved;
}

enum { BUFFERS = 3 };

/* Buffers of some hundred frames, and the voice that plays them as long as they are filled. */
struct streaming {
    struct stream *stream;
    struct stream_buffer buffer[BUFFERS];
    struct region region;
};

static void start_stream(struct streaming *s, struct kit *kit, uint32_t slot)
{
    s->stream = calloc(1, sizeof *s->stream + BUFFERS * sizeof s->stream->buffer[0]);
    s->stream->count = BUFFERS;
    for (uint32_t i = 0; i < BUFFERS; i++) {
        s->buffer[i].data = (const uint8_t *)(kit->samples + 500 * i);
        atomic_init(&s->buffer[i].frames, 300 + 70 * i);
        atomic_init(&s->buffer[i].state, STREAM_FULL);
        s->stream->buffer[i] = &s->buffer[i];
    }
    s->region = kit->region;
    struct voice_params p = kit_note(kit, 65, 100);
    p.region = &s->region;
    p.stream = s->stream;
    mixer_start(kit->mixer, slot, &p);
}

static void refresh_stream(struct streaming *s)
{
    for (uint32_t i = 0; i < BUFFERS; i++)
        atomic_store(&s->buffer[i].state, STREAM_FULL);
}

static uint32_t streams_to_the_end; /* other articulations fall silent */

/* Returns how many moves that were. */
static uint32_t play(uint64_t seed, bool moves, uint64_t (*hashes)[SLOTS])
{
    static float left[MIXER_GRID], right[MIXER_GRID];
    struct artic_block blocks[SCORE_BLOCKS];
    struct kit kit;
    struct streaming streaming;
    uint32_t slot = 0, count = 0, dice = (uint32_t)seed;
    uint64_t next = 0;
    score_state = seed;
    kit_open(&kit, RATE, draw(2) ? SYNTH_LINEAR : SYNTH_SINC16, draw(3) ? SYNTH_STUDIO : SYNTH_NATIVE, SLOTS, 2000);
    kit_sine(&kit, 20000, 20);
    if (draw(3) == 0)
        kit_loop(&kit, 300, 100); /* shorter than a cell */
    mixer_set_effects(kit.mixer, 3);
    kit.channel.cc[91] = 40;
    kit_articulate(&kit, blocks, draw_articulation(blocks));
    start_stream(&streaming, &kit, SCORE_VOICES);
    for (uint64_t at = 0; at < (uint64_t)CELLS * MIXER_GRID;) {
        if (at == next) {
            perform(&kit, &slot, false);
            next += 1 + draw(draw(8) ? 300 : 6000);
        }
        uint64_t n = MIXER_GRID - at % MIXER_GRID;
        n = next - at < n ? next - at : n;
        kit.mixer->ended = false; /* nobody else moves them */
        if (moves && at % MIXER_GRID == 0 && kit.mixer->groups_made)
            count += move_some(kit.mixer, &dice);
        mixer_render(kit.mixer, (uint32_t)n, left, right);
        at += n;
        refresh_stream(&streaming);
        for (uint32_t i = 0; at % MIXER_GRID == 0 && i < SLOTS; i++)
            hashes[at / MIXER_GRID - 1][i] = hash_of(kit.mixer, i);
    }
    streams_to_the_end += kit.mixer->streams;
    kit_close(&kit);
    free(streaming.stream);
    return count;
}

static void test_lanes_are_alike(void)
{
    static uint64_t stay[CELLS][SLOTS], go[CELLS][SLOTS];
    uint32_t moves = 0, sounding = 0, different = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        play(seed, false, stay);
        moves += play(seed, true, go);
        different += memcmp(stay, go, sizeof stay) != 0;
        for (uint32_t i = 0; i < CELLS; i++)
            for (uint32_t k = 0; k < SLOTS; k++)
                sounding += stay[i][k] != 0;
    }
    CHECK(sounding > SEEDS * CELLS);
    CHECK(moves > SEEDS * CELLS);
    CHECK(streams_to_the_end > SEEDS);
    CHECK_EQ(different, 0);
}

/* Whatever is there for each lane goes along: what stays is single values, bits and gaps, of which the longer ones are known. */
static void test_all_arrays_move(void)
{
    static struct group from, to;
    const size_t apart[][2] = {{offsetof(struct group, mask), offsetof(struct group, level)},
                               {offsetof(struct group, step_next) + sizeof to.step_next, offsetof(struct group, control)},
                               {offsetof(struct group, control.running), offsetof(struct group, control.depth)},
                               {offsetof(struct group, control.stepped_on), offsetof(struct group, voice)},
                               {offsetof(struct group, voice) + sizeof to.voice, offsetof(struct group, path)}};
    const uint8_t *bytes = (const uint8_t *)&to;
    size_t run = 0, longest = 0, moved = 0;
    memset(&from, 0x55, sizeof from);
    memset(&to, 0xAA, sizeof to);
    for (uint32_t n = 0; n < LANES; n++)
        mixer_copy_lane(&from, n, &to, n);
    for (size_t at = 0; at < sizeof to; at++) {
        run = bytes[at] == 0xAA ? run + 1 : 0;
        for (unsigned i = 0; i < sizeof apart / sizeof apart[0]; i++)
            run = at >= apart[i][0] && at < apart[i][1] ? 0 : run;
        moved += bytes[at] == 0x55;
        if (run == LANES * sizeof(uint32_t))
            printf("#   an array that begins at %lu of %lu\n", (unsigned long)(at + 1 - run), (unsigned long)sizeof to);
        longest = run > longest ? run : longest;
    }
    CHECK(longest < LANES * sizeof(uint32_t));
    CHECK(moved > sizeof to * 9 / 10);
}

/* Of COUNT voices those end of which KEEPS does not say that they stay. */
static void pack(struct kit *kit, uint32_t count, uint64_t keeps)
{
    static float left[MIXER_GRID], right[MIXER_GRID];
    struct voice_params p = kit_note(kit, 60, 100);
    for (uint32_t i = 0; i < count; i++)
        mixer_start(kit->mixer, i, &p);
    mixer_render(kit->mixer, MIXER_GRID, left, right);
    for (uint32_t i = 0; i < count; i++)
        if (!(keeps >> i & 1u))
            mixer_steal(kit->mixer, i);
    for (unsigned i = 0; i < RATE / 100 / MIXER_GRID + 2; i++)
        mixer_render(kit->mixer, MIXER_GRID, left, right);
}

static void test_groups_are_saved(void)
{
    static const struct {
        uint32_t count;
        uint64_t keeps;
        uint32_t groups;
    } cases[] = {
        {24, 0xFFFFFF, 3}, {24, 0x0F0F0F, 2}, {24, 0x010101, 1}, {24, 0xFF0000, 1}, {17, 0x1FFFE, 2}, {24, 0x7FFF00, 2},
        {24, 0, 0},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct kit kit;
        kit_open(&kit, RATE, SYNTH_LINEAR, SYNTH_STUDIO, SCORE_VOICES, 2000);
        kit_sine(&kit, 20000, 20);
        pack(&kit, cases[i].count, cases[i].keeps);
        CHECK_EQ(crowd(kit.mixer), cases[i].groups);
        for (uint32_t n = 0; n < cases[i].count; n++)
            CHECK((kit.mixer->lane_of[n] != VOICE_NONE) == (cases[i].keeps >> n & 1u));
        kit_close(&kit);
    }
}

/* FIRST voices and then SECOND ones, of which one kind is FILTERED; every other one ends. Returns the groups that are left. */
static uint32_t pack_kinds(uint32_t first, uint32_t second, bool first_filtered)
{
    static const struct artic_block muffled = {0, 0, DST_FILTER_CUTOFF, 0, 6000 * 65536};
    struct kit plain, filtered;
    kit_open(&plain, RATE, SYNTH_LINEAR, SYNTH_STUDIO, 64, 2000);
    kit_open(&filtered, RATE, SYNTH_LINEAR, SYNTH_STUDIO, 1, 2000);
    kit_sine(&plain, 20000, 20);
    kit_articulate(&filtered, &muffled, 1);
    struct region other = plain.region;
    other.artic = filtered.region.artic;
    struct voice_params p = kit_note(&plain, 60, 100);
    static float left[MIXER_GRID], right[MIXER_GRID];
    for (uint32_t i = 0; i < first + second; i++) {
        p.region = (i < first) == first_filtered ? &other : &plain.region;
        mixer_start(plain.mixer, i, &p);
    }
    mixer_render(plain.mixer, MIXER_GRID, left, right);
    for (uint32_t i = 0; i < first + second; i += 2)
        mixer_steal(plain.mixer, i);
    for (unsigned i = 0; i < RATE / 100 / MIXER_GRID + 2; i++)
        mixer_render(plain.mixer, MIXER_GRID, left, right);
    uint32_t groups = crowd(plain.mixer);
    kit_close(&plain);
    kit_close(&filtered);
    return groups;
}

static void test_kinds(void)
{
    CHECK_EQ(pack_kinds(16, 8, false), 2);
    CHECK_EQ(pack_kinds(16, 8, true), 2);
    CHECK_EQ(pack_kinds(40, 8, false), 3);  /* 20 voices, and 4 filtered ones that some of them join */
    CHECK_EQ(pack_kinds(40, 12, false), 4); /* 20 and 6 */
    CHECK_EQ(pack_kinds(12, 40, true), 4);
}

int main(void)
{
    RUN(test_lanes_are_alike);
    RUN(test_all_arrays_move);
    RUN(test_groups_are_saved);
    RUN(test_kinds);
    return tap_done();
}
