/* SPDX-License-Identifier: MIT */
/* ALSA: a thread of our own that writes a period whenever there is room for one. */
#include "alsa_common.h"
#include "alsa_format.h"
#include "base/clock.h"
#include "device.h"
#include "outputs.h"

#define RATE       48000u
#define PERIOD     480u
#define PERIODS    4u
#define PRIORITY   60
#define WAIT_MS    100
#define SMOOTH     32 /* periods */
#define WAITS_MAX  30 /* 3 s without progress: the device is dead */

struct alsa_device {
    struct device device;
    snd_pcm_t *pcm;
    struct alsa_format format;
    uint32_t period, buffer;
    pthread_t thread;
    atomic_bool quit;
    int64_t dry_100ns;   /* when what was written will have been played */
    int64_t heard_100ns; /* when the next frame is heard, smoothed */
    int32_t told;        /* how often the delay was told since the stream began anew, up to SMOOTH */
};

static const struct device_driver driver;

/* ---- on the thread ---- */

/* Negative: what cannot be mended here. */
static int recover(struct alsa_device *alsa, int error, uint32_t *lost)
{
    if (error != -EPIPE)
        return error;
    device_count_xrun(&alsa->device);
    alsa->told = 0;
    int64_t late = clock_now_100ns() - alsa->dry_100ns;
    if (late > 0 && late < 60 * CLOCK_100NS_PER_SECOND)
        *lost += (uint32_t)(late * alsa->device.info.sample_rate / CLOCK_100NS_PER_SECOND);
    return snd_pcm_prepare(alsa->pcm);
}

/* Plug-ins tell a delay that is off by milliseconds to either side, and periods come in bursts; frames leave at an even pace. */
static int64_t smooth(struct alsa_device *alsa, int64_t heard_100ns)
{
    int64_t off = heard_100ns - alsa->heard_100ns;
    if (alsa->told == 0 || off > CLOCK_100NS_PER_SECOND / 5 || off < -CLOCK_100NS_PER_SECOND / 5) {
        alsa->told = 1;
        alsa->heard_100ns = heard_100ns;
    } else {
        alsa->told += alsa->told < SMOOTH;
        alsa->heard_100ns += off / alsa->told;
    }
    int64_t now = alsa->heard_100ns;
    alsa->heard_100ns += (int64_t)alsa->period * CLOCK_100NS_PER_SECOND / alsa->device.info.sample_rate;
    return now;
}

static int write_period(struct alsa_device *alsa, uint32_t *lost)
{
    struct device *device = &alsa->device;
    snd_pcm_sframes_t delay = 0;
    const uint32_t rate = device->info.sample_rate;
    if (snd_pcm_delay(alsa->pcm, &delay) < 0 || delay < 0)
        delay = 0;
    struct device_beat beat = {.asked_100ns = clock_now_100ns(), .lost = *lost};
    int64_t latency = (smooth(alsa, beat.asked_100ns + delay * CLOCK_100NS_PER_SECOND / rate) - beat.asked_100ns) * rate;
    device_set_latency(device, latency > 0 ? (uint32_t)(latency / CLOCK_100NS_PER_SECOND) : 0);
    alsa->dry_100ns = beat.asked_100ns + (delay + (int64_t)alsa->period) * CLOCK_100NS_PER_SECOND / rate;
    *lost = 0;
    device_pull(device, device->scratch, alsa->period, &beat);
    const char *frames = alsa_format_convert(&alsa->format, device->scratch, alsa->period, device->source.float_samples);
    for (uint32_t done = 0; done < alsa->period;) {
        snd_pcm_sframes_t n = snd_pcm_writei(alsa->pcm, frames + (size_t)done * alsa->format.frame_bytes, alsa->period - done);
        if (n == -EAGAIN)
            n = 0;
        if (n < 0)
            return (int)n;
        done += (uint32_t)n;
        if (done < alsa->period && snd_pcm_wait(alsa->pcm, WAIT_MS * WAITS_MAX) == 0)
            return -ETIMEDOUT;
    }
    return 0;
}

