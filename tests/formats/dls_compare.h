/* SPDX-License-Identifier: MIT */
/* dls_compare.h - are two collections the same, but for what the writer changes (the waves' format, level)? */
#ifndef DMUS_TESTS_DLS_COMPARE_H
#define DMUS_TESTS_DLS_COMPARE_H

#include <stdio.h>
#include <string.h>

#include "formats/dls.h"

static inline bool same_text(const char *a, const char *b) { return a && b ? strcmp(a, b) == 0 : a == b; }

static inline bool same_sample(const struct dls_sample_info *a, const struct dls_sample_info *b)
{
    if (a->present != b->present)
        return false;
    return !a->present || (a->unity_note == b->unity_note && a->fine_tune == b->fine_tune && a->gain == b->gain &&
                           a->options == b->options && a->loop == b->loop && a->loop_start == b->loop_start &&
                           a->loop_length == b->loop_length);
}

static inline bool same_artic(const struct dls_articulation *a, const struct dls_articulation *b)
{
    if (a->present != b->present || a->count != b->count)
        return false;
    for (uint32_t i = 0; i < a->count; i++) {
        const struct dls_connection *x = &a->connections[i], *y = &b->connections[i];
        if (x->source != y->source || x->control != y->control || x->destination != y->destination ||
            x->transform != y->transform || x->scale != y->scale)
            return false;
    }
    return true;
}

static inline bool same_region(const struct dls_region *a, const struct dls_region *b)
{
    return a->key_low == b->key_low && a->key_high == b->key_high && a->velocity_low == b->velocity_low &&
           a->velocity_high == b->velocity_high && a->options == b->options && a->key_group == b->key_group &&
           a->layer == b->layer && a->link_options == b->link_options && a->phase_group == b->phase_group &&
           a->channel == b->channel && a->wave == b->wave && same_sample(&a->sample, &b->sample) &&
           same_artic(&a->articulation, &b->articulation);
}

static inline bool same_instrument(const struct dls_instrument *a, const struct dls_instrument *b)
{
    if (a->bank != b->bank || a->program != b->program || a->region_count != b->region_count ||
        !same_artic(&a->articulation, &b->articulation) || !same_text(a->name, b->name))
        return false;
    for (uint32_t i = 0; i < a->region_count; i++)
        if (!same_region(&a->regions[i], &b->regions[i]))
            return false;
    return true;
}

static inline bool same_wave(const struct dls_wave *a, const struct dls_wave *b)
{
    return a->frames == b->frames && a->sample_rate == b->sample_rate && a->usable == b->usable &&
           same_text(a->name, b->name) && same_sample(&a->sample, &b->sample);
}

static inline bool same_info(const struct dls_info *a, const struct dls_info *b)
{
    return same_text(a->name, b->name) && same_text(a->copyright, b->copyright) && same_text(a->engineer, b->engineer) &&
           same_text(a->comment, b->comment) && same_text(a->software, b->software) && same_text(a->date, b->date) &&
           same_text(a->subject, b->subject);
}

/* NULL if they are the same, else what differs first. */
static inline const char *dls_difference(const struct dls_collection *a, const struct dls_collection *b)
{
    static char place[40];
    if (a->instrument_count != b->instrument_count || a->wave_count != b->wave_count)
        return "counts";
    if (!same_info(&a->info, &b->info) || a->version_ms != b->version_ms || a->version_ls != b->version_ls)
        return "info";
    for (uint32_t i = 0; i < a->instrument_count; i++)
        if (!same_instrument(&a->instruments[i], &b->instruments[i])) {
            snprintf(place, sizeof place, "instrument %u", i);
            return place;
        }
    for (uint32_t i = 0; i < a->wave_count; i++)
        if (!same_wave(&a->waves[i], &b->waves[i])) {
            snprintf(place, sizeof place, "wave %u", i);
            return place;
        }
    return NULL;
}

#endif
