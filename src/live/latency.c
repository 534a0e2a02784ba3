/* SPDX-License-Identifier: MIT */
/* dmus_live_measure. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "click.h"
#include "loopback.h"
#include "player/errors.h"
#include "session.h"

enum { NOTES_DEFAULT = 200, PATIENCE_MS = 2000, GROUP = 1 };

/* Ends before the next note begins, however long the sound takes. */
static int64_t spacing_frames(struct dmus_live *live)
{
    struct dmus_live_state s = DMUS_INIT(dmus_live_state);
    dmus_live_get_state(live, &s);
    return s.sample_rate / 50 + 3 * (int64_t)s.input_latency_frames / 2;
}

/* ---- through a pipe ---- */

static void take_onsets(struct dmus_live *live, struct loopback *l)
{
    int64_t heard;
    while (ring_pop(&live->mixer.onsets, &heard))
        if (l->heard_count < LOOPBACK_NOTES_MAX)
            l->heard[l->heard_count++] = heard;
}

static enum dm_status send_notes(struct dmus_live *live, int fd, uint32_t notes, struct loopback *l, struct dm_error *err)
{
    static const uint8_t note[] = {0x90, 60, 127};
    int64_t spacing = spacing_frames(live) * CLOCK_100NS_PER_SECOND / live->mixer.rate, next = clock_now_100ns() + spacing;
    for (uint32_t seed = 1; l->sent_count < notes; l->sent_count++) {
        clock_sleep_until_100ns(next);
        l->sent[l->sent_count] = clock_now_100ns();
        if (write(fd, note, sizeof note) != sizeof note)
            return dm_fail(err, DM_ERR_DEVICE, "the pipe to the synthesizer broke");
        seed = seed * 1664525u + 1013904223u;
        next += spacing + (seed >> 8) % (spacing / 4);
        take_onsets(live, l);
    }
    int64_t last = clock_now_100ns() + PATIENCE_MS * 10000;
    while (l->heard_count < notes && clock_now_100ns() < last) {
        clock_sleep_until_100ns(clock_now_100ns() + 100000);
        take_onsets(live, l);
    }
    return DM_OK;
}

static enum dm_status measure_pipe(struct dmus_live *live, uint32_t notes, struct loopback *l, struct dm_error *err)
{
    int fds[2];
    char source[32];
    struct dmus_error inner = DMUS_INIT(dmus_error);
    if (pipe(fds))
        return dm_fail(err, DM_ERR_DEVICE, "no pipe for the messages");
    snprintf(source, sizeof source, "raw:fd:%d", fds[0]);
    enum dmus_status connected = dmus_live_connect(live, source, NULL, GROUP, &inner);
    enum dm_status status = connected == DMUS_OK ? DM_OK : dm_fail(err, DM_ERR_DEVICE, "%s", inner.text);
    atomic_store(&live->mixer.watching, true);
    if (status == DM_OK)
        status = send_notes(live, fds[1], notes, l, err);
    atomic_store(&live->mixer.watching, false);
    close(fds[1]);
    live->measure_fd = fds[0]; /* its reader ends with the session */
    return status;
}

/* ---- through JACK ---- */

static enum dm_status measure_jack(struct dmus_live *live, const char *listen, uint32_t notes, struct loopback *l,
                                   struct dm_error *err)
{
    struct audio_info info;
    struct midi_state midi;
    char from[160];
    struct dmus_error inner = DMUS_INIT(dmus_error);
    if (dmus_live_connect(live, "jack", NULL, GROUP, &inner) != DMUS_OK)
        return dm_fail(err, DM_ERR_DEVICE, "%s", inner.text);
    pthread_mutex_lock(&live->lock);
    midi_input_state(live->inputs[live->input_count - 1].input, &midi);
    pthread_mutex_unlock(&live->lock);
    live->device->ops->info(live->device, &info);
    snprintf(from, sizeof from, "%s:out_left", info.device);
    return loopback_jack(listen ? listen : from, midi.port, notes, (uint32_t)spacing_frames(live), l, err);
}

/* Servers may take seconds to begin, and then fetch what they missed. */
static enum dm_status wait_for_device(struct dmus_live *live, struct dm_error *err)
{
    int64_t last = clock_now_100ns() + PATIENCE_MS * 5 * 10000;
    while (atomic_load(&live->mixer.figures.heard) < live->mixer.rate / 2) {
        if (clock_now_100ns() > last)
            return dm_fail(err, DM_ERR_DEVICE, "the device asks for no sound");
        clock_sleep_until_100ns(clock_now_100ns() + 200000);
    }
    return DM_OK;
}

