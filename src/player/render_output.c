/* SPDX-License-Identifier: MIT */
#include "render_output.h"

#include <math.h>
#include <string.h>

#include "audio/convert.h"
#include "base/alloc.h"
#include "base/meter.h"
#include "version.h"

/* ---- measuring and fading ---- */

static void raise_peak(struct render_output *out, uint32_t bits)
{
    float peak = meter_from_bits(bits);
    out->peak = peak > out->peak ? peak : out->peak;
}

static float fade_gain(const struct render_output *out, uint64_t frame)
{
    if (frame < out->fade_begin)
        return 1.0f;
    uint64_t since = frame - out->fade_begin;
    return since >= out->fade_frames ? 0.0f : 1.0f - (float)since / (float)out->fade_frames;
}

/* A copy of the frames with the fade laid over it. */
static const void *fade(struct render_output *out, const void *frames, uint64_t first, size_t count)
{
    size_t sample_bytes = out->float_samples ? sizeof(float) : sizeof(int16_t);
    size_t bytes = count * out->channels * sample_bytes;
    if (bytes > out->scratch_bytes) {
        void *grown = dm_realloc(out->scratch, bytes, 1);
        if (!grown)
            return NULL;
        out->scratch = grown;
        out->scratch_bytes = bytes;
    }
    const float *in_f32 = frames;
    const int16_t *in_s16 = frames;
    float *out_f32 = out->scratch;
    int16_t *out_s16 = out->scratch;
    for (size_t i = 0; i < count * out->channels; i++) {
        float gain = fade_gain(out, first + i / out->channels);
        if (out->float_samples)
            out_f32[i] = in_f32[i] * gain;
        else
            out_s16[i] = (int16_t)lrintf((float)in_s16[i] * gain);
    }
    return out->scratch;
}

/* What the file would have had to limit, where there is none. */
static uint64_t count_clipped(const float *samples, size_t count)
{
    int32_t limited[512];
    uint64_t clipped = 0;
    for (size_t i = 0; i < count; i += sizeof limited / sizeof *limited) {
        size_t part = count - i < sizeof limited / sizeof *limited ? count - i : sizeof limited / sizeof *limited;
        clipped += convert_f32_s24(limited, samples + i, part);
    }
    return clipped;
}

static enum dm_status hand_on(struct render_output *out, const void *frames, size_t count)
{
    if (out->file)
        return out->file->ops->write(out->file, frames, count, &out->err);
    if (!out->write)
        return DM_OK;
    int error = out->write(out->write_ctx, frames, count);
    return error ? dm_fail(&out->err, DM_ERR_WRITE, "the receiver of the sound stopped: %s", strerror(error)) : DM_OK;
}

/* Limited float frames, as the receiver wants them. */
static enum dm_status hand_on_limited(struct render_output *out, const float *frames, size_t count)
{
    if (!out->s16 || out->file) /* a file converts on its own */
        return hand_on(out, frames, count);
    int16_t part[2 * 512];
    enum dm_status status = DM_OK;
    for (size_t done = 0; done < count && status == DM_OK; done += 512) {
        size_t n = count - done < 512 ? count - done : 512;
        out->clipped += convert_f32_s16(part, frames + done * out->channels, n * out->channels);
        status = hand_on(out, part, n);
    }
    return status;
}

static enum dm_status measure_and_hand_on(struct render_output *out, const void *frames, size_t count)
{
    if (out->float_samples) {
        raise_peak(out, meter_peak_f32(frames, count * out->channels));
        if (out->count_clipped)
            out->clipped += count_clipped(frames, count * out->channels);
        loudness_add_f32(out->loudness, frames, count);
    } else {
        raise_peak(out, meter_peak_s16(frames, count * out->channels));
        loudness_add_s16(out->loudness, frames, count);
    }
    out->written += count;
    return out->limiter ? hand_on_limited(out, frames, count) : hand_on(out, frames, count);
}

static enum dm_status pass(struct render_output *out, const void *frames, uint64_t first, size_t count)
{
    if (out->fade_frames && first + count > out->fade_begin) {
        frames = fade(out, frames, first, count);
        if (!frames)
            return dm_fail(&out->err, DM_ERR_NOMEM, "no memory to fade the end");
    }
    if (!out->limiter)
        return measure_and_hand_on(out, frames, count);
    const float *in = frames;
    float ready[2 * 512];
    enum dm_status status = DM_OK;
    for (size_t done = 0; done < count && status == DM_OK; done += 512) {
        size_t n = count - done < 512 ? count - done : 512;
        n = limiter_process(out->limiter, in + done * out->channels, n, ready);
        if (n)
            status = measure_and_hand_on(out, ready, n);
    }
    return status;
}

