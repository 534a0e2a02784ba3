/* SPDX-License-Identifier: MIT */
#include "midi_path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A number after "fd:", or -1. */
static int inherited(const char *name, bool writes)
{
    char *end;
    if (strcmp(name, "-") == 0)
        return writes ? STDOUT_FILENO : STDIN_FILENO;
    if (strncmp(name, "fd:", 3) || name[3] < '0' || name[3] > '9')
        return -1;
    long number = strtol(name + 3, &end, 10);
    return *end || number > 1 << 20 ? -1 : (int)number;
}

/* A FIFO is opened both ways, so that it goes on when one at the other side leaves and the next one comes (fifo(7)). */
static int open_path(const char *name, bool writes)
{
    struct stat status;
    int flags = writes ? O_WRONLY : O_RDONLY;
    if (stat(name, &status) == 0 && S_ISFIFO(status.st_mode))
        flags = O_RDWR;
    return open(name, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static void make_raw(struct midi_path *path)
{
    struct termios settings;
    path->is_terminal = tcgetattr(path->fd, &path->before) == 0;
    if (!path->is_terminal)
        return;
    settings = path->before;
    cfmakeraw(&settings);
    tcsetattr(path->fd, TCSANOW, &settings);
}

enum dm_status midi_path_open(struct midi_path *path, const char *name, bool writes, struct dm_error *err)
{
    if (!name)
        return dm_fail(err, DM_ERR_ARGUMENT, "raw MIDI: no path given");
    int number = inherited(name, writes);
    path->fd = number >= 0 ? fcntl(number, F_DUPFD_CLOEXEC, 3) : open_path(name, writes);
    if (path->fd < 0)
        return dm_fail_errno(err, DM_ERR_OPEN, errno, "raw MIDI: %s", name);
    make_raw(path);
    return DM_OK;
}

void midi_path_close(struct midi_path *path)
{
    if (path->is_terminal)
        tcsetattr(path->fd, TCSANOW, &path->before);
    close(path->fd);
}
