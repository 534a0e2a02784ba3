/* SPDX-License-Identifier: MIT */
/* Scenes about what flows: events, buffers, sound. */
#include <string.h>

#include "base/alloc.h"
#include "scene.h"

void act_song(struct scene *scene)
{
    struct stage stage;
    for (size_t i = 0; stage_open(scene, i, STAGE_ALL, &stage); i++) {
        stage_state(&stage, KSSTATE_RUN);
        stage_play(&stage);
        stage_state(&stage, KSSTATE_STOP);
        stage_close(&stage);
        stage_open(scene, i, STAGE_LEGACY | STAGE_WAVE | STAGE_CAPTURE, &stage);
        stage_state(&stage, KSSTATE_RUN);
        stage_play(&stage);
        stage_close(&stage); /* as it is: the port stops it */
    }
}

void act_rude_order(struct scene *scene)
{
    static const KSSTATE states[] = {KSSTATE_STOP, KSSTATE_ACQUIRE, KSSTATE_PAUSE, KSSTATE_RUN, KSSTATE_STOP};
    static const int times[] = {50, 10, 30, 30, 0, -20, -100000, 3600000, 20};
    struct stage stage;
    for (size_t i = 0; stage_open(scene, i, STAGE_ALL, &stage); i++) {
        for (size_t s = 0; s < sizeof states / sizeof *states; s++) {
            stage_state(&stage, states[s]);
            for (size_t t = 0; t < sizeof times / sizeof *times; t++)
                stage_note(&stage, times[t], (uint8_t)(30 + t), t % 2 == 0);
            stage_pass(&stage, 60);
        }
        stage_close(&stage);
    }
}

void act_zero_length(struct scene *scene)
{
    struct stage stage;
    for (size_t i = 0; stage_open(scene, i, STAGE_ALL | STAGE_LEGACY, &stage); i++) {
        stage_state(&stage, KSSTATE_RUN);
        for (int n = 0; n < 20; n++) {
            int64_t now = stage_now(&stage);
            stage_send(&stage, n, "", 0);
            if (stage.midi)
                writer_send(&stage.writer, now, "", 0);
            if (stage.legacy)
                writer_send(&stage.legacy_writer, now, "", 0);
            stage_note(&stage, n, (uint8_t)(60 + n), true);
            stage_render(&stage, 1);
        }
        stage_pass(&stage, 50);
        stage_close(&stage);
    }
}

