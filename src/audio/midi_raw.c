/* SPDX-License-Identifier: MIT */
/* Raw bytes: a file, FIFO, pty, serial device, standard input or an inherited descriptor. */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "midi_driver.h"
#include "midi_inputs.h"
#include "midi_path.h"

#define CHUNK 4096

struct raw_input {
    struct midi_input in;
    struct midi_reader reader;
    struct pollfd poll;
    struct midi_path path;
};

/* One read a turn: whether a second one would wait, only poll can tell. */
static const char *take(struct midi_input *in)
{
    struct raw_input *raw = (struct raw_input *)in;
    uint8_t bytes[CHUNK];
    ssize_t count = read(raw->poll.fd, bytes, sizeof bytes);
    if (count == 0)
        return raw->path.is_terminal ? "the other side is gone" : "end of input";
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? NULL : errno == EIO ? "the other side is gone" : "cannot be read";
    midi_driver_bytes(in, bytes, (size_t)count, &(struct midi_stamp){.time_100ns = clock_now_100ns()});
    return NULL;
}

static void raw_disconnect(struct midi_input *in)
{
    struct raw_input *raw = (struct raw_input *)in;
    midi_reader_stop(&raw->reader);
    midi_path_close(&raw->path);
}

static enum dm_status raw_connect(struct midi_input *in, struct dm_error *err)
{
    struct raw_input *raw = (struct raw_input *)in;
    enum dm_status status = midi_path_open(&raw->path, in->config.name, false, err);
    if (status != DM_OK)
        return status;
    raw->poll = (struct pollfd){.fd = raw->path.fd, .events = POLLIN};
    midi_driver_set_port(in, "%s", in->config.name);
    if (midi_reader_start(&raw->reader, in, &raw->poll, 1, take))
        return DM_OK;
    midi_path_close(&raw->path);
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