/* Wait for room and fill it. */
static int turn(struct alsa_device *alsa, uint32_t *waits, uint32_t *lost)
{
    snd_pcm_sframes_t room = snd_pcm_avail_update(alsa->pcm);
    if (room < 0)
        return (int)room;
    if (room < (snd_pcm_sframes_t)alsa->period) {
        if (snd_pcm_state(alsa->pcm) == SND_PCM_STATE_PREPARED)
            return snd_pcm_start(alsa->pcm);
        int ready = snd_pcm_wait(alsa->pcm, WAIT_MS);
        *waits = ready == 0 ? *waits + 1 : 0;
        return ready < 0 ? ready : *waits > WAITS_MAX ? -ETIMEDOUT : 0;
    }
    return write_period(alsa, lost);
}

static const char *reason_text(int error)
{
    switch (error) {
    case -ENODEV: return "the device was unplugged";
    case -ESTRPIPE: return "the system was suspended";
    case -ETIMEDOUT: return "the device takes no more sound";
    case -EBADFD:
    case -EIO: return "the device or its server is gone";
    }
    return "the device failed";
}

static void *run(void *arg)
{
    struct alsa_device *alsa = arg;
    struct realtime_grant grant;
    uint32_t waits = 0, lost = 0;
    int error = 0;
    realtime_ask(PRIORITY, &grant);
    device_set_grant(&alsa->device, &grant);
    while (!atomic_load(&alsa->quit) && error == 0) {
        error = turn(alsa, &waits, &lost);
        if (error < 0)
            error = recover(alsa, error, &lost);
    }
    if (error < 0)
        device_lost(&alsa->device, reason_text(error));
    return NULL;
}

/* ---- connecting ---- */

static void alsa_disconnect(struct device *device)
{
    struct alsa_device *alsa = (struct alsa_device *)device;
    snd_pcm_close(alsa->pcm);
    alsa->pcm = NULL;
    alsa_format_end(&alsa->format);
}

/* Nothing but what the hardware does by itself first; if it does not do what was asked for, what the library makes of it. */
static int set_rate(snd_pcm_t *pcm, snd_pcm_hw_params_t *hw, uint32_t wanted, unsigned *rate)
{
    int error = 0;
    *rate = wanted ? wanted : RATE;
    for (unsigned resample = 0; resample < 2; resample++) {
        snd_pcm_hw_params_set_rate_resample(pcm, hw, resample);
        error = wanted ? snd_pcm_hw_params_set_rate(pcm, hw, wanted, 0) : snd_pcm_hw_params_set_rate_near(pcm, hw, rate, NULL);
        if (error == 0)
            break;
    }
    return error;
}

static int set_hardware(struct alsa_device *alsa, unsigned *rate)
{
    const struct audio_config *config = &alsa->device.config;
    snd_pcm_uframes_t period = config->period_frames ? config->period_frames : PERIOD;
    unsigned periods = config->periods ? config->periods : PERIODS;
    snd_pcm_uframes_t buffer;
    snd_pcm_hw_params_t *hw;
    int error = snd_pcm_hw_params_malloc(&hw);
    if (error < 0)
        return error;
    error = snd_pcm_hw_params_any(alsa->pcm, hw);
    error = error < 0 ? error : snd_pcm_hw_params_set_access(alsa->pcm, hw, SND_PCM_ACCESS_RW_INTERLEAVED);
    error = error < 0 ? error : set_rate(alsa->pcm, hw, config->sample_rate, rate);
    error = error < 0 ? error : alsa_format_choose(&alsa->format, alsa->pcm, hw, config->channels);
    error = error < 0 ? error : snd_pcm_hw_params_set_period_size_near(alsa->pcm, hw, &period, NULL);
    buffer = period * (periods < 2 ? 2 : periods);
    error = error < 0 ? error : snd_pcm_hw_params_set_buffer_size_near(alsa->pcm, hw, &buffer);
    error = error < 0 ? error : snd_pcm_hw_params(alsa->pcm, hw);
    snd_pcm_hw_params_free(hw);
    alsa->period = (uint32_t)(period < DEVICE_PULL_MAX ? period : DEVICE_PULL_MAX);
    alsa->buffer = (uint32_t)buffer;
    return error < 0 ? error : 0;
}

static int set_software(struct alsa_device *alsa)
{
    snd_pcm_sw_params_t *sw;
    int error = snd_pcm_sw_params_malloc(&sw);
    if (error < 0)
        return error;
    error = snd_pcm_sw_params_current(alsa->pcm, sw);
    snd_pcm_uframes_t whole = alsa->buffer / alsa->period * alsa->period;
    error = error < 0 ? error : snd_pcm_sw_params_set_start_threshold(alsa->pcm, sw, whole);
    error = error < 0 ? error : snd_pcm_sw_params_set_avail_min(alsa->pcm, sw, alsa->period);
    error = error < 0 ? error : snd_pcm_sw_params(alsa->pcm, sw);
    snd_pcm_sw_params_free(sw);
    return error;
}

