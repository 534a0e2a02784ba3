/* SPDX-License-Identifier: MIT */
#include "sink_impl.h"

#include "audio/output.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "synth_object.h"

#define STEP_MS 20u /* no device's cursor moves more rarely, but by chance */

static void destroy(struct sink_session *session)
{
    if (session->own)
        synth_object_let_go(session->own);
    if (session->device)
        session->device->ops->close(session->device, false, NULL);
    os_event_destroy(&session->wake);
    os_mutex_destroy(&session->pull);
    dm_free(session->frames_s16);
    dm_free(session->frames_f32);
    dm_free(session);
}

static bool has_cursor(const struct sink_session *session)
{
    return session->output && session->output->ops->cursor;
}

/* Float samples come from our own interface, if the synth has it. It belongs to the synth, so no reference is kept: a sink
 * has none on its synth, not even while active (native-behaviour.md 75). */
static IDmusSynthControl *find_float_source(IDirectMusicSynth *synth)
{
    void *control = NULL;
    if (FAILED(IDirectMusicSynth_QueryInterface(synth, &IID_IDmusSynthControl, &control)) || !control)
        return NULL;
    IDmusSynthControl *source = control;
    source->lpVtbl->Release(source);
    return source;
}

/* A device plays what it is given: its rate must be the synth's. */
static HRESULT fit_device(struct sink_session *session)
{
    struct audio_info info;
    struct sink_object *sink = session->sink;
    struct audio_output *device = session->output;
    if (sink->offline)
        return E_INVALIDARG;
    device->ops->info(device, &info);
    if (info.sample_rate != session->rate || info.channels != session->channels || info.pull_max > SINK_BLOCK_MAX)
        return DMUS_E_WAVEFORMATNOTSUPPORTED;
    session->pulled.device = device;
    session->pulled.float_samples = session->output_float;
    session->pulled.feed = sink->feed;
    session->pulled.feed_context = sink->feed_context;
    session->pace.ahead_100ns = (int64_t)sink->latency_ms * 10000;
    return S_OK;
}

/* Two looks, for a need that sink_pace_lead does not believe at once: far enough apart to be of two steps. */
static HRESULT fit_cursor(struct sink_session *session)
{
    struct audio_cursor cursor;
    for (int i = 0; i < 2; i++) {
        if (session->pace.far_off)
            os_sleep_ms(STEP_MS);
        if (session->output->ops->cursor(session->output, &cursor, NULL) != DM_OK)
            return E_FAIL;
        session->lead_100ns = sink_pace_lead(&session->pace, &cursor);
    }
    return session->lead_100ns > sink_pace_most(&session->pace, &cursor) ? DMUS_E_INVALIDBUFFER : S_OK;
}

/* Where the sound goes: to the host's output, else to DirectSound, else nowhere. */
static HRESULT open_output(struct sink_session *session, const WAVEFORMATEX *format)
{
    struct sink_object *sink = session->sink;
    session->output = sink->output;
    session->output_float = sink->output && sink->output_float;
    HRESULT hr = sink->output || sink->offline ? S_OK : sink_open_dsound(sink, format, &session->device);
    if (session->device)
        session->output = session->device;
    sink_pace_start(&session->pace, session->rate, session->lead_100ns);
    if (SUCCEEDED(hr) && session->output && session->output->ops->start)
        hr = fit_device(session);
    return SUCCEEDED(hr) && has_cursor(session) ? fit_cursor(session) : hr;
}

static HRESULT allocate_frames(struct sink_session *session)
{
    size_t samples = (size_t)SINK_BLOCK_MAX * session->channels;
    session->frames_s16 = dm_calloc(samples, sizeof *session->frames_s16);
    session->frames_f32 = session->output_float ? dm_calloc(samples, sizeof *session->frames_f32) : NULL;
    return session->frames_s16 && (session->frames_f32 || !session->output_float) ? S_OK : E_OUTOFMEMORY;
}

HRESULT sink_session_create(struct sink_object *sink, const WAVEFORMATEX *format, struct sink_session **out)
{
    *out = NULL;
    struct sink_session *session = dm_calloc(1, sizeof *session);
    if (!session)
        return E_OUTOFMEMORY;
    if (!os_mutex_init(&session->pull)) {
        dm_free(session);
        return E_OUTOFMEMORY;
    }
    if (!os_event_init(&session->wake)) {
        os_mutex_destroy(&session->pull);
        dm_free(session);
        return E_OUTOFMEMORY;
    }
    session->sink = sink;
    session->rate = format->nSamplesPerSec;
    session->channels = format->nChannels;
    session->period_100ns = (int64_t)sink->period_ms * 10000;
    session->lead_100ns = (int64_t)(sink->period_ms + sink->latency_ms) * 10000;
    HRESULT hr = open_output(session, format);
    if (SUCCEEDED(hr))
        hr = allocate_frames(session);
    if (FAILED(hr)) {
        destroy(session);
        return hr;
    }
    session->synth = sink->synth;
    session->control = session->output_float ? find_float_source(sink->synth) : NULL;
    session->pulled.control = session->control;
    session->own = sink->own;
    if (session->own)
        synth_object_hold(session->own);
    *out = session;
    return S_OK;
}

