/* SPDX-License-Identifier: MIT */
/* The door: introspection, opening pins and its refusals, wave pins and consumers, IKsControl, memory that runs out. */
#include "tap.h"

#include <dmerror.h>
#include <dmusprop.h>

#include "../portcls/kit.h"
#include "base/alloc.h"
#include "base/clock.h"

static struct kit k;
static struct host_filter *filter;

static void begin(struct kit_config config)
{
    struct dm_error err = {0};
    if (!CHECK(kit_open(&k, &config, &err)))
        printf("# %s\n", err.text);
    filter = kit_filter(&k);
}

static void end(void)
{
    host_close_filter(filter);
    kit_shut(&k);
    CHECK_EQ(k.streams, 0);
    CHECK_EQ(kit_faults(&k), 0);
    kit_print_book(&k);
    kit_close(&k);
}

struct slow {
    atomic_uint frames, calls;
};

static void test_introspection(void)
{
    struct host_filter_info info;
    struct host_pin_info pin;
    struct host_node_info node;
    struct host_property_info item;
    KSTOPOLOGY_CONNECTION c;
    const GUID *category;
    begin((struct kit_config){0});
    CHECK(host_filter_info(k.host, 0, &info));
    CHECK_STR(info.name, "DMus");
    CHECK_STR(info.device, "kit0");
    CHECK_EQ(info.pin_count, KIT_PINS);
    CHECK(host_filter_info(k.host, 1, &info));
    CHECK_STR(info.name, "Topology");
    CHECK(info.is_topology);
    CHECK(!host_filter_info(k.host, 2, &info));
    CHECK(host_filter_category(k.host, 0, 1, &category) && IsEqualGUID(category, &KSCATEGORY_RENDER));
    CHECK(host_filter_pin(k.host, 0, KIT_CAPTURE, &pin));
    CHECK_EQ(pin.range_count, 2);
    CHECK_EQ(pin.ranges[0]->FormatSize, 96);
    CHECK_EQ(pin.max_global, 3);
    CHECK(!host_filter_pin(k.host, 0, KIT_PINS, &pin));
    CHECK(host_filter_node(k.host, 0, 1, &node) && node.name != NULL);
    CHECK(host_filter_connection(k.host, 0, 1, &c) && c.ToNodePin == KIT_WAVE);
    CHECK(host_filter_property_item(k.host, 0, HOST_TABLE_NODE, 0, 1, &item));
    CHECK_EQ(item.flags, KSPROPERTY_TYPE_GET | KSPROPERTY_TYPE_SET);
    CHECK(!host_filter_property_item(k.host, 0, HOST_TABLE_NODE, 0, 99, &item));
    CHECK(!host_filter_property_item(k.host, 0, HOST_TABLE_PIN, KIT_WAVE, 0, &item));
    end();
}

