/* SPDX-License-Identifier: MIT */
/*
 * A game that knows the synth by name alone: dmusic.dll and dmloader.dll of the system make port, collection and instrument, and
 * drive our synth as they see fit. It plays client_tune twice; check_sound.py records and looks for the notes.
 */
#include <stdlib.h>

#include "client.h"
#include <dsound.h>

#define SETTLE 10000000 /* 1 s until PulseAudio has chosen its buffers for the new stream */

static IDirectMusic *music;
static IDirectMusicPort *port;
static IDirectMusicLoader *loader;
static IDirectSound *device;
static IReferenceClock *latency;

static void skip(const char *why)
{
    printf("1..0 # SKIP %s\n", why);
    exit(0);
}

static void test_port(void)
{
    DMUS_PORTPARAMS params = {.dwSize = sizeof params,
                              .dwValidParams = DMUS_PORTPARAMS_CHANNELGROUPS | DMUS_PORTPARAMS_SAMPLERATE | DMUS_PORTPARAMS_EFFECTS,
                              .dwChannelGroups = 2,
                              .dwSampleRate = 22050};
    client_start();
    if (FAILED(DirectSoundCreate(NULL, &device, NULL)))
        skip("no DirectSound device");
    CHECK_EQ(IDirectSound_SetCooperativeLevel(device, GetDesktopWindow(), DSSCL_PRIORITY), S_OK);
    CHECK_EQ(client_create(&CLSID_DirectMusic, &IID_IDirectMusic, &music), S_OK);
    CHECK_EQ(client_create(&CLSID_DirectMusicLoader, &IID_IDirectMusicLoader, &loader), S_OK);
    if (!music || !loader)
        skip("no dmusic.dll, or no dmloader.dll");
    CHECK_EQ(IDirectMusic_SetDirectSound(music, device, NULL), S_OK);
    CHECK_EQ(IDirectMusic_CreatePort(music, &CLSID_DirectMusicSynth, &params, &port, NULL), S_OK);
    if (!port)
        exit(1);
    CHECK_EQ(params.dwSampleRate, 22050);
    CHECK_EQ(IDirectMusicPort_Activate(port, TRUE), S_OK);
    CHECK_EQ(IDirectMusicPort_GetLatencyClock(port, &latency), S_OK);
}

/* ---- a collection: the sound of client.h as the reader of Wine 10.0 knows it, DLS 1 ------------------- */

static uint8_t file[4096];
static uint32_t used;

static void word(uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        file[used++] = (uint8_t)(value >> 8 * i);
}

static void words(const uint32_t *values, int count)
{
    for (int i = 0; i < count; i++)
        word(values[i], 4);
}

static uint32_t begin(const char *id, const char *type)
{
    memcpy(file + used, id, 4);
    used += 8;
    if (type)
        memcpy(file + used, type, 4), used += 4;
    return used - (type ? 4 : 0);
}

static void end(uint32_t start)
{
    uint32_t size = used - start;
    for (int i = 0; i < 4; i++)
        file[start - 4 + (uint32_t)i] = (uint8_t)(size >> 8 * i);
    used += size & 1;
}

static void leaf(const char *id, const uint32_t *values, int count)
{
    uint32_t start = begin(id, NULL);
    words(values, count);
    end(start);
}

#define LEAF(id, ...) leaf(id, (const uint32_t[]){__VA_ARGS__}, (int)(sizeof((const uint32_t[]){__VA_ARGS__}) / 4))

static void put_wave(void)
{
    uint32_t pool = begin("LIST", "wvpl"), wave = begin("LIST", "wave"), chunk = begin("fmt ", NULL);
    words((const uint32_t[]){1 | 1 << 16, SOUND_RATE, SOUND_RATE * 2, 2 | 16 << 16}, 4);
    end(chunk);
    chunk = begin("data", NULL);
    for (unsigned i = 0; i < SOUND_SAMPLES; i++)
        word((uint32_t)(int32_t)(20000.0 * sin(2 * 3.14159265358979 * SOUND_HZ * i / SOUND_RATE)), 2);
    end(chunk);
    end(wave);
    end(pool);
}

