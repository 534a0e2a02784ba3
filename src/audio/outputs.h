/* SPDX-License-Identifier: MIT */
/* outputs.h - the members of the tables. Internal to the room. */
#ifndef DMUS_AUDIO_OUTPUTS_H
#define DMUS_AUDIO_OUTPUTS_H

#include "output.h"

extern const struct audio_output_ops audio_dsound; /* Windows */
extern const struct audio_output_ops audio_file;   /* where libsndfile is */
extern const struct audio_output_ops audio_discard;

/* Of the table in devices.c, where the libraries are. */
extern const struct audio_output_ops audio_pipewire, audio_jack, audio_alsa;
extern const struct audio_output_ops audio_clock; /* "null" */

/* What no output takes: DM_ERR_ARGUMENT for a rate of 0 or other than 1 or 2 channels. */
enum dm_status audio_check_config(const struct audio_config *config, struct dm_error *err);

#endif
