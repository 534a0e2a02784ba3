/* SPDX-License-Identifier: MIT */
#include "midi_output.h"

#include <stdio.h>
#include <string.h>

#include "midi_outputs.h"

const struct midi_output_ops *const midi_outputs[] = {
#ifdef HAVE_ALSA
    &midi_out_alsa, &midi_out_rawmidi,
#endif
    &midi_out_raw, NULL,
};

const struct midi_output_ops *midi_out_find(const char *name)
{
    for (size_t i = 0; midi_outputs[i]; i++)
        if (strcmp(midi_outputs[i]->name, name) == 0)
            return midi_outputs[i];
    return NULL;
}

static enum dm_status not_found(const char *spec, struct dm_error *err)
{
    char names[128] = "";
    for (size_t i = 0, used = 0; midi_outputs[i] && used < sizeof names; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "", midi_outputs[i]->name);
    return dm_fail(err, DM_ERR_NOT_FOUND, "no MIDI output '%s'; there are: %s", spec, names);
}

enum dm_status midi_out_open(const char *spec, const struct midi_config *config, struct midi_output **out,
                                struct dm_error *err)
{
    char kind[16];
    struct midi_config named = *config;
    *out = NULL;
    const char *colon = strchr(spec, ':'), *name = colon && colon[1] ? colon + 1 : NULL;
    size_t length = strcspn(spec, ":");
    if (length >= sizeof kind)
        return not_found(spec, err);
    snprintf(kind, sizeof kind, "%.*s", (int)length, spec);
    const struct midi_output_ops *ops = midi_out_find(kind);
    if (!ops)
        return not_found(spec, err);
    named.name = name;
    if (strcmp(kind, "alsa") == 0 && name)
        named.connect = name;
    return ops->open(&named, out, err);
}
