/* SPDX-License-Identifier: MIT */
/*
 * A stream of operations on a playing engine. First byte: profile, effects,
 * interpolation. Then operations of a code and its operands:
 *   0-7    channel message: status, two data bytes, delay
 *   8      system exclusive: length, bytes (F0 and F7 are added), delay
 *   9      raw bytes as a message: length, bytes
 *   10-12  render: count
 *   13     group count
 *   14     priority of a channel
 *   15     unload or reload one of the instruments; reset; volume
 */
#include <stdint.h>

#include "synth/synth.h"

#include "synth_bank.h"

struct input {
    const uint8_t *at, *end;
};

static uint8_t take(struct input *input) { return input->at < input->end ? *input->at++ : 0; }

enum { INSTRUMENTS = 4, VOICES = 6, OPERATIONS = 400 };

static struct synth_download *instruments[INSTRUMENTS];
static const uint32_t patches[INSTRUMENTS] = {0, 1, 0x00010000, 0x80000000u};
static int64_t position;

static void load_instrument(struct synth *synth, unsigned index)
{
    static const struct build_region regions[INSTRUMENTS][3] = {
        {{.wave = 1, .loops = 1, .loop_length = 64}, {.wave = 2, .key_high = 60, .key_group = 1}, {.wave = 2, .options = 1}},
        {{.wave = 1, .phase_group = 1, .link_options = 1}, {.wave = 2, .phase_group = 1}, {.wave = 1, .velocity_low = 90}},
        {{.wave = 2, .loops = 1, .loop_type = 1, .loop_start = 8, .loop_length = 9}, {.wave = 1}, {.wave = 1}},
        {{.wave = 1, .key_group = 2}, {.wave = 2, .key_low = 40, .key_group = 2}, {.wave = 2, .key_group = 1}},
    };
    build_instrument(&bank_image, 10 + index, patches[index], index & 1, regions[index], 3);
    instruments[index] = bank_load(synth, bank_image.bytes, bank_image.size);
    MUST(instruments[index]);
}

static void message(struct synth *synth, struct input *input, uint8_t code)
{
    uint8_t bytes[300];
    size_t size = 0;
    uint8_t group = code >> 4;
    if ((code & 15) < 8) {
        bytes[0] = 0x80 | take(input);
        bytes[1] = take(input) & 127;
        bytes[2] = take(input) & 127;
        size = bytes[0] < 0xF0 ? 3 : 1;
    } else {
        bool raw = (code & 15) == 9;
        size_t length = take(input);
        if (!raw)
            bytes[size++] = 0xF0;
        while (length-- > 0)
            bytes[size++] = raw ? take(input) : take(input) & 127;
        if (!raw)
            bytes[size++] = 0xF7;
    }
    (void)synth_play(synth, position + take(input) - 20, group, bytes, size);
}

static void render(struct synth *synth, uint32_t frames, bool s16)
{
    static float out[2 * 600];
    static int16_t out16[2 * 600];
    struct synth_stats stats;
    if (s16)
        synth_render_s16(synth, position, frames, out16);
    else
        synth_render_f32(synth, position, frames, out);
    position += frames;
    for (uint32_t i = 0; i < 2 * frames && !s16; i++)
        MUST(out[i] == out[i] && out[i] < 1e6f && out[i] > -1e6f);
    synth_get_stats(synth, &stats);
    MUST(stats.voices <= VOICES && stats.voices_peak <= VOICES);
}

static void collect(struct synth *synth)
{
    struct synth_download *handle;
    void *tag;
    while (synth_collect(synth, &handle, &tag))
        ;
}

static void control(struct synth *synth, uint8_t what, uint8_t value)
{
    unsigned index = what % INSTRUMENTS;
    switch (what >> 2 & 7) {
    case 0:
    case 1:
        if (instruments[index]) {
            MUST(synth_unload(synth, instruments[index], NULL) == SYNTH_OK);
            instruments[index] = NULL;
        } else {
            load_instrument(synth, index);
        }
        collect(synth);
        break;
    case 2:
        synth_reset(synth);
        break;
    case 3:
        synth_set_volume(synth, what & 1, (int8_t)value * 200);
        break;
    case 4:
        synth_set_effects(synth, value);
        break;
    default:
        synth_set_reverb(synth, &(struct synth_reverb){-(float)value, 0, (float)value * 20, 0.5f});
        break;
    }
}

static void operate(struct synth *synth, struct input *input)
{
    uint8_t code = take(input);
    if ((code & 15) < 10) {
        message(synth, input, code);
    } else if ((code & 15) < 13) {
        render(synth, take(input) + (code >> 4) * 16u, code & 1);
    } else if ((code & 15) == 13) {
        (void)synth_set_groups(synth, take(input) % 6);
    } else if ((code & 15) == 14) {
        (void)synth_set_channel_priority(synth, code >> 4, take(input) & 31, (uint32_t)take(input) << 24);
    } else {
        uint8_t what = take(input);
        control(synth, what, take(input));
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
    struct synth_config config = {.sample_rate = 8000, .channels = 2, .voices = VOICES, .groups = 2, .effects = choice >> 1 & 3,
                                  .profile = choice & 1 ? SYNTH_STUDIO : SYNTH_NATIVE,
                                  .interpolation = (choice >> 3) % 5, .dither = true};
    MUST(synth_create(&config, &mem, &synth) == SYNTH_OK);
    bank_load_waves(synth);
    position = 0;
    for (unsigned i = 0; i < INSTRUMENTS; i++)
        load_instrument(synth, i);
    for (int i = 0; i < OPERATIONS && input.at < input.end; i++)
        operate(synth, &input);
    render(synth, 300, false);
    synth_destroy(synth);
    MUST(memory.live == 0);
    return 0;
}
