/* SPDX-License-Identifier: MIT */
/*
 * The example drivers, loaded from the shared objects that a C++ compiler made of them, and played in virtual time.
 *
 * usage: test_drivers squarewave.so midicable.so (in any order)
 */
#define INITGUID
#include <portcls.h>
#include <dmusbuff.h>

#include <stdlib.h>

#include "kernel/host/host.h"
#include "kernel/wdm/machine.h"
#include "kernel/wdm/rules.h"
#include "tap.h"

#define RATE 44100

/* As CHECK_EQ, with the statuses in the way that they are known by, and whether they agree. */
#define CHECK_STATUS(got, want) check_status((got), (want), __LINE__)
static bool check_status(NTSTATUS got, NTSTATUS want, int line)
{
    bool ok = CHECK(got == want);
    if (!ok)
        printf("#   line %d: status %08x, want %08x\n", line, (unsigned)got, (unsigned)want);
    return ok;
}

static const char *square_so, *cable_so;

struct rig {
    struct host *host;
    struct host_filter *filter;
};

static bool rig_open(struct rig *rig, const char *path, const char *filter)
{
    struct dm_error err = {0};
    struct host_config config = {.time = WDM_VIRTUAL};
    struct host_driver *driver;
    struct host_device *device;
    memset(rig, 0, sizeof *rig);
    if (!CHECK(host_create(&config, &rig->host, &err) == DM_OK))
        return false;
    if (!CHECK(host_load_driver(rig->host, &(struct host_driver_config){.name = "example", .path = path}, &driver, &err) ==
               DM_OK) ||
        !CHECK(host_add_device(driver, NULL, &device, &err) == DM_OK)) {
        printf("#   %s\n", err.text);
        return false;
    }
    return CHECK_STATUS(host_open_filter(rig->host, filter, &rig->filter), STATUS_SUCCESS);
}

/* Nothing was broken, nothing is left. */
static void rig_close(struct rig *rig)
{
    struct wdm_breach breach;
    if (!rig->host)
        return;
    host_close_filter(rig->filter);
    host_shut_down(rig->host);
    if (!CHECK(wdm_rule_faults(host_machine(rig->host)) == 0))
        for (size_t i = 0; wdm_rule_breach(host_machine(rig->host), i, &breach); i++)
            printf("#   rule %d: %s\n", (int)breach.rule, breach.text);
    CHECK_EQ(wdm_pool_live(host_machine(rig->host)), 0);
    host_destroy(rig->host);
}

static struct host_pin *open_pin(struct rig *rig, const void *connect, uint32_t size)
{
    struct host_pin *pin = NULL;
    CHECK_STATUS(host_create_pin(rig->filter, connect, size, &pin), STATUS_SUCCESS);
    return pin;
}

static struct host_pin *open_music(struct rig *rig, uint32_t pin)
{
    uint64_t connect[HOST_CONNECT_MAX / 8];
    return open_pin(rig, connect, host_connect_music(connect, pin, &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC));
}

/* ---- event buffers ---- */
struct events {
    _Alignas(8) uint8_t bytes[8192];
    struct host_packet packet;
    int done;
    NTSTATUS status;
};

static void on_done(void *ctx, NTSTATUS status, uint32_t bytes)
{
    struct events *e = ctx;
    (void)bytes;
    e->done++;
    e->status = status;
}

static void add_event(struct events *e, int64_t delta, const void *data, uint32_t size, uint32_t flags)
{
    DMUS_EVENTHEADER header = {size, 1, delta, flags};
    memcpy(e->bytes + e->packet.used, &header, sizeof header);
    memcpy(e->bytes + e->packet.used + sizeof header, data, size);
    e->packet.used += (uint32_t)DMUS_EVENT_SIZE(size);
}

static void add_note(struct events *e, int64_t delta, uint8_t status, uint8_t note, uint8_t velocity)
{
    uint8_t message[3] = {status, note, velocity};
    add_event(e, delta, message, 3, DMUS_EVENT_STRUCTURED);
}

