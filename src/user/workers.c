/* SPDX-License-Identifier: MIT */
#include "workers.h"

#include <stdatomic.h>
#include <stdbool.h>

#include "base/alloc.h"
#include "os.h"

#if defined(__i386__) || defined(__x86_64__)
#define PAUSE() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define PAUSE() __asm__ volatile("yield")
#else
#define PAUSE() ((void)0)
#endif

enum {
    WORKERS_MAX = 64,
    SPINS = 2000,         /* some ten microseconds: then others may want the core */
    YIELDS = 200,         /* then sleep */
    CACHE_LINE = 64,
    NAP_100NS = 10000000
};

struct worker {
    _Alignas(CACHE_LINE) struct os_thread thread;
    struct os_event wake;
    atomic_bool sleeps;
    struct workers *team;
    uint32_t number;
};

struct workers {
    struct worker *worker; /* 1 .. count-1; 0 is the caller */
    uint32_t count;
    void (*work)(void *arg, uint32_t n);
    void *arg;
    atomic_bool quit;
    _Alignas(CACHE_LINE) atomic_uint round;
    _Alignas(CACHE_LINE) atomic_uint busy;
};

/* SPIN counts up from 0. false: waited long enough to sleep. */
static bool wait_a_little(uint32_t *spin)
{
    if (*spin < SPINS)
        PAUSE();
    else
        os_yield();
    return ++*spin < SPINS + YIELDS;
}

/* The next round after SEEN, or the end. The flag goes up before the round is looked at again, and the caller of run raises the
 * round before he looks at the flag: one of the two sees the other. */
static uint32_t next_round(struct worker *w, uint32_t seen)
{
    struct workers *team = w->team;
    uint32_t round, spin = 0;
    while ((round = atomic_load_explicit(&team->round, memory_order_acquire)) == seen) {
        if (wait_a_little(&spin))
            continue;
        atomic_store(&w->sleeps, true);
        if (atomic_load(&team->round) == seen)
            os_event_wait(&w->wake, NAP_100NS);
        atomic_store(&w->sleeps, false);
    }
    return round;
}

static void run_worker(void *ctx)
{
    struct worker *w = ctx;
    struct workers *team = w->team;
    for (uint32_t round = 0;;) {
        round = next_round(w, round);
        if (atomic_load_explicit(&team->quit, memory_order_relaxed))
            return;
        team->work(team->arg, w->number);
        atomic_fetch_sub_explicit(&team->busy, 1, memory_order_release);
    }
}

static void start_round(struct workers *team)
{
    atomic_fetch_add(&team->round, 1);
    for (uint32_t i = 1; i < team->count; i++)
        if (atomic_load(&team->worker[i].sleeps))
            os_event_set(&team->worker[i].wake);
}

void workers_run(void *ctx, void (*work)(void *arg, uint32_t n), void *arg)
{
    struct workers *team = ctx;
    uint32_t spin = 0;
    team->work = work;
    team->arg = arg;
    atomic_store_explicit(&team->busy, team->count - 1, memory_order_relaxed);
    start_round(team);
    work(arg, 0);
    while (atomic_load_explicit(&team->busy, memory_order_acquire))
        wait_a_little(&spin);
}

static bool start_worker(struct workers *team, uint32_t number)
{
    struct worker *w = &team->worker[number];
    w->team = team;
    w->number = number;
    atomic_init(&w->sleeps, false);
    if (!os_event_init(&w->wake))
        return false;
    if (os_thread_start(&w->thread, run_worker, w))
        return true;
    os_event_destroy(&w->wake);
    return false;
}

struct workers *workers_create(uint32_t count)
{
    if (count < 2)
        return NULL;
    count = count < WORKERS_MAX ? count : WORKERS_MAX;
    struct workers *team = dm_calloc_aligned(CACHE_LINE, sizeof *team);
    struct worker *worker = dm_calloc_aligned(CACHE_LINE, count * sizeof *worker);
    if (team && worker) {
        team->worker = worker;
        team->count = 1;
        atomic_init(&team->quit, false);
        atomic_init(&team->round, 0);
        atomic_init(&team->busy, 0);
        /* A worker looks at nothing of the team's but the round before the first one. */
        while (team->count < count && start_worker(team, team->count))
            team->count++;
        if (team->count > 1)
            return team;
    }
    dm_free_aligned(worker);
    dm_free_aligned(team);
    return NULL;
}

void workers_destroy(struct workers *team)
{
    if (!team)
        return;
    atomic_store(&team->quit, true);
    start_round(team);
    for (uint32_t i = 1; i < team->count; i++) {
        os_thread_join(&team->worker[i].thread);
        os_event_destroy(&team->worker[i].wake);
    }
    dm_free_aligned(team->worker);
    dm_free_aligned(team);
}

uint32_t workers_count(const struct workers *team) { return team ? team->count : 1; }
