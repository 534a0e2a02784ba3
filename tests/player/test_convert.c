/* SPDX-License-Identifier: MIT */
/* SoundFont to DLS: what is written reads back as what was mapped, and sounds the same (below -60 dB RMS). */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <unistd.h>

#include "formats/dls.h"
#include "player/bank.h"
#include "tap.h"
#include "testbank.h"

static const char *const out_path = "player-test-convert.dls";

static void take_remark(void *ctx, const char *text)
{
    (void)text;
    ++*(uint32_t *)ctx;
}

static bool same_articulation(const struct dls_articulation *a, const struct dls_articulation *b)
{
    return a->present == b->present && a->count == b->count &&
           (a->count == 0 || memcmp(a->connections, b->connections, a->count * sizeof *a->connections) == 0);
}

static void compare_samples(struct dmus_bank *a, uint32_t wave_a, struct dmus_bank *b, uint32_t wave_b)
{
    struct bank_wave x, y;
    a->ops->wave(a, wave_a, &x);
    b->ops->wave(b, wave_b, &y);
    CHECK_EQ(x.frames, y.frames);
    CHECK_EQ(x.sample_rate, y.sample_rate);
    if (x.frames != y.frames)
        return;
    int16_t *p = malloc((x.frames + 1) * sizeof *p), *q = malloc((x.frames + 1) * sizeof *q);
    CHECK_EQ(a->ops->decode(a, wave_a, 0, x.frames, p, NULL), DM_OK);
    CHECK_EQ(b->ops->decode(b, wave_b, 0, x.frames, q, NULL), DM_OK);
    CHECK_EQ(memcmp(p, q, x.frames * sizeof *p), 0);
    free(p);
    free(q);
}

static void compare_instruments(struct dmus_bank *a, uint32_t entry_a, struct dmus_bank *b, uint32_t entry_b)
{
    const struct dls_instrument *x, *y;
    CHECK_EQ(a->ops->instrument(a, entry_a, &x, NULL), DM_OK);
    CHECK_EQ(b->ops->instrument(b, entry_b, &y, NULL), DM_OK);
    CHECK_EQ(a->entries[entry_a].patch, b->entries[entry_b].patch);
    CHECK_STR(y->name, x->name);
    CHECK_EQ(x->region_count, y->region_count);
    for (uint32_t i = 0; i < x->region_count && i < y->region_count; i++) {
        const struct dls_region *r = &x->regions[i], *s = &y->regions[i];
        CHECK(r->key_low == s->key_low && r->key_high == s->key_high && r->velocity_low == s->velocity_low &&
              r->velocity_high == s->velocity_high);
        CHECK_EQ(r->key_group, s->key_group);
        CHECK_EQ(r->phase_group, s->phase_group);
        CHECK_EQ(r->link_options, s->link_options);
        CHECK(s->sample.present);
        CHECK_EQ(r->sample.unity_note, s->sample.unity_note);
        CHECK_EQ(r->sample.fine_tune, s->sample.fine_tune);
        CHECK_EQ(r->sample.gain, s->sample.gain);
        CHECK_EQ(r->sample.loop, s->sample.loop);
        CHECK_EQ(r->sample.loop_start, s->sample.loop_start);
        CHECK_EQ(r->sample.loop_length, s->sample.loop_length);
        CHECK(same_articulation(&r->articulation, &s->articulation));
        compare_samples(a, r->wave, b, s->wave);
    }
}

