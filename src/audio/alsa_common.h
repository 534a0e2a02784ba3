/* SPDX-License-Identifier: MIT */
/* alsa_common.h - what the files that use libasound share. Internal to the room. */
#ifndef DMUS_AUDIO_ALSA_COMMON_H
#define DMUS_AUDIO_ALSA_COMMON_H

#include "midi_input.h"

/* Load the library and send its messages to the log instead of standard error. Any thread, any number of times.
 * DM_ERR_DEVICE: it is not there. */
enum dm_status alsa_common_begin(struct dm_error *err);

/* Ports of the sequencer that have all capabilities of ABLE (SND_SEQ_PORT_CAP_). DM_ERR_DEVICE: no sequencer. */
enum dm_status alsa_common_list_ports(unsigned able, midi_port_fn *each, void *ctx, struct dm_error *err);
/* Rawmidi devices. DIRECTION: "Input" or "Output". */
enum dm_status alsa_common_list_rawmidi(const char *direction, midi_port_fn *each, void *ctx, struct dm_error *err);

#endif
