/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "render.h"

#define PER_SECOND INT64_C(10000000)

/* Events are handed over this long before their sound is asked for. */
#define AHEAD_100NS PER_SECOND

static enum dm_status queue_events(struct render *r, int64_t before_100ns, struct dm_error *err)
{
    for (;;) {
        int64_t start;
        const uint8_t *bytes;
        uint32_t size;
        enum dm_status status = song_buffers_next(&r->events, before_100ns, &start, &bytes, &size, err);
        if (status == DM_OK && size)
            status = r->ops->play(r->route, start, bytes, size, err);
        if (status != DM_OK || size == 0)
            return status;
    }
}

/* Close every gate at the end of the song: pedals up, all notes off. A note that the song forgot would sound for ever. */
static enum dm_status release_all(struct render *r, struct dm_error *err)
{
    static const uint8_t controllers[] = {64, 66, 123};
    uint8_t buffer[3 * 24];
    int64_t now = song_frame_time(r->position, r->options.sample_rate);
    for (uint32_t channel = 0; channel < r->song->smf->port_count * 16u; channel++) {
        uint32_t used = 0;
        for (uint32_t i = 0; i < sizeof controllers; i++) {
            uint8_t message[3] = {(uint8_t)(0xB0 | channel % 16), controllers[i], 0};
            used += song_event_put(buffer + used, 0, channel / 16 + 1, true, message, 3);
        }
        enum dm_status status = r->ops->play(r->route, now, buffer, used, err);
        if (status != DM_OK)
            return status;
    }
    return DM_OK;
}

static enum dm_status tell(struct render *r, struct dm_error *err)
{
    if (!r->options.progress)
        return DM_OK;
    struct route_report report;
    r->ops->report(r->route, &report);
    double end = (double)r->song_end / r->options.sample_rate;
    if (r->options.to_seconds > 0 && r->options.to_seconds < end)
        end = r->options.to_seconds;
    struct dmus_progress progress = {
        .size = sizeof progress,
        .seconds = (double)r->position / r->options.sample_rate,
        .total_seconds = end,
        .voices = report.voices,
        .peak = r->out.peak,
    };
    return r->options.progress(r->options.progress_ctx, &progress) ? DM_OK
                                                                  : dm_fail(err, PLAYER_CANCELLED, "cancelled");
}

/* The engine counts what it limits from the start; what is skipped is nobody's loss. */
static void note_begin(struct render *r)
{
    struct route_report report;
    r->ops->report(r->route, &report);
    r->clipped_before = report.samples_clipped;
    r->peak_before = report.peak;
}

/* Render up to frame END in steps that do not depend on the block size. */
static enum dm_status advance(struct render *r, int64_t end, struct dm_error *err)
{
    int64_t step = r->options.sample_rate / 10;
    if (step < r->options.block_frames)
        step = r->options.block_frames;
    while (r->position < end) {
        int64_t next = end - r->position < step ? end : r->position + step, begin = (int64_t)r->out.skip;
        if (r->position < begin && next > begin)
            next = begin;
        enum dm_status status =
            queue_events(r, song_frame_time(next, r->options.sample_rate) + AHEAD_100NS, err);
        if (status == DM_OK)
            status = r->ops->pump(r->route, (uint64_t)(next - r->position), r->options.block_frames, err);
        if (status == DM_ERR_WRITE && r->out.err.status != DM_OK && err) {
            *err = r->out.err;
            status = r->out.err.status;
        }
        if (status != DM_OK)
            return status;
        r->position = next;
        if (next == begin)
            note_begin(r);
        status = tell(r, err);
        if (status != DM_OK)
            return status;
    }
    return DM_OK;
}

/* The last frames before END go straight to silence, unless it is silent already. */
static enum dm_status advance_and_fade(struct render *r, int64_t end, double fade_seconds, bool *faded,
                                       struct dm_error *err)
{
    int64_t frames = (int64_t)(fade_seconds * r->options.sample_rate), begin = end - frames;
    if (begin < r->position)
        begin = r->position;
    enum dm_status status = advance(r, begin, err);
    if (status != DM_OK)
        return status;
    if (!r->ops->silent(r->route)) {
        r->out.fade_begin = (uint64_t)begin;
        r->out.fade_frames = (uint64_t)(end - begin);
        *faded = end > begin;
    }
    return advance(r, end, err);
}

#define FADE_SECONDS 0.005      /* no click where the listener asked for an end */
#define LONG_FADE_SECONDS 0.5   /* where we stop waiting for silence */

/* On a grid of 50 ms from the end of the song, whatever the blocks are. */
static enum dm_status tail_until_silence(struct render *r, int64_t stop, struct dm_error *err)
{
    int64_t step = r->options.sample_rate / 20;
    int64_t limit = r->song_end + (int64_t)llround(r->options.tail_limit_seconds * r->options.sample_rate);
    int64_t patience = limit - (int64_t)(LONG_FADE_SECONDS * r->options.sample_rate);
    while (r->position < stop && r->position < patience) {
        if (r->ops->silent(r->route))
            return DM_OK;
        int64_t next = r->position + step < patience ? r->position + step : patience;
        enum dm_status status = advance(r, next < stop ? next : stop, err);
        if (status != DM_OK)
            return status;
    }
    if (r->position >= stop || r->ops->silent(r->route))
        return DM_OK;
    enum dm_status status = advance_and_fade(r, limit < stop ? limit : stop, LONG_FADE_SECONDS, &r->tail_cut, err);
    if (status == DM_OK && r->tail_cut)
        dm_note(&r->notes, "still sounding %.1f s after the end: faded out", r->options.tail_limit_seconds);
    return status;
}

/* Everything has been handed over but for a song of no length, which nothing advanced to. */
static enum dm_status end_song(struct render *r, struct dm_error *err)
{
    enum dm_status status = queue_events(r, song_frame_time(r->position, r->options.sample_rate) + AHEAD_100NS, err);
    return status == DM_OK ? release_all(r, err) : status;
}

enum dm_status render_song(struct render *r, struct dm_error *err)
{
    uint32_t rate = r->options.sample_rate;
    int64_t stop = r->options.to_seconds > 0 ? (int64_t)llround(r->options.to_seconds * rate) : INT64_MAX;
    int64_t end = r->song_end + (int64_t)llround(r->options.tail_seconds * rate);
    bool faded = false;
    r->out.skip = (uint64_t)llround(r->options.from_seconds * rate);
    r->out.end = (uint64_t)stop;
    if (r->options.tail == DMUS_TAIL_LAST_EVENT && stop > r->last_event)
        return advance_and_fade(r, r->last_event, FADE_SECONDS, &faded, err);
    if (r->options.tail == DMUS_TAIL_SECONDS && r->options.tail_seconds < FADE_SECONDS && stop > end)
        return advance_and_fade(r, end, FADE_SECONDS, &faded, err);

    enum dm_status status = advance(r, stop < r->song_end ? stop : r->song_end, err);
    if (status == DM_OK && stop > r->song_end) {
        status = end_song(r, err);
        if (status == DM_OK && r->options.tail == DMUS_TAIL_SECONDS) {
            status = advance_and_fade(r, end < stop ? end : stop, FADE_SECONDS, &faded, err);
        } else if (status == DM_OK) {
            status = tail_until_silence(r, stop, err);
        }
    }
    return status;
}