static void convert_and_compare(struct dmus_bank *from, uint32_t expected_instruments)
{
    struct dmus_convert_options options = DMUS_INIT(dmus_convert_options);
    struct dmus_convert_result result = DMUS_INIT(dmus_convert_result);
    struct dmus_error err = DMUS_INIT(dmus_error);
    struct dmus_bank *to;
    uint32_t remarks = 0;
    options.overwrite = true;
    options.remark = take_remark;
    options.remark_ctx = &remarks;
    if (!CHECK(dmus_convert(from, out_path, &options, &result, &err) == DMUS_OK))
        printf("# %s\n", err.text);
    CHECK_EQ(result.remarks, remarks);
    CHECK_EQ(result.instruments, expected_instruments);
    if (!CHECK(dmus_bank_open(out_path, &to, &err) == DMUS_OK)) {
        printf("# %s\n", err.text);
        return;
    }
    struct dmus_bank_info info = DMUS_INIT(dmus_bank_info);
    CHECK_EQ(dmus_bank_get_info(to, &info), DMUS_OK);
    CHECK_EQ(info.kind, DMUS_KIND_DLS);
    CHECK_EQ(info.version_major, 2);
    CHECK_EQ(info.remarks, 0);
    CHECK_EQ(info.instruments, result.instruments);
    CHECK_EQ(info.waves, result.waves);
    CHECK_EQ(info.regions, result.regions);
    CHECK_EQ(info.connections, result.connections);
    CHECK_EQ(info.file_bytes, result.bytes);
    for (uint32_t i = 0, k = 0; i < from->entry_count && k < to->entry_count; i++)
        if (from->entries[i].addressable)
            compare_instruments(from, i, to, k++);
    dmus_bank_close(to);
}

/* ---- sound ---- */

struct heard {
    float *samples;
    size_t count, room;
};

static int hear(void *ctx, const void *frames, size_t count)
{
    struct heard *heard = ctx;
    if (heard->count + 2 * count > heard->room) {
        heard->room = (heard->count + 2 * count) * 2;
        heard->samples = realloc(heard->samples, heard->room * sizeof *heard->samples);
    }
    memcpy(heard->samples + heard->count, frames, 2 * count * sizeof(float));
    heard->count += 2 * count;
    return 0;
}

static void play(struct dmus_bank *bank, struct dmus_song *song, double seconds, struct heard *heard)
{
    struct dmus_render_options options = DMUS_INIT(dmus_render_options);
    struct dmus_output output = DMUS_INIT(dmus_output);
    struct dmus_error err = DMUS_INIT(dmus_error);
    dmus_render_defaults(&options);
    options.loudness = false;
    options.to_seconds = seconds;
    output.format = DMUS_F32;
    output.write = hear;
    output.write_ctx = heard;
    if (!CHECK(dmus_render(song, &bank, 1, &options, &output, NULL, &err) == DMUS_OK))
        printf("# %s\n", err.text);
}

static void compare_sound(struct dmus_bank *from, struct dmus_song *song, double seconds)
{
    struct dmus_bank *to;
    struct heard a = {0}, b = {0};
    CHECK_EQ(dmus_bank_open(out_path, &to, NULL), DMUS_OK);
    play(from, song, seconds, &a);
    play(to, song, seconds, &b);
    CHECK_EQ(a.count, b.count);
    double signal = 0, difference = 0;
    for (size_t i = 0; i < a.count && i < b.count; i++) {
        double d = (double)a.samples[i] - (double)b.samples[i];
        signal += (double)a.samples[i] * (double)a.samples[i];
        difference += d * d;
    }
    double db = 10 * log10((difference + 1e-30) / (signal + 1e-30));
    printf("# difference %.1f dB of the signal, %zu frames\n", db, a.count / 2);
    CHECK(signal > 0);
    CHECK(db < -60);
    free(a.samples);
    free(b.samples);
    dmus_bank_close(to);
}

static void test_synthetic_bank(void)
{
    struct blob file = testbank_make(), midi = testsong_random(11, 400, 4);
    struct dmus_bank *bank;
    struct dmus_song *song;
    CHECK_EQ(dmus_bank_open_memory(file.data, file.size, "test.sf2", &bank, NULL), DMUS_OK);
    CHECK_EQ(dmus_song_open_memory(midi.data, midi.size, "test.mid", &song, NULL), DMUS_OK);
    convert_and_compare(bank, bank->entry_count);
    compare_sound(bank, song, 0);
    dmus_song_close(song);
    dmus_bank_close(bank);
    blob_free(&file);
    blob_free(&midi);
    unlink(out_path);
}

