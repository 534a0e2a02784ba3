/* SPDX-License-Identifier: MIT */
/* Filters and pins as the client has them: every call is a request on the handle. */
#include <string.h>

#include "base/alloc.h"
#include "host_impl.h"
#include "kernel/portcls/format.h"
#include "kernel/portcls/irp.h"
#include "kernel/portcls/pin.h"
#include "kernel/portcls/sequencer.h"

/* KSSTRING_Pin and the backslash in front of a pin's KSPIN_CONNECT (irp.h). */
static const char pin_prefix[] = "{146F1A80-4791-11D0-A5D6-28DB04C10000}\\";

#define NAME_UNITS 256

/* "device/reference string" names one device, a reference string alone any. */
static bool device_matches(const struct host_device *device, const char *name, const char **reference)
{
    const char *slash = strchr(name, '/');
    *reference = slash ? slash + 1 : name;
    if (!slash)
        return true;
    size_t length = (size_t)(slash - name);
    return strlen(device->name) == length && memcmp(device->name, name, length) == 0;
}

static NTSTATUS open_on(struct host_device *device, const char *reference, struct host_filter **out)
{
    WCHAR name[NAME_UNITS];
    size_t length = strlen(reference);
    if (length + 1 >= NAME_UNITS)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    struct host_filter *filter = dm_calloc(1, sizeof *filter);
    if (!filter)
        return STATUS_INSUFFICIENT_RESOURCES;
    name[0] = '\\';
    for (size_t i = 0; i < length; i++)
        name[i + 1] = (WCHAR)(unsigned char)reference[i];
    NTSTATUS status = host_file_open(&filter->file, device, NULL, name, (length + 1) * sizeof *name);
    *out = NT_SUCCESS(status) ? filter : NULL;
    return status;
}

NTSTATUS host_open_filter(struct host *host, const char *name, struct host_filter **out)
{
    NTSTATUS status = STATUS_OBJECT_NAME_NOT_FOUND;
    bool entered = host_enter(host);
    *out = NULL;
    for (struct host_device *d = host->devices; d && status == STATUS_OBJECT_NAME_NOT_FOUND; d = d->next) {
        const char *reference;
        if (device_matches(d, name, &reference))
            status = open_on(d, reference, out);
    }
    host_leave(entered);
    return status;
}

/* A pin of FILTER that is not closed yet. */
static struct host_file *child_of(struct host_file *filter)
{
    pthread_mutex_lock(&filter->host->lock);
    struct host_file *file = filter->device->files;
    while (file && (file->parent != filter || file->closed))
        file = file->next;
    pthread_mutex_unlock(&filter->host->lock);
    return file;
}

void host_close_filter(struct host_filter *filter)
{
    struct host_file *pin;
    if (!filter)
        return;
    bool entered = host_enter(filter->file.host);
    while ((pin = child_of(&filter->file)) != NULL)
        host_close_pin((struct host_pin *)(void *)pin);
    host_file_close(&filter->file);
    host_leave(entered);
}

NTSTATUS host_create_pin(struct host_filter *filter, const void *connect, uint32_t cb_connect, struct host_pin **out)
{
    const size_t prefix = sizeof pin_prefix - 1;
    *out = NULL;
    if (!connect || cb_connect > 0xff00)
        return STATUS_INVALID_PARAMETER;
    struct host_pin *pin = dm_calloc(1, sizeof *pin);
    WCHAR *name = dm_calloc(prefix + cb_connect / sizeof *name + 1, sizeof *name);
    NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;
    if (pin && name) {
        for (size_t i = 0; i < prefix; i++)
            name[i] = (WCHAR)(unsigned char)pin_prefix[i];
        memcpy(name + prefix, connect, cb_connect);
        bool entered = host_enter(filter->file.host);
        status = host_file_open(&pin->file, filter->file.device, &filter->file, name, prefix * sizeof *name + cb_connect);
        host_leave(entered);
    } else {
        dm_free(pin);
    }
    dm_free(name);
    if (NT_SUCCESS(status))
        *out = pin;
    return status;
}

