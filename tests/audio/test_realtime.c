/* SPDX-License-Identifier: MIT */
/* Real-time scheduling and locked memory, as far as this machine grants them: what is told is what the kernel says.
 * "without-right": asks as a thread of a process that may not, for check_rtkit.py. */
#define _GNU_SOURCE
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "audio/realtime.h"
#include "tap.h"

static void *ask(void *arg)
{
    realtime_ask(60, arg);
    struct sched_param param = {0};
    int policy = 0;
    pthread_getschedparam(pthread_self(), &policy, &param);
    static int said;
    said = (policy & ~SCHED_RESET_ON_FORK) == SCHED_OTHER ? 0 : param.sched_priority;
    return &said;
}

static void test_what_is_told_is_so(void)
{
    struct realtime_grant grant = {0};
    pthread_t thread;
    void *priority = NULL;
    CHECK_EQ(pthread_create(&thread, NULL, ask, &grant), 0);
    pthread_join(thread, &priority);
    CHECK(priority && grant.priority == *(int *)priority);
    CHECK_EQ(grant.schedule, *(int *)priority ? AUDIO_SCHEDULE_REALTIME : AUDIO_SCHEDULE_NORMAL);
    CHECK(strlen(grant.text) > 0);
    printf("# %s\n", grant.text);
    realtime_look(&grant); /* this thread did not ask */
    CHECK_EQ(grant.schedule, AUDIO_SCHEDULE_NORMAL);
}

static long locked_kb(void)
{
    char line[128];
    long kb = -1;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmLck: %ld", &kb) == 1)
            break;
    if (file)
        fclose(file);
    return kb;
}

static void test_memory(void)
{
    char text[120] = "";
    bool locked = realtime_lock_memory(text, sizeof text);
    printf("# %s\n", text);
    CHECK(strlen(text) > 0);
#ifndef __SANITIZE_ADDRESS__ /* which makes mlockall do nothing */
    CHECK_EQ(locked, locked_kb() > 0);
#else
    (void)locked;
#endif
    realtime_unlock_memory();
    CHECK_EQ(locked_kb(), 0);
}

/* Give the right away, as a user's process does not have it. */
static int without_right(void)
{
    struct realtime_grant grant = {0};
    struct rlimit none = {0, 0}, limit;
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct nothing[2] = {{0}, {0}};
    if (setrlimit(RLIMIT_RTPRIO, &none) || syscall(SYS_capset, &header, nothing))
        return 1;
    realtime_ask(60, &grant);
    getrlimit(RLIMIT_RTTIME, &limit);
    printf("thread %ld\ngrant %s\nrttime %lld\n", (long)gettid(), grant.text, (long long)limit.rlim_cur);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "without-right") == 0)
        return without_right();
    RUN(test_what_is_told_is_so);
    RUN(test_memory);
    return tap_done();
}
