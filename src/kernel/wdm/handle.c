/* SPDX-License-Identifier: MIT */
/* Handles: of registry keys and of threads. */
#include "base/alloc.h"
#include "kernel/wdm/impl.h"

/* As on Windows a handle is a multiple of 4 and never 0. */
static HANDLE handle_of(size_t index) { return (HANDLE)((index + 1) * 4); }

static struct wdm_handle *slot_locked(struct wdm_machine *m, HANDLE handle)
{
    uintptr_t number = (uintptr_t)handle;
    if (number % 4 != 0 || number == 0 || number / 4 > m->handles.count)
        return NULL;
    return m->handles.slots[number / 4 - 1];
}

/* SLOT gets the lowest number that is free. NULL: no memory. */
static HANDLE enter_locked(struct wdm_handles *h, struct wdm_handle *slot)
{
    size_t index = 0;
    while (index < h->count && h->slots[index])
        index++;
    if (index == h->count) {
        size_t count = h->count + 16;
        struct wdm_handle **slots = dm_realloc(h->slots, count, sizeof *slots);
        if (!slots)
            return NULL;
        for (size_t i = h->count; i < count; i++)
            slots[i] = NULL;
        h->slots = slots;
        h->count = count;
    }
    h->slots[index] = slot;
    return handle_of(index);
}

NTSTATUS handle_open(struct wdm_machine *m, enum handle_kind kind, void *object, ULONG access, HANDLE *out)
{
    struct wdm_handle *slot = dm_calloc(1, sizeof *slot);
    *out = NULL;
    if (!slot)
        return STATUS_INSUFFICIENT_RESOURCES;
    *slot = (struct wdm_handle){.kind = kind, .object = object, .access = access};
    wdm_given_begin(&slot->given, WDM_RULE_POOL_LEAK, kind == HANDLE_THREAD ? "thread handle" : "registry key handle");
    pthread_mutex_lock(&m->lock);
    *out = enter_locked(&m->handles, slot);
    pthread_mutex_unlock(&m->lock);
    if (*out)
        return STATUS_SUCCESS;
    wdm_given_end(&slot->given);
    dm_free(slot);
    return STATUS_INSUFFICIENT_RESOURCES;
}

void wdm_given_end_handle(void *handle)
{
    struct wdm_machine *m = wdm_self()->machine;
    pthread_mutex_lock(&m->lock);
    struct wdm_handle *slot = slot_locked(m, handle);
    if (slot)
        wdm_given_end(&slot->given);
    pthread_mutex_unlock(&m->lock);
}

void *handle_object(struct wdm_machine *m, HANDLE handle, enum handle_kind kind, ULONG *access)
{
    struct wdm_handle *slot = slot_locked(m, handle);
    if (!slot || slot->kind != kind)
        return NULL;
    if (access)
        *access = slot->access;
    return slot->object;
}

void handle_forget(struct wdm_machine *m, HANDLE handle)
{
    struct wdm_handle *slot = slot_locked(m, handle);
    if (!slot)
        return;
    m->handles.slots[(uintptr_t)handle / 4 - 1] = NULL;
    wdm_given_end(&slot->given);
    dm_free(slot);
}

static bool close_locked(struct wdm_machine *m, HANDLE handle)
{
    struct wdm_handle *slot = slot_locked(m, handle);
    if (!slot)
        return false;
    struct wdm_handle old = *slot;
    handle_forget(m, handle);
    if (old.kind == HANDLE_THREAD) {
        thread_release_locked(old.object);
    } else {
        pthread_mutex_lock(&m->registry.lock);
        reg_release(old.object);
        pthread_mutex_unlock(&m->registry.lock);
    }
    return true;
}

NTSTATUS NTAPI ZwClose(HANDLE Handle)
{
    struct wdm_machine *m = wdm_self()->machine;
    wdm_need_irql(PASSIVE_LEVEL, "ZwClose");
    pthread_mutex_lock(&m->lock);
    bool closed = close_locked(m, Handle);
    pthread_mutex_unlock(&m->lock);
    if (!closed)
        wdm_broken(WDM_RULE_AFTER_RELEASE, "ZwClose: handle %p is not open", Handle);
    return closed ? STATUS_SUCCESS : STATUS_INVALID_HANDLE;
}

size_t wdm_handles_open(struct wdm_machine *m)
{
    size_t open = 0;
    pthread_mutex_lock(&m->lock);
    for (size_t i = 0; i < m->handles.count; i++)
        open += m->handles.slots[i] != NULL;
    pthread_mutex_unlock(&m->lock);
    return open;
}

void handles_free(struct wdm_machine *m)
{
    pthread_mutex_lock(&m->lock);
    for (size_t i = 0; i < m->handles.count; i++)
        close_locked(m, handle_of(i));
    dm_free(m->handles.slots);
    m->handles = (struct wdm_handles){.count = 0};
    pthread_mutex_unlock(&m->lock);
}
