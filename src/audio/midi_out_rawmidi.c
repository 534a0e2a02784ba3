/* SPDX-License-Identifier: MIT */
/* An ALSA rawmidi device. */
#include "alsa_common.h"
#include "alsa_library.h"
#include "midi_out_driver.h"
#include "midi_outputs.h"

struct rawmidi_output {
    struct midi_output out;
    snd_rawmidi_t *device;
};

static const char *rawmidi_write(struct midi_output *out, const uint8_t *bytes, size_t count, size_t *taken)
{
    struct rawmidi_output *raw = (struct rawmidi_output *)out;
    ssize_t n = snd_rawmidi_write(raw->device, bytes, count);
    if (n >= 0)
        *taken = (size_t)n;
    else if (n != -EAGAIN)
        return n == -ENODEV ? "the device was unplugged" : "the device failed";
    return NULL;
}

/* What it already took may not have left: dropped, since draining waits for the wire. */
static void rawmidi_disconnect(struct midi_output *out)
{
    struct rawmidi_output *raw = (struct rawmidi_output *)out;
    snd_rawmidi_close(raw->device);
}

static enum dm_status rawmidi_connect(struct midi_output *out, struct dm_error *err)
{
    struct rawmidi_output *raw = (struct rawmidi_output *)out;
    const char *name = out->config.name;
    if (!name)
        return dm_fail(err, DM_ERR_ARGUMENT, "ALSA rawmidi: no device given");
    enum dm_status status = alsa_common_begin(err);
    if (status != DM_OK)
        return status;
    int error = snd_rawmidi_open(NULL, &raw->device, name, SND_RAWMIDI_NONBLOCK);
    if (error < 0)
        return dm_fail(err, DM_ERR_DEVICE, "ALSA rawmidi: %s: %s", name, snd_strerror(error));
    int fds = snd_rawmidi_poll_descriptors(raw->device, out->fds, MIDI_OUT_FDS);
    out->fd_count = fds > 0 ? (unsigned)fds : 0;
    midi_out_driver_set_port(out, "%s", name);
    return DM_OK;
}

static const struct midi_out_driver driver = {"ALSA rawmidi out", sizeof(struct rawmidi_output), rawmidi_connect,
                                              rawmidi_disconnect, rawmidi_write, true};

static enum dm_status rawmidi_open(const struct midi_config *config, struct midi_output **out, struct dm_error *err)
{
    return midi_out_driver_open(&driver, config, out, err);
}

static enum dm_status rawmidi_list(midi_port_fn *each, void *ctx, struct dm_error *err)
{
    return alsa_common_list_rawmidi("Output", each, ctx, err);
}

const struct midi_output_ops midi_out_rawmidi = {"rawmidi", "a MIDI device of ALSA: rawmidi:hw:1,0", rawmidi_open, rawmidi_list};
