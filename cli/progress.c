/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void progress_start(struct progress *progress, const char *label, bool quiet)
{
    const char *term = getenv("TERM");
    *progress = (struct progress){.label = label, .started = seconds_now()};
    progress->shown = !quiet && isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
}

void progress_start_counting(struct progress *progress, const char *label, bool quiet)
{
    progress_start(progress, label, quiet);
    progress->counting = true;
}

void progress_update(struct progress *progress, double done, double total)
{
    double now = seconds_now();
    if (!progress->shown || now < progress->next)
        return;
    progress->next = now + 0.1;
    double part = total > 0 && done < total ? done / total : 1, spent = now - progress->started;
    char bar[31];
    for (int i = 0; i < 30; i++)
        bar[i] = (double)i < part * 30 ? '#' : '.';
    bar[30] = 0;
    if (progress->counting)
        fprintf(stderr, "\r%.40s [%s] %.0f of %.0f\033[K", progress->label, bar, done, total);
    else
        fprintf(stderr, "\r%.40s [%s] %3.0f %%  %.0f of %.0f s  %.0fx\033[K", progress->label, bar, part * 100, done, total,
                spent > 0 ? done / spent : 0);
    fflush(stderr);
    progress->drawn = true;
}

void progress_end(struct progress *progress)
{
    if (progress->drawn)
        fputs("\r\033[K", stderr);
    progress->drawn = false;
}
