/* SPDX-License-Identifier: MIT */
/*
 * cost.c - what a program costs as a whole. Runs COMMAND with its output and
 * messages thrown away and prints JSON: seconds by the clock, seconds of CPU,
 * greatest resident memory in KiB, how often its cores were given to others
 * (involuntary context switches), exit status. With --first also the seconds
 * from its start to the first byte that it writes.
 *
 * Usage: cost [--first] COMMAND [ARGUMENT...]
 *
 * A small program of its own, because a child's greatest memory begins with
 * what its parent had when it was started.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

extern char **environ;

static double seconds(struct timeval t) { return (double)t.tv_sec + (double)t.tv_usec * 1e-6; }

int main(int argc, char **argv)
{
    int first = argc > 1 && strcmp(argv[1], "--first") == 0, ends[2], status;
    char **command = argv + 1 + first, byte;
    pid_t child;
    struct rusage use;
    double heard = 0.0;
    posix_spawn_file_actions_t files;
    if (argc < 2 + first || pipe(ends) || posix_spawn_file_actions_init(&files))
        return fprintf(stderr, "usage: cost [--first] COMMAND [ARGUMENT...]\n"), 2;
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    if (first)
        posix_spawn_file_actions_adddup2(&files, ends[1], 1);
    posix_spawn_file_actions_addclose(&files, ends[0]);
    posix_spawn_file_actions_addclose(&files, ends[1]);
    double begin = now_ns(CLOCK_MONOTONIC);
    if (posix_spawnp(&child, command[0], &files, NULL, command, environ))
        return fprintf(stderr, "cost: cannot run %s\n", command[0]), 2;
    close(ends[1]);
    if (first && read(ends[0], &byte, 1) == 1)
        heard = now_ns(CLOCK_MONOTONIC);
    while (first && read(ends[0], &byte, 1) == 1)
        ;
    if (wait4(child, &status, 0, &use) != child)
        return 2;
    double end = now_ns(CLOCK_MONOTONIC);
    printf("{\"wall\": %.6f, \"cpu\": %.6f, \"rss\": %ld, \"ousted\": %ld, \"first\": %.6f, \"status\": %d}\n", (end - begin) / 1e9,
           seconds(use.ru_utime) + seconds(use.ru_stime), use.ru_maxrss, use.ru_nivcsw, heard > begin ? (heard - begin) / 1e9 : 0.0,
           WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 0;
}
