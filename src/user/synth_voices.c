/* SPDX-License-Identifier: MIT */
#include "synth_impl.h"

/* The methods that IDirectMusicSynth8 adds. Nobody has documented what they do; dmus/ddi.h says what they do here. */

/* The stream position of TIME by the sink's conversion, and what time line it is of; the sink is foreign: no lock is held. */
static HRESULT sample_of(struct synth_object *synth, REFERENCE_TIME time, LONGLONG *sample, uint32_t *time_line)
{
    IDirectMusicSynthSink *sink;
    HRESULT hr = synth_take_sink(synth, &sink, time_line);
    if (FAILED(hr))
        return hr;
    hr = IDirectMusicSynthSink_RefTimeToSample(sink, time, sample);
    IDirectMusicSynthSink_Release(sink);
    return FAILED(hr) ? hr : S_OK;
}

static HRESULT voice_status(enum synth_status status)
{
    return status == SYNTH_NOT_FOUND ? DMUS_E_NOT_DOWNLOADED_TO_PORT : synth_status_to_hresult(status);
}

HRESULT STDMETHODCALLTYPE synth_PlayVoice(IDirectMusicSynth8 *iface, REFERENCE_TIME start, DWORD voice, DWORD group,
                                          DWORD channel, DWORD download, LONG pitch, LONG volume, SAMPLE_TIME voice_start,
                                          SAMPLE_TIME loop_start, SAMPLE_TIME loop_end)
{
    struct synth_object *synth = impl_from_IDirectMusicSynth8(iface);
    const struct synth_voice wanted = {.id = voice,
                                       .group = group,
                                       .channel = channel,
                                       .download_id = download,
                                       .pitch_cents = pitch,
                                       .volume_cb10 = volume,
                                       .start = voice_start,
                                       .loop_start = loop_start,
                                       .loop_end = loop_end};
    LONGLONG sample;
    uint32_t time_line;
    HRESULT hr = sample_of(synth, start, &sample, &time_line);
    if (FAILED(hr))
        return hr;
    os_mutex_lock(&synth->lock);
    hr = synth_check_time_line(synth, time_line);
    if (SUCCEEDED(hr))
        hr = voice_status(synth_play_voice(synth->engine, sample, &wanted));
    synth_unlock_and_call_back(synth);
    return hr;
}

HRESULT STDMETHODCALLTYPE synth_StopVoice(IDirectMusicSynth8 *iface, REFERENCE_TIME time, DWORD voice)
{
    struct synth_object *synth = impl_from_IDirectMusicSynth8(iface);
    LONGLONG sample;
    uint32_t time_line;
    HRESULT hr = sample_of(synth, time, &sample, &time_line);
    if (FAILED(hr))
        return hr;
    os_mutex_lock(&synth->lock);
    hr = synth_check_time_line(synth, time_line);
    if (SUCCEEDED(hr))
        hr = voice_status(synth_stop_voice(synth->engine, sample, voice));
    synth_unlock_and_call_back(synth);
    return hr;
}

HRESULT STDMETHODCALLTYPE synth_GetVoiceState(IDirectMusicSynth8 *iface, DWORD voices[], DWORD count,
                                              DMUS_VOICE_STATE states[])
{
    struct synth_object *synth = impl_from_IDirectMusicSynth8(iface);
    if (count && (!voices || !states))
        return E_POINTER;
    os_mutex_lock(&synth->lock);
    bool open = synth->engine != NULL;
    for (DWORD i = 0; open && i < count; i++) {
        uint64_t position = 0;
        bool exists = synth_voice_position(synth->engine, voices[i], &position);
        states[i] = (DMUS_VOICE_STATE){.bExists = exists, .spPosition = exists ? position : 0};
    }
    synth_unlock_and_call_back(synth);
    return open ? S_OK : DMUS_E_SYNTHNOTCONFIGURED;
}

HRESULT STDMETHODCALLTYPE synth_Refresh(IDirectMusicSynth8 *iface, DWORD download, DWORD flags)
{
    struct synth_object *synth = impl_from_IDirectMusicSynth8(iface);
    if (flags & ~(DWORD)REFRESH_F_LASTBUFFER)
        return E_INVALIDARG;
    os_mutex_lock(&synth->lock);
    HRESULT hr = DMUS_E_SYNTHNOTCONFIGURED;
    if (synth->engine)
        hr = voice_status(synth_refresh(synth->engine, download, (flags & REFRESH_F_LASTBUFFER) != 0));
    synth_unlock_and_call_back(synth);
    return hr;
}

HRESULT STDMETHODCALLTYPE synth_AssignChannelToBuses(IDirectMusicSynth8 *iface, DWORD group, DWORD channel, DWORD *buses,
                                                     DWORD count)
{
    struct synth_object *synth = impl_from_IDirectMusicSynth8(iface);
    uint32_t ids[SYNTH_BUSES_MAX];
    if (count && !buses)
        return E_POINTER;
    if (count > SYNTH_BUSES_MAX)
        return E_INVALIDARG;
    for (DWORD i = 0; i < count; i++)
        ids[i] = buses[i];
    os_mutex_lock(&synth->lock);
    HRESULT hr = DMUS_E_SYNTHNOTCONFIGURED;
    if (synth->engine)
        hr = synth_status_to_hresult(synth_assign_buses(synth->engine, group, channel, ids, count));
    os_mutex_unlock(&synth->lock);
    return hr;
}
