/* SPDX-License-Identifier: MIT */
#include "judge.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const struct conf_sound *conf_sound(const struct conf_judge *judge)
{
    return &judge->sound;
}

static void add_row(struct conf_judge *judge, enum conf_relation relation, const char *clause, double expected, double measured,
                    double tolerance, const char *unit, const char *what, va_list args)
{
    judge->rows = conf_grow(judge->rows, judge->row_count + 1, sizeof *judge->rows);
    struct conf_row *row = &judge->rows[judge->row_count++];
    *row = (struct conf_row){.relation = relation, .expected = expected, .measured = measured, .tolerance = tolerance};
    snprintf(row->clause, sizeof row->clause, "%s", clause);
    snprintf(row->unit, sizeof row->unit, "%s", unit);
    vsnprintf(row->what, sizeof row->what, what, args);
    row->pass = isfinite(measured) && (relation == CONF_EQUAL   ? fabs(measured - expected) <= tolerance
                                       : relation == CONF_LEAST ? measured >= expected
                                                                : measured <= expected);
    judge->failures += !row->pass;
}

void conf_row(struct conf_judge *judge, const char *clause, double expected, double measured, double tolerance,
              const char *unit, const char *what, ...)
{
    va_list args;
    va_start(args, what);
    add_row(judge, CONF_EQUAL, clause, expected, measured, tolerance, unit, what, args);
    va_end(args);
}

void conf_at_least(struct conf_judge *judge, const char *clause, double least, double measured, const char *unit,
                   const char *what, ...)
{
    va_list args;
    va_start(args, what);
    add_row(judge, CONF_LEAST, clause, least, measured, 0, unit, what, args);
    va_end(args);
}

void conf_at_most(struct conf_judge *judge, const char *clause, double most, double measured, const char *unit,
                  const char *what, ...)
{
    va_list args;
    va_start(args, what);
    add_row(judge, CONF_MOST, clause, most, measured, 0, unit, what, args);
    va_end(args);
}

void conf_plot(struct conf_judge *judge, const char *title, const char *x_label, const char *y_label, bool log_x)
{
    judge->curves = conf_grow(judge->curves, judge->curve_count + 1, sizeof *judge->curves);
    struct conf_curve *curve = &judge->curves[judge->curve_count++];
    *curve = (struct conf_curve){.log_x = log_x};
    snprintf(curve->title, sizeof curve->title, "%s", title);
    snprintf(curve->x_label, sizeof curve->x_label, "%s", x_label);
    snprintf(curve->y_label, sizeof curve->y_label, "%s", y_label);
}

void conf_point(struct conf_judge *judge, double x, double expected, double measured)
{
    struct conf_curve *curve = &judge->curves[judge->curve_count - 1];
    curve->points = conf_grow(curve->points, curve->count + 1, sizeof *curve->points);
    curve->points[curve->count].x = x;
    curve->points[curve->count].expected = expected;
    curve->points[curve->count++].measured = measured;
}

uint32_t conf_rate(const struct conf_case *test)
{
    return test->rate ? test->rate : CONF_RATE;
}

bool conf_has_files(const struct conf_case *test)
{
    return test->build || test->build_file;
}

bool conf_for_others(const struct conf_case *test)
{
    return conf_has_files(test) && !test->native;
}

void conf_make(const struct conf_case *test, struct conf_bytes *bank, struct conf_bytes *song, uint64_t *frames)
{
    struct conf_song *s = conf_song_new(test->id);
    if (test->build_file) {
        *bank = (struct conf_bytes){0};
        test->build_file(bank, s);
    } else {
        struct conf_bank *b = conf_bank_new(test->id);
        test->build(b, s);
        *bank = conf_bank_file(b);
        conf_bank_free(b);
    }
    *song = conf_song_file(s, conf_rate(test));
    *frames = conf_song_end(s);
    conf_song_free(s);
}

enum { MARGIN = 4800 }; /* frames that a measurement may look beyond the end */

/* Frames of the song of TEST: other programs may have stopped sooner, and cases look at all of it. */
static size_t length_of(const struct conf_case *test)
{
    struct conf_bytes bank, song;
    uint64_t frames = 0;
    if (!conf_has_files(test))
        return 0;
    conf_make(test, &bank, &song, &frames);
    free(bank.data);
    free(song.data);
    return (size_t)frames;
}

void conf_judge_sound(struct conf_judge *judge, const struct conf_case *test, const float *interleaved, size_t frames)
{
    *judge = (struct conf_judge){.test = test, .heard = true};
    size_t wanted = length_of(test), length = frames > wanted ? frames : wanted;
    float *left = conf_grow(NULL, length + MARGIN, sizeof *left), *right = conf_grow(NULL, length + MARGIN, sizeof *right);
    for (size_t i = 0; i < length + MARGIN; i++) {
        left[i] = i < frames ? interleaved[2 * i] : 0;
        right[i] = i < frames ? interleaved[2 * i + 1] : 0;
    }
    judge->sound = (struct conf_sound){left, right, length, conf_rate(test)};
    test->judge(judge);
    judge->sound = (struct conf_sound){0};
    free(left);
    free(right);
}

void conf_judge_free(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < judge->curve_count; i++)
        free(judge->curves[i].points);
    free(judge->curves);
    free(judge->rows);
}

size_t conf_case_count(void)
{
    size_t count = 0;
    for (size_t t = 0; conf_topics[t]; t++)
        count += conf_topics[t]->count;
    return count;
}

const struct conf_case *conf_case_at(size_t index)
{
    for (size_t t = 0; conf_topics[t]; t++) {
        if (index < conf_topics[t]->count)
            return &conf_topics[t]->cases[index];
        index -= conf_topics[t]->count;
    }
    return NULL;
}
