/* SPDX-License-Identifier: MIT */
/*
 * IKsControl::KsProperty of both objects, open and closed. Input, repeated: choice (bits 0-5 the set, 63 is 16 raw bytes that
 * follow; bit 6 the sink), id, flags (16 bits), request size, data size, then the data. Buffers have exactly the sizes
 * that are told. The one property whose value is a pointer, SetSynthSink, gets one that its first byte chooses: a foreign pointer
 * is the caller's word.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "user/user.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const GUID *const sets[] = {
    &GUID_DMUS_PROP_GM_Hardware,     &GUID_DMUS_PROP_GS_Hardware,      &GUID_DMUS_PROP_XG_Hardware,
    &GUID_DMUS_PROP_GS_Capable,      &GUID_DMUS_PROP_XG_Capable,       &GUID_DMUS_PROP_DLS1,
    &GUID_DMUS_PROP_DLS2,            &GUID_DMUS_PROP_INSTRUMENT2,      &GUID_DMUS_PROP_SampleMemorySize,
    &GUID_DMUS_PROP_SamplePlaybackRate, &GUID_DMUS_PROP_Effects,       &GUID_DMUS_PROP_WavesReverb,
    &GUID_DMUS_PROP_Volume,          &GUID_DMUS_PROP_SinkUsesDSound,   &GUID_DMUS_PROP_SynthSink_DSOUND,
    &GUID_DMUS_PROP_SynthSink_WAVE,  &GUID_DMUS_PROP_WritePeriod,      &GUID_DMUS_PROP_WriteLatency,
    &GUID_DMUS_PROP_LegacyCaps,      &GUID_DMUS_PROP_SetSynthSink,
};

static IDirectMusicSynth *synth;
static IKsControl *controls[2];

static void need(int ok)
{
    if (!ok)
        abort();
}

static void *copy_of(const uint8_t *data, size_t size)
{
    void *copy = malloc(size ? size : 1);
    need(copy != NULL);
    memcpy(copy, data, size);
    return copy;
}

static void choose_object(void *buffer, ULONG cb_data)
{
    IUnknown *objects[3] = {NULL, (IUnknown *)controls[0], (IUnknown *)controls[1]};
    if (cb_data >= sizeof objects[0]) {
        IUnknown *object = objects[*(const uint8_t *)buffer % 3];
        memcpy(buffer, &object, sizeof object);
    }
}

static void one_request(IKsControl *control, const GUID *set, const uint8_t *head, const uint8_t *data, ULONG cb_data)
{
    KSPROPERTY property = {0};
    ULONG returned = 0xAAAAAAAA, cb_property = head[3] < sizeof property ? head[3] : sizeof property;
    property.Set = *set;
    property.Id = head[0];
    property.Flags = load_le16(head + 1);
    uint8_t raw[sizeof property];
    memcpy(raw, &property, sizeof raw);
    KSPROPERTY *request = copy_of(raw, cb_property);
    void *buffer = head[3] & 0x80 ? NULL : copy_of(data, cb_data);
    if (buffer && memcmp(set, &GUID_DMUS_PROP_SetSynthSink, sizeof *set) == 0)
        choose_object(buffer, cb_data);
    HRESULT hr = IKsControl_KsProperty(control, request, cb_property, buffer, cb_data, &returned);
    need(returned != 0xAAAAAAAA);
    need(hr != S_OK || property.Flags != KSPROPERTY_TYPE_GET || (buffer && returned > 0 && returned <= cb_data));
    need(hr != E_NOTIMPL || (property.Flags != KSPROPERTY_TYPE_GET && property.Flags != KSPROPERTY_TYPE_SET));
    need(hr == S_OK || FAILED(hr));
    free(request);
    free(buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const CLSID *const classes[] = {&CLSID_DirectMusicSynth, &CLSID_DirectMusicSynthSink};
    if (!synth) {
        for (int i = 0; i < 2; i++)
            need(user_create_instance(classes[i], NULL, &IID_IKsControl, (void **)&controls[i]) == S_OK);
        need(IKsControl_QueryInterface(controls[0], &IID_IDirectMusicSynth, (void **)&synth) == S_OK);
    }
    if (size && (data[0] & 0x80))
        need(IDirectMusicSynth_Open(synth, NULL) == S_OK);
    for (size_t at = 0; at + 6 <= size;) {
        const uint8_t *head = data + at;
        GUID raw;
        const GUID *set = sets[(head[0] & 63) % (sizeof sets / sizeof sets[0])];
        ULONG cb_data = head[5];
        at += 6;
        if ((head[0] & 63) == 63 && at + 16 <= size) {
            memcpy(&raw, data + at, 16);
            set = &raw;
            at += 16;
        }
        if (cb_data > size - at)
            cb_data = (ULONG)(size - at);
        one_request(controls[head[0] >> 6 & 1], set, head + 1, data + at, cb_data);
        at += cb_data;
    }
    IDirectMusicSynth_Close(synth);
    need(IDirectMusicSynth_SetSynthSink(synth, NULL) == S_OK);
    return 0;
}
