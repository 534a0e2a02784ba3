/* SPDX-License-Identifier: MIT */
/* A file that somebody shortens in place while it is mapped: the next look beyond its new end is a SIGBUS. */
#define _XOPEN_SOURCE 700
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/mapfile.h"
#include "cli.h"

static struct sigaction before;
static void (*_Atomic put_right)(void);

static size_t add(char *line, size_t size, size_t used, const char *text)
{
    while (*text && used < size)
        line[used++] = *text++;
    return used;
}

static void on_bus(int number, siginfo_t *info, void *context)
{
    (void)context;
    const char *path = info->si_code > 0 ? mapfile_at(info->si_addr) : NULL;
    if (!path) { /* another's: it comes again, to who had it before */
        sigaction(number, &before, NULL);
        raise(number);
        return;
    }
    void (*fn)(void) = atomic_load(&put_right);
    if (fn)
        fn();
    char line[MAPFILE_PATH_KNOWN + 80];
    size_t used = add(line, sizeof line, 0, "dmus: ");
    used = add(line, sizeof line, used, path);
    used = add(line, sizeof line, used, ": the file was shortened while it was read\n");
    ssize_t ignored = write(STDERR_FILENO, line, used);
    (void)ignored;
    _exit(EXIT_INPUT);
}

void catch_shortened_files(void)
{
    struct sigaction action = {.sa_flags = SA_SIGINFO};
    action.sa_sigaction = on_bus;
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, &before);
}

void before_shortened_files(void (*fn)(void))
{
    atomic_store(&put_right, fn);
}
