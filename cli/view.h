/* SPDX-License-Identifier: MIT */
/*
 * view.h - a session as somebody at a terminal sees it. Two kinds: lines of text, and a screen with keys (built with ncurses).
 * Both run on the main thread, which shares nothing with the sound but what dmus/live.h tells.
 */
#ifndef DMUS_CLI_VIEW_H
#define DMUS_CLI_VIEW_H

#include <stdbool.h>
#include <stdio.h>

#include "dmus/live.h"

struct view {
    const char *const *titles; /* of the songs; NULL: live */
    FILE *out; /* of the titles as lines of text */
    int verbose;
    bool quiet;
};

struct view_ops {
    /* false: this terminal cannot. */
    bool (*open)(struct view *view, struct dmus_live *live);
    /* Show how it goes, obey keys; some ten times a second. false: the user wants to end. */
    bool (*step)(struct view *view, struct dmus_live *live);
    void (*say)(struct view *view, const char *text); /* a message of the session */
    void (*close)(struct view *view);
};

extern const struct view_ops view_plain;
extern const struct view_ops view_screen; /* with HAVE_NCURSES */

/* "3:07.2" */
const char *view_time(char text[32], double seconds);

#endif
