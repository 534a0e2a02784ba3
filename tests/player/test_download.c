/* SPDX-License-Identifier: MIT */
/*
 * dmus_bank_download: notes that a program plays itself, on a synth of its own and a bank of ours, are those of dmus_render, sample
 * for sample; and every download goes again.
 */
#define COBJMACROS
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "dmus/ddi.h"
#include "tap.h"
#include "testbank.h"

enum { RATE = 48000, FRAMES = 24000, BLOCK = 480 };

static struct dmus_bank *bank;
static IDirectMusicSynth *synth;
static IDmusSynthControl *control;
static IDirectMusicSynthSink *sink;

/* ---- a synth as a render has it, whose sound the test pulls ---- */

static bool set_volume(LONG volume, ULONG item)
{
    KSPROPERTY property = {.Set = GUID_DMUS_PROP_Volume, .Id = item, .Flags = KSPROPERTY_TYPE_SET};
    IKsControl *ks;
    ULONG got;
    if (!CHECK(IDirectMusicSynth_QueryInterface(synth, &IID_IKsControl, (void **)&ks) == S_OK))
        return false;
    HRESULT hr = IKsControl_KsProperty(ks, &property, sizeof property, &volume, sizeof volume, &got);
    IKsControl_Release(ks);
    return CHECK(hr == S_OK);
}

static bool open_synth(void)
{
    DMUS_SYNTHCONFIG config = {.dwSize = sizeof config, .dwProfile = DMUS_PROFILE_STUDIO, .dwDither = 2};
    DMUS_PORTPARAMS params = {.dwSize = sizeof params,
                              .dwValidParams = DMUS_PORTPARAMS_VOICES | DMUS_PORTPARAMS_CHANNELGROUPS,
                              .dwVoices = 1024,
                              .dwChannelGroups = 1};
    IDmusSinkControl *sink_control;
    IReferenceClock *clock;
    bool done = CHECK(dmus_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDirectMusicSynth, (void **)&synth) == S_OK) &&
                CHECK(dmus_create_instance(&CLSID_DirectMusicSynthSink, NULL, &IID_IDirectMusicSynthSink, (void **)&sink) ==
                      S_OK) &&
                CHECK(IDirectMusicSynth_QueryInterface(synth, &IID_IDmusSynthControl, (void **)&control) == S_OK) &&
                CHECK(IDirectMusicSynthSink_QueryInterface(sink, &IID_IDmusSinkControl, (void **)&sink_control) == S_OK) &&
                CHECK(dmus_create_stream_clock(sink, &clock) == S_OK);
    if (!done)
        return false;
    done = CHECK(control->lpVtbl->SetConfig(control, &config) == S_OK) &&
           CHECK(sink_control->lpVtbl->SetProfile(sink_control, DMUS_PROFILE_STUDIO) == S_OK) &&
           CHECK(sink_control->lpVtbl->SetOffline(sink_control, TRUE) == S_OK) &&
           CHECK(IDirectMusicSynthSink_SetMasterClock(sink, clock) == S_OK) &&
           CHECK(IDirectMusicSynth_SetSynthSink(synth, sink) == S_OK) && CHECK(IDirectMusicSynth_Open(synth, &params) == S_OK) &&
           set_volume(-1000, 0) && set_volume(0, 1) && CHECK(IDirectMusicSynth_Activate(synth, TRUE) == S_OK);
    sink_control->lpVtbl->Release(sink_control);
    IReferenceClock_Release(clock);
    return done;
}

static void close_synth(void)
{
    IDirectMusicSynth_Activate(synth, FALSE);
    IDirectMusicSynth_Close(synth);
    IDirectMusicSynth_SetSynthSink(synth, NULL);
    control->lpVtbl->Release(control);
    CHECK_EQ(IDirectMusicSynthSink_Release(sink), 0);
    CHECK_EQ(IDirectMusicSynth_Release(synth), 0);
}

static void send(int64_t frame, uint8_t status, uint8_t data1, uint8_t data2)
{
    struct {
        DMUS_EVENTHEADER header;
        BYTE bytes[4];
    } event = {{.cbEvent = 3, .dwChannelGroup = 1, .dwFlags = DMUS_EVENT_STRUCTURED}, {status, data1, data2}};
    CHECK_EQ(IDirectMusicSynth_PlayBuffer(synth, (frame * 10000000 + RATE - 1) / RATE, (BYTE *)&event, sizeof event), S_OK);
}

