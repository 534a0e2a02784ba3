/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "realtime.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "rtkit.h"

void realtime_look(struct realtime_grant *grant) { realtime_look_at(pthread_self(), grant); }

void realtime_look_at(pthread_t thread, struct realtime_grant *grant)
{
    struct sched_param param = {0};
    int policy = SCHED_OTHER;
    pthread_getschedparam(thread, &policy, &param);
    policy &= ~SCHED_RESET_ON_FORK;
    bool realtime = policy == SCHED_FIFO || policy == SCHED_RR;
    grant->schedule = realtime ? AUDIO_SCHEDULE_REALTIME : AUDIO_SCHEDULE_NORMAL;
    grant->priority = realtime ? param.sched_priority : 0;
    snprintf(grant->text, sizeof grant->text, realtime ? "%s %d" : "normal scheduling",
             policy == SCHED_RR ? "SCHED_RR" : "SCHED_FIFO", param.sched_priority);
}

static int set_priority(int priority)
{
    struct sched_param param = {.sched_priority = priority};
    return pthread_setschedparam(pthread_self(), SCHED_FIFO | SCHED_RESET_ON_FORK, &param);
}

/* By the process's own right: without CAP_SYS_NICE as high as RLIMIT_RTPRIO goes. */
static int set_own(int priority)
{
    struct rlimit limit;
    int error = set_priority(priority);
    if (error == EPERM && getrlimit(RLIMIT_RTPRIO, &limit) == 0 && limit.rlim_cur > 0 && limit.rlim_cur < (rlim_t)priority)
        error = set_priority((int)limit.rlim_cur);
    return error;
}

void realtime_ask(int priority, struct realtime_grant *grant)
{
    char why[80] = "";
    int error = set_own(priority);
    bool bus = error && rtkit_make_realtime(priority, why, sizeof why);
    realtime_look(grant);
    size_t used = strlen(grant->text);
    if (bus)
        snprintf(grant->text + used, sizeof grant->text - used, " by RealtimeKit");
    else if (error)
        snprintf(grant->text + used, sizeof grant->text - used, ": %s; %s", strerror(error), why);
}

/* Bytes of the process, 0 if it cannot be told. */
static unsigned long long process_size(void)
{
    unsigned long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    if (fscanf(file, "%llu", &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * 4096;
}

/* With MCL_FUTURE under a limit, later allocations would fail: never that. Root and CAP_IPC_LOCK have no limit, whatever
 * RLIMIT_MEMLOCK says; mlockall tells. */
bool realtime_lock_memory(char *text, size_t size)
{
    struct rlimit limit = {0, 0};
    getrlimit(RLIMIT_MEMLOCK, &limit);
    unsigned long long need = process_size();
    if (limit.rlim_cur == RLIM_INFINITY) {
        if (mlockall(MCL_CURRENT | MCL_FUTURE) == 0) {
            snprintf(text, size, "memory locked");
            return true;
        }
    } else if (mlockall(MCL_CURRENT) == 0) {
        snprintf(text, size, "memory of now locked, %llu MB", need >> 20);
        return true;
    }
    snprintf(text, size, "memory not locked: %s (limit %llu kB of %llu)", strerror(errno),
             (unsigned long long)limit.rlim_cur >> 10, need >> 10);
    return false;
}

void realtime_unlock_memory(void) { munlockall(); }
