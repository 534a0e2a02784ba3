/* SPDX-License-Identifier: MIT */
/*
 * The software synth in real time behind the port: sound pulled at the clock's pace while other threads write events, ask and set
 * properties, download and unload, and change states. usage: test_miniports_swsynth_threads [SECONDS]
 */
#ifndef CONST_VTABLE
#define CONST_VTABLE
#endif

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <wdm.h>

#include <ks.h>
#include <ksmedia.h>

#include <dmusbuff.h>
#include <dmusicks.h>
#include <dmusprop.h>

#include "dmus/idmusks.h"
#include "kernel/host/host.h"
#include "kernel/miniports/builtin.h"
#include "tap.h"
#include "user/images.h"

#define RATE 48000

static double seconds = 1;
static struct host *host;
static struct host_filter *filter;
static struct host_pin *midi, *wave;
static atomic_bool over;
static atomic_uint heard, slices, writes, questions, turns, loads;

static NTSTATUS ask(const GUID *set, ULONG id, ULONG verb, const void *instance, uint32_t instance_size, void *value,
                    uint32_t size)
{
    struct {
        KSNODEPROPERTY node;
        uint8_t instance[32];
    } request;
    memset(&request, 0, sizeof request);
    request.node.Property.Set = *set;
    request.node.Property.Id = id;
    request.node.Property.Flags = verb | KSPROPERTY_TYPE_TOPOLOGY;
    if (instance_size)
        memcpy(request.instance, instance, instance_size);
    return host_pin_property(midi, &request, (uint32_t)sizeof request.node + instance_size, value, size, NULL);
}

static void consume(void *ctx, const void *frames, uint32_t count)
{
    const float *samples = frames;
    (void)ctx;
    for (uint32_t i = 0; i < count * 2; i++)
        if (samples[i] > 0.001f) {
            atomic_fetch_add(&heard, 1);
            break;
        }
    atomic_fetch_add(&slices, 1);
}

static void nap(long us)
{
    struct timespec t = {us / 1000000, us % 1000000 * 1000};
    nanosleep(&t, NULL);
}

static int64_t latency(void)
{
    ULONGLONG time = 0;
    ask(&KSPROPSETID_Synth, KSPROPERTY_SYNTH_LATENCYCLOCK, KSPROPERTY_TYPE_GET, NULL, 0, &time, sizeof time);
    return (int64_t)time;
}

static void *writer(void *ctx)
{
    unsigned key = 40;
    (void)ctx;
    while (!atomic_load(&over)) {
        uint8_t bytes[2 * 24] = {0};
        for (int i = 0; i < 2; i++) {
            DMUS_EVENTHEADER header = {.cbEvent = 3, .dwChannelGroup = 1, .rtDelta = i * 50000, .dwFlags = DMUS_EVENT_STRUCTURED};
            uint8_t note[3] = {(uint8_t)(i ? 0x80 : 0x90), (uint8_t)key, 100};
            memcpy(bytes + 24 * i, &header, 20);
            memcpy(bytes + 24 * i + 20, note, 3);
        }
        key = key < 80 ? key + 1 : 40;
        struct host_packet packet = {.data = bytes, .size = sizeof bytes, .used = sizeof bytes, .time = latency()};
        if (NT_SUCCESS(host_pin_write(midi, &packet)))
            atomic_fetch_add(&writes, 1);
        nap(1000);
    }
    return NULL;
}

static void *asker(void *ctx)
{
    (void)ctx;
    for (LONG volume = -2000; !atomic_load(&over); volume = volume < 0 ? volume + 10 : -2000) {
        DMUS_SYNTHREPORT report;
        SYNTH_STATS stats;
        ULONG silent;
        ask(&KSPROPSETID_Synth, KSPROPERTY_SYNTH_VOLUME, KSPROPERTY_TYPE_SET, NULL, 0, &volume, sizeof volume);
        ask(&KSPROPSETID_Synth, KSPROPERTY_SYNTH_RUNNINGSTATS, KSPROPERTY_TYPE_GET, NULL, 0, &stats, sizeof stats);
        ask(&KSPROPSETID_OpenDMusSynth, KSPROPERTY_OPENDMUS_REPORT, KSPROPERTY_TYPE_GET, NULL, 0, &report, sizeof report);
        ask(&KSPROPSETID_OpenDMusSynth, KSPROPERTY_OPENDMUS_SILENT, KSPROPERTY_TYPE_GET, NULL, 0, &silent, sizeof silent);
        atomic_fetch_add(&questions, 4);
        nap(300);
    }
    return NULL;
}

static bool load(struct image *image, HANDLE *handle)
{
    SYNTH_BUFFER buffer = {.BufferSize = image->size, .BufferAddress = image->bytes};
    SYNTHDOWNLOAD result;
    NTSTATUS status = ask(&KSPROPSETID_Synth_Dls, KSPROPERTY_SYNTH_DLS_DOWNLOAD, KSPROPERTY_TYPE_GET, &buffer, sizeof buffer,
                          &result, sizeof result);
    *handle = NT_SUCCESS(status) ? result.DownloadHandle : NULL;
    return NT_SUCCESS(status);
}

