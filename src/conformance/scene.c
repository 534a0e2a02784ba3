/* SPDX-License-Identifier: MIT */
#include "scene.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t scene_sysex_bytes(const char *text, uint8_t *bytes)
{
    size_t size = 0;
    bytes[size++] = 0xF0;
    while (*text && size < 510) {
        if (*text == ' ') {
            text++;
        } else if (strncmp(text, "cs", 2) == 0) {
            unsigned sum = 0;
            for (size_t i = 5; i < size; i++)
                sum += bytes[i];
            bytes[size++] = (uint8_t)((128 - sum % 128) % 128);
            text += 2;
        } else {
            char digits[3] = {text[0], text[1], 0};
            bytes[size++] = (uint8_t)strtoul(digits, NULL, 16);
            text += 2;
        }
    }
    bytes[size++] = 0xF7;
    return size;
}

void scene_sysex(struct conf_song *song, uint64_t frame, const char *text)
{
    uint8_t bytes[512];
    conf_sysex(song, frame, bytes, scene_sysex_bytes(text, bytes));
}

void scene_play(struct conf_song *song, uint64_t frame, const struct move *moves, uint32_t count)
{
    for (uint32_t i = 0; i < count && moves[i].status; i++) {
        if (moves[i].sysex)
            scene_sysex(song, frame + moves[i].frame, moves[i].sysex);
        else
            conf_message(song, frame + moves[i].frame, moves[i].status, moves[i].data1, moves[i].data2);
    }
}

void scene_reset(struct conf_song *song, uint64_t frame)
{
    for (uint8_t channel = 0; channel < 16; channel++) {
        conf_cc(song, frame, channel, 120, 0);
        conf_cc(song, frame, channel, 127, 0);
    }
    scene_sysex(song, frame, "41 10 42 12 40 00 7F 00 41");
    for (uint8_t channel = 0; channel < 16; channel++) {
        probe_controllers(song, frame + 4, channel);
        conf_program(song, frame + 4, channel, 0, 0, 0);
    }
}

uint64_t scene_start(uint32_t index)
{
    return PROBE_FIRST + (uint64_t)index * SCENE_LENGTH;
}

void scene_build(struct conf_song *song, const struct scene *scenes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        scene_reset(song, scene_start(i) - 2400);
        scene_play(song, scene_start(i), scenes[i].moves, UINT32_MAX);
    }
    scene_reset(song, scene_start(count) - 2400);
    conf_until(song, scene_start(count));
}

void scene_judge(struct conf_judge *judge, const struct scene *scenes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        scene_judge_one(judge, i, &scenes[i], NULL);
}

void scene_judge_one(struct conf_judge *judge, uint32_t index, const struct scene *scene, const char *of)
{
    const size_t at = (size_t)scene_start(index) + SCENE_CHECK;
    const double level = probe_span_db(judge, CONF_LEFT, at, at + 480);
    const char *colon = of ? ": " : "";
    of = of ? of : "";
    if (scene->expected > 0)
        conf_row(judge, scene->clause, conf_to_db(scene->expected), level, 0.05, "dB", "%s%s%s", of, colon, scene->what);
    else
        conf_at_most(judge, scene->clause, -80, level, "dB", "%s%s%s", of, colon, scene->what);
}

double scene_cents(const struct conf_judge *judge, size_t from, size_t to, double hertz, double expected)
{
    const struct conf_sound *sound = conf_sound(judge);
    double amplitude, near = conf_frequency(sound, CONF_LEFT, from, to, hertz * exp2(expected / 1200));
    conf_fit(sound, CONF_LEFT, from, to, near, &amplitude, NULL);
    if (near > 0 && amplitude > 1.2 * conf_rms(sound, CONF_LEFT, from, to)) /* a sine's is sqrt(2) of it */
        return 1200 * log2(near / hertz);
    return probe_cents(judge, from, to, hertz);
}

struct dls_region *scene_instrument(struct conf_bank *bank, uint32_t wave, uint32_t msb, uint32_t lsb, uint32_t program,
                                    bool drums, double db)
{
    conf_instrument(bank, msb, lsb, program, drums);
    struct dls_region *region = conf_region(bank, wave);
    region->sample.gain = conf_db(db);
    return region;
}
