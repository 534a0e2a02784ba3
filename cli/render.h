/* SPDX-License-Identifier: MIT */
/* render.h - the parts of `dmus render`: its request, the work on one song, and what is said of it. */
#ifndef DMUS_CLI_RENDER_H
#define DMUS_CLI_RENDER_H

#include <pthread.h>

#include "cli.h"
#include "json.h"
#include "progress.h"

/* One song to render, and what came of it. */
struct render_job {
    const char *song_path;
    char *output_path; /* NULL: measured and discarded */
    enum dmus_status status;
    struct dmus_error error;
    struct dmus_report *report; /* NULL if it failed before there was one */
    bool done;
};

/* Everything the command line asked for. */
struct render_request {
    struct dmus_render_options options;
    struct dmus_output output; /* the path is set per job */
    const char *banks[DMUS_MAX_BANKS];
    uint32_t bank_count;
    struct render_job *jobs;
    uint32_t job_count;
    uint32_t threads;
    int verbose;
    bool quiet, json, overwrite;
};

/* Parse the command line. true: go on; false: stop with *code (help was asked for, or an error was reported). The caller
 * ends it with render_request_free in both cases. */
bool render_request_parse(struct render_request *request, int argc, char **argv, int *code);
void render_request_free(struct render_request *request);

/* Do all jobs, several at a time. ENDED hears of each as it ends, on the thread that did it but never on two at once, with no progress
 * line in the way. Jobs that an interruption left out stay undone. */
void render_run(struct render_request *request, void (*ended)(void *ctx, struct render_job *job), void *ctx);

/* Tell what was done: text for people, or JSON. */
void render_report_text(FILE *out, const struct render_request *request, const struct render_job *job);
void render_report_json(struct json *json, const struct render_request *request, const struct render_job *job);
/* Warnings of a finished job on standard error: missing and replaced instruments, what was dropped, clipping. */
void render_report_warnings(const struct render_request *request, const struct render_job *job);

#endif
