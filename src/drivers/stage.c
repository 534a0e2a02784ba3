/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <dmusprop.h>
#include <ksmedia.h>

#include "ask.h"
#include "base/alloc.h"
#include "scene.h"

static void ignore(void *ctx, int64_t time, uint32_t group, const uint8_t *bytes, uint32_t size)
{
    (void)ctx, (void)time, (void)group, (void)bytes, (void)size;
}

static struct host_pin *open_music(struct stage *stage, int pin, const GUID *subformat)
{
    uint8_t connect[HOST_CONNECT_MAX];
    struct host_pin *out = NULL;
    if (pin >= 0)
        host_create_pin(stage->filter, connect, host_connect_music(connect, (uint32_t)pin, subformat), &out);
    return out;
}

/* A synth is configured before it plays (spec/ddi-kernel.md 7.2); who has no such property says so. */
static void configure(struct stage *stage, struct host_pin *pin)
{
    SYNTH_PORTPARAMS granted, wanted = {.ValidParams = SYNTH_PORTPARAMS_SAMPLERATE | SYNTH_PORTPARAMS_AUDIOCHANNELS,
                                        .AudioChannels = stage->channels,
                                        .SampleRate = stage->rate};
    struct ask ask = {.pin = pin, .node = stage->graph.synth, .set = &KSPROPSETID_Synth, .id = KSPROPERTY_SYNTH_PORTPARAMETERS,
                      .instance = &wanted, .cb_instance = sizeof wanted};
    if (!pin || stage->graph.synth < 0)
        return;
    memset(&granted, 0, sizeof granted);
    if (NT_SUCCESS(ask_get(&ask, &granted, sizeof granted))) {
        stage->rate = granted.SampleRate ? granted.SampleRate : stage->rate;
        stage->channels = granted.AudioChannels == 1 ? 1 : 2;
    }
}

static void open_wave(struct stage *stage)
{
    uint8_t connect[HOST_CONNECT_MAX];
    uint32_t bits;
    if (stage->graph.wave < 0)
        return;
    uint32_t size = graph_connect_wave(&stage->graph, connect, &stage->rate, &stage->channels);
    if (!NT_SUCCESS(host_create_pin(stage->filter, connect, size, &stage->wave)) ||
        !NT_SUCCESS(host_pin_format(stage->wave, &stage->rate, &stage->channels, &bits)))
        return;
    stage->frames = dm_calloc((size_t)STAGE_FRAMES * stage->channels, sizeof(int32_t));
}

static void open_capture(struct stage *stage, bool deaf)
{
    stage->capture = open_music(stage, stage->graph.capture, stage->graph.capture_directmusic ? &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC
                                                                                              : &KSDATAFORMAT_SUBTYPE_MIDI);
    struct listener_config config = {.pin = stage->capture, .legacy = !stage->graph.capture_directmusic, .take = ignore};
    struct dm_error err;
    if (stage->capture && !deaf)
        listener_begin(&config, &stage->listener, &err);
}

bool stage_open(struct scene *scene, size_t index, unsigned which, struct stage *stage)
{
    *stage = (struct stage){.scene = scene, .machine = host_machine(scene->session.host), .rate = 44100, .channels = 2};
    if (!graph_find(scene->session.host, index, &stage->graph))
        return false;
    if (!NT_SUCCESS(host_open_filter(scene->session.host, stage->graph.name, &stage->filter)))
        return true;
    if (which & STAGE_MIDI)
        stage->midi = open_music(stage, stage->graph.directmusic, &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC);
    if ((which & STAGE_LEGACY) || (!stage->midi && (which & STAGE_MIDI)))
        stage->legacy = open_music(stage, stage->graph.legacy, &KSDATAFORMAT_SUBTYPE_MIDI);
    configure(stage, stage->midi ? stage->midi : stage->legacy);
    if (which & STAGE_WAVE)
        open_wave(stage);
    if (which & STAGE_CAPTURE)
        open_capture(stage, which & STAGE_DEAF);
    writer_begin(&stage->writer, stage->midi, false);
    writer_begin(&stage->legacy_writer, stage->legacy, true);
    return true;
}

void stage_close(struct stage *stage)
{
    if (stage->listener)
        listener_end(stage->listener);
    else
        host_close_pin(stage->capture);
    host_close_pin(stage->legacy);
    host_close_pin(stage->midi);
    host_close_pin(stage->wave);
    host_close_filter(stage->filter);
    dm_free(stage->frames);
    stage->listener = NULL;
    stage->capture = stage->legacy = stage->midi = stage->wave = NULL;
    stage->filter = NULL;
    stage->frames = NULL;
}

void stage_state(struct stage *stage, KSSTATE state)
{
    struct host_pin *const pins[] = {stage->capture, stage->wave, stage->legacy, stage->midi};
    for (int i = 0; i < 4; i++) {
        struct host_pin *pin = pins[state == KSSTATE_RUN ? i : 3 - i];
        if (pin)
            host_pin_set_state(pin, state);
    }
}

void stage_render(struct stage *stage, uint32_t frames)
{
    if (stage->wave && stage->frames)
        host_pin_pull(stage->wave, stage->frames, frames < STAGE_FRAMES ? frames : STAGE_FRAMES);
}

void stage_pass(struct stage *stage, unsigned ms)
{
    for (unsigned done = 0; done < ms; done += 10) {
        wdm_enter(stage->machine);
        wdm_run_until(stage->machine, wdm_time_100ns(stage->machine) + (ms - done < 10 ? ms - done : 10) * WDM_MS);
        wdm_leave();
        stage_render(stage, stage->rate / 100);
    }
}

int64_t stage_now(struct stage *stage) { return stage->filter ? ask_master_time(stage->filter) : 0; }

void stage_send(struct stage *stage, int at_ms, const void *bytes, uint32_t size)
{
    int64_t time = stage_now(stage) + at_ms * WDM_MS;
    if (stage->midi)
        stage->refused += !NT_SUCCESS(writer_message(&stage->writer, time, 1, bytes, size));
    if (stage->legacy)
        stage->refused += !NT_SUCCESS(writer_message(&stage->legacy_writer, time, 1, bytes, size));
}

void stage_note(struct stage *stage, int at_ms, uint8_t key, bool on)
{
    const uint8_t message[3] = {on ? 0x90 : 0x80, key, 100};
    stage_send(stage, at_ms, message, sizeof message);
}

void stage_sysex(struct stage *stage, int at_ms, uint32_t size)
{
    uint8_t *bytes = dm_malloc(size);
    if (!bytes)
        return;
    for (uint32_t i = 0; i < size; i++)
        bytes[i] = i == 0 ? 0xF0 : i + 1 == size ? 0xF7 : (uint8_t)(i & 0x7F);
    stage_send(stage, at_ms, bytes, size);
    dm_free(bytes);
}

void stage_play(struct stage *stage)
{
    static const uint8_t others[][3] = {{0xB0, 7, 100}, {0xC0, 5}, {0xE0, 0, 0x50}, {0xD0, 40}, {0xA0, 60, 30}, {0xF8}};
    static const uint8_t sizes[] = {3, 2, 3, 2, 3, 1};
    for (int i = 0; i < 25; i++) {
        stage_note(stage, 20 * i, (uint8_t)(40 + i), true);
        stage_note(stage, 20 * i + 15, (uint8_t)(40 + i), false);
        stage_send(stage, 20 * i, others[i % 6], sizes[i % 6]); /* with the note's stamp */
    }
    stage_sysex(stage, 100, 8);
    stage_sysex(stage, 200, 300);
    stage_pass(stage, 600);
}