static struct events *new_events(int64_t time)
{
    struct events *e = calloc(1, sizeof *e);
    if (e)
        e->packet = (struct host_packet){.data = e->bytes, .size = sizeof e->bytes, .time = time, .done = on_done, .ctx = e};
    return e;
}

static int64_t master_time(struct rig *rig)
{
    KSPROPERTY request = {.Set = KSPROPSETID_SynthClock, .Id = KSPROPERTY_SYNTH_MASTERCLOCK, .Flags = KSPROPERTY_TYPE_GET};
    ULONGLONG now = 0;
    uint32_t got;
    CHECK_STATUS(host_filter_property(rig->filter, &request, sizeof request, &now, sizeof now, &got), STATUS_SUCCESS);
    return (int64_t)now;
}

static void pass_time(struct rig *rig, int64_t t_100ns)
{
    struct wdm_machine *m = host_machine(rig->host);
    wdm_enter(m);
    wdm_run_until(m, wdm_time_100ns(m) + t_100ns);
    wdm_leave();
}

/* ---- squarewave ---- */
static void test_square_properties(void)
{
    struct rig rig;
    struct host_pin_info info;
    struct host_pin *midi;
    SYNTHCAPS caps;
    uint32_t got = 0;
    KSNODEPROPERTY request = {.Property = {.Set = KSPROPSETID_Synth, .Id = KSPROPERTY_SYNTH_CAPS,
                                           .Flags = KSPROPERTY_TYPE_GET | KSPROPERTY_TYPE_TOPOLOGY}};
    KSPROPERTY volume = {.Set = KSPROPSETID_Synth, .Id = KSPROPERTY_SYNTH_VOLUME, .Flags = KSPROPERTY_TYPE_SET};
    LONG level = -600;
    if (rig_open(&rig, square_so, "SquareSynth")) {
        CHECK(host_filter_pin(rig.host, 0, 1, &info) && info.data_flow == KSPIN_DATAFLOW_OUT && info.range_count == 1);
        CHECK(!host_filter_pin(rig.host, 0, 2, &info));
        CHECK_STATUS(host_filter_property(rig.filter, &request, sizeof request, NULL, 0, &got), STATUS_BUFFER_OVERFLOW);
        CHECK_EQ(got, sizeof caps);
        CHECK_STATUS(host_filter_property(rig.filter, &request, sizeof request, &caps, sizeof caps - 1, &got),
                     STATUS_BUFFER_TOO_SMALL);
        CHECK_STATUS(host_filter_property(rig.filter, &request, sizeof request, &caps, sizeof caps, &got), STATUS_SUCCESS);
        CHECK(caps.Flags == SYNTH_PC_SOFTWARESYNTH && caps.MaxVoices == 16);
        CHECK(memcmp(caps.Description, u"Square waves", sizeof u"Square waves") == 0);
        midi = open_music(&rig, 0);
        CHECK_STATUS(host_pin_property(midi, &volume, sizeof volume, &level, sizeof level, &got), STATUS_SUCCESS);
        volume.Flags = KSPROPERTY_TYPE_GET;
        level = 0;
        CHECK_STATUS(host_pin_property(midi, &volume, sizeof volume, &level, sizeof level, &got), STATUS_SUCCESS);
        CHECK_EQ(level, -600);
        host_close_pin(midi);
    }
    rig_close(&rig);
}

/* Frame k of a square wave of HZ that began with phase 0. */
static int square(double hz, int64_t k, int amplitude)
{
    double phase = fmod((double)k * hz / RATE, 1.0);
    return phase < 0.5 ? amplitude : -amplitude;
}

static bool near_edge(double hz, int64_t k)
{
    double phase = fmod((double)k * hz / RATE * 2, 1.0);
    return phase < 0.001 || phase > 0.999;
}

