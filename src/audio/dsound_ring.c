/* SPDX-License-Identifier: MIT */
#define COBJMACROS
#include "dsound_ring.h"

#include <string.h>

#include "base/alloc.h"
#include "convert.h"

#define RING_SECONDS 2u /* native-behaviour.md 79 */
#define START_MS     100

struct ring {
    struct audio_output base;
    IDirectSoundBuffer *buffer;
    uint32_t channels, frame_bytes, frames; /* frames: length of the ring */
    bool float_input;
    uint32_t last_frame;            /* play cursor when it was last asked, in the ring */
    int64_t playing, writable;      /* the same without the wrap, and the write cursor */
    int64_t written, cleared;       /* cleared: all before it was played and is silence again */
    uint64_t clipped;
};

static const struct audio_output_ops ring_ops;

static enum dm_status fail(struct dm_error *err, const char *what, HRESULT hr)
{
    return dm_fail(err, hr == DSERR_OUTOFMEMORY ? DM_ERR_NOMEM : DM_ERR_DEVICE, "DirectSound: %s: 0x%08lx", what,
                   (unsigned long)hr);
}

enum dsound_fit dsound_check_buffer(IDirectSoundBuffer *buffer, uint32_t rate, uint32_t channels, uint32_t bytes)
{
    DSBCAPS caps = {.dwSize = sizeof caps};
    WAVEFORMATEX format = {0};
    DWORD got = 0;
    if (FAILED(IDirectSoundBuffer_GetCaps(buffer, &caps)) || (caps.dwFlags & DSBCAPS_PRIMARYBUFFER) ||
        caps.dwBufferBytes < bytes || FAILED(IDirectSoundBuffer_GetFormat(buffer, &format, sizeof format, &got)))
        return DSOUND_WRONG_BUFFER;
    bool pcm = format.wFormatTag == WAVE_FORMAT_PCM && format.wBitsPerSample == 16;
    return pcm && format.nSamplesPerSec == rate && format.nChannels == channels ? DSOUND_FITS : DSOUND_WRONG_FORMAT;
}

/* Another program took the device and gave it back: the memory is there again, its contents are not. */
static HRESULT restore(struct ring *ring)
{
    HRESULT hr = IDirectSoundBuffer_Restore(ring->buffer);
    if (SUCCEEDED(hr))
        hr = IDirectSoundBuffer_Play(ring->buffer, 0, 0, DSBPLAY_LOOPING);
    return hr;
}

/* SIZE bytes from frame START of the stream on, SIZE at most the ring. */
static HRESULT lock(struct ring *ring, int64_t start, uint32_t size, void *parts[2], DWORD sizes[2])
{
    DWORD at = (DWORD)((uint64_t)start % ring->frames) * ring->frame_bytes;
    HRESULT hr = IDirectSoundBuffer_Lock(ring->buffer, at, size, &parts[0], &sizes[0], &parts[1], &sizes[1], 0);
    if (hr == DSERR_BUFFERLOST && SUCCEEDED(hr = restore(ring)))
        hr = IDirectSoundBuffer_Lock(ring->buffer, at, size, &parts[0], &sizes[0], &parts[1], &sizes[1], 0);
    return hr;
}

static void unlock(struct ring *ring, void *parts[2], const DWORD sizes[2])
{
    IDirectSoundBuffer_Unlock(ring->buffer, parts[0], sizes[0], parts[1], sizes[1]);
}

static HRESULT clear(struct ring *ring, int64_t start, uint32_t frames)
{
    void *parts[2] = {NULL, NULL};
    DWORD sizes[2] = {0, 0};
    HRESULT hr = lock(ring, start, frames * ring->frame_bytes, parts, sizes);
    if (FAILED(hr))
        return hr;
    for (int i = 0; i < 2; i++)
        if (parts[i])
            memset(parts[i], 0, sizes[i]);
    unlock(ring, parts, sizes);
    return S_OK;
}

/* Where the cursors are. Asked less than once a turn of the ring, it loses whole turns. */
static HRESULT look(struct ring *ring)
{
    DWORD play = 0, write = 0;
    HRESULT hr = IDirectSoundBuffer_GetCurrentPosition(ring->buffer, &play, &write);
    if (FAILED(hr))
        return hr;
    uint32_t play_frame = play / ring->frame_bytes % ring->frames, write_frame = write / ring->frame_bytes % ring->frames;
    ring->playing += (play_frame + ring->frames - ring->last_frame) % ring->frames;
    ring->writable = ring->playing + (write_frame + ring->frames - play_frame) % ring->frames;
    ring->last_frame = play_frame;
    return S_OK;
}

static enum dm_status ring_cursor(struct audio_output *out, struct audio_cursor *cursor, struct dm_error *err)
{
    struct ring *ring = (struct ring *)out;
    HRESULT hr = look(ring);
    if (FAILED(hr))
        return fail(err, "GetCurrentPosition", hr);
    /* What was played becomes silence, lest a writer that stands still be heard again one turn later. */
    int64_t played = ring->playing - ring->cleared;
    if (played > 0 && SUCCEEDED(clear(ring, ring->playing - (played < ring->frames ? played : ring->frames),
                                      (uint32_t)(played < ring->frames ? played : ring->frames))))
        ring->cleared = ring->playing;
    *cursor = (struct audio_cursor){ring->playing, ring->writable, ring->written, ring->frames};
    return DM_OK;
}

