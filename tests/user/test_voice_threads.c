/* SPDX-License-Identifier: MIT */
/*
 * The DirectX 8 methods from five threads at once, for argument 1 seconds (default 1): one-shot voices, a stream that its host keeps
 * filled, downloads that come and go while they sound, routing, and a render thread that uses all three ways to render. Meant to be
 * run under -fsanitize=thread as well. Checks what must hold whatever the order: documented codes only, each unload callback exactly
 * once, a stream's position never back, nothing left at the end.
 */
#include <stdatomic.h>

#include "base/clock.h"
#include "stage.h"
#include "user/os.h"

enum { STEADY = 1, BUFFERS = 3, BUFFER_FRAMES = 500, STREAM = 20, LOANS = 32 };

static struct stage stage;
static atomic_bool stop, bad;
static atomic_int voices_seen, streams_ended, given_back, rendered;
static int64_t duration_100ns = 10000000;

/* The TAP counters belong to the main thread. */
static void must(bool ok, const char *what)
{
    if (!ok && !atomic_exchange(&bad, true))
        printf("# %s\n", what);
}

static void one_of(HRESULT hr, const HRESULT *allowed, const char *what)
{
    for (int i = 0; allowed[i] != -1; i++)
        if (hr == allowed[i])
            return;
    printf("# 0x%08x\n", (unsigned)hr);
    must(false, what);
}
#define ALLOW(...) ((const HRESULT[]){S_OK, DMUS_E_SYNTHINACTIVE, __VA_ARGS__, -1})

static uint32_t dice(uint32_t *seed) { return (*seed = *seed * 1664525u + 1013904223u) >> 8; }

static void one_shots(void *ctx)
{
    uint32_t seed = 1;
    (void)ctx;
    while (!atomic_load(&stop)) {
        DWORD voice = dice(&seed) % 8, group = 1 + dice(&seed) % 3;
        DMUS_VOICE_STATE state;
        one_of(IDirectMusicSynth8_PlayVoice(stage.synth, 0, voice, group, dice(&seed) % 16, STEADY, (LONG)(dice(&seed) % 2400) - 1200,
                                            -600, dice(&seed) % 100, 0, dice(&seed) % 2 ? 400 : 0),
               ALLOW(E_INVALIDARG), "PlayVoice"); /* the group may just be gone */
        one_of(IDirectMusicSynth8_GetVoiceState(stage.synth, &voice, 1, &state), ALLOW(S_OK), "GetVoiceState");
        must(!state.bExists || state.spPosition <= 400, "position inside the wave");
        atomic_fetch_add(&voices_seen, state.bExists);
        if (dice(&seed) % 3 == 0)
            one_of(IDirectMusicSynth8_StopVoice(stage.synth, 0, dice(&seed) % 8), ALLOW(S_OK), "StopVoice");
        os_sleep_ms(1);
    }
}

