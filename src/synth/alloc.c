/* SPDX-License-Identifier: MIT */
#include "alloc.h"

#include <string.h>

#include "base/bits.h"
#include "fetch.h"

/* ---- lists -------------------------------------------------------------- */

static struct slot_link *link_of(struct alloc *alloc, uint16_t slot, enum slot_list list)
{
    return &alloc->slot[slot].links[list];
}

void slot_append(struct alloc *alloc, enum slot_list list, struct slot_chain *chain, uint16_t slot)
{
    *link_of(alloc, slot, list) = (struct slot_link){SLOT_NONE, chain->last};
    if (chain->last == SLOT_NONE)
        chain->first = slot;
    else
        link_of(alloc, chain->last, list)->next = slot;
    chain->last = slot;
}

void slot_remove(struct alloc *alloc, enum slot_list list, struct slot_chain *chain, uint16_t slot)
{
    const struct slot_link own = *link_of(alloc, slot, list);
    if (own.previous == SLOT_NONE)
        chain->first = own.next;
    else
        link_of(alloc, own.previous, list)->next = own.next;
    if (own.next == SLOT_NONE)
        chain->last = own.previous;
    else
        link_of(alloc, own.next, list)->previous = own.previous;
}

/* Of a rank: rings, of which the head is the first and its previous the last. There are many of them, and few in use. */
static void ring_append(struct alloc *alloc, uint16_t *head, uint16_t slot)
{
    struct slot_link *own = link_of(alloc, slot, SLOT_BY_RANK);
    if (*head == SLOT_NONE) {
        own->next = own->previous = slot;
        *head = slot;
        return;
    }
    struct slot_link *first = link_of(alloc, *head, SLOT_BY_RANK);
    own->next = *head;
    own->previous = first->previous;
    link_of(alloc, first->previous, SLOT_BY_RANK)->next = slot;
    first->previous = slot;
}

static void ring_insert(struct alloc *alloc, uint16_t *head, uint16_t slot, uint16_t place)
{
    struct slot_link *own = link_of(alloc, slot, SLOT_BY_RANK), *after = link_of(alloc, place, SLOT_BY_RANK);
    own->next = place;
    own->previous = after->previous;
    link_of(alloc, after->previous, SLOT_BY_RANK)->next = slot;
    after->previous = slot;
    if (*head == place)
        *head = slot;
}

static void ring_remove(struct alloc *alloc, uint16_t *head, uint16_t slot)
{
    struct slot_link *own = link_of(alloc, slot, SLOT_BY_RANK);
    if (own->next == slot) {
        *head = SLOT_NONE;
        return;
    }
    link_of(alloc, own->previous, SLOT_BY_RANK)->next = own->next;
    link_of(alloc, own->next, SLOT_BY_RANK)->previous = own->previous;
    if (*head == slot)
        *head = own->next;
}

/* ---- free slots: the lowest bit of a tree of words ----------------------- */

/* Index of the lowest set bit of X, not 0. A table by de Bruijn sequence: no compiler builtin, no library call. */
static void set_free(struct alloc *alloc, uint32_t slot)
{
    alloc->free_words[slot >> 5] |= 1u << (slot & 31);
    alloc->free_groups[slot >> 10] |= 1u << (slot >> 5 & 31);
    alloc->free_top |= 1u << (slot >> 10);
}

/* There must be one. */
static voice_slot next_free(const struct alloc *alloc)
{
    uint32_t top = lowest_bit(alloc->free_top);
    uint32_t word = top << 5 | lowest_bit(alloc->free_groups[top]);
    return word << 5 | lowest_bit(alloc->free_words[word]);
}

static voice_slot take_free(struct alloc *alloc)
{
    uint32_t slot = next_free(alloc), word = slot >> 5, top = slot >> 10;
    if (!(alloc->free_words[word] &= alloc->free_words[word] - 1))
        if (!(alloc->free_groups[top] &= alloc->free_groups[top] - 1))
            alloc->free_top &= alloc->free_top - 1;
    return slot;
}

/* ---- ranks: a heap over the priorities in use ---------------------------- */

static void heap_put(struct alloc *alloc, uint32_t at, uint16_t rank)
{
    alloc->heap[at] = rank;
    alloc->ranks[rank].heap_at = (uint16_t)at;
}

static bool lower(const struct alloc *alloc, uint16_t a, uint16_t b)
{
    return alloc->ranks[a].priority < alloc->ranks[b].priority;
}

