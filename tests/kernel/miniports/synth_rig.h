/* SPDX-License-Identifier: MIT */
/*
 * synth_rig.h - the software synth's miniport between the engine's own allocator and clock, without a port driver: the test is
 * the port.
 */
#ifndef DMUS_TESTS_KERNEL_SYNTH_RIG_H
#define DMUS_TESTS_KERNEL_SYNTH_RIG_H

#ifndef CONST_VTABLE
#define CONST_VTABLE
#endif

#include "kernel/mxf/mxf_rig.h"
#include "kernel/miniports/swsynth.h"
#include "tap.h"
#include "user/images.h"

/* Requests that were completed late. */
static PPCPROPERTY_REQUEST completed[16];
static NTSTATUS completed_status[16];
static unsigned completed_count;

NTSTATUS NTAPI PcCompletePendingPropertyRequest(PPCPROPERTY_REQUEST request, NTSTATUS status)
{
    if (completed_count < 16) {
        completed[completed_count] = request;
        completed_status[completed_count] = status;
    }
    completed_count++;
    return STATUS_SUCCESS;
}

/* A port that has no registry. */
static NTSTATUS STDMETHODCALLTYPE no_key(IPortDMus *port, PREGISTRYKEY *out, PUNKNOWN outer, ULONG type, ACCESS_MASK access,
                                         POBJECT_ATTRIBUTES attributes, ULONG options, PULONG disposition)
{
    (void)port, (void)outer, (void)type, (void)access, (void)attributes, (void)options, (void)disposition;
    *out = NULL;
    return STATUS_UNSUCCESSFUL;
}

static const IPortDMusVtbl port_vtbl = {.NewRegistryKey = no_key};
static IPortDMus port_stub = {&port_vtbl};

struct stage {
    struct rig rig;
    IMiniportDMus *miniport;
    const PCFILTER_DESCRIPTOR *filter;
    size_t idle_blocks; /* of pool, before the miniport */
};

static inline void stage_open(struct stage *stage)
{
    PUNKNOWN unknown = NULL;
    PSERVICEGROUP group = (PSERVICEGROUP)1;
    rig_open(&stage->rig, WDM_VIRTUAL, NULL);
    stage->idle_blocks = wdm_pool_live(stage->rig.machine);
    completed_count = 0;
    CHECK_EQ(swsynth_miniport_create(&unknown), STATUS_SUCCESS);
    CHECK_EQ(unknown->lpVtbl->QueryInterface(unknown, &IID_IMiniportDMus, (void **)&stage->miniport), STATUS_SUCCESS);
    unknown->lpVtbl->Release(unknown);
    CHECK_EQ(stage->miniport->lpVtbl->Init(stage->miniport, NULL, NULL, &port_stub, &group), STATUS_SUCCESS);
    CHECK(group == NULL);
    CHECK_EQ(stage->miniport->lpVtbl->GetDescription(stage->miniport, (PPCFILTER_DESCRIPTOR *)(void *)&stage->filter),
             STATUS_SUCCESS);
}

/* All streams are released. */
static inline void stage_close(struct stage *stage)
{
    CHECK_EQ(stage->miniport->lpVtbl->Release(stage->miniport), 0);
    CHECK_EQ(wdm_pool_live(stage->rig.machine), stage->idle_blocks);
    rig_close(&stage->rig, 0);
}

static inline NTSTATUS new_stream(struct stage *stage, ULONG pin, const void *format, PMXF *out)
{
    PSERVICEGROUP group = NULL;
    ULONGLONG prefetch = 1;
    NTSTATUS status = stage->miniport->lpVtbl->NewStream(
        stage->miniport, out, NULL, NonPagedPool, pin, pin == SWSYNTH_PIN_WAVE ? DMUS_STREAM_WAVE_SINK : DMUS_STREAM_MIDI_RENDER,
        (PKSDATAFORMAT)(uintptr_t)format, &group, stage->rig.allocator, stage->rig.clock, &prefetch);
    CHECK(!NT_SUCCESS(status) || prefetch == DONT_HOLD_FOR_SEQUENCING);
    CHECK(group == NULL);
    return status;
}

