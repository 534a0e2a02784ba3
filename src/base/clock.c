/* SPDX-License-Identifier: MIT */
#ifdef _WIN32
#include <windows.h>
#else
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <time.h>
#endif

#include "clock.h"

#ifdef _WIN32

int64_t clock_now_100ns(void)
{
    LARGE_INTEGER count, rate;
    QueryPerformanceCounter(&count);
    QueryPerformanceFrequency(&rate);
    /* In two parts: count * 10^7 would overflow after 2^63 / 10^7 ticks, ten days at 1 MHz. */
    int64_t whole = count.QuadPart / rate.QuadPart, rest = count.QuadPart % rate.QuadPart;
    return whole * CLOCK_100NS_PER_SECOND + rest * CLOCK_100NS_PER_SECOND / rate.QuadPart;
}

void clock_sleep_until_100ns(int64_t time_100ns)
{
    for (;;) {
        int64_t left = time_100ns - clock_now_100ns();
        if (left <= 0)
            return;
        int64_t ms = (left + 9999) / 10000;
        Sleep(ms > 1000 ? 1000 : (DWORD)ms);
    }
}

#else

int64_t clock_now_100ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * CLOCK_100NS_PER_SECOND + now.tv_nsec / 100;
}

void clock_sleep_until_100ns(int64_t time_100ns)
{
    struct timespec until;
    if (time_100ns <= 0)
        return;
    until.tv_sec = (time_t)(time_100ns / CLOCK_100NS_PER_SECOND);
    until.tv_nsec = (long)(time_100ns % CLOCK_100NS_PER_SECOND) * 100;
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
        ;
}

#endif
