/* SPDX-License-Identifier: MIT */
/* The software synth's miniport: events in, sound out, downloads while it plays, and what goes back to the allocator. */
#include "synth_rig.h"

#define RATE 48000u

struct band {
    struct stage stage;
    PMXF midi;
    ISynthSinkDMus *wave;
    struct image images[2];
    SYNTHDOWNLOAD handles[2];
    int64_t start;    /* master time of frame 0 */
    int64_t position; /* frames */
};

/* Studio, so that events act at their frame. */
static void band_open(struct band *b)
{
    DMUS_SYNTHCONFIG config = {.dwSize = sizeof config, .dwProfile = DMUS_PROFILE_STUDIO, .dwDither = 0};
    SYNTH_PORTPARAMS granted;
    memset(b, 0, sizeof *b);
    stage_open(&b->stage);
    b->midi = open_midi(&b->stage);
    CHECK_EQ(set_property(&b->stage, b->midi, &KSPROPSETID_OpenDMusSynth, KSPROPERTY_OPENDMUS_CONFIG, &config, sizeof config),
             STATUS_SUCCESS);
    CHECK_EQ(port_params(&b->stage, b->midi, RATE, 2, &granted), STATUS_SUCCESS);
    b->wave = open_wave(&b->stage, RATE, 2);
    load_instrument(&b->stage, b->midi, b->images, b->handles);
}

static void band_run(struct band *b)
{
    set_state(b->wave, KSSTATE_STOP, KSSTATE_RUN);
    set_state(b->midi, KSSTATE_STOP, KSSTATE_RUN);
    b->start = rig_now(&b->stage.rig);
    b->position = 0;
    CHECK_EQ(b->wave->lpVtbl->SyncToMaster(b->wave, b->start, TRUE), STATUS_SUCCESS);
}

static int64_t due(const struct band *b, int64_t frame) { return b->start + (frame * 10000000 + RATE - 1) / RATE; }

/* As the wave sink does it in virtual time. */
static void render(struct band *b, int16_t *out, uint32_t frames)
{
    rig_run_until(&b->stage.rig, due(b, b->position));
    if (b->position)
        b->wave->lpVtbl->SyncToMaster(b->wave, rig_now(&b->stage.rig), FALSE);
    memset(out, 0, (size_t)frames * 4);
    b->wave->lpVtbl->Render(b->wave, (PBYTE)out, frames, b->position);
    b->position += frames;
}

static void band_close(struct band *b)
{
    b->midi->lpVtbl->Release(b->midi);
    b->wave->lpVtbl->Release(b->wave);
    CHECK_EQ(rig_events_out(&b->stage.rig), 0);
    image_free(&b->images[0]);
    image_free(&b->images[1]);
    stage_close(&b->stage);
}

static void test_note_at_its_frame(void)
{
    struct band b;
    int16_t out[4000 * 2];
    band_open(&b);
    band_run(&b);
    put3(&b.stage, b.midi, due(&b, 1234), 0x90, 60, 127);
    CHECK_EQ(rig_events_out(&b.stage.rig), 0);
    render(&b, out, 1000);
    CHECK_EQ(first_sound(out, 1000, 2), UINT32_MAX);
    render(&b, out, 3000);
    CHECK_EQ(first_sound(out, 3000, 2), 234);
    /* In the past: at the start of the next slice. */
    put3(&b.stage, b.midi, due(&b, 100), 0xB0, 120, 0);
    render(&b, out, 4000);
    CHECK_EQ(first_sound(out + 2 * 3000, 1000, 2), UINT32_MAX);
    band_close(&b);
}

/* What comes before the wave pin runs waits for it, and keeps its time. */
static void test_events_before_the_start(void)
{
    struct band b;
    int16_t out[2000 * 2];
    band_open(&b);
    set_state(b.midi, KSSTATE_STOP, KSSTATE_RUN);
    int64_t now = rig_now(&b.stage.rig);
    put3(&b.stage, b.midi, now + 10000000 / RATE * 500, 0x90, 60, 127);
    CHECK_EQ(rig_events_out(&b.stage.rig), 1);
    set_state(b.wave, KSSTATE_STOP, KSSTATE_RUN);
    b.start = now;
    CHECK_EQ(b.wave->lpVtbl->SyncToMaster(b.wave, now, TRUE), STATUS_SUCCESS);
    CHECK_EQ(rig_events_out(&b.stage.rig), 0);
    render(&b, out, 2000);
    CHECK_EQ(first_sound(out, 2000, 2), 499); /* floor(500 * 208 * 10^-7 * 48000) */
    band_close(&b);
}

