/* SPDX-License-Identifier: MIT */
/* Real time: whoever may come at once does. */
#include <pthread.h>
#include <string.h>

#include <dmusprop.h>

#include "ask.h"
#include "base/clock.h"
#include "scene.h"

enum { RUN_MS = 400 };

static bool is_over(int64_t until) { return clock_now_100ns() >= until; }

struct actor {
    struct stage *stage;
    int64_t until;
};

static void nap(void) { clock_sleep_until_100ns(clock_now_100ns() + WDM_MS); }

static void *write_events(void *ctx)
{
    struct actor *actor = ctx;
    for (int n = 0; !is_over(actor->until); n++) {
        stage_note(actor->stage, n % 7, (uint8_t)(40 + n % 40), n % 2 == 0);
        if (n % 16 == 0)
            stage_sysex(actor->stage, n % 5, 200);
        nap();
    }
    return NULL;
}

static void *ask_properties(void *ctx)
{
    struct actor *actor = ctx;
    struct stage *stage = actor->stage;
    struct host_pin *pin = stage->midi ? stage->midi : stage->legacy;
    for (ULONG id = 0; !is_over(actor->until); id = (id + 1) % 8) {
        uint64_t value[64] = {0};
        struct ask ask = {.filter = stage->filter, .pin = pin, .node = stage->graph.synth < 0 ? ASK_NO_NODE : stage->graph.synth,
                          .set = &KSPROPSETID_Synth, .id = id};
        if (id != KSPROPERTY_SYNTH_PORTPARAMETERS)
            ask_get(&ask, value, sizeof value);
        if (id % 4 == 0)
            nap();
    }
    return NULL;
}

static void *change_states(void *ctx)
{
    static const KSSTATE states[] = {KSSTATE_RUN, KSSTATE_PAUSE, KSSTATE_RUN, KSSTATE_STOP};
    struct actor *actor = ctx;
    for (int n = 0; !is_over(actor->until); n++) {
        stage_state(actor->stage, states[n % 4]);
        for (int k = 0; k < 20 && !is_over(actor->until); k++)
            nap();
    }
    return NULL;
}

static void *take_sound(void *ctx)
{
    struct actor *actor = ctx;
    while (!is_over(actor->until)) {
        stage_render(actor->stage, actor->stage->rate / 200);
        host_device_notify(actor->stage->scene->session.device);
        clock_sleep_until_100ns(clock_now_100ns() + 5 * WDM_MS);
    }
    return NULL;
}

void act_threads(struct scene *scene)
{
    void *(*const parts[])(void *) = {write_events, ask_properties, change_states, take_sound};
    struct stage stage;
    for (size_t i = 0; stage_open(scene, i, STAGE_ALL, &stage); i++) {
        struct actor actor = {&stage, clock_now_100ns() + RUN_MS * WDM_MS};
        pthread_t threads[4];
        int started = 0;
        stage_state(&stage, KSSTATE_RUN);
        while (stage.filter && started < 4 && pthread_create(&threads[started], NULL, parts[started], &actor) == 0)
            started++;
        while (started > 0)
            pthread_join(threads[--started], NULL);
        stage_close(&stage);
    }
}
