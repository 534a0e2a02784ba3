/* SPDX-License-Identifier: MIT */
/*
 * A long time with 200 events a second through DirectSound. Usage: soak.exe MINUTES
 *
 * Checked: the latency clock never runs back, as two threads see it, and stays ahead of the master clock; no underrun that our
 * code caused; no event late that was stamped with the latency clock; no note without an instrument. Memory is watched from
 * outside, by soak.py.
 */
#include "dsound_host.h"

#define EVENTS_A_SECOND 200
#define TICK_MS         20 /* 4 events each */
#define LEAST_DELTA     10000 /* no event is stamped with less than the latency clock and this, 100 ns */

static struct dsound_host host;
static struct client_sound sound;
static int64_t duration;
static volatile LONG stop, back_steps, behind, looks;
static unsigned stamps_overtaken; /* stood still between asking the clock and handing over for longer than what was added to it */

static DWORD WINAPI watch(void *unused)
{
    REFERENCE_TIME last = 0, ahead, before;
    (void)unused;
    while (!stop) {
        before = client_now();
        if (FAILED(IReferenceClock_GetTime(host.latency, &ahead)))
            continue;
        InterlockedExchangeAdd(&back_steps, ahead < last);
        InterlockedExchangeAdd(&behind, ahead <= before);
        InterlockedIncrement(&looks);
        last = ahead;
        Sleep(1);
    }
    return 0;
}

static uint32_t random_state = 1;
static unsigned random_below(unsigned limit)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 16) % limit;
}

/* One event out of: note on, its end 200 ms later, volume, expression, modulation, pan, pitch bend. */
static void put_event(struct event_buffer *events, int64_t delta, unsigned n)
{
    static const uint8_t controllers[] = {7, 11, 1, 10};
    unsigned group = 1 + n / 16 % 2, channel = n % 16 == 9 ? 8 : n % 16; /* not the rhythm part */
    if (n % 4 == 3)
        event_midi(events, group, delta, (uint8_t)(0xB0 | channel), controllers[random_below(4)], (uint8_t)random_below(128));
    else if (n % 8 == 6)
        event_midi(events, group, delta, (uint8_t)(0xE0 | channel), 0, (uint8_t)random_below(128));
    else
        event_midi(events, group, delta, (uint8_t)(0x90 | channel), (uint8_t)(36 + n % 48), n / 96 % 2 ? 0 : 64);
}

static void report(const char *when, unsigned events)
{
    DMUS_SINKREPORT sink = host_report(&host);
    printf("# %s: %u events, clock looked at %ld times; underruns %u (%u for want of a wake-up), resyncs %u, longest wake-up delay "
           "%.1f ms, longest fill %.1f ms, lead %.1f ms\n",
           when, events, (long)looks, (unsigned)sink.dwUnderruns, (unsigned)sink.dwUnderrunsLate, (unsigned)sink.dwResyncs,
           sink.dwWakeMax / 1000.0, sink.dwRenderMax / 1000.0, sink.dwLead / 1000.0);
    fflush(stdout);
}

static void test_soak(void)
{
    static struct event_buffer events;
    REFERENCE_TIME ahead;
    unsigned count = 0, minutes = 0;
    CHECK_EQ(IDirectMusicSynthSink_SetDirectSound(host.sink, host.device, NULL), S_OK);
    CHECK_EQ(IDirectMusicSynth_Activate(host.synth, TRUE), S_OK);
    HANDLE thread = CreateThread(NULL, 0, watch, NULL, 0, NULL);
    int64_t start = client_now();
    for (int64_t now = start; now - start < duration; now = client_now()) {
        events.size = 0;
        unsigned due = (unsigned)((now - start) / 10000 * EVENTS_A_SECOND / 1000);
        for (unsigned i = 0; count < due; i++, count++)
            put_event(&events, (int64_t)(i % 50) * 10000 + LEAST_DELTA, count);
        if (events.size) {
            int64_t asked = client_now();
            CHECK(SUCCEEDED(IReferenceClock_GetTime(host.latency, &ahead)));
            CHECK_EQ(IDirectMusicSynth_PlayBuffer(host.synth, ahead, events.bytes, events.size), S_OK);
            stamps_overtaken += client_now() - asked >= LEAST_DELTA;
        }
        if ((now - start) / 600000000 > minutes)
            report("so far", count), minutes++;
        client_sleep_ms(TICK_MS);
    }
    report("at the end", count);
    stop = 1;
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);

    DMUS_SINKREPORT sink = host_report(&host);
    IDmusSynthControl *control = NULL;
    DMUS_SYNTHREPORT synth = {.dwSize = sizeof synth};
    CHECK_EQ(IDirectMusicSynth_QueryInterface(host.synth, &IID_IDmusSynthControl, (void **)&control), S_OK);
    CHECK_EQ(control->lpVtbl->GetReport(control, &synth), S_OK);
    control->lpVtbl->Release(control);
    printf("# %u events late, %u times overtaken by the clock, most voices %u, %lld frames\n", (unsigned)synth.dwEventsLate,
           stamps_overtaken, (unsigned)synth.dwVoicesPeak, (long long)synth.ullFrames);
    CHECK(count >= (unsigned)(duration / 10000000 - 1) * EVENTS_A_SECOND);
    CHECK(looks > duration / 10000 / 20); /* the watcher was awake */
    CHECK_EQ(back_steps, 0);
    CHECK_EQ(behind, 0);
    CHECK_EQ(sink.dwUnderruns - sink.dwUnderrunsLate, 0);
    CHECK(synth.dwEventsLate == 0 || sink.dwUnderruns > 0 || sink.dwResyncs > 0 || stamps_overtaken > 0);
    CHECK_EQ(synth.ullNotesMissing, 0);
    CHECK(synth.dwVoicesPeak >= 8 && synth.dwVoicesPeak <= 64);
    /* Every frame of the time was rendered. */
    CHECK_NEAR((double)synth.ullFrames / 22050, (double)duration / 1e7, 0.5 + sink.dwUnderruns + sink.dwResyncs);
    CHECK_EQ(IDirectMusicSynth_Activate(host.synth, FALSE), S_OK);
}

int main(int argc, char **argv)
{
    duration = (int64_t)((argc == 2 ? atof(argv[1]) : 0) * 600000000);
    if (duration <= 0) {
        printf("Bail out! usage: soak.exe MINUTES\n");
        return 1;
    }
    client_start();
    if (!host_open(&host, true)) {
        printf("1..0 # SKIP no DirectSound device\n");
        return 0;
    }
    client_load(host.synth, &sound);
    RUN(test_soak);
    client_unload(host.synth, &sound);
    host_close(&host);
    return tap_done();
}