/* A DLS that goes through the converter again stays what it is. */
static void test_dls_to_dls(void)
{
    struct blob file = testbank_make();
    struct dmus_bank *bank, *dls;
    CHECK_EQ(dmus_bank_open_memory(file.data, file.size, "test.sf2", &bank, NULL), DMUS_OK);
    struct dmus_convert_options options = DMUS_INIT(dmus_convert_options);
    options.overwrite = true;
    CHECK_EQ(dmus_convert(bank, "player-test-first.dls", &options, NULL, NULL), DMUS_OK);
    CHECK_EQ(dmus_bank_open("player-test-first.dls", &dls, NULL), DMUS_OK);
    convert_and_compare(dls, dls->entry_count);
    dmus_bank_close(dls);
    dmus_bank_close(bank);
    blob_free(&file);
    unlink("player-test-first.dls");
    unlink(out_path);
}

static bool stop(void *ctx, uint32_t done, uint32_t waves)
{
    (void)ctx, (void)waves;
    return done == 0;
}

static void test_refusals_leave_nothing(void)
{
    struct blob file = testbank_make();
    struct dmus_bank *bank;
    struct dmus_convert_options options = DMUS_INIT(dmus_convert_options);
    struct dmus_error err = DMUS_INIT(dmus_error);
    CHECK_EQ(dmus_bank_open_memory(file.data, file.size, "test.sf2", &bank, NULL), DMUS_OK);
    CHECK_EQ(dmus_convert(bank, out_path, NULL, NULL, &err), DMUS_OK);
    CHECK_EQ(dmus_convert(bank, out_path, NULL, NULL, &err), DMUS_ERR_WRITE);
    CHECK(strstr(err.text, out_path) != NULL);
    unlink(out_path);
    options.progress = stop;
    CHECK_EQ(dmus_convert(bank, out_path, &options, NULL, &err), DMUS_ERR_CANCELLED);
    CHECK(access(out_path, F_OK) != 0);
    CHECK_EQ(dmus_convert(bank, "nowhere/x.dls", NULL, NULL, &err), DMUS_ERR_WRITE);
    CHECK_EQ(dmus_convert(bank, ".", NULL, NULL, &err), DMUS_ERR_WRITE);
    CHECK_EQ(dmus_convert(bank, "/dev/full", NULL, NULL, &err), DMUS_ERR_WRITE);
    CHECK(strstr(err.text, "/dev/full") != NULL);
    dmus_bank_close(bank);
    blob_free(&file);
}

/* With arguments: a bank of the system and a song for it. */
static const char *bank_path, *song_path;

static void test_installed_bank(void)
{
    struct dmus_bank *bank;
    struct dmus_song *song;
    struct dmus_error err = DMUS_INIT(dmus_error);
    if (!CHECK(dmus_bank_open(bank_path, &bank, &err) == DMUS_OK) ||
        !CHECK(dmus_song_open(song_path, &song, &err) == DMUS_OK)) {
        printf("# %s\n", err.text);
        return;
    }
    uint32_t expected = 0;
    for (uint32_t i = 0; i < bank->entry_count; i++)
        expected += bank->entries[i].addressable;
    convert_and_compare(bank, expected);
    compare_sound(bank, song, 30);
    dmus_song_close(song);
    dmus_bank_close(bank);
    unlink(out_path);
}

int main(int argc, char **argv)
{
    if (argc == 3) {
        bank_path = argv[1];
        song_path = argv[2];
        RUN(test_installed_bank);
        return tap_done();
    }
    RUN(test_synthetic_bank);
    RUN(test_dls_to_dls);
    RUN(test_refusals_leave_nothing);
    return tap_done();
}
