/* SPDX-License-Identifier: MIT */
#include "engine.h"
#include "midi.h"
#include "notes.h"
#include "output.h"

/* Where a block goes: one of the three is set. */
struct target {
    int16_t *s16;
    float *f32;
    struct bus_outputs *buses;
};

/* Distance from POSITION to a later SAMPLE, as far as 64 unsigned bits. */
static uint64_t distance(int64_t position, int64_t sample) { return (uint64_t)sample - (uint64_t)position; }

static void apply(struct synth *synth, struct event *event)
{
    if (event->kind == EVENT_MIDI)
        midi_apply(synth, event);
    else
        plays_apply(synth, event);
    events_done(&synth->events, event);
}

static bool acts_at_frame(const struct event *event) { return event->kind != EVENT_MIDI || midi_acts_at_frame(event->bytes); }

/* Apply what is due before POSITION, or also at it; returns how many events that were. */
static uint32_t apply_before(struct synth *synth, int64_t position, bool at_position)
{
    uint32_t count = 0;
    const struct event *first;
    while ((first = events_first(&synth->events)) != NULL &&
           (first->sample < position || (at_position && first->sample == position))) {
        apply(synth, events_take(&synth->events));
        count++;
    }
    return count;
}

/* Events that only change what voices read at their control points (midi_acts_at_frame) need no cut of their own: they are taken
 * out in order and applied together before the next control point, or before the next event that does act at its frame. */
struct deferred {
    struct event *first, *last;
};

static void apply_deferred(struct synth *synth, struct deferred *deferred)
{
    while (deferred->first) {
        struct event *event = deferred->first;
        deferred->first = event->next;
        apply(synth, event);
    }
}

static void defer(struct synth *synth, struct deferred *deferred)
{
    struct event *event = events_take(&synth->events);
    event->next = NULL;
    if (deferred->first)
        deferred->last->next = event;
    else
        deferred->first = event;
    deferred->last = event;
}

/* Frames from POSITION to the next cut: the end of the block, the next round of alloc_refresh, an event that acts at its frame, or
 * the control point before which a deferred one must be applied. */
static uint32_t next_span(struct synth *synth, int64_t position, uint32_t left, struct deferred *deferred)
{
    uint32_t span = SPAN_MAX - (uint32_t)(synth->played % SPAN_MAX);
    uint32_t control = MIXER_GRID - (uint32_t)(synth->played % MIXER_GRID);
    const struct event *first;
    if (span > left)
        span = left;
    while ((first = events_first(&synth->events)) != NULL && distance(position, first->sample) < span) {
        uint32_t at = (uint32_t)distance(position, first->sample);
        if (acts_at_frame(first))
            return at;
        if (at >= control) /* to the last control point before it, where it is looked at again */
            return control + (at - control) / MIXER_GRID * MIXER_GRID;
        defer(synth, deferred);
        span = control < span ? control : span;
    }
    return span;
}

static struct target convert(struct synth *synth, uint32_t frames, struct target target)
{
    struct output output = {synth->config.channels, synth->config.dither, synth->config.cpu};
    struct output_meter meter = {synth->block_peak, synth->report.samples_clipped};
    size_t values = (size_t)frames * output.channels;
    if (target.s16) {
        output_s16(&output, synth->left, synth->right, frames, synth->played, target.s16, &meter);
        target.s16 += values;
    } else if (target.buses) {
        output_measure(target.buses, frames, &meter);
        target.buses->at += frames;
    } else {
        output_f32(&output, synth->left, synth->right, frames, target.f32, &meter);
        target.f32 += values;
    }
    synth->block_peak = meter.peak;
    synth->report.peak = meter.peak > synth->report.peak ? meter.peak : synth->report.peak;
    synth->report.samples_clipped = meter.clipped;
    return target;
}

/* Levels are looked at on a grid of frames, before the events of that frame: the same for any cut into blocks. */
static void render(struct synth *synth, int64_t position, uint32_t frames, struct target target)
{
    synth->block_peak = 0.0f;
    if (frames == 0)
        return;
    struct deferred deferred = {0};
    synth->patch_version = downloads_enter(&synth->downloads, &synth->patches);
    report_begin(synth);
    groups_update(synth);
    settings_update(synth, false);
    events_collect(&synth->events);
    synth->report.events_late += apply_before(synth, position, false);
    while (frames > 0) {
        if (synth->played % SPAN_MAX == 0)
            alloc_refresh(&synth->alloc, synth->mixer);
        apply_before(synth, position, true);
        if (synth->alloc.sounding > synth->report.voices_peak)
            synth->report.voices_peak = synth->alloc.sounding;
        uint32_t span = next_span(synth, position, frames, &deferred);
        mixer_render_buses(synth->mixer, span, synth->left, synth->right, target.buses);
        notes_reap(synth);
        target = convert(synth, span, target);
        synth->report.frames += span;
        synth->played += span;
        /* As unsigned: positions wrap at the end of 64 bits instead of overflowing. */
        position = (int64_t)((uint64_t)position + span);
        frames -= span;
        apply_deferred(synth, &deferred);
    }
    events_hand_back(&synth->events);
    plays_publish(synth);
    report_publish(synth);
    levels_publish(synth);
    downloads_leave(&synth->downloads);
}

void synth_render_s16(struct synth *synth, int64_t position, uint32_t frames, int16_t *out)
{
    render(synth, position, frames, (struct target){.s16 = out});
}

void synth_render_f32(struct synth *synth, int64_t position, uint32_t frames, float *out)
{
    render(synth, position, frames, (struct target){.f32 = out});
}

void synth_render_buses(struct synth *synth, int64_t position, uint32_t frames, float *const *out, const uint32_t *buses,
                        uint32_t count)
{
    struct bus_outputs outputs = {.count = count, .ids = buses, .out = out};
    render(synth, position, frames, (struct target){.buses = &outputs});
}

bool synth_silent(const struct synth *synth)
{
    return !synth->alloc.sounding && events_pending(&synth->events) == 0 && mixer_silent(synth->mixer);
}
