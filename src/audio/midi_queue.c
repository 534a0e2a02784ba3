/* SPDX-License-Identifier: MIT */
#include "midi_queue.h"

#include <string.h>

#include "base/alloc.h"

#define SHORT_ONES 8192u

struct record {
    uint32_t extent; /* bytes of the record, a multiple of 8 */
    uint32_t kind;   /* enum midi_message_kind, or SKIP: of a skip there is no more than these two */
    int64_t time_100ns, frame;
    uint32_t frame_clock, size;
    uint8_t bytes[];
};

#define SKIP UINT32_MAX

static uint32_t extent_of(uint32_t bytes) { return (uint32_t)((sizeof(struct record) + bytes + 7) & ~(size_t)7); }

bool midi_queue_init(struct midi_queue *queue, uint32_t largest)
{
    /* Twice the largest, because of what is skipped at the end. */
    uint64_t wanted = (uint64_t)SHORT_ONES * extent_of(3) + 2 * (uint64_t)extent_of(largest);
    queue->size = 1024;
    while (queue->size < wanted)
        queue->size *= 2;
    atomic_init(&queue->written, 0);
    atomic_init(&queue->read, 0);
    queue->memory = dm_calloc_aligned(64, queue->size);
    return queue->memory != NULL;
}

void midi_queue_free(struct midi_queue *queue) { dm_free_aligned(queue->memory); }

static struct record *at(struct midi_queue *queue, uint32_t index)
{
    return (struct record *)(void *)(queue->memory + (index & (queue->size - 1)));
}

bool midi_queue_put(struct midi_queue *queue, const struct midi_message *message)
{
    uint32_t written = atomic_load_explicit(&queue->written, memory_order_relaxed);
    uint32_t room = queue->size - (written - atomic_load_explicit(&queue->read, memory_order_acquire));
    uint32_t extent = extent_of(message->size), tail = queue->size - (written & (queue->size - 1));
    uint32_t skip = tail < extent ? tail : 0;
    if (skip + extent > room)
        return false;
    if (skip) {
        struct record *gap = at(queue, written);
        gap->extent = skip;
        gap->kind = SKIP;
        written += skip;
    }
    struct record *record = at(queue, written);
    record->extent = extent;
    record->kind = (uint32_t)message->kind;
    record->time_100ns = message->time_100ns;
    record->frame = message->frame;
    record->frame_clock = (uint32_t)message->frame_clock;
    record->size = message->size;
    if (message->size)
        memcpy(record->bytes, message->bytes, message->size);
    atomic_store_explicit(&queue->written, written + extent, memory_order_release);
    return true;
}

/* A skip is never the last: its record follows under the same release. */
static struct record *front(struct midi_queue *queue, uint32_t *read)
{
    *read = atomic_load_explicit(&queue->read, memory_order_relaxed);
    if (*read == atomic_load_explicit(&queue->written, memory_order_acquire))
        return NULL;
    struct record *record = at(queue, *read);
    if (record->kind != SKIP)
        return record;
    *read += record->extent;
    return at(queue, *read);
}

bool midi_queue_peek(struct midi_queue *queue, struct midi_message *message)
{
    uint32_t read;
    const struct record *record = front(queue, &read);
    if (!record)
        return false;
    *message = (struct midi_message){.kind = (enum midi_message_kind)record->kind,
                                     .time_100ns = record->time_100ns,
                                     .frame = record->frame,
                                     .frame_clock = (enum audio_frame_clock)record->frame_clock,
                                     .bytes = record->bytes,
                                     .size = record->size};
    return true;
}

void midi_queue_drop(struct midi_queue *queue)
{
    uint32_t read;
    const struct record *record = front(queue, &read);
    if (record)
        atomic_store_explicit(&queue->read, read + record->extent, memory_order_release);
}
