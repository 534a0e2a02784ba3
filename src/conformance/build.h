/* SPDX-License-Identifier: MIT */
/* build.h - the growing bank and song of a case, and their finished bytes. */
#ifndef DMUS_CONFORMANCE_BUILD_H
#define DMUS_CONFORMANCE_BUILD_H

#include "conf.h"

struct conf_bytes {
    uint8_t *data;
    size_t size, capacity;
};

void conf_append(struct conf_bytes *bytes, const void *data, size_t size);

struct conf_bank *conf_bank_new(const char *name);
/* The bank as a DLS 2 file; the caller frees data. */
struct conf_bytes conf_bank_file(struct conf_bank *bank);
void conf_bank_free(struct conf_bank *bank);

struct conf_song *conf_song_new(const char *name);
/* The song as a format 0 MIDI file at 120 quarters a minute and RATE / 2 ticks a quarter: one tick is one frame of RATE. */
struct conf_bytes conf_song_file(struct conf_song *song, uint32_t rate);
uint64_t conf_song_end(const struct conf_song *song);
void conf_song_free(struct conf_song *song);

/* realloc that ends the program with a message instead of failing. */
void *conf_grow(void *block, size_t count, size_t size);

#endif
