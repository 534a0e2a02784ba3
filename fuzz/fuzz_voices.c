/* SPDX-License-Identifier: MIT */
/*
 * A stream of operations of the DirectX 8 voice API on a playing engine. First byte: profile, channels, effects. Then operations
 * of a code and its operands:
 *   0, 1  play: id, download, channel and group, pitch, volume, start, loop start, loop length, delay
 *   2     stop: id, delay
 *   3     refresh: buffer and flag; new size
 *   4     assign buses: channel and group, count, ids
 *   5     unload or reload a download
 *   6     render: count, way; every voice's state
 *   7     note or controller; group count; reset
 */
#include <stdint.h>

#include "synth/synth.h"

#include "../tests/synth/image_builder.h"
#include "../tests/synth/test_memory.h"
#include "must.h"

struct input {
    const uint8_t *at, *end;
};

static uint8_t take(struct input *input) { return input->at < input->end ? *input->at++ : 0; }

enum { DOWNLOADS = 7, FIRST = 10, BUFFERS = 3, LENGTH = 100, VOICES = 4, OPERATIONS = 300, MOST = 400 };

static struct synth_download *loaded[DOWNLOADS];
static struct builder blocks[DOWNLOADS];
static bool lent[DOWNLOADS]; /* the engine reads blocks[i] */
static int64_t position;

/* 10..12 buffers of a stream, 13 a one-shot wave, 14 the stream, 15 and 16 articulations of the one-shot, 16 slave to 15. */
static void load(struct synth *synth, uint32_t index)
{
    static int16_t samples[LENGTH];
    struct builder *b = &blocks[index];
    bool keeps;
    if (loaded[index] || lent[index])
        return;
    for (int i = 0; i < LENGTH; i++)
        samples[i] = (int16_t)(i * 600 - 30000);
    if (index <= BUFFERS)
        build_play_wave(b, index < BUFFERS ? 5 : 6, FIRST + index, 11025, samples, LENGTH);
    else if (index == 4)
        build_wave_articulation(b, FIRST + index, (const uint32_t[]){FIRST, FIRST + 1, FIRST + 2}, BUFFERS);
    else
        build_wave_articulation(b, FIRST + index, (const uint32_t[]){FIRST + BUFFERS}, 1);
    if (index == 6) {
        put32(b->bytes + 24 + 4, 1);              /* ulBus: right */
        put32(b->bytes + 24 + 12, FIRST + 5);     /* ulMasterDLId */
        put16(b->bytes + 24 + 16, 1);             /* usOptions */
    }
    if (synth_download(synth, b->bytes, b->size, &loaded[index], &keeps) == SYNTH_OK)
        lent[index] = keeps;
}

static void collect(struct synth *synth)
{
    struct synth_download *handle;
    void *tag;
    while (synth_collect(synth, &handle, &tag))
        lent[(struct builder *)tag - blocks] = false;
}

static void play(struct synth *synth, struct input *input)
{
    struct synth_voice voice = {.id = take(input) % VOICES, .download_id = FIRST + take(input) % (DOWNLOADS + 1)};
    uint8_t where = take(input);
    voice.channel = where & 15;
    voice.group = where >> 4 & 3;
    voice.pitch_cents = (int8_t)take(input) * 100;
    voice.volume_cb10 = (int8_t)take(input) * 100;
    voice.start = take(input) % 128;
    voice.loop_start = take(input) % 128;
    voice.loop_end = voice.loop_start + take(input) % 64;
    if (voice.download_id == FIRST + 4)
        voice.loop_start = voice.loop_end = 0;
    (void)synth_play_voice(synth, position + take(input) - 20, &voice);
}

static void refresh(struct synth *synth, struct input *input)
{
    uint8_t what = take(input), bytes = take(input);
    uint32_t index = what % BUFFERS;
    uint64_t at;
    for (uint32_t id = 0; id < VOICES; id++) /* the memory is the host's unless a voice may read it */
        if (synth_voice_position(synth, id, &at))
            index = BUFFERS;
    if (index < BUFFERS)
        put32(blocks[index].bytes + 24, bytes);
    (void)synth_refresh(synth, FIRST + what % BUFFERS, what & 16);
}

