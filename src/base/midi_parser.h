/* SPDX-License-Identifier: MIT */
/*
 * midi_parser.h - raw MIDI bytes, cut anywhere, to whole messages. Pure; no allocation.
 *
 * - Running status is expanded; system common and SysEx end it, real-time does not.
 * - F8..FF are messages of one byte, told at once, also in the middle of another message or SysEx, which goes on after it.
 * - A SysEx is told in runs of bytes as they come. Any status byte but real-time ends it; F7 belongs to it.
 * - Dropped: data bytes without a status, F7 outside a SysEx, F4 and F5, messages that a status byte cuts short.
 * - The time of a message or SysEx is that of the chunk with its first byte. A real-time byte inside may have a later one.
 *
 * Source: MIDI 1.0 detailed specification; spec/ddi-kernel.md 8.9.
 */
#ifndef DMUS_BASE_MIDI_PARSER_H
#define DMUS_BASE_MIDI_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct midi_parser {
    uint8_t status;   /* running or pending status, 0: none */
    uint8_t bytes[3]; /* pending message */
    uint8_t have, need;
    bool in_sysex;
    bool drop_active_sensing; /* set by the owner; kept by midi_parser_reset */
    int64_t time_100ns;       /* of the first byte of the pending message or SysEx */
    uint64_t dropped;         /* bytes so far; kept by midi_parser_reset */
};

enum midi_sysex { MIDI_SYSEX_FIRST = 1, MIDI_SYSEX_LAST = 2 };

/* Both may be called any number of times within midi_parse and must not call the parser. */
struct midi_parser_sink {
    void (*message)(void *ctx, const uint8_t *bytes, uint32_t count, int64_t time_100ns); /* 1..3 bytes */
    /* A run of a SysEx. COUNT is 0 with MIDI_SYSEX_LAST alone: it ended without F7. */
    void (*sysex)(void *ctx, const uint8_t *bytes, size_t count, unsigned flags, int64_t time_100ns);
    void *ctx;
};

/* A zeroed structure is a fresh parser. Reset forgets the running status and what is pending, and tells nothing. */
void midi_parser_reset(struct midi_parser *parser);
void midi_parse(struct midi_parser *parser, const uint8_t *bytes, size_t count, int64_t time_100ns,
                const struct midi_parser_sink *sink);
/* Bytes of a message with this status, 1..3; 0: not a status of fixed length (data, F0, F4, F5, F7). */
unsigned midi_message_size(uint8_t status);

#endif
