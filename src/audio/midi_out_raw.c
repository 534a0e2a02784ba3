/* SPDX-License-Identifier: MIT */
/* Raw bytes: a FIFO, pty, serial or character device, a file, a socket, standard output or an inherited descriptor. */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "midi_out_driver.h"
#include "midi_outputs.h"
#include "midi_path.h"

struct raw_output {
    struct midi_output out;
    struct midi_path path;
    bool is_socket;
    int flags_before; /* of an inherited file, for those who share it */
};

static const char *raw_write(struct midi_output *out, const uint8_t *bytes, size_t count, size_t *taken)
{
    struct raw_output *raw = (struct raw_output *)out;
    ssize_t n = raw->is_socket ? send(raw->path.fd, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL) : write(raw->path.fd, bytes, count);
    if (n >= 0)
        *taken = (size_t)n;
    else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
        return errno == EPIPE || errno == EIO || errno == ECONNRESET ? "the other side is gone"
               : errno == ENODEV || errno == ENXIO                   ? "the device was unplugged"
                                                                     : "cannot be written";
    return NULL;
}

static void raw_disconnect(struct midi_output *out)
{
    struct raw_output *raw = (struct raw_output *)out;
    if (raw->flags_before >= 0)
        fcntl(raw->path.fd, F_SETFL, raw->flags_before);
    midi_path_close(&raw->path);
}

static enum dm_status raw_connect(struct midi_output *out, struct dm_error *err)
{
    struct raw_output *raw = (struct raw_output *)out;
    struct stat kind;
    enum dm_status status = midi_path_open(&raw->path, out->config.name, true, err);
    if (status != DM_OK)
        return status;
    int flags = fcntl(raw->path.fd, F_GETFL);
    raw->flags_before = -1;
    if ((flags & O_ACCMODE) == O_RDONLY) {
        midi_path_close(&raw->path);
        return dm_fail(err, DM_ERR_OPEN, "raw MIDI: %s: not open for writing", out->config.name);
    }
    raw->is_socket = fstat(raw->path.fd, &kind) == 0 && S_ISSOCK(kind.st_mode);
    if (!raw->is_socket && !(flags & O_NONBLOCK)) {
        raw->flags_before = flags;
        fcntl(raw->path.fd, F_SETFL, flags | O_NONBLOCK);
    }
    out->fds[0] = (struct pollfd){.fd = raw->path.fd, .events = POLLOUT};
    out->fd_count = 1;
    midi_out_driver_set_port(out, "%s", out->config.name);
    return DM_OK;
}

static const struct midi_out_driver driver = {"raw MIDI out", sizeof(struct raw_output), raw_connect, raw_disconnect, raw_write,
                                              false};

static enum dm_status raw_open(const struct midi_config *config, struct midi_output **out, struct dm_error *err)
{
    return midi_out_driver_open(&driver, config, out, err);
}

const struct midi_output_ops midi_out_raw = {"raw", "bytes to a FIFO, pty or device: raw:PATH, raw:- or raw:fd:N", raw_open, NULL};