static void test_stop_returns_what_is_held(void)
{
    struct band b;
    band_open(&b);
    set_state(b.midi, KSSTATE_STOP, KSSTATE_RUN);
    for (int i = 0; i < 100; i++)
        put3(&b.stage, b.midi, i, 0x90, 60, 127);
    CHECK_EQ(rig_events_out(&b.stage.rig), 100);
    set_state(b.midi, KSSTATE_RUN, KSSTATE_STOP);
    CHECK_EQ(rig_events_out(&b.stage.rig), 0);
    put3(&b.stage, b.midi, 5, 0x90, 60, 127); /* discarded */
    CHECK_EQ(rig_events_out(&b.stage.rig), 0);
    set_state(b.midi, KSSTATE_STOP, KSSTATE_RUN);
    put3(&b.stage, b.midi, 5, 0x90, 60, 127);
    band_close(&b); /* closed with one held */
}

static void test_chains_and_packages(void)
{
    struct band b;
    int16_t out[4000 * 2];
    static const uint8_t on[] = {0x90, 60, 127}, volume[] = {0xB0, 7, 0};
    band_open(&b);
    band_run(&b);
    /* A package at frame 300: volume 0 before the note, so nothing is heard; then volume up at 2000, in a chain with rubbish. */
    PDMUS_KERNEL_EVENT first = rig_event(&b.stage.rig, 0, volume, 3), second = rig_event(&b.stage.rig, 0, on, 3);
    PDMUS_KERNEL_EVENT package = rig_event(&b.stage.rig, due(&b, 300), NULL, 0);
    first->usChannelGroup = second->usChannelGroup = 1;
    first->pNextEvt = second;
    package->usFlags = DMUS_KEF_PACKAGE_EVENT;
    package->uData.pPackageEvt = first;
    static const uint8_t louder[] = {0xB0, 7, 127}, stray[] = {0x12, 0x34}, tune[] = {0xF6};
    PDMUS_KERNEL_EVENT chain = rig_event(&b.stage.rig, due(&b, 2000), stray, 2);
    chain->pNextEvt = rig_event(&b.stage.rig, due(&b, 2000), tune, 1);
    chain->pNextEvt->pNextEvt = rig_event(&b.stage.rig, due(&b, 2000), louder, 3);
    chain->pNextEvt->pNextEvt->usChannelGroup = 1;
    package->pNextEvt = chain;
    CHECK_EQ(b.midi->lpVtbl->PutMessage(b.midi, package), STATUS_SUCCESS);
    CHECK_EQ(rig_events_out(&b.stage.rig), 0);
    render(&b, out, 4000);
    uint32_t heard = first_sound(out, 4000, 2);
    CHECK(heard >= 2000 && heard < 2100); /* the volume glides */
    band_close(&b);
}

static const uint8_t volume_off[] = {0xF0, 0x7F, 0x7F, 0x04, 0x01, 0x00, 0x00, 0xF7}; /* master volume 0 */

static uint32_t heard_after(const int *cuts, int pieces, uint16_t last_flags)
{
    struct band b;
    int16_t out[2000 * 2];
    band_open(&b);
    band_run(&b);
    int at = 0;
    for (int i = 0; i < pieces; i++) {
        CHECK_EQ(put(&b.stage, b.midi, due(&b, 0), volume_off + at, (uint32_t)(cuts[i] - at),
                     i == pieces - 1 ? last_flags : DMUS_KEF_EVENT_INCOMPLETE),
                 STATUS_SUCCESS);
        at = cuts[i];
    }
    put3(&b.stage, b.midi, due(&b, 100), 0x90, 60, 127);
    render(&b, out, 2000);
    uint32_t heard = first_sound(out, 2000, 2);
    band_close(&b);
    return heard;
}

static void test_system_exclusive_in_pieces(void)
{
    CHECK_EQ(heard_after((int[]){8}, 1, DMUS_KEF_EVENT_COMPLETE), UINT32_MAX);
    CHECK_EQ(heard_after((int[]){1, 4, 8}, 3, DMUS_KEF_EVENT_COMPLETE), UINT32_MAX);
    CHECK_EQ(heard_after((int[]){1, 2, 3, 4, 5, 6, 7, 8}, 8, DMUS_KEF_EVENT_COMPLETE), UINT32_MAX);
    /* Never completed: nothing of it acts. */
    CHECK_EQ(heard_after((int[]){3, 8}, 2, DMUS_KEF_EVENT_INCOMPLETE), 100);
    CHECK_EQ(heard_after((int[]){7}, 1, DMUS_KEF_EVENT_COMPLETE), 100);
}

