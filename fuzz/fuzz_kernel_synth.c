/* SPDX-License-Identifier: MIT */
/*
 * The software synth's miniport behind the port, in virtual time. Input: steps, each a byte that says what (low 3 bits) and how
 * much follows (high 5 bits, times 8 and the next byte's low 3 bits):
 *   0 events: written to the DirectMusic pin as they are     4 unload: handle number (byte 0)
 *   1 legacy packets, likewise to the legacy pin             5 states: byte 0 of pin (low 2 bits), state (next 2)
 *   2 property of a pin's node: byte 0 pin, byte 1 item of the table, byte 2 verb, then instance and value
 *   3 download: the rest is the image                        6 pull: byte 0 frames   7 time: byte 0 ms
 * No input breaks a rule of drivers, and nothing is left behind.
 */
#include <stdlib.h>
#include <string.h>

#include <wdm.h>

#include <ks.h>
#include <ksmedia.h>

#include <dmusicks.h>
#include <dmusprop.h>

#include "kernel/host/host.h"
#include "kernel/miniports/builtin.h"
#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PINS = 3, IMAGES = 16 };

struct run {
    struct host *host;
    struct host_filter *filter;
    struct host_pin *pins[PINS];
    HANDLE handles[IMAGES];
    uint8_t *images[IMAGES];
    unsigned loaded;
};

static void done(void *ctx, NTSTATUS status, uint32_t bytes)
{
    (void)status, (void)bytes;
    free(ctx);
}

static void open_all(struct run *run)
{
    struct host_config config = {.time = WDM_VIRTUAL, .event_buffer_size = 64};
    struct host_driver_config driver_config = {.name = "swsynth", .entry = swsynth_DriverEntry};
    struct host_driver *driver;
    struct host_device *device;
    uint8_t connect[HOST_CONNECT_MAX];
    MUST(host_create(&config, &run->host, NULL) == DM_OK);
    MUST(host_load_driver(run->host, &driver_config, &driver, NULL) == DM_OK);
    MUST(host_add_device(driver, NULL, &device, NULL) == DM_OK);
    MUST(host_open_filter(run->host, "DMusic", &run->filter) == STATUS_SUCCESS);
    for (uint32_t pin = 0; pin < PINS; pin++) {
        uint32_t bytes = pin == 2 ? host_connect_wave(connect, 2, 22050, 2, 16)
                                  : host_connect_music(connect, pin, pin ? &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC
                                                                         : &KSDATAFORMAT_SUBTYPE_MIDI);
        MUST(host_create_pin(run->filter, connect, bytes, &run->pins[pin]) == STATUS_SUCCESS);
    }
}

struct packet {
    struct host_packet packet;
    max_align_t bytes[];
};

static void write_bytes(struct host_pin *pin, const uint8_t *data, uint32_t size)
{
    struct packet *p = calloc(1, sizeof *p + size);
    MUST(p);
    memcpy(p->bytes, data, size);
    p->packet = (struct host_packet){.data = p->bytes, .size = size, .used = size, .time = 10000000, .done = done, .ctx = p};
    host_pin_write(pin, &p->packet);
}

static NTSTATUS ask(struct run *run, unsigned pin, const GUID *set, ULONG id, ULONG verb, const void *instance, uint32_t size,
                    void *value, uint32_t value_size)
{
    struct {
        KSNODEPROPERTY node;
        uint8_t instance[256];
    } request;
    memset(&request, 0, sizeof request);
    request.node.Property.Set = *set;
    request.node.Property.Id = id;
    request.node.Property.Flags = verb | KSPROPERTY_TYPE_TOPOLOGY;
    size = size < sizeof request.instance ? size : (uint32_t)sizeof request.instance;
    if (size)
        memcpy(request.instance, instance, size);
    return host_pin_property(run->pins[pin], &request, (uint32_t)sizeof request.node + size, value, value_size, NULL);
}

