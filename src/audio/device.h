/* SPDX-License-Identifier: MIT */
/*
 * device.h - what all outputs that ask for their sound have in common. Internal to the room.
 *
 * A driver knows one sound server or card. device.c makes an output of it
 * (output.h): it keeps the source, watches over the driver on a thread of its
 * own, and pulls by the clock while the driver cannot.
 *
 *   connected   connect .. disconnect      the server is there, the format agreed
 *   running     run .. halt                the driver's thread calls device_pull
 *
 * Driver functions are called on one thread at a time.
 */
#ifndef DMUS_AUDIO_DEVICE_H
#define DMUS_AUDIO_DEVICE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/log.h"
#include "output.h"
#include "realtime.h"

#define DEVICE_PULL_MAX 4096u /* frames */

struct device;

struct device_driver {
    const char *name; /* for people: "JACK" */
    const struct audio_output_ops *ops;
    size_t size; /* of the driver's own struct, which begins with a struct device */
    /* Fill INFO but for pull_max. device->config has the rate and channels to have; the rate is 0 where the device decides.
     * DM_ERR_DEVICE, DM_ERR_UNSUPPORTED (it is there, but not with that rate), DM_ERR_NOMEM. After a failure nothing is left. */
    enum dm_status (*connect)(struct device *device, struct audio_info *info, struct dm_error *err);
    enum dm_status (*run)(struct device *device, struct dm_error *err);
    void (*halt)(struct device *device); /* no pull after it returns, also if the device was lost */
    void (*disconnect)(struct device *device);
};

struct device {
    struct audio_output base;
    const struct device_driver *driver;
    struct audio_config config; /* strings are copies */
    char *device_name, *client_name;
    bool connected;

    /* Pulling: whoever holds the token. */
    struct audio_source source;
    void *scratch; /* DEVICE_PULL_MAX frames of float, for drivers that convert */
    void *discard; /* the same for the clock */
    int64_t own_frame;
    atomic_int puller;        /* PULLER_* */
    atomic_bool wanted;       /* the driver would pull while the clock does */
    atomic_bool restarted;    /* to be told with the next pull */
    atomic_uint latency_frames, xruns, lost_servers;
    _Atomic uint64_t pulled;
    atomic_int run, schedule, priority;

    _Atomic(const char *) lost; /* why the driver cannot go on; NULL while it can */

    pthread_mutex_t lock;   /* info and text */
    struct audio_info info; /* [lock] once open returned */
    char text[200];

    int wake_fd; /* wakes the supervisor */
    atomic_bool quit;
    bool supervised;
    pthread_t supervisor;
};

/* What a driver knows when it pulls. */
struct device_beat {
    int64_t asked_100ns;
    int64_t frame; /* of a shared frame clock, else 0 */
    uint32_t lost; /* frames played without us since the last pull */
};

enum dm_status device_open(const struct device_driver *driver, const struct audio_config *config, struct audio_output **out,
                           struct dm_error *err);
/* The rest of an output's table. */
enum dm_status device_close(struct audio_output *out, bool commit, struct dm_error *err);
enum dm_status device_start(struct audio_output *out, const struct audio_source *source, struct dm_error *err);
void device_stop(struct audio_output *out);
void device_info(struct audio_output *out, struct audio_info *info);
void device_state(struct audio_output *out, struct audio_state *state);
uint64_t device_clipped(const struct audio_output *out); /* what is beyond full scale is the device's matter: 0 */

#define DEVICE_OPS                                                                                             \
    .realtime = true, .close = device_close, .clipped = device_clipped, .start = device_start, .stop = device_stop, \
    .info = device_info, .state = device_state

/* ---- for drivers ---- */

/* COUNT frames from the source, in its format, interleaved. Silence while the clock pulls. Real-time safe. */
void device_pull(struct device *device, void *frames, uint32_t count, const struct device_beat *beat);
/* The same as floats, into LEFT and RIGHT (NULL if mono). COUNT at most DEVICE_PULL_MAX. */
void device_pull_planes(struct device *device, float *left, float *right, uint32_t count, const struct device_beat *beat);
/* From a pull to its first frame's sound. Any thread, real-time safe. */
static inline void device_set_latency(struct device *device, uint32_t frames) { atomic_store(&device->latency_frames, frames); }
static inline void device_count_xrun(struct device *device) { atomic_fetch_add(&device->xruns, 1); }
/* The driver cannot go on. REASON: a constant. Any thread; real-time safe but for waking the supervisor. */
void device_lost(struct device *device, const char *reason);
/* What the calling thread, which will pull, was granted. */
void device_set_grant(struct device *device, const struct realtime_grant *grant);
/* Log it and keep it as the state's text. Not from the thread that pulls. */
void device_note(struct device *device, enum log_level level, const char *fmt, ...) DM_PRINTF(3, 4);

#endif
