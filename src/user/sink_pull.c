/* SPDX-License-Identifier: MIT */
#include "sink_pull.h"

#include "audio/output.h"
#include "base/clock.h"
#include "sink_impl.h"
#include "synth_object.h"

#define ASK_MAX      50000000 /* 5 s: longer than it takes the output to pull by the clock instead */
#define SETTLE_PULLS 3u       /* with the same latency: the device tells the truth */
#define SETTLE_MAX   3000000  /* or 0.3 s */

struct last_pull {
    int64_t asked_100ns, heard_100ns;
    int64_t origin_100ns, least_100ns, most_100ns;
    uint32_t count, pulls;
    unsigned version, jumps;
    bool held;
};

/* ---- on the device's thread ---- */

/* The window that LAST belongs to; another begins when the one before it was taken, or the stream began anew. */
static void widen(struct sink_pull *pull, struct last_pull *last, bool restarted)
{
    unsigned taken = atomic_load(&pull->taken);
    bool first = restarted || last->held || atomic_load(&pull->was_held) || taken != pull->window;
    pull->window = taken;
    last->least_100ns = last->most_100ns = last->origin_100ns;
    last->pulls = 1;
    if (first)
        return;
    int64_t least = atomic_load(&pull->least_100ns), most = atomic_load(&pull->most_100ns);
    last->least_100ns = least < last->least_100ns ? least : last->least_100ns;
    last->most_100ns = most > last->most_100ns ? most : last->most_100ns;
    last->pulls = atomic_load(&pull->pulls) + 1;
}

static void note(struct sink_pull *pull, struct last_pull *last, bool restarted)
{
    widen(pull, last, restarted);
    atomic_fetch_add(&pull->version, 1);
    atomic_store(&pull->origin_100ns, last->origin_100ns);
    atomic_store(&pull->least_100ns, last->least_100ns);
    atomic_store(&pull->most_100ns, last->most_100ns);
    atomic_store(&pull->pulls, last->pulls);
    atomic_store(&pull->asked_100ns, last->asked_100ns);
    atomic_store(&pull->heard_100ns, last->heard_100ns);
    atomic_store(&pull->count, last->count);
    atomic_store(&pull->was_held, last->held);
    atomic_fetch_add(&pull->jumps, restarted);
    atomic_fetch_add(&pull->version, 1);
}

static HRESULT render(struct sink_session *session, IDirectMusicSynth *synth, void *frames, uint32_t count, int64_t position)
{
    const struct sink_pull *pull = &session->pulled;
    const size_t samples = (size_t)count * session->channels;
    struct synth_object *own = synth_object_from(synth);
    if (pull->float_samples && own)
        return synth_object_render(own, session->rate, session->channels, true, frames, count, position);
    if (pull->float_samples && pull->control)
        return pull->control->lpVtbl->RenderFloat(pull->control, frames, count, position);
    /* 16 bits in the first half, widened from the end. */
    int16_t *s16 = frames;
    float *f32 = frames;
    memset(s16, 0, samples * sizeof *s16);
    HRESULT hr = own ? synth_object_render(own, session->rate, session->channels, false, s16, count, position)
                     : IDirectMusicSynth_Render(synth, s16, count, position);
    for (size_t i = pull->float_samples && SUCCEEDED(hr) ? samples : 0; i-- > 0;) {
        int16_t sample;
        memcpy(&sample, s16 + i, sizeof sample);
        f32[i] = (float)sample / 32768.0f;
    }
    return hr;
}

/* Either sink_pull_detach sees the flag, or this sees that the synth is gone. */
static void render_or_silence(struct sink_session *session, void *frames, uint32_t count, const DMUS_SINKMOMENT *moment)
{
    struct sink_pull *pull = &session->pulled;
    HRESULT hr = E_FAIL;
    atomic_store(&pull->rendering, true);
    IDirectMusicSynth *synth = atomic_load(&pull->synth);
    if (synth && pull->feed)
        pull->feed(pull->feed_context, moment);
    if (synth)
        hr = render(session, synth, frames, count, moment->llPosition);
    atomic_store(&pull->rendering, false);
    if (FAILED(hr))
        memset(frames, 0, (size_t)count * session->channels * (pull->float_samples ? sizeof(float) : sizeof(int16_t)));
}

static void pull_frames(void *ctx, void *frames, uint32_t count, const struct audio_moment *moment)
{
    struct sink_session *session = ctx;
    struct sink_object *sink = session->sink;
    struct sink_pull *pull = &session->pulled;
    struct last_pull last = {.asked_100ns = moment->asked_100ns, .heard_100ns = moment->heard_100ns, .count = count,
                             .held = atomic_load(&pull->held)};
    int64_t position = atomic_load(&sink->position);
    if (moment->lost && !last.held) { /* it cannot be heard any more: spec/ddi-user.md 7.5 */
        position += moment->lost;
        atomic_fetch_add(&sink->underruns, 1);
    }
    /* To the frame, not to the grid of the native profile. */
    last.origin_100ns = last.heard_100ns - time_map_to_time(&(struct time_map){0, session->rate, true}, position);
    if (last.held) {
        memset(frames, 0, (size_t)count * session->channels * (pull->float_samples ? sizeof(float) : sizeof(int16_t)));
    } else {
        DMUS_SINKMOMENT told = {position, moment->frame, moment->asked_100ns, moment->heard_100ns, count, moment->restarted};
        render_or_silence(session, frames, count, &told);
        atomic_store(&sink->position, position + count);
    }
    note(pull, &last, moment->restarted || moment->lost); /* how much was lost is the device's guess */
}