/* ---- figures ---- */

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Each note's distance to its onset; where some are missing, to the first after it that no later note can have made: *count of them, in order of size, in L->sent. */
static void match(struct loopback *l, uint32_t *count)
{
    uint32_t next = 0, found = 0;
    bool all = l->heard_count == l->sent_count;
    for (uint32_t i = 0; i < l->sent_count && all; i++)
        all = l->heard[i] >= l->sent[i];
    for (uint32_t i = 0; i < l->sent_count; i++) {
        int64_t sent = l->sent[i], after = i + 1 < l->sent_count && !all ? l->sent[i + 1] : INT64_MAX;
        while (next < l->heard_count && l->heard[next] < sent)
            next++;
        if (next < l->heard_count && l->heard[next] < after)
            l->sent[found++] = l->heard[next++] - sent;
    }
    qsort(l->sent, found, sizeof *l->sent, by_size);
    *count = found;
}

static void summarise(struct loopback *l, double ms_per_unit, double more_ms, struct dmus_latency *out)
{
    uint32_t count;
    out->sent = l->sent_count;
    match(l, &count);
    out->heard = count;
    if (count == 0)
        return;
    out->min_ms = (double)l->sent[0] * ms_per_unit + more_ms;
    out->median_ms = (double)l->sent[count / 2] * ms_per_unit + more_ms;
    out->max_ms = (double)l->sent[count - 1] * ms_per_unit + more_ms;
    out->jitter_ms = out->max_ms - out->min_ms;
}

static enum dm_status load_click(struct dmus_live *live, struct dm_error *err)
{
    struct dmus_bank *bank;
    struct dmus_error inner = DMUS_INIT(dmus_error);
    enum dm_status status = click_bank(&bank, &live->click, err);
    if (status != DM_OK)
        return status;
    if (dmus_live_load(live, &bank, 1, &inner) != DMUS_OK)
        status = dm_fail(err, DM_ERR_ARGUMENT, "%s", inner.text);
    dmus_bank_close(bank);
    return status;
}

enum dmus_status dmus_live_measure(struct dmus_live *live, uint32_t notes, const char *listen, struct dmus_latency *latency,
                                   struct dmus_error *err)
{
    notes = notes ? notes : NOTES_DEFAULT;
    if (!live || !abi_fits(latency, sizeof *latency) || notes > LOOPBACK_NOTES_MAX || live->click)
        return error_argument(err, "dmus_live_measure: 1 to %d notes, once in a session", LOOPBACK_NOTES_MAX);
    struct dm_error inner = {0};
    bool jack = strcmp(live->device->ops->name, "jack") == 0;
    if (listen && !jack) {
        dm_fail(&inner, DM_ERR_UNSUPPORTED, "only with JACK can another port be listened to");
        return error_public(err, DM_ERR_UNSUPPORTED, &inner);
    }
    struct loopback l = {.sent = dm_calloc(LOOPBACK_NOTES_MAX, sizeof *l.sent), .heard = dm_calloc(LOOPBACK_NOTES_MAX, sizeof *l.heard)};
    enum dm_status status = l.sent && l.heard ? load_click(live, &inner) : dm_fail(&inner, DM_ERR_NOMEM, "no memory to measure");
    if (status == DM_OK)
        status = wait_for_device(live, &inner);
    if (status == DM_OK)
        status = jack ? measure_jack(live, listen, notes, &l, &inner) : measure_pipe(live, notes, &l, &inner);
    if (status == DM_OK) {
        struct dmus_live_state s = DMUS_INIT(dmus_live_state);
        dmus_live_get_state(live, &s);
        double frame_ms = 1000.0 / s.sample_rate;
        struct dmus_latency result = {.size = sizeof result, .looped = jack, .sample_rate = s.sample_rate, .underruns = s.underruns};
        result.device_ms = jack && listen ? 0 : s.latency_frames * frame_ms;
        summarise(&l, jack ? frame_ms : 1e-4, jack ? result.device_ms : 0, &result);
        abi_store(latency, &result, sizeof result);
    }
    dm_free(l.sent);
    dm_free(l.heard);
    return status == DM_OK ? DMUS_OK : error_public(err, status, &inner);
}
