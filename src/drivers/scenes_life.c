/* SPDX-License-Identifier: MIT */
/* Scenes about how things begin and end. */
#include <string.h>

#include "base/alloc.h"
#include "scene.h"

static const KSSTATE every_state[] = {KSSTATE_STOP, KSSTATE_ACQUIRE, KSSTATE_PAUSE, KSSTATE_RUN};
enum { STATES = 4, POINTS_MAX = 400, OPENS_MAX = 4 };

/* Something is on its way. */
static void fill(struct stage *stage)
{
    for (int n = 0; n < 10; n++)
        stage_note(stage, 4 * n, (uint8_t)(50 + n), true);
    stage_sysex(stage, 10, 100);
    stage_pass(stage, 20);
}

void act_start_stop(struct scene *scene)
{
    struct host_device *device = scene->session.device;
    if (NT_SUCCESS(host_device_stop(device)) && NT_SUCCESS(host_device_start(device)))
        act_song(scene);
    if (NT_SUCCESS(host_device_stop(device)))
        host_device_start(device);
}

/* A whole short life, in which the NTH allocation of pool memory fails. True if it was not reached. */
static bool live_without(struct scene *scene, long nth)
{
    struct stage stage;
    struct wdm_machine *machine = host_machine(scene->session.host);
    wdm_pool_fail_at(machine, nth, false);
    if (session_start(scene->config, &scene->session, &scene->err) == DM_OK) {
        for (size_t i = 0; stage_open(scene, i, STAGE_ALL, &stage); i++) {
            stage_state(&stage, KSSTATE_RUN);
            fill(&stage);
            stage_close(&stage);
        }
    }
    bool waits = wdm_pool_fail_waits(machine);
    wdm_pool_fail_at(machine, 0, false);
    return waits;
}

/* One computer for each life; the first in which a rule is broken is the last. */
void act_no_memory(struct scene *scene)
{
    struct dm_error err;
    bool over = false;
    for (long nth = 1; nth <= POINTS_MAX && !over; nth++) {
        over = live_without(scene, nth);
        session_shut_down(&scene->session);
        if (over || wdm_rule_faults(host_machine(scene->session.host)) > 0)
            return;
        session_close(&scene->session);
        if (session_open(scene->config, &scene->session, &err) != DM_OK)
            return;
    }
}

void act_two_opens(struct scene *scene)
{
    struct stage stages[OPENS_MAX];
    bool more = true;
    for (size_t i = 0; more; i++) {
        for (int n = 0; n < OPENS_MAX; n++)
            more = stage_open(scene, i, STAGE_ALL, &stages[n]);
        for (int n = 0; n < OPENS_MAX; n++)
            stage_state(&stages[n], KSSTATE_RUN);
        for (int n = 0; n < OPENS_MAX; n++)
            fill(&stages[n]);
        for (int n = 0; n < OPENS_MAX; n++)
            stage_close(&stages[(n + 1) % OPENS_MAX]); /* the first one last */
    }
}

void act_power(struct scene *scene)
{
    struct host_device *device = scene->session.device;
    struct stage stage;
    host_device_power(device, PowerDeviceD3);
    host_device_power(device, PowerDeviceD0);
    for (size_t i = 0; stage_open(scene, i, STAGE_ALL, &stage); i++) {
        for (int s = 0; s < STATES; s++) {
            stage_state(&stage, every_state[s]);
            fill(&stage);
            host_device_power(device, PowerDeviceD3);
            fill(&stage);
            stage_state(&stage, every_state[STATES - 1 - s]);
            host_device_power(device, PowerDeviceD0);
            fill(&stage);
        }
        host_device_power(device, PowerDeviceD3);
        stage_close(&stage);
        host_device_power(device, PowerDeviceD0);
    }
}

/* The handle of the filter goes before its pins: the host closes them as the system would. */
static void close_filter_first(struct stage *stage)
{
    struct host_filter *filter = stage->filter;
    if (stage->listener) {
        listener_end(stage->listener);
        stage->listener = NULL;
        stage->capture = NULL;
    }
    stage->capture = stage->legacy = stage->midi = stage->wave = NULL;
    stage->filter = NULL;
    host_close_filter(filter);
    stage_close(stage);
}

void act_teardown(struct scene *scene)
{
    struct stage stage;
    bool more = true;
    for (size_t i = 0; more; i++)
        for (int s = 0; s < 2 * STATES && more; s++) {
            more = stage_open(scene, i, STAGE_ALL, &stage);
            stage_state(&stage, KSSTATE_RUN);
            fill(&stage);
            stage_state(&stage, every_state[s % STATES]);
            fill(&stage);
            if (s < STATES)
                stage_close(&stage);
            else
                close_filter_first(&stage);
        }
}

/* The device goes under open handles; then they are closed. */
static bool lose_device(struct scene *scene, size_t filter, KSSTATE state, bool surprise)
{
    struct stage stage;
    struct dm_error err;
    if (session_start(scene->config, &scene->session, &scene->err) != DM_OK)
        return false;
    bool more = stage_open(scene, filter, STAGE_ALL | STAGE_DEAF, &stage);
    stage_state(&stage, state);
    fill(&stage);
    if (surprise && scene->session.device) {
        host_device_surprise(scene->session.device);
        fill(&stage);
        stage_state(&stage, KSSTATE_RUN);
        stage_close(&stage);
    }
    session_shut_down(&scene->session); /* handles that are open end here */
    dm_free(stage.frames);
    if (wdm_rule_faults(host_machine(scene->session.host)) > 0)
        return false;
    session_close(&scene->session);
    return session_open(scene->config, &scene->session, &err) == DM_OK && more;
}

void act_removal(struct scene *scene)
{
    for (size_t i = 0;; i++)
        for (int s = 0; s < STATES; s++)
            if (!lose_device(scene, i, every_state[s], false))
                return;
}

void act_surprise(struct scene *scene)
{
    for (size_t i = 0;; i++)
        for (int s = 0; s < STATES; s++)
            if (!lose_device(scene, i, every_state[s], true))
                return;
}
