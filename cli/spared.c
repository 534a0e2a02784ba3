/* SPDX-License-Identifier: MIT */
/* spared.c - --overwrite takes what is in the way, but not what is read, nor what is written otherwise. */
#define _XOPEN_SOURCE 700
#include <string.h>
#include <sys/stat.h>

#include "audio/target_id.h"
#include "cli.h"

static bool is_file(const char *path, struct stat *info)
{
    return path && strcmp(path, "-") != 0 && stat(path, info) == 0;
}

bool can_be_replaced(const char *output)
{
    struct stat info;
    return is_file(output, &info) && S_ISREG(info.st_mode);
}

static bool holds_bank(const char *path)
{
    char head[12] = {0};
    FILE *file = fopen(path, "rb");
    bool whole = file && fread(head, sizeof head, 1, file) == 1;
    if (file)
        fclose(file);
    return whole && !memcmp(head, "RIFF", 4) && (!memcmp(head + 8, "sfbk", 4) || !memcmp(head + 8, "DLS ", 4));
}

bool spares_bank_there(const char *output, struct dmus_error *err)
{
    if (!can_be_replaced(output) || !holds_bank(output))
        return true;
    snprintf(err->text, sizeof err->text, "%s is a bank, which no sound replaces", output);
    return false;
}

static bool differ(const char *output, const char *input, const char *why, struct dmus_error *err)
{
    struct stat a, b;
    if (!is_file(output, &a) || !S_ISREG(a.st_mode) || !is_file(input, &b) || a.st_dev != b.st_dev || a.st_ino != b.st_ino)
        return true;
    snprintf(err->text, sizeof err->text, "%s would replace %s, which %s", output, input, why);
    return false;
}

static const char made_from[] = "it is made from";

bool spares_input(const char *output, const char *input, struct dmus_error *err)
{
    return differ(output, input, made_from, err);
}

static bool spares_each(const char *output, struct dmus_bank *const *banks, size_t count, const char *why, struct dmus_error *err)
{
    for (size_t i = 0; i < count; i++) {
        struct dmus_bank_info bank = DMUS_INIT(dmus_bank_info);
        if (dmus_bank_get_info(banks[i], &bank) == DMUS_OK && !differ(output, bank.path, why, err))
            return false;
    }
    return true;
}

bool spares_banks(const char *output, struct dmus_bank *const *banks, size_t count, struct dmus_error *err)
{
    return spares_each(output, banks, count, "another song is made from", err);
}

bool spares_inputs(const char *output, const struct dmus_song *song, struct dmus_bank *const *banks, size_t count,
                   struct dmus_error *err)
{
    struct dmus_song_info info = DMUS_INIT(dmus_song_info);
    if (!can_be_replaced(output))
        return true;
    if (song && dmus_song_get_info(song, &info) == DMUS_OK && !spares_input(output, info.path, err))
        return false;
    return spares_each(output, banks, count, made_from, err);
}

bool outputs_differ(const char *command, const char *const *paths, const char *const *options, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (target_same(paths[k], paths[i])) {
                complain(command, "%s and %s would both be written to %s", options[k], options[i], paths[i]);
                return false;
            }
    return true;
}