/* Pieces that are no message of their own, in the order of a wire. */
static void pieces(struct stage *stage)
{
    static const struct {
        uint8_t size, bytes[6];
    } parts[] = {{3, {0xF0, 1, 2}}, {2, {3, 4}}, {1, {0xF8}}, {2, {5, 0xF7}}, {4, {0xF0, 0x7E, 0x7F, 9}}, /* never ends */
                 {3, {0x90, 60, 100}}, {2, {62, 100}}, {1, {0xF7}}, {6, {0xF0, 1, 0xFE, 2, 0xF8, 0xF7}}, {1, {0x90}}, {1, {0xF4}}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        stage_send(stage, (int)i, parts[i].bytes, parts[i].size);
}

static void sysex_on(struct stage *stage)
{
    static const uint32_t sizes[] = {1, 2, 3, 4, 5, 8, 9, 31, 32, 33, 64, 4095, 4096, 4097, 65535, 65536, 200000};
    stage_state(stage, KSSTATE_RUN);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        stage_sysex(stage, (int)i, sizes[i]);
    stage_pass(stage, 100);
    pieces(stage);
    stage_pass(stage, 100);
    stage_sysex(stage, 20, 5000);
    stage_state(stage, KSSTATE_STOP);
    stage_state(stage, KSSTATE_RUN);
    stage_note(stage, 0, 60, true);
    stage_pass(stage, 30);
}

void act_sysex(struct scene *scene)
{
    struct stage stage;
    for (size_t i = 0; stage_open(scene, i, STAGE_ALL, &stage); i++) {
        sysex_on(&stage);
        stage_close(&stage);
        stage_open(scene, i, STAGE_LEGACY | STAGE_CAPTURE, &stage);
        sysex_on(&stage);
        stage_close(&stage);
    }
}

void act_buffers(struct scene *scene)
{
    act_song(scene);
    act_sysex(scene);
}

/* Memory ends while the driver holds what it can get: everything that it asks for from then on is refused. */
void act_drained(struct scene *scene)
{
    struct stage stage;
    for (size_t i = 0; stage_open(scene, i, STAGE_ALL, &stage); i++) {
        stage_state(&stage, KSSTATE_RUN);
        stage_note(&stage, 0, 60, true);
        stage_pass(&stage, 20);
        for (int n = 0; n < 400; n++) /* more than the pool begins with */
            stage_note(&stage, 1000 + n, (uint8_t)(n & 0x7F), true);
        dm_alloc_fail_at(1, true);
        for (int n = 0; n < 20; n++) {
            stage_sysex(&stage, 0, 2000);
            host_device_notify(scene->session.device);
            stage_pass(&stage, 10);
        }
        dm_alloc_fail_at(0, false);
        stage_pass(&stage, 20);
        stage_sysex(&stage, 0, 2000);
        stage_pass(&stage, 20);
        stage_close(&stage);
    }
}

void act_states(struct scene *scene)
{
    static const KSSTATE states[] = {KSSTATE_RUN, KSSTATE_PAUSE, KSSTATE_RUN, KSSTATE_ACQUIRE, KSSTATE_RUN, KSSTATE_STOP,
                                     KSSTATE_PAUSE, KSSTATE_STOP, KSSTATE_RUN};
    struct stage stage;
    for (size_t i = 0; stage_open(scene, i, STAGE_ALL, &stage); i++) {
        for (int round = 0; round < 3; round++)
            for (size_t s = 0; s < sizeof states / sizeof *states; s++) {
                stage_state(&stage, states[s]);
                for (int n = 0; n < 12; n++)
                    stage_note(&stage, 3 * n, (uint8_t)(50 + n), n % 2 == 0);
                stage_sysex(&stage, 5, 100);
                host_device_notify(scene->session.device);
                stage_pass(&stage, 20);
            }
        stage_close(&stage);
    }
}

void act_notify(struct scene *scene)
{
    struct stage stage;
    host_device_notify(scene->session.device);
    for (size_t i = 0; stage_open(scene, i, STAGE_ALL, &stage); i++) {
        stage_state(&stage, KSSTATE_RUN);
        for (int n = 0; n < 500; n++) {
            stage_note(&stage, n % 3, (uint8_t)(n & 0x7F), true);
            for (int k = 0; k < 4; k++)
                host_device_notify(scene->session.device);
            if (n % 10 == 0)
                stage_pass(&stage, 2);
        }
        stage_state(&stage, KSSTATE_STOP);
        for (int n = 0; n < 50; n++)
            host_device_notify(scene->session.device);
        stage_pass(&stage, 20);
        stage_close(&stage);
        /* Nobody takes what is captured. */
        stage_open(scene, i, STAGE_ALL | STAGE_DEAF, &stage);
        stage_state(&stage, KSSTATE_RUN);
        for (int n = 0; n < 500; n++) {
            stage_note(&stage, n, (uint8_t)(n & 0x7F), true);
            host_device_notify(scene->session.device);
        }
        stage_pass(&stage, 600);
        stage_close(&stage);
    }
}

void act_slices(struct scene *scene)
{
    static const uint32_t sizes[] = {1, 7, 64, 441, 1000, 4096};
    struct stage stage;
    for (size_t i = 0; stage_open(scene, i, STAGE_MIDI | STAGE_WAVE, &stage); i++) {
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes && stage.wave; s++) {
            stage_render(&stage, sizes[s]); /* stopped */
            stage_state(&stage, KSSTATE_RUN);
            for (int n = 0; n < 20; n++) {
                stage_note(&stage, n, (uint8_t)(40 + n), n % 2 == 0);
                stage_render(&stage, sizes[s]);
                wdm_enter(stage.machine);
                wdm_run_until(stage.machine, wdm_time_100ns(stage.machine) + 3 * WDM_MS);
                wdm_leave();
            }
            float *floats = dm_calloc((size_t)STAGE_FRAMES * stage.channels, sizeof *floats);
            if (floats)
                host_pin_pull_float(stage.wave, floats, sizes[s]);
            dm_free(floats);
            stage_state(&stage, s % 2 ? KSSTATE_PAUSE : KSSTATE_STOP);
        }
        stage_close(&stage);
    }
}