static inline PMXF open_midi(struct stage *stage)
{
    PMXF stream = NULL;
    CHECK_EQ(new_stream(stage, SWSYNTH_PIN_DIRECTMUSIC, NULL, &stream), STATUS_SUCCESS);
    return stream;
}

static inline KSDATAFORMAT_WAVEFORMATEX wave_format(ULONG rate, WORD channels)
{
    KSDATAFORMAT_WAVEFORMATEX format;
    memset(&format, 0, sizeof format);
    format.DataFormat.FormatSize = sizeof format;
    format.DataFormat.MajorFormat = KSDATAFORMAT_TYPE_AUDIO;
    format.DataFormat.SubFormat = KSDATAFORMAT_SUBTYPE_PCM;
    format.DataFormat.Specifier = KSDATAFORMAT_SPECIFIER_WAVEFORMATEX;
    format.WaveFormatEx = (WAVEFORMATEX){.wFormatTag = WAVE_FORMAT_PCM,
                                         .nChannels = channels,
                                         .nSamplesPerSec = rate,
                                         .nAvgBytesPerSec = rate * channels * 2,
                                         .nBlockAlign = (WORD)(channels * 2),
                                         .wBitsPerSample = 16};
    return format;
}

static inline ISynthSinkDMus *open_wave(struct stage *stage, ULONG rate, WORD channels)
{
    KSDATAFORMAT_WAVEFORMATEX format = wave_format(rate, channels);
    ISynthSinkDMus *sink = NULL;
    PMXF stream = NULL;
    CHECK_EQ(new_stream(stage, SWSYNTH_PIN_WAVE, &format, &stream), STATUS_SUCCESS);
    if (!stream)
        return NULL;
    CHECK_EQ(stream->lpVtbl->QueryInterface(stream, &IID_ISynthSinkDMus, (void **)&sink), STATUS_SUCCESS);
    CHECK((void *)sink == (void *)stream);
    stream->lpVtbl->Release(stream);
    return sink;
}

/* As the port goes there: one step at a time. */
static inline void set_state(void *stream, KSSTATE from, KSSTATE to)
{
    PMXF mxf = stream;
    while (from != to) {
        from = (KSSTATE)(from < to ? from + 1 : from - 1);
        CHECK_EQ(mxf->lpVtbl->SetState(mxf, from), STATUS_SUCCESS);
    }
}

/* ---- properties ---- */

static inline const PCPROPERTY_ITEM *table_item(const PCAUTOMATION_TABLE *table, ULONG index)
{
    return (const PCPROPERTY_ITEM *)(const void *)((const char *)table->Properties + (size_t)index * table->PropertyItemSize);
}

static inline const PCPROPERTY_ITEM *find_item(const struct stage *stage, const GUID *set, ULONG id)
{
    const PCAUTOMATION_TABLE *table = stage->filter->Nodes[0].AutomationTable;
    for (ULONG i = 0; i < table->PropertyCount; i++)
        if (IsEqualGUID(table_item(table, i)->Set, set) && table_item(table, i)->Id == id)
            return table_item(table, i);
    return NULL;
}

static inline NTSTATUS request(const struct stage *stage, void *stream, const PCPROPERTY_ITEM *item, ULONG verb, const void *instance,
                        ULONG instance_size, void *value, ULONG *size)
{
    PCPROPERTY_REQUEST r = {.MajorTarget = (PUNKNOWN)stage->miniport,
                            .MinorTarget = stream,
                            .PropertyItem = item,
                            .Verb = verb | KSPROPERTY_TYPE_TOPOLOGY,
                            .InstanceSize = instance_size,
                            .Instance = (PVOID)(uintptr_t)instance,
                            .ValueSize = *size,
                            .Value = value};
    NTSTATUS status = item->Handler(&r);
    *size = r.ValueSize;
    return status;
}

