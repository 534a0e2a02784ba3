/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "sound_words.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "cli.h"

const char *const format_words[] = {"s16", "s24", "f32", NULL};
const char *const profile_words[] = {"studio", "native", NULL};
const char *const interpolation_words[] = {"default", "nearest", "linear", "cubic", "sinc16", "sinc32", NULL};
const char *const simd_words[] = {"best", "c", "sse2", "sse41", "avx2", "avx512", "neon", NULL};
const char *const half_words[] = {"user", "kernel", NULL};

bool option_word(const struct option_parser *parser, const char *option, const char *const *words, uint32_t *out)
{
    int index = option_choice(parser, option, words);
    if (index >= 0)
        *out = (uint32_t)index;
    return index >= 0;
}

bool option_switch(const struct option_parser *parser, const char *option, uint32_t *out)
{
    static const char *const on_off[] = {"on", "off", NULL};
    uint32_t off;
    if (!option_word(parser, option, on_off, &off))
        return false;
    *out = off ? DMUS_OFF : DMUS_ON;
    return true;
}

bool is_bank_file(const char *path)
{
    struct stat st;
    enum dmus_kind kind;
    return strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode) && dmus_detect(path, &kind, NULL) == DMUS_OK &&
           dmus_kind_is_bank(kind);
}

bool add_bank_name(const char *command, const char *path, const char *names[DMUS_MAX_BANKS], uint32_t *count)
{
    if (*count == DMUS_MAX_BANKS) {
        complain(command, "more than %d banks", DMUS_MAX_BANKS);
        return false;
    }
    names[(*count)++] = path;
    return true;
}

static bool has_bank_suffix(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot && (strcasecmp(dot, ".dls") == 0 || strcasecmp(dot, ".sf2") == 0 || strcasecmp(dot, ".sf3") == 0);
}

enum word word_of(const char *path, struct dmus_error *err)
{
    struct stat st;
    struct dmus_bank *bank = NULL;
    enum dmus_kind kind = DMUS_KIND_UNKNOWN;
    if (is_bank_file(path))
        return WORD_BANK;
    if (!has_bank_suffix(path))
        return WORD_SONG;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) /* a pipe: looked into when it is played with */
        return WORD_BANK;
    if (dmus_detect(path, &kind, NULL) == DMUS_OK && dmus_kind_is_song(kind))
        return WORD_SONG;
    bool opened = dmus_bank_open(path, &bank, err) == DMUS_OK; /* not, unless somebody has just put it there */
    dmus_bank_close(bank);
    return opened ? WORD_BANK : WORD_BAD_BANK;
}
