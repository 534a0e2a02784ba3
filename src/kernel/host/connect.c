/* SPDX-License-Identifier: MIT */
/* KSPIN_CONNECTs of the two kinds of format. */
#include <string.h>

#include <ksmedia.h>

#include "host_impl.h"
#include "kernel/wdm/pcm_format.h"

static KSPIN_CONNECT connect_to(uint32_t pin)
{
    KSPIN_CONNECT connect;
    memset(&connect, 0, sizeof connect);
    connect.Interface.Set = KSINTERFACESETID_Standard;
    connect.Interface.Id = KSINTERFACE_STANDARD_STREAMING;
    connect.Medium.Set = KSMEDIUMSETID_Standard;
    connect.Medium.Id = KSMEDIUM_STANDARD_DEVIO;
    connect.PinId = pin;
    connect.Priority.PriorityClass = 0x40000000; /* normal */
    connect.Priority.PrioritySubClass = 1;
    return connect;
}

uint32_t host_connect_music(void *bytes, uint32_t pin, const GUID *subformat)
{
    KSPIN_CONNECT connect = connect_to(pin);
    KSDATAFORMAT format;
    memset(&format, 0, sizeof format);
    format.FormatSize = sizeof format;
    format.MajorFormat = KSDATAFORMAT_TYPE_MUSIC;
    format.SubFormat = *subformat;
    format.Specifier = KSDATAFORMAT_SPECIFIER_NONE;
    memcpy(bytes, &connect, sizeof connect);
    memcpy((char *)bytes + sizeof connect, &format, sizeof format);
    return sizeof connect + sizeof format;
}

uint32_t host_connect_wave(void *bytes, uint32_t pin, uint32_t rate, uint32_t channels, uint32_t bits)
{
    _Static_assert(sizeof(KSPIN_CONNECT) + sizeof(KSDATAFORMAT_WAVEFORMATEX) <= HOST_CONNECT_MAX, "room for either");
    KSPIN_CONNECT connect = connect_to(pin);
    const KSDATAFORMAT_WAVEFORMATEX format = pcm_format(rate, channels, bits);
    memcpy(bytes, &connect, sizeof connect);
    memcpy((char *)bytes + sizeof connect, &format, sizeof format);
    return sizeof connect + sizeof format;
}
