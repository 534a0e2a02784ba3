/* SPDX-License-Identifier: MIT */
/*
 * Pool. What is known about a block stands apart from it, so that a driver that writes where it must not cannot
 * damage it, and so that no foreign address is ever looked at.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/checked.h"
#include "kernel/wdm/impl.h"

#define GUARD      16
#define GUARD_BYTE 0xFD
#define FRESH_BYTE 0xCD /* the same in every run: a driver that reads it is at least repeatable */
#define FREED_BYTE 0xDD

struct wdm_block {
    struct wdm_block *next; /* in its bucket */
    uint8_t *memory;        /* what the heap gave: guard, data, guard */
    uint8_t *data;
    size_t size;
    uint64_t serial;
    uintptr_t code; /* where it was allocated */
    ULONG tag;
    bool paged, pages; /* pages: the data begins at a page */
    unsigned told;     /* bits of enum resident: what was found in this paged block */
};

void pool_init(struct wdm_machine *m) { pthread_mutex_init(&m->pool.lock, NULL); }

/* A tag as tools show it: the first character is in the low byte. */
static const char *tag_text(ULONG tag, char text[5])
{
    for (int i = 0; i < 4; i++) {
        unsigned char c = (unsigned char)(tag >> 8 * i);
        text[i] = c >= 0x20 && c < 0x7F ? (char)c : '.';
    }
    text[4] = 0;
    return text;
}

static size_t bucket_of(const struct wdm_pool *pool, const void *data)
{
    return (size_t)(((uintptr_t)data >> 4) * 0x9E3779B1u) & (pool->bucket_count - 1);
}

static bool grow_locked(struct wdm_pool *pool)
{
    size_t count = pool->bucket_count ? pool->bucket_count * 2 : 64;
    struct wdm_pool old = *pool;
    struct wdm_block **buckets = dm_calloc(count, sizeof *buckets);
    if (!buckets)
        return pool->bucket_count > 0; /* longer chains will do */
    pool->buckets = buckets;
    pool->bucket_count = count;
    for (size_t i = 0; i < old.bucket_count; i++)
        for (struct wdm_block *next, *b = old.buckets[i]; b; b = next) {
            struct wdm_block **at = &buckets[bucket_of(pool, b->data)];
            next = b->next;
            b->next = *at;
            *at = b;
        }
    dm_free(old.buckets);
    return true;
}

static bool fails_locked(struct wdm_pool *pool)
{
    if (pool->fail_countdown == 0 || --pool->fail_countdown > 0)
        return false;
    pool->fail_countdown = pool->fail_all_after ? 1 : 0;
    return true;
}

static void release(struct wdm_block *block)
{
    if (block->pages)
        dm_free_aligned(block->memory);
    else
        dm_free(block->memory);
    dm_free(block);
}

/* Blocks of a page and more begin at a page, as on Windows. */
static struct wdm_block *make(size_t size, ULONG tag, bool paged)
{
    size_t total, front = size >= PAGE_SIZE ? PAGE_SIZE : GUARD;
    struct wdm_block *block = dm_calloc(1, sizeof *block);
    if (!block || !add_size(size, front + GUARD, &total)) {
        dm_free(block);
        return NULL;
    }
    *block = (struct wdm_block){.size = size, .tag = tag, .paged = paged, .pages = front == PAGE_SIZE, .code = wdm_caller()};
    block->memory = block->pages ? dm_calloc_aligned(PAGE_SIZE, total) : dm_malloc(total);
    if (!block->memory) {
        dm_free(block);
        return NULL;
    }
    block->data = block->memory + front;
    memset(block->data - GUARD, GUARD_BYTE, GUARD);
    memset(block->data, FRESH_BYTE, size);
    memset(block->data + size, GUARD_BYTE, GUARD);
    return block;
}

/* ---- what must not be in paged pool ---- */