static void ring_seek(struct audio_output *out, int64_t frame) { ((struct ring *)out)->written = frame; }

static void put_samples(struct ring *ring, void *to, const void *from, size_t samples)
{
    if (!ring->float_input) {
        memcpy(to, from, samples * 2);
        return;
    }
    ring->clipped += convert_f32_s16(to, from, samples);
}

static enum dm_status ring_write(struct audio_output *out, const void *frames, size_t count, struct dm_error *err)
{
    struct ring *ring = (struct ring *)out;
    const size_t sample_bytes = ring->float_input ? 4 : 2;
    int64_t start = ring->written, end = start + (int64_t)count, limit = ring->playing + ring->frames;
    ring->written = end;
    int64_t first = start < ring->writable ? ring->writable : start;
    end = end < limit ? end : limit;
    if (first >= end)
        return DM_OK;
    const char *from = (const char *)frames + (size_t)(first - start) * ring->channels * sample_bytes;
    void *parts[2] = {NULL, NULL};
    DWORD sizes[2] = {0, 0};
    HRESULT hr = lock(ring, first, (uint32_t)(end - first) * ring->frame_bytes, parts, sizes);
    if (FAILED(hr))
        return fail(err, "Lock", hr);
    for (int i = 0; i < 2; i++)
        if (parts[i]) {
            put_samples(ring, parts[i], from, sizes[i] / 2);
            from += sizes[i] / 2 * sample_bytes;
        }
    unlock(ring, parts, sizes);
    return DM_OK;
}

static enum dm_status ring_close(struct audio_output *out, bool commit, struct dm_error *err)
{
    struct ring *ring = (struct ring *)out;
    (void)commit, (void)err;
    IDirectSoundBuffer_Stop(ring->buffer);
    IDirectSoundBuffer_Release(ring->buffer);
    dm_free(ring);
    return DM_OK;
}

static uint64_t ring_clipped(const struct audio_output *out) { return ((const struct ring *)out)->clipped; }

static const struct audio_output_ops ring_ops = {
    .name = "dsound-ring",
    .description = "a DirectSound buffer",
    .write = ring_write,
    .close = ring_close,
    .clipped = ring_clipped,
    .cursor = ring_cursor,
    .seek = ring_seek,
};

static HRESULT create_buffer(IDirectSound *device, const struct audio_config *config, IDirectSoundBuffer **buffer)
{
    WAVEFORMATEX format = {.wFormatTag = WAVE_FORMAT_PCM,
                           .nChannels = (WORD)config->channels,
                           .nSamplesPerSec = config->sample_rate,
                           .nAvgBytesPerSec = config->sample_rate * config->channels * 2,
                           .nBlockAlign = (WORD)(config->channels * 2),
                           .wBitsPerSample = 16};
    DSBUFFERDESC desc = {.dwSize = sizeof desc,
                         .dwFlags = DSBCAPS_GETCURRENTPOSITION2 | DSBCAPS_GLOBALFOCUS,
                         .dwBufferBytes = RING_SECONDS * format.nAvgBytesPerSec,
                         .lpwfxFormat = &format};
    return IDirectSound_CreateSoundBuffer(device, &desc, buffer, NULL);
}

/* All silence, from the start on; the sound begins once the device's thread takes notice. */
static HRESULT start(struct ring *ring)
{
    HRESULT hr = clear(ring, 0, ring->frames);
    if (SUCCEEDED(hr))
        hr = IDirectSoundBuffer_SetCurrentPosition(ring->buffer, 0);
    if (SUCCEEDED(hr))
        hr = IDirectSoundBuffer_Play(ring->buffer, 0, 0, DSBPLAY_LOOPING);
    for (int ms = 0; SUCCEEDED(hr) && ring->playing == 0 && ms < START_MS; ms++) {
        Sleep(1);
        hr = look(ring);
    }
    return hr;
}

enum dm_status dsound_ring_open(IDirectSound *device, IDirectSoundBuffer *buffer, const struct audio_config *config,
                                struct audio_output **out, struct dm_error *err)
{
    DSBCAPS caps = {.dwSize = sizeof caps};
    *out = NULL;
    struct ring *ring = dm_calloc(1, sizeof *ring);
    if (!ring)
        return dm_fail(err, DM_ERR_NOMEM, "DirectSound: out of memory");
    HRESULT hr = S_OK;
    if (buffer)
        IDirectSoundBuffer_AddRef(buffer);
    else
        hr = create_buffer(device, config, &buffer);
    if (FAILED(hr)) {
        dm_free(ring);
        return fail(err, "CreateSoundBuffer", hr);
    }
    *ring = (struct ring){.base = {&ring_ops},
                          .buffer = buffer,
                          .channels = config->channels,
                          .frame_bytes = config->channels * 2,
                          .float_input = config->float_input};
    hr = IDirectSoundBuffer_GetCaps(buffer, &caps);
    ring->frames = caps.dwBufferBytes / ring->frame_bytes;
    if (SUCCEEDED(hr) && ring->frames == 0)
        hr = DSERR_INVALIDPARAM;
    if (SUCCEEDED(hr))
        hr = start(ring);
    if (FAILED(hr)) {
        ring_close(&ring->base, false, NULL);
        return fail(err, "Play", hr);
    }
    *out = &ring->base;
    return DM_OK;
}