static void heap_up(struct alloc *alloc, uint32_t at, uint16_t rank)
{
    while (at > 0 && lower(alloc, rank, alloc->heap[(at - 1) / 2])) {
        heap_put(alloc, at, alloc->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    heap_put(alloc, at, rank);
}

static void heap_down(struct alloc *alloc, uint32_t at, uint16_t rank)
{
    for (uint32_t child; (child = 2 * at + 1) < alloc->rank_count; at = child) {
        if (child + 1 < alloc->rank_count && lower(alloc, alloc->heap[child + 1], alloc->heap[child]))
            child++;
        if (!lower(alloc, alloc->heap[child], rank))
            break;
        heap_put(alloc, at, alloc->heap[child]);
    }
    heap_put(alloc, at, rank);
}

static uint16_t *hash_of(struct alloc *alloc, uint32_t priority)
{
    return &alloc->rank_hash[(priority * 2654435761u >> 12) & alloc->hash_mask];
}

/* There are as many ranks as slots, and each rank in use has a slot: one is always free. */
static uint16_t rank_for(struct alloc *alloc, uint32_t priority)
{
    uint16_t *bucket = hash_of(alloc, priority);
    for (uint16_t at = *bucket; at != SLOT_NONE; at = alloc->ranks[at].next)
        if (alloc->ranks[at].priority == priority)
            return at;
    uint16_t rank = alloc->free_rank;
    struct rank *own = &alloc->ranks[rank];
    alloc->free_rank = own->next;
    own->priority = priority;
    own->next = *bucket;
    *bucket = rank;
    heap_up(alloc, alloc->rank_count++, rank);
    return rank;
}

static void drop_rank(struct alloc *alloc, uint16_t rank)
{
    struct rank *own = &alloc->ranks[rank];
    uint16_t *link = hash_of(alloc, own->priority);
    while (*link != rank)
        link = &alloc->ranks[*link].next;
    *link = own->next;
    own->next = alloc->free_rank;
    alloc->free_rank = rank;
    uint32_t at = own->heap_at;
    uint16_t last = alloc->heap[--alloc->rank_count];
    if (last == rank)
        return;
    if (at > 0 && lower(alloc, last, alloc->heap[(at - 1) / 2]))
        heap_up(alloc, at, last);
    else
        heap_down(alloc, at, last);
}

/* Into a list at its place by age. Voices come nearly in that order: the walk is short, and bounded all the same. */
static void slot_insert(struct alloc *alloc, uint16_t *head, uint16_t number)
{
    enum { FARTHEST = 64 };
    uint16_t place = SLOT_NONE, at = *head != SLOT_NONE ? link_of(alloc, *head, SLOT_BY_RANK)->previous : SLOT_NONE;
    for (int i = 0; i < FARTHEST && at != SLOT_NONE; i++) {
        if ((int32_t)(alloc->slot[at].note_id - alloc->slot[number].note_id) <= 0)
            break;
        place = at;
        at = at == *head ? SLOT_NONE : link_of(alloc, at, SLOT_BY_RANK)->previous;
    }
    if (place == SLOT_NONE)
        ring_append(alloc, head, number);
    else
        ring_insert(alloc, head, number, place);
}

/* Lists are numbered in the order of theft: released from quiet to loud, then held from quiet to loud. */
static void file(struct alloc *alloc, voice_slot number, uint16_t rank, uint8_t list)
{
    struct slot *slot = &alloc->slot[number];
    slot->rank = rank;
    slot->list = list;
    slot_insert(alloc, &alloc->ranks[rank].head[list], (uint16_t)number);
    alloc->ranks[rank].filled |= 1u << list;
}

static void unfile(struct alloc *alloc, voice_slot number)
{
    struct slot *slot = &alloc->slot[number];
    struct rank *rank = &alloc->ranks[slot->rank];
    ring_remove(alloc, &rank->head[slot->list], (uint16_t)number);
    if (rank->head[slot->list] == SLOT_NONE)
        rank->filled &= ~(1u << slot->list);
}

static void drop_rank_if_empty(struct alloc *alloc, uint16_t rank)
{
    if (!alloc->ranks[rank].filled)
        drop_rank(alloc, rank);
}

static void refile(struct alloc *alloc, voice_slot slot, uint8_t list)
{
    if (alloc->slot[slot].list == list)
        return;
    uint16_t rank = alloc->slot[slot].rank;
    unfile(alloc, slot);
    file(alloc, slot, rank, list);
}

/* ---- life --------------------------------------------------------------- */

uint32_t alloc_slots(uint32_t voices)
{
    uint32_t reserve = voices / 4, least = voices < 8 ? 8 : voices < 32 ? voices : 32;
    return voices + (reserve > least ? reserve : least);
}

void alloc_reset(struct alloc *alloc)
{
    memset(alloc->slot, 0, alloc->slots * sizeof *alloc->slot);
    memset(alloc->free_words, 0, sizeof alloc->free_words);
    memset(alloc->free_groups, 0, sizeof alloc->free_groups);
    memset(alloc->rank_hash, 0xFF, (alloc->hash_mask + 1) * sizeof *alloc->rank_hash);
    alloc->free_top = 0;
    alloc->sounding = 0;
    alloc->rank_count = 0;
    alloc->refresh_at = 0;
    alloc->refresh_end = 0;
    alloc->refresh_seen = 0;
    alloc->free_rank = SLOT_NONE;
    for (uint32_t i = alloc->slots; i-- > 0;) {
        alloc->slot[i].rank = SLOT_NONE;
        alloc->ranks[i].next = alloc->free_rank;
        alloc->ranks[i].filled = 0;
        memset(alloc->ranks[i].head, 0xFF, sizeof alloc->ranks[i].head);
        alloc->free_rank = (uint16_t)i;
        set_free(alloc, i);
    }
}

enum synth_status alloc_init(struct alloc *alloc, uint32_t voices, const struct synth_memory *mem)
{
    memset(alloc, 0, sizeof *alloc);
    alloc->limit = voices;
    alloc->slots = alloc_slots(voices);
    alloc->hash_mask = 63;
    while (alloc->hash_mask + 1 < alloc->slots)
        alloc->hash_mask = alloc->hash_mask * 2 + 1;
    alloc->slot = mem->alloc(mem->ctx, alloc->slots * sizeof *alloc->slot);
    alloc->ranks = mem->alloc(mem->ctx, alloc->slots * sizeof *alloc->ranks);
    alloc->heap = mem->alloc(mem->ctx, alloc->slots * sizeof *alloc->heap);
    alloc->rank_hash = mem->alloc(mem->ctx, (alloc->hash_mask + 1) * sizeof *alloc->rank_hash);
    if (!alloc->slot || !alloc->ranks || !alloc->heap || !alloc->rank_hash) {
        alloc_destroy(alloc, mem);
        return SYNTH_NOMEM;
    }
    alloc_reset(alloc);
    return SYNTH_OK;
}

void alloc_destroy(struct alloc *alloc, const struct synth_memory *mem)
{
    mem->free(mem->ctx, alloc->slot);
    mem->free(mem->ctx, alloc->ranks);
    mem->free(mem->ctx, alloc->heap);
    mem->free(mem->ctx, alloc->rank_hash);
    memset(alloc, 0, sizeof *alloc);
}

/* ---- taking and giving -------------------------------------------------- */

static voice_slot victim(const struct alloc *alloc, uint32_t priority, uint32_t note_id)
{
    if (!alloc->rank_count)
        return VOICE_NONE;
    const struct rank *rank = &alloc->ranks[alloc->heap[0]];
    if (rank->priority > priority)
        return VOICE_NONE;
    uint16_t slot = rank->head[lowest_bit(rank->filled)];
    /* Voices of the present note-on stand last in the last list: if the first is one of them, all are. */
    return alloc->slot[slot].note_id == note_id ? VOICE_NONE : slot;
}

voice_slot alloc_take(struct alloc *alloc, uint32_t priority, uint32_t note_id, voice_slot *stolen)
{
    *stolen = VOICE_NONE;
    if (!alloc->free_top)
        return VOICE_NONE;
    if (alloc->sounding >= alloc->limit) {
        *stolen = victim(alloc, priority, note_id);
        if (*stolen == VOICE_NONE)
            return VOICE_NONE;
        alloc_retire(alloc, *stolen);
    }
    voice_slot number = take_free(alloc);
    struct slot *slot = &alloc->slot[number];
    slot->note_id = note_id;
    slot->sounding = true;
    slot->released = false;
    slot->settled = false;
    slot->last_step = 0;
    alloc->sounding++;
    if (number >= alloc->refresh_end)
        alloc->refresh_end = number + 1;
    if (number >= alloc->refresh_seen)
        alloc->refresh_seen = number + 1;
    file(alloc, number, rank_for(alloc, priority), ALLOC_LISTS - 1);
    return number;
}

#define NEAR_SLOTS 512u /* as many stay in the cache anyway */

/* Of the victim its neighbours in all lists, of which it will be taken; of the one after it the slot, which says where its
 * neighbours are. */
voice_slot alloc_expect(const struct alloc *alloc)
{
    if (!alloc->free_top || alloc->slots <= NEAR_SLOTS)
        return VOICE_NONE;
    fetch_line_to_write(&alloc->slot[next_free(alloc)]);
    if (alloc->sounding < alloc->limit || !alloc->rank_count)
        return VOICE_NONE;
    const struct rank *rank = &alloc->ranks[alloc->heap[0]];
    uint16_t number = rank->head[lowest_bit(rank->filled)];
    const struct slot *slot = &alloc->slot[number];
    for (unsigned list = 0; list < SLOT_LISTS; list++) {
        const struct slot_link link = slot->links[list];
        fetch_line_to_write(&alloc->slot[link.next == SLOT_NONE ? number : link.next]);
        fetch_line_to_write(&alloc->slot[link.previous == SLOT_NONE ? number : link.previous]);
    }
    return number;
}

void alloc_retire(struct alloc *alloc, voice_slot number)
{
    struct slot *slot = &alloc->slot[number];
    if (!slot->sounding)
        return;
    uint16_t rank = slot->rank;
    unfile(alloc, number);
    drop_rank_if_empty(alloc, rank);
    slot->rank = SLOT_NONE;
    slot->sounding = false;
    alloc->sounding--;
}

void alloc_free(struct alloc *alloc, voice_slot slot)
{
    alloc_retire(alloc, slot);
    set_free(alloc, slot);
}

void alloc_released(struct alloc *alloc, voice_slot number)
{
    struct slot *slot = &alloc->slot[number];
    if (slot->sounding && !slot->released) {
        slot->released = true;
        refile(alloc, number, slot->list & (ALLOC_LEVELS - 1));
    }
}

void alloc_reprioritise(struct alloc *alloc, voice_slot number, uint32_t priority)
{
    struct slot *slot = &alloc->slot[number];
    if (!slot->sounding || alloc->ranks[slot->rank].priority == priority)
        return;
    uint16_t old = slot->rank;
    unfile(alloc, number);
    drop_rank_if_empty(alloc, old);
    file(alloc, number, rank_for(alloc, priority), slot->list);
}

/* An octave, 6.02 dB, to a step: the number's exponent. 15 is a half and more, 0 below 2^-15. LEVEL is not negative. */
static uint8_t level_step(float level)
{
    enum { HALF = 126 }; /* exponent of IEEE 754's 0.5 */
    uint32_t bits;
    memcpy(&bits, &level, sizeof bits);
    uint32_t exponent = bits >> 23, lowest = HALF - (ALLOC_LEVELS - 1);
    return exponent >= HALF ? ALLOC_LEVELS - 1 : exponent > lowest ? (uint8_t)(exponent - lowest) : 0;
}

static void look_at(struct alloc *alloc, const struct mixer *mixer, voice_slot number)
{
    struct slot *slot = &alloc->slot[number];
    uint8_t step = level_step(mixer_level(mixer, number));
    if (step <= slot->last_step)
        slot->settled = true;
    slot->last_step = step;
    if (slot->settled)
        refile(alloc, number, (uint8_t)((slot->released ? 0 : ALLOC_LEVELS) + step));
}

void alloc_refresh(struct alloc *alloc, const struct mixer *mixer)
{
    uint32_t count = alloc->sounding / 8 > 16 ? alloc->sounding / 8 : 16;
    for (; count > 0 && alloc->sounding; count--) {
        if (alloc->refresh_at >= alloc->refresh_end) {
            alloc->refresh_at = 0;
            alloc->refresh_end = alloc->refresh_seen;
            alloc->refresh_seen = 0;
            if (!alloc->refresh_end)
                return;
        }
        if (alloc->slot[alloc->refresh_at].sounding) {
            look_at(alloc, mixer, alloc->refresh_at);
            alloc->refresh_seen = alloc->refresh_at + 1;
        }
        alloc->refresh_at++;
    }
}
