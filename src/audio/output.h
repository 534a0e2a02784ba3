/* SPDX-License-Identifier: MIT */
/*
 * output.h - where sound goes: one small file per output behind one table.
 *
 * The wave sink writes to an opened output; the player or the tool opens it.
 * An output belongs to one thread at a time. File outputs never touch signals:
 * a program that wants DM_ERR_WRITE for a closed pipe ignores SIGPIPE.
 */
#ifndef DMUS_AUDIO_OUTPUT_H
#define DMUS_AUDIO_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum sample_format { SAMPLE_S16, SAMPLE_S24, SAMPLE_F32 };

struct audio_config {
    uint32_t sample_rate; /* Hz */
    uint32_t channels;    /* 1 or 2 */
    enum sample_format format; /* of the file or device */
    bool float_input;     /* write() is given float (any range), else int16_t */
    const char *path;     /* file: path, "-" is standard output; a pipe or device is written in place */
    const char *type;     /* file: "wav", "rf64", "flac", "ogg", "opus", or NULL for by suffix (wav for "-") */
    bool overwrite;       /* file: replace an existing one; else it is refused with DM_ERR_WRITE */
    const char *title;    /* tag, NULL for none; no time stamps unless SOURCE_DATE_EPOCH is set */
    const char *software; /* tag; libsndfile appends its own name and version in files */
    const char *comment;  /* tag: bank and checksum */
};

struct audio_output;

/* Where a device stands, in frames since it began to play. */
struct audio_cursor {
    int64_t playing;  /* heard now, as far as the device knows */
    int64_t writable; /* the first frame that a write can still bring to the ear */
    int64_t written;  /* where the next write goes */
};

struct audio_output_ops {
    const char *name;        /* "file", "null", "paced-null" */
    const char *description; /* one line for --list-audio */
    bool realtime;           /* paces its writer by a clock of its own */
    /* On DM_OK the caller owns *out. Nothing is published before close(commit). */
    enum dm_status (*open)(const struct audio_config *config, struct audio_output **out, struct dm_error *err);
    /* FRAMES interleaved frames. File: full disk and closed pipe give DM_ERR_WRITE with the reason. */
    enum dm_status (*write)(struct audio_output *out, const void *frames, size_t count, struct dm_error *err);
    /* End the output. COMMIT: publish (a file is written beside its place under a temporary name and renamed here); else remove
     * every trace. Always frees OUT. */
    enum dm_status (*close)(struct audio_output *out, bool commit, struct dm_error *err);
    /* Samples that had to be limited to fit an integer file format so far. */
    uint64_t (*clipped)(const struct audio_output *out);
    /* Devices that are written ahead of the place they tell, else both NULL. cursor: DM_ERR_DEVICE if the device is gone. seek:
     * the next write goes to FRAME; what comes too late there is dropped, what is left out is silence. */
    enum dm_status (*cursor)(struct audio_output *out, struct audio_cursor *cursor, struct dm_error *err);
    void (*seek)(struct audio_output *out, int64_t frame);
};

struct audio_output {
    const struct audio_output_ops *ops; /* first member of each output's own struct */
};

/* NULL-terminated, first choice first. */
extern const struct audio_output_ops *const audio_outputs[];
const struct audio_output_ops *audio_output_find(const char *name); /* NULL if unknown */

#endif
