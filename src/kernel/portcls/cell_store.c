/* SPDX-License-Identifier: MIT */
#include "cell_store.h"

#include <string.h>

#include "base/alloc.h"
#include "base/checked.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CELL_ASAN
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define CELL_ASAN
#endif
#ifdef CELL_ASAN
#include <sanitizer/asan_interface.h>
#define HIDE(address, size) ASAN_POISON_MEMORY_REGION(address, size)
#define SHOW(address, size) ASAN_UNPOISON_MEMORY_REGION(address, size)
#else
#define HIDE(address, size) ((void)(address), (void)(size))
#define SHOW(address, size) ((void)(address), (void)(size))
#endif

#define FREE_PATTERN  0xDD /* as a pointer, no address of a user */
#define GUARD_PATTERN 0xFD

static bool filled_with(const uint8_t *bytes, size_t size, uint8_t pattern)
{
    return size == 0 || (bytes[0] == pattern && memcmp(bytes, bytes + 1, size - 1) == 0);
}

/* Twice for each event: no snprintf. */
static void set_past(struct cell *cell, const char *who, uintptr_t code)
{
    size_t i = 0;
    for (; who && who[i] && i < CELL_WHO_MAX - 1; i++)
        cell->past.who[i] = who[i];
    cell->past.who[i] = '\0';
    cell->past.code = code;
}

static bool make_slab(const struct cell_store *store, uint32_t count, struct cell_slab *slab)
{
    size_t size;
    if (!mul_size(count, store->stride, &size))
        return false;
    slab->memory = dm_calloc_aligned(16, size);
    slab->cells = dm_calloc(count, sizeof *slab->cells);
    slab->count = count;
    if (!slab->memory || !slab->cells) {
        dm_free_aligned(slab->memory);
        dm_free(slab->cells);
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct cell *cell = &slab->cells[i];
        cell->bytes = slab->memory + (size_t)i * store->stride;
        cell->next = i + 1 < count ? cell + 1 : NULL;
        memset(cell->bytes, FREE_PATTERN, store->size);
        memset(cell->bytes + store->size, GUARD_PATTERN, store->stride - store->size);
    }
    if (store->trap)
        HIDE(slab->memory, size);
    return true;
}

static void free_slab(const struct cell_store *store, struct cell_slab *slab)
{
    SHOW(slab->memory, (size_t)slab->count * store->stride);
    dm_free_aligned(slab->memory);
    dm_free(slab->cells);
}

/* With the lock held. */
static void push_free(struct cell_store *store, struct cell *head, struct cell *tail)
{
    if (store->free_tail)
        store->free_tail->next = head;
    else
        store->free_head = head;
    store->free_tail = tail;
}

/* With the lock held, which is let go while memory is asked for. True: look again, there may be cells. */
static bool grow(struct cell_store *store, uint32_t want)
{
    uint32_t room = store->max ? store->max - store->total : UINT32_MAX - store->total;
    struct cell_slab slab;
    want = want < room ? want : room;
    if (!want || store->slab_count == CELL_SLABS_MAX)
        return false;
    mxf_unlock(&store->lock);
    while (want && !make_slab(store, want, &slab))
        want /= 2;
    mxf_lock(&store->lock);
    if (!want)
        return store->free_head != NULL;
    room = store->max ? store->max - store->total : UINT32_MAX - store->total;
    if (want > room || store->slab_count == CELL_SLABS_MAX) { /* another thread was faster */
        free_slab(store, &slab);
        return store->free_head != NULL;
    }
    store->slabs[store->slab_count++] = slab;
    store->total += want;
    push_free(store, slab.cells, slab.cells + want - 1);
    return true;
}

bool cell_store_init(struct cell_store *store, uint32_t size, uint32_t count, uint32_t max, bool trap)
{
    memset(store, 0, sizeof *store);
    store->size = size;
    store->stride = (size + CELL_GUARD + 15) & ~15u;
    store->max = max;
    store->trap = trap;
    if (!mxf_lock_init(&store->lock))
        return false;
    mxf_lock(&store->lock);
    bool ok = grow(store, count) && store->total == (max && max < count ? max : count);
    mxf_unlock(&store->lock);
    if (!ok)
        cell_store_end(store);
    return ok;
}

void cell_store_end(struct cell_store *store)
{
    for (unsigned i = 0; i < store->slab_count; i++)
        free_slab(store, &store->slabs[i]);
    store->slab_count = 0;
    mxf_lock_end(&store->lock);
}

struct cell *cell_store_take(struct cell_store *store, const char *who, uintptr_t code, bool *stale, struct cell_past *before)
{
    mxf_lock(&store->lock);
    while (!store->free_head)
        if (!grow(store, store->total)) {
            mxf_unlock(&store->lock);
            return NULL;
        }
    struct cell *cell = store->free_head;
    store->free_head = cell->next;
    if (!store->free_head)
        store->free_tail = NULL;
    *before = cell->past;
    cell->next = NULL;
    cell->state = CELL_OUT;
    cell->leak_told = false;
    cell->holder = 0;
    set_past(cell, who, code);
    store->out++;
    store->taken++;
    mxf_unlock(&store->lock);
    SHOW(cell->bytes, store->size);
    *stale = !filled_with(cell->bytes, store->size, FREE_PATTERN);
    memset(cell->bytes, 0, store->size);
    return cell;
}

/* With the lock held. */
static struct cell *find(struct cell_store *store, const void *address, bool *start)
{
    uintptr_t at = (uintptr_t)address;
    for (unsigned i = store->slab_count; i-- > 0;) { /* the newest is the largest */
        const struct cell_slab *slab = &store->slabs[i];
        uintptr_t offset = at - (uintptr_t)slab->memory;
        if (at >= (uintptr_t)slab->memory && offset < (uintptr_t)slab->count * store->stride) {
            *start = offset % store->stride == 0;
            return &slab->cells[offset / store->stride];
        }
    }
    return NULL;
}

