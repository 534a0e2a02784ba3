/* SPDX-License-Identifier: MIT */
/*
 * The thread beside the audio: while a device is lost or asks for nothing, it
 * pulls by the clock, so that time goes on, and looks for the device again.
 */
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "device_watch.h"

#define RETRY_FIRST  1000000  /* 0.1 s */
#define RETRY_MAX    50000000 /* 5 s */
#define STALL        30000000 /* 3 s without a pull: some take 2 to wake up */
#define LOOK         2000000  /* how often to look whether it stalls */
#define CLOCK_FRAMES 480u
#define BEHIND_MAX   10000000

static void wait_until(struct device *device, int64_t until_100ns)
{
    int64_t left = until_100ns - clock_now_100ns();
    struct pollfd wake = {.fd = device->wake_fd, .events = POLLIN};
    uint64_t count;
    if (left > 0 && poll(&wake, 1, (int)((left + 9999) / 10000)) > 0)
        (void)!read(device->wake_fd, &count, sizeof count);
}

/* One try to have the device back. Called while the clock holds the token. */
static bool try_again(struct device *device)
{
    struct dm_error err = {0};
    enum dm_status status = device_connect(device, &err);
    if (status == DM_OK) {
        atomic_store(&device->wanted, false);
        status = device->driver->run(device, &err);
        if (status != DM_OK)
            device_disconnect(device);
    }
    if (status == DM_OK) {
        device_note(device, LOG_WARNING, "back again");
        return true;
    }
    if (status == DM_ERR_UNSUPPORTED) {
        const char *colon = strstr(err.text, ": "); /* the driver's name comes with the note */
        device_note(device, LOG_ERROR, "%s", colon ? colon + 2 : err.text);
        atomic_store(&device->run, AUDIO_FAILED);
    }
    return false;
}

/* The token, which the driver holds for the time of one pull at most. */
static void take_token(struct device *device)
{
    int none = PULLER_NONE;
    while (!atomic_compare_exchange_weak(&device->puller, &none, PULLER_CLOCK)) {
        none = PULLER_NONE;
        clock_sleep_until_100ns(clock_now_100ns() + 1000);
    }
}

static int64_t pull_by_clock(struct device *device, int64_t due_100ns)
{
    struct device_beat beat = {.asked_100ns = due_100ns};
    int64_t now = clock_now_100ns();
    if (now - due_100ns > BEHIND_MAX) {
        due_100ns = beat.asked_100ns = now;
        atomic_store(&device->restarted, true);
    }
    device_pull_held(device, device->discard, CLOCK_FRAMES, &beat);
    return due_100ns + (int64_t)CLOCK_FRAMES * CLOCK_100NS_PER_SECOND / device->info.sample_rate;
}

/* Until the device asks again, or for ever if it is back with what we cannot use. */
static void stand_in(struct device *device, const char *told)
{
    int64_t due = clock_now_100ns(), retry = due + RETRY_FIRST, delay = RETRY_FIRST;
    take_token(device);
    atomic_store(&device->restarted, true);
    atomic_store(&device->wanted, false);
    atomic_store(&device->run, AUDIO_LOST);
    while (!atomic_load(&device->quit) && atomic_load(&device->run) == AUDIO_LOST) {
        const char *lost = atomic_load(&device->lost);
        if (lost && device->connected) {
            device->driver->halt(device);
            device_disconnect(device);
            if (lost != told)
                device_note(device, LOG_WARNING, "%s", lost);
            told = NULL;
            retry = clock_now_100ns() + delay;
        }
        if (!device->connected && clock_now_100ns() >= retry) {
            try_again(device);
            delay = delay * 2 < RETRY_MAX ? delay * 2 : RETRY_MAX;
            retry = clock_now_100ns() + delay;
        }
        if (device->connected && !atomic_load(&device->lost) && atomic_load(&device->wanted))
            atomic_store(&device->run, AUDIO_RUNNING);
        else if (atomic_load(&device->run) == AUDIO_LOST)
            wait_until(device, due = pull_by_clock(device, due));
    }
    atomic_store(&device->restarted, true);
    atomic_store(&device->puller, PULLER_NONE);
}

static void *watch(void *arg)
{
    struct device *device = arg;
    uint64_t seen = atomic_load(&device->pulled);
    int64_t moved = clock_now_100ns();
    while (!atomic_load(&device->quit) && atomic_load(&device->run) != AUDIO_FAILED) {
        wait_until(device, clock_now_100ns() + LOOK);
        uint64_t pulled = atomic_load(&device->pulled);
        int64_t now = clock_now_100ns();
        if (pulled != seen)
            moved = now;
        seen = pulled;
        const char *lost = atomic_load(&device->lost);
        if (atomic_load(&device->quit) || (!lost && now - moved < STALL))
            continue;
        device_note(device, LOG_WARNING, "%s", lost ? lost : "nothing asks for sound: is it connected?");
        atomic_fetch_add(&device->lost_servers, lost != NULL);
        stand_in(device, lost);
        moved = clock_now_100ns();
    }
    return NULL;
}

void device_watch_wake(struct device *device)
{
    (void)!write(device->wake_fd, &(uint64_t){1}, sizeof(uint64_t));
}

bool device_watch_start(struct device *device)
{
    atomic_store(&device->quit, false);
    device->supervised = pthread_create(&device->supervisor, NULL, watch, device) == 0;
    return device->supervised;
}

void device_watch_stop(struct device *device)
{
    atomic_store(&device->quit, true);
    device_watch_wake(device);
    if (device->supervised)
        pthread_join(device->supervisor, NULL);
    device->supervised = false;
}
