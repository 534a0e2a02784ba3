/* SPDX-License-Identifier: MIT */
#include "event_heap.h"

static bool before(const struct event_entry *a, const struct event_entry *b)
{
    return a->time_100ns != b->time_100ns ? a->time_100ns < b->time_100ns : a->order < b->order;
}

void event_heap_add(struct event_heap *heap, PDMUS_KERNEL_EVENT event, bool waits)
{
    const struct event_entry entry = {event->ullPresTime100ns, heap->order++, event, waits};
    size_t at = heap->count++;
    event->pNextEvt = NULL;
    while (at > 0 && before(&entry, &heap->entries[(at - 1) / 2])) {
        heap->entries[at] = heap->entries[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap->entries[at] = entry;
}

struct event_entry event_heap_pop(struct event_heap *heap)
{
    struct event_entry *entries = heap->entries;
    const struct event_entry top = entries[0], last = entries[--heap->count];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < heap->count; at = child) {
        if (child + 1 < heap->count && before(&entries[child + 1], &entries[child]))
            child++;
        if (!before(&entries[child], &last))
            break;
        entries[at] = entries[child];
    }
    entries[at] = last;
    return top;
}
