/* SPDX-License-Identifier: MIT */
#include "display.h"

#include <string.h>

void display_reset(struct display *display)
{
    display->first = display->count = 0;
    memset(display->channels, 0, sizeof display->channels);
    for (uint32_t port = 0; port < DISPLAY_PORTS; port++)
        for (uint32_t channel = 0; channel < 16; channel++)
            display->channels[port][channel] = (struct display_channel){.volume = 100, .expression = 127, .pan = 64};
}

static void control(struct display_channel *c, uint8_t controller, uint8_t value)
{
    c->controller = controller;
    c->value = value;
    switch (controller) {
    case 0: c->bank_msb = value; break;
    case 7: c->volume = value; break;
    case 10: c->pan = value; break;
    case 11: c->expression = value; break;
    case 32: c->bank_lsb = value; break;
    case 121: /* RP-015 */
        c->expression = 127;
        c->bend = 0;
        break;
    default: break;
    }
}

static void show(struct display *display, uint32_t port, const uint8_t bytes[3])
{
    struct display_channel *c = &display->channels[port][bytes[0] & 15];
    switch (bytes[0] >> 4) {
    case 0x9:
        c->used = true;
        c->notes += bytes[2] != 0;
        break;
    case 0xB:
        control(c, bytes[1], bytes[2]);
        break;
    case 0xC:
        c->used = true;
        c->program = bytes[1];
        c->patch = (uint32_t)c->bank_msb << 16 | (uint32_t)c->bank_lsb << 8 | bytes[1];
        break;
    case 0xE:
        c->bend = (int16_t)((bytes[1] | bytes[2] << 7) - 8192);
        break;
    default:
        break;
    }
}

void display_put(struct display *display, int64_t frame, uint32_t port, const uint8_t bytes[3])
{
    if (port >= DISPLAY_PORTS || bytes[0] < 0x80 || bytes[0] >= 0xF0)
        return;
    if (display->count == DISPLAY_WAITING) {
        const struct display_message *oldest = &display->waiting[display->first];
        show(display, oldest->port, oldest->bytes);
        display->first = (display->first + 1) % DISPLAY_WAITING;
        display->count--;
    }
    struct display_message *m = &display->waiting[(display->first + display->count++) % DISPLAY_WAITING];
    *m = (struct display_message){.frame = frame, .port = (uint16_t)port, .bytes = {bytes[0], bytes[1], bytes[2]}};
}

void display_advance(struct display *display, int64_t frame)
{
    while (display->count && display->waiting[display->first].frame <= frame) {
        show(display, display->waiting[display->first].port, display->waiting[display->first].bytes);
        display->first = (display->first + 1) % DISPLAY_WAITING;
        display->count--;
    }
}
