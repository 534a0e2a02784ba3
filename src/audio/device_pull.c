/* SPDX-License-Identifier: MIT */
/* What happens on the thread that asks: no lock, no call to the system. */
#include <string.h>

#include "base/clock.h"
#include "convert.h"
#include "device_watch.h"

static int64_t frames_to_100ns(const struct device *device, int64_t frames)
{
    return frames * CLOCK_100NS_PER_SECOND / device->info.sample_rate;
}

void device_pull_held(struct device *device, void *frames, uint32_t count, const struct device_beat *beat)
{
    device->own_frame += beat->lost;
    struct audio_moment moment = {
        .frame = device->info.frame_clock == AUDIO_FRAMES_OWN ? device->own_frame : beat->frame,
        .asked_100ns = beat->asked_100ns,
        .heard_100ns = beat->asked_100ns + frames_to_100ns(device, (int64_t)atomic_load(&device->latency_frames)),
        .lost = beat->lost,
        .restarted = atomic_exchange(&device->restarted, false),
    };
    if (moment.restarted)
        moment.lost = 0;
    device->source.pull(device->source.ctx, frames, count, &moment);
    device->own_frame += count;
    atomic_fetch_add(&device->pulled, count);
}

static size_t frame_bytes(const struct device *device)
{
    return device->info.channels * (device->source.float_samples ? sizeof(float) : sizeof(int16_t));
}

void device_pull(struct device *device, void *frames, uint32_t count, const struct device_beat *beat)
{
    int none = PULLER_NONE;
    if (!atomic_compare_exchange_strong(&device->puller, &none, PULLER_DRIVER)) {
        atomic_store(&device->wanted, true);
        memset(frames, 0, count * frame_bytes(device));
        return;
    }
    struct device_beat part = *beat;
    for (uint32_t done = 0; done < count;) {
        uint32_t n = count - done < DEVICE_PULL_MAX ? count - done : DEVICE_PULL_MAX;
        device_pull_held(device, (char *)frames + done * frame_bytes(device), n, &part);
        done += n;
        part.lost = 0;
        part.frame = beat->frame + done;
        part.asked_100ns = beat->asked_100ns + frames_to_100ns(device, done);
    }
    atomic_store(&device->puller, PULLER_NONE);
}

void device_pull_planes(struct device *device, float *left, float *right, uint32_t count, const struct device_beat *beat)
{
    float *const plane[2] = {left, right ? right : left};
    const uint32_t channels = device->info.channels;
    device_pull(device, device->scratch, count, beat);
    for (uint32_t channel = 0; channel < (right ? 2u : 1u); channel++) {
        uint32_t from = channel < channels ? channel : 0;
        const float *f32 = device->scratch;
        const int16_t *s16 = device->scratch;
        for (uint32_t i = 0; i < count; i++)
            plane[channel][i] = device->source.float_samples ? f32[i * channels + from]
                                                             : (float)s16[i * channels + from] / 32768.0f;
    }
}