/* A host with a stream: plays it, follows the position, fills what was played, ends it with a last buffer, and begins anew. */
static void streamer(void *ctx)
{
    static struct image buffers[BUFFERS];
    static int16_t samples[BUFFER_FRAMES];
    HANDLE handles[BUFFERS + 1];
    BOOL may_free;
    uint32_t ids[BUFFERS];
    (void)ctx;
    for (uint32_t i = 0; i < BUFFERS; i++) {
        ids[i] = STREAM + 1 + i;
        buffers[i] = image_play_wave(5, ids[i], samples, BUFFER_FRAMES, STAGE_RATE);
        must(IDirectMusicSynth8_Download(stage.synth, &handles[i], buffers[i].bytes, &may_free) == S_OK, "buffer");
    }
    struct image artic = image_wave_articulation(STREAM, 0xFFFFFFFF, STREAM, 0, ids, BUFFERS);
    must(IDirectMusicSynth8_Download(stage.synth, &handles[BUFFERS], artic.bytes, &may_free) == S_OK, "articulation");
    while (!atomic_load(&stop)) {
        DWORD voice = 100;
        DMUS_VOICE_STATE state = {.bExists = TRUE};
        SAMPLE_POSITION last = 0;
        for (uint32_t i = 0; i < BUFFERS; i++) /* nothing plays: all may be filled */
            must(IDirectMusicSynth8_Refresh(stage.synth, ids[i], 0) == S_OK, "first filling");
        one_of(IDirectMusicSynth8_PlayVoice(stage.synth, 0, voice, 1, 3, STREAM, 100, 0, 0, 0, 0), ALLOW(S_OK), "stream");
        for (uint32_t turn = 0; state.bExists; os_sleep_ms(1)) {
            must(IDirectMusicSynth8_GetVoiceState(stage.synth, &voice, 1, &state) == S_OK, "stream's state");
            must(!state.bExists || state.spPosition >= last, "stream ran back");
            last = state.spPosition;
            while (state.bExists && last >= (turn + 1) * BUFFER_FRAMES) {
                struct image *buffer = &buffers[turn % BUFFERS];
                for (uint32_t i = 0; i < BUFFER_FRAMES; i++)
                    put16(buffer, 28 + 2 * i, (turn * 77 + i) & 0x1FFF);
                HRESULT hr = IDirectMusicSynth8_Refresh(stage.synth, ids[turn % BUFFERS], turn == 5 ? REFRESH_F_LASTBUFFER : 0);
                must(hr == S_OK || turn > 5, "Refresh of a buffer that was played");
                turn++;
            }
        }
        atomic_fetch_add(&streams_ended, 1);
    }
    for (int i = BUFFERS; i >= 0; i--)
        must(IDirectMusicSynth8_Unload(stage.synth, handles[i], NULL, NULL) == S_OK, "Unload");
    IDirectMusicSynth8_Activate(stage.synth, FALSE); /* nobody reads the buffers any more */
    for (uint32_t i = 0; i < BUFFERS; i++)
        image_free(&buffers[i]);
    image_free(&artic);
}

struct loan {
    struct image image;
    atomic_int called;
};

/* The block is ours again: any later read of it is one of freed memory. */
static HRESULT CALLBACK give_back(HANDLE handle, HANDLE user)
{
    struct loan *loan = user;
    (void)handle;
    memset(loan->image.bytes, 0xDD, loan->image.size);
    image_free(&loan->image);
    atomic_fetch_add(&loan->called, 1);
    atomic_fetch_add(&given_back, 1);
    return S_OK;
}

static void loader(void *ctx)
{
    static struct loan loans[LOANS];
    static bool owed[LOANS];
    static int16_t samples[600];
    (void)ctx;
    for (uint32_t round = 0; !atomic_load(&stop); round++) {
        struct loan *loan = &loans[round % LOANS];
        uint32_t id = 1000 + 2 * round;
        HANDLE wave, artic;
        BOOL may_free;
        for (int i = 0; owed[round % LOANS] && i < 15000 && !atomic_load(&loan->called); i++)
            os_sleep_ms(2);
        must(!owed[round % LOANS] || atomic_load(&loan->called) == 1, "callback came");
        atomic_store(&loan->called, 0);
        loan->image = image_play_wave(6, id, samples, 600, STAGE_RATE);
        struct image image = image_wave_articulation(id + 1, round % 3 ? 512 : 0, id + 1, round & 1, (const uint32_t[]){id}, 1);
        must(IDirectMusicSynth8_Download(stage.synth, &wave, loan->image.bytes, &may_free) == S_OK, "wave");
        must(IDirectMusicSynth8_Download(stage.synth, &artic, image.bytes, &may_free) == S_OK, "articulation of it");
        one_of(IDirectMusicSynth8_PlayVoice(stage.synth, 0, 200, 1, 5, id + 1, 0, 0, 0, 0, 300), ALLOW(S_OK), "PlayVoice of it");
        os_sleep_ms(2);
        must(IDirectMusicSynth8_Unload(stage.synth, wave, give_back, loan) == S_OK, "Unload of the wave");
        must(IDirectMusicSynth8_Unload(stage.synth, artic, NULL, NULL) == S_OK, "Unload of the articulation");
        one_of(IDirectMusicSynth8_StopVoice(stage.synth, 0, 200), ALLOW(S_OK), "StopVoice");
        owed[round % LOANS] = true;
        image_free(&image);
    }
    IDirectMusicSynth8_Activate(stage.synth, FALSE); /* answers what still waits */
    for (int i = 0; i < LOANS; i++)
        must(!owed[i] || atomic_load(&loans[i].called) == 1, "callback exactly once");
}