/* The number of paged blocks that begin at ADDRESS or before. */
static size_t paged_up_to(const struct wdm_pool *pool, uintptr_t address)
{
    size_t low = 0, high = pool->paged_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((uintptr_t)pool->paged[middle]->data <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void note_paged_locked(struct wdm_pool *pool, struct wdm_block *block)
{
    if (pool->paged_count == pool->paged_room) {
        size_t room = pool->paged_room ? pool->paged_room * 2 : 64;
        struct wdm_block **paged = dm_realloc(pool->paged, room, sizeof *paged);
        if (!paged)
            return; /* nobody looks into this one */
        pool->paged = paged;
        pool->paged_room = room;
    }
    size_t at = paged_up_to(pool, (uintptr_t)block->data);
    memmove(&pool->paged[at + 1], &pool->paged[at], (pool->paged_count++ - at) * sizeof *pool->paged);
    pool->paged[at] = block;
    atomic_fetch_add(&pool->paged_changes, 1);
}

static void forget_paged_locked(struct wdm_pool *pool, const struct wdm_block *block)
{
    size_t end = paged_up_to(pool, (uintptr_t)block->data);
    if (end > 0 && pool->paged[end - 1] == block)
        memmove(&pool->paged[end - 1], &pool->paged[end], (pool->paged_count-- - end) * sizeof *pool->paged);
}

/* The paged block that ADDRESS lies in: false if there is none. NEW: nothing of this kind was found in it before. */
static bool find_paged(struct wdm_pool *pool, uintptr_t address, unsigned bit, struct wdm_block *copy, bool *new)
{
    pthread_mutex_lock(&pool->lock);
    size_t end = paged_up_to(pool, address);
    struct wdm_block *block = end ? pool->paged[end - 1] : NULL;
    bool found = block && address - (uintptr_t)block->data < block->size;
    if (found) {
        *new = !(block->told & bit);
        block->told |= bit;
        *copy = *block;
    }
    pthread_mutex_unlock(&pool->lock);
    return found;
}

void pool_need_resident(struct wdm_thread *self, const volatile void *object, enum resident what)
{
    static const char *const names[] = {"KSPIN_LOCK", "KTIMER", "KDPC", "KEVENT", "KMUTEX", "KSEMAPHORE", "WORK_QUEUE_ITEM"};
    struct wdm_pool *pool = &self->machine->pool;
    size_t changes = atomic_load_explicit(&pool->paged_changes, memory_order_acquire);
    const volatile void **slot = &self->resident[((uintptr_t)object >> 4) % RESIDENT_MAX];
    struct wdm_block block;
    char tag[5];
    bool new;
    if (self->resident_changes == changes && (*slot == object || changes == 0))
        return;
    if (self->resident_changes != changes)
        for (unsigned i = 0; i < RESIDENT_MAX; i++)
            self->resident[i] = NULL;
    self->resident_changes = changes;
    if (!find_paged(pool, (uintptr_t)object, 1u << what, &block, &new))
        *slot = object;
    else if (new)
        wdm_broken_at(WDM_RULE_PAGED_CODE, "allocated in", block.code, "%s %p in paged pool, in block %p of %zu bytes, tag '%s'",
                      names[what], (void *)(uintptr_t)object, (void *)block.data, block.size, tag_text(block.tag, tag));
}

static bool enter_locked(struct wdm_pool *pool, struct wdm_block *block)
{
    if (pool->live >= pool->bucket_count && !grow_locked(pool))
        return false;
    struct wdm_block **at = &pool->buckets[bucket_of(pool, block->data)];
    block->serial = ++pool->serial;
    block->next = *at;
    *at = block;
    pool->live++;
    pool->bytes += block->size;
    if (block->paged)
        note_paged_locked(pool, block);
    for (size_t i = 0; i < RTL_NUMBER_OF(pool->freed); i++)
        if (pool->freed[i] == block->data)
            pool->freed[i] = NULL; /* the address lives again */
    return true;
}

PVOID NTAPI ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    struct wdm_machine *m = wdm_self()->machine;
    bool paged = PoolType & PagedPool;
    wdm_need_irql(paged ? APC_LEVEL : DISPATCH_LEVEL, paged ? "ExAllocatePool of paged pool" : "ExAllocatePool");
    pthread_mutex_lock(&m->pool.lock);
    bool fails = fails_locked(&m->pool);
    pthread_mutex_unlock(&m->pool.lock);
    struct wdm_block *block = fails ? NULL : make(NumberOfBytes, Tag, paged);
    if (!block)
        return NULL;
    pthread_mutex_lock(&m->pool.lock);
    bool entered = enter_locked(&m->pool, block);
    pthread_mutex_unlock(&m->pool.lock);
    if (entered)
        return block->data;
    release(block);
    return NULL;
}

PVOID NTAPI ExAllocatePool2(POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag)
{
    bool one = !(Flags & POOL_FLAG_PAGED) != !(Flags & (POOL_FLAG_NON_PAGED | POOL_FLAG_NON_PAGED_EXECUTE));
    PVOID block = one && Tag ? ExAllocatePoolWithTag(Flags & POOL_FLAG_PAGED ? PagedPool : NonPagedPool, NumberOfBytes, Tag) : NULL;
    if (block && !(Flags & POOL_FLAG_UNINITIALIZED))
        memset(block, 0, NumberOfBytes);
    if (!block && Flags & POOL_FLAG_RAISE_ON_FAILURE)
        ExRaiseStatus(one && Tag ? STATUS_INSUFFICIENT_RESOURCES : STATUS_INVALID_PARAMETER);
    return block;
}

PVOID NTAPI ExAllocatePool(POOL_TYPE PoolType, SIZE_T NumberOfBytes)
{
    return ExAllocatePoolWithTag(PoolType, NumberOfBytes, 0x656e6f4e); /* "None" */
}

static struct wdm_block *take_locked(struct wdm_pool *pool, const void *data)
{
    if (!pool->bucket_count)
        return NULL;
    struct wdm_block **at = &pool->buckets[bucket_of(pool, data)];
    while (*at && (*at)->data != data)
        at = &(*at)->next;
    struct wdm_block *block = *at;
    if (!block)
        return NULL;
    *at = block->next;
    pool->live--;
    pool->bytes -= block->size;
    if (block->paged)
        forget_paged_locked(pool, block);
    pool->freed[pool->freed_at] = data;
    pool->freed_tags[pool->freed_at] = block->tag;
    pool->freed_at = (pool->freed_at + 1) % RTL_NUMBER_OF(pool->freed);
    return block;
}

/* What is wrong with the guard zones: NULL if nothing. *AT is the first bad byte, counted from the data. */
static const char *damage(const struct wdm_block *block, ptrdiff_t *at)
{
    for (ptrdiff_t i = -GUARD; i < GUARD; i++) {
        *at = i < 0 ? i : (ptrdiff_t)block->size + i;
        if (block->data[*at] != GUARD_BYTE)
            return i < 0 ? "before its start" : "behind its end";
    }
    return NULL;
}

static bool report_damage(const struct wdm_block *block)
{
    char tag[5];
    ptrdiff_t at;
    const char *where = damage(block, &at);
    if (where)
        wdm_broken_at(WDM_RULE_POOL_OVERRUN, "allocated in", block->code, "block %p of %zu bytes, tag '%s', written at offset %td, %s",
                      (void *)block->data, block->size, tag_text(block->tag, tag), at, where);
    return where != NULL;
}

static void report_foreign(struct wdm_machine *m, const void *data)
{
    char tag[5] = "";
    pthread_mutex_lock(&m->pool.lock);
    for (size_t i = 0; i < RTL_NUMBER_OF(m->pool.freed) && data; i++)
        if (m->pool.freed[i] == data)
            tag_text(m->pool.freed_tags[i], tag);
    pthread_mutex_unlock(&m->pool.lock);
    if (*tag)
        wdm_broken(WDM_RULE_POOL_FREE, "block %p, tag '%s', freed twice", data, tag);
    else
        wdm_broken(WDM_RULE_POOL_FREE, "%p freed, which is no block of this machine's pool", data);
}

VOID NTAPI ExFreePoolWithTag(PVOID P, ULONG Tag)
{
    struct wdm_machine *m = wdm_self()->machine;
    char tag[5], other[5];
    pthread_mutex_lock(&m->pool.lock);
    struct wdm_block *block = take_locked(&m->pool, P);
    pthread_mutex_unlock(&m->pool.lock);
    if (!block) {
        report_foreign(m, P);
        return;
    }
    wdm_need_irql(block->paged ? APC_LEVEL : DISPATCH_LEVEL, block->paged ? "ExFreePool of paged pool" : "ExFreePool");
    if (Tag && Tag != block->tag)
        wdm_broken(WDM_RULE_POOL_FREE, "block %p, tag '%s', freed with tag '%s'", P, tag_text(block->tag, tag),
                   tag_text(Tag, other));
    report_damage(block);
    tag_text(block->tag, tag);
    wdm_report_queued(m, block->data, block->size, tag);
    memset(block->data, FREED_BYTE, block->size);
    release(block);
}

VOID NTAPI ExFreePool(PVOID P) { ExFreePoolWithTag(P, 0); }

VOID NTAPI wdm_delete(PVOID Block)
{
    struct wdm_thread *self = wdm_self();
    self->shim = 1;
    ExFreePoolWithTag(Block, 0);
    self->shim = 0;
}

/* ---- the host's questions ---- */

uint64_t wdm_pool_mark(struct wdm_machine *m)
{
    pthread_mutex_lock(&m->pool.lock);
    uint64_t mark = m->pool.serial;
    pthread_mutex_unlock(&m->pool.lock);
    return mark;
}

size_t wdm_pool_live(struct wdm_machine *m)
{
    pthread_mutex_lock(&m->pool.lock);
    size_t live = m->pool.live;
    pthread_mutex_unlock(&m->pool.lock);
    return live;
}

size_t wdm_pool_bytes(struct wdm_machine *m)
{
    pthread_mutex_lock(&m->pool.lock);
    size_t bytes = m->pool.bytes;
    pthread_mutex_unlock(&m->pool.lock);
    return bytes;
}

void wdm_pool_fail_at(struct wdm_machine *m, long nth, bool all_after)
{
    pthread_mutex_lock(&m->pool.lock);
    m->pool.fail_countdown = nth > 0 ? nth : 0;
    m->pool.fail_all_after = all_after;
    pthread_mutex_unlock(&m->pool.lock);
}

bool wdm_pool_fail_waits(struct wdm_machine *m)
{
    pthread_mutex_lock(&m->pool.lock);
    bool waits = m->pool.fail_countdown != 0;
    pthread_mutex_unlock(&m->pool.lock);
    return waits;
}

struct tag_sum {
    ULONG tag;
    size_t blocks, bytes;
    uint64_t serial; /* of the block that led to it */
    uintptr_t code;  /* the same one's */
    bool told;       /* by an older block */
};

/* The oldest block younger than AFTER, but not than END, and the sum over its tag. False: none. */
static bool next_tag_locked(const struct wdm_pool *pool, uint64_t mark, uint64_t after, uint64_t end, struct tag_sum *sum)
{
    *sum = (struct tag_sum){.serial = UINT64_MAX};
    for (size_t i = 0; i < pool->bucket_count; i++)
        for (const struct wdm_block *b = pool->buckets[i]; b; b = b->next)
            if (b->serial > after && b->serial <= end && b->serial < sum->serial) {
                sum->serial = b->serial;
                sum->code = b->code;
                sum->tag = b->tag;
            }
    for (size_t i = 0; i < pool->bucket_count; i++)
        for (const struct wdm_block *b = pool->buckets[i]; b; b = b->next)
            if (b->tag == sum->tag && b->serial > mark && b->serial <= end) {
                sum->blocks++;
                sum->bytes += b->size;
                sum->told |= b->serial <= after;
            }
    return sum->serial != UINT64_MAX;
}

size_t wdm_pool_report_leaks(struct wdm_machine *m, uint64_t mark, uint64_t end, const char *owner)
{
    struct tag_sum sum;
    size_t blocks = 0;
    char tag[5];
    for (uint64_t after = mark;; after = sum.serial) {
        pthread_mutex_lock(&m->pool.lock);
        bool more = next_tag_locked(&m->pool, mark, after, end, &sum);
        pthread_mutex_unlock(&m->pool.lock);
        if (!more)
            return blocks;
        if (sum.told)
            continue;
        blocks += sum.blocks;
        wdm_broken_at(WDM_RULE_POOL_LEAK, sum.blocks == 1 ? "allocated in" : "the first allocated in", sum.code,
                      "%s left %zu block%s of %zu bytes, tag '%s'", owner, sum.blocks, sum.blocks == 1 ? "" : "s", sum.bytes,
                      tag_text(sum.tag, tag));
    }
}

size_t wdm_pool_check(struct wdm_machine *m)
{
    size_t broken = 0;
    for (size_t i = 0;; i++) {
        struct wdm_block copies[64];
        size_t count = 0;
        pthread_mutex_lock(&m->pool.lock);
        bool more = i < m->pool.bucket_count;
        ptrdiff_t at;
        for (struct wdm_block *b = more ? m->pool.buckets[i] : NULL; b && count < RTL_NUMBER_OF(copies); b = b->next)
            if (damage(b, &at))
                copies[count++] = *b;
        pthread_mutex_unlock(&m->pool.lock);
        if (!more)
            return broken;
        for (size_t k = 0; k < count; k++)
            broken += report_damage(&copies[k]);
    }
}

void pool_finish(struct wdm_machine *m)
{
    for (size_t i = 0; i < m->pool.bucket_count; i++)
        for (struct wdm_block *next, *b = m->pool.buckets[i]; b; b = next) {
            next = b->next;
            release(b);
        }
    dm_free(m->pool.buckets);
    dm_free(m->pool.paged);
    pthread_mutex_destroy(&m->pool.lock);
}
