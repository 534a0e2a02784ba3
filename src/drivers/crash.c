/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* SA_ONSTACK and its stack */
#include "crash.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGXCPU};
enum { SIGNALS = sizeof signals / sizeof *signals, PATIENCE_S = 10 };

static struct {
    struct place_finder *const *finder;
    crash_fn *fn;
    void *ctx;
    bool ours[SIGNALS];
    _Alignas(16) unsigned char stack[64 * 1024];
} watch;

/* Does a register hold VALUE in each of its bytes, or an address a little above that? Of what was read from memory that is filled so. */
static bool register_of(const mcontext_t *registers, unsigned value)
{
    const uintptr_t all = UINTPTR_MAX / 0xFF * value;
    const unsigned char *bytes = (const unsigned char *)registers;
    for (size_t at = 0; at + sizeof all <= sizeof *registers; at += sizeof all) {
        uintptr_t word;
        memcpy(&word, bytes + at, sizeof word);
        if (word - all < 4096)
            return true;
    }
    return false;
}

static void handle(int number, siginfo_t *info, void *context)
{
    const mcontext_t *registers = &((const ucontext_t *)context)->uc_mcontext;
    struct crash crash = {.signal = number};
    (void)info;
    alarm(PATIENCE_S); /* what is told may need a lock that this thread has */
    signal(number, SIG_DFL);
    crash.code = *watch.finder ? place_caller(*watch.finder, 0) : 0;
    crash.hint = number != SIGSEGV && number != SIGBUS ? ""
                 : register_of(registers, 0xDD)        ? ", at an address of DD bytes: it was read from what had been freed or returned"
                 : register_of(registers, 0xCD)        ? ", at an address of CD bytes: it was read from pool memory that nobody had written"
                                                       : "";
    snprintf(crash.text, sizeof crash.text, "signal %d (%.40s)", number, strsignal(number));
    if (watch.fn)
        watch.fn(watch.ctx, &crash);
    raise(number); /* comes when this handler is left */
}

void crash_watch(struct place_finder *const *finder, crash_fn *fn, void *ctx)
{
    stack_t stack = {.ss_sp = watch.stack, .ss_size = sizeof watch.stack};
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK}, old;
    action.sa_sigaction = handle;
    sigemptyset(&action.sa_mask);
    watch.finder = finder;
    watch.fn = fn;
    watch.ctx = ctx;
    sigaltstack(&stack, NULL);
    if (*finder)
        place_caller(*finder, 0); /* what the unwinder loads on its first call, it has then */
    for (int i = 0; i < SIGNALS; i++) {
        watch.ours[i] = sigaction(signals[i], NULL, &old) == 0 && !(old.sa_flags & SA_SIGINFO) && old.sa_handler == SIG_DFL;
        if (watch.ours[i])
            sigaction(signals[i], &action, NULL);
    }
}

void crash_unwatch(void)
{
    for (int i = 0; i < SIGNALS; i++)
        if (watch.ours[i])
            signal(signals[i], SIG_DFL);
    memset(watch.ours, 0, sizeof watch.ours);
    watch.fn = NULL;
}
