/* SPDX-License-Identifier: MIT */
/* Voice slots: the order of theft that alloc.h documents, against a plain search over all slots. */
#include <stdlib.h>

#include "../tap.h"
#include "fake_mixer.h"
#include "synth/alloc.h"
#include "test_memory.h"

static struct test_memory memory;
static struct synth_memory mem;
static struct alloc alloc;
static struct mixer mixer;

static void open(uint32_t voices)
{
    mem = test_memory(&memory);
    if (alloc_init(&alloc, voices, &mem) != SYNTH_OK)
        exit(1);
    memset(&mixer, 0, sizeof mixer);
    mixer.slots = alloc.slots;
}

static void close(void)
{
    alloc_destroy(&alloc, &mem);
    CHECK_EQ(memory.live, 0);
}

static voice_slot take(uint32_t priority, uint32_t id)
{
    voice_slot stolen, slot = alloc_take(&alloc, priority, id, &stolen);
    CHECK(stolen == VOICE_NONE);
    return slot;
}

static voice_slot steal(uint32_t priority, uint32_t id)
{
    voice_slot stolen;
    CHECK(alloc_take(&alloc, priority, id, &stolen) != VOICE_NONE || stolen == VOICE_NONE);
    return stolen;
}

/* Enough rounds that every slot has been looked at and an attack is over. */
static void refresh(void)
{
    for (int i = 0; i < 64; i++)
        alloc_refresh(&alloc, &mixer);
}

static void test_reserve(void)
{
    CHECK_EQ(alloc_slots(1), 9);
    CHECK_EQ(alloc_slots(16), 32);
    CHECK_EQ(alloc_slots(32), 64);
    CHECK_EQ(alloc_slots(1000), 1250);
    CHECK_EQ(alloc_slots(16384), 20480);
}

static void test_lowest_free_slot(void)
{
    open(2000);
    for (uint32_t i = 0; i < 2000; i++)
        CHECK_EQ(take(1, i + 1), i);
    alloc_free(&alloc, 1500);
    alloc_free(&alloc, 3);
    alloc_free(&alloc, 40);
    CHECK_EQ(take(1, 1), 3);
    CHECK_EQ(take(1, 1), 40);
    CHECK_EQ(take(1, 1), 1500);
    close();
}

static void test_priority_first(void)
{
    open(4);
    take(30, 1);
    voice_slot low = take(10, 2);
    take(20, 3);
    take(30, 4);
    alloc_released(&alloc, 0); /* released, but of higher priority */
    CHECK_EQ(steal(20, 5), low);
    CHECK_EQ(steal(5, 6), VOICE_NONE); /* all higher: the note is lost */
    CHECK_EQ(alloc.sounding, 4);
    close();
}

static void test_never_from_higher_even_released(void)
{
    open(1);
    voice_slot slot = take(0xF0000000u, 1);
    alloc_released(&alloc, slot);
    CHECK_EQ(steal(0xEFFFFFFFu, 2), VOICE_NONE);
    CHECK_EQ(steal(0xF0000000u, 3), slot); /* equal may */
    close();
}

static void test_released_then_quiet_then_old(void)
{
    open(5);
    for (uint32_t i = 0; i < 5; i++)
        take(7, i + 1);
    static const float levels[5] = {-3, -30, -70, -30, -3};
    for (uint32_t i = 0; i < 5; i++)
        mixer.voice[i].level_db = levels[i];
    refresh();
    alloc_released(&alloc, 0);
    CHECK_EQ(steal(7, 10), 0); /* released, though loud */
    CHECK_EQ(steal(7, 11), 2); /* quietest */
    CHECK_EQ(steal(7, 12), 1); /* equal level: older */
    CHECK_EQ(steal(7, 13), 3);
    CHECK_EQ(steal(7, 14), 4);
    CHECK_EQ(steal(7, 15), 5); /* the first of the new ones */
    close();
}

static void test_attack_counts_as_loud(void)
{
    open(2);
    take(7, 1);
    take(7, 2);
    mixer.voice[0].level_db = -20;
    refresh();
    mixer.voice[1].level_db = -80;
    for (int i = 0; i < 8; i++) { /* still rising */
        mixer.voice[1].level_db += 7;
        alloc_refresh(&alloc, &mixer);
    }
    CHECK_EQ(steal(7, 3), 0);
    close();
}

static void test_not_from_the_same_note(void)
{
    open(3);
    take(7, 1);
    take(7, 2);
    take(7, 2);
    CHECK_EQ(steal(7, 2), 0);
    CHECK_EQ(steal(7, 2), VOICE_NONE);
    close();
}

