/* SPDX-License-Identifier: MIT */
/*
 * fetch.h - hints to the processor's cache: what is looked at or written soon.
 * They change nothing else, and any address will do. Internal to the engine.
 */
#ifndef DMUS_SYNTH_FETCH_H
#define DMUS_SYNTH_FETCH_H

#include <stddef.h>

#define CACHE_LINE 64u

#ifdef __GNUC__
#define FETCH_(p, write) __builtin_prefetch(p, write, 3)
#else
#define FETCH_(p, write) ((void)(p))
#endif

/* The line that P is in */
static inline void fetch_line(const void *p) { FETCH_(p, 0); }
static inline void fetch_line_to_write(const void *p) { FETCH_(p, 1); }

/* All lines from P on, which begins one */
static inline void fetch_lines(const void *p, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += CACHE_LINE)
        fetch_line((const char *)p + at);
}

static inline void fetch_lines_to_write(const void *p, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += CACHE_LINE)
        fetch_line_to_write((const char *)p + at);
}

#endif