enum dm_status render_output_finish(struct render_output *out, struct dm_error *err)
{
    float ready[2 * 512];
    enum dm_status status = DM_OK;
    size_t n;
    while (status == DM_OK && out->limiter && (n = limiter_drain(out->limiter, ready, 512)) > 0)
        status = measure_and_hand_on(out, ready, n);
    if (status != DM_OK)
        *err = out->err;
    return status;
}

/* ---- as an audio output ---- */

static enum dm_status tee_write(struct audio_output *base, const void *frames, size_t count, struct dm_error *err)
{
    struct render_output *out = (struct render_output *)(void *)base;
    uint64_t first = out->position, last = first + count;
    out->position = last;
    uint64_t from = first > out->skip ? first : out->skip, to = last < out->end ? last : out->end;
    if (from >= to)
        return DM_OK;
    size_t frame_bytes = out->channels * (out->float_samples ? sizeof(float) : sizeof(int16_t));
    const uint8_t *bytes = frames;
    enum dm_status status = pass(out, bytes + (size_t)(from - first) * frame_bytes, from, (size_t)(to - from));
    if (status != DM_OK && err)
        *err = out->err;
    return status;
}

static enum dm_status tee_close(struct audio_output *base, bool commit, struct dm_error *err)
{
    return render_output_close((struct render_output *)(void *)base, commit, err);
}

static uint64_t tee_clipped(const struct audio_output *base)
{
    return render_output_clipped((const struct render_output *)(const void *)base);
}

static const struct audio_output_ops tee_ops = {
    .name = "render", .description = "part of a render", .write = tee_write, .close = tee_close, .clipped = tee_clipped};

enum dm_status render_output_open(struct render_output *out, const struct dmus_output *output, const char *title,
                                  const char *comment, uint32_t rate, uint32_t channels, bool loudness,
                                  bool limiter, struct dm_error *err)
{
    memset(out, 0, sizeof *out);
    out->base.ops = &tee_ops;
    out->write = output->write;
    out->write_ctx = output->write_ctx;
    out->channels = channels;
    out->s16 = output->format == DMUS_S16;
    out->float_samples = !out->s16 || limiter;
    out->end = UINT64_MAX;
    out->count_clipped = !output->path && output->format == DMUS_S24;
    if (limiter) {
        out->limiter = limiter_create(channels, rate);
        if (!out->limiter)
            return dm_fail(err, DM_ERR_NOMEM, "no memory for the limiter");
    }
    if (output->path) {
        const struct audio_output_ops *ops = audio_output_find("file");
        struct audio_config config = {
            .sample_rate = rate,
            .channels = channels,
            .format = output->format == DMUS_S16   ? SAMPLE_S16
                      : output->format == DMUS_S24 ? SAMPLE_S24
                                                   : SAMPLE_F32,
            .float_input = out->float_samples,
            .path = output->path,
            .type = output->type,
            .overwrite = output->overwrite,
            .title = title,
            .software = PLAYER_SOFTWARE,
            .comment = comment,
        };
        if (!ops)
            return dm_fail(err, DM_ERR_UNSUPPORTED, "%s: built without file output", output->path);
        enum dm_status status = ops->open(&config, &out->file, err);
        if (status != DM_OK) {
            limiter_free(out->limiter);
            out->limiter = NULL;
            return status;
        }
    }
    if (loudness)
        out->loudness = loudness_create(channels, rate);
    return DM_OK;
}

uint64_t render_output_clipped(const struct render_output *out)
{
    return out->file ? out->file->ops->clipped(out->file) : out->clipped;
}

enum dm_status render_output_close(struct render_output *out, bool commit, struct dm_error *err)
{
    enum dm_status status = DM_OK;
    if (out->file)
        status = out->file->ops->close(out->file, commit, err);
    out->file = NULL;
    loudness_free(out->loudness);
    out->loudness = NULL;
    limiter_free(out->limiter);
    out->limiter = NULL;
    dm_free(out->scratch);
    out->scratch = NULL;
    return status;
}
