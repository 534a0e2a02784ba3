/* SPDX-License-Identifier: MIT */
/*
 * note_path.h - the code that a note-on runs, together in memory.
 *
 * Beside thousands of voices rendering displaces it from the caches: 28 KB that the
 * first note of a batch would wait for line by line, which at 4096 voices took half
 * of its time. Functions marked NOTE_PATH stand in a section of their own, which can be
 * fetched at once. Elsewhere than on ELF the mark and the fetch do nothing.
 * Internal to the engine.
 */
#ifndef DMUS_SYNTH_NOTE_PATH_H
#define DMUS_SYNTH_NOTE_PATH_H

#if defined(__ELF__) && defined(__GNUC__)

#define NOTE_PATH __attribute__((section("dmus_note_path")))

/* The linker's names for its ends */
extern const char __start_dmus_note_path[] __attribute__((visibility("hidden")));
extern const char __stop_dmus_note_path[] __attribute__((visibility("hidden")));

static inline void note_path_fetch(void)
{
    enum { CODE_LINE = 64 };
    for (const char *line = __start_dmus_note_path; line < __stop_dmus_note_path; line += CODE_LINE)
        __builtin_prefetch(line, 0, 3);
}

#else

#define NOTE_PATH

static inline void note_path_fetch(void) {}

#endif

#endif
