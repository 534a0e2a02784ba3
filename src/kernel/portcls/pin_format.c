/* SPDX-License-Identifier: MIT */
/* What a client asks a pin to be, against what the descriptor offers (spec 8.2, 9.1). */
#include "kernel/portcls/format.h"
#include "kernel/portcls/pin.h"

static bool wild_or_equal(const GUID *a, const GUID *b)
{
    return guid_is(a, b) || guid_is(a, &GUID_NULL) || guid_is(b, &GUID_NULL);
}

bool format_guids_match(const KSDATAFORMAT *a, const KSDATAFORMAT *b)
{
    return wild_or_equal(&a->MajorFormat, &b->MajorFormat) && wild_or_equal(&a->SubFormat, &b->SubFormat) &&
           wild_or_equal(&a->Specifier, &b->Specifier);
}

const WAVEFORMATEX *format_wave(const KSDATAFORMAT *format, size_t size)
{
    if (size < sizeof(KSDATAFORMAT_WAVEFORMATEX) || !guid_is(&format->MajorFormat, &KSDATAFORMAT_TYPE_AUDIO) ||
        !guid_is(&format->Specifier, &KSDATAFORMAT_SPECIFIER_WAVEFORMATEX))
        return NULL;
    return (const WAVEFORMATEX *)(const void *)((const char *)format + sizeof *format);
}

const KSDATARANGE_AUDIO *format_audio_range(const KSDATARANGE *range)
{
    if (range->FormatSize < sizeof(KSDATARANGE_AUDIO) || !guid_is(&range->MajorFormat, &KSDATAFORMAT_TYPE_AUDIO))
        return NULL;
    return (const KSDATARANGE_AUDIO *)(const void *)range;
}

static bool wave_in_range(const WAVEFORMATEX *wave, const KSDATARANGE_AUDIO *range)
{
    WAVEFORMATEX w;
    memcpy(&w, wave, sizeof w); /* packed, and anywhere */
    return w.nChannels >= 1 && w.nChannels <= range->MaximumChannels && w.wBitsPerSample >= range->MinimumBitsPerSample &&
           w.wBitsPerSample <= range->MaximumBitsPerSample && w.nSamplesPerSec >= range->MinimumSampleFrequency &&
           w.nSamplesPerSec <= range->MaximumSampleFrequency && w.wBitsPerSample % 8 == 0 &&
           w.nBlockAlign == w.nChannels * (w.wBitsPerSample / 8);
}

bool pin_format_in_range(const KSDATAFORMAT *format, size_t size, const KSDATARANGE *range)
{
    const KSDATARANGE_AUDIO *audio = format_audio_range(range);
    const WAVEFORMATEX *wave = format_wave(format, size);
    if (guid_is(&format->MajorFormat, &GUID_NULL) || guid_is(&format->SubFormat, &GUID_NULL) ||
        !format_guids_match(format, range))
        return false;
    return !audio || (wave && wave_in_range(wave, audio));
}

static bool standard_interface(const KSPIN_INTERFACE *wanted)
{
    return guid_is(&wanted->Set, &KSINTERFACESETID_Standard) && wanted->Id == KSINTERFACE_STANDARD_STREAMING;
}

/* An empty list is the standard medium; the list of interfaces is ignored (spec 6.6). */
static bool medium_offered(const KSPIN_DESCRIPTOR *pin, const KSPIN_MEDIUM *wanted)
{
    for (ULONG i = 0; i < pin->MediumsCount; i++)
        if (guid_is(&wanted->Set, &pin->Mediums[i].Set) && wanted->Id == pin->Mediums[i].Id)
            return true;
    return pin->MediumsCount == 0 && guid_is(&wanted->Set, &KSMEDIUMSETID_Standard) && wanted->Id == KSMEDIUM_STANDARD_DEVIO;
}

/* Direction and major format decide (spec 8.2). */
static DMUS_STREAM_TYPE stream_type(const KSPIN_DESCRIPTOR *pin, const KSDATAFORMAT *format)
{
    bool music = guid_is(&format->MajorFormat, &KSDATAFORMAT_TYPE_MUSIC);
    if (pin->DataFlow == KSPIN_DATAFLOW_IN)
        return music ? DMUS_STREAM_MIDI_RENDER : DMUS_STREAM_MIDI_INVALID;
    if (music)
        return DMUS_STREAM_MIDI_CAPTURE;
    return guid_is(&format->MajorFormat, &KSDATAFORMAT_TYPE_AUDIO) ? DMUS_STREAM_WAVE_SINK : DMUS_STREAM_MIDI_INVALID;
}

NTSTATUS pin_check_connect(const PCPIN_DESCRIPTOR *descriptor, const KSPIN_CONNECT *connect, const KSDATAFORMAT *format,
                           size_t size, DMUS_STREAM_TYPE *type)
{
    const KSPIN_DESCRIPTOR *pin = &descriptor->KsPinDescriptor;
    if (pin->Communication == KSPIN_COMMUNICATION_NONE || pin->Communication == KSPIN_COMMUNICATION_BRIDGE)
        return STATUS_INVALID_DEVICE_REQUEST;
    if (!standard_interface(&connect->Interface) || !medium_offered(pin, &connect->Medium))
        return STATUS_NO_MATCH;
    *type = stream_type(pin, format);
    if (*type == DMUS_STREAM_MIDI_INVALID)
        return STATUS_NO_MATCH;
    for (ULONG i = 0; i < pin->DataRangesCount; i++)
        if (pin_format_in_range(format, size, pin->DataRanges[i]))
            return STATUS_SUCCESS;
    return STATUS_NO_MATCH;
}
