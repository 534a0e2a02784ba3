/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "engine.h"

/* ---- render side -------------------------------------------------------- */

/* A synth_reset_stats that came since the last call: maxima start anew. Counters are the reader's business. */
void report_begin(struct synth *synth)
{
    uint32_t reset = atomic_load_explicit(&synth->reset_stats, memory_order_relaxed);
    if (reset != synth->report.reset_seen) {
        synth->report.reset_seen = reset;
        synth->report.peak = 0.0f;
        synth->report.voices_peak = synth->alloc.sounding;
    }
}

void report_publish(struct synth *synth)
{
    struct report *report = &synth->report;
    uint32_t peak;
    report->voices = synth->alloc.sounding;
    memcpy(&peak, &report->peak, sizeof peak);
    uint32_t words[REPORT_WORDS] = {
        report->voices,
        report->voices_peak,
        report->notes_lost,
        report->events_late,
        report->reset_seen,
        peak,
        (uint32_t)report->notes_missing,
        (uint32_t)(report->notes_missing >> 32),
        (uint32_t)report->samples_clipped,
        (uint32_t)(report->samples_clipped >> 32),
        (uint32_t)report->frames,
        (uint32_t)(report->frames >> 32),
    };
    seqlock_write(&synth->report_lock, synth->report_words, words, REPORT_WORDS);
}

void report_missing(struct synth *synth, const struct part *part, uint8_t key, bool has_instrument)
{
    uint32_t patch = patch_number(part->choice);
    uint32_t count = atomic_load_explicit(&synth->missing_count, memory_order_relaxed);
    synth->report.notes_missing++;
    for (uint32_t i = 0; i < count; i++)
        if (synth->missing[i].patch == patch && synth->missing[i].has_instrument == has_instrument) {
            atomic_fetch_add_explicit(&synth->missing[i].count, 1, memory_order_relaxed);
            return;
        }
    if (count == MISSING_MAX)
        return;
    struct missing *missing = &synth->missing[count];
    missing->patch = patch;
    missing->group = part->group->number + 1;
    missing->channel = part->index;
    missing->key = key;
    missing->has_instrument = has_instrument;
    atomic_store_explicit(&missing->count, 1, memory_order_relaxed);
    atomic_store_explicit(&synth->missing_count, count + 1, memory_order_release);
}

void synth_load(const struct synth *synth, uint32_t *voices, uint32_t *notes_lost)
{
    *voices = synth->report.voices;
    *notes_lost = synth->report.notes_lost;
}

float synth_peak(const struct synth *synth) { return synth->block_peak; }

/* ---- control side ------------------------------------------------------- */

/* The render side writes for a few nanoseconds per call; asking again is no wait worth the name. */
static void read_report(const struct synth *synth, struct report *report)
{
    uint32_t words[REPORT_WORDS], seen;
    while (!seqlock_read(&synth->report_lock, synth->report_words, words, REPORT_WORDS, &seen))
        ;
    *report = (struct report){
        .voices = words[0],
        .voices_peak = words[1],
        .notes_lost = words[2],
        .events_late = words[3],
        .reset_seen = words[4],
        .notes_missing = words[6] | (uint64_t)words[7] << 32,
        .samples_clipped = words[8] | (uint64_t)words[9] << 32,
        .frames = words[10] | (uint64_t)words[11] << 32,
    };
    memcpy(&report->peak, &words[5], sizeof report->peak);
}

void synth_get_stats(const struct synth *synth, struct synth_stats *out)
{
    struct report report;
    const struct report *baseline = &synth->baseline;
    read_report(synth, &report);
    bool maxima = report.reset_seen == synth->resets;
    *out = (struct synth_stats){
        .voices = report.voices,
        .voices_peak = maxima ? report.voices_peak : report.voices,
        .notes_lost = report.notes_lost - baseline->notes_lost,
        .events_late = report.events_late - baseline->events_late,
        .notes_missing = report.notes_missing - baseline->notes_missing,
        .samples_clipped = report.samples_clipped - baseline->samples_clipped,
        .frames = report.frames,
        .peak = maxima ? report.peak : 0.0f,
        .wave_bytes = synth->downloads.wave_bytes,
        .queued_events = events_pending(&synth->events),
    };
}

void synth_reset_stats(struct synth *synth)
{
    read_report(synth, &synth->baseline);
    synth->resets++;
    atomic_store_explicit(&synth->reset_stats, synth->resets, memory_order_relaxed);
}

bool synth_get_missing(const struct synth *synth, uint32_t index, struct synth_missing *out)
{
    if (index >= atomic_load_explicit(&synth->missing_count, memory_order_acquire))
        return false;
    const struct missing *missing = &synth->missing[index];
    *out = (struct synth_missing){
        .patch = missing->patch,
        .group = missing->group,
        .channel = missing->channel,
        .count = atomic_load_explicit(&missing->count, memory_order_relaxed),
        .key = missing->key,
        .has_instrument = missing->has_instrument,
    };
    return true;
}
