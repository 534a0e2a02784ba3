/* SPDX-License-Identifier: MIT */
/* listener.h - reads a capture pin without a gap, and hands on whole messages. */
#ifndef DMUS_DRIVERS_LISTENER_H
#define DMUS_DRIVERS_LISTENER_H

#include "base/status.h"
#include "kernel/host/host.h"

struct listener;

struct listener_config {
    struct host_pin *pin; /* open, in any state */
    bool legacy;          /* opened with KSMUSICFORMAT; else DMUS_EVENTHEADER */
    /* A message with its status, or a whole system exclusive; TIME in 100 ns of the master clock. On any thread, perhaps at
     * DISPATCH_LEVEL, one at a time. Parts of a system exclusive longer than 1 MiB, or without an end, are handed on as they are. */
    void (*take)(void *ctx, int64_t time, uint32_t group, const uint8_t *bytes, uint32_t size);
    void *ctx;
};

/* DM_ERR_NOMEM; DM_ERR_DEVICE: the pin cannot be read. */
enum dm_status listener_begin(const struct listener_config *config, struct listener **out, struct dm_error *err);
/* Reads that came back with a loss before them. */
unsigned listener_losses(struct listener *listener);
/* Takes nothing more and closes the pin. NULL allowed. */
void listener_end(struct listener *listener);

#endif
