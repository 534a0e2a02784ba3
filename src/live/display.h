/* SPDX-License-Identifier: MIT */
/*
 * display.h - what somebody who watches a session wants to see of its channels: followed from the messages that were sent, each
 * shown when it is heard. One thread.
 */
#ifndef DMUS_LIVE_DISPLAY_H
#define DMUS_LIVE_DISPLAY_H

#include <stdbool.h>
#include <stdint.h>

enum { DISPLAY_PORTS = 64, DISPLAY_WAITING = 8192 };

struct display_channel {
    bool used;
    uint8_t program, bank_msb, bank_lsb, volume, expression, pan, controller, value;
    int16_t bend;
    uint32_t notes;
    uint32_t patch; /* as selected with the last program change */
};

struct display_message {
    int64_t frame;
    uint16_t port;
    uint8_t bytes[3];
};

struct display {
    struct display_channel channels[DISPLAY_PORTS][16];
    struct display_message waiting[DISPLAY_WAITING];
    uint32_t first, count;
};

void display_reset(struct display *display);
/* A channel message that will be heard at FRAME, not before those given earlier. When too many wait it is shown at once. */
void display_put(struct display *display, int64_t frame, uint32_t port, const uint8_t bytes[3]);
void display_advance(struct display *display, int64_t frame);

#endif
