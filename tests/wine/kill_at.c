/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into a program: it dies, as by `kill -9`, right before the change of the file system whose number is in the
 * environment variable KILL_AT, counted from 1. KILL_WITH is the number of another signal.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

static void step(void)
{
    static int count;
    const char *at = getenv("KILL_AT"), *with = getenv("KILL_WITH");
    if (at && ++count == atoi(at))
        kill(getpid(), with ? atoi(with) : SIGKILL);
}

/* The function itself, whose type TYPE is. */
#define REAL(type, name) ((type)dlsym(RTLD_NEXT, name))

static int open_real(const char *name, const char *path, int flags, va_list args)
{
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
    if (flags & (O_CREAT | O_TMPFILE))
        step();
    return REAL(int (*)(const char *, int, ...), name)(path, flags, mode);
}

EXPORT int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    int fd = open_real("open", path, flags, args);
    va_end(args);
    return fd;
}

EXPORT int open64(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    int fd = open_real("open64", path, flags, args);
    va_end(args);
    return fd;
}

EXPORT ssize_t write(int fd, const void *data, size_t size)
{
    if (fd > 2)
        step();
    return REAL(ssize_t (*)(int, const void *, size_t), "write")(fd, data, size);
}

EXPORT int rename(const char *from, const char *to)
{
    step();
    return REAL(int (*)(const char *, const char *), "rename")(from, to);
}

EXPORT int link(const char *from, const char *to)
{
    step();
    return REAL(int (*)(const char *, const char *), "link")(from, to);
}

EXPORT int linkat(int from_at, const char *from, int to_at, const char *to, int flags)
{
    step();
    return REAL(int (*)(int, const char *, int, const char *, int), "linkat")(from_at, from, to_at, to, flags);
}

EXPORT int unlink(const char *path)
{
    step();
    return REAL(int (*)(const char *), "unlink")(path);
}

EXPORT int mkdir(const char *path, mode_t mode)
{
    step();
    return REAL(int (*)(const char *, mode_t), "mkdir")(path, mode);
}

EXPORT int rmdir(const char *path)
{
    step();
    return REAL(int (*)(const char *), "rmdir")(path);
}

EXPORT int fchmod(int fd, mode_t mode)
{
    step();
    return REAL(int (*)(int, mode_t), "fchmod")(fd, mode);
}
