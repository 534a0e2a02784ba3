/* SPDX-License-Identifier: MIT */
/* midi_path.h - what raw:NAME opens, in either direction. Internal to the room. */
#ifndef DMUS_AUDIO_MIDI_PATH_H
#define DMUS_AUDIO_MIDI_PATH_H

#include <stdbool.h>
#include <termios.h>

#include "base/status.h"

struct midi_path {
    int fd;
    bool is_terminal; /* its settings before are put back */
    struct termios before;
};

/* NAME: a path, "fd:N", or "-", which is standard input or, with WRITES, standard output. A path is opened non-blocking; an
 * inherited file stays as it is for those who share it. No echo, no line editing, no translation of bytes on a terminal.
 * DM_ERR_ARGUMENT (NULL), DM_ERR_OPEN. */
enum dm_status midi_path_open(struct midi_path *path, const char *name, bool writes, struct dm_error *err);
void midi_path_close(struct midi_path *path);

#endif
