/* SPDX-License-Identifier: MIT */
#include "listener.h"

#include <pthread.h>
#include <string.h>

#include <dmusbuff.h>
#include <ksmedia.h>

#include "base/alloc.h"
#include "kernel/wdm/machine.h"

enum { READS = 4, READ_BYTES = 4096, SYSEX_MAX = 1 << 20 };

struct read {
    struct host_packet packet;
    struct listener *listener;
    _Alignas(8) uint8_t bytes[READ_BYTES];
};

struct listener {
    struct listener_config config;
    pthread_mutex_t lock; /* of what follows but the reads, which belong to whoever has completed them */
    bool ending;
    unsigned losses;
    uint8_t *sysex; /* begun and not over */
    uint32_t sysex_size, sysex_room;
    int64_t sysex_time;
    struct read reads[READS];
};

static void flush_sysex(struct listener *l, uint32_t group)
{
    if (l->sysex_size)
        l->config.take(l->config.ctx, l->sysex_time, group, l->sysex, l->sysex_size);
    l->sysex_size = 0;
}

static bool append_sysex(struct listener *l, const uint8_t *bytes, uint32_t size)
{
    if (size > SYSEX_MAX || l->sysex_size > SYSEX_MAX - size)
        return false;
    if (l->sysex_room - l->sysex_size < size) {
        uint8_t *grown = dm_realloc(l->sysex, (size_t)(l->sysex_size + size) * 2, 1);
        if (!grown)
            return false;
        l->sysex = grown;
        l->sysex_room = (l->sysex_size + size) * 2;
    }
    memcpy(l->sysex + l->sysex_size, bytes, size);
    l->sysex_size += size;
    return true;
}

/* A record is a message, or a piece of a system exclusive. */
static void take(struct listener *l, int64_t time, uint32_t group, const uint8_t *bytes, uint32_t size)
{
    bool begins = size && bytes[0] == 0xF0, goes_on = size && l->sysex_size && (bytes[0] < 0x80 || bytes[0] == 0xF7);
    if (size == 0)
        return;
    if (begins) {
        flush_sysex(l, group);
        l->sysex_time = time;
    }
    if (!begins && !goes_on) {
        l->config.take(l->config.ctx, time, group, bytes, size);
        return;
    }
    if (!append_sysex(l, bytes, size)) {
        flush_sysex(l, group);
        l->config.take(l->config.ctx, time, group, bytes, size);
    } else if (bytes[size - 1] == 0xF7) {
        flush_sysex(l, group);
    }
}

static void take_records(struct listener *l, const struct host_packet *packet)
{
    const uint8_t *data = packet->data;
    for (uint32_t at = 0; at + sizeof(DMUS_EVENTHEADER) <= packet->used;) {
        DMUS_EVENTHEADER header;
        memcpy(&header, data + at, sizeof header);
        at += (uint32_t)sizeof header;
        if (header.cbEvent > packet->used - at)
            return;
        take(l, packet->time + header.rtDelta, header.dwChannelGroup, data + at, header.cbEvent);
        at += (uint32_t)(DMUS_EVENT_SIZE(header.cbEvent) - sizeof header);
    }
}

static void take_packets(struct listener *l, const struct host_packet *packet)
{
    const uint8_t *data = packet->data;
    int64_t time = packet->time;
    for (uint32_t at = 0; at + sizeof(KSMUSICFORMAT) <= packet->used;) {
        KSMUSICFORMAT header;
        memcpy(&header, data + at, sizeof header);
        at += (uint32_t)sizeof header;
        if (header.ByteCount > packet->used - at)
            return;
        time += header.TimeDeltaMs * WDM_MS;
        take(l, time, 1, data + at, header.ByteCount);
        at += (header.ByteCount + 3u) & ~3u;
    }
}

static void done(void *ctx, NTSTATUS status, uint32_t bytes);

static NTSTATUS post(struct read *read)
{
    read->packet = (struct host_packet){.data = read->bytes, .size = READ_BYTES, .done = done, .ctx = read};
    return host_pin_read(read->listener->config.pin, &read->packet);
}

static void done(void *ctx, NTSTATUS status, uint32_t bytes)
{
    struct read *read = ctx;
    struct listener *l = read->listener;
    (void)bytes;
    if (!NT_SUCCESS(status))
        return;
    pthread_mutex_lock(&l->lock);
    bool ending = l->ending;
    l->losses += (read->packet.options & KSSTREAM_HEADER_OPTIONSF_DATADISCONTINUITY) != 0;
    if (!ending && l->config.legacy)
        take_packets(l, &read->packet);
    else if (!ending)
        take_records(l, &read->packet);
    pthread_mutex_unlock(&l->lock);
    if (!ending)
        post(read);
}

enum dm_status listener_begin(const struct listener_config *config, struct listener **out, struct dm_error *err)
{
    struct listener *l = dm_calloc(1, sizeof *l);
    *out = l;
    if (!l)
        return dm_fail(err, DM_ERR_NOMEM, "no memory to listen");
    l->config = *config;
    pthread_mutex_init(&l->lock, NULL);
    for (int i = 0; i < READS; i++) {
        l->reads[i].listener = l;
        NTSTATUS status = post(&l->reads[i]);
        if (!NT_SUCCESS(status))
            return dm_fail(err, DM_ERR_DEVICE, "the capture pin cannot be read: status 0x%08X", (unsigned)status);
    }
    return DM_OK;
}

unsigned listener_losses(struct listener *l)
{
    pthread_mutex_lock(&l->lock);
    unsigned losses = l->losses;
    pthread_mutex_unlock(&l->lock);
    return losses;
}

void listener_end(struct listener *l)
{
    if (!l)
        return;
    pthread_mutex_lock(&l->lock);
    l->ending = true;
    flush_sysex(l, 1);
    pthread_mutex_unlock(&l->lock);
    host_close_pin(l->config.pin);
    pthread_mutex_destroy(&l->lock);
    dm_free(l->sysex);
    dm_free(l);
}
