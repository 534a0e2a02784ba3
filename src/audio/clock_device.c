/* SPDX-License-Identifier: MIT */
/* "null": no device at all, but the pace of one. */
#include "base/clock.h"
#include "device.h"
#include "outputs.h"

#define RATE     48000u
#define PERIOD   256u
#define PRIORITY 60

struct clock_device {
    struct device device;
    pthread_t thread;
    atomic_bool quit;
    struct realtime_grant grant;
};

static const struct device_driver driver;

static enum dm_status clock_connect(struct device *device, struct audio_info *info, struct dm_error *err)
{
    if (device->device_name && *device->device_name)
        return dm_fail(err, DM_ERR_DEVICE, "null: there is no device '%s' of it", device->device_name);
    info->sample_rate = device->config.sample_rate ? device->config.sample_rate : RATE;
    info->channels = device->config.channels;
    info->format = SAMPLE_F32;
    info->period_frames = device->config.period_frames ? device->config.period_frames : PERIOD;
    info->buffer_frames = info->period_frames * (device->config.periods ? device->config.periods : 2);
    device_set_latency(device, info->buffer_frames - info->period_frames);
    return DM_OK;
}

/* Moments are counted from the start, so that no error adds up. Whole seconds apart, because frames * 10^7 would overflow. */
static int64_t time_of(int64_t start_100ns, uint64_t frame, uint32_t rate)
{
    return start_100ns + (int64_t)(frame / rate) * CLOCK_100NS_PER_SECOND +
           (int64_t)(frame % rate) * CLOCK_100NS_PER_SECOND / rate;
}

/* A thread that slept for longer than the buffer lasts lost sound, as it would with a device. */
static void *run(void *arg)
{
    struct clock_device *null = arg;
    struct device *device = &null->device;
    const uint32_t period = device->info.period_frames, rate = device->info.sample_rate;
    uint64_t frame = 0;
    realtime_ask(PRIORITY, &null->grant);
    device_set_grant(device, &null->grant);
    int64_t start = clock_now_100ns();
    while (!atomic_load(&null->quit)) {
        struct device_beat beat = {.asked_100ns = time_of(start, frame, rate)};
        int64_t behind = clock_now_100ns() - time_of(start, frame + device->info.buffer_frames, rate);
        if (behind > 0) {
            beat.lost = (uint32_t)(behind * rate / CLOCK_100NS_PER_SECOND / period + 1) * period;
            frame += beat.lost;
            beat.asked_100ns = time_of(start, frame, rate);
            device_count_xrun(device);
        }
        device_pull(device, device->scratch, period, &beat);
        frame += period;
        clock_sleep_until_100ns(time_of(start, frame, rate));
    }
    return NULL;
}

static enum dm_status clock_run(struct device *device, struct dm_error *err)
{
    struct clock_device *null = (struct clock_device *)device;
    atomic_store(&null->quit, false);
    return pthread_create(&null->thread, NULL, run, null) ? dm_fail(err, DM_ERR_NOMEM, "null: no thread") : DM_OK;
}

static void clock_halt(struct device *device)
{
    struct clock_device *null = (struct clock_device *)device;
    atomic_store(&null->quit, true);
    pthread_join(null->thread, NULL);
}

static void clock_disconnect(struct device *device) { (void)device; }

static enum dm_status clock_open(const struct audio_config *config, struct audio_output **out, struct dm_error *err)
{
    return device_open(&driver, config, out, err);
}

static enum dm_status clock_list(audio_device_fn *each, void *ctx, struct dm_error *err)
{
    (void)err;
    each(ctx, &(struct audio_device){"null", "nothing, at the pace of a device", true});
    return DM_OK;
}

const struct audio_output_ops audio_clock = {
    .name = "null",
    .description = "no device: silent, in real time",
    .open = clock_open,
    .list = clock_list,
    DEVICE_OPS,
};

static const struct device_driver driver = {
    "null", &audio_clock, sizeof(struct clock_device), clock_connect, clock_run, clock_halt, clock_disconnect,
};
