/* SPDX-License-Identifier: MIT */
/* A MIDI device of ALSA, as bytes. */
#include <poll.h>
#include <stdio.h>

#include "alsa_common.h"
#include "alsa_library.h"
#include "base/clock.h"
#include "midi_driver.h"
#include "midi_inputs.h"

#define FDS_MAX 4
#define CHUNK   4096

struct rawmidi_input {
    struct midi_input in;
    snd_rawmidi_t *device;
    struct midi_reader reader;
    struct pollfd fds[FDS_MAX];
};

static const char *take(struct midi_input *in)
{
    struct rawmidi_input *raw = (struct rawmidi_input *)in;
    uint8_t bytes[CHUNK];
    ssize_t count = snd_rawmidi_read(raw->device, bytes, sizeof bytes);
    if (count == -EAGAIN || count == 0)
        return NULL;
    if (count < 0)
        return count == -ENODEV ? "the device was unplugged" : "the device failed";
    midi_driver_bytes(in, bytes, (size_t)count, &(struct midi_stamp){.time_100ns = clock_now_100ns()});
    return NULL;
}

static void rawmidi_disconnect(struct midi_input *in)
{
    struct rawmidi_input *raw = (struct rawmidi_input *)in;
    midi_reader_stop(&raw->reader);
    snd_rawmidi_close(raw->device);
}

static enum dm_status rawmidi_connect(struct midi_input *in, struct dm_error *err)
{
    struct rawmidi_input *raw = (struct rawmidi_input *)in;
    const char *name = in->config.name;
    if (!name)
        return dm_fail(err, DM_ERR_ARGUMENT, "ALSA rawmidi: no device given");
    enum dm_status status = alsa_common_begin(err);
    if (status != DM_OK)
        return status;
    int error = snd_rawmidi_open(&raw->device, NULL, name, SND_RAWMIDI_NONBLOCK);
    if (error < 0)
        return dm_fail(err, DM_ERR_DEVICE, "ALSA rawmidi: %s: %s", name, snd_strerror(error));
    int fds = snd_rawmidi_poll_descriptors(raw->device, raw->fds, FDS_MAX);
    /* The first read starts the device. */
    uint8_t nothing;
    (void)snd_rawmidi_read(raw->device, &nothing, 0);
    midi_driver_set_port(in, "%s", name);
    if (fds > 0 && midi_reader_start(&raw->reader, in, raw->fds, (unsigned)fds, take))
        return DM_OK;
    snd_rawmidi_close(raw->device);
    return dm_fail(err, DM_ERR_NOMEM, "ALSA rawmidi: no thread");
}

static const struct midi_driver driver = {"ALSA rawmidi", sizeof(struct rawmidi_input), rawmidi_connect, rawmidi_disconnect,
                                          true};

static enum dm_status rawmidi_open(const struct midi_config *config, struct midi_input **out, struct dm_error *err)
{
    return midi_driver_open(&driver, config, out, err);
}

static enum dm_status rawmidi_list(midi_port_fn *each, void *ctx, struct dm_error *err)
{
    return alsa_common_list_rawmidi("Input", each, ctx, err);
}

const struct midi_input_ops midi_rawmidi = {"rawmidi", "a MIDI device of ALSA: rawmidi:hw:1,0", rawmidi_open, midi_input_close,
                                            rawmidi_list};