static void test_unload_while_it_sounds(void)
{
    struct band b;
    int16_t out[4096 * 2];
    HANDLE bad = &b;
    const GUID *set = &KSPROPSETID_Synth_Dls;
    band_open(&b);
    CHECK_EQ(set_property(&b.stage, b.midi, set, KSPROPERTY_SYNTH_DLS_UNLOAD, &bad, sizeof bad), STATUS_UNSUCCESSFUL);
    band_run(&b);
    put3(&b.stage, b.midi, due(&b, 0), 0x90, 60, 127);
    render(&b, out, 1000);
    CHECK_EQ(first_sound(out, 1000, 2), 0);
    CHECK_EQ(set_property(&b.stage, b.midi, set, KSPROPERTY_SYNTH_DLS_UNLOAD, &b.handles[1].DownloadHandle, sizeof(HANDLE)),
             STATUS_PENDING);
    CHECK_EQ(set_property(&b.stage, b.midi, set, KSPROPERTY_SYNTH_DLS_UNLOAD, &b.handles[0].DownloadHandle, sizeof(HANDLE)),
             STATUS_PENDING);
    CHECK_EQ(set_property(&b.stage, b.midi, set, KSPROPERTY_SYNTH_DLS_UNLOAD, &b.handles[0].DownloadHandle, sizeof(HANDLE)),
             STATUS_UNSUCCESSFUL); /* once is enough */
    render(&b, out, 1000);
    CHECK_EQ(completed_count, 0);
    put3(&b.stage, b.midi, due(&b, b.position), 0xB0, 120, 0); /* all sound off */
    for (int i = 0; i < 40 && completed_count < 2; i++)
        render(&b, out, 4096);
    rig_run_until(&b.stage.rig, due(&b, b.position)); /* the DPC */
    CHECK_EQ(completed_count, 2);
    CHECK_EQ(completed_status[0], STATUS_SUCCESS);
    CHECK_EQ(completed_status[1], STATUS_SUCCESS);
    CHECK_EQ(set_property(&b.stage, b.midi, set, KSPROPERTY_SYNTH_DLS_COMPACT, NULL, 0), STATUS_SUCCESS);
    band_close(&b);
}

static void test_refused_downloads(void)
{
    struct band b;
    SYNTHDOWNLOAD handle;
    LONG reason = 0;
    band_open(&b);
    struct image broken = image_wave(9, (int16_t[]){1, 2, 3}, 3, 44100);
    put32(&broken, 12, broken.size + 1); /* claims more than there is */
    CHECK_EQ(download(&b.stage, b.midi, &broken, &handle), STATUS_UNSUCCESSFUL);
    CHECK_EQ(get_property(&b.stage, b.midi, &KSPROPSETID_OpenDMusSynth, KSPROPERTY_OPENDMUS_REFUSAL, NULL, 0, &reason,
                          sizeof reason),
             STATUS_SUCCESS);
    CHECK(FAILED(reason));
    broken.size = 8;
    CHECK_EQ(download(&b.stage, b.midi, &broken, &handle), STATUS_INVALID_PARAMETER);
    SYNTH_BUFFER nothing = {.BufferSize = 100, .BufferAddress = NULL};
    CHECK_EQ(get_property(&b.stage, b.midi, &KSPROPSETID_Synth_Dls, KSPROPERTY_SYNTH_DLS_DOWNLOAD, &nothing, sizeof nothing,
                          &handle, sizeof handle),
             STATUS_INVALID_PARAMETER);
    image_free(&broken);
    band_close(&b);
}

