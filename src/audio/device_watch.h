/* SPDX-License-Identifier: MIT */
/* device_watch.h - between device.c, device_pull.c and device_watch.c. */
#ifndef DMUS_AUDIO_DEVICE_WATCH_H
#define DMUS_AUDIO_DEVICE_WATCH_H

#include "device.h"

enum { PULLER_NONE, PULLER_DRIVER, PULLER_CLOCK };

enum dm_status device_connect(struct device *device, struct dm_error *err);
void device_disconnect(struct device *device);

/* The thread that waits for device_lost, and for a device that stopped asking. */
bool device_watch_start(struct device *device);
void device_watch_stop(struct device *device); /* joins it */
void device_watch_wake(struct device *device); /* any thread */

/* COUNT frames at most DEVICE_PULL_MAX, by whoever holds the token. */
void device_pull_held(struct device *device, void *frames, uint32_t count, const struct device_beat *beat);

#endif
