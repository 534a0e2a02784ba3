/* SPDX-License-Identifier: MIT */
#include "jack_common.h"

#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

static void to_log(const char *text) { log_at(LOG_INFO, "jack", "%s", text); }

enum dm_status jack_common_open(const char *name, jack_client_t **client, struct dm_error *err)
{
    jack_status_t status = 0;
    enum dm_status loaded = jack_library_load(err);
    *client = NULL;
    if (loaded != DM_OK)
        return loaded;
    jack_set_error_function(to_log);
    jack_set_info_function(to_log);
    *client = jack_client_open(name, JackNoStartServer, &status);
    if (*client)
        return DM_OK;
    const char *why = status & JackServerFailed    ? "no server is running"
                      : status & JackVersionError  ? "the server has another version"
                      : status & JackServerError   ? "cannot talk to the server"
                      : status & JackShmFailure    ? "no access to the server's shared memory"
                                                   : "the server refuses";
    return dm_fail(err, DM_ERR_DEVICE, "JACK: %s", why);
}

/* The library's own search takes regular expressions, and names may have anything in them. */
jack_port_t *jack_common_port(jack_client_t *client, const char *begin, const char *type, unsigned long flags, size_t nth)
{
    jack_port_t *port = NULL;
    const char **names = jack_get_ports(client, NULL, type, flags);
    for (size_t i = 0; names && names[i] && !port; i++)
        if ((!begin || strncmp(names[i], begin, strlen(begin)) == 0) && nth-- == 0)
            port = jack_port_by_name(client, names[i]);
    jack_free(names);
    return port;
}

int64_t jack_common_frame(jack_nframes_t frame)
{
    static _Atomic int64_t last;
    int64_t seen = atomic_load_explicit(&last, memory_order_relaxed);
    int64_t now = seen + (int32_t)(frame - (uint32_t)(uint64_t)seen);
    /* Lost to another client of this process that just did the same: it is as good. */
    if (now > seen || seen - now > INT32_MAX / 2)
        atomic_compare_exchange_strong_explicit(&last, &seen, now, memory_order_relaxed, memory_order_relaxed);
    return now;
}

int64_t jack_common_cycle(jack_client_t *client, jack_nframes_t *first)
{
    jack_time_t start_us, next_us;
    float period_us;
    if (jack_get_cycle_times(client, first, &start_us, &next_us, &period_us) == 0) {
        /* JACK's microseconds have an origin of their own where its clock is not the monotonic one. */
        int64_t ago_us = (int64_t)(jack_get_time() - start_us);
        int64_t shift = clock_now_100ns() - (int64_t)(start_us + (jack_time_t)ago_us) * 10;
        return (int64_t)start_us * 10 + (shift > -10000 && shift < 10000 ? 0 : shift);
    }
    *first = jack_last_frame_time(client);
    return clock_now_100ns();
}