static void test_clock_and_figures(void)
{
    struct band b;
    int16_t out[4096 * 2];
    ULONGLONG latency;
    SYNTH_STATS stats;
    DMUS_SYNTHREPORT report;
    LONGLONG sample;
    REFERENCE_TIME time;
    ULONG silent = 0;
    band_open(&b);
    const GUID *set = &KSPROPSETID_Synth;
    CHECK_EQ(get_property(&b.stage, b.midi, set, KSPROPERTY_SYNTH_LATENCYCLOCK, NULL, 0, &latency, sizeof latency), 0);
    CHECK((int64_t)latency > rig_now(&b.stage.rig));
    CHECK_EQ(b.wave->lpVtbl->SampleToRefTime(b.wave, 0, &time), STATUS_INVALID_DEVICE_STATE);
    band_run(&b);
    put3(&b.stage, b.midi, due(&b, 0), 0x90, 60, 127);
    int32_t peak = 0;
    for (int i = 0; i < 13; i++) {
        render(&b, out, 4096);
        for (int k = 0; k < 4096 * 2 && i < 12; k++) /* the slices that make up the first second */
            peak = abs(out[k]) > peak ? abs(out[k]) : peak;
    }
    CHECK_EQ(get_property(&b.stage, b.midi, set, KSPROPERTY_SYNTH_LATENCYCLOCK, NULL, 0, &latency, sizeof latency), 0);
    CHECK_EQ(latency, due(&b, b.position));
    CHECK_EQ(b.wave->lpVtbl->SampleToRefTime(b.wave, 777, &time), STATUS_SUCCESS);
    CHECK_EQ(time, due(&b, 777));
    CHECK_EQ(b.wave->lpVtbl->RefTimeToSample(b.wave, time, &sample), STATUS_SUCCESS);
    CHECK_EQ(sample, 777);
    CHECK_EQ(get_property(&b.stage, b.midi, set, KSPROPERTY_SYNTH_RUNNINGSTATS, NULL, 0, &stats, sizeof stats), 0);
    CHECK_EQ(stats.ValidStats & SYNTH_STATS_VOICES, SYNTH_STATS_VOICES);
    CHECK_EQ(stats.Voices, 1);
    CHECK_EQ(stats.FreeMemory, 0x7FFFFFFF);
    CHECK_NEAR(stats.PeakVolume, 2000 * log10(peak / 32768.0), 1);
    set = &KSPROPSETID_OpenDMusSynth;
    CHECK_EQ(get_property(&b.stage, b.midi, set, KSPROPERTY_OPENDMUS_REPORT, NULL, 0, &report, sizeof report), 0);
    CHECK_EQ(report.ullFrames, 13 * 4096);
    CHECK_EQ(report.dwVoices, 1);
    CHECK_EQ(get_property(&b.stage, b.midi, set, KSPROPERTY_OPENDMUS_SILENT, NULL, 0, &silent, sizeof silent), 0);
    CHECK_EQ(silent, 0);
    DMUS_MISSINGPATCH missing;
    uint8_t program[] = {0xC0, 5};
    put(&b.stage, b.midi, due(&b, b.position), program, 2, DMUS_KEF_EVENT_COMPLETE);
    put3(&b.stage, b.midi, due(&b, b.position), 0x90, 61, 127);
    render(&b, out, 100);
    ULONG index = 0;
    CHECK_EQ(get_property(&b.stage, b.midi, set, KSPROPERTY_OPENDMUS_MISSING, &index, sizeof index, &missing, sizeof missing), 0);
    CHECK_EQ(missing.dwPatch, 5);
    CHECK_EQ(missing.dwKey, 61);
    index = 1;
    CHECK_EQ(get_property(&b.stage, b.midi, set, KSPROPERTY_OPENDMUS_MISSING, &index, sizeof index, &missing, sizeof missing),
             STATUS_NO_MORE_ENTRIES);
    band_close(&b);
}

/* The sample clock of the consumer runs 500 ppm fast: after a while an event is placed by where the stream is heard. */
static void test_drift(void)
{
    struct band b;
    int16_t out[480 * 2];
    LONGLONG sample;
    band_open(&b);
    band_run(&b);
    int64_t now = b.start;
    for (int i = 0; i < 30000; i++) { /* 300 s in slices of 10 ms */
        now = b.start + (int64_t)i * 99950;
        b.wave->lpVtbl->SyncToMaster(b.wave, now, FALSE);
        if (i % 64 == 0)
            b.wave->lpVtbl->Render(b.wave, (PBYTE)out, 480, b.position);
        else /* only the position counts here */
            atomic_store(&impl_from_ISynthSinkDMus(b.wave)->instance->position, b.position + 480);
        b.position += 480;
    }
    CHECK_EQ(b.wave->lpVtbl->RefTimeToSample(b.wave, now, &sample), STATUS_SUCCESS);
    CHECK_NEAR(sample, b.position - 480, 0.006 * RATE); /* 5 ms are tolerated; without it: 150 ms off */
    band_close(&b);
}

