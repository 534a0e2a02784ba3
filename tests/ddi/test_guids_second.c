/* SPDX-License-Identifier: MIT */
#include <initguid.h>

#include <dmksctrl.h>
#include <dmusics.h>

#include "test_guids.h"

const void *guids_second_unit(int which)
{
    static const void *const guids[] = {&IID_IDirectMusicSynth8, &GUID_DMUS_PROP_Volume, &IID_IKsControl};
    return guids[which];
}
