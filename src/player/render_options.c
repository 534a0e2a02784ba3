/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "base/cpu.h"
#include "loudness.h"
#include "render.h"

enum { HOUR = 3600 };

enum dmus_status dmus_render_defaults(struct dmus_render_options *options)
{
    if (!abi_fits(options, sizeof *options))
        return DMUS_ERR_ARGUMENT;
    struct dmus_render_options ours = {
        .profile = DMUS_RENDER_STUDIO,
        .sample_rate = 48000,
        .channels = 2,
        .polyphony = 1024,
        .block_frames = 4096,
        .tail = DMUS_TAIL_SILENCE,
        .tail_seconds = 2,
        .tail_limit_seconds = 30,
        .loudness = loudness_available(),
    };
    abi_store(options, &ours, sizeof ours);
    return DMUS_OK;
}

static bool between(double value, double low, double high) { return value >= low && value <= high; }

static enum dm_status check_simd(const struct dmus_render_options *o, struct dm_error *err)
{
    uint32_t level = 0;
    const char *name = o->simd ? cpu_level(o->simd - 1, &level) : NULL;
    if (o->simd && !name)
        return dm_fail(err, DM_ERR_ARGUMENT, "SIMD level %u: 0 to 6", (unsigned)o->simd);
    if (level & ~cpu_features())
        return dm_fail(err, DM_ERR_UNSUPPORTED, "this machine has no %s", name);
    return DM_OK;
}

static enum dm_status check_sound(const struct dmus_render_options *o, struct dm_error *err)
{
    bool native = o->profile == DMUS_RENDER_NATIVE;
    if (o->profile > DMUS_RENDER_NATIVE)
        return dm_fail(err, DM_ERR_ARGUMENT, "profile %u: there are studio (0) and native (1)", (unsigned)o->profile);
    if (!between(o->sample_rate, native ? 11025 : 8000, native ? 96000 : 192000))
        return dm_fail(err, DM_ERR_ARGUMENT, "sample rate %u Hz: %s to %s Hz in this profile",
                       (unsigned)o->sample_rate, native ? "11025" : "8000", native ? "96000" : "192000");
    if (o->channels < 1 || o->channels > 2)
        return dm_fail(err, DM_ERR_ARGUMENT, "%u channels: 1 or 2", (unsigned)o->channels);
    if (o->polyphony < 1 || o->polyphony > (native ? 1000u : 16384u))
        return dm_fail(err, DM_ERR_ARGUMENT, "polyphony %u: 1 to %u in this profile", (unsigned)o->polyphony,
                       native ? 1000u : 16384u);
    if (o->interpolation > DMUS_INTERPOLATE_SINC32)
        return dm_fail(err, DM_ERR_ARGUMENT, "interpolation %u: 0 to 5", (unsigned)o->interpolation);
    if (o->block_frames < 1 || o->block_frames > 65536)
        return dm_fail(err, DM_ERR_ARGUMENT, "blocks of %u frames: 1 to 65536", (unsigned)o->block_frames);
    if (o->reverb > DMUS_OFF || o->chorus > DMUS_OFF || o->dither > DMUS_OFF)
        return dm_fail(err, DM_ERR_ARGUMENT, "reverb, chorus, dither: default (0), on (1) or off (2)");
    if (o->limiter > DMUS_OFF)
        return dm_fail(err, DM_ERR_ARGUMENT, "limiter %u: default (0), on (1) or off (2)", (unsigned)o->limiter);
    if (o->threads > 64)
        return dm_fail(err, DM_ERR_ARGUMENT, "%u threads: 0 to 64", (unsigned)o->threads);
    if (o->through > DMUS_THROUGH_KERNEL)
        return dm_fail(err, DM_ERR_ARGUMENT, "through %u: there are user (0) and kernel (1)", (unsigned)o->through);
    if (!between(o->gain_db, -80, 20))
        return dm_fail(err, DM_ERR_ARGUMENT, "gain %g dB: -80 to +20", o->gain_db);
    return check_simd(o, err);
}

static enum dm_status check_times(const struct dmus_render_options *o, struct dm_error *err)
{
    if (!between(o->from_seconds, 0, 1e6))
        return dm_fail(err, DM_ERR_ARGUMENT, "start at %g s: 0 to 1000000 s", o->from_seconds);
    if (!between(o->to_seconds, 0, 1e6))
        return dm_fail(err, DM_ERR_ARGUMENT, "end at %g s: 0 (of the song) to 1000000 s", o->to_seconds);
    if (o->to_seconds > 0 && o->to_seconds <= o->from_seconds)
        return dm_fail(err, DM_ERR_ARGUMENT, "end at %g s: after the start at %g s", o->to_seconds, o->from_seconds);
    if (o->tail > DMUS_TAIL_LAST_EVENT)
        return dm_fail(err, DM_ERR_ARGUMENT, "tail %u: silence (0), seconds (1), last event (2)", (unsigned)o->tail);
    if (!between(o->tail_seconds, 0, HOUR) || !between(o->tail_limit_seconds, 0, HOUR))
        return dm_fail(err, DM_ERR_ARGUMENT, "tail of %g s (limit %g s): 0 to 3600 s", o->tail_seconds,
                       o->tail_limit_seconds);
    return DM_OK;
}

static enum dm_status check_output(const struct dmus_output *output, struct dm_error *err)
{
    if (output->format > DMUS_F32)
        return dm_fail(err, DM_ERR_ARGUMENT, "sample format %u: s16 (0), s24 (1), f32 (2)", (unsigned)output->format);
    if (output->path && output->write)
        return dm_fail(err, DM_ERR_ARGUMENT, "an output is a file or a function, not both");
    if (output->write && output->format == DMUS_S24)
        return dm_fail(err, DM_ERR_ARGUMENT, "s24 is for files: a function gets s16 or f32");
    return DM_OK;
}

enum dm_status render_check(const struct dmus_render_options *options, const struct dmus_output *output,
                            struct dmus_render_options *checked, struct dmus_output *checked_output,
                            struct dm_error *err)
{
    struct dmus_render_options defaults = DMUS_INIT(dmus_render_options);
    dmus_render_defaults(&defaults);
    *checked = defaults;
    if (options && !abi_fits(options, sizeof *options))
        return dm_fail(err, DM_ERR_ARGUMENT, "dmus_render: the size of the options is not set");
    if (output && !abi_fits(output, sizeof *output))
        return dm_fail(err, DM_ERR_ARGUMENT, "dmus_render: the size of the output is not set");
    if (options)
        abi_load(checked, sizeof *checked, options);
    *checked_output = (struct dmus_output){.format = DMUS_F32};
    if (output)
        abi_load(checked_output, sizeof *checked_output, output);
    enum dm_status status = check_sound(checked, err);
    if (status == DM_OK)
        status = check_times(checked, err);
    return status == DM_OK ? check_output(checked_output, err) : status;
}
