/* SPDX-License-Identifier: MIT */
#include "formats/sf2_internal.h"

uint32_t sf2_vorbis_frames(struct span stream)
{
    (void)stream;
    return 0;
}

enum dm_status sf2_vorbis_decode(struct span stream, uint32_t first, uint32_t frames, int16_t *out,
                                 struct dm_error *err)
{
    (void)stream, (void)first, (void)frames, (void)out;
    return dm_fail(err, DM_ERR_UNSUPPORTED, "Ogg Vorbis, which this build does not read");
}
