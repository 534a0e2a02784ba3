/* SPDX-License-Identifier: MIT */
/* progress.h - one line on the terminal, no wider than it, while something long goes on; nothing in a pipe. */
#ifndef DMUS_CLI_PROGRESS_H
#define DMUS_CLI_PROGRESS_H

#include <stdbool.h>

struct progress {
    bool shown;        /* standard error is a terminal that can rewrite a line, and nobody asked for quiet */
    const char *label; /* of a path, the last name */
    double next;       /* do not draw again before (seconds, monotonic) */
    double started;
    bool drawn;
    bool counting;     /* units are things, not seconds of sound */
};

void progress_start(struct progress *progress, const char *label, bool quiet);
void progress_start_counting(struct progress *progress, const char *label, bool quiet);
/* DONE of TOTAL units (seconds of sound, or things); draws at most ten times a second. */
void progress_update(struct progress *progress, double done, double total);
void progress_end(struct progress *progress); /* wipes the line */

double seconds_now(void); /* monotonic */

#endif
