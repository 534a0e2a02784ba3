/* SPDX-License-Identifier: MIT */
/* The threads that render beside another: every piece of work is done once by each, also after they have fallen asleep. */
#include <stdatomic.h>
#include <string.h>

#include "../tap.h"
#include "base/alloc.h"
#include "user/os.h"
#include "user/workers.h"

enum { COUNT = 4 };

struct task {
    atomic_uint done[COUNT]; /* by each */
    uint32_t value;          /* written by the caller, read by the workers ... */
    uint32_t seen[COUNT];    /* ... and the other way round, without more than run */
};

static void work(void *arg, uint32_t n)
{
    struct task *task = arg;
    task->seen[n] = task->value;
    atomic_fetch_add_explicit(&task->done[n], 1, memory_order_relaxed);
}

static void run_rounds(struct workers *workers, struct task *task, uint32_t rounds)
{
    uint32_t count = workers_count(workers);
    bool all = true;
    for (uint32_t i = 1; i <= rounds; i++) {
        task->value = i;
        workers_run(workers, work, task);
        for (uint32_t n = 0; n < count; n++)
            all = all && task->seen[n] == i && atomic_load(&task->done[n]) == i;
    }
    CHECK(all);
}

static void test_rounds(void)
{
    struct workers *workers = workers_create(COUNT);
    static struct task task;
    CHECK(workers != NULL);
    CHECK_EQ(workers_count(workers), COUNT);
    run_rounds(workers, &task, 5000);
    workers_destroy(workers);
}

static void test_sleepers(void)
{
    struct workers *workers = workers_create(2);
    for (int i = 0; i < 5; i++) {
        struct task task;
        memset(&task, 0, sizeof task);
        os_sleep_ms(20);
        run_rounds(workers, &task, 3);
    }
    os_sleep_ms(20);
    workers_destroy(workers); /* of sleepers, too */
}

static void test_none(void)
{
    CHECK(workers_create(0) == NULL);
    CHECK(workers_create(1) == NULL);
    CHECK_EQ(workers_count(NULL), 1);
    workers_destroy(NULL);
}

static void test_no_memory(void)
{
    for (long n = 1; n < 3; n++) {
        long live = dm_alloc_live();
        dm_alloc_fail_at(n, true);
        CHECK(workers_create(2) == NULL);
        dm_alloc_fail_at(0, false);
        CHECK_EQ(dm_alloc_live(), live);
    }
}

int main(void)
{
    RUN(test_rounds);
    RUN(test_sleepers);
    RUN(test_none);
    RUN(test_no_memory);
    return tap_done();
}
