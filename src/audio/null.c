/* SPDX-License-Identifier: MIT */
/* Two outputs that discard: one at once, one at the pace of a device. */
#include "base/alloc.h"
#include "base/clock.h"
#include "outputs.h"

struct null_output {
    struct audio_output base;
    uint32_t sample_rate;
    int64_t start_100ns; /* when the first frame would leave the device */
    uint64_t frames;
};

static enum dm_status open_with(const struct audio_output_ops *ops, const struct audio_config *config,
                                struct audio_output **out, struct dm_error *err)
{
    *out = NULL;
    enum dm_status status = audio_check_config(config, err);
    if (status != DM_OK)
        return status;
    struct null_output *null = dm_calloc(1, sizeof *null);
    if (!null)
        return dm_fail(err, DM_ERR_NOMEM, "%s: out of memory", ops->name);
    null->base.ops = ops;
    null->sample_rate = config->sample_rate;
    *out = &null->base;
    return DM_OK;
}

static enum dm_status null_open(const struct audio_config *config, struct audio_output **out, struct dm_error *err)
{
    return open_with(&audio_null, config, out, err);
}

static enum dm_status paced_open(const struct audio_config *config, struct audio_output **out, struct dm_error *err)
{
    return open_with(&audio_paced_null, config, out, err);
}

static enum dm_status null_write(struct audio_output *out, const void *frames, size_t count, struct dm_error *err)
{
    (void)frames;
    (void)err;
    ((struct null_output *)out)->frames += count;
    return DM_OK;
}

/* Returns when the frames have been played. Moments are counted from the start, so that no error adds up and a late
 * writer catches up. Whole seconds apart, because frames * 10^7 would overflow. */
static enum dm_status paced_write(struct audio_output *out, const void *frames, size_t count, struct dm_error *err)
{
    struct null_output *null = (struct null_output *)out;
    (void)frames;
    (void)err;
    if (null->frames == 0)
        null->start_100ns = clock_now_100ns();
    null->frames += count;
    uint64_t seconds = null->frames / null->sample_rate, rest = null->frames % null->sample_rate;
    clock_sleep_until_100ns(null->start_100ns + (int64_t)seconds * CLOCK_100NS_PER_SECOND +
                            (int64_t)rest * CLOCK_100NS_PER_SECOND / null->sample_rate);
    return DM_OK;
}

static enum dm_status null_close(struct audio_output *out, bool commit, struct dm_error *err)
{
    (void)commit;
    (void)err;
    dm_free(out);
    return DM_OK;
}

static uint64_t null_clipped(const struct audio_output *out)
{
    (void)out;
    return 0;
}

const struct audio_output_ops audio_null = {
    .name = "null",
    .description = "discard the sound, as fast as it comes",
    .open = null_open,
    .write = null_write,
    .close = null_close,
    .clipped = null_clipped,
};

const struct audio_output_ops audio_paced_null = {
    .name = "paced-null",
    .description = "discard the sound at the pace of a device",
    .realtime = true,
    .open = paced_open,
    .write = paced_write,
    .close = null_close,
    .clipped = null_clipped,
};
