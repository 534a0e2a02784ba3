/* SPDX-License-Identifier: MIT */
/* Outputs and sources of MIDI that there are. */
#include "audio/devices.h"
#include "audio/midi_input.h"
#include "dmus/live.h"
#include "player/errors.h"

struct listing {
    const char *kind;
    bool (*each)(void *ctx, const struct dmus_port *port);
    void *ctx;
    bool stopped;
};

static void list_one(struct listing *l, const char *name, const char *description, bool is_default)
{
    struct dmus_port port = {.size = sizeof port, .kind = l->kind, .name = name, .description = description, .is_default = is_default};
    if (!l->stopped)
        l->stopped = !l->each(l->ctx, &port);
}

static void list_device(void *ctx, const struct audio_device *device)
{
    list_one(ctx, device->name, device->description, device->is_default);
}

static void list_source(void *ctx, const struct midi_port *port) { list_one(ctx, port->name, port->description, false); }

enum dmus_status dmus_live_list_audio(bool (*each)(void *, const struct dmus_port *), void *ctx, struct dmus_error *err)
{
    if (!each)
        return error_argument(err, "dmus_live_list_audio: nobody to tell");
    struct listing l = {.each = each, .ctx = ctx};
    for (size_t i = 0; audio_devices[i] && !l.stopped; i++) {
        struct dm_error reason = {0};
        l.kind = audio_devices[i]->name;
        list_one(&l, "", audio_devices[i]->description, false);
        if (audio_devices[i]->list && audio_devices[i]->list(list_device, &l, &reason) != DM_OK)
            list_one(&l, "?", reason.text, false);
    }
    return DMUS_OK;
}

enum dmus_status dmus_live_list_midi(bool (*each)(void *, const struct dmus_port *), void *ctx, struct dmus_error *err)
{
    if (!each)
        return error_argument(err, "dmus_live_list_midi: nobody to tell");
    struct listing l = {.each = each, .ctx = ctx};
    for (size_t i = 0; midi_inputs[i] && !l.stopped; i++) {
        struct dm_error reason = {0};
        l.kind = midi_inputs[i]->name;
        list_one(&l, "", midi_inputs[i]->description, false);
        if (midi_inputs[i]->list && midi_inputs[i]->list(list_source, &l, &reason) != DM_OK)
            list_one(&l, "?", reason.text, false);
    }
    return DMUS_OK;
}
