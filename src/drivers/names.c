/* SPDX-License-Identifier: MIT */
#define INITGUID
#include "names.h"

#include <portcls.h>

#include <dmusprop.h>
#include <ksmedia.h>

#include "dmus/idmusks.h"
#include "kernel/wdm/guid_text.h"

#define NAMED(name) {&name, #name}

static const struct {
    const GUID *guid;
    const char *name;
} guids[] = {
    NAMED(KSCATEGORY_AUDIO),
    NAMED(KSCATEGORY_RENDER),
    NAMED(KSCATEGORY_CAPTURE),
    NAMED(KSCATEGORY_DATATRANSFORM),
    NAMED(KSCATEGORY_TOPOLOGY),
    NAMED(KSCATEGORY_WDMAUD_USE_PIN_NAME),
    NAMED(KSNODETYPE_SYNTHESIZER), /* KSCATEGORY_SYNTHESIZER is the same */
    NAMED(KSNODETYPE_DMSYNTH),
    NAMED(KSNODETYPE_DMSYNTH_CAPS),
    NAMED(KSNODETYPE_SWSYNTH),
    NAMED(KSNODETYPE_SWMIDI),
    NAMED(KSAUDFNAME_MIDI),
    NAMED(KSAUDFNAME_DMUSIC_MPU_OUT),
    NAMED(KSAUDFNAME_DMUSIC_MPU_IN),
    NAMED(KSDATAFORMAT_TYPE_MUSIC),
    NAMED(KSDATAFORMAT_TYPE_AUDIO),
    NAMED(KSDATAFORMAT_SUBTYPE_DIRECTMUSIC),
    NAMED(KSDATAFORMAT_SUBTYPE_MIDI),
    NAMED(KSDATAFORMAT_SUBTYPE_MIDI_BUS),
    NAMED(KSDATAFORMAT_SUBTYPE_RIFFMIDI),
    NAMED(KSDATAFORMAT_SUBTYPE_PCM),
    NAMED(KSMUSIC_TECHNOLOGY_PORT),
    NAMED(KSMUSIC_TECHNOLOGY_SQSYNTH),
    NAMED(KSMUSIC_TECHNOLOGY_FMSYNTH),
    NAMED(KSMUSIC_TECHNOLOGY_WAVETABLE),
    NAMED(KSMUSIC_TECHNOLOGY_SWSYNTH),
    NAMED(KSPROPSETID_Pin),
    NAMED(KSPROPSETID_Topology),
    NAMED(KSPROPSETID_Connection),
    NAMED(KSPROPSETID_Stream),
    NAMED(KSPROPSETID_Clock),
    NAMED(KSPROPSETID_Synth),
    NAMED(KSPROPSETID_Synth_Dls),
    NAMED(KSPROPSETID_SynthClock),
    NAMED(KSPROPSETID_OpenDMusSynth),
    NAMED(GUID_DMUS_PROP_GM_Hardware),
    NAMED(GUID_DMUS_PROP_GS_Hardware),
    NAMED(GUID_DMUS_PROP_XG_Hardware),
    NAMED(GUID_DMUS_PROP_GS_Capable),
    NAMED(GUID_DMUS_PROP_XG_Capable),
    NAMED(GUID_DMUS_PROP_DLS1),
    NAMED(GUID_DMUS_PROP_DLS2),
    NAMED(GUID_DMUS_PROP_INSTRUMENT2),
    NAMED(GUID_DMUS_PROP_MemorySize),
    NAMED(GUID_DMUS_PROP_SamplePlaybackRate),
    NAMED(GUID_DMUS_PROP_WriteLatency),
    NAMED(GUID_DMUS_PROP_WritePeriod),
    NAMED(GUID_DMUS_PROP_Effects),
    NAMED(GUID_DMUS_PROP_WavesReverb),
    NAMED(GUID_DMUS_PROP_LegacyCaps),
};

const char *names_guid_digits(const GUID *guid, char text[NAMES_GUID_TEXT])
{
    _Static_assert(NAMES_GUID_TEXT == GUID_TEXT + 1, "room for the digits");
    return guid_text(guid, text);
}

const char *names_guid(const GUID *guid, char text[NAMES_GUID_TEXT])
{
    if (!guid)
        return "";
    for (size_t i = 0; i < ARRAYSIZE(guids); i++)
        if (IsEqualGUID(guids[i].guid, guid))
            return guids[i].name;
    return names_guid_digits(guid, text);
}

static const char *const synth_items[] = {"VOLUME",        "VOLUMEBOOST",   "CAPS",         "PORTPARAMETERS",
                                          "CHANNELGROUPS", "VOICEPRIORITY", "LATENCYCLOCK", "RUNNINGSTATS"};
