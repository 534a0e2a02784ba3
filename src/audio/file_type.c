/* SPDX-License-Identifier: MIT */
#include "file_type.h"

#include <sndfile.h>
#include <string.h>
#include <strings.h>

static const struct file_type types[] = {
    {"wav", ".wav.wave.", SF_FORMAT_WAV, true, false},
    {"rf64", ".rf64.", SF_FORMAT_RF64, true, false},
    {"flac", ".flac.", SF_FORMAT_FLAC, false, false},
    {"ogg", ".ogg.oga.", SF_FORMAT_OGG | SF_FORMAT_VORBIS, false, true},
    {"opus", ".opus.", SF_FORMAT_OGG | SF_FORMAT_OPUS, false, true},
};

static const struct file_type *by_name(const char *name)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    return NULL;
}

/* SUFFIX begins with its dot. */
static const struct file_type *by_suffix(const char *suffix)
{
    size_t length = strlen(suffix);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        for (const char *at = types[i].suffixes; at[1]; at = strchr(at + 1, '.'))
            if (strncasecmp(at, suffix, length) == 0 && at[length] == '.')
                return &types[i];
    return NULL;
}

const struct file_type *file_type_find(const struct audio_config *config, struct dm_error *err)
{
    const struct file_type *found = NULL;
    if (config->type || strcmp(config->path, "-") == 0) {
        const char *name = config->type ? config->type : "wav";
        found = by_name(name);
        if (!found)
            dm_fail(err, DM_ERR_ARGUMENT, "unknown file type \"%s\" (wav, rf64, flac, ogg, opus)", name);
        return found;
    }
    const char *dot = strrchr(config->path, '.');
    if (dot && !strchr(dot, '/'))
        found = by_suffix(dot);
    if (!found)
        dm_fail(err, DM_ERR_ARGUMENT, "%s: the suffix names no known type (wav, rf64, flac, ogg, opus)", config->path);
    return found;
}

enum dm_status file_type_check(const struct file_type *type, const struct audio_config *config, struct dm_error *err)
{
    uint32_t rate = config->sample_rate;
    if (type->format == SF_FORMAT_FLAC && config->format == SAMPLE_F32)
        return dm_fail(err, DM_ERR_UNSUPPORTED, "%s: FLAC holds s16 or s24, not f32", config->path);
    if (type->format == (SF_FORMAT_OGG | SF_FORMAT_OPUS) && rate != 8000 && rate != 12000 && rate != 16000 &&
        rate != 24000 && rate != 48000)
        return dm_fail(err, DM_ERR_UNSUPPORTED, "%s: Opus takes 8000, 12000, 16000, 24000 or 48000 Hz, not %lu",
                       config->path, (unsigned long)rate);
    return DM_OK;
}

/* RIFF has 32-bit lengths. 64 KiB are left for head and tags. */
uint64_t file_type_most_frames(const struct file_type *type, const struct audio_config *config)
{
    uint32_t bytes = config->format == SAMPLE_S16 ? 2 : config->format == SAMPLE_S24 ? 3 : 4;
    return type->format == SF_FORMAT_WAV ? (UINT32_MAX - 65536u) / (bytes * config->channels) : UINT64_MAX;
}
