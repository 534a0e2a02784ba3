/* SPDX-License-Identifier: MIT */
/*
 * text.h - text in foreign files: bytes of unknown encoding to clean UTF-8.
 *
 * DLS, SF2 and MIDI files do not say how their names are encoded. What is
 * valid UTF-8 is taken as such, all else as Latin-1 (ISO 8859-1), in which
 * every byte has a meaning. No locale is looked at.
 */
#ifndef DMUS_BASE_TEXT_H
#define DMUS_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* true if the bytes are well-formed UTF-8 (Unicode 15, table 3-7: no overlong forms, no surrogates, at most
 * U+10FFFF). NUL bytes count as characters. Empty text is valid. */
bool text_valid_utf8(const void *bytes, size_t size);

/* The longest size <= LIMIT at which SIZE bytes of UTF-8 may be cut without splitting a character. */
size_t text_cut(const char *text, size_t size, size_t limit);

/* Foreign bytes as UTF-8 without controls, for names and messages: ends at the first NUL (fields of fixed width);
 * controls (U+0000..1F, 7F..9F) become spaces; spaces at the end are dropped. Writes at most CAPACITY - 1 bytes and a
 * NUL to OUT (CAPACITY 0: nothing, OUT may be NULL), cut at a whole character. Returns the length of the whole clean
 * text, which may be more than was written, as snprintf does. */
size_t text_clean(char *out, size_t capacity, const void *bytes, size_t size);

/* The same as a NUL-terminated string in an arena; NULL if memory is short. */
char *text_clean_arena(struct arena *arena, const void *bytes, size_t size);

#endif
