/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include <signal.h>

#include "cli.h"

static volatile sig_atomic_t caught; /* number of the signal */

static void on_signal(int number)
{
    caught = number;
}

void catch_interrupts(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND}, old; /* a second one kills */
    for (size_t i = 0; i < sizeof signals / sizeof *signals && !caught; i++)
        if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL) /* nohup and shells may have it ignored */
            sigaction(signals[i], &action, NULL);
}

bool interrupted(void)
{
    return caught != 0;
}

int interrupt_code(void)
{
    return 128 + caught;
}