/* A4 from 10 ms to 30 ms after the start of the wave: frames 441 to 1323, both channels, and silence around. */
static void test_square_plays(void)
{
    struct rig rig;
    if (rig_open(&rig, square_so, "SquareSynth")) {
        static int16_t frames[4410][2];
        uint64_t connect[HOST_CONNECT_MAX / 8];
        struct host_pin *midi = open_music(&rig, 0);
        struct host_pin *wave = open_pin(&rig, connect, host_connect_wave(connect, 1, RATE, 2, 16));
        CHECK_STATUS(host_pin_set_state(midi, KSSTATE_RUN), STATUS_SUCCESS);
        CHECK_STATUS(host_pin_set_state(wave, KSSTATE_RUN), STATUS_SUCCESS);
        struct events *e = new_events(master_time(&rig));
        add_note(e, 100000, 0x90, 69, 100);
        add_note(e, 300000, 0x80, 69, 64);
        NTSTATUS status = host_pin_write(midi, &e->packet);
        CHECK(status == STATUS_PENDING || status == STATUS_SUCCESS);
        CHECK_STATUS(host_pin_pull(wave, frames, 4410), STATUS_SUCCESS);
        int wrong = 0, silent = 0;
        for (int k = 0; k < 4410; k++) {
            int want = k >= 441 && k < 1323 ? square(440.0, k - 441, 1600) : 0;
            silent += frames[k][0] == 0;
            if (!(want && near_edge(440.0, k - 441)))
                wrong += frames[k][0] != want || frames[k][1] != want;
        }
        CHECK_EQ(wrong, 0);
        CHECK_EQ(silent, 4410 - 882);
        CHECK_EQ(e->done, 1);
        host_close_pin(wave);
        host_close_pin(midi);
        free(e);
    }
    rig_close(&rig);
}

/* Pins in the other order, one closed while the other runs, events never played: nothing is left behind. */
static void test_square_teardown(void)
{
    struct rig rig;
    if (rig_open(&rig, square_so, "SquareSynth")) {
        int16_t frames[441][2];
        uint64_t connect[HOST_CONNECT_MAX / 8];
        struct host_pin *wave = open_pin(&rig, connect, host_connect_wave(connect, 1, RATE, 2, 16));
        struct host_pin *midi = open_music(&rig, 0), *second = NULL;
        CHECK(host_create_pin(rig.filter, connect, host_connect_wave(connect, 1, RATE, 2, 16), &second) < 0 && !second);
        CHECK_STATUS(host_pin_set_state(wave, KSSTATE_RUN), STATUS_SUCCESS);
        CHECK_STATUS(host_pin_set_state(midi, KSSTATE_RUN), STATUS_SUCCESS);
        struct events *e = new_events(master_time(&rig));
        for (int i = 0; i < 100; i++)
            add_note(e, 50000000, 0x90, (uint8_t)i, 100);
        host_pin_write(midi, &e->packet);
        CHECK_STATUS(host_pin_pull(wave, frames, 441), STATUS_SUCCESS);
        host_close_pin(midi);
        CHECK_STATUS(host_pin_pull(wave, frames, 441), STATUS_SUCCESS);
        CHECK(frames[440][0] == 0);
        host_close_pin(wave);
        free(e);
    }
    rig_close(&rig);
}

/* ---- midicable ---- */

