/* SPDX-License-Identifier: MIT */
/*
 * machine_parts.h - what a simulated machine (kernel/host/host.h) can be furnished with: emulated hardware that a resource file
 * asks for by name, the miniports of PcNewMiniport, and drivers that are linked in.
 *
 * The line of a resource file:
 *     model mpu401 port=0 [interrupt=0] [loopback] [instant] [fifo=BYTES]
 * loopback: what is sent is received. instant: bytes take no time on the wire, else 320 us each. What can be joined to MIDI ports
 * (join=, in=, out=) is a model of drivers/mpu401_join.h, since this room knows no devices of sound.
 */
#ifndef DMUS_PLAYER_MACHINE_PARTS_H
#define DMUS_PLAYER_MACHINE_PARTS_H

#include "kernel/host/host.h"

/* Fill in models and miniports of CONFIG; the tables are static. */
void machine_parts_config(struct host_config *config);

struct mpu401;
/* What the model does with its line, for one that does more: the options must be those above; SEND as in mpu401_config, or NULL.
 * *OUT is NULL after a failure. DM_ERR_ARGUMENT, DM_ERR_NOMEM. */
enum dm_status machine_parts_mpu401(const struct host_model_place *place, void (*send)(void *ctx, uint8_t byte, int64_t time_100ns),
                                    void *send_ctx, struct mpu401 **out, struct dm_error *err);

/* The INDEXth driver that is linked in: name and entry, path NULL; false past the last. */
bool machine_parts_driver(size_t index, struct host_driver_config *out);

#endif
