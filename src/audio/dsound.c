/* SPDX-License-Identifier: MIT */
/* The default DirectSound device as an output of the table: paced, through a ring of its own. */
#define COBJMACROS
#include "base/alloc.h"
#include "dsound_ring.h"
#include "outputs.h"

#define AHEAD_MS 100 /* beyond the write cursor */
#define LOST_MS  2000

struct dsound_output {
    struct audio_output base;
    IDirectSound *device;
    struct audio_output *ring;
    int64_t ahead;      /* AHEAD_MS in frames */
    size_t frame_bytes; /* of what write is given */
};

/* Let what was written be heard, as long as the device moves. */
static void drain(struct audio_output *ring)
{
    struct audio_cursor cursor;
    int64_t last = -1;
    for (int still_ms = 0; still_ms < LOST_MS && ring->ops->cursor(ring, &cursor, NULL) == DM_OK; still_ms += 5) {
        if (cursor.playing >= cursor.written)
            return;
        still_ms = cursor.playing == last ? still_ms : 0;
        last = cursor.playing;
        Sleep(5);
    }
}

static enum dm_status dsound_close(struct audio_output *out, bool commit, struct dm_error *err)
{
    struct dsound_output *dsound = (struct dsound_output *)out;
    if (dsound->ring) {
        if (commit)
            drain(dsound->ring);
        dsound->ring->ops->close(dsound->ring, commit, err);
    }
    if (dsound->device)
        IDirectSound_Release(dsound->device);
    dm_free(dsound);
    return DM_OK;
}

static enum dm_status dsound_open(const struct audio_config *config, struct audio_output **out, struct dm_error *err)
{
    *out = NULL;
    enum dm_status status = audio_check_config(config, err);
    if (status != DM_OK)
        return status;
    struct dsound_output *dsound = dm_calloc(1, sizeof *dsound);
    if (!dsound)
        return dm_fail(err, DM_ERR_NOMEM, "DirectSound: out of memory");
    dsound->base.ops = &audio_dsound;
    dsound->frame_bytes = config->channels * (config->float_input ? sizeof(float) : sizeof(int16_t));
    dsound->ahead = (int64_t)config->sample_rate * AHEAD_MS / 1000 + 1;
    HRESULT hr = DirectSoundCreate(NULL, &dsound->device, NULL);
    if (SUCCEEDED(hr))
        hr = IDirectSound_SetCooperativeLevel(dsound->device, GetDesktopWindow(), DSSCL_PRIORITY);
    status = FAILED(hr) ? dm_fail(err, DM_ERR_DEVICE, "DirectSound: no device: 0x%08lx", (unsigned long)hr)
                        : dsound_ring_open(dsound->device, NULL, config, &dsound->ring, err);
    if (status != DM_OK) {
        dsound_close(&dsound->base, false, NULL);
        return status;
    }
    *out = &dsound->base;
    return DM_OK;
}

/* Wait until no more than AHEAD_MS of what was written is still to come. */
static enum dm_status wait_for_room(struct dsound_output *dsound, struct dm_error *err)
{
    struct audio_output *ring = dsound->ring;
    struct audio_cursor cursor;
    int64_t last = -1;
    for (int still_ms = 0; still_ms < LOST_MS; still_ms += 5) {
        enum dm_status status = ring->ops->cursor(ring, &cursor, err);
        if (status != DM_OK)
            return status;
        if (cursor.written < cursor.writable) /* the start, or a writer that came late */
            ring->ops->seek(ring, cursor.written = cursor.writable);
        if (cursor.written - cursor.writable <= dsound->ahead)
            return DM_OK;
        still_ms = cursor.playing == last ? still_ms : 0;
        last = cursor.playing;
        Sleep(5);
    }
    return dm_fail(err, DM_ERR_DEVICE, "DirectSound: the device stands still");
}

static enum dm_status dsound_write(struct audio_output *out, const void *frames, size_t count, struct dm_error *err)
{
    struct dsound_output *dsound = (struct dsound_output *)out;
    const char *from = frames;
    while (count) {
        size_t part = count < (size_t)dsound->ahead ? count : (size_t)dsound->ahead;
        enum dm_status status = wait_for_room(dsound, err);
        if (status == DM_OK)
            status = dsound->ring->ops->write(dsound->ring, from, part, err);
        if (status != DM_OK)
            return status;
        from += part * dsound->frame_bytes;
        count -= part;
    }
    return DM_OK;
}

static uint64_t dsound_clipped(const struct audio_output *out)
{
    const struct dsound_output *dsound = (const struct dsound_output *)out;
    return dsound->ring->ops->clipped(dsound->ring);
}

const struct audio_output_ops audio_dsound = {
    .name = "dsound",
    .description = "the default DirectSound device",
    .realtime = true,
    .open = dsound_open,
    .write = dsound_write,
    .close = dsound_close,
    .clipped = dsound_clipped,
};