void host_close_pin(struct host_pin *pin)
{
    if (!pin)
        return;
    bool entered = host_enter(pin->file.host);
    host_consumer_stop(pin);
    host_file_close(&pin->file);
    host_leave(entered);
}

/* --- properties --- */
static NTSTATUS property(struct host_file *file, const struct host_ioctl *ioctl, uint32_t *returned)
{
    ULONG information = 0;
    bool entered = host_enter(file->host);
    NTSTATUS status = host_send_ioctl(file, ioctl, &information);
    host_leave(entered);
    if (returned)
        *returned = information;
    return status;
}

NTSTATUS host_filter_property(struct host_filter *filter, const void *request, uint32_t cb_request, void *data, uint32_t cb_data,
                              uint32_t *returned)
{
    return property(&filter->file, &(struct host_ioctl){IOCTL_KS_PROPERTY, request, cb_request, data, cb_data, true, NULL, NULL},
                    returned);
}

NTSTATUS host_filter_property_async(struct host_filter *filter, const void *request, uint32_t cb_request, void *data,
                                    uint32_t cb_data, host_done *done, void *ctx)
{
    return property(&filter->file, &(struct host_ioctl){IOCTL_KS_PROPERTY, request, cb_request, data, cb_data, false, done, ctx},
                    NULL);
}

NTSTATUS host_pin_property(struct host_pin *pin, const void *request, uint32_t cb_request, void *data, uint32_t cb_data,
                           uint32_t *returned)
{
    return property(&pin->file, &(struct host_ioctl){IOCTL_KS_PROPERTY, request, cb_request, data, cb_data, true, NULL, NULL},
                    returned);
}

NTSTATUS host_pin_property_async(struct host_pin *pin, const void *request, uint32_t cb_request, void *data, uint32_t cb_data,
                                 host_done *done, void *ctx)
{
    return property(&pin->file, &(struct host_ioctl){IOCTL_KS_PROPERTY, request, cb_request, data, cb_data, false, done, ctx}, NULL);
}

NTSTATUS host_filter_kscontrol(struct host_filter *filter, IKsControl **out) { return host_control_create(&filter->file, out); }
NTSTATUS host_pin_kscontrol(struct host_pin *pin, IKsControl **out) { return host_control_create(&pin->file, out); }

static KSPROPERTY state_property(ULONG verb)
{
    KSPROPERTY p;
    memset(&p, 0, sizeof p);
    p.Set = KSPROPSETID_Connection;
    p.Id = KSPROPERTY_CONNECTION_STATE;
    p.Flags = verb;
    return p;
}

NTSTATUS host_pin_set_state(struct host_pin *pin, KSSTATE state)
{
    KSPROPERTY p = state_property(KSPROPERTY_TYPE_SET);
    ULONG value = (ULONG)state;
    return host_pin_property(pin, &p, sizeof p, &value, sizeof value, NULL);
}

NTSTATUS host_pin_state(struct host_pin *pin, KSSTATE *state)
{
    KSPROPERTY p = state_property(KSPROPERTY_TYPE_GET);
    ULONG value = 0;
    NTSTATUS status = host_pin_property(pin, &p, sizeof p, &value, sizeof value, NULL);
    *state = (KSSTATE)value;
    return status;
}

/* --- streams --- */
static void packet_over(void *ctx, NTSTATUS status, uint32_t bytes)
{
    struct host_packet *packet = ctx;
    const KSSTREAM_HEADER *header = &packet->header;
    (void)bytes;
    packet->used = NT_SUCCESS(status) ? header->DataUsed : 0;
    packet->options = header->OptionsFlags;
    packet->time = header->PresentationTime.Time;
    if (packet->done)
        packet->done(packet->ctx, status, packet->used);
}