/* Any item but downloads: their address is the driver's to trust only as far as the system probes it, see step 3. */
static void property(struct run *run, const uint8_t *data, uint32_t size)
{
    struct host_property_info info;
    if (size < 3 || !host_filter_property_item(run->host, 0, HOST_TABLE_NODE, 0, data[1] % 40, &info))
        return;
    bool dls = IsEqualGUID(info.set, &KSPROPSETID_Synth_Dls) && info.id <= KSPROPERTY_SYNTH_DLS_UNLOAD;
    /* Thousands of voices at 192 kHz take long, not wrong. */
    if (dls || (IsEqualGUID(info.set, &KSPROPSETID_Synth) && info.id == KSPROPERTY_SYNTH_CHANNELGROUPS))
        return;
    uint32_t split = (size - 3) / 2;
    uint8_t *value = calloc(1, size + 1);
    MUST(value);
    memcpy(value, data + 3 + split, size - 3 - split);
    ask(run, data[0] % PINS, info.set, info.id, data[2] & 1 ? KSPROPERTY_TYPE_SET : data[2] & 2 ? KSPROPERTY_TYPE_BASICSUPPORT : KSPROPERTY_TYPE_GET,
        data + 3, split, value, size - 3 - split);
    free(value);
}

static void load(struct run *run, const uint8_t *data, uint32_t size)
{
    SYNTHDOWNLOAD result;
    if (run->loaded == IMAGES || size == 0)
        return;
    uint8_t *image = malloc(size); /* of exactly its size */
    MUST(image);
    memcpy(image, data, size);
    SYNTH_BUFFER buffer = {.BufferSize = size, .BufferAddress = image};
    if (NT_SUCCESS(ask(run, 1, &KSPROPSETID_Synth_Dls, KSPROPERTY_SYNTH_DLS_DOWNLOAD, KSPROPERTY_TYPE_GET, &buffer, sizeof buffer,
                       &result, sizeof result)) && !result.Free) {
        run->images[run->loaded] = image;
        run->handles[run->loaded++] = result.DownloadHandle;
    } else {
        free(image);
    }
}

static void unload(struct run *run, const uint8_t *data, uint32_t size)
{
    struct {
        KSNODEPROPERTY node;
        HANDLE handle;
    } *request = calloc(1, sizeof *request);
    MUST(request);
    request->node.Property.Set = KSPROPSETID_Synth_Dls;
    request->node.Property.Id = KSPROPERTY_SYNTH_DLS_UNLOAD;
    request->node.Property.Flags = KSPROPERTY_TYPE_SET | KSPROPERTY_TYPE_TOPOLOGY;
    request->handle = size && run->loaded ? run->handles[data[0] % run->loaded] : (HANDLE)(uintptr_t)size;
    host_pin_property_async(run->pins[1], request, sizeof request->node, &request->handle, sizeof request->handle, done, request);
}

static void pass(struct run *run, int64_t time)
{
    wdm_enter(host_machine(run->host));
    wdm_run_until(host_machine(run->host), wdm_time_100ns(host_machine(run->host)) + time);
    wdm_leave();
}

static void step(struct run *run, unsigned what, const uint8_t *data, uint32_t size)
{
    static int16_t frames[2 * 256];
    uint8_t first = size ? data[0] : 0;
    switch (what) {
    case 0: write_bytes(run->pins[1], data, size); break;
    case 1: write_bytes(run->pins[0], data, size); break;
    case 2: property(run, data, size); break;
    case 3: load(run, data, size); break;
    case 4: unload(run, data, size); break;
    case 5: host_pin_set_state(run->pins[first % PINS], (KSSTATE)(first >> 2 & 3)); break;
    case 6: host_pin_pull(run->pins[2], frames, first ? first : 1); break;
    default: pass(run, first * 10000); break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run run = {0};
    SYNTH_PORTPARAMS wanted = {.ValidParams = SYNTH_PORTPARAMS_VOICES, .Voices = 4}, granted;
    if (size > 4096)
        return 0;
    open_all(&run);
    if (size && data[0] & 128) /* else by defaults, when a pin leaves STOP */
        ask(&run, 1, &KSPROPSETID_Synth, KSPROPERTY_SYNTH_PORTPARAMETERS, KSPROPERTY_TYPE_GET, &wanted, sizeof wanted, &granted,
            sizeof granted);
    for (size_t at = 1; at + 2 <= size;) {
        size_t length = (size_t)(data[at] >> 3) * 8 + (data[at + 1] & 7);
        unsigned what = data[at] & 7;
        at += 2;
        length = length < size - at ? length : size - at;
        step(&run, what, data + at, (uint32_t)length);
        at += length;
    }
    for (int i = 0; i < PINS; i++)
        host_close_pin(run.pins[i]);
    host_close_filter(run.filter);
    host_shut_down(run.host);
    MUST(wdm_rule_faults(host_machine(run.host)) == 0);
    host_destroy(run.host);
    for (unsigned i = 0; i < run.loaded; i++)
        free(run.images[i]);
    return 0;
}