static inline NTSTATUS get_property(const struct stage *stage, void *stream, const GUID *set, ULONG id, const void *instance,
                             ULONG instance_size, void *value, ULONG size)
{
    return request(stage, stream, find_item(stage, set, id), KSPROPERTY_TYPE_GET, instance, instance_size, value, &size);
}

static inline NTSTATUS set_property(const struct stage *stage, void *stream, const GUID *set, ULONG id, void *value, ULONG size)
{
    return request(stage, stream, find_item(stage, set, id), KSPROPERTY_TYPE_SET, NULL, 0, value, &size);
}

static inline NTSTATUS port_params(const struct stage *stage, void *stream, ULONG rate, ULONG channels, SYNTH_PORTPARAMS *granted)
{
    SYNTH_PORTPARAMS wanted = {.ValidParams = SYNTH_PORTPARAMS_SAMPLERATE | SYNTH_PORTPARAMS_AUDIOCHANNELS |
                                              SYNTH_PORTPARAMS_VOICES | SYNTH_PORTPARAMS_EFFECTS,
                               .Voices = 16,
                               .AudioChannels = channels,
                               .SampleRate = rate};
    return get_property(stage, stream, &KSPROPSETID_Synth, KSPROPERTY_SYNTH_PORTPARAMETERS, &wanted, sizeof wanted, granted,
                        sizeof *granted);
}

static inline NTSTATUS download(const struct stage *stage, void *stream, const struct image *image, SYNTHDOWNLOAD *out)
{
    SYNTH_BUFFER buffer = {.BufferSize = image->size, .BufferAddress = image->bytes};
    return get_property(stage, stream, &KSPROPSETID_Synth_Dls, KSPROPERTY_SYNTH_DLS_DOWNLOAD, &buffer, sizeof buffer, out,
                        sizeof *out);
}

/* ---- sound ---- */

/* SIZE bytes as one event, as the port hands it down. */
static inline NTSTATUS put(struct stage *stage, PMXF midi, int64_t time, const void *bytes, uint32_t size, uint16_t flags)
{
    PDMUS_KERNEL_EVENT event = rig_event(&stage->rig, time, bytes, size);
    KIRQL irql;
    event->usFlags = flags;
    event->usChannelGroup = 1;
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    NTSTATUS status = midi->lpVtbl->PutMessage(midi, event);
    KeLowerIrql(irql);
    return status;
}

static inline void put3(struct stage *stage, PMXF midi, int64_t time, int status, int a, int b)
{
    uint8_t message[3] = {(uint8_t)status, (uint8_t)a, (uint8_t)b};
    CHECK_EQ(put(stage, midi, time, message, 3, DMUS_KEF_EVENT_COMPLETE), STATUS_SUCCESS);
}

/* A constant wave, so that the first frame that sounds is the first frame of the note. */
static inline void load_instrument(const struct stage *stage, void *midi, struct image images[2], SYNTHDOWNLOAD handles[2])
{
    int16_t samples[200];
    for (int i = 0; i < 200; i++)
        samples[i] = 16000;
    images[0] = image_wave(1, samples, 200, 44100);
    images[1] = image_instrument(&(struct instrument_desc){.id = 2, .wave_id = 1, .unity_note = 60, .loop_length = 200});
    CHECK_EQ(download(stage, midi, &images[0], &handles[0]), STATUS_SUCCESS);
    CHECK_EQ(handles[0].Free, FALSE);
    CHECK_EQ(download(stage, midi, &images[1], &handles[1]), STATUS_SUCCESS);
    CHECK_EQ(handles[1].Free, TRUE);
}

static inline uint32_t first_sound(const int16_t *frames, uint32_t count, uint32_t channels)
{
    for (uint32_t i = 0; i < count * channels; i++)
        if (frames[i] > 8 || frames[i] < -8) /* beyond dither */
            return i / channels;
    return UINT32_MAX;
}

#endif