static enum dm_status alsa_connect(struct device *device, struct audio_info *info, struct dm_error *err)
{
    struct alsa_device *alsa = (struct alsa_device *)device;
    const char *name = device->config.device ? device->config.device : "default";
    unsigned rate = 0;
    enum dm_status status = alsa_common_begin(err);
    if (status != DM_OK)
        return status;
    int error = snd_pcm_open(&alsa->pcm, name, SND_PCM_STREAM_PLAYBACK, SND_PCM_NONBLOCK);
    if (error < 0)
        return dm_fail(err, DM_ERR_DEVICE, "ALSA: %s: %s", name, snd_strerror(error));
    error = set_hardware(alsa, &rate);
    if (error == 0)
        error = set_software(alsa);
    if (error == 0 && !alsa_format_begin(&alsa->format, DEVICE_PULL_MAX))
        error = -ENOMEM;
    if (error < 0) {
        alsa_disconnect(device);
        return dm_fail(err, error == -ENOMEM ? DM_ERR_NOMEM : DM_ERR_DEVICE, "ALSA: %s does not take %lu channels at %lu Hz: %s",
                       name, (unsigned long)device->config.channels, (unsigned long)device->config.sample_rate,
                       snd_strerror(error));
    }
    info->sample_rate = rate;
    info->channels = device->config.channels;
    info->format = alsa->format.told;
    info->period_frames = alsa->period;
    info->buffer_frames = alsa->buffer;
    snprintf(info->device, sizeof info->device, "%s", name);
    return DM_OK;
}

static enum dm_status alsa_run(struct device *device, struct dm_error *err)
{
    struct alsa_device *alsa = (struct alsa_device *)device;
    int error = snd_pcm_prepare(alsa->pcm);
    if (error < 0)
        return dm_fail(err, DM_ERR_DEVICE, "ALSA: %s", snd_strerror(error));
    alsa->told = 0;
    atomic_store(&alsa->quit, false);
    return pthread_create(&alsa->thread, NULL, run, alsa) ? dm_fail(err, DM_ERR_NOMEM, "ALSA: no thread") : DM_OK;
}

static void alsa_halt(struct device *device)
{
    struct alsa_device *alsa = (struct alsa_device *)device;
    atomic_store(&alsa->quit, true);
    pthread_join(alsa->thread, NULL);
    snd_pcm_drop(alsa->pcm);
}

/* ---- the table's side ---- */

static enum dm_status alsa_open(const struct audio_config *config, struct audio_output **out, struct dm_error *err)
{
    return device_open(&driver, config, out, err);
}

static enum dm_status alsa_list(audio_device_fn *each, void *ctx, struct dm_error *err)
{
    void **hints;
    enum dm_status status = alsa_common_begin(err);
    if (status != DM_OK)
        return status;
    int error = snd_device_name_hint(-1, "pcm", &hints);
    if (error < 0)
        return dm_fail(err, DM_ERR_DEVICE, "ALSA: %s", snd_strerror(error));
    for (void **hint = hints; *hint; hint++) {
        char *name = snd_device_name_get_hint(*hint, "NAME"), *text = snd_device_name_get_hint(*hint, "DESC");
        char *direction = snd_device_name_get_hint(*hint, "IOID");
        if (text && strchr(text, '\n'))
            *strchr(text, '\n') = 0;
        if (name && strcmp(name, "null") && (!direction || strcmp(direction, "Output") == 0))
            each(ctx, &(struct audio_device){name, text ? text : name, strcmp(name, "default") == 0});
        free(name);
        free(text);
        free(direction);
    }
    snd_device_name_free_hint(hints);
    return DM_OK;
}

const struct audio_output_ops audio_alsa = {
    .name = "alsa",
    .description = "ALSA",
    .open = alsa_open,
    .list = alsa_list,
    DEVICE_OPS,
};

static const struct device_driver driver = {
    "ALSA", &audio_alsa, sizeof(struct alsa_device), alsa_connect, alsa_run, alsa_halt, alsa_disconnect,
};
