/* SPDX-License-Identifier: MIT */
#include "synth_impl.h"

#include "base/alloc.h"
#include "base/bytes.h"

/* The engine is told how many bytes are readable: as many as the image claims, and at least its head, which is checked
 * before the claim is. */
static size_t image_size(const void *data)
{
    uint32_t claimed = load_le32((const uint8_t *)data + offsetof(DMUS_DOWNLOADINFO, cbSize));
    return claimed > sizeof(DMUS_DOWNLOADINFO) ? claimed : sizeof(DMUS_DOWNLOADINFO);
}

HRESULT STDMETHODCALLTYPE synth_Download(IDirectMusicSynth8 *iface, HANDLE *handle, void *data, BOOL *may_free)
{
    struct synth_object *synth = impl_from_IDirectMusicSynth8(iface);
    struct synth_download *download = NULL;
    bool keeps = false;
    if (!handle || !data || !may_free)
        return E_POINTER;
    *handle = NULL;
    *may_free = TRUE;
    struct unload_request *request = dm_calloc(1, sizeof *request);
    os_mutex_lock(&synth->lock);
    HRESULT hr = !synth->engine ? DMUS_E_SYNTHNOTCONFIGURED : !request ? E_OUTOFMEMORY : S_OK;
    if (SUCCEEDED(hr))
        hr = synth_status_to_hresult(synth_download(synth->engine, data, image_size(data), &download, &keeps));
    if (SUCCEEDED(hr)) {
        request->next = synth->spare;
        synth->spare = request;
        *handle = download;
        *may_free = !keeps;
    }
    synth_unlock_and_call_back(synth);
    if (FAILED(hr))
        dm_free(request);
    return hr;
}

HRESULT STDMETHODCALLTYPE synth_Unload(IDirectMusicSynth8 *iface, HANDLE handle, unload_callback callback, HANDLE user)
{
    struct synth_object *synth = impl_from_IDirectMusicSynth8(iface);
    HRESULT hr = S_OK;
    if (os_ending())
        return S_OK;
    os_mutex_lock(&synth->lock);
    struct unload_request *request = synth->spare;
    if (!synth->engine)
        hr = DMUS_E_SYNTHNOTCONFIGURED;
    else if (!handle || !request) /* without a spare request nothing is loaded */
        hr = E_FAIL;
    if (SUCCEEDED(hr)) {
        synth->spare = request->next;
        *request = (struct unload_request){.handle = handle, .user = user, .callback = callback};
        hr = synth_status_to_hresult(synth_unload(synth->engine, handle, request));
        if (SUCCEEDED(hr)) {
            synth->retired++;
        } else {
            request->next = synth->spare;
            synth->spare = request;
        }
    }
    synth_unlock_and_call_back(synth);
    return hr;
}

void synth_collect_finished(struct synth_object *synth)
{
    struct synth_download *download;
    void *tag;
    if (!synth->engine || !synth->retired)
        return;
    struct unload_request **last = &synth->finished;
    while (*last)
        last = &(*last)->next;
    while (synth_collect(synth->engine, &download, &tag)) {
        struct unload_request *request = tag;
        request->next = NULL;
        *last = request;
        last = &request->next;
        synth->retired--;
    }
}

void synth_unlock_and_call_back(struct synth_object *synth)
{
    synth_collect_finished(synth);
    struct unload_request *request = synth->finished;
    synth->finished = NULL;
    os_mutex_unlock(&synth->lock);
    while (request) {
        struct unload_request *next = request->next;
        if (request->callback)
            request->callback(request->handle, request->user); /* its result means nothing */
        dm_free(request);
        request = next;
    }
}

void synth_object_poke(struct synth_object *synth)
{
    if (os_mutex_trylock(&synth->lock))
        synth_unlock_and_call_back(synth);
}
