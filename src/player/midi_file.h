/* SPDX-License-Identifier: MIT */
/*
 * midi_file.h - recorded messages, written as a Standard MIDI File of one track. One thread.
 *
 * A tick is one part of RATE in a second: division and tempo multiply to RATE, halved until the division fits its 15 bits.
 */
#ifndef DMUS_PLAYER_MIDI_FILE_H
#define DMUS_PLAYER_MIDI_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct midi_file_event {
    int64_t tick;
    uint32_t group, size;
    size_t at; /* of its bytes */
};

struct midi_file {
    uint32_t rate; /* ticks in a second, at least 2 */
    struct midi_file_event *events;
    size_t event_count, event_room;
    uint8_t *bytes;
    size_t byte_count, byte_room;
    bool failed; /* out of memory: midi_file_write says so */
};

void midi_file_begin(struct midi_file *file, uint32_t rate);
/* One message with its status, or a system exclusive F0 ... F7. GROUP from 1: port GROUP - 1 (meta event FF 21). A tick before that of the
 * last message is taken for it. Real-time bytes have no place in a file and are left out by midi_file_write. */
void midi_file_add(struct midi_file *file, int64_t tick, uint32_t group, const uint8_t *bytes, uint32_t size);
/* Tick BEGAN is the beginning of the file. PATH and OVERWRITE as in outfile.h. DM_ERR_WRITE; DM_ERR_NOMEM also for more than fits a track. */
enum dm_status midi_file_write(const struct midi_file *file, int64_t began, const char *path, bool overwrite, struct dm_error *err);
void midi_file_end(struct midi_file *file);

#endif
