/* SPDX-License-Identifier: MIT */
/* judge.h - what the judging of a case collects, and running it. */
#ifndef DMUS_CONFORMANCE_JUDGE_H
#define DMUS_CONFORMANCE_JUDGE_H

#include <stdio.h>

#include "build.h"
#include "conf.h"

enum conf_relation { CONF_EQUAL, CONF_LEAST, CONF_MOST };

struct conf_row {
    char what[120], clause[40], unit[12];
    enum conf_relation relation;
    double expected, measured, tolerance;
    bool pass;
};

struct conf_curve {
    char title[80], x_label[40], y_label[40];
    bool log_x;
    struct { double x, expected, measured; } *points;
    uint32_t count;
};

/* The judgement of one case. */
struct conf_judge {
    const struct conf_case *test;
    struct conf_sound sound;
    struct conf_row *rows;
    struct conf_curve *curves;
    uint32_t row_count, curve_count, failures;
    bool heard; /* false: there was no sound to judge; rows stay empty */
};

uint32_t conf_rate(const struct conf_case *test); /* Hz */
/* false: the case makes its own sounds. */
bool conf_has_files(const struct conf_case *test);
/* Whether other synthesizers can be judged by it. */
bool conf_for_others(const struct conf_case *test);

/* Bank and song of TEST as files in memory; the caller frees the data. */
void conf_make(const struct conf_case *test, struct conf_bytes *bank, struct conf_bytes *song, uint64_t *frames);

/* Judge an interleaved stereo sound of FRAMES frames at the rate of TEST (none, 0 frames, for one without files). */
void conf_judge_sound(struct conf_judge *judge, const struct conf_case *test, const float *interleaved, size_t frames);
void conf_judge_free(struct conf_judge *judge);

/* Our own render of TEST through the DDI, as interleaved stereo; the caller frees it. NULL after a message on failure. */
float *conf_render(const struct conf_case *test, size_t *frames);
/* The sound of a song (standard MIDI file, or RMID) with a bank (NULL: the one inside the song), rendered as TEST says. */
float *conf_render_files(const struct conf_case *test, const struct conf_bytes *bank, const struct conf_bytes *song,
                         size_t *frames);

/* Table of all judgements in Markdown: OURS, and beside it OTHER (NULL: none) under the name LABEL. PLOTS: directory of the SVG files as
 * linked from the page. */
void conf_write_table(FILE *out, const struct conf_judge *ours, const struct conf_judge *other, const char *label,
                      const char *plots);
/* One SVG for CURVE (with OTHER's measured points, NULL: none). */
void conf_write_svg(FILE *out, const struct conf_curve *curve, const struct conf_curve *other, const char *label);

/* Number of cases over all topics, and the INDEXth of them. */
size_t conf_case_count(void);
const struct conf_case *conf_case_at(size_t index);

#endif