/* Three messages and a SysEx of 600 bytes go in at their times, and come out then, whole and in order. */
static void test_cable_carries(void)
{
    struct rig rig;
    if (rig_open(&rig, cable_so, "MidiCable")) {
        static uint8_t sysex[600];
        struct host_pin *capture = open_music(&rig, 1), *render = open_music(&rig, 0), *other = open_music(&rig, 0);
        CHECK_STATUS(host_pin_set_state(capture, KSSTATE_RUN), STATUS_SUCCESS);
        CHECK_STATUS(host_pin_set_state(render, KSSTATE_RUN), STATUS_SUCCESS);
        int64_t start = master_time(&rig);
        struct events *in = new_events(start), *out = new_events(0);
        for (size_t i = 0; i < sizeof sysex; i++)
            sysex[i] = i == 0 ? 0xf0 : i == sizeof sysex - 1 ? 0xf7 : (uint8_t)(i & 0x7f);
        add_note(in, 0, 0x90, 60, 1);
        add_note(in, 200000, 0x91, 61, 2);
        add_event(in, 300000, sysex, sizeof sysex, 0);
        add_note(in, 400000, 0x80, 60, 3);
        host_pin_write(render, &in->packet);
        uint32_t size = 0, at = 0;
        for (int round = 0; round < 20; round++) { /* a read is done as soon as it has something */
            struct host_packet *read = &out->packet;
            uint8_t *room = out->bytes + size;
            *read = (struct host_packet){.data = room, .size = (uint32_t)sizeof out->bytes - size, .done = on_done, .ctx = out};
            int before = out->done;
            host_pin_read(capture, read);
            pass_time(&rig, 30000);
            if (out->done == before) {
                host_pin_cancel(capture, read);
                continue;
            }
            for (uint32_t p = 0; p + sizeof(DMUS_EVENTHEADER) <= read->used;) { /* times as from START */
                DMUS_EVENTHEADER header;
                memcpy(&header, room + p, sizeof header);
                header.rtDelta += read->time - start;
                memcpy(room + p, &header, sizeof header);
                p += (uint32_t)DMUS_EVENT_SIZE(header.cbEvent);
            }
            size += read->used;
        }
        static const struct {
            int64_t delta;
            uint8_t bytes[3];
        } notes[] = {{0, {0x90, 60, 1}}, {200000, {0x91, 61, 2}}, {400000, {0x80, 60, 3}}};
        int seen = 0, sysex_seen = 0;
        while (at + sizeof(DMUS_EVENTHEADER) <= size) {
            DMUS_EVENTHEADER header;
            memcpy(&header, out->bytes + at, sizeof header);
            const uint8_t *data = out->bytes + at + sizeof header;
            if (header.dwFlags & DMUS_EVENT_STRUCTURED) {
                if (CHECK(seen < 3 && header.cbEvent == 3)) {
                    CHECK(memcmp(data, notes[seen].bytes, 3) == 0);
                    CHECK_NEAR(header.rtDelta, notes[seen].delta, 10000); /* the sequencer's millisecond */
                }
                seen++;
            } else {
                CHECK(seen == 2 && header.cbEvent == sizeof sysex && memcmp(data, sysex, sizeof sysex) == 0);
                sysex_seen++;
            }
            at += (uint32_t)DMUS_EVENT_SIZE(header.cbEvent);
        }
        CHECK_EQ(seen, 3);
        CHECK_EQ(sysex_seen, 1);
        host_close_pin(other);
        host_close_pin(render);
        host_close_pin(capture);
        free(in);
        free(out);
    }
    rig_close(&rig);
}

/* Nobody listens: what is played goes back to the allocator. A listener that leaves while events come. */
static void test_cable_without_listener(void)
{
    struct rig rig;
    if (rig_open(&rig, cable_so, "MidiCable")) {
        struct host_pin *render = open_music(&rig, 0), *capture = open_music(&rig, 1);
        CHECK_STATUS(host_pin_set_state(render, KSSTATE_RUN), STATUS_SUCCESS);
        CHECK_STATUS(host_pin_set_state(capture, KSSTATE_RUN), STATUS_SUCCESS);
        struct events *e = new_events(master_time(&rig));
        for (int i = 0; i < 40; i++)
            add_note(e, i * 10000, 0x90, (uint8_t)i, 100);
        host_pin_write(render, &e->packet);
        pass_time(&rig, 200000);
        CHECK_STATUS(host_pin_set_state(capture, KSSTATE_STOP), STATUS_SUCCESS);
        host_close_pin(capture);
        pass_time(&rig, 300000);
        CHECK_EQ(e->done, 1);
        host_close_pin(render);
        free(e);
    }
    rig_close(&rig);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        *(strstr(argv[i], "squarewave") ? &square_so : &cable_so) = argv[i];
    if (!square_so || !cable_so) {
        fprintf(stderr, "usage: test_drivers squarewave.so midicable.so\n");
        return 1;
    }
    RUN(test_square_properties);
    RUN(test_square_plays);
    RUN(test_square_teardown);
    RUN(test_cable_carries);
    RUN(test_cable_without_listener);
    return tap_done();
}
