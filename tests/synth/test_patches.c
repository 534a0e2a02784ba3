/* SPDX-License-Identifier: MIT */
/* Which instrument answers: precedence (spec/ddi-user.md 9.3), fallbacks (spec/dls.md 1.4, 4.4), native 67-69. */
#include "../tap.h"
#include "synth/patches.h"

enum { NODES = 32 };

static struct patches patches;
static struct instrument instruments[NODES];
static struct patch_node nodes[NODES];
static int used;

static struct patch_node *add(uint32_t patch, bool gm)
{
    struct patch_node *node = &nodes[used];
    struct instrument *instrument = &instruments[used++];
    memset(node, 0, sizeof *node);
    memset(instrument, 0, sizeof *instrument);
    instrument->patch = patch;
    instrument->drums = patch >> 31;
    instrument->gm = gm;
    node->instrument = instrument;
    patches_link(&patches, node);
    return node;
}

static void fresh(void)
{
    used = 0;
    patches_init(&patches);
}

static struct patch_node *find(enum synth_profile profile, bool drums, uint8_t msb, uint8_t lsb, uint8_t program)
{
    return patches_find(&patches, profile, (struct patch_choice){msb, lsb, program, drums});
}

static void test_precedence(void)
{
    fresh();
    struct patch_node *gm_old = add(5, true), *first = add(5, false), *gm_new = add(5, true), *second = add(5, false);
    add(6, false);
    struct patch_node *at = patches_exact(&patches, 5);
    CHECK(at == second); /* non-GM first, newest first */
    at = patches_same(at);
    CHECK(at == first);
    at = patches_same(at);
    CHECK(at == gm_new);
    at = patches_same(at);
    CHECK(at == gm_old);
    CHECK(patches_same(at) == NULL);
    patches_unlink(&patches, second);
    CHECK(patches_exact(&patches, 5) == first);
    CHECK(patches_same(second) == first); /* who stands on it goes on */
    patches_unlink(&patches, first);
    CHECK(patches_exact(&patches, 5) == gm_new);
}

static void test_version_moves(void)
{
    fresh();
    uint32_t version = patches.version;
    struct patch_node *node = add(1, false);
    CHECK(patches.version != version);
    version = patches.version;
    patches_unlink(&patches, node);
    CHECK(patches.version != version);
    CHECK(patches_exact(&patches, 1) == NULL);
    CHECK(find(SYNTH_STUDIO, false, 0, 0, 1) == NULL);
}

static void test_native(void)
{
    fresh();
    add(0x00010203, false);
    struct patch_node *kit = add(PATCH_DRUMS, false), *kit8 = add(PATCH_DRUMS | 8, false);
    CHECK(find(SYNTH_NATIVE, false, 1, 2, 3) == &nodes[0]);
    CHECK(find(SYNTH_NATIVE, false, 0, 2, 3) == NULL); /* no fallback on melodic channels */
    CHECK(find(SYNTH_NATIVE, false, 1, 0, 3) == NULL);
    CHECK(find(SYNTH_NATIVE, false, 0, 0, 0) == NULL); /* a kit is no melodic instrument */
    CHECK(find(SYNTH_NATIVE, true, 0, 0, 8) == kit8);
    CHECK(find(SYNTH_NATIVE, true, 0, 0, 9) == kit); /* unknown program, */
    CHECK(find(SYNTH_NATIVE, true, 3, 0, 8) == kit); /* bank MSB */
    CHECK(find(SYNTH_NATIVE, true, 0, 4, 8) == kit); /* or LSB */
}

static void test_studio_melodic(void)
{
    fresh();
    struct patch_node *capital = add(0x00000003, false), *variation = add(0x00080003, false), *lsb = add(0x00080203, false);
    CHECK(find(SYNTH_STUDIO, false, 8, 2, 3) == lsb);
    CHECK(find(SYNTH_STUDIO, false, 8, 1, 3) == variation); /* LSB 0 */
    CHECK(find(SYNTH_STUDIO, false, 9, 1, 3) == capital);   /* bank 0 */
    CHECK(find(SYNTH_STUDIO, false, 0x79, 0, 3) == capital);
    CHECK(find(SYNTH_STUDIO, false, 0, 0, 4) == NULL);
    struct patch_node *far = add(0x00300004, false), *near = add(0x00200004, false);
    CHECK(find(SYNTH_STUDIO, false, 0, 0, 4) == near); /* any bank: the lowest, whatever came first */
    struct patch_node *gm2 = add(0x00790004, false);
    CHECK(find(SYNTH_STUDIO, false, 0, 0, 4) == gm2); /* but the GM 2 default bank before */
    (void)far;
    add(0x00780007, false);
    CHECK(find(SYNTH_STUDIO, false, 0, 0, 7) == NULL); /* a kit is no last resort for melodies */
}

static void test_studio_drums(void)
{
    fresh();
    add(0x00000000, false);
    CHECK(find(SYNTH_STUDIO, true, 0, 0, 0) == NULL); /* nor a piano for drums */
    struct patch_node *kit0 = add(PATCH_DRUMS, false), *kit24 = add(PATCH_DRUMS | 24, false);
    CHECK(find(SYNTH_STUDIO, true, 0, 0, 24) == kit24);
    CHECK(find(SYNTH_STUDIO, true, 0, 0, 25) == kit24); /* program & 0x78 */
    CHECK(find(SYNTH_STUDIO, true, 127, 0, 24) == kit24);
    CHECK(find(SYNTH_STUDIO, true, 0x78, 0, 24) == kit24);
    CHECK(find(SYNTH_STUDIO, true, 0, 0, 40) == kit0);
    fresh();
    struct patch_node *gm2 = add(0x00780000, false); /* DLS 2.2: no drum bit */
    CHECK(find(SYNTH_STUDIO, true, 0x78, 0, 0) == gm2);
    CHECK(find(SYNTH_STUDIO, true, 0, 0, 0) == gm2);
    CHECK(find(SYNTH_STUDIO, true, 0, 0, 9) == gm2);
    CHECK(find(SYNTH_STUDIO, false, 0, 0, 0) == NULL);
}

static void test_many(void)
{
    static struct instrument many[3000];
    static struct patch_node many_nodes[3000];
    uint32_t wrong = 0;
    fresh();
    for (uint32_t i = 0; i < 3000; i++) {
        many[i] = (struct instrument){.patch = (i / 128) << 16 | (i % 128)};
        many_nodes[i] = (struct patch_node){.instrument = &many[i]};
        patches_link(&patches, &many_nodes[i]);
    }
    for (uint32_t i = 0; i < 3000; i += 2)
        patches_unlink(&patches, &many_nodes[i]);
    for (uint32_t i = 0; i < 3000; i++)
        wrong += patches_exact(&patches, many[i].patch) != (i % 2 ? &many_nodes[i] : NULL);
    CHECK_EQ(wrong, 0);
}

int main(void)
{
    RUN(test_precedence);
    RUN(test_version_moves);
    RUN(test_native);
    RUN(test_studio_melodic);
    RUN(test_studio_drums);
    RUN(test_many);
    return tap_done();
}
