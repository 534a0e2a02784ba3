/* SPDX-License-Identifier: MIT */
/* spared.c - --overwrite takes what is in the way, but not what is read, nor what is written otherwise. */
#define _XOPEN_SOURCE 700
#include <string.h>
#include <sys/stat.h>

#include "audio/target_id.h"
#include "cli.h"
#include "sound_words.h"

bool can_be_replaced(const char *output)
{
    struct stat info;
    return output && strcmp(output, "-") != 0 && stat(output, &info) == 0 && S_ISREG(info.st_mode);
}

bool spares_input(const char *output, const char *input, struct dmus_error *err)
{
    if (!can_be_replaced(output) || !input || strcmp(input, "-") == 0 || !target_same(output, input))
        return true;
    snprintf(err->text, sizeof err->text, "%s would replace %s, which it is made from", output, input);
    return false;
}

bool spares_bank_there(const char *output, struct dmus_error *err)
{
    if (!can_be_replaced(output) || !is_bank_file(output))
        return true;
    snprintf(err->text, sizeof err->text, "%s is a bank, which no sound replaces", output);
    return false;
}

bool spares_inputs(const char *output, const struct dmus_song *song, struct dmus_bank *const *banks, size_t count,
                   struct dmus_error *err)
{
    struct dmus_song_info info = DMUS_INIT(dmus_song_info);
    if (song && dmus_song_get_info(song, &info) == DMUS_OK && !spares_input(output, info.path, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct dmus_bank_info bank = DMUS_INIT(dmus_bank_info);
        if (dmus_bank_get_info(banks[i], &bank) == DMUS_OK && !spares_input(output, bank.path, err))
            return false;
    }
    return true;
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
