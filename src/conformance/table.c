/* SPDX-License-Identifier: MIT */
/* table.c - judgements as a page of Markdown. */
#include <math.h>
#include <string.h>

#include "judge.h"

/* Four significant digits behind the point where the unit is small, none of them where it would be noise. */
static void number(char *text, size_t size, double value, const struct conf_row *row)
{
    double grain = row->tolerance > 0 ? row->tolerance : row->expected != 0 ? fabs(row->expected) / 10 : 0.1;
    int digits = (int)ceil(1 - log10(grain));
    if (!isfinite(value))
        snprintf(text, size, "none");
    else
        snprintf(text, size, "%.*f", digits < 0 ? 0 : digits > 6 ? 6 : digits, value);
}

static void cell(FILE *out, const struct conf_row *row)
{
    char measured[40];
    number(measured, sizeof measured, row->measured, row);
    fprintf(out, " %s | %s |", measured, row->pass ? "pass" : "**no**");
}

static void rows_of(FILE *out, const struct conf_judge *ours, const struct conf_judge *other)
{
    static const char *const signs[] = {"", "at least ", "at most "};
    for (uint32_t i = 0; i < ours->row_count; i++) {
        const struct conf_row *row = &ours->rows[i];
        char expected[40], tolerance[40] = "";
        number(expected, sizeof expected, row->expected, row);
        if (row->relation == CONF_EQUAL)
            snprintf(tolerance, sizeof tolerance, "%g", row->tolerance);
        fprintf(out, "| %s | %s | %s%s %s | %s |", row->what, row->clause, signs[row->relation], expected, row->unit, tolerance);
        cell(out, row);
        if (other && other->heard && i < other->row_count)
            cell(out, &other->rows[i]);
        else if (other)
            fprintf(out, " not rendered | |");
        fputc('\n', out);
    }
}

static void summary(FILE *out, const struct conf_judge *judges, const char *label)
{
    uint32_t rows = 0, failures = 0;
    for (size_t i = 0; i < conf_case_count(); i++) {
        rows += judges[i].row_count;
        failures += judges[i].failures;
    }
    fprintf(out, "%s: %u of %u rows pass.\n", label, rows - failures, rows);
}

void conf_write_table(FILE *out, const struct conf_judge *ours, const struct conf_judge *other, const char *label,
                      const char *plots)
{
    size_t index = 0;
    fputs("# Conformance\n\nMade by `make conformance`; do not edit. Each row is a measurement of rendered sound against a formula.\n\n",
          out);
    summary(out, ours, "OpenDMus");
    if (other)
        summary(out, other, label);
    for (size_t t = 0; conf_topics[t]; t++) {
        fprintf(out, "\n## %s\n", conf_topics[t]->title);
        for (size_t c = 0; c < conf_topics[t]->count; c++, index++) {
            fprintf(out, "\n### %s\n\n`%s`\n\n| what | rule | expected | tolerance | OpenDMus | |%s%s%s\n|---|---|---|---|---|---|%s\n",
                    ours[index].test->title, ours[index].test->id, other ? " " : "", other ? label : "", other ? " | |" : "",
                    other ? "---|---|" : "");
            rows_of(out, &ours[index], other ? &other[index] : NULL);
            for (uint32_t p = 0; p < ours[index].curve_count; p++)
                fprintf(out, "\n![%s](%s/%s-%u.svg)\n", ours[index].curves[p].title, plots, ours[index].test->id, p);
        }
    }
}
