/* SPDX-License-Identifier: MIT */
/*
 * midi_queue.h - messages of any length from one thread to one other, wait-free. Internal to the room.
 *
 * A ring of bytes in which every record lies in one piece; what is left at the
 * end of the memory is skipped. One producer, one consumer; no call allocates.
 */
#ifndef DMUS_AUDIO_MIDI_QUEUE_H
#define DMUS_AUDIO_MIDI_QUEUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "midi_input.h"

struct midi_queue {
    uint8_t *memory;
    uint32_t size; /* a power of two */
    _Alignas(64) _Atomic uint32_t written; /* producer's; both count on and wrap at 2^32 */
    _Alignas(64) _Atomic uint32_t read;    /* consumer's */
};

/* Room for a message of LARGEST bytes and for 8192 short ones. False: no memory. */
bool midi_queue_init(struct midi_queue *queue, uint32_t largest);
void midi_queue_free(struct midi_queue *queue);

/* False: no room. MESSAGE->bytes are copied. [producer] */
bool midi_queue_put(struct midi_queue *queue, const struct midi_message *message);
/* The oldest, in place, until drop. [consumer] */
bool midi_queue_peek(struct midi_queue *queue, struct midi_message *message);
void midi_queue_drop(struct midi_queue *queue);

#endif
