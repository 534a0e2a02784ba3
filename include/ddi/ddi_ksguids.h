/* SPDX-License-Identifier: MIT */
/*
 * ddi_ksguids.h - the GUIDs of ks.h: property sets, interfaces, media, the format specifier of nothing.
 *
 * Source: spec/ddi-kernel.md 5.
 */
#ifndef DDI_KSGUIDS_H
#define DDI_KSGUIDS_H

#include "ddi_guidstruct.h"

#define STATIC_KSPROPSETID_Pin \
    0x8c134960, 0x51ad, 0x11cf, {0x87, 0x8a, 0x94, 0xf8, 0x01, 0xc1, 0x00, 0x00}
DEFINE_GUIDSTRUCT("8c134960-51ad-11cf-878a-94f801c10000", KSPROPSETID_Pin);
#define STATIC_KSPROPSETID_Topology \
    0x720d4ac0, 0x7533, 0x11d0, {0xa5, 0xd6, 0x28, 0xdb, 0x04, 0xc1, 0x00, 0x00}
DEFINE_GUIDSTRUCT("720d4ac0-7533-11d0-a5d6-28db04c10000", KSPROPSETID_Topology);
#define STATIC_KSPROPSETID_Connection \
    0x1d58c920, 0xac9b, 0x11cf, {0xa5, 0xd6, 0x28, 0xdb, 0x04, 0xc1, 0x00, 0x00}
DEFINE_GUIDSTRUCT("1d58c920-ac9b-11cf-a5d6-28db04c10000", KSPROPSETID_Connection);
#define STATIC_KSPROPSETID_Stream \
    0x65aaba60, 0x98ae, 0x11cf, {0xa1, 0x0d, 0x00, 0x20, 0xaf, 0xd1, 0x56, 0xe4}
DEFINE_GUIDSTRUCT("65aaba60-98ae-11cf-a10d-0020afd156e4", KSPROPSETID_Stream);
#define STATIC_KSPROPSETID_Clock \
    0xdf12a4c0, 0xac17, 0x11cf, {0xa5, 0xd6, 0x28, 0xdb, 0x04, 0xc1, 0x00, 0x00}
DEFINE_GUIDSTRUCT("df12a4c0-ac17-11cf-a5d6-28db04c10000", KSPROPSETID_Clock);
#define STATIC_KSINTERFACESETID_Standard \
    0x1a8766a0, 0x62ce, 0x11cf, {0xa5, 0xd6, 0x28, 0xdb, 0x04, 0xc1, 0x00, 0x00}
DEFINE_GUIDSTRUCT("1a8766a0-62ce-11cf-a5d6-28db04c10000", KSINTERFACESETID_Standard);
#define STATIC_KSMEDIUMSETID_Standard \
    0x4747b320, 0x62ce, 0x11cf, {0xa5, 0xd6, 0x28, 0xdb, 0x04, 0xc1, 0x00, 0x00}
DEFINE_GUIDSTRUCT("4747b320-62ce-11cf-a5d6-28db04c10000", KSMEDIUMSETID_Standard);
#define STATIC_KSDATAFORMAT_SPECIFIER_NONE \
    0x0f6417d6, 0xc318, 0x11d0, {0xa4, 0x3f, 0x00, 0xa0, 0xc9, 0x22, 0x31, 0x96}
DEFINE_GUIDSTRUCT("0f6417d6-c318-11d0-a43f-00a0c9223196", KSDATAFORMAT_SPECIFIER_NONE);
#define STATIC_KSCATEGORY_DATATRANSFORM \
    0x2eb07ea0, 0x7e70, 0x11d0, {0xa5, 0xd6, 0x28, 0xdb, 0x04, 0xc1, 0x00, 0x00}
DEFINE_GUIDSTRUCT("2eb07ea0-7e70-11d0-a5d6-28db04c10000", KSCATEGORY_DATATRANSFORM);

#endif