static float peak_of(const float *frames, size_t count)
{
    float peak = 0;
    for (size_t i = 0; i < count; i++)
        peak = fmaxf(peak, fabsf(frames[i]));
    return peak;
}

static float *pull(int64_t from)
{
    float *frames = calloc(FRAMES, 2 * sizeof *frames);
    for (int64_t at = 0; frames && at < FRAMES; at += BLOCK)
        CHECK_EQ(control->lpVtbl->RenderFloat(control, frames + 2 * at, BLOCK, from + at), S_OK);
    return frames;
}

/* ---- what a render makes of the same notes ---- */

struct heard {
    float *frames;
    size_t count;
};

static int hear(void *ctx, const void *frames, size_t count)
{
    struct heard *heard = ctx;
    size_t room = FRAMES - heard->count;
    memcpy(heard->frames + 2 * heard->count, frames, (count < room ? count : room) * 2 * sizeof *heard->frames);
    heard->count += count < room ? count : room;
    return 0;
}

static float *rendered(const uint8_t (*notes)[4], size_t count)
{
    struct smf_writer w = {0};
    for (size_t i = 0; i < count; i++)
        smfw_message(&w, notes[i][3] * 100u, notes[i][0], notes[i][1], notes[i][2]);
    struct blob bytes = smfw_finish(&w, FRAMES * 2);
    struct dmus_song *song = NULL;
    struct dmus_output output = DMUS_INIT(dmus_output);
    struct heard heard = {calloc(FRAMES, 2 * sizeof *heard.frames), 0};
    output.format = DMUS_F32;
    output.write = hear;
    output.write_ctx = &heard;
    CHECK_EQ(dmus_song_open_memory(bytes.data, bytes.size, "notes", &song, NULL), DMUS_OK);
    CHECK_EQ(dmus_render(song, &bank, 1, NULL, &output, NULL, NULL), DMUS_OK);
    CHECK_EQ(heard.count, FRAMES);
    dmus_song_close(song);
    blob_free(&bytes);
    return heard.frames;
}

/* ---- the tests ---- */

static const uint8_t notes[][4] = {/* the last is the frame / 100 */
                                   {0xB0, 7, 110, 1}, {0x90, 60, 100, 2}, {0xC1, 5, 0, 2},    {0x91, 67, 90, 10},
                                   {0xE0, 0, 80, 40}, {0x80, 60, 0, 90},  {0x99, 38, 120, 95}, {0x81, 67, 0, 150}};

static void test_same_as_a_render(void)
{
    struct dmus_downloads *downloads = NULL;
    struct dmus_error err = DMUS_INIT(dmus_error);
    if (!open_synth())
        return;
    CHECK_EQ(dmus_bank_download(bank, synth, NULL, 0, &downloads, &err), DMUS_OK);
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++)
        send(notes[i][3] * 100, notes[i][0], notes[i][1], notes[i][2]);
    float *ours = pull(0), *theirs = rendered(notes, sizeof notes / sizeof notes[0]);
    CHECK(peak_of(theirs, 2 * FRAMES) > 0.01f);
    CHECK(memcmp(ours, theirs, 2 * FRAMES * sizeof *ours) == 0);
    free(ours);
    free(theirs);
    dmus_download_end(downloads);
    close_synth();
}

/* What is withdrawn sounds no more from the next note on; what sounds plays on. */
static void test_withdrawn(void)
{
    static const uint32_t piano[] = {0, 0};
    struct dmus_downloads *downloads = NULL;
    if (!open_synth())
        return;
    CHECK_EQ(dmus_bank_download(bank, synth, piano, 2, &downloads, NULL), DMUS_OK);
    DMUS_SYNTHREPORT report = {.dwSize = sizeof report};
    send(0, 0x90, 60, 100);
    float *first = pull(0);
    CHECK(peak_of(first + FRAMES, FRAMES) > 0.01f);
    dmus_download_end(downloads);
    float *second = pull(FRAMES);
    CHECK(peak_of(second, 2 * BLOCK) > 0.01f);
    send(2 * FRAMES, 0x80, 60, 0);
    send(2 * FRAMES, 0x90, 64, 100);
    float *third = pull(2 * FRAMES);
    CHECK_EQ(control->lpVtbl->GetReport(control, &report), S_OK);
    CHECK_EQ(report.ullNotesMissing, 1);
    for (int64_t at = 3 * FRAMES; report.ullWaveBytes && at < 20 * FRAMES; at += FRAMES) {
        free(pull(at)); /* the release */
        CHECK_EQ(control->lpVtbl->GetReport(control, &report), S_OK);
    }
    CHECK_EQ(report.ullWaveBytes, 0);
    free(first);
    free(second);
    free(third);
    close_synth();
}

