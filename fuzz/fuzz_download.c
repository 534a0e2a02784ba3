/* SPDX-License-Identifier: MIT */
/*
 * Download images: the first byte chooses the profile, the rest is the image.
 * What is accepted is played, withdrawn and collected; what is refused must leave
 * no memory behind. Waves 1 and 2, one-shot wave 3 and the stream's buffers 4 and 5 are there.
 */
#include <stdint.h>

#include "synth/synth.h"

#include "synth_bank.h"

static void play(struct synth *synth, uint8_t status, uint8_t a, uint8_t b)
{
    const uint8_t bytes[3] = {status, a, b};
    MUST(synth_play(synth, 0, 1, bytes, 3) == SYNTH_OK);
}

/* Notes over the keyboard at the patch of the image, if it is an instrument. */
static void play_image(struct synth *synth, const uint8_t *image, size_t size)
{
    static float out[2 * 300];
    uint32_t offset = 0, patch = 0;
    memcpy(&offset, image + 16, sizeof offset);
    if (offset <= size - 4)
        memcpy(&patch, image + offset, sizeof patch);
    uint8_t channel = patch >> 31 ? 9 : 0;
    play(synth, (uint8_t)(0xB0 | channel), 0, patch >> 16 & 127);
    play(synth, (uint8_t)(0xB0 | channel), 32, patch >> 8 & 127);
    play(synth, (uint8_t)(0xC0 | channel), patch & 127, 0);
    for (uint8_t key = 0; key < 128; key += 9)
        play(synth, (uint8_t)(0x90 | channel), key, 1 + key % 127);
    synth_render_f32(synth, 0, 300, out);
    for (int i = 0; i < 600; i++)
        MUST(out[i] == out[i] && out[i] < 1e6f && out[i] > -1e6f);
}

/* A wave from the image is played by an instrument of ours. */
static void play_wave(struct synth *synth, uint32_t id)
{
    const struct build_region regions[2] = {{.wave = id, .loops = 1, .loop_start = 3, .loop_length = 1000}, {.wave = id}};
    build_instrument(&bank_image, 77, 0, 0, regions, 2);
    MUST(bank_load(synth, bank_image.bytes, bank_image.size));
    for (uint8_t key = 0; key < 128; key += 21)
        play(synth, 0x90, key, 100);
    static float out[2 * 300];
    synth_render_f32(synth, 0, 300, out);
    for (int i = 0; i < 600; i++)
        MUST(out[i] == out[i]);
}

/* A one-shot wave or a wave articulation as a voice; a stream's buffers are filled again as far as they may. */
static void play_voice(struct synth *synth, uint32_t id)
{
    static float out[2 * 300];
    for (uint32_t i = 0; i < 3; i++) {
        struct synth_voice voice = {.id = i, .group = 1, .download_id = id, .pitch_cents = 3700 * (int32_t)i,
                                    .start = i * 7, .loop_start = i == 2 ? 3 : 0, .loop_end = i == 2 ? 5 : 0};
        (void)synth_play_voice(synth, 0, &voice);
        synth_render_f32(synth, 0, 300, out);
        for (int k = 0; k < 600; k++)
            MUST(out[k] == out[k] && out[k] < 1e6f && out[k] > -1e6f);
        for (uint32_t buffer = 4; buffer < 6; buffer++)
            (void)synth_refresh(synth, buffer, i == 1);
        (void)synth_refresh(synth, id, false);
        (void)synth_stop_voice(synth, 0, 0);
    }
}

/* A buffer from the image in a stream of ours. */
static void play_buffer(struct synth *synth, uint32_t id)
{
    build_wave_articulation(&bank_image, 78, (const uint32_t[]){id}, 1);
    MUST(bank_load(synth, bank_image.bytes, bank_image.size));
    play_voice(synth, 78);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct test_memory memory;
    struct synth_memory mem = test_memory(&memory);
    struct synth_config config = {.sample_rate = 22050, .channels = 2, .voices = 8, .groups = 1, .interpolation = SYNTH_CUBIC};
    struct synth *synth;
    if (size < 1)
        return 0;
    config.profile = data[0] & 1 ? SYNTH_STUDIO : SYNTH_NATIVE;
    /* An exact block, so that a sanitizer sees the first byte beyond; at an odd address for some. */
    size_t skew = data[0] >> 1 & 1, length = size - 1;
    uint8_t *block = malloc(length + skew + 1), *image = block + skew;
    if (!block)
        return 0;
    memcpy(image, data + 1, length);
    MUST(synth_create(&config, &mem, &synth) == SYNTH_OK);
    bank_load_waves(synth);
    long before = memory.live;
    struct synth_download *download = bank_load(synth, image, length);
    MUST(download || memory.live == before);
    if (download) {
        uint32_t type, id;
        memcpy(&type, image, sizeof type);
        memcpy(&id, image + 4, sizeof id);
        if (type == 2)
            play_wave(synth, id);
        else if (type == 5)
            play_buffer(synth, id);
        else if (type == 4 || type == 6)
            play_voice(synth, id);
        else
            play_image(synth, image, length);
        MUST(synth_unload(synth, download, NULL) == SYNTH_OK);
        synth_reset(synth);
        void *tag;
        struct synth_download *handle;
        MUST(synth_collect(synth, &handle, &tag) == (type != 2 && type != 5));
    }
    synth_destroy(synth);
    MUST(memory.live == 0);
    free(block);
    return 0;
}
