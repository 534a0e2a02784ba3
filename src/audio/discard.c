/* SPDX-License-Identifier: MIT */
/* An output that takes sound as fast as it comes, and forgets it. */
#include "base/alloc.h"
#include "outputs.h"

static enum dm_status discard_open(const struct audio_config *config, struct audio_output **out, struct dm_error *err)
{
    *out = NULL;
    enum dm_status status = audio_check_config(config, err);
    if (status != DM_OK)
        return status;
    struct audio_output *discard = dm_calloc(1, sizeof *discard);
    if (!discard)
        return dm_fail(err, DM_ERR_NOMEM, "discard: out of memory");
    discard->ops = &audio_discard;
    *out = discard;
    return DM_OK;
}

static enum dm_status discard_write(struct audio_output *out, const void *frames, size_t count, struct dm_error *err)
{
    (void)out, (void)frames, (void)count, (void)err;
    return DM_OK;
}

static enum dm_status discard_close(struct audio_output *out, bool commit, struct dm_error *err)
{
    (void)commit, (void)err;
    dm_free(out);
    return DM_OK;
}

static uint64_t discard_clipped(const struct audio_output *out)
{
    (void)out;
    return 0;
}

const struct audio_output_ops audio_discard = {
    .name = "discard",
    .description = "forget the sound, as fast as it comes",
    .open = discard_open,
    .write = discard_write,
    .close = discard_close,
    .clipped = discard_clipped,
};