static NTSTATUS stream(struct host_pin *pin, struct host_packet *packet, ULONG code)
{
    KSSTREAM_HEADER *header = &packet->header;
    memset(header, 0, sizeof *header);
    header->Size = sizeof *header;
    header->Data = packet->data;
    header->FrameExtent = packet->size;
    if (code == IOCTL_KS_WRITE_STREAM) {
        header->DataUsed = packet->used;
        header->PresentationTime = (KSTIME){.Time = packet->time, .Numerator = 1, .Denominator = 1};
        header->OptionsFlags = packet->options | KSSTREAM_HEADER_OPTIONSF_TIMEVALID;
    }
    struct host_ioctl ioctl = {.code = code,
                               .output = header,
                               .output_size = sizeof *header,
                               .wait = !packet->done,
                               .done = packet_over,
                               .ctx = packet};
    bool entered = host_enter(pin->file.host);
    NTSTATUS status = host_send_ioctl(&pin->file, &ioctl, NULL);
    host_leave(entered);
    return status;
}

NTSTATUS host_pin_write(struct host_pin *pin, struct host_packet *packet) { return stream(pin, packet, IOCTL_KS_WRITE_STREAM); }
NTSTATUS host_pin_read(struct host_pin *pin, struct host_packet *packet) { return stream(pin, packet, IOCTL_KS_READ_STREAM); }

void host_pin_cancel(struct host_pin *pin, struct host_packet *packet)
{
    bool entered = host_enter(pin->file.host);
    irp_cancel(&pin->file.object, &packet->header);
    host_leave(entered);
}

void host_pin_cancel_all(struct host_pin *pin)
{
    bool entered = host_enter(pin->file.host);
    irp_cancel(&pin->file.object, NULL);
    host_leave(entered);
}

static struct pc_pin *pc_pin_of(struct host_pin *pin) { return pin->file.object.FsContext; }

NTSTATUS host_pin_timing(struct host_pin *pin, struct sequencer_stats *out)
{
    struct sequencer *sequencer = pc_pin_of(pin)->sequencer;
    if (!sequencer)
        return STATUS_INVALID_DEVICE_REQUEST;
    sequencer_stats(sequencer, out);
    return STATUS_SUCCESS;
}

/* --- sound --- */

static NTSTATUS ready(struct host_pin *pin)
{
    struct pc_device *device = pc_device_of(pin->file.device->pdo->AttachedDevice);
    return device ? pc_device_ready(device) : STATUS_DEVICE_REMOVED;
}

NTSTATUS host_pin_format(struct host_pin *pin, uint32_t *rate, uint32_t *channels, uint32_t *bits)
{
    const KSDATAFORMAT *format = pc_pin_of(pin)->format;
    const WAVEFORMATEX *wave = format_wave(format, format->FormatSize);
    WAVEFORMATEX copy;
    if (!wave)
        return STATUS_INVALID_DEVICE_REQUEST;
    memcpy(&copy, wave, sizeof copy);
    *rate = copy.nSamplesPerSec;
    *channels = copy.nChannels;
    *bits = copy.wBitsPerSample;
    return STATUS_SUCCESS;
}

static NTSTATUS pull(struct host_pin *pin, void *buffer, uint32_t frames, bool floats)
{
    NTSTATUS status = ready(pin);
    if (!NT_SUCCESS(status))
        return status;
    bool entered = host_enter(pin->file.host);
    status = floats ? pin_pull_float(pc_pin_of(pin), buffer, frames) : pin_pull(pc_pin_of(pin), buffer, frames);
    host_leave(entered);
    return status;
}

NTSTATUS host_pin_pull(struct host_pin *pin, void *buffer, uint32_t frames)
{
    return pin->consumer ? STATUS_INVALID_DEVICE_REQUEST : pull(pin, buffer, frames, false);
}

NTSTATUS host_pin_pull_float(struct host_pin *pin, float *buffer, uint32_t frames)
{
    return pin->consumer ? STATUS_INVALID_DEVICE_REQUEST : pull(pin, buffer, frames, true);
}
