/* SPDX-License-Identifier: MIT */
/* click.h - a bank of one instrument that clicks: 1 ms, at once, for measuring. */
#ifndef DMUS_LIVE_CLICK_H
#define DMUS_LIVE_CLICK_H

#include "base/status.h"
#include "dmus/dmus.h"

/* *BYTES is the bank's memory, to be freed with dm_free after the bank's last close. DM_ERR_NOMEM. */
enum dm_status click_bank(struct dmus_bank **bank, uint8_t **bytes, struct dm_error *err);

#endif
