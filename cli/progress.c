/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* struct winsize */
#define _XOPEN_SOURCE 700
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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
    const char *slash = strrchr(label, '/');
    *progress = (struct progress){.label = slash && slash[1] ? slash + 1 : label, .started = seconds_now()};
    progress->shown = !quiet && isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
}

void progress_start_counting(struct progress *progress, const char *label, bool quiet)
{
    progress_start(progress, label, quiet);
    progress->counting = true;
}

static int terminal_columns(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

static int least(int a, int b) { return a < b ? a : b; }

/* As much of LABEL as WIDTH bytes hold, whole UTF-8 sequences, nothing that moves the cursor. Bytes are never fewer than columns. */
static int put_label(char *out, const char *label, int width)
{
    int n = 0;
    for (; n < width && label[n]; n++)
        out[n] = (unsigned char)label[n] < 0x20 || label[n] == 0x7f ? '?' : label[n];
    while (n > 0 && label[n] && ((unsigned char)label[n] & 0xC0) == 0x80)
        n--;
    out[n] = 0;
    return n;
}

/* A line that fits: one that wraps cannot be rewritten. What is narrow takes from the bar, then from the label. */
static void draw(const char *label, double part, const char *figures)
{
    enum { MOST_LABEL = 40, LEAST_BAR = 10, MOST_BAR = 30 };
    char name[MOST_LABEL + 1], bar[MOST_BAR + 1] = "";
    int room = terminal_columns() - 1 - (int)strlen(figures) - (int)strlen(" [] ");
    int named = put_label(name, label, least(room - LEAST_BAR, MOST_LABEL)), width = least(room - named, MOST_BAR);
    for (int i = 0; i < width; i++)
        bar[i] = (double)i < part * width ? '#' : '.';
    if (width < LEAST_BAR)
        fprintf(stderr, "\r%.*s\033[K", terminal_columns() - 1, figures);
    else
        fprintf(stderr, "\r%s%s[%.*s] %s\033[K", name, named ? " " : "", width, bar, figures);
    fflush(stderr);
}

void progress_update(struct progress *progress, double done, double total)
{
    char figures[80];
    double now = seconds_now();
    if (!progress->shown || now < progress->next)
        return;
    progress->next = now + 0.1;
    double part = total > 0 && done < total ? done / total : 1, spent = now - progress->started;
    if (progress->counting)
        snprintf(figures, sizeof figures, "%.0f of %.0f", done, total);
    else
        snprintf(figures, sizeof figures, "%3.0f %%  %.0f of %.0f s  %.0fx", part * 100, done, total, spent > 0 ? done / spent : 0);
    draw(progress->label, part, figures);
    progress->drawn = true;
}

void progress_end(struct progress *progress)
{
    if (progress->drawn)
        fputs("\r\033[K", stderr);
    progress->drawn = false;
}