/* Leaving RUN ends the time line: what sounded is gone, and frame 0 is a new moment. */
static void test_second_run(void)
{
    struct band b;
    int16_t out[2000 * 2];
    band_open(&b);
    band_run(&b);
    put3(&b.stage, b.midi, due(&b, 0), 0x90, 60, 127);
    put3(&b.stage, b.midi, due(&b, 1500), 0x90, 64, 127);
    render(&b, out, 1000);
    CHECK_EQ(first_sound(out, 1000, 2), 0);
    set_state(b.wave, KSSTATE_RUN, KSSTATE_STOP);
    memset(out, 1, sizeof out);
    b.wave->lpVtbl->Render(b.wave, (PBYTE)out, 1000, 0);
    CHECK_EQ(first_sound(out, 1000, 2), UINT32_MAX);
    rig_run_until(&b.stage.rig, rig_now(&b.stage.rig) + 12345678);
    set_state(b.wave, KSSTATE_STOP, KSSTATE_RUN);
    b.start = rig_now(&b.stage.rig);
    b.position = 0;
    b.wave->lpVtbl->SyncToMaster(b.wave, b.start, TRUE);
    put3(&b.stage, b.midi, due(&b, 700), 0x90, 60, 127);
    render(&b, out, 2000);
    CHECK_EQ(first_sound(out, 2000, 2), 700);
    band_close(&b);
}

/* Each allocation fails in turn: the status says so, nothing is lost, nothing breaks. */
static bool life(long nth)
{
    struct stage s;
    PMXF midi = NULL, wave = NULL;
    SYNTH_PORTPARAMS granted;
    SYNTHDOWNLOAD handle;
    KSDATAFORMAT_WAVEFORMATEX format = wave_format(RATE, 2);
    int16_t out[64 * 2];
    stage_open(&s);
    size_t blocks = wdm_pool_live(s.rig.machine);
    struct image image = image_wave(1, (int16_t[]){1, 2, 3, 4}, 4, 44100);
    wdm_pool_fail_at(s.rig.machine, nth, false);
    bool good = NT_SUCCESS(new_stream(&s, SWSYNTH_PIN_DIRECTMUSIC, NULL, &midi));
    good = good && NT_SUCCESS(new_stream(&s, SWSYNTH_PIN_WAVE, &format, &wave));
    good = good && NT_SUCCESS(port_params(&s, midi, RATE, 2, &granted));
    good = good && NT_SUCCESS(download(&s, midi, &image, &handle));
    if (good) {
        ISynthSinkDMus *sink = (ISynthSinkDMus *)(void *)wave;
        set_state(wave, KSSTATE_STOP, KSSTATE_RUN);
        set_state(midi, KSSTATE_STOP, KSSTATE_RUN);
        sink->lpVtbl->SyncToMaster(sink, rig_now(&s.rig), TRUE);
        PDMUS_KERNEL_EVENT event = NULL;
        if (NT_SUCCESS(s.rig.allocator->lpVtbl->GetMessage(s.rig.allocator, &event))) {
            event->cbEvent = 3;
            event->uData.abData[0] = 0x90;
            good = NT_SUCCESS(midi->lpVtbl->PutMessage(midi, event));
        }
        sink->lpVtbl->Render(sink, (PBYTE)out, 64, 0);
    }
    wdm_pool_fail_at(s.rig.machine, 0, false);
    if (wave)
        wave->lpVtbl->Release(wave);
    if (midi)
        midi->lpVtbl->Release(midi);
    CHECK_EQ(wdm_pool_live(s.rig.machine), blocks);
    image_free(&image);
    stage_close(&s);
    return good;
}

static void test_no_memory(void)
{
    long nth = 1;
    while (nth < 200 && !life(nth))
        nth++;
    CHECK(nth > 10 && nth < 200); /* as many allocations as there are, then all went well */
}

int main(void)
{
    RUN(test_note_at_its_frame);
    RUN(test_events_before_the_start);
    RUN(test_stop_returns_what_is_held);
    RUN(test_chains_and_packages);
    RUN(test_system_exclusive_in_pieces);
    RUN(test_unload_while_it_sounds);
    RUN(test_refused_downloads);
    RUN(test_clock_and_figures);
    RUN(test_drift);
    RUN(test_second_run);
    RUN(test_no_memory);
    return tap_done();
}