static void router(void *ctx)
{
    uint32_t seed = 7;
    (void)ctx;
    while (!atomic_load(&stop)) {
        DWORD list[4];
        for (int i = 0; i < 4; i++)
            list[i] = dice(&seed) % 5 == 0 ? 512 + dice(&seed) % 4 : dice(&seed) % 3 ? dice(&seed) % 18 : 64 + dice(&seed) % 2;
        one_of(IDirectMusicSynth8_AssignChannelToBuses(stage.synth, 1 + dice(&seed) % 3, dice(&seed) % 16, list, dice(&seed) % 5),
               ALLOW(E_INVALIDARG), "AssignChannelToBuses");
        if (dice(&seed) % 4 == 0)
            must(IDirectMusicSynth8_SetNumChannelGroups(stage.synth, 1 + dice(&seed) % 3) == S_OK, "groups");
        IDirectMusicSynth8_SetChannelPriority(stage.synth, 1, dice(&seed) % 16, dice(&seed));
        os_sleep_ms(1);
    }
}

static void renderer(void *ctx)
{
    static float buffers[4][300], *const out[4] = {buffers[0], buffers[1], buffers[2], buffers[3]};
    static float interleaved[600];
    static SHORT words[600];
    static const DWORD ids[4] = {0, 512, 64, 1};
    LONGLONG position = 0;
    (void)ctx;
    for (int round = 0; !atomic_load(&stop); round++) {
        DWORD frames = 64 + (DWORD)round % 237;
        HRESULT hr = round % 3 == 0   ? stage.control->lpVtbl->RenderBuses(stage.control, out, ids, 4, frames, position)
                     : round % 3 == 1 ? stage.control->lpVtbl->RenderFloat(stage.control, interleaved, frames, position)
                                      : IDirectMusicSynth8_Render(stage.synth, words, frames, position);
        one_of(hr, ALLOW(S_OK), "Render");
        position += frames;
        atomic_fetch_add(&rendered, hr == S_OK);
        os_sleep_ms(1);
    }
}

static bool all_had_their_turn(void)
{
    return atomic_load(&voices_seen) && atomic_load(&streams_ended) && atomic_load(&given_back) && atomic_load(&rendered);
}

static void test_voices_from_five_threads(void)
{
    void (*const runs[])(void *) = {one_shots, streamer, loader, router, renderer};
    struct os_thread threads[5];
    static int16_t samples[400];
    for (int i = 0; i < 400; i++)
        samples[i] = (int16_t)(i * 50);
    stage_open(&stage, (struct stage_options){.groups = 2, .voices = 16, .effects = DMUS_EFFECT_REVERB});
    stage_load(&stage, image_play_wave(6, STEADY, samples, 400, STAGE_RATE));
    for (int i = 0; i < 5; i++)
        CHECK(os_thread_start(&threads[i], runs[i], NULL));
    int64_t until = clock_now_100ns() + duration_100ns;
    for (uint32_t round = 0; clock_now_100ns() < until || (!all_had_their_turn() && round < 750); round++) {
        os_sleep_ms(40);
        if (round % 8 == 7) {
            IDirectMusicSynth8_Activate(stage.synth, FALSE);
            IDirectMusicSynth8_Activate(stage.synth, TRUE);
        }
    }
    atomic_store(&stop, true);
    for (int i = 0; i < 5; i++)
        os_thread_join(&threads[i]);
    CHECK(!atomic_load(&bad));
    CHECK(atomic_load(&voices_seen) > 0);
    CHECK(atomic_load(&streams_ended) > 0);
    CHECK(atomic_load(&given_back) > 0);
    CHECK(atomic_load(&rendered) > 0);
    stage_close(&stage);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        duration_100ns = strtol(argv[1], NULL, 10) * 10000000;
    RUN(test_voices_from_five_threads);
    return tap_done();
}
