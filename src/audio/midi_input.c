/* SPDX-License-Identifier: MIT */
#include "midi_input.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "midi_inputs.h"

const struct midi_input_ops *const midi_inputs[] = {
#ifdef HAVE_ALSA
    &midi_alsa,
#endif
#ifdef HAVE_JACK
    &midi_jack,
#endif
#ifdef HAVE_PIPEWIRE
    &midi_pipewire,
#endif
#ifdef HAVE_ALSA
    &midi_rawmidi,
#endif
    &midi_raw, NULL,
};

const struct midi_input_ops *midi_input_find(const char *name)
{
    for (size_t i = 0; midi_inputs[i]; i++)
        if (strcmp(midi_inputs[i]->name, name) == 0)
            return midi_inputs[i];
    return NULL;
}

static enum dm_status not_found(const char *spec, struct dm_error *err)
{
    char names[128] = "";
    for (size_t i = 0, used = 0; midi_inputs[i] && used < sizeof names; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "", midi_inputs[i]->name);
    return dm_fail(err, DM_ERR_NOT_FOUND, "no MIDI input '%s'; there are: %s", spec, names);
}

/* Of the kinds that need no name; the others are devices and paths that one has to mean. */
static enum dm_status open_first(const struct midi_config *config, struct midi_input **out, struct dm_error *err)
{
    char reasons[256] = "";
    size_t used = 0;
    for (size_t i = 0; midi_inputs[i] && midi_inputs[i] != &midi_raw; i++) {
        struct dm_error why = {0};
        if (strcmp(midi_inputs[i]->name, "rawmidi") == 0)
            continue;
        if (midi_inputs[i]->open(config, out, &why) == DM_OK)
            return DM_OK;
        log_at(LOG_INFO, "midi", "%s", why.text);
        if (used < sizeof reasons)
            used += (size_t)snprintf(reasons + used, sizeof reasons - used, "%s%s", used ? "; " : "", why.text);
    }
    return dm_fail(err, DM_ERR_DEVICE, "no MIDI input works: %s", used ? reasons : "none but raw: is built in");
}

enum dm_status midi_input_open(const char *spec, const struct midi_config *config, struct midi_input **out,
                               struct dm_error *err)
{
    char kind[16];
    struct midi_config named = *config;
    *out = NULL;
    if (!spec)
        return open_first(config, out, err);
    const char *colon = strchr(spec, ':');
    size_t length = strcspn(spec, ":");
    if (length >= sizeof kind)
        return not_found(spec, err);
    snprintf(kind, sizeof kind, "%.*s", (int)length, spec);
    const struct midi_input_ops *ops = midi_input_find(kind);
    if (!ops)
        return not_found(spec, err);
    named.name = colon && colon[1] ? colon + 1 : NULL;
    return ops->open(&named, out, err);
}
