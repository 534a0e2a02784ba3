/* SPDX-License-Identifier: MIT */
/*
 * devices.h - the outputs that play now: PipeWire, JACK, ALSA, and null, which is silent but keeps a device's pace.
 *
 * A library of their own (audio_devices_dep), so that who only renders links to no
 * sound server. Which of them are built in was decided by meson. Not on
 * Windows, where the sink has DirectSound (dsound_ring.h).
 */
#ifndef DMUS_AUDIO_DEVICES_H
#define DMUS_AUDIO_DEVICES_H

#include "output.h"

/* NULL-terminated, first choice first; "null" is the last. */
extern const struct audio_output_ops *const audio_devices[];
const struct audio_output_ops *audio_device_find(const char *name); /* NULL if unknown or not built in */

/* Open NAME, or, if NAME is NULL, the first of the table that opens but "null": who gets silence shall have asked for it.
 * Names may carry the device: "alsa:hw:1" is config->device "hw:1" of alsa. DM_ERR_NOT_FOUND: no such output in this build,
 * the text names those there are. DM_ERR_DEVICE: it does not open; for NULL the text has each reason. */
enum dm_status audio_device_open(const char *name, const struct audio_config *config, struct audio_output **out,
                                 struct dm_error *err);

#endif
