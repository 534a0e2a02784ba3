/* SPDX-License-Identifier: MIT */
/* sound_words.h - words of options that several commands take alike, in the order of the numbers of dmus.h, and what a bank is. */
#ifndef DMUS_CLI_SOUND_WORDS_H
#define DMUS_CLI_SOUND_WORDS_H

#include "dmus/dmus.h"
#include "options.h"

extern const char *const format_words[], *const profile_words[], *const interpolation_words[], *const simd_words[],
    *const half_words[];

/* The argument's place in WORDS; false after a report. */
bool option_word(const struct option_parser *parser, const char *option, const char *const *words, uint32_t *out);
/* "on" or "off" as DMUS_ON or DMUS_OFF. */
bool option_switch(const struct option_parser *parser, const char *option, uint32_t *out);

/* By content; a pipe could be read only once. */
bool is_bank_file(const char *path);

/* One more of DMUS_MAX_BANKS names of banks. false after a report of COMMAND: too many. */
bool add_bank_name(const char *command, const char *path, const char *names[DMUS_MAX_BANKS], uint32_t *count);

enum word { WORD_SONG, WORD_BANK, WORD_BAD_BANK };
/* What a word among songs is, by content. What is neither song nor bank, or is not there, but has a bank's suffix, is a named bank
 * that cannot be used: ERR says why. */
enum word word_of(const char *path, struct dmus_error *err);

#endif
