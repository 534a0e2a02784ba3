/* SPDX-License-Identifier: MIT */
#include "version.h"

#include "dmus/dmus.h"
#include "loudness.h"

const char *dmus_version(void) { return DMUS_VERSION_TEXT; }

uint32_t dmus_version_number(void)
{
    return (uint32_t)DMUS_VERSION_MAJOR << 16 | DMUS_VERSION_MINOR << 8 | DMUS_VERSION_PATCH;
}

const char *dmus_build_feature(uint32_t index, bool *available)
{
    const struct {
        const char *name;
        bool available;
    } features[] = {
        {"wav, rf64, flac, ogg, opus (libsndfile)", true},
        {"SF3 banks (libvorbisfile)", HAVE_VORBIS},
        {"loudness (libebur128)", loudness_available()},
    };
    if (index >= sizeof features / sizeof features[0])
        return NULL;
    if (available)
        *available = features[index].available;
    return features[index].name;
}
