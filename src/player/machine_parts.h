/* SPDX-License-Identifier: MIT */
/*
 * machine_parts.h - what a simulated machine (kernel/host/host.h) can be furnished with: emulated hardware that a resource file
 * asks for by name, the miniports of PcNewMiniport, and drivers that are linked in.
 *
 * The line of a resource file:
 *     model mpu401 port=0 [interrupt=0] [loopback] [instant] [fifo=BYTES]
 * loopback: what is sent is received. instant: bytes take no time on the wire, else 320 us each.
 */
#ifndef DMUS_PLAYER_MACHINE_PARTS_H
#define DMUS_PLAYER_MACHINE_PARTS_H

#include "kernel/host/host.h"

/* Fill in models and miniports of CONFIG; the tables are static. */
void machine_parts_config(struct host_config *config);

/* The INDEXth driver that is linked in: name and entry, path NULL; false past the last. */
bool machine_parts_driver(size_t index, struct host_driver_config *out);

#endif
