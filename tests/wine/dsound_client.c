/* SPDX-License-Identifier: MIT */
/*
 * A host that plays through DirectSound: once through a buffer of the sink's own, once through one that it brings. What it plays
 * is client_tune; check_sound.py records and looks for the notes. Lines "# tune N" tell when.
 */
#include "dsound_host.h"

#define SETTLE 10000000 /* 1 s until PulseAudio has chosen its buffers for the new stream */

static struct dsound_host host;
static struct client_sound sound;

static void test_open(void)
{
    client_start();
    if (!host_open(&host, true)) {
        printf("1..0 # SKIP no DirectSound device\n");
        exit(0);
    }
    client_load(host.synth, &sound);
}

/* native-behaviour.md 80: the latency clock is ahead of the master clock, and never runs back. */
static void watch_until(REFERENCE_TIME end)
{
    REFERENCE_TIME last = 0, now, ahead;
    double most = 0, least = 1e9;
    while ((now = client_now()) < end) {
        CHECK(SUCCEEDED(IReferenceClock_GetTime(host.latency, &ahead)));
        CHECK(ahead >= last && ahead > now);
        most = fmax(most, (double)(ahead - now) / 1e4);
        least = fmin(least, (double)(ahead - now) / 1e4);
        last = ahead;
        client_sleep_ms(3);
    }
    printf("# latency clock %.1f to %.1f ms ahead\n", least, most);
}

static void play(int number)
{
    REFERENCE_TIME before = client_now(), now, after, ahead;
    LONGLONG sample = -1;
    CHECK_EQ(IDirectMusicSynth_Activate(host.synth, TRUE), S_OK);
    now = client_now();
    CHECK_EQ(IDirectMusicSynthSink_RefTimeToSample(host.sink, now, &sample), S_OK);
    CHECK(SUCCEEDED(IReferenceClock_GetTime(host.latency, &ahead)));
    after = client_now();
    /* native-behaviour.md 80: sample 0 lies within the call of Activate, to the grid and to what the device's clock has moved it.
     * Compared with the time that the call took, which on a busy machine is more than the 136 ms of 3000 samples. */
    CHECK(sample >= 0 && sample <= (now - before) * 22050 / 10000000 + 110);
    printf("# tune %d; latency clock %.1f ms ahead at first\n", number, (double)(ahead - now) / 1e4);
    CHECK(ahead > now && ahead - after <= 2000000);
    client_play_tune(host.synth, ahead + SETTLE);
    watch_until(ahead + SETTLE + (int64_t)CLIENT_TUNE_MS * 10000);
    DMUS_SINKREPORT report = host_report(&host);
    printf("# underruns %u (%u for want of a wake-up), resyncs %u, longest wake-up delay %.1f ms, longest fill %.1f ms, lead %.1f ms\n",
           (unsigned)report.dwUnderruns, (unsigned)report.dwUnderrunsLate, (unsigned)report.dwResyncs,
           report.dwWakeMax / 1000.0, report.dwRenderMax / 1000.0, report.dwLead / 1000.0);
    CHECK_EQ(report.dwUnderruns - report.dwUnderrunsLate, 0);
    CHECK_EQ(IDirectMusicSynth_Activate(host.synth, FALSE), S_OK);
    client_sleep_ms(700);
}

static void test_through_a_buffer_of_the_sink(void)
{
    CHECK_EQ(IDirectMusicSynth_Activate(host.synth, TRUE), DMUS_E_SYNTHNOTCONFIGURED); /* DSOUND_NOT_SET, as the synth says it */
    CHECK_EQ(IDirectMusicSynthSink_SetDirectSound(host.sink, host.device, NULL), S_OK);
    play(1);
}

static void test_unfit_buffers_are_refused(void)
{
    IDirectSoundBuffer *buffer = NULL;
    DSBUFFERDESC primary = {.dwSize = sizeof primary, .dwFlags = DSBCAPS_PRIMARYBUFFER};
    DWORD bytes = 0;
    CHECK_EQ(IDirectMusicSynthSink_GetDesiredBufferSize(host.sink, &bytes), S_OK);
    CHECK_EQ(bytes, 22050 * 2 * 4);
    struct {
        IDirectSoundBuffer *buffer;
        HRESULT want;
    } cases[] = {
        {host_buffer(&host, 44100, 2, 2 * bytes), DMUS_E_WAVEFORMATNOTSUPPORTED},
        {host_buffer(&host, 22050, 1, bytes), DMUS_E_WAVEFORMATNOTSUPPORTED},
        {host_buffer(&host, 22050, 2, bytes - 4), DMUS_E_INVALIDBUFFER},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK_EQ(IDirectMusicSynthSink_SetDirectSound(host.sink, host.device, cases[i].buffer), cases[i].want);
        CHECK_EQ(IDirectSoundBuffer_Release(cases[i].buffer), 0);
    }
    CHECK_EQ(IDirectSound_CreateSoundBuffer(host.device, &primary, &buffer, NULL), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_SetDirectSound(host.sink, host.device, buffer), DMUS_E_INVALIDBUFFER);
    IDirectSoundBuffer_Release(buffer);
}

static void test_through_a_buffer_of_the_host(void)
{
    DWORD bytes = 0;
    CHECK_EQ(IDirectMusicSynthSink_GetDesiredBufferSize(host.sink, &bytes), S_OK);
    IDirectSoundBuffer *buffer = host_buffer(&host, 22050, 2, bytes);
    CHECK_EQ(IDirectMusicSynthSink_SetDirectSound(host.sink, host.device, buffer), S_OK);
    play(2);
    CHECK_EQ(IDirectMusicSynthSink_SetDirectSound(host.sink, NULL, NULL), S_OK);
    CHECK_EQ(IDirectSoundBuffer_Release(buffer), 0); /* given back in full */
}

static void test_end(void)
{
    client_unload(host.synth, &sound);
    host_close(&host);
}

int main(void)
{
    RUN(test_open);
    RUN(test_through_a_buffer_of_the_sink);
    RUN(test_unfit_buffers_are_refused);
    RUN(test_through_a_buffer_of_the_host);
    RUN(test_end);
    return tap_done();
}
