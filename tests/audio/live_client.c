/* SPDX-License-Identifier: MIT */
/*
 * live_client.c - the sink on a device, for check_devices.py.
 *
 *     live_client song DEVICE SECONDS REFERENCE   the song of live_stage.h; REFERENCE gets the same, rendered offline (raw f32)
 *                                                 (GO=1: it begins with the first byte of standard input)
 *     live_client keys DEVICE MIDI SECONDS        the clicking instrument, played by a MIDI input
 *
 * Environment: Z, C: period and count; MARK=1: a call to the system before and after each pull, for strace to find.
 * Standard output: "key value" lines, and "state RUN TEXT" whenever that changes.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "audio/midi_input.h"
#include "base/clock.h"
#include "base/log.h"
#include "live_stage.h"

#define MARK_BEGIN 424242
#define MARK_END   434343

/* ---- a device between two marks ---- */

static struct audio_output *real;
static struct audio_source real_source;
static struct audio_output_ops marked_ops;
static struct audio_output marked = {&marked_ops};

static void marked_pull(void *ctx, void *frames, uint32_t count, const struct audio_moment *moment)
{
    (void)ctx;
    syscall(SYS_getpgid, MARK_BEGIN);
    real_source.pull(real_source.ctx, frames, count, moment);
    syscall(SYS_getpgid, MARK_END);
}

static enum dm_status marked_start(struct audio_output *out, const struct audio_source *source, struct dm_error *err)
{
    (void)out;
    real_source = *source;
    return real->ops->start(real, &(struct audio_source){marked_pull, NULL, source->float_samples}, err);
}

static void marked_stop(struct audio_output *out)
{
    (void)out;
    real->ops->stop(real);
}

static void marked_info(struct audio_output *out, struct audio_info *info)
{
    (void)out;
    real->ops->info(real, info);
}

static void marked_state(struct audio_output *out, struct audio_state *state)
{
    (void)out;
    real->ops->state(real, state);
}

/* ---- the song: how far the conversions are from the truth that the device tells ---- */

struct truth {
    struct stage *stage;
    double sum_us[2], worst_us; /* of the first and second half of the song, by pulls */
    uint32_t pulls[2];
    int64_t half;
};

static void compare_clocks(void *ctx, const DMUS_SINKMOMENT *moment)
{
    struct truth *truth = ctx;
    REFERENCE_TIME told;
    if (moment->llPosition < 4800) /* the first 0.1 s */
        return;
    IDirectMusicSynthSink_SampleToRefTime(truth->stage->sink, moment->llPosition, &told);
    double off_us = (double)(told - moment->llHeard) / 10; /* the master clock is the system's */
    int which = moment->llPosition >= truth->half;
    truth->sum_us[which] += off_us;
    truth->pulls[which]++;
    truth->worst_us = fabs(off_us) > truth->worst_us ? fabs(off_us) : truth->worst_us;
}

/* ---- keys ---- */

struct keys {
    struct midi_input *midi;
    struct stage *stage;
    struct audio_info info;
    uint32_t played, gone, late;
};

/* Each message sounds one period after its own frame: then every message of a period is here before its frame is rendered. */
static void feed(void *ctx, const DMUS_SINKMOMENT *moment)
{
    struct keys *keys = ctx;
    struct midi_message message;
    while (midi_input_peek(keys->midi, &message)) {
        LONGLONG at = moment->llPosition;
        if (message.frame_clock != AUDIO_FRAMES_OWN && message.frame_clock == keys->info.frame_clock)
            at += message.frame - moment->llFrame + keys->info.period_frames;
        else
            at += llrint((double)(message.time_100ns - moment->llAsked) * keys->info.sample_rate / 1e7) + keys->info.period_frames;
        keys->late += at < moment->llPosition;
        if (message.kind == MIDI_BYTES && message.size <= 3)
            keys->played += keys->stage->live->lpVtbl->Post(keys->stage->live, at, 1, message.bytes, message.size) == S_OK;
        keys->gone += message.kind == MIDI_GONE;
        midi_input_drop(keys->midi);
    }
}

/* ---- both ---- */

static volatile sig_atomic_t ended;
static void end(int signal)
{
    (void)signal;
    ended = 1;
}

static void tell_state(struct audio_output *out, struct audio_state *before)
{
    static const char *const runs[] = {"stopped", "running", "lost", "failed"};
    struct audio_state now;
    out->ops->state(out, &now);
    if (now.run != before->run || strcmp(now.text, before->text)) {
        printf("state %s %s\n", runs[now.run], now.text);
        fflush(stdout);
    }
    *before = now;
}

/* The largest distance between the latency clock and the master clock, and whether the former ever ran back. */
struct clocks {
    IReferenceClock *latency;
    REFERENCE_TIME last, lead_min, lead_max;
    bool back;
};

static void watch_clocks(struct stage *stage, struct clocks *clocks)
{
    REFERENCE_TIME master, latency;
    if (FAILED(IReferenceClock_GetTime(stage->clock, &master)) || FAILED(IReferenceClock_GetTime(clocks->latency, &latency)))
        return;
    clocks->back |= latency < clocks->last;
    clocks->last = latency;
    clocks->lead_min = latency - master < clocks->lead_min ? latency - master : clocks->lead_min;
    clocks->lead_max = latency - master > clocks->lead_max ? latency - master : clocks->lead_max;
}

