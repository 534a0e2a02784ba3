/* SPDX-License-Identifier: MIT */
/* A foreign bank all the way: described, flattened, downloaded whole, played, converted. Whatever opens must get through. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dmus/dmus.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* Two channels and the drums, 30 ms. */
static const uint8_t song_bytes[] = {
    'M', 'T', 'h', 'd', 0, 0, 0, 6, 0, 0, 0, 1, 0x03, 0xE8, 'M', 'T', 'r', 'k', 0, 0, 0, 42,
    0, 0x90, 60, 100, 0, 0xC1, 5, 0, 0x91, 36, 127, 0, 0x91, 84, 40, 0, 0x99, 36, 90, 0, 0x99, 42, 90,
    10, 0xE0, 0, 0x50, 10, 0xB0, 1, 127, 40, 0x80, 60, 0, 0, 0xFF, 0x2F, 0};

static int listen(void *ctx, const void *frames, size_t count)
{
    const float *samples = frames;
    (void)ctx;
    for (size_t i = 0; i < 2 * count; i++)
        require(isfinite(samples[i]));
    return 0;
}

static void describe(struct dmus_bank *bank)
{
    struct dmus_bank_info info = DMUS_INIT(dmus_bank_info);
    require(dmus_bank_get_info(bank, &info) == DMUS_OK);
    for (uint32_t i = 0; i < info.instruments; i++) {
        struct dmus_instrument_info instrument = DMUS_INIT(dmus_instrument_info);
        require(dmus_bank_get_instrument(bank, i, &instrument) == DMUS_OK && instrument.name);
    }
    for (uint32_t i = 0; i < info.waves; i++) {
        struct dmus_wave_info wave = DMUS_INIT(dmus_wave_info);
        require(dmus_bank_get_wave(bank, i, &wave) == DMUS_OK && wave.name);
    }
    for (uint32_t i = 0; i < info.remarks; i++)
        require(dmus_bank_get_remark(bank, i) != NULL);
}

static void play(struct dmus_bank *bank, struct dmus_song *song)
{
    struct dmus_render_options options = DMUS_INIT(dmus_render_options);
    struct dmus_output output = DMUS_INIT(dmus_output);
    struct dmus_error err = DMUS_INIT(dmus_error);
    require(dmus_render_defaults(&options) == DMUS_OK);
    options.sample_rate = 8000;
    options.polyphony = 32;
    options.download_all = true;
    options.loudness = false;
    options.tail = DMUS_TAIL_SECONDS;
    options.tail_seconds = 0;
    output.format = DMUS_F32;
    output.write = listen;
    enum dmus_status status = dmus_render(song, &bank, 1, &options, &output, NULL, &err);
    require(status == DMUS_OK || err.text[0]);
    /* The synthesizer must not refuse what the player made. FORMAT: none of the song's notes finds anything that can sound. */
    require(status == DMUS_OK || status == DMUS_ERR_NOT_FOUND || status == DMUS_ERR_NOMEM ||
            status == DMUS_ERR_UNSUPPORTED || (status == DMUS_ERR_FORMAT && strstr(err.text, "usable wave")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct dmus_song *song;
    struct dmus_bank *bank;
    if (!song)
        require(dmus_song_open_memory(song_bytes, sizeof song_bytes, "song", &song, NULL) == DMUS_OK);
    struct dmus_error err = DMUS_INIT(dmus_error);
    if (dmus_bank_open_memory(data, size, "bank", &bank, &err) != DMUS_OK) {
        require(err.text[0] != '\0');
        return 0;
    }
    describe(bank);
    play(bank, song);
    enum dmus_status status = dmus_convert(bank, "/dev/null", NULL, NULL, &err);
    require(status == DMUS_OK || err.text[0] != '\0');
    dmus_bank_close(bank);
    return 0;
}
