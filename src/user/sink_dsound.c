/* SPDX-License-Identifier: MIT */
#include "sink_impl.h"

#ifdef _WIN32

#include "audio/dsound_ring.h"

#define RING_SECONDS 2u /* native-behaviour.md 79 */

void sink_keep_dsound(struct sink_object *sink, IDirectSound *dsound, IDirectSoundBuffer *buffer)
{
    if (dsound)
        IDirectSound_AddRef(dsound);
    if (buffer)
        IDirectSoundBuffer_AddRef(buffer);
    if (sink->dsound_buffer)
        IDirectSoundBuffer_Release(sink->dsound_buffer);
    if (sink->dsound)
        IDirectSound_Release(sink->dsound);
    sink->dsound = dsound;
    sink->dsound_buffer = buffer;
}

HRESULT sink_check_dsound_buffer(IDirectSoundBuffer *buffer, const WAVEFORMATEX *format)
{
    DWORD bytes = RING_SECONDS * 2 * format->nChannels * format->nSamplesPerSec;
    switch (dsound_check_buffer(buffer, format->nSamplesPerSec, format->nChannels, bytes)) {
    case DSOUND_WRONG_FORMAT: return DMUS_E_WAVEFORMATNOTSUPPORTED;
    case DSOUND_WRONG_BUFFER: return DMUS_E_INVALIDBUFFER;
    case DSOUND_FITS: break;
    }
    return S_OK;
}

HRESULT sink_open_dsound(struct sink_object *sink, const WAVEFORMATEX *format, struct audio_output **out)
{
    struct audio_config config = {
        .sample_rate = format->nSamplesPerSec, .channels = format->nChannels, .format = SAMPLE_S16};
    *out = NULL;
    if (!sink->dsound && !sink->dsound_buffer)
        return S_OK;
    HRESULT hr = sink->dsound_buffer ? sink_check_dsound_buffer(sink->dsound_buffer, format) : S_OK;
    if (FAILED(hr))
        return hr;
    enum dm_status status = dsound_ring_open(sink->dsound, sink->dsound_buffer, &config, out, NULL);
    return status == DM_OK ? S_OK : status == DM_ERR_NOMEM ? E_OUTOFMEMORY : E_FAIL;
}

#else

void sink_keep_dsound(struct sink_object *sink, IDirectSound *dsound, IDirectSoundBuffer *buffer)
{
    sink->dsound = dsound;
    sink->dsound_buffer = buffer;
}

HRESULT sink_check_dsound_buffer(IDirectSoundBuffer *buffer, const WAVEFORMATEX *format)
{
    (void)buffer, (void)format;
    return S_OK;
}

HRESULT sink_open_dsound(struct sink_object *sink, const WAVEFORMATEX *format, struct audio_output **out)
{
    (void)sink, (void)format;
    *out = NULL;
    return S_OK;
}

#endif