static void test_open_refusals(void)
{
    _Alignas(8) uint8_t connect[HOST_CONNECT_MAX], broken[HOST_CONNECT_MAX];
    struct host_pin *pin, *more[4];
    struct host_filter *other;
    begin((struct kit_config){0});
    uint32_t size = host_connect_music(connect, KIT_RENDER, &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC);
    for (uint32_t cut = 0; cut < size; cut++)
        CHECK(!NT_SUCCESS(host_create_pin(filter, connect, cut, &pin)));
    memcpy(broken, connect, size);
    broken[sizeof(KSPIN_CONNECT)] = 65; /* FormatSize beyond the bytes */
    CHECK_EQ(host_create_pin(filter, broken, size, &pin), STATUS_INVALID_PARAMETER);
    host_connect_music(connect, KIT_PINS, &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC);
    CHECK_EQ(host_create_pin(filter, connect, size, &pin), STATUS_INVALID_PARAMETER);
    host_connect_music(connect, KIT_BRIDGE, &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC);
    CHECK_EQ(host_create_pin(filter, connect, size, &pin), STATUS_INVALID_DEVICE_REQUEST);
    host_connect_music(connect, KIT_RENDER, &kit_set);
    CHECK_EQ(host_create_pin(filter, connect, size, &pin), STATUS_NO_MATCH);
    memset(broken, 0, 24); /* no interface */
    host_connect_music(connect, KIT_RENDER, &KSDATAFORMAT_SUBTYPE_MIDI);
    memset(connect + 24, 0, 16); /* another medium */
    CHECK_EQ(host_create_pin(filter, connect, size, &pin), STATUS_NO_MATCH);
    size = host_connect_wave(connect, KIT_WAVE, 96000, 2, 16);
    CHECK_EQ(host_create_pin(filter, connect, size, &pin), STATUS_NO_MATCH);
    host_connect_wave(connect, KIT_WAVE, 44100, 3, 16);
    CHECK_EQ(host_create_pin(filter, connect, size, &pin), STATUS_NO_MATCH);
    CHECK_EQ(k.streams, 0);
    /* two of a filter, three of all */
    CHECK_EQ(kit_pin(filter, KIT_RENDER, &more[0]), STATUS_SUCCESS);
    CHECK_EQ(kit_pin(filter, KIT_RENDER, &more[1]), STATUS_SUCCESS);
    CHECK_EQ(kit_pin(filter, KIT_RENDER, &pin), STATUS_DEVICE_BUSY);
    CHECK_EQ(host_open_filter(k.host, "kit0/DMus", &other), STATUS_SUCCESS);
    CHECK_EQ(kit_pin(other, KIT_RENDER, &more[2]), STATUS_SUCCESS);
    CHECK_EQ(kit_pin(other, KIT_RENDER, &pin), STATUS_DEVICE_BUSY);
    host_close_pin(more[0]);
    CHECK_EQ(kit_pin(other, KIT_RENDER, &more[0]), STATUS_SUCCESS);
    host_close_filter(other);
    /* a NewStream that fails gives its instance back */
    k.config.stream_status = STATUS_INVALID_DEVICE_REQUEST;
    for (int i = 0; i < 5; i++)
        CHECK_EQ(kit_pin(filter, KIT_RENDER, &pin), STATUS_INVALID_DEVICE_REQUEST);
    k.config.stream_status = 0;
    CHECK_EQ(kit_pin(filter, KIT_RENDER, &pin), STATUS_SUCCESS);
    CHECK_EQ(host_open_filter(k.host, "Nothing", &other), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_EQ(host_open_filter(k.host, "kit1/DMus", &other), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_EQ(host_open_filter(k.host, "", &other), STATUS_OBJECT_NAME_NOT_FOUND);
    end();
}

static void test_pin_count(void)
{
    struct host_pin *pin, *second;
    begin((struct kit_config){.pin_count = true});
    kit_log_reset();
    CHECK_EQ(kit_pin(filter, KIT_RENDER, &pin), STATUS_SUCCESS);
    CHECK(strncmp(k.log, "PinCount 0\nNewStream", 20) == 0);
    CHECK_EQ(kit_pin(filter, KIT_RENDER, &second), STATUS_DEVICE_BUSY);
    end();
}

struct sound {
    uint32_t calls, frames;
    bool continuous;
};
static void consume(void *ctx, const void *frames, uint32_t count)
{
    struct sound *s = ctx;
    const int16_t *samples = frames;
    for (uint32_t i = 0; i < count; i++)
        s->continuous &= samples[2 * i] == (int16_t)(s->frames + i) && samples[2 * i + 1] == (int16_t) - (s->frames + i);
    s->calls++;
    s->frames += count;
}

static void test_sound(void)
{
    int16_t buffer[2 * 300];
    uint32_t rate, channels, bits;
    struct host_pin *wave, *render;
    begin((struct kit_config){0});
    CHECK_EQ(kit_pin(filter, KIT_WAVE, &wave), STATUS_SUCCESS);
    CHECK_EQ(kit_pin(filter, KIT_RENDER, &render), STATUS_SUCCESS);
    CHECK_EQ(host_pin_format(wave, &rate, &channels, &bits), STATUS_SUCCESS);
    CHECK(rate == 22050 && channels == 2 && bits == 16);
    CHECK_EQ(host_pin_pull(render, buffer, 10), STATUS_INVALID_DEVICE_REQUEST);
    memset(buffer, 1, sizeof buffer);
    CHECK_EQ(host_pin_pull(wave, buffer, 300), STATUS_SUCCESS);
    CHECK_EQ(buffer[599], 0); /* not in RUN: silence */
    for (int round = 0; round < 2; round++) {
        CHECK_EQ(host_pin_set_state(wave, KSSTATE_RUN), STATUS_SUCCESS);
        kit_log_reset();
        for (int i = 0; i < 3; i++) {
            CHECK_EQ(host_pin_pull(wave, buffer, 300), STATUS_SUCCESS);
            CHECK_EQ(buffer[2 * 299], 300 * i + 299); /* from 0 after each start */
        }
        CHECK_STR(k.log, "wave starts\n");
        CHECK_EQ(host_pin_set_state(wave, KSSTATE_PAUSE), STATUS_SUCCESS);
    }
    CHECK_EQ(host_pin_pull_float(wave, (float *)(void *)buffer, 10), STATUS_NOT_SUPPORTED);
    /* a consumer is fed at the pace of the clock */
    struct sound sound = {.continuous = true};
    struct host_consumer consumer = {.slice_ms = 10, .consume = consume, .ctx = &sound};
    CHECK_EQ(host_pin_set_state(wave, KSSTATE_RUN), STATUS_SUCCESS);
    CHECK_EQ(host_pin_attach_consumer(wave, &consumer), STATUS_SUCCESS);
    CHECK_EQ(host_pin_pull(wave, buffer, 10), STATUS_INVALID_DEVICE_REQUEST);
    kit_run(&k, 10000000);
    CHECK_EQ(sound.frames, 22050);
    CHECK_EQ(sound.calls, 100);
    CHECK(sound.continuous);
    host_pin_detach_consumer(wave);
    kit_run(&k, 1000000);
    CHECK_EQ(sound.frames, 22050);
    CHECK_EQ(host_pin_attach_consumer(wave, &consumer), STATUS_SUCCESS);
    host_close_pin(wave);
    end();
}

/* Each call takes 100 us, in which two frames become due. */
static void consume_slowly(void *ctx, const void *frames, uint32_t count)
{
    struct slow *slow = ctx;
    (void)frames;
    clock_sleep_until_100ns(clock_now_100ns() + 1000);
    atomic_fetch_add(&slow->frames, count);
    atomic_fetch_add(&slow->calls, 1);
}

/* In real time a slice is what was due at its tick: time that passes while one is rendered does not cut the next ones to pieces.
 * Of 30 ticks each brings a call, and where the machine was late a few more that make up for it (245 frames at most). */
static void test_slices_in_real_time(void)
{
    struct host_pin *wave;
    struct slow slow = {0, 0};
    struct host_consumer consumer = {.slice_ms = 10, .consume = consume_slowly, .ctx = &slow};
    begin((struct kit_config){.time = WDM_REAL});
    CHECK_EQ(kit_pin(filter, KIT_WAVE, &wave), STATUS_SUCCESS);
    CHECK_EQ(host_pin_set_state(wave, KSSTATE_RUN), STATUS_SUCCESS);
    int64_t start = clock_now_100ns();
    CHECK_EQ(host_pin_attach_consumer(wave, &consumer), STATUS_SUCCESS);
    clock_sleep_until_100ns(start + 3000000);
    host_pin_detach_consumer(wave);
    int64_t elapsed = clock_now_100ns() - start;
    CHECK(slow.calls > 0);
    CHECK(slow.frames <= elapsed * 22050 / 10000000);
    CHECK(slow.calls <= elapsed / 100000 + slow.frames / 220 + 1);
    printf("# %u frames in %u calls\n", slow.frames, slow.calls);
    host_close_pin(wave);
    end();
}

static void test_control(void)
{
    IKsControl *control, *same;
    KSPROPERTY p;
    ULONG value = 0, returned = 99;
    struct host_pin *pin;
    begin((struct kit_config){0});
    CHECK_EQ(kit_pin(filter, KIT_RENDER, &pin), STATUS_SUCCESS);
    CHECK_EQ(host_filter_kscontrol(filter, &control), STATUS_SUCCESS);
    CHECK_EQ(host_filter_kscontrol(filter, &same), STATUS_SUCCESS);
    CHECK(control == same);
    same->lpVtbl->Release(same);
    memset(&p, 0, sizeof p);
    p.Set = kit_set;
    p.Id = KIT_ITEM_ULONG;
    p.Flags = KSPROPERTY_TYPE_GET;
    CHECK_EQ(control->lpVtbl->KsProperty(control, &p, sizeof p, &value, sizeof value, &returned), S_OK);
    CHECK_EQ(value, 0x5678);
    CHECK_EQ(returned, 4);
    CHECK_EQ(control->lpVtbl->KsProperty(control, &p, sizeof p, NULL, 0, &returned), HRESULT_FROM_WIN32(ERROR_MORE_DATA));
    CHECK_EQ(returned, 4);
    CHECK_EQ(control->lpVtbl->KsProperty(control, &p, sizeof p, &value, 2, NULL), HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER));
    CHECK_EQ(control->lpVtbl->KsProperty(control, &p, sizeof p, NULL, 4, NULL), E_POINTER);
    CHECK_EQ(control->lpVtbl->KsProperty(control, NULL, sizeof p, &value, 4, NULL), E_POINTER);
    p.Flags = KSPROPERTY_TYPE_SET;
    CHECK_EQ(control->lpVtbl->KsProperty(control, &p, sizeof p, &value, 4, NULL), DMUS_E_SET_UNSUPPORTED);
    p.Id = 999;
    CHECK_EQ(control->lpVtbl->KsProperty(control, &p, sizeof p, &value, 4, NULL), DMUS_E_UNKNOWN_PROPERTY);
    p.Set = KSPROPSETID_Topology;
    p.Id = 1;
    CHECK_EQ(control->lpVtbl->KsProperty(control, &p, sizeof p, &value, 4, NULL), DMUS_E_SET_UNSUPPORTED);
    p.Set = KSPROPSETID_Connection;
    p.Id = KSPROPERTY_CONNECTION_STATE;
    p.Flags = KSPROPERTY_TYPE_GET;
    IKsControl *on_pin;
    CHECK_EQ(host_pin_kscontrol(pin, &on_pin), STATUS_SUCCESS);
    CHECK_EQ(on_pin->lpVtbl->KsProperty(on_pin, &p, sizeof p, &value, 4, NULL), S_OK);
    CHECK_EQ(value, KSSTATE_STOP);
    host_close_pin(pin);
    CHECK_EQ(on_pin->lpVtbl->KsProperty(on_pin, &p, sizeof p, &value, 4, NULL), E_UNEXPECTED);
    CHECK_EQ(on_pin->lpVtbl->Release(on_pin), 0);
    CHECK_EQ(control->lpVtbl->KsMethod(control, NULL, 0, NULL, 0, NULL), E_NOTIMPL);
    end();
    CHECK_EQ(control->lpVtbl->KsProperty(control, &p, sizeof p, &value, 4, NULL), E_UNEXPECTED);
    CHECK_EQ(control->lpVtbl->Release(control), 0);
}

/* Every allocation of a whole session fails once: a status, no crash, no leak. */
static void test_memory(void)
{
    long n = 1;
    for (; n < 5000; n++) {
        struct dm_error err = {0};
        struct kit_config config = {0};
        struct host_pin *pins[3] = {NULL};
        long live = dm_alloc_live();
        bool all = true;
        filter = NULL;
        dm_alloc_fail_at(n, false);
        bool ok = kit_open(&k, &config, &err);
        if (ok && NT_SUCCESS(host_open_filter(k.host, "DMus", &filter))) {
            for (uint32_t i = 0; i < 3; i++) {
                NTSTATUS status = kit_pin(filter, i, &pins[i]);
                all &= NT_SUCCESS(status);
                if (pins[i])
                    all &= NT_SUCCESS(host_pin_set_state(pins[i], KSSTATE_RUN));
            }
            if (pins[0])
                all &= NT_SUCCESS(kit_note(pins[0], 20000000, 60));
        } else {
            all = false;
        }
        dm_alloc_fail_at(0, false);
        if (!ok && err.status != DM_ERR_NOMEM && err.status != DM_ERR_DEVICE)
            CHECK_EQ(err.status, DM_ERR_NOMEM);
        if (k.host) {
            kit_shut(&k);
            CHECK_EQ(k.streams + k.miniports, 0);
        }
        kit_close(&k);
        if (!CHECK(dm_alloc_live() == live))
            printf("# %ld blocks left after failure %ld, log: %s\n", dm_alloc_live() - live, n, k.log);
        if (all)
            break;
    }
    CHECK(n > 50 && n < 5000);
    printf("# %ld allocations\n", n - 1);
}

int main(void)
{
    RUN(test_introspection);
    RUN(test_open_refusals);
    RUN(test_pin_count);
    RUN(test_sound);
    RUN(test_slices_in_real_time);
    RUN(test_control);
    RUN(test_memory);
    return tap_done();
}
