/* SPDX-License-Identifier: MIT */
/* format.h - KSDATAFORMATs and KSDATARANGEs: comparison, and the default intersection. Nothing here calls a driver. */
#ifndef DMUS_KERNEL_PORTCLS_FORMAT_H
#define DMUS_KERNEL_PORTCLS_FORMAT_H

#include <ks.h>
#include <ksmedia.h>
#include <mmreg.h>

#include "kernel/portcls/com.h"

/* Major format, subformat and specifier are equal; GUID_NULL matches all. */
bool format_guids_match(const KSDATAFORMAT *a, const KSDATAFORMAT *b);
/* The WAVEFORMATEX in FORMAT, of which SIZE bytes are there (not aligned), or NULL. */
const WAVEFORMATEX *format_wave(const KSDATAFORMAT *format, size_t size);
/* RANGE as that of a wave pin, or NULL. */
const KSDATARANGE_AUDIO *format_audio_range(const KSDATARANGE *range);

#define FORMAT_INTERSECTION_MAX 96
/* What a port answers when the miniport declines (spec 9.1): PCM, mono or stereo, highest rate, most bits; MUSIC by equal GUIDs.
 * Writes the format to OUT (FORMAT_INTERSECTION_MAX bytes) and its size. STATUS_NO_MATCH. */
NTSTATUS format_intersect(const KSDATARANGE *client, const KSDATARANGE *mine, void *out, ULONG *size);

#endif