static const char *const dls_items[] = {"DOWNLOAD", "UNLOAD", "COMPACT", "APPEND", "WAVEFORMAT"};
static const char *const clock_items[] = {"MASTERCLOCK"};
static const char *const own_items[] = {"CONFIG", "REPORT", "MISSING", "SILENT", "INSTANCE", "REFUSAL"};

const char *names_property(const GUID *set, ULONG id)
{
    static const struct {
        const GUID *set;
        const char *const *items;
        ULONG count;
    } sets[] = {{&KSPROPSETID_Synth, synth_items, ARRAYSIZE(synth_items)},
                {&KSPROPSETID_Synth_Dls, dls_items, ARRAYSIZE(dls_items)},
                {&KSPROPSETID_SynthClock, clock_items, ARRAYSIZE(clock_items)},
                {&KSPROPSETID_OpenDMusSynth, own_items, ARRAYSIZE(own_items)}};
    for (size_t i = 0; i < ARRAYSIZE(sets); i++)
        if (IsEqualGUID(sets[i].set, set))
            return id < sets[i].count ? sets[i].items[id] : NULL;
    return NULL;
}

#undef NAMED
#define NAMED(name) {name, #name}

const char *names_status(NTSTATUS status)
{
    static const struct {
        NTSTATUS status;
        const char *name;
    } all[] = {
        NAMED(STATUS_SUCCESS), NAMED(STATUS_TIMEOUT), NAMED(STATUS_PENDING), NAMED(STATUS_MORE_ENTRIES),
        NAMED(STATUS_NOT_ALL_ASSIGNED), NAMED(STATUS_BUFFER_OVERFLOW), NAMED(STATUS_NO_MORE_ENTRIES),
        NAMED(STATUS_UNSUCCESSFUL), NAMED(STATUS_NOT_IMPLEMENTED), NAMED(STATUS_INVALID_INFO_CLASS),
        NAMED(STATUS_INFO_LENGTH_MISMATCH), NAMED(STATUS_ACCESS_VIOLATION), NAMED(STATUS_INVALID_HANDLE),
        NAMED(STATUS_INVALID_PARAMETER), NAMED(STATUS_NO_SUCH_DEVICE), NAMED(STATUS_INVALID_DEVICE_REQUEST),
        NAMED(STATUS_END_OF_FILE), NAMED(STATUS_MORE_PROCESSING_REQUIRED), NAMED(STATUS_NO_MEMORY),
        NAMED(STATUS_ACCESS_DENIED), NAMED(STATUS_BUFFER_TOO_SMALL), NAMED(STATUS_OBJECT_TYPE_MISMATCH),
        NAMED(STATUS_OBJECT_NAME_INVALID), NAMED(STATUS_OBJECT_NAME_NOT_FOUND), NAMED(STATUS_OBJECT_NAME_COLLISION),
        NAMED(STATUS_DATA_ERROR), NAMED(STATUS_MUTANT_NOT_OWNED), NAMED(STATUS_DELETE_PENDING),
        NAMED(STATUS_INTEGER_OVERFLOW), NAMED(STATUS_INSUFFICIENT_RESOURCES), NAMED(STATUS_DEVICE_DATA_ERROR),
        NAMED(STATUS_DEVICE_NOT_CONNECTED), NAMED(STATUS_DEVICE_NOT_READY), NAMED(STATUS_IO_TIMEOUT),
        NAMED(STATUS_NOT_SUPPORTED), NAMED(STATUS_INTERNAL_ERROR), NAMED(STATUS_INVALID_PARAMETER_1),
        NAMED(STATUS_INVALID_PARAMETER_2), NAMED(STATUS_INVALID_PARAMETER_3), NAMED(STATUS_INVALID_PARAMETER_4),
        NAMED(STATUS_INVALID_PARAMETER_5), NAMED(STATUS_NAME_TOO_LONG), NAMED(STATUS_CANCELLED),
        NAMED(STATUS_CANNOT_DELETE), NAMED(STATUS_KEY_DELETED), NAMED(STATUS_DEVICE_CONFIGURATION_ERROR),
        NAMED(STATUS_INVALID_DEVICE_STATE), NAMED(STATUS_IO_DEVICE_ERROR), NAMED(STATUS_INVALID_BUFFER_SIZE),
        NAMED(STATUS_NOT_FOUND), NAMED(STATUS_NO_MATCH), NAMED(STATUS_DEVICE_BUSY), NAMED(STATUS_DEVICE_REMOVED),
        NAMED(STATUS_INVALID_LEVEL), NAMED(STATUS_POWER_STATE_INVALID),
    };
    for (size_t i = 0; i < ARRAYSIZE(all); i++)
        if (all[i].status == status)
            return all[i].name;
    return NULL;
}
