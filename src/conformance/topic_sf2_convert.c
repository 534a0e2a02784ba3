/* SPDX-License-Identifier: MIT */
/*
 * topic_sf2_convert.c - SoundFonts converted to DLS collections: the same sound.
 *
 * Goal: below -60 dB of the sound, root mean square over each whole case. What DLS cannot hold is left out in both, see doc/sf2.md.
 */
#define _XOPEN_SOURCE 700
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dmus/dmus.h"
#include "probe.h"
#include "rig.h"

extern const struct conf_topic conf_topic_sf2, conf_topic_sf2_time;

static void give_up(const char *what)
{
    fprintf(stderr, "conformance: %s\n", what);
    exit(2);
}

static struct conf_bytes read_all(int file)
{
    struct conf_bytes bytes = {0};
    uint8_t block[4096];
    for (ssize_t got; (got = read(file, block, sizeof block)) > 0;)
        conf_append(&bytes, block, (size_t)got);
    return bytes;
}

/* BANK as a DLS collection, by way of a file as users do it. */
static struct conf_bytes convert(const struct conf_bytes *bank)
{
    char path[1024];
    const char *directory = getenv("TMPDIR");
    struct dmus_error error = DMUS_INIT(dmus_error);
    struct dmus_convert_options options = DMUS_INIT(dmus_convert_options);
    struct dmus_bank *opened = NULL;
    snprintf(path, sizeof path, "%s/dmus-conformance-XXXXXX", directory && *directory ? directory : "/tmp");
    int file = mkstemp(path);
    if (file < 0)
        give_up("no temporary file");
    options.overwrite = true;
    if (dmus_bank_open_memory(bank->data, bank->size, "bank", &opened, &error) != DMUS_OK ||
        dmus_convert(opened, path, &options, NULL, &error) != DMUS_OK)
        give_up(error.text);
    dmus_bank_close(opened);
    close(file); /* the conversion has put a new one in its place */
    FILE *written = fopen(path, "rb");
    if (!written)
        give_up("the converted file is gone");
    struct conf_bytes bytes = read_all(fileno(written));
    fclose(written);
    unlink(path);
    return bytes;
}

/* RMS of the difference against that of A, dB. */
static double difference(const struct conf_sound *a, const struct conf_sound *b)
{
    double signal = 0, rest = 0;
    if (a->frames != b->frames)
        return 0;
    for (size_t f = 0; f < a->frames; f++) {
        double l = (double)a->left[f], r = (double)a->right[f], dl = l - (double)b->left[f], dr = r - (double)b->right[f];
        signal += l * l + r * r;
        rest += dl * dl + dr * dr;
    }
    return rest > 0 ? 10 * log10(rest / signal) : -400;
}

static void judge_case(struct conf_judge *judge, const struct conf_case *test)
{
    struct conf_bytes bank, song;
    uint64_t frames;
    conf_make(test, &bank, &song, &frames);
    struct conf_bytes dls = convert(&bank), again = convert(&dls);
    struct conf_sound a = rig_render_files(test, &bank, &song), b = rig_render_files(test, &dls, &song);
    conf_at_most(judge, "6, goal", -60, difference(&a, &b), "dB", "%s: sound of the DLS collection less that of the SoundFont", test->title);
    double bytes = fabs((double)dls.size - (double)again.size);
    for (size_t i = 0; i < dls.size && i < again.size; i++)
        bytes += dls.data[i] != again.data[i];
    conf_row(judge, "6, goal", 0, bytes, 0, "bytes", "%s: the DLS collection converted again differs in", test->title);
    rig_free_sound(&a);
    rig_free_sound(&b);
    free(bank.data);
    free(song.data);
    free(dls.data);
    free(again.data);
}

static void judge_conversion(struct conf_judge *judge)
{
    const struct conf_topic *const topics[] = {&conf_topic_sf2, &conf_topic_sf2_time};
    for (uint32_t t = 0; t < COUNT(topics); t++)
        for (size_t i = 0; i < topics[t]->count; i++)
            judge_case(judge, &topics[t]->cases[i]);
}

static const struct conf_case cases[] = {
    {.id = "sf2-convert", .title = "The banks above, converted", .judge = judge_conversion},
};

extern const struct conf_topic conf_topic_sf2_convert;
const struct conf_topic conf_topic_sf2_convert = {"SoundFont 2 to DLS", cases, COUNT(cases)};