static void test_reserve_runs_out(void)
{
    open(1);
    take(7, 1);
    for (uint32_t i = 0; i < 8; i++)
        CHECK(steal(7, i + 2) != VOICE_NONE); /* eight fade at once */
    CHECK_EQ(steal(7, 20), VOICE_NONE);
    close();
}

/* ---- against a search over all slots -------------------------------------- */

struct model {
    uint32_t priority, id, order, step;
    bool sounding, fading, released;
};

static voice_slot model_victim(const struct model *model, uint32_t priority, uint32_t id)
{
    voice_slot best = VOICE_NONE;
    uint64_t best_rank = UINT64_MAX;
    for (uint32_t i = 0; i < alloc.slots; i++) {
        uint64_t rank = (uint64_t)model[i].priority << 32 | (uint64_t)!model[i].released << 31 |
                        (uint64_t)model[i].step << 24 | model[i].order;
        if (model[i].sounding && rank < best_rank) {
            best_rank = rank;
            best = i;
        }
    }
    if (best != VOICE_NONE && (model[best].priority > priority || model[best].id == id))
        return VOICE_NONE;
    return best;
}

static uint32_t random_state = 12345;
static uint32_t dice(uint32_t sides)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % sides;
}

static void test_against_model(void)
{
    enum { VOICES = 60 };
    static struct model model[128];
    uint32_t order = 0, wrong = 0, stolen_count = 0, sounding = 0, refused = 0;
    open(VOICES);
    memset(model, 0, sizeof model);
    for (uint32_t step = 1; step < 60000; step++) {
        uint32_t action = dice(10), at = dice(alloc.slots);
        if (action < 5) {
            uint32_t priority = 0x80000000u | dice(16);
            voice_slot want = sounding == VOICES ? model_victim(model, priority, step) : VOICE_NONE, stolen;
            voice_slot slot = alloc_take(&alloc, priority, step, &stolen);
            wrong += stolen != want;
            if (stolen != VOICE_NONE) {
                model[stolen].sounding = false;
                model[stolen].fading = true;
                stolen_count++;
                sounding--;
            }
            if (slot == VOICE_NONE) {
                refused++;
            } else {
                model[slot] = (struct model){priority, step, ++order, 15, true, false, false};
                mixer.voice[slot].level_db = 0;
                sounding++;
            }
        } else if (action < 7 && model[at].sounding && !model[at].released) {
            alloc_released(&alloc, at);
            model[at].released = true;
        } else if (action == 7 && (model[at].sounding || model[at].fading)) {
            sounding -= model[at].sounding;
            alloc_free(&alloc, at);
            model[at] = (struct model){0};
        } else if (action == 8 && model[at].sounding) {
            uint32_t priority = 0x80000000u | dice(16);
            if (priority != model[at].priority) {
                alloc_reprioritise(&alloc, at, priority);
                model[at].priority = priority;
            }
        }
        if (alloc.sounding != sounding)
            wrong++;
        for (uint32_t i = 0; action == 9 && i < alloc.slots; i++)
            if (model[i].fading) { /* the fade is over before the reserve runs out */
                alloc_free(&alloc, i);
                model[i].fading = false;
            }
    }
    CHECK_EQ(wrong, 0);
    CHECK(stolen_count > 1000);
    CHECK(refused > 0);
    close();
}

static void test_many_priorities(void)
{
    open(1000);
    for (uint32_t i = 0; i < 1000; i++)
        take(i * 7919 % 1000, i + 1);
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < 200; i++) { /* the lowest one each time */
        voice_slot slot = steal(5000, 2000 + i);
        wrong += slot * 7919 % 1000 != i;
    }
    CHECK_EQ(wrong, 0);
    close();
}

static void test_no_memory(void)
{
    for (long fail = 1; fail <= 4; fail++) {
        mem = test_memory(&memory);
        memory.fail_at = fail;
        CHECK_EQ(alloc_init(&alloc, 100, &mem), SYNTH_NOMEM);
        CHECK_EQ(memory.live, 0);
    }
}

int main(void)
{
    RUN(test_reserve);
    RUN(test_lowest_free_slot);
    RUN(test_priority_first);
    RUN(test_never_from_higher_even_released);
    RUN(test_released_then_quiet_then_old);
    RUN(test_attack_counts_as_loud);
    RUN(test_not_from_the_same_note);
    RUN(test_reserve_runs_out);
    RUN(test_against_model);
    RUN(test_many_priorities);
    RUN(test_no_memory);
    return tap_done();
}