/* The articulation is a lar2, which that reader passes over: it sends an instrument without one. */
static void put_collection(void)
{
    uint32_t riff = begin("RIFF", "DLS ");
    LEAF("colh", 1);
    uint32_t instruments = begin("LIST", "lins"), instrument = begin("LIST", "ins ");
    LEAF("insh", 1, 0, 0);
    uint32_t regions = begin("LIST", "lrgn"), region = begin("LIST", "rgn ");
    LEAF("rgnh", 127 << 16, 127 << 16, 0);
    LEAF("wsmp", 20, 60, 0, 0, 1, 16, 0, 0, SOUND_SAMPLES);
    LEAF("wlnk", 0, 1, 0);
    end(region);
    end(regions);
    uint32_t list = begin("LIST", "lar2");
    LEAF("art2", 8, 0);
    end(list);
    end(instrument);
    end(instruments);
    LEAF("ptbl", 8, 1, 0);
    put_wave();
    end(riff);
}

/* In good order: in one process of 16, Wine 8.0 dies at the end of a program that leaves a DirectSound buffer playing. */
static void test_end(void)
{
    CHECK_EQ(IDirectMusicPort_Activate(port, FALSE), S_OK);
    IReferenceClock_Release(latency);
    CHECK_EQ(IDirectMusicPort_Release(port), 0);
    IDirectMusicLoader_Release(loader);
    CHECK_EQ(IDirectMusic_Release(music), 0);
    IDirectSound_Release(device);
}

static void test_instrument(void)
{
    DMUS_OBJECTDESC desc = {.dwSize = sizeof desc,
                            .dwValidData = DMUS_OBJ_CLASS | DMUS_OBJ_FILENAME | DMUS_OBJ_FULLPATH,
                            .guidClass = CLSID_DirectMusicCollection};
    IDirectMusicCollection *collection = NULL;
    IDirectMusicInstrument *instrument = NULL;
    IDirectMusicDownloadedInstrument *downloaded = NULL;
    DWORD written = 0;
    put_collection();
    GetTempPathW(MAX_PATH - 32, desc.wszFileName);
    lstrcatW(desc.wszFileName, L"opendmus port.dls");
    HANDLE out = CreateFileW(desc.wszFileName, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    CHECK(out != INVALID_HANDLE_VALUE && WriteFile(out, file, used, &written, NULL) && written == used);
    CloseHandle(out);
    CHECK_EQ(IDirectMusicLoader_GetObject(loader, &desc, &IID_IDirectMusicCollection, (void **)&collection), S_OK);
    if (!collection)
        exit(1);
    CHECK_EQ(IDirectMusicCollection_GetInstrument(collection, 0, &instrument), S_OK);
    HRESULT hr = IDirectMusicPort_DownloadInstrument(port, instrument, &downloaded, NULL, 0);
    DeleteFileW(desc.wszFileName);
    IDirectMusicInstrument_Release(instrument);
    IDirectMusicCollection_Release(collection);
    if (hr == E_FAIL) { /* no code of a synth's for an instrument: Wine 8.0 comes no further */
        test_end();
        skip("dmusic.dll of this system downloads no instrument");
    }
    CHECK_EQ(hr, S_OK);
}

/* ---- the tune ----------------------------------------------------------------- */

static void pack(IDirectMusicBuffer *buffer, REFERENCE_TIME time, const struct client_note *note, bool on)
{
    DWORD message = (on ? 0x90u : 0x80u) | note->channel | note->key << 8 | (on ? 100u << 16 : 0);
    CHECK_EQ(IDirectMusicBuffer_PackStructured(buffer, time, note->group, message), S_OK);
}

static void play(int number)
{
    DMUS_BUFFERDESC desc = {.dwSize = sizeof desc, .cbBuffer = 1024};
    IDirectMusicBuffer *buffer = NULL;
    REFERENCE_TIME now = 0;
    CHECK(SUCCEEDED(IReferenceClock_GetTime(latency, &now)));
    CHECK_EQ(IDirectMusic_CreateMusicBuffer(music, &desc, &buffer, NULL), S_OK);
    printf("# tune %d\n", number);
    for (size_t i = 0; buffer && i < CLIENT_NOTES; i++) {
        REFERENCE_TIME start = now + SETTLE + (int64_t)client_tune[i].start_ms * 10000;
        pack(buffer, start, &client_tune[i], true);
        pack(buffer, start + (int64_t)client_tune[i].length_ms * 10000, &client_tune[i], false);
    }
    CHECK_EQ(IDirectMusicPort_PlayBuffer(port, buffer), S_OK);
    if (buffer)
        IDirectMusicBuffer_Release(buffer);
    client_sleep_ms(SETTLE / 10000 + CLIENT_TUNE_MS + 700);
}

static void test_tunes(void)
{
    play(1);
    play(2);
}

int main(void)
{
    RUN(test_port);
    RUN(test_instrument);
    RUN(test_tunes);
    RUN(test_end);
    return tap_done();
}
