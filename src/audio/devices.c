/* SPDX-License-Identifier: MIT */
#include "devices.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "outputs.h"

const struct audio_output_ops *const audio_devices[] = {
#ifdef HAVE_PIPEWIRE
    &audio_pipewire,
#endif
#ifdef HAVE_JACK
    &audio_jack,
#endif
#ifdef HAVE_ALSA
    &audio_alsa,
#endif
    &audio_clock, NULL,
};

const struct audio_output_ops *audio_device_find(const char *name)
{
    for (size_t i = 0; audio_devices[i]; i++)
        if (strcmp(audio_devices[i]->name, name) == 0)
            return audio_devices[i];
    return NULL;
}

static enum dm_status not_found(const char *name, struct dm_error *err)
{
    char names[128] = "";
    for (size_t i = 0, used = 0; audio_devices[i] && used < sizeof names; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "", audio_devices[i]->name);
    return dm_fail(err, DM_ERR_NOT_FOUND, "no audio output '%s'; there are: %s", name, names);
}

static enum dm_status open_first(const struct audio_config *config, struct audio_output **out, struct dm_error *err)
{
    char reasons[256] = "";
    size_t used = 0;
    for (size_t i = 0; audio_devices[i] && audio_devices[i] != &audio_clock; i++) {
        struct dm_error why = {0};
        if (audio_devices[i]->open(config, out, &why) == DM_OK)
            return DM_OK;
        log_at(LOG_INFO, "audio", "%s", why.text);
        if (used < sizeof reasons)
            used += (size_t)snprintf(reasons + used, sizeof reasons - used, "%s%s", used ? "; " : "", why.text);
    }
    return dm_fail(err, DM_ERR_DEVICE, "no audio output works: %s", used ? reasons : "none is built in");
}

enum dm_status audio_device_open(const char *name, const struct audio_config *config, struct audio_output **out,
                                 struct dm_error *err)
{
    char kind[16];
    struct audio_config named = *config;
    *out = NULL;
    if (!name)
        return open_first(config, out, err);
    const char *colon = strchr(name, ':');
    size_t length = strcspn(name, ":");
    if (length >= sizeof kind)
        return not_found(name, err);
    snprintf(kind, sizeof kind, "%.*s", (int)length, name);
    const struct audio_output_ops *ops = audio_device_find(kind);
    if (!ops)
        return not_found(name, err);
    if (colon)
        named.device = colon[1] ? colon + 1 : NULL;
    return ops->open(&named, out, err);
}