void sink_session_detach(struct sink_session *session)
{
    os_mutex_lock(&session->pull);
    struct synth_object *own = session->own;
    session->synth = NULL;
    session->control = NULL;
    session->own = NULL;
    os_mutex_unlock(&session->pull);
    sink_pull_detach(session);
    if (own)
        synth_object_let_go(own);
}

void sink_session_poke(struct sink_session *session)
{
    os_mutex_lock(&session->pull);
    struct synth_object *own = session->own;
    if (own)
        synth_object_hold(own);
    os_mutex_unlock(&session->pull);
    if (own) {
        synth_object_poke(own);
        synth_object_let_go(own);
    }
}

static HRESULT render(struct sink_session *session, uint32_t count, int64_t position)
{
    size_t samples = (size_t)count * session->channels;
    HRESULT hr = DMUS_E_SYNTHNOTCONFIGURED;
    if (session->control) {
        hr = session->own ? synth_object_render(session->own, session->rate, session->channels, true, session->frames_f32, count,
                                                position)
                          : session->control->lpVtbl->RenderFloat(session->control, session->frames_f32, count, position);
        if (FAILED(hr))
            memset(session->frames_f32, 0, samples * sizeof *session->frames_f32);
        return hr;
    }
    /* A synth that adds to what is there is served as well as one that overwrites (spec/ddi-user.md 2.1 Render). */
    memset(session->frames_s16, 0, samples * sizeof *session->frames_s16);
    if (session->own)
        hr = synth_object_render(session->own, session->rate, session->channels, false, session->frames_s16, count, position);
    else if (session->synth)
        hr = IDirectMusicSynth_Render(session->synth, session->frames_s16, count, position);
    if (FAILED(hr))
        memset(session->frames_s16, 0, samples * sizeof *session->frames_s16);
    for (size_t i = 0; session->output_float && i < samples; i++)
        session->frames_f32[i] = (float)session->frames_s16[i] / 32768.0f;
    return hr;
}

HRESULT sink_session_block(struct sink_session *session, uint32_t count)
{
    int64_t position = atomic_load(&session->sink->position);
    os_mutex_lock(&session->pull);
    HRESULT hr = render(session, count, position);
    os_mutex_unlock(&session->pull);
    atomic_store(&session->sink->position, position + count);
    if (!session->output || session->output_failed)
        return FAILED(hr) ? hr : session->output_failed ? E_FAIL : S_OK;
    struct dm_error err = {0};
    const void *frames = session->output_float ? (const void *)session->frames_f32 : session->frames_s16;
    session->output_failed = session->output->ops->write(session->output, frames, count, &err) != DM_OK;
    return session->output_failed ? E_FAIL : FAILED(hr) ? hr : S_OK;
}

/* A device that failed may be back: it is asked again each time, and once it answers the stream is laid upon it anew. Until then
 * the stream goes on unheard. Not so a file: what follows a hole belongs nowhere. */
static void look(struct sink_session *session, struct audio_cursor *cursor)
{
    if (session->output_failed)
        session->pace.aligned = false;
    session->output_failed = session->output->ops->cursor(session->output, cursor, NULL) != DM_OK;
}

void sink_session_tell_lead(struct sink_session *session, int64_t lead_100ns)
{
    atomic_store(&session->lead_100ns, lead_100ns);
    atomic_store(&session->sink->lead_100ns, lead_100ns < SINK_LEAD_MAX ? lead_100ns : SINK_LEAD_MAX);
}

/* The first sample to render by a device's CURSOR at NOW, and MAP as it is from now on. *LEAPT: the device itself is why samples
 * are lost. */
static int64_t keep_step(struct sink_session *session, const struct audio_cursor *cursor, REFERENCE_TIME now,
                         struct time_map *map, int64_t position, bool *leapt)
{
    struct sink_object *sink = session->sink;
    struct audio_output *output = session->output;
    struct sink_step step = sink_pace_step(&session->pace, map, now, cursor, position);
    if (step.seek)
        output->ops->seek(output, step.seek_to);
    if (step.shift_100ns)
        sink_shift_map(sink, step.shift_100ns);
    map->start_100ns += step.shift_100ns;
    sink_session_tell_lead(session, step.lead_100ns);
    *leapt = step.skip_is_devices;
    if (step.resync)
        atomic_fetch_add(&sink->resyncs, 1);
    return position + step.skip;
}