static enum cell_claim judge(const struct cell *cell, bool start)
{
    if (!cell)
        return CELL_FOREIGN;
    if (cell->state != CELL_OUT)
        return CELL_NOT_OUT;
    return start ? CELL_CLAIMED : CELL_INSIDE;
}

enum cell_claim cell_store_claim(struct cell_store *store, const void *address, struct cell **out, struct cell_past *before)
{
    bool start = false;
    mxf_lock(&store->lock);
    struct cell *cell = find(store, address, &start);
    enum cell_claim claim = judge(cell, start);
    if (claim == CELL_CLAIMED)
        cell->state = CELL_RETURNING;
    if (claim == CELL_NOT_OUT)
        *before = cell->past;
    mxf_unlock(&store->lock);
    *out = claim == CELL_CLAIMED ? cell : NULL;
    return claim;
}

enum cell_claim cell_store_look(struct cell_store *store, const void *address)
{
    bool start = false;
    mxf_lock(&store->lock);
    const struct cell *cell = find(store, address, &start);
    enum cell_claim claim = judge(cell, start);
    mxf_unlock(&store->lock);
    return claim;
}

bool cell_store_give(struct cell_store *store, struct cell *cell, const char *who, uintptr_t code)
{
    uint8_t *guard = cell->bytes + store->size;
    uint32_t guard_size = store->stride - store->size;
    SHOW(guard, guard_size);
    bool intact = filled_with(guard, guard_size, GUARD_PATTERN);
    if (!intact)
        memset(guard, GUARD_PATTERN, guard_size);
    memset(cell->bytes, FREE_PATTERN, store->size);
    if (store->trap)
        HIDE(cell->bytes, store->stride);
    mxf_lock(&store->lock);
    cell->state = CELL_FREE;
    cell->next = NULL;
    set_past(cell, who, code);
    push_free(store, cell, cell);
    store->out--;
    store->returned++;
    mxf_unlock(&store->lock);
    return intact;
}

static void count_leak(struct cell_leak *leaks, unsigned *groups, unsigned max, const struct cell *cell)
{
    for (unsigned i = 0; i < *groups; i++)
        if (leaks[i].past.code == cell->past.code && strcmp(leaks[i].past.who, cell->past.who) == 0) {
            leaks[i].count++;
            return;
        }
    unsigned to = *groups < max ? (*groups)++ : max - 1; /* what does not fit is told with the last */
    if (leaks[to].count++ == 0) {
        leaks[to].past = cell->past;
        leaks[to].first = cell->bytes;
    }
}

unsigned cell_store_leaks(struct cell_store *store, struct cell_leak *leaks, unsigned max, uint32_t *count)
{
    unsigned groups = 0;
    *count = 0;
    memset(leaks, 0, max * sizeof *leaks);
    mxf_lock(&store->lock);
    for (unsigned s = 0; s < store->slab_count; s++)
        for (uint32_t i = 0; i < store->slabs[s].count; i++) {
            struct cell *cell = &store->slabs[s].cells[i];
            if (cell->state == CELL_FREE || cell->leak_told)
                continue;
            cell->leak_told = true;
            ++*count;
            count_leak(leaks, &groups, max, cell);
        }
    mxf_unlock(&store->lock);
    return groups;
}

void cell_store_hand(struct cell_store *store, const void *address, uint32_t holder)
{
    bool start = false;
    mxf_lock(&store->lock);
    struct cell *cell = find(store, address, &start);
    if (judge(cell, start) == CELL_CLAIMED)
        cell->holder = holder;
    mxf_unlock(&store->lock);
}

uint32_t cell_store_held(struct cell_store *store, uint32_t holder, const void **first)
{
    uint32_t count = 0;
    mxf_lock(&store->lock);
    for (unsigned s = 0; s < store->slab_count; s++)
        for (uint32_t i = 0; i < store->slabs[s].count; i++) {
            struct cell *cell = &store->slabs[s].cells[i];
            if (cell->state != CELL_OUT || cell->leak_told || cell->holder != holder)
                continue;
            cell->leak_told = true;
            if (count++ == 0)
                *first = cell->bytes;
        }
    mxf_unlock(&store->lock);
    return count;
}

/* With the lock held. */
static bool mend_stale(const struct cell_store *store, struct cell *cell)
{
    SHOW(cell->bytes, store->stride);
    uint8_t *guard = cell->bytes + store->size;
    uint32_t guard_size = store->stride - store->size;
    bool stale = !filled_with(cell->bytes, store->size, FREE_PATTERN) || !filled_with(guard, guard_size, GUARD_PATTERN);
    memset(cell->bytes, FREE_PATTERN, store->size);
    memset(guard, GUARD_PATTERN, guard_size);
    if (store->trap)
        HIDE(cell->bytes, store->stride);
    return stale;
}

unsigned cell_store_stale(struct cell_store *store, struct cell_stale *stale, unsigned max)
{
    unsigned found = 0;
    mxf_lock(&store->lock);
    for (unsigned s = 0; s < store->slab_count; s++)
        for (uint32_t i = 0; i < store->slabs[s].count && found < max; i++) {
            struct cell *cell = &store->slabs[s].cells[i];
            if (cell->state != CELL_FREE || !mend_stale(store, cell))
                continue;
            stale[found].past = cell->past;
            stale[found++].cell = cell->bytes;
        }
    mxf_unlock(&store->lock);
    return found;
}
