/* SPDX-License-Identifier: MIT */
/* bank.h - downloads through the DLS properties of a pin's synth node: what a song needs of a stack of banks. One thread. */
#ifndef DMUS_DRIVERS_BANK_H
#define DMUS_DRIVERS_BANK_H

#include "dmus/dmus.h"
#include "kernel/host/host.h"
#include "player/loader.h"

struct drivers_bank; /* what was downloaded; the driver may go on reading it */

/* NODE: the synth node of PIN. *OUT may be freed when the pin is closed. DM_ERR_NOMEM, DM_ERR_FORMAT (refused, the status in the text). */
enum dm_status drivers_bank_load(struct host_pin *pin, int node, struct dmus_song *song, struct dmus_bank *const *banks, size_t count,
                                 struct drivers_bank **out, struct dm_error *err);
/* Unload everything, the last first, and wait for what the driver completes later, at most 10 s of MACHINE's. What it still
 * keeps then ends with the pin. */
void drivers_bank_unload(struct drivers_bank *bank, struct wdm_machine *machine);
void drivers_bank_free(struct drivers_bank *bank); /* NULL allowed; the pin is closed */
void drivers_bank_figures(const struct drivers_bank *bank, uint32_t *instruments, uint32_t *waves, uint64_t *bytes);

#endif