static void assign(struct synth *synth, struct input *input)
{
    uint32_t ids[8], count, where = take(input);
    count = take(input) % 8;
    for (uint32_t i = 0; i < count; i++) {
        uint8_t id = take(input);
        ids[i] = id == 255 ? 0xFFFFFFFF : id >= 128 ? id * 4u : id;
    }
    (void)synth_assign_buses(synth, where >> 4 & 3, where & 15, ids, count);
}

static void check(const float *out, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        MUST(out[i] == out[i] && out[i] < 1e6f && out[i] > -1e6f);
}

static void render(struct synth *synth, uint32_t frames, uint8_t way)
{
    static float out[8 * MOST];
    static int16_t out16[2 * MOST];
    uint64_t at;
    if (way % 3 == 0) {
        synth_render_s16(synth, position, frames, out16);
    } else if (way % 3 == 1) {
        synth_render_f32(synth, position, frames, out);
        check(out, frames); /* one channel at least */
    } else {
        const uint32_t ids[8] = {0, 1, 64, 65, 512, 4, 516, way};
        float *buffers[8];
        for (int i = 0; i < 8; i++)
            buffers[i] = out + i * MOST;
        synth_render_buses(synth, position, frames, buffers, ids, way % 9u);
        for (int i = 0; i < way % 9; i++)
            check(buffers[i], frames);
    }
    position += frames;
    for (uint32_t id = 0; id < VOICES; id++)
        if (synth_voice_position(synth, id, &at))
            MUST(at <= (uint64_t)position + (1u << 30));
    collect(synth);
}

static void other(struct synth *synth, struct input *input)
{
    uint8_t what = take(input), value = take(input);
    if (what < 0x80)
        (void)synth_set_groups(synth, 1 + what % 3);
    else if (what < 0xF8)
        (void)synth_play(synth, position + value % 50, 0, (const uint8_t[]){what, value & 127, take(input) & 127}, 3);
    else if (what < 0xFC)
        synth_stop(synth);
    else
        synth_reset(synth);
    collect(synth);
}

static void operate(struct synth *synth, struct input *input)
{
    uint8_t code = take(input) & 7, id;
    switch (code) {
    case 0:
    case 1:
        play(synth, input);
        break;
    case 2:
        id = take(input) % VOICES;
        (void)synth_stop_voice(synth, position + take(input) - 20, id);
        break;
    case 3:
        refresh(synth, input);
        break;
    case 4:
        assign(synth, input);
        break;
    case 5:
        id = take(input) % DOWNLOADS;
        if (loaded[id]) {
            MUST(synth_unload(synth, loaded[id], &blocks[id]) == SYNTH_OK);
            loaded[id] = NULL;
        } else {
            load(synth, id);
        }
        collect(synth);
        break;
    case 6:
        id = take(input);
        render(synth, id + 100u, take(input));
        break;
    default:
        other(synth, input);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct test_memory memory;
    struct synth_memory mem = test_memory(&memory);
    struct synth *synth;
    struct input input = {data, data + size};
    uint8_t choice = take(&input);
    struct synth_config config = {.sample_rate = 8000, .channels = 1 + (choice >> 1 & 1), .voices = VOICES, .groups = 2,
                                  .effects = choice >> 2 & 3, .profile = choice & 1 ? SYNTH_STUDIO : SYNTH_NATIVE,
                                  .interpolation = (choice >> 4) % 5};
    MUST(synth_create(&config, &mem, &synth) == SYNTH_OK);
    position = 0;
    memset(lent, 0, sizeof lent);
    memset(loaded, 0, sizeof loaded);
    for (uint32_t i = 0; i < DOWNLOADS; i++)
        load(synth, i);
    for (int i = 0; i < OPERATIONS && input.at < input.end; i++)
        operate(synth, &input);
    render(synth, 300, 2);
    synth_destroy(synth);
    MUST(memory.live == 0);
    return 0;
}
