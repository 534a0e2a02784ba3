/* SPDX-License-Identifier: MIT */
/* Every GUID of the kernel-mode headers against its text in spec/ddi-kernel.md 3 and 5. */
#define INITGUID
#include <portcls.h>

#include <stdlib.h>

#include "tap.h"

static int seen;

static void check_text(const char *name, const GUID *guid, const char *text)
{
    char got[40];
    snprintf(got, sizeof got, "%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x", (unsigned)guid->Data1, guid->Data2,
             guid->Data3, guid->Data4[0], guid->Data4[1], guid->Data4[2], guid->Data4[3], guid->Data4[4], guid->Data4[5],
             guid->Data4[6], guid->Data4[7]);
    if (!CHECK(strcmp(got, text) == 0))
        printf("#   %s is %s, want %s\n", name, got, text);
    seen++;
}

static void test_text(void)
{
#define GUID_ROW(name, text) check_text(#name, &name, text);
#include "kernel_guids.h"
    CHECK_EQ(seen, 100);
}

/* The numbers for initialisers are those of the constants. */
static void test_static(void)
{
    static const GUID midi = {STATICGUIDOF(KSDATAFORMAT_SUBTYPE_MIDI)};
    static const GUID directmusic = {STATICGUIDOF(KSDATAFORMAT_SUBTYPE_DIRECTMUSIC)};
    static const GUID null = {STATICGUIDOF(GUID_NULL)};
    CHECK(IsEqualGUIDAligned(&midi, &KSDATAFORMAT_SUBTYPE_MIDI));
    CHECK(IsEqualGUIDAligned(&directmusic, &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC));
    CHECK(IsEqualGUIDAligned(&null, &GUID_NULL));
    CHECK(IsEqualGUIDAligned(&KSPROPSETID_Synth, &GUID_DMUS_PROP_Volume)); /* one set under two names */
}

int main(void)
{
    RUN(test_text);
    RUN(test_static);
    return tap_done();
}
