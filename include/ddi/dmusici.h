/* SPDX-License-Identifier: MIT */
/*
 * dmusici.h - of Microsoft's performance-layer header only the class id of the wave sink, which lives there.
 *
 * Source: spec/ddi-user.md 1.1.
 */
#ifndef DDI_DMUSICI_H
#define DDI_DMUSICI_H

#include "dmusicc.h"

DEFINE_GUID(CLSID_DirectMusicSynthSink, 0xaec17ce3, 0xa514, 0x11d1, 0xaf, 0xa6, 0x00, 0xaa, 0x00, 0x24, 0xd8, 0xb6);

#endif
