/* SPDX-License-Identifier: MIT */
/* view_plain.c - a line for each song and each thing that happened; on a terminal also one that is rewritten. */
#define _XOPEN_SOURCE 700
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "view.h"

static bool rewrites, drawn;
static uint32_t song_told;

const char *view_time(char text[32], double seconds)
{
    long tenths = (long)(seconds * 10 + 0.5);
    snprintf(text, 32, "%ld:%02ld.%ld", tenths / 600, tenths / 10 % 60, tenths % 10);
    return text;
}

static bool open_view(struct view *view, struct dmus_live *live)
{
    (void)live;
    const char *term = getenv("TERM");
    rewrites = !view->quiet && isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
    song_told = UINT32_MAX;
    return true;
}

static void wipe(void)
{
    if (drawn)
        fputs("\r\033[K", stderr);
    drawn = false;
}

static void say(struct view *view, const char *text)
{
    (void)view;
    wipe();
    fprintf(stderr, "dmus: %s\n", text);
}

static bool step(struct view *view, struct dmus_live *live)
{
    struct dmus_live_state s = DMUS_INIT(dmus_live_state);
    char at[32], end[32];
    if (dmus_live_get_state(live, &s) != DMUS_OK)
        return true;
    if (view->titles && s.song < s.songs && s.song != song_told) {
        wipe();
        song_told = s.song;
        if (!view->quiet)
            fprintf(view->out, "%s\n", view->titles[s.song]);
        flush_output();
    }
    if (!rewrites)
        return true;
    if (view->titles)
        fprintf(stderr, "\r\033[K%s / %s  voices %u%s%s", view_time(at, s.seconds), view_time(end, s.total_seconds), s.voices,
                s.paused ? "  paused" : "", s.device_lost ? "  device lost" : "");
    else
        fprintf(stderr, "\r\033[Kvoices %u  load %.0f %%  underruns %u%s", s.voices, s.load * 100, s.underruns,
                s.device_lost ? "  device lost" : "");
    fflush(stderr);
    drawn = true;
    return true;
}

static void close_view(struct view *view)
{
    (void)view;
    wipe();
}

const struct view_ops view_plain = {open_view, step, say, close_view};
