/* SPDX-License-Identifier: MIT */
/* file_type.h - the kinds of sound file, and what each can hold. Any thread. */
#ifndef DMUS_AUDIO_FILE_TYPE_H
#define DMUS_AUDIO_FILE_TYPE_H

#include <stdbool.h>
#include <stdint.h>

#include "output.h"

struct file_type {
    const char *name;     /* as audio_config.type has it */
    const char *suffixes; /* each between two dots */
    int format;           /* libsndfile's, without the sample format */
    bool is_wav;          /* can also be written without libsndfile, down a pipe */
    bool is_ogg;          /* lossy: float in, whatever sample format the configuration says */
};

/* The type that CONFIG names, or its path's suffix, or wav for standard output. NULL: *err says DM_ERR_ARGUMENT. */
const struct file_type *file_type_find(const struct audio_config *config, struct dm_error *err);

/* DM_ERR_UNSUPPORTED for a sample format or rate that the type cannot hold. */
enum dm_status file_type_check(const struct file_type *type, const struct audio_config *config, struct dm_error *err);

/* Frames after which the file is full; UINT64_MAX if there is no such limit. */
uint64_t file_type_most_frames(const struct file_type *type, const struct audio_config *config);

#endif
