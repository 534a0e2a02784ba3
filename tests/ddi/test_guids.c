/* SPDX-License-Identifier: MIT */
/* Every GUID of the headers against its 16 bytes in spec/ddi-user.md 1; DEFINE_GUID's rules. */
#define INITGUID
#include <dls2.h>
#include <dmksctrl.h>
#include <dmusici.h>
#include <dmusics.h>
#include <dmusprop.h>

#include <stdlib.h>

#include "tap.h"
#include "test_guids.h"

/* The table's bytes are those of a little-endian machine. */
static void check_bytes(const char *name, const GUID *guid, const uint8_t bytes[16])
{
    GUID want;
    memcpy(&want, bytes, sizeof want);
    want.Data1 = (ULONG)bytes[0] | (ULONG)bytes[1] << 8 | (ULONG)bytes[2] << 16 | (ULONG)bytes[3] << 24;
    want.Data2 = (USHORT)(bytes[4] | bytes[5] << 8);
    want.Data3 = (USHORT)(bytes[6] | bytes[7] << 8);
    if (!CHECK(memcmp(guid, &want, sizeof want) == 0))
        printf("#   %s differs\n", name);
}

static void check_text(const char *name, const GUID *guid, const char *text)
{
    char got[40];
    snprintf(got, sizeof got, "%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x", (unsigned)guid->Data1, guid->Data2,
             guid->Data3, guid->Data4[0], guid->Data4[1], guid->Data4[2], guid->Data4[3], guid->Data4[4], guid->Data4[5],
             guid->Data4[6], guid->Data4[7]);
    if (!CHECK(strcmp(got, text) == 0))
        printf("#   %s is %s, want %s\n", name, got, text);
}

static int guids_seen;

static void test_bytes_and_text(void)
{
#define GUID_ROW(name, text, ...)                               \
    do {                                                        \
        static const uint8_t bytes[16] = {__VA_ARGS__};         \
        check_bytes(#name, &name, bytes);                       \
        check_text(#name, &name, text);                         \
        guids_seen++;                                           \
    } while (0);
#define GUID_ROW_COM  GUID_ROW
#define GUID_ROW_OURS GUID_ROW
#define GUID_ROW_ALIAS(name, other)
#include "guids.h"
#undef GUID_ROW
#undef GUID_ROW_COM
#undef GUID_ROW_OURS
#undef GUID_ROW_ALIAS
    CHECK_EQ(guids_seen, 61); /* 54 rows of 1.1 to 1.3, 7 second names of dls2.h */
}

static void test_aliases(void)
{
#define GUID_ROW(...)
#define GUID_ROW_COM(...)
#define GUID_ROW_OURS(...)
#define GUID_ROW_ALIAS(name, other) CHECK(&name == &other);
#include "guids.h"
}

/* Two units define, one object remains. */
static void test_second_unit_defines_the_same(void)
{
    CHECK(guids_second_unit(0) == &IID_IDirectMusicSynth8);
    CHECK(guids_second_unit(1) == &GUID_DMUS_PROP_Volume);
    CHECK(guids_second_unit(2) == &IID_IKsControl);
}

static void test_equality(void)
{
    GUID copy = IID_IDirectMusicSynth;
    CHECK(IsEqualGUID(&copy, &IID_IDirectMusicSynth));
    CHECK(IsEqualIID(&copy, &IID_IDirectMusicSynth));
    CHECK(IsEqualCLSID(&GUID_DMUS_PROP_MemorySize, &GUID_DMUS_PROP_SampleMemorySize));
    CHECK(IsEqualGUID(&GUID_DMUS_PROP_Volume, &KSPROPSETID_Synth));
    for (int byte = 0; byte < 16; byte++) {
        copy = IID_IDirectMusicSynth;
        ((uint8_t *)&copy)[byte] ^= 1;
        CHECK(!IsEqualGUID(&copy, &IID_IDirectMusicSynth));
    }
    memset(&copy, 0, sizeof copy);
    CHECK(IsEqualGUID(&copy, &GUID_NULL));
}

int main(void)
{
    RUN(test_bytes_and_text);
    RUN(test_aliases);
    RUN(test_second_unit_defines_the_same);
    RUN(test_equality);
    return tap_done();
}
