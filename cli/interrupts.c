/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "cli.h"

enum { ROUND_S = 1, END_S = 30 };

static volatile sig_atomic_t caught; /* number of the signal */
static atomic_bool asked;            /* somebody knows of it */
static volatile sig_atomic_t watched;
static sem_t came; /* if watched */

static void on_signal(int number)
{
    caught = number;
    if (watched)
        sem_post(&came);
}

static void *watch(void *ctx)
{
    void (*const *stuck)(void) = ctx;
    while (sem_wait(&came) != 0) /* EINTR: handled on this thread */
        ;
    sleep(ROUND_S);
    if (atomic_load(&asked))
        sleep(END_S);
    (*stuck)();
    return NULL;
}

void catch_interrupts_or(void (*stuck)(void))
{
    static void (*kept)(void);
    pthread_t thread;
    kept = stuck;
    if (!watched && sem_init(&came, 0, 0) == 0 && pthread_create(&thread, NULL, watch, &kept) == 0) {
        pthread_detach(thread);
        watched = 1;
    }
    catch_interrupts();
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
    if (caught)
        atomic_store(&asked, true);
    return caught != 0;
}

int interrupt_code(void)
{
    return 128 + caught;
}