/* Nobody could have saved the sound if the system let the thread stand still as long as the sound lasted, or the device leapt. */
static void count_underrun(struct sink_session *session, bool leapt)
{
    atomic_fetch_add(&session->sink->underruns, 1);
    int64_t stood = session->wake_late_100ns + session->held_up_100ns;
    if (leapt || stood >= session->pace.ahead_100ns - session->period_100ns)
        atomic_fetch_add(&session->sink->underruns_late, 1);
}

/* Bring the stream to LEAD beyond NOW. A stream that fell behind NOW lost its sound: it goes on from there, and what was due in
 * the gap is late (spec/ddi-user.md 7.5). Not so the first block: sample 0 belongs to the activation. The clock is read once,
 * right after the cursor: a second reading could be of another master clock, to which MAP does not belong. */
static void fill(struct sink_session *session)
{
    struct sink_object *sink = session->sink;
    struct audio_cursor cursor;
    REFERENCE_TIME now;
    struct time_map map;
    if (has_cursor(session))
        look(session, &cursor);
    if (FAILED(sink_master_time(sink, &now, &map)))
        return;
    int64_t position = atomic_load(&sink->position), before = position;
    bool leapt = false;
    if (has_cursor(session) && !session->output_failed)
        position = keep_step(session, &cursor, now, &map, position, &leapt);
    else if (position > 0 && position < time_map_to_sample(&map, now))
        position = time_map_to_sample(&map, now);
    if (position != before) {
        count_underrun(session, leapt);
        atomic_store(&sink->position, position);
    }
    int64_t wanted = time_map_to_sample(&map, now + atomic_load(&session->lead_100ns));
    while (position < wanted && !atomic_load(&session->stop)) {
        int64_t left = wanted - position;
        uint32_t count = left < SINK_BLOCK_MAX ? (uint32_t)left : SINK_BLOCK_MAX;
        sink_session_block(session, count);
        position += count;
    }
}

static void note_longest(atomic_uint *longest_us, int64_t time_100ns)
{
    unsigned us = time_100ns <= 0 ? 0 : time_100ns / 10 > UINT32_MAX ? UINT32_MAX : (unsigned)(time_100ns / 10);
    if (us > atomic_load(longest_us))
        atomic_store(longest_us, us);
}

static void run(void *ctx)
{
    struct sink_session *session = ctx;
    struct sink_object *sink = session->sink;
    if (!session->pulled.device)
        os_thread_hurry();
    while (!atomic_load(&session->stop)) {
        int64_t woken = clock_now_100ns(), filled = woken, used = os_thread_time_100ns();
        if (session->pulled.device) {
            sink_pull_follow(session);
        } else {
            fill(session);
            filled = clock_now_100ns();
            session->held_up_100ns = filled - woken - (os_thread_time_100ns() - used);
            note_longest(&sink->render_max_us, filled - woken);
        }
        sink_session_poke(session);
        if (!atomic_load(&session->stop) && !os_event_wait(&session->wake, session->period_100ns)) {
            session->wake_late_100ns = clock_now_100ns() - filled - session->period_100ns;
            note_longest(&sink->wake_max_us, session->wake_late_100ns);
        }
    }
    if (atomic_load(&session->orphaned))
        destroy(session);
    sink_object_let_go(sink);
}

HRESULT sink_session_start_device(struct sink_session *session)
{
    if (!session->pulled.device)
        return S_OK;
    HRESULT hr = sink_pull_start(session);
    if (FAILED(hr))
        session->pulled.device = NULL;
    else if (!session->sink->held)
        hr = sink_pull_hold(session, false);
    return hr;
}

bool sink_session_start_thread(struct sink_session *session)
{
    sink_object_hold(session->sink);
    session->threaded = os_thread_start(&session->thread, run, session);
    if (!session->threaded)
        sink_object_let_go(session->sink);
    return session->threaded;
}

void sink_session_end(struct sink_session *session)
{
    if (session->pulled.device)
        sink_pull_stop(session);
    if (session->threaded && os_thread_is_self(&session->thread)) {
        /* An unload callback took the last reference: the thread goes home by itself. */
        atomic_store(&session->orphaned, true);
        atomic_store(&session->stop, true);
        os_thread_detach(&session->thread);
        return;
    }
    if (session->threaded) {
        atomic_store(&session->stop, true);
        os_event_set(&session->wake);
        os_thread_join(&session->thread);
    }
    destroy(session);
}