/* Until the stream has come to FRAMES, the time is over, or a signal came. */
static void wait_for(struct stage *stage, struct audio_output *out, LONGLONG frames, double seconds)
{
    struct audio_state state = {0};
    struct clocks clocks = {.lead_min = INT64_MAX};
    int64_t until = clock_now_100ns() + (int64_t)(seconds * 1e7);
    LONGLONG position = 0;
    IDirectMusicSynth_GetLatencyClock(stage->synth, &clocks.latency);
    while (!ended && position < frames && clock_now_100ns() < until) {
        tell_state(out, &state);
        watch_clocks(stage, &clocks);
        clock_sleep_until_100ns(clock_now_100ns() + 50000);
        stage->sink_control->lpVtbl->GetPosition(stage->sink_control, &position);
    }
    IReferenceClock_Release(clocks.latency);
    DMUS_SINKREPORT report = {.dwSize = sizeof report};
    stage->sink_control->lpVtbl->GetReport(stage->sink_control, &report);
    tell_state(out, &state);
    printf("position %lld\nxruns %u\nlost_servers %u\nlatency_frames %u\nschedule %d\npriority %d\nunderruns %u\nresyncs %u\n"
           "lead_us %u\nlead_min_us %lld\nlead_max_us %lld\nclock_ran_back %d\n",
           (long long)position, (unsigned)state.xruns, (unsigned)state.lost_servers, (unsigned)state.latency_frames,
           (int)state.schedule, state.priority, (unsigned)report.dwUnderruns, (unsigned)report.dwResyncs,
           (unsigned)report.dwLead, (long long)clocks.lead_min / 10, (long long)clocks.lead_max / 10, clocks.back);
}

static bool write_reference(const char *path, const float *samples, uint64_t frames)
{
    FILE *file = fopen(path, "wb");
    bool ok = file && fwrite(samples, 2 * sizeof *samples, frames, file) == frames;
    return file && fclose(file) == 0 && ok;
}

static int fail(const char *what, const struct dm_error *err)
{
    fprintf(stderr, "%s: %s\n", what, err->text);
    return 3;
}

static int song(struct audio_output *out, struct audio_info *info, double seconds, const char *path)
{
    struct stage stage;
    struct truth truth = {.stage = &stage, .half = (int64_t)(seconds / 2 * info->sample_rate)};
    REFERENCE_TIME start;
    uint64_t frames = (uint64_t)((seconds + 1) * info->sample_rate);
    float *reference = stage_reference(info->sample_rate, seconds, frames);
    bool written = write_reference(path, reference, frames);
    free(reference);
    if (!written || !stage_open(&stage, out, info->sample_rate, false, compare_clocks, &truth) ||
        FAILED(IDirectMusicSynthSink_SampleToRefTime(stage.sink, 0, &start)) ||
        !stage_play(stage.synth, start, info->sample_rate, seconds))
        return 1;
    printf("ready %s\n", info->device);
    fflush(stdout);
    if (getenv("GO"))
        (void)getchar(); /* until those who listen are connected */
    if (FAILED(stage.sink_control->lpVtbl->SetHold(stage.sink_control, FALSE)))
        return 1;
    printf("playing %u\n", (unsigned)info->sample_rate);
    fflush(stdout);
    wait_for(&stage, out, (LONGLONG)frames + info->sample_rate / 2, seconds * 2 + 20);
    stage_close(&stage);
    printf("clock_off_us %.1f\nclock_off_late_us %.1f\nclock_off_worst_us %.1f\n", truth.sum_us[0] / truth.pulls[0],
           truth.sum_us[1] / truth.pulls[1], truth.worst_us);
    return 0;
}

static int keys(struct audio_output *out, struct audio_info *info, const char *input, double seconds)
{
    struct stage stage;
    struct keys keys = {.stage = &stage, .info = *info};
    struct dm_error err = {0};
    struct midi_state state;
    struct midi_config config = {.connect = getenv("CONNECT")};
    if (midi_input_open(input, &config, &keys.midi, &err) != DM_OK)
        return fail(input, &err);
    if (!stage_open(&stage, out, info->sample_rate, true, feed, &keys) ||
        FAILED(stage.sink_control->lpVtbl->SetHold(stage.sink_control, FALSE)))
        return 1;
    midi_input_state(keys.midi, &state);
    printf("port %s\nplaying %u\nperiod %u\n", state.port, (unsigned)info->sample_rate, (unsigned)info->period_frames);
    fflush(stdout);
    wait_for(&stage, out, INT64_MAX, seconds);
    stage_close(&stage);
    midi_input_state(keys.midi, &state);
    printf("played %u\nmessages %llu\nlost %u\ngone %u\nlate %u\n", (unsigned)keys.played, (unsigned long long)state.messages,
           (unsigned)state.lost, (unsigned)keys.gone, (unsigned)keys.late);
    midi_input_close(keys.midi);
    return 0;
}

static uint32_t number(const char *name)
{
    const char *text = getenv(name);
    return text ? (uint32_t)strtoul(text, NULL, 10) : 0;
}

int main(int argc, char **argv)
{
    struct audio_config config = {.channels = 2, .period_frames = number("Z"), .periods = number("C"), .sample_rate = number("RATE")};
    struct dm_error err = {0};
    struct audio_info info;
    struct audio_output *out;
    if (argc < 5)
        return 2;
    signal(SIGTERM, end);
    log_set(LOG_INFO, log_to_stdio, stderr);
    if (audio_device_open(argv[2], &config, &out, &err) != DM_OK)
        return fail(argv[2], &err);
    out->ops->info(out, &info);
    real = out;
    marked_ops = *out->ops;
    marked_ops.start = marked_start;
    marked_ops.stop = marked_stop;
    marked_ops.info = marked_info;
    marked_ops.state = marked_state;
    struct audio_output *used = getenv("MARK") ? &marked : out;
    int code = strcmp(argv[1], "song") == 0 ? song(used, &info, atof(argv[3]), argv[4])
                                            : keys(used, &info, argv[3], atof(argv[4]));
    out->ops->close(out, false, NULL);
    return code;
}