static struct image images[2];

/* What is unloaded is waited for: until no voice plays it. */
static void *loader(void *ctx)
{
    (void)ctx;
    while (!atomic_load(&over)) {
        HANDLE handles[2];
        if (load(&images[0], &handles[0]) && load(&images[1], &handles[1])) {
            nap(20000);
            for (int i = 1; i >= 0; i--)
                ask(&KSPROPSETID_Synth_Dls, KSPROPERTY_SYNTH_DLS_UNLOAD, KSPROPERTY_TYPE_SET, NULL, 0, &handles[i],
                    sizeof handles[i]);
            atomic_fetch_add(&loads, 1);
        }
    }
    return NULL;
}

static void *turner(void *ctx)
{
    (void)ctx;
    while (!atomic_load(&over)) {
        nap(70000);
        host_pin_set_state(midi, KSSTATE_STOP);
        host_pin_set_state(midi, KSSTATE_RUN);
        nap(40000);
        host_pin_set_state(wave, KSSTATE_PAUSE);
        host_pin_set_state(wave, KSSTATE_RUN);
        atomic_fetch_add(&turns, 1);
    }
    return NULL;
}

static void start(void)
{
    struct host_config config = {.time = WDM_REAL};
    struct host_driver_config driver_config = {.name = "swsynth", .entry = swsynth_DriverEntry};
    struct host_driver *driver;
    struct host_device *device;
    uint8_t connect[HOST_CONNECT_MAX];
    SYNTH_PORTPARAMS wanted = {.ValidParams = SYNTH_PORTPARAMS_SAMPLERATE, .SampleRate = RATE}, granted;
    CHECK_EQ(host_create(&config, &host, NULL), DM_OK);
    CHECK_EQ(host_load_driver(host, &driver_config, &driver, NULL), DM_OK);
    CHECK_EQ(host_add_device(driver, NULL, &device, NULL), DM_OK);
    CHECK_EQ(host_open_filter(host, "DMusic", &filter), STATUS_SUCCESS);
    uint32_t size = host_connect_music(connect, 1, &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC);
    CHECK_EQ(host_create_pin(filter, connect, size, &midi), STATUS_SUCCESS);
    CHECK_EQ(ask(&KSPROPSETID_Synth, KSPROPERTY_SYNTH_PORTPARAMETERS, KSPROPERTY_TYPE_GET, &wanted, sizeof wanted, &granted,
                 sizeof granted),
             STATUS_SUCCESS);
    size = host_connect_wave(connect, 2, RATE, 2, 16);
    CHECK_EQ(host_create_pin(filter, connect, size, &wave), STATUS_SUCCESS);
    CHECK_EQ(host_pin_set_state(wave, KSSTATE_RUN), STATUS_SUCCESS);
    CHECK_EQ(host_pin_set_state(midi, KSSTATE_RUN), STATUS_SUCCESS);
    struct host_consumer consumer = {.slice_ms = 5, .floats = true, .consume = consume};
    CHECK_EQ(host_pin_attach_consumer(wave, &consumer), STATUS_SUCCESS);
}

static void test_five_threads(void)
{
    void *(*const work[])(void *) = {writer, asker, loader, turner};
    pthread_t threads[4];
    struct wdm_breach breach;
    int16_t samples[200];
    for (int i = 0; i < 200; i++)
        samples[i] = 16000;
    images[0] = image_wave(1, samples, 200, 44100);
    images[1] = image_instrument(&(struct instrument_desc){.id = 2, .wave_id = 1, .unity_note = 60, .loop_length = 200});
    start();
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, work[i], NULL);
    nap((long)(seconds * 1e6));
    atomic_store(&over, true);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    host_pin_detach_consumer(wave);
    printf("# %u slices, %u with sound, %u writes, %u questions, %u loads, %u turns\n", atomic_load(&slices), atomic_load(&heard),
           atomic_load(&writes), atomic_load(&questions), atomic_load(&loads), atomic_load(&turns));
    CHECK(atomic_load(&slices) > 10);
    CHECK(atomic_load(&heard) > 0);
    CHECK(atomic_load(&writes) > 0 && atomic_load(&questions) > 0 && atomic_load(&loads) > 0 && atomic_load(&turns) > 0);
    host_close_pin(wave);
    host_close_pin(midi);
    host_close_filter(filter);
    host_shut_down(host);
    CHECK_EQ(wdm_rule_faults(host_machine(host)), 0);
    for (size_t i = 0; wdm_rule_breach(host_machine(host), i, &breach) && i < 8; i++)
        printf("#   rule %d: %s\n", (int)breach.rule, breach.text);
    host_destroy(host);
    image_free(&images[0]);
    image_free(&images[1]);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        seconds = atof(argv[1]);
    RUN(test_five_threads);
    return tap_done();
}
