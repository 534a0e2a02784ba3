/* SPDX-License-Identifier: MIT */
/* A session from its beginning to its end. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audio/devices.h"
#include "audio/realtime.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "player/errors.h"
#include "player/render.h"
#include "session.h"

enum { LIVE_VOICES = 256 };

enum dmus_status dmus_live_defaults(struct dmus_live_options *options)
{
    if (!abi_fits(options, sizeof *options))
        return DMUS_ERR_ARGUMENT;
    struct dmus_live_options defaults = {.size = options->size, .polyphony = LIVE_VOICES, .groups = 1};
    abi_store(options, &defaults, sizeof defaults);
    return DMUS_OK;
}

/* What both have in common has the ranges of a render. */
static enum dm_status check(const struct dmus_live_options *o, struct dm_error *err)
{
    struct dmus_render_options sound = DMUS_INIT(dmus_render_options), checked;
    struct dmus_output nowhere;
    if (o->groups < 1 || o->groups > MIXER_GROUPS_MAX)
        return dm_fail(err, DM_ERR_ARGUMENT, "groups %u is out of range 1 to %d", (unsigned)o->groups, MIXER_GROUPS_MAX);
    dmus_render_defaults(&sound);
    sound.profile = o->profile;
    sound.sample_rate = o->sample_rate ? o->sample_rate : sound.sample_rate;
    sound.interpolation = o->interpolation;
    sound.polyphony = o->polyphony;
    sound.reverb = o->reverb;
    sound.chorus = o->chorus;
    sound.gain_db = o->gain_db;
    sound.simd = o->simd;
    return render_check(&sound, NULL, &checked, &nowhere, err);
}

static enum dm_status start_device(struct dmus_live *live, struct dm_error *err)
{
    const struct dmus_live_options *o = &live->options;
    struct audio_config config = {
        .sample_rate = o->sample_rate,
        .channels = 2,
        .client = o->client,
        .period_frames = o->period_frames,
        .periods = o->periods,
        .no_connect = o->no_connect,
    };
    enum dm_status status = audio_device_open(o->audio, &config, &live->device, err);
    if (status == DM_OK)
        status = mixer_init(&live->mixer, live->device, err);
    if (status == DM_OK)
        status = transport_create(live->mixer.rate, &live->transport, err);
    struct audio_source source = {.pull = mixer_pull, .ctx = &live->mixer, .float_samples = true};
    if (status == DM_OK)
        status = live->device->ops->start(live->device, &source, err);
    live->device_started = status == DM_OK;
    if (status == DM_OK) {
        struct audio_info info;
        live->device->ops->info(live->device, &info);
        snprintf(live->device_text, sizeof live->device_text, "%s%s%s", live->device->ops->name, info.device[0] ? ": " : "",
                 info.device);
    }
    return status;
}

static enum dm_status start_threads(struct dmus_live *live, struct dm_error *err)
{
    live->control_started = pthread_create(&live->control, NULL, session_control, live) == 0;
    live->loader_started = live->control_started && pthread_create(&live->loader, NULL, session_load, live) == 0;
    return live->loader_started ? DM_OK : dm_fail(err, DM_ERR_NOMEM, "no thread for the session");
}

enum dmus_status dmus_live_open(const struct dmus_live_options *options, struct dmus_live **out, struct dmus_error *err)
{
    if (!out)
        return error_argument(err, "dmus_live_open: nowhere to put the session");
    *out = NULL;
    if (!abi_fits(options, sizeof *options))
        return error_argument(err, "dmus_live_open: options of an unknown size");
    struct dm_error inner = {0};
    struct dmus_live *live = dm_calloc(1, sizeof *live);
    if (!live)
        return error_public(err, DM_ERR_NOMEM, NULL);
    abi_load(&live->options, sizeof live->options, options);
    live->options.size = sizeof live->options;
    live->audio_name = dm_strdup(options->audio);
    live->client_name = dm_strdup(options->client);
    live->options.audio = live->audio_name;
    live->options.client = live->client_name;
    live->tempo = 1;
    live->next_start = INT64_MIN;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&live->lock, NULL);
    pthread_cond_init(&live->changed, &monotonic);
    pthread_cond_init(&live->work, NULL);
    pthread_condattr_destroy(&monotonic);
    display_reset(&live->display);
    display_reset(&live->live_display);
    enum dm_status status = check(&live->options, &inner);
    if (status == DM_OK && ((options->audio && !live->audio_name) || (options->client && !live->client_name)))
        status = dm_fail(&inner, DM_ERR_NOMEM, "no memory for the session");
    live->sysex = dm_calloc(MIXER_SYSEX_BYTES, 1);
    if (status == DM_OK && !live->sysex)
        status = dm_fail(&inner, DM_ERR_NOMEM, "no memory for the session");
    if (status == DM_OK)
        status = start_device(live, &inner);
    if (status == DM_OK)
        status = start_threads(live, &inner);
    if (status != DM_OK) {
        dmus_live_close(live);
        return error_public(err, status, &inner);
    }
    *out = live;
    return DMUS_OK;
}

/* [lock] A click would be the last thing heard. Two pulls: one that fades, and what the device has of the one before. */
static void fade_out(struct dmus_live *live)
{
    struct mixer_command end = {.kind = MIXER_END};
    if (!live->device_started || !mixer_command(&live->mixer, &end))
        return;
    int64_t periods = 2 + (int64_t)atomic_load(&live->mixer.figures.largest) * 2;
    clock_sleep_until_100ns(clock_now_100ns() + periods * CLOCK_100NS_PER_SECOND / live->mixer.rate);
}

void dmus_live_close(struct dmus_live *live)
{
    if (!live)
        return;
    pthread_mutex_lock(&live->lock);
    fade_out(live);
    live->closing = true;
    pthread_cond_broadcast(&live->work);
    pthread_mutex_unlock(&live->lock);
    if (live->control_started)
        pthread_join(live->control, NULL);
    if (live->loader_started)
        pthread_join(live->loader, NULL);
    if (live->device_started)
        live->device->ops->stop(live->device);
    struct dm_error ignored;
    if (live->record)
        record_end(live->record, &live->recorded, &ignored);
    for (uint32_t i = 0; i < live->input_count; i++)
        midi_input_close(live->inputs[i].input);
    for (uint32_t i = 0; i < live->entry_count; i++)
        session_close_entry(&live->entries[i]);
    for (int i = 0; i < FADING_MOST; i++)
        deck_close(live->fading[i].deck);
    deck_close(live->deck);
    deck_close(live->live_deck);
    if (live->memory_locked)
        realtime_unlock_memory();
    if (live->measure_fd)
        close(live->measure_fd);
    dm_free(live->click);
    if (live->device)
        live->device->ops->close(live->device, true, &ignored);
    mixer_clear(&live->mixer);
    transport_free(live->transport);
    pthread_cond_destroy(&live->work);
    pthread_cond_destroy(&live->changed);
    pthread_mutex_destroy(&live->lock);
    dm_free(live->entries);
    dm_free(live->sysex);
    dm_free(live->audio_name);
    dm_free(live->client_name);
    dm_free(live);
}