/* ---- beside it ---- */

static struct last_pull read_last(struct sink_pull *pull)
{
    struct last_pull last;
    do {
        while ((last.version = atomic_load(&pull->version)) & 1 && !os_ending())
            ;
        last.origin_100ns = atomic_load(&pull->origin_100ns);
        last.least_100ns = atomic_load(&pull->least_100ns);
        last.most_100ns = atomic_load(&pull->most_100ns);
        last.pulls = atomic_load(&pull->pulls);
        last.asked_100ns = atomic_load(&pull->asked_100ns);
        last.heard_100ns = atomic_load(&pull->heard_100ns);
        last.count = atomic_load(&pull->count);
        last.held = atomic_load(&pull->was_held);
        last.jumps = atomic_load(&pull->jumps);
    } while (atomic_load(&pull->version) != last.version);
    return last;
}

/* The device's time is the machine's; what the master clock is ahead of that. The clock is foreign: no lock is held. */
static bool master_offset(struct sink_object *sink, int64_t *offset_100ns)
{
    REFERENCE_TIME master;
    struct time_map map;
    int64_t before = clock_now_100ns();
    if (FAILED(sink_master_time(sink, &master, &map)))
        return false;
    *offset_100ns = master - (before + (clock_now_100ns() - before) / 2);
    return true;
}

/* [pull] MAP: when frame 0 is due by the conversions, in the device's time. */
static void follow_locked(struct sink_session *session, int64_t map, bool at_once)
{
    struct sink_object *sink = session->sink;
    struct sink_pull *pull = &session->pulled;
    struct last_pull last = read_last(pull);
    if (last.version == 0)
        return;
    struct sink_told told = {.anew = last.jumps != pull->jumps_seen,
                             .still = last.held,
                             .fresh = last.version != pull->version_seen,
                             .last_100ns = last.origin_100ns - map,
                             .least_100ns = last.least_100ns - map,
                             .most_100ns = last.most_100ns - map,
                             .pulls = last.pulls};
    struct sink_followed followed = sink_follow_step(&pull->follow, &told, at_once);
    pull->jumps_seen = last.jumps;
    pull->version_seen = last.version;
    if (followed.took)
        atomic_fetch_add(&pull->taken, 1);
    if (followed.resync)
        atomic_fetch_add(&sink->resyncs, 1);
    if (followed.shift_100ns)
        sink_shift_map(sink, followed.shift_100ns);
    int64_t need = last.heard_100ns - last.asked_100ns + (int64_t)last.count * CLOCK_100NS_PER_SECOND / session->rate;
    int64_t lead = need + session->pace.ahead_100ns;
    sink_session_tell_lead(session, lead < 0 ? 0 : lead);
}

/* The host's thread and the session's: one correction at a time. The device's thread never takes this lock. The clock that was read
 * and the conversions must be of one clock: another one may have taken over meanwhile. */
static void follow(struct sink_session *session, bool at_once)
{
    int64_t offset_100ns;
    bool same;
    do {
        struct time_map map;
        unsigned generation = atomic_load(&session->sink->clock_generation);
        if (!master_offset(session->sink, &offset_100ns))
            return;
        os_mutex_lock(&session->pull);
        same = sink_map_of(session->sink, generation, &map);
        if (same)
            follow_locked(session, map.start_100ns - offset_100ns, at_once);
        os_mutex_unlock(&session->pull);
    } while (!same);
}

void sink_pull_follow(struct sink_session *session) { follow(session, false); }

/* Wait until the state of the last pull is HELD. */
static bool wait_for(struct sink_pull *pull, bool held)
{
    int64_t until = clock_now_100ns() + ASK_MAX;
    for (;;) {
        struct last_pull last = read_last(pull);
        if (last.version != 0 && last.held == held)
            return true;
        if (clock_now_100ns() > until)
            return false;
        os_sleep_ms(1);
    }
}

static void settle(struct sink_pull *pull)
{
    int64_t until = clock_now_100ns() + SETTLE_MAX, latency = -1;
    unsigned version = 0, same = 0;
    while (same < SETTLE_PULLS && clock_now_100ns() < until) {
        struct last_pull last = read_last(pull);
        if (last.version != version) {
            same = last.heard_100ns - last.asked_100ns == latency ? same + 1 : 0;
            latency = last.heard_100ns - last.asked_100ns;
            version = last.version;
        }
        os_sleep_ms(1);
    }
}

HRESULT sink_pull_hold(struct sink_session *session, bool hold)
{
    struct sink_pull *pull = &session->pulled;
    atomic_store(&pull->held, hold);
    if (!wait_for(pull, hold))
        return E_FAIL;
    follow(session, true);
    return S_OK;
}

HRESULT sink_pull_start(struct sink_session *session)
{
    struct sink_pull *pull = &session->pulled;
    struct audio_source source = {pull_frames, session, pull->float_samples};
    atomic_store(&pull->held, true);
    atomic_store(&pull->synth, session->synth);
    if (pull->device->ops->start(pull->device, &source, NULL) != DM_OK)
        return E_FAIL;
    if (!wait_for(pull, true)) {
        pull->device->ops->stop(pull->device);
        return E_FAIL;
    }
    settle(pull);
    follow(session, true);
    return S_OK;
}

void sink_pull_detach(struct sink_session *session)
{
    struct sink_pull *pull = &session->pulled;
    atomic_store(&pull->synth, NULL);
    while (atomic_load(&pull->rendering))
        os_sleep_ms(1);
}

void sink_pull_stop(struct sink_session *session) { session->pulled.device->ops->stop(session->pulled.device); }
