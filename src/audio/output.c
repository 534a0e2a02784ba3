/* SPDX-License-Identifier: MIT */
#include "output.h"

#include <string.h>

#include "outputs.h"

const struct audio_output_ops *const audio_outputs[] = {
#ifdef _WIN32
    &audio_dsound,
#else
    &audio_file,
#endif
    &audio_discard, NULL,
};

const struct audio_output_ops *audio_output_find(const char *name)
{
    for (size_t i = 0; audio_outputs[i]; i++)
        if (strcmp(audio_outputs[i]->name, name) == 0)
            return audio_outputs[i];
    return NULL;
}

enum dm_status audio_check_config(const struct audio_config *config, struct dm_error *err)
{
    if (config->sample_rate == 0 || config->sample_rate > INT32_MAX)
        return dm_fail(err, DM_ERR_ARGUMENT, "sample rate of %lu Hz", (unsigned long)config->sample_rate);
    if (config->channels != 1 && config->channels != 2)
        return dm_fail(err, DM_ERR_ARGUMENT, "%lu channels, not 1 or 2", (unsigned long)config->channels);
    if (config->format != SAMPLE_S16 && config->format != SAMPLE_S24 && config->format != SAMPLE_F32)
        return dm_fail(err, DM_ERR_ARGUMENT, "unknown sample format %d", (int)config->format);
    return DM_OK;
}
