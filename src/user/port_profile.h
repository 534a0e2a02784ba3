/* SPDX-License-Identifier: MIT */
/*
 * port_profile.h - the two profiles as the DDI sees them: limits, defaults, caps.
 *
 * native: measured (spec/native-behaviour.md 14..20, 25). studio: limits of the
 * engine; 48 kHz, 256 voices, reverb and chorus unless the host says otherwise.
 */
#ifndef DMUS_USER_PORT_PROFILE_H
#define DMUS_USER_PORT_PROFILE_H

#include <stdbool.h>

#include "ddi.h"

/* What a port was opened with; a DMUS_PORTPARAMS without its size and mask. */
struct port_params {
    DWORD voices, groups, channels, rate, effects, features;
};

struct port_profile {
    DWORD voices_max, groups_max, rate_min, rate_max, effects; /* effects it can do */
    struct port_params defaults;
    LONG volume[2]; /* items 0 and 1 of the Volume property, 1/100 dB */
    DWORD caps_flags;
    const char *description;
    bool dither;
};

extern const struct port_profile port_profiles[2]; /* by DMUS_PROFILE_* */

/* Open's rules: take what *request asks for (NULL: nothing), within the limits, and defaults for the rest, into *out; write
 * all back to *request as far as its dwSize reaches. S_FALSE if something asked for was altered. E_INVALIDARG: dwSize. */
HRESULT port_negotiate(const struct port_profile *profile, DMUS_PORTPARAMS *request, struct port_params *out);

#endif
