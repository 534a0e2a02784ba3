/* SPDX-License-Identifier: MIT */
/*
 * output.h - where sound goes: one small file per output behind one table.
 *
 * Two kinds. One is written to: files, and buffers of a device that the sink
 * keeps filled. The other, a device, asks: it has a thread of its own that
 * pulls frames from a source whenever it needs some. write is NULL there, and
 * start is NULL in the first kind.
 *
 * Tables: audio_outputs is in the library for everybody who renders and needs
 * nothing but libsndfile. The devices are in a library of their own
 * (devices.h), because they link to sound servers.
 *
 * The player or the tool opens an output; the wave sink writes to it, or is
 * its source. An output belongs to one thread at a time, but for the thread
 * that pulls. File outputs never touch signals: a program that wants
 * DM_ERR_WRITE for a closed pipe ignores SIGPIPE.
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
    /* Devices only. There sample_rate may be 0, the device's own; what was agreed on is told by info. format, float_input and
     * what is about files are not looked at. */
    const char *device;     /* which: a name of the list, NULL for the system's choice */
    const char *client;     /* name shown by servers, NULL for "dmus" */
    uint32_t period_frames; /* wanted frames of a pull (-z), 0: the device's choice. A wish: never changes the samples */
    uint32_t periods;       /* wanted buffer in periods (-c), 0: the device's choice */
    bool no_connect;        /* servers: do not connect to a device, others will */
};

struct audio_output;

/* ---- devices ---- */

/* Counts of frames that several parties share: what has the same one can be laid upon each other to the frame. */
enum audio_frame_clock { AUDIO_FRAMES_OWN, AUDIO_FRAMES_JACK, AUDIO_FRAMES_PIPEWIRE };

/* Who asks for which frames. */
struct audio_moment {
    int64_t frame;       /* device's count at the first frame asked for (info.frame_clock); OWN: frames since start, lost ones too */
    int64_t asked_100ns; /* when the device had need of it, of clock_now_100ns; smooth where the server has a smooth clock */
    int64_t heard_100ns; /* when it leaves for the ear: asked and the latency that the device tells */
    uint32_t lost;       /* frames before it that were never asked for, though the device played on: an xrun */
    bool restarted;      /* the device is another one, or gone, or back: frame and times may have jumped; lost is 0 */
};

/* What a device pulls from. */
struct audio_source {
    /* COUNT frames (1..info.pull_max), interleaved, float or int16_t. Never two at a time. On the device's real-time thread:
     * nothing in it may allocate, lock, wait, log or call the system. */
    void (*pull)(void *ctx, void *frames, uint32_t count, const struct audio_moment *moment);
    void *ctx;
    bool float_samples; /* any range; else int16_t. What the device is given of it is exact, but for float on integer devices */
};

struct audio_info {
    uint32_t sample_rate, channels; /* fixed from open to close, whatever happens to the device */
    enum sample_format format;      /* of the device; F32 of servers that take float. S24: 24 bits or more */
    uint32_t period_frames;         /* frames of one pull, as far as it is known */
    uint32_t buffer_frames;         /* of the device, 0 if it does not tell */
    uint32_t pull_max;              /* no pull asks for more */
    enum audio_frame_clock frame_clock;
    char device[128];               /* what plays, for people; "" if nothing is connected */
};

enum audio_run {
    AUDIO_STOPPED,
    AUDIO_RUNNING,
    AUDIO_LOST,  /* the server or the card is gone, is being looked for, and the clock pulls meanwhile: time goes on, unheard */
    AUDIO_FAILED /* gone for good (no_reconnect, or another rate): nothing pulls */
};

/* What a thread that must be on time was granted. */
enum audio_schedule { AUDIO_SCHEDULE_UNKNOWN, AUDIO_SCHEDULE_NORMAL, AUDIO_SCHEDULE_REALTIME };

struct audio_state {
    enum audio_run run;
    uint32_t latency_frames; /* from a pull to its first frame's sound, as told last */
    uint32_t xruns;          /* sound that was lost, counted by the device */
    uint32_t lost_servers;   /* how often it went to AUDIO_LOST */
    uint64_t frames_pulled;
    enum audio_schedule schedule; /* of the thread that pulls */
    int priority;                 /* of a real-time one */
    char text[200]; /* the last thing that happened, one line: "JACK: the server is gone"; "" if nothing did */
};

/* One line of --list-audio. Strings live during the call. */
struct audio_device {
    const char *name;        /* for audio_config.device */
    const char *description; /* for people; may be the same */
    bool is_default;
};
typedef void audio_device_fn(void *ctx, const struct audio_device *device);

/* Where a device stands, in frames since it began to play. */
struct audio_cursor {
    int64_t playing;  /* heard now, as far as the device knows */
    int64_t writable; /* the first frame that a write can still bring to the ear */
    int64_t written;  /* where the next write goes */
    int64_t capacity; /* how many frames from playing on it can hold; 0: no bound that matters */
};

struct audio_output_ops {
    const char *name;        /* "file", "discard"; devices: "pipewire", "null" */
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

    /* Devices that ask, else NULL. open connects and agrees on the format, close disconnects; the device is silent until start.
     * start: SOURCE (copied) is pulled from until stop returns. After stop, start may come again.
     * A device that is lost while it runs is looked for on a thread beside the audio: 0.1 s later, then after twice as long,
     * up to 5 s. Each such event is logged (base/log.h, area "audio"). */
    enum dm_status (*start)(struct audio_output *out, const struct audio_source *source, struct dm_error *err);
    void (*stop)(struct audio_output *out);
    /* Fixed but for device and buffer_frames, which may change while AUDIO_LOST ends. Any thread but the pulling one. */
    void (*info)(struct audio_output *out, struct audio_info *info);
    void (*state)(struct audio_output *out, struct audio_state *state);
    /* Tell each device. DM_OK: the server is there, even if it has none. DM_ERR_DEVICE: it is not, with the reason. */
    enum dm_status (*list)(audio_device_fn *each, void *ctx, struct dm_error *err);
};

struct audio_output {
    const struct audio_output_ops *ops; /* first member of each output's own struct */
};

/* NULL-terminated, first choice first. */
extern const struct audio_output_ops *const audio_outputs[];
const struct audio_output_ops *audio_output_find(const char *name); /* NULL if unknown */

#endif
