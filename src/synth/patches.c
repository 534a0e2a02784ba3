/* SPDX-License-Identifier: MIT */
#include "patches.h"

static unsigned bucket_of(uint32_t patch) { return (patch * 2654435761u) >> 23; }
_Static_assert(PATCH_BUCKETS == 1u << 9, "bucket_of gives 9 bits");

void patches_init(struct patches *patches)
{
    atomic_init(&patches->version, 1);
    for (unsigned i = 0; i < PATCH_BUCKETS; i++)
        atomic_init(&patches->bucket[i], NULL);
    for (unsigned i = 0; i < 128; i++)
        atomic_init(&patches->program[i], NULL);
}

static struct patch_node *get(const _Atomic(struct patch_node *) *link)
{
    return atomic_load_explicit(link, memory_order_acquire);
}

/* ---- control side ------------------------------------------------------- */

/* A newer node goes before its equals. */
static bool goes_before(const struct instrument *newer, const struct instrument *older)
{
    return !newer->gm || older->gm;
}

/* Program lists are in order of the bank first, so that the choice does not depend on the order of downloads. */
static bool goes_before_in_program(const struct instrument *newer, const struct instrument *older)
{
    return newer->patch != older->patch ? newer->patch < older->patch : goes_before(newer, older);
}

enum { GM2_DRUM_BANK = 0x78, GM2_MELODIC_BANK = 0x79 };

/* Kits are no last resort for a melodic part, with the drum bit or without. */
static bool in_program_list(const struct instrument *instrument)
{
    return !instrument->drums && (instrument->patch >> 16 & 127) != GM2_DRUM_BANK;
}

void patches_link(struct patches *patches, struct patch_node *node)
{
    const struct instrument *instrument = node->instrument;
    _Atomic(struct patch_node *) *link = &patches->bucket[bucket_of(instrument->patch)];
    struct patch_node *at = get(link);
    while (at && (at->instrument->patch != instrument->patch || !goes_before(instrument, at->instrument))) {
        link = &at->next;
        at = get(link);
    }
    atomic_store_explicit(&node->next, at, memory_order_relaxed);
    atomic_store_explicit(link, node, memory_order_release);
    if (in_program_list(instrument)) {
        link = &patches->program[instrument->patch & 127];
        at = get(link);
        while (at && !goes_before_in_program(instrument, at->instrument)) {
            link = &at->next_program;
            at = get(link);
        }
        atomic_store_explicit(&node->next_program, at, memory_order_relaxed);
        atomic_store_explicit(link, node, memory_order_release);
    }
    atomic_fetch_add_explicit(&patches->version, 1, memory_order_seq_cst);
}

void patches_unlink(struct patches *patches, struct patch_node *node)
{
    _Atomic(struct patch_node *) *link = &patches->bucket[bucket_of(node->instrument->patch)];
    for (struct patch_node *at = get(link); at; link = &at->next, at = get(link))
        if (at == node) {
            atomic_store_explicit(link, get(&node->next), memory_order_release);
            break;
        }
    if (in_program_list(node->instrument)) {
        link = &patches->program[node->instrument->patch & 127];
        for (struct patch_node *at = get(link); at; link = &at->next_program, at = get(link))
            if (at == node) {
                atomic_store_explicit(link, get(&node->next_program), memory_order_release);
                break;
            }
    }
    /* seq_cst: paired with the render side's entry, see downloads.c. */
    atomic_fetch_add_explicit(&patches->version, 1, memory_order_seq_cst);
}

/* ---- render side -------------------------------------------------------- */

uint32_t patch_number(struct patch_choice choice)
{
    return (choice.drums ? PATCH_DRUMS : 0) | (uint32_t)choice.msb << 16 | (uint32_t)choice.lsb << 8 | choice.program;
}

static struct patch_node *at_patch(struct patch_node *node, uint32_t patch)
{
    while (node && node->instrument->patch != patch)
        node = get(&node->next);
    return node;
}

struct patch_node *patches_exact(const struct patches *patches, uint32_t patch)
{
    return at_patch(get(&patches->bucket[bucket_of(patch)]), patch);
}

struct patch_node *patches_same(const struct patch_node *node) { return at_patch(get(&node->next), node->instrument->patch); }

static struct patch_node *at_address(const struct patches *patches, bool drums, unsigned msb, unsigned lsb, unsigned program)
{
    return patches_exact(patches, (drums ? PATCH_DRUMS : 0) | msb << 16 | lsb << 8 | program);
}

/* A kit by any of the addresses that banks use: rhythm bit and bank 0 (GS, gm.dls, SF2 bank 128), GM 2's bank 0x78 with or
 * without the bit (DLS 2.2 compares no bit). */
static struct patch_node *find_kit(const struct patches *patches, unsigned program)
{
    struct patch_node *node = at_address(patches, true, 0, 0, program);
    if (!node)
        node = at_address(patches, true, GM2_DRUM_BANK, 0, program);
    if (!node)
        node = at_address(patches, false, GM2_DRUM_BANK, 0, program);
    return node;
}

static struct patch_node *find_drums(const struct patches *patches, struct patch_choice choice)
{
    struct patch_node *node = at_address(patches, true, choice.msb, choice.lsb, choice.program);
    if (!node && choice.msb == GM2_DRUM_BANK)
        node = at_address(patches, false, choice.msb, choice.lsb, choice.program);
    if (!node && choice.lsb)
        node = at_address(patches, true, choice.msb, 0, choice.program);
    if (!node)
        node = find_kit(patches, choice.program);
    if (!node)
        node = find_kit(patches, choice.program & 0x78u);
    if (!node)
        node = find_kit(patches, 0);
    return node;
}

static struct patch_node *find_melodic(const struct patches *patches, struct patch_choice choice)
{
    struct patch_node *node = at_address(patches, false, choice.msb, choice.lsb, choice.program);
    if (!node && choice.msb == GM2_MELODIC_BANK)
        node = at_address(patches, true, choice.msb, choice.lsb, choice.program);
    if (!node && choice.lsb)
        node = at_address(patches, false, choice.msb, 0, choice.program);
    if (!node)
        node = at_address(patches, false, 0, 0, choice.program);
    if (!node)
        node = at_address(patches, false, GM2_MELODIC_BANK, 0, choice.program);
    return node ? node : get(&patches->program[choice.program & 127]);
}

struct patch_node *patches_find(const struct patches *patches, enum synth_profile profile,
                                struct patch_choice choice)
{
    if (profile == SYNTH_STUDIO)
        return choice.drums ? find_drums(patches, choice) : find_melodic(patches, choice);
    struct patch_node *node = patches_exact(patches, patch_number(choice));
    return node || !choice.drums ? node : patches_exact(patches, PATCH_DRUMS);
}