static void test_refusals(void)
{
    static const uint32_t unknown[] = {0, 77};
    struct dmus_downloads *downloads = (void *)&synth;
    struct dmus_error err = DMUS_INIT(dmus_error);
    DMUS_SYNTHREPORT report = {.dwSize = sizeof report};
    if (!open_synth())
        return;
    CHECK_EQ(dmus_bank_download(bank, synth, unknown, 2, &downloads, &err), DMUS_ERR_NOT_FOUND);
    CHECK(downloads == NULL && strstr(err.text, "0x0000004D"));
    CHECK_EQ(dmus_bank_download(bank, synth, unknown, 0, &downloads, &err), DMUS_ERR_ARGUMENT);
    CHECK_EQ(dmus_bank_download(NULL, synth, NULL, 0, &downloads, &err), DMUS_ERR_ARGUMENT);
    CHECK_EQ(dmus_bank_download(bank, NULL, NULL, 0, &downloads, &err), DMUS_ERR_ARGUMENT);
    CHECK_EQ(dmus_bank_download(bank, synth, NULL, 0, NULL, &err), DMUS_ERR_ARGUMENT);
    CHECK_EQ(control->lpVtbl->GetReport(control, &report), S_OK);
    CHECK_EQ(report.ullWaveBytes, 0);
    CHECK_EQ(dmus_bank_download(bank, synth, NULL, 0, &downloads, &err), DMUS_OK);
    struct dmus_downloads *after_close = downloads;
    IDirectMusicSynth_Activate(synth, FALSE);
    IDirectMusicSynth_Close(synth);
    dmus_download_end(after_close);
    CHECK_EQ(dmus_bank_download(bank, synth, NULL, 0, &downloads, &err), DMUS_ERR_ARGUMENT);
    CHECK(downloads == NULL && err.text[0]);
    dmus_download_end(NULL);
    close_synth();
    uint32_t id = dmus_next_download_id();
    CHECK(id != 0 && dmus_next_download_id() != id);
}

/* Every allocation fails once: the status says so, and nothing stays. */
static void test_no_memory(void)
{
    enum dmus_status status = DMUS_ERR_NOMEM;
    DMUS_SYNTHREPORT report = {.dwSize = sizeof report};
    if (!open_synth())
        return;
    for (long n = 1; status == DMUS_ERR_NOMEM && n < 100000; n++) {
        struct dmus_downloads *downloads = NULL;
        dm_alloc_fail_at(n, false);
        status = dmus_bank_download(bank, synth, NULL, 0, &downloads, NULL);
        dm_alloc_fail_at(0, false);
        CHECK(status == DMUS_ERR_NOMEM ? downloads == NULL : status == DMUS_OK);
        dmus_download_end(downloads);
        CHECK_EQ(control->lpVtbl->GetReport(control, &report), S_OK);
        CHECK_EQ(report.ullWaveBytes, 0);
    }
    CHECK_EQ(status, DMUS_OK);
    close_synth();
}

static void test_nothing_left(void) { CHECK_EQ(dm_alloc_live(), 0); }

int main(void)
{
    struct blob bytes = testbank_make();
    if (dmus_bank_open_memory(bytes.data, bytes.size, "testbank", &bank, NULL) != DMUS_OK)
        return 1;
    RUN(test_same_as_a_render);
    RUN(test_withdrawn);
    RUN(test_refusals);
    RUN(test_no_memory);
    dmus_bank_close(bank);
    blob_free(&bytes);
    RUN(test_nothing_left);
    return tap_done();
}
