/* SPDX-License-Identifier: MIT */
/* pipewire_common.h - a connection to PipeWire, for the output and the input. Internal to the room. */
#ifndef DMUS_AUDIO_PIPEWIRE_COMMON_H
#define DMUS_AUDIO_PIPEWIRE_COMMON_H

#include <stdatomic.h>
#include <stdbool.h>

#include "pipewire_library.h"

struct pipewire {
    struct pw_thread_loop *loop;
    struct pw_context *context;
    struct pw_core *core;
    struct spa_hook core_hook;
    uint32_t rate; /* of the server's graph by default, Hz */
    int pending;   /* number of the answer that is waited for */
    bool answered, failed;
    /* The server is gone. On the loop's thread. */
    void (*gone)(void *ctx);
    void *ctx;
};

/* The clock (spa_io_clock.id) of the driver by which the output of this process plays last, or 0: only what runs by the same one
 * has frames in common with it. */
extern atomic_uint pipewire_output_clock;

/* Load the library, start a loop and connect. GONE may be NULL. DM_ERR_DEVICE, DM_ERR_NOMEM; nothing is left then. */
enum dm_status pipewire_open(struct pipewire *pw, void (*gone)(void *ctx), void *ctx, struct dm_error *err);
/* With the loop locked: wait until the server has answered all that was asked, at most 2 s; false: it did not. */
bool pipewire_sync(struct pipewire *pw);
void pipewire_close(struct pipewire *pw); /* a zeroed one is allowed */

/* Tell every global of the server: its type and properties, on the loop's thread. */
typedef void pipewire_global_fn(void *ctx, uint32_t id, const char *type, const struct spa_dict *props);
enum dm_status pipewire_list(pipewire_global_fn *each, void *ctx, struct dm_error *err);

#endif
