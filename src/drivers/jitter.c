/* SPDX-License-Identifier: MIT */
#include "jitter.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "kernel/wdm/machine.h"

struct jitter {
    pthread_t thread;
    atomic_bool stop;
    struct jitter_stats stats;
};

static void note(struct jitter_stats *stats, int64_t late_100ns)
{
    unsigned bucket = 0;
    while (bucket < SEQUENCER_BUCKETS - 1 && late_100ns >= INT64_C(100) << bucket)
        bucket++;
    stats->count++;
    stats->late[bucket]++;
    stats->late_2ms += late_100ns > 2 * WDM_MS;
    if (late_100ns > stats->late_max_100ns)
        stats->late_max_100ns = late_100ns;
}

static void *measure(void *ctx)
{
    struct jitter *jitter = ctx;
    while (!atomic_load(&jitter->stop)) {
        int64_t due = clock_now_100ns() + WDM_MS;
        clock_sleep_until_100ns(due);
        note(&jitter->stats, clock_now_100ns() - due);
    }
    return NULL;
}

struct jitter *jitter_begin(void)
{
    struct jitter *jitter = dm_calloc(1, sizeof *jitter);
    if (jitter && pthread_create(&jitter->thread, NULL, measure, jitter) == 0)
        return jitter;
    dm_free(jitter);
    return NULL;
}

void jitter_end(struct jitter *jitter, struct jitter_stats *out)
{
    *out = (struct jitter_stats){.count = 0};
    if (!jitter)
        return;
    atomic_store(&jitter->stop, true);
    pthread_join(jitter->thread, NULL);
    *out = jitter->stats;
    dm_free(jitter);
}
