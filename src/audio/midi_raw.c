/* SPDX-License-Identifier: MIT */
/* Raw bytes: a file, FIFO, pty, serial device, standard input or an inherited descriptor. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "midi_driver.h"
#include "midi_inputs.h"

#define CHUNK 4096

struct raw_input {
    struct midi_input in;
    struct midi_reader reader;
    struct pollfd poll;
    bool is_terminal;
    struct termios before;
};

/* One read a turn: whether a second one would wait, only poll can tell. */
static const char *take(struct midi_input *in)
{
    struct raw_input *raw = (struct raw_input *)in;
    uint8_t bytes[CHUNK];
    ssize_t count = read(raw->poll.fd, bytes, sizeof bytes);
    if (count == 0)
        return "end of input";
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? NULL : errno == EIO ? "the other side is gone" : "cannot be read";
    midi_driver_bytes(in, bytes, (size_t)count, &(struct midi_stamp){.time_100ns = clock_now_100ns()});
    return NULL;
}

/* A number after "fd:", or -1. */
static int inherited(const char *name)
{
    char *end;
    if (strcmp(name, "-") == 0)
        return 0;
    if (strncmp(name, "fd:", 3) || name[3] < '0' || name[3] > '9')
        return -1;
    long number = strtol(name + 3, &end, 10);
    return *end || number > 1 << 20 ? -1 : (int)number;
}

/* A FIFO is opened for writing as well, so that it goes on when one writer leaves and the next one comes (fifo(7)). */
static int open_path(const char *name)
{
    struct stat status;
    int flags = O_RDONLY;
    if (stat(name, &status) == 0 && S_ISFIFO(status.st_mode))
        flags = O_RDWR;
    return open(name, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* No echo, no line editing, no translation of bytes. */
static void make_raw(struct raw_input *raw)
{
    struct termios settings;
    raw->is_terminal = tcgetattr(raw->poll.fd, &raw->before) == 0;
    if (!raw->is_terminal)
        return;
    settings = raw->before;
    cfmakeraw(&settings);
    tcsetattr(raw->poll.fd, TCSANOW, &settings);
}

static void raw_disconnect(struct midi_input *in)
{
    struct raw_input *raw = (struct raw_input *)in;
    midi_reader_stop(&raw->reader);
    if (raw->is_terminal)
        tcsetattr(raw->poll.fd, TCSANOW, &raw->before);
    close(raw->poll.fd);
}

static enum dm_status raw_connect(struct midi_input *in, struct dm_error *err)
{
    struct raw_input *raw = (struct raw_input *)in;
    const char *name = in->config.name;
    if (!name)
        return dm_fail(err, DM_ERR_ARGUMENT, "raw MIDI: no path given");
    int number = inherited(name), fd = number >= 0 ? fcntl(number, F_DUPFD_CLOEXEC, 3) : open_path(name);
    if (fd < 0)
        return dm_fail_errno(err, DM_ERR_OPEN, errno, "raw MIDI: %s", name);
    raw->poll = (struct pollfd){.fd = fd, .events = POLLIN};
    make_raw(raw);
    midi_driver_set_port(in, "%s", name);
    /* An inherited file stays as it is for those who share it; poll says when a read will not wait. */
    if (midi_reader_start(&raw->reader, in, &raw->poll, 1, take))
        return DM_OK;
    close(fd);
    return dm_fail(err, DM_ERR_NOMEM, "raw MIDI: no thread");
}

static const struct midi_driver driver = {"raw MIDI", sizeof(struct raw_input), raw_connect, raw_disconnect, false};

static enum dm_status raw_open(const struct midi_config *config, struct midi_input **out, struct dm_error *err)
{
    return midi_driver_open(&driver, config, out, err);
}

const struct midi_input_ops midi_raw = {
    "raw", "bytes from a file, FIFO, pty or device: raw:PATH, raw:- or raw:fd:N", raw_open, midi_input_close, NULL,
};
