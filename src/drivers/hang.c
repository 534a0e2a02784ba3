/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* syscall */
#include "hang.h"

#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { LOOKS = 50 }; /* a loop may sleep for moments, in a lock or a page fault */

/* "number (name) state ...": the name may have anything in it. */
static bool is_running(pid_t process, pid_t thread)
{
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%ld/task/%ld/stat", (long)process, (long)thread);
    FILE *file = fopen(path, "r");
    size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file)
        fclose(file);
    text[size] = 0;
    const char *name_end = strrchr(text, ')');
    return name_end && name_end[1] == ' ' && name_end[2] == 'R';
}

static pid_t running_thread(pid_t process)
{
    char path[64];
    pid_t found = 0, self = (pid_t)syscall(SYS_gettid);
    snprintf(path, sizeof path, "/proc/%ld/task", (long)process);
    DIR *dir = opendir(path);
    for (struct dirent *entry; dir && !found && (entry = readdir(dir)) != NULL;) {
        pid_t thread = (pid_t)strtol(entry->d_name, NULL, 10);
        if (thread > 0 && thread != self && is_running(process, thread))
            found = thread;
    }
    if (dir)
        closedir(dir);
    return found;
}

void hang_ask(pid_t process)
{
    pid_t thread = 0;
    for (int i = 0; i < LOOKS && (thread = running_thread(process)) == 0; i++)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    syscall(SYS_tgkill, (long)process, (long)(thread ? thread : process), (long)SIGXCPU);
}
