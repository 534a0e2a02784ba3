/* SPDX-License-Identifier: MIT */
#include "hresult.h"

#include "user/ddi.h"

static const struct {
    HRESULT hr;
    const char *text;
} texts[] = {
    {E_OUTOFMEMORY, "out of memory"},
    {E_INVALIDARG, "invalid argument"},
    {E_POINTER, "no place for the result"},
    {E_NOTIMPL, "not implemented"},
    {E_NOINTERFACE, "no such interface"},
    {E_UNEXPECTED, "unexpected call"},
    {E_FAIL, "failed"},
    {CLASS_E_CLASSNOTAVAILABLE, "no such class"},
    {DMUS_E_UNKNOWN_PROPERTY, "unknown property"},
    {DMUS_E_NOTMONO, "the wave is not mono"},
    {DMUS_E_BADARTICULATION, "the articulation is invalid"},
    {DMUS_E_BADINSTRUMENT, "the instrument is invalid"},
    {DMUS_E_BADWAVELINK, "a region plays a wave that is not there"},
    {DMUS_E_NOARTICULATION, "no articulation"},
    {DMUS_E_NOTPCM, "the wave is not PCM"},
    {DMUS_E_BADWAVE, "the wave is invalid"},
    {DMUS_E_BADOFFSETTABLE, "the offset table is invalid"},
    {DMUS_E_UNKNOWNDOWNLOAD, "unknown kind of download"},
    {DMUS_E_NOSYNTHSINK, "no sink attached"},
    {DMUS_E_ALREADYOPEN, "already open"},
    {DMUS_E_SYNTHNOTCONFIGURED, "not configured"},
    {DMUS_E_SYNTHACTIVE, "not while active"},
    {DMUS_E_SYNTHINACTIVE, "not active"},
    {DMUS_E_NO_MASTER_CLOCK, "no master clock"},
};

const char *hresult_text(int32_t hr)
{
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].hr == (HRESULT)hr)
            return texts[i].text;
    return "unknown failure";
}
