/* SPDX-License-Identifier: MIT */
/* dsound_host.h - a host with DirectSound: synth, sink, device and clocks, up to Activate. Windows. */
#ifndef DMUS_TESTS_WINE_DSOUND_HOST_H
#define DMUS_TESTS_WINE_DSOUND_HOST_H

#include <stdlib.h>

#include "client.h"
#include <dsound.h>

struct dsound_host {
    IDirectSound *device;
    IDirectMusicSynth *synth;
    IDirectMusicSynthSink *sink;
    IDmusSinkControl *control;
    IReferenceClock *latency;
    struct client_clock master;
};

/* Up to Open, with the profile's own format and no reverb. False where there is no device. */
static inline bool host_open(struct dsound_host *host, bool with_device)
{
    DMUS_PORTPARAMS params = {.dwSize = sizeof params, .dwValidParams = DMUS_PORTPARAMS_EFFECTS};
    client_clock_init(&host->master, NULL);
    if (with_device && FAILED(DirectSoundCreate(NULL, &host->device, NULL)))
        return false;
    if (with_device)
        CHECK_EQ(IDirectSound_SetCooperativeLevel(host->device, GetDesktopWindow(), DSSCL_PRIORITY), S_OK);
    CHECK_EQ(client_create(&CLSID_DirectMusicSynth, &IID_IDirectMusicSynth, &host->synth), S_OK);
    CHECK_EQ(client_create(&CLSID_DirectMusicSynthSink, &IID_IDirectMusicSynthSink, &host->sink), S_OK);
    if (!host->synth || !host->sink)
        exit(1);
    CHECK_EQ(IDirectMusicSynthSink_QueryInterface(host->sink, &IID_IDmusSinkControl, (void **)&host->control), S_OK);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(host->synth, host->sink), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(host->sink, &host->master.iface), S_OK);
    CHECK_EQ(IDirectMusicSynth_Open(host->synth, &params), S_OK);
    CHECK_EQ(IDirectMusicSynth_GetLatencyClock(host->synth, &host->latency), S_OK);
    return true;
}

static inline void host_close(struct dsound_host *host)
{
    CHECK_EQ(IDirectMusicSynth_Close(host->synth), S_OK);
    IReferenceClock_Release(host->latency);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(host->synth, NULL), S_OK);
    host->control->lpVtbl->Release(host->control);
    CHECK_EQ(IDirectMusicSynthSink_Release(host->sink), 0);
    CHECK_EQ(IDirectMusicSynth_Release(host->synth), 0);
    CHECK_EQ(host->master.refs, 1);
    if (host->device)
        CHECK_EQ(IDirectSound_Release(host->device), 0);
}

static inline DMUS_SINKREPORT host_report(struct dsound_host *host)
{
    DMUS_SINKREPORT report = {.dwSize = sizeof report};
    CHECK_EQ(host->control->lpVtbl->GetReport(host->control, &report), S_OK);
    return report;
}

static inline IDirectSoundBuffer *host_buffer(struct dsound_host *host, DWORD rate, WORD channels, DWORD bytes)
{
    WAVEFORMATEX format = {.wFormatTag = WAVE_FORMAT_PCM,
                           .nChannels = channels,
                           .nSamplesPerSec = rate,
                           .nAvgBytesPerSec = rate * channels * 2,
                           .nBlockAlign = (WORD)(channels * 2),
                           .wBitsPerSample = 16};
    DSBUFFERDESC desc = {.dwSize = sizeof desc,
                         .dwFlags = DSBCAPS_GETCURRENTPOSITION2 | DSBCAPS_GLOBALFOCUS,
                         .dwBufferBytes = bytes,
                         .lpwfxFormat = &format};
    IDirectSoundBuffer *buffer = NULL;
    CHECK_EQ(IDirectSound_CreateSoundBuffer(host->device, &desc, &buffer, NULL), S_OK);
    return buffer;
}

#endif
