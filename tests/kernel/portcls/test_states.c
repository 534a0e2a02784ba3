/* SPDX-License-Identifier: MIT */
/* States of pins: every step, in order, through stream and port; failures; teardown from every state; power (spec 8.1, 8.2, 8.7, 8.13). */
#include "tap.h"

#include <stdlib.h>

#include <dmusbuff.h>

#include "base/alloc.h"
#include "kit.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KIT_ASAN
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define KIT_ASAN
#endif
#ifdef KIT_ASAN
#include <sanitizer/asan_interface.h>
#define POISONED(address) __asan_address_is_poisoned(address)
#define POISONED_IF(trap) (trap)
#else
#define POISONED(address) ((void)(address), 0)
#define POISONED_IF(trap) ((void)(trap), 0)
#endif

static struct kit k;

static bool open_kit(struct kit_config config)
{
    struct dm_error err = {0};
    bool ok = kit_open(&k, &config, &err);
    if (!ok)
        printf("# %s\n", err.text);
    return ok;
}

/* Everything goes and nobody broke a rule. */
static void end_clean(void)
{
    kit_shut(&k);
    CHECK_EQ(k.streams, 0);
    CHECK_EQ(k.miniports, 0);
    CHECK_EQ(k.adapters, 0);
    CHECK_EQ(kit_faults(&k), 0);
    kit_print_book(&k);
    kit_close(&k);
}

static void test_start_and_end(void)
{
    CHECK(open_kit((struct kit_config){.power = true}));
    CHECK_STR(k.log, "AddDevice\nQueryDeviceCapabilities\nStartDevice with 0 resources\nminiport Init\nminiport GetDescription\n"
                     "topology Init\ntopology GetDescription\n");
    kit_log_reset();
    kit_shut(&k);
    /* what may hold ports and miniports goes before them */
    CHECK(strncmp(k.log, "adapter gone\n", 13) == 0);
    CHECK(strstr(k.log, "miniport gone\n") != NULL && strstr(k.log, "topology gone\n") != NULL);
    kit_close(&k);
}

/* While the stream has the first note, another comes due: it follows at once, and the timer is right for the third. */
static void test_slow_stream(void)
{
    struct host_pin *pin;
    CHECK(open_kit((struct kit_config){.put_stall_us = 3000}));
    CHECK_EQ(kit_pin(kit_filter(&k), KIT_RENDER, &pin), STATUS_SUCCESS);
    CHECK_EQ(host_pin_set_state(pin, KSSTATE_RUN), STATUS_SUCCESS);
    int64_t now = kit_now(&k);
    CHECK_EQ(kit_note(pin, now + 2 * WDM_MS, 61), STATUS_SUCCESS);
    CHECK_EQ(kit_note(pin, now + 20 * WDM_MS, 62), STATUS_SUCCESS);
    CHECK_EQ(kit_note(pin, now, 60), STATUS_SUCCESS);
    CHECK_EQ(k.puts, 2);
    kit_run(&k, 100 * WDM_MS);
    CHECK_EQ(k.puts, 3);
    CHECK_EQ(k.stamps[0], now);
    CHECK_EQ(k.stamps[1], now + 2 * WDM_MS);
    CHECK_EQ(k.stamps[2], now + 20 * WDM_MS);
    end_clean();
}

static void test_steps(void)
{
    struct host_pin *pin;
    KSSTATE state;
    CHECK(open_kit((struct kit_config){0}));
    struct host_filter *filter = kit_filter(&k);
    CHECK_EQ(kit_pin(filter, KIT_RENDER, &pin), STATUS_SUCCESS);
    kit_log_reset();
    CHECK_EQ(host_pin_set_state(pin, KSSTATE_RUN), STATUS_SUCCESS);
    CHECK_STR(k.log, "stream 0 STOP -> ACQUIRE\nstream 0 ACQUIRE -> PAUSE\nstream 0 PAUSE -> RUN\n");
    CHECK_EQ(host_pin_state(pin, &state), STATUS_SUCCESS);
    CHECK_EQ(state, KSSTATE_RUN);
    kit_log_reset();
    CHECK_EQ(host_pin_set_state(pin, KSSTATE_RUN), STATUS_SUCCESS);
    CHECK_STR(k.log, "");
    CHECK_EQ(host_pin_set_state(pin, KSSTATE_ACQUIRE), STATUS_SUCCESS);
    CHECK_STR(k.log, "stream 0 RUN -> PAUSE\nstream 0 PAUSE -> ACQUIRE\n");
    CHECK_EQ(host_pin_set_state(pin, (KSSTATE)4), STATUS_INVALID_PARAMETER);
    kit_log_reset();
    host_close_pin(pin);
    CHECK_STR(k.log, "stream 0 ACQUIRE -> STOP\nstream 0 gone\n");
    host_close_filter(filter);
    end_clean();
}

static void test_failing_step(void)
{
    struct host_pin *pin;
    KSSTATE state;
    CHECK(open_kit((struct kit_config){.fail_state = KSSTATE_PAUSE, .fail_state_set = true}));
    struct host_filter *filter = kit_filter(&k);
    CHECK_EQ(kit_pin(filter, KIT_CAPTURE, &pin), STATUS_SUCCESS);
    CHECK_EQ(host_pin_set_state(pin, KSSTATE_RUN), STATUS_INVALID_DEVICE_STATE);
    CHECK_EQ(host_pin_state(pin, &state), STATUS_SUCCESS);
    CHECK_EQ(state, KSSTATE_ACQUIRE);
    CHECK_EQ(kit_broken(&k, WDM_RULE_STATE), 1);
    k.config.fail_state_set = false;
    CHECK_EQ(host_pin_set_state(pin, KSSTATE_RUN), STATUS_SUCCESS);
    host_close_pin(pin);
    host_close_filter(filter);
    kit_shut(&k);
    CHECK_EQ(kit_faults(&k), 1);
    kit_close(&k);
}

/* Close without a step down first, from each state, each pin alone and all together; open handles at the removal of the device. */
static void test_teardown_everywhere(void)
{
    for (int state = KSSTATE_STOP; state <= KSSTATE_RUN; state++)
        for (int shared = 0; shared < 2; shared++)
            for (int how = 0; how < 3; how++) {
                struct host_pin *pins[3];
                CHECK(open_kit((struct kit_config){.share_stream = shared != 0, .stream_group = how == 1, .keep_clock = true}));
                struct host_filter *filter = kit_filter(&k);
                for (uint32_t i = 0; i < 3; i++) {
                    CHECK_EQ(kit_pin(filter, i, &pins[i]), STATUS_SUCCESS);
                    CHECK_EQ(host_pin_set_state(pins[i], (KSSTATE)state), STATUS_SUCCESS);
                }
                kit_note(pins[0], kit_now(&k) + 10000000, 60);
                for (uint32_t i = 0; how == 0 && i < 3; i++)
                    host_close_pin(pins[i]);
                if (how < 2)
                    host_close_filter(filter);
                if (how == 2 && state == KSSTATE_RUN)
                    host_device_surprise(k.device);
                end_clean();
            }
}

static void test_held_and_played(void)
{
    struct host_pin *pin;
    CHECK(open_kit((struct kit_config){0}));
    struct host_filter *filter = kit_filter(&k);
    CHECK_EQ(kit_pin(filter, KIT_RENDER, &pin), STATUS_SUCCESS);
    int64_t now = kit_now(&k);
    CHECK_EQ(kit_note(pin, now + 10000, 60), STATUS_SUCCESS); /* STOP: discarded */
    CHECK_EQ(host_pin_set_state(pin, KSSTATE_PAUSE), STATUS_SUCCESS);
    CHECK_EQ(kit_note(pin, now + 20000, 61), STATUS_SUCCESS);
    CHECK_EQ(kit_note(pin, now + 300000, 62), STATUS_SUCCESS);
    kit_run(&k, 100000);
    CHECK_EQ(k.puts, 0);
    CHECK_EQ(host_pin_set_state(pin, KSSTATE_RUN), STATUS_SUCCESS);
    CHECK_EQ(k.puts, 1); /* what is past at once, the rest when due */
    kit_run(&k, 199999);
    CHECK_EQ(k.puts, 1);
    kit_run(&k, 1);
    CHECK_EQ(k.puts, 2);
    CHECK_EQ(k.stamps[1], now + 300000);
    CHECK_EQ(kit_note(pin, now + 1000000, 63), STATUS_SUCCESS);
    CHECK_EQ(host_pin_set_state(pin, KSSTATE_STOP), STATUS_SUCCESS);
    CHECK_EQ(host_pin_set_state(pin, KSSTATE_RUN), STATUS_SUCCESS);
    kit_run(&k, 10000000);
    CHECK_EQ(k.puts, 2);
    host_close_filter(filter);
    end_clean();
}

static void test_prefetch(void)
{
    struct host_pin *pin;
    static const struct {
        ULONGLONG prefetch;
        int64_t after; /* of 1,000,000 */
    } cases[] = {{0, 1000000}, {250000, 750000}, {DONT_HOLD_FOR_SEQUENCING, 0}, {~0ULL, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK(open_kit((struct kit_config){.prefetch = cases[i].prefetch}));
        struct host_filter *filter = kit_filter(&k);
        CHECK_EQ(kit_pin(filter, KIT_RENDER, &pin), STATUS_SUCCESS);
        CHECK_EQ(host_pin_set_state(pin, KSSTATE_RUN), STATUS_SUCCESS);
        CHECK_EQ(kit_note(pin, kit_now(&k) + 1000000, 60), STATUS_SUCCESS);
        if (cases[i].after) {
            kit_run(&k, cases[i].after - 1);
            CHECK_EQ(k.puts, 0);
            kit_run(&k, 1);
        }
        CHECK_EQ(k.puts, 1);
        host_close_filter(filter);
        end_clean();
    }
}

static void write_over(void *ctx, NTSTATUS status, uint32_t bytes)
{
    (void)bytes;
    *(NTSTATUS *)ctx = status;
}

/* A write that gets memory for its request and no more. */
static NTSTATUS write_without_memory(struct host_pin *pin, struct host_packet *packet, uint8_t *bytes, uint32_t size, int64_t time,
                                     NTSTATUS *over)
{
    NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;
    for (long n = 1; n < 10 && status == STATUS_INSUFFICIENT_RESOURCES; n++) {
        *packet = (struct host_packet){.data = bytes, .size = size, .used = size, .time = time, .done = write_over, .ctx = over};
        *over = STATUS_PENDING;
        dm_alloc_fail_at(n, true);
        status = host_pin_write(pin, packet);
    }
    return status;
}

/* 600 notes for a pool of 256 events that cannot grow: the rest follows as events come back, in order and whole. */
static void test_drained_pool(void)
{
    enum { NOTES = 600 };
    static uint8_t bytes[NOTES * 24];
    struct host_pin *pin;
    NTSTATUS over = STATUS_PENDING;
    CHECK(open_kit((struct kit_config){0}));
    struct host_filter *filter = kit_filter(&k);
    CHECK_EQ(kit_pin(filter, KIT_RENDER, &pin), STATUS_SUCCESS);
    CHECK_EQ(host_pin_set_state(pin, KSSTATE_RUN), STATUS_SUCCESS);
    int64_t now = kit_now(&k);
    CHECK_EQ(kit_note(pin, now + WDM_MS, 0), STATUS_SUCCESS); /* the sequencer makes itself room */
    for (uint32_t i = 0; i < NOTES; i++)
        kit_record(bytes + 24 * i, 2 * WDM_MS + i * 5000, 1, 0x90, (uint8_t)(1 + i % 127), 100);
    struct host_packet packet;
    CHECK_EQ(write_without_memory(pin, &packet, bytes, sizeof bytes, now, &over), STATUS_PENDING);
    CHECK_EQ(over, STATUS_PENDING);
    kit_run(&k, 400 * WDM_MS);
    dm_alloc_fail_at(0, false);
    CHECK_EQ(over, STATUS_SUCCESS);
    CHECK_EQ(k.puts, NOTES + 1);
    bool ordered = true;
    for (uint32_t i = 0; i < NOTES; i++)
        ordered &= k.keys[i + 1] == 1 + i % 127;
    CHECK(ordered);
    /* what can never go on is told in the end, and what is cancelled is over at once */
    for (int cancel = 0; cancel < 2; cancel++) {
        CHECK_EQ(host_pin_set_state(pin, KSSTATE_STOP), STATUS_SUCCESS);
        uint32_t size = sizeof(DMUS_EVENTHEADER) + 4096 * 40; /* more than all 16 buffers */
        uint8_t *sysex = calloc(1, size);
        DMUS_EVENTHEADER header = {.cbEvent = 4096 * 40, .dwChannelGroup = 1, .dwFlags = DMUS_EVENT_STRUCTURED};
        memcpy(sysex, &header, sizeof header);
        CHECK_EQ(write_without_memory(pin, &packet, sysex, size, now, &over), STATUS_PENDING);
        if (cancel)
            host_pin_cancel(pin, &packet);
        else
            kit_run(&k, 2000 * WDM_MS);
        CHECK_EQ(over, cancel ? STATUS_CANCELLED : STATUS_INSUFFICIENT_RESOURCES);
        dm_alloc_fail_at(0, false);
        free(sysex);
    }
    host_close_filter(filter);
    end_clean();
}

/* Events that a stream has when it is gone are told then, once, and not when the port goes. */
static void test_kept_events(void)
{
    struct host_pin *pin;
    CHECK(open_kit((struct kit_config){.keep_events = true}));
    struct host_filter *filter = kit_filter(&k);
    CHECK_EQ(kit_pin(filter, KIT_RENDER, &pin), STATUS_SUCCESS);
    CHECK_EQ(host_pin_set_state(pin, KSSTATE_RUN), STATUS_SUCCESS);
    CHECK_EQ(kit_note(pin, 1, 60), STATUS_SUCCESS);
    k.config.keep_events = false;
    CHECK_EQ(kit_note(pin, 1, 61), STATUS_SUCCESS);
    CHECK_EQ(host_pin_set_state(pin, KSSTATE_STOP), STATUS_SUCCESS);
    CHECK_EQ(kit_faults(&k), 0);
    host_close_pin(pin);
    CHECK_EQ(kit_broken(&k, WDM_RULE_EVENT_LEAK), 1);
    host_close_filter(filter);
    kit_shut(&k);
    CHECK_EQ(kit_broken(&k, WDM_RULE_EVENT_LEAK), 1);
    CHECK_EQ(kit_faults(&k), 1);
    struct wdm_breach breach;
    CHECK(wdm_rule_breach(host_machine(k.host), 0, &breach) && strstr(breach.text, "pin 0 is gone and has not returned 1 event"));
    kit_close(&k);
}

/* Only AddressSanitizer sees the difference; the rest goes on as before. */
static void test_trap(void)
{
    for (int trap = 0; trap < 2; trap++) {
        struct host_pin *pin;
        CHECK(open_kit((struct kit_config){.trap = trap != 0}));
        struct host_filter *filter = kit_filter(&k);
        CHECK_EQ(kit_pin(filter, KIT_RENDER, &pin), STATUS_SUCCESS);
        CHECK_EQ(host_pin_set_state(pin, KSSTATE_RUN), STATUS_SUCCESS);
        CHECK_EQ(kit_note(pin, 1, 60), STATUS_SUCCESS);
        CHECK_EQ(k.puts, 1);
        CHECK_EQ(POISONED(k.last_event), POISONED_IF(trap));
        host_close_filter(filter);
        end_clean();
    }
}

static void test_power(void)
{
    struct host_pin *render, *capture;
    KSSTATE state;
    CHECK(open_kit((struct kit_config){.power = true}));
    struct host_filter *filter = kit_filter(&k);
    CHECK_EQ(kit_pin(filter, KIT_RENDER, &render), STATUS_SUCCESS);
    CHECK_EQ(kit_pin(filter, KIT_CAPTURE, &capture), STATUS_SUCCESS);
    CHECK_EQ(host_pin_set_state(render, KSSTATE_RUN), STATUS_SUCCESS);
    CHECK_EQ(host_pin_set_state(capture, KSSTATE_ACQUIRE), STATUS_SUCCESS);
    kit_log_reset();
    CHECK_EQ(host_device_power(k.device, PowerDeviceD3), STATUS_SUCCESS);
    CHECK_STR(k.log, "QueryPowerChangeState D3\nstream 0 RUN -> PAUSE\nPowerChangeNotify D3\nPowerChangeState D3\n");
    kit_log_reset();
    CHECK_EQ(host_pin_set_state(capture, KSSTATE_RUN), STATUS_SUCCESS); /* as far as it goes without power */
    CHECK_STR(k.log, "stream 1 ACQUIRE -> PAUSE\n");
    kit_log_reset();
    CHECK_EQ(host_device_power(k.device, PowerDeviceD0), STATUS_SUCCESS);
    static const char up[] = "QueryPowerChangeState D0\nPowerChangeState D0\nPowerChangeNotify D0\n";
    CHECK(strncmp(k.log, up, sizeof up - 1) == 0);
    CHECK(strstr(k.log, "stream 0 PAUSE -> RUN\n") && strstr(k.log, "stream 1 PAUSE -> RUN\n"));
    CHECK_EQ(host_pin_state(capture, &state), STATUS_SUCCESS);
    CHECK_EQ(state, KSSTATE_RUN);
    CHECK_EQ(host_device_power(k.device, PowerDeviceD3), STATUS_SUCCESS);
    kit_log_reset();
    struct host_pin *another;
    CHECK_EQ(kit_pin(filter, KIT_RENDER, &another), STATUS_SUCCESS); /* D0 before NewStream */
    CHECK(strstr(k.log, "PowerChangeState D0\n") && strstr(k.log, "PowerChangeState D0\n") < strstr(k.log, "NewStream"));
    k.config.veto = true;
    CHECK_EQ(host_device_power(k.device, PowerDeviceD2), STATUS_UNSUCCESSFUL);
    CHECK_EQ(k.adapter_state, PowerDeviceD0);
    CHECK_EQ(host_device_power(k.device, PowerDeviceUnspecified), STATUS_UNSUCCESSFUL);
    k.config.veto = false;
    CHECK_EQ(host_device_power(k.device, PowerDeviceUnspecified), STATUS_POWER_STATE_INVALID);
    wdm_enter(host_machine(k.host));
    CHECK_EQ(PcUnregisterAdapterPowerManagement(NULL), STATUS_INVALID_PARAMETER);
    CHECK_EQ(PcUnregisterAdapterPowerManagement(k.fdo), STATUS_SUCCESS);
    wdm_leave();
    kit_log_reset();
    CHECK_EQ(host_device_power(k.device, PowerDeviceD3), STATUS_SUCCESS);
    CHECK(strstr(k.log, "PowerChangeNotify D3\n") && !strstr(k.log, "PowerChangeState"));
    host_close_filter(filter);
    end_clean();
}

/* A driver that asks for another power state from inside its methods: what it asked for happens after the call. */
static void test_power_from_within(void)
{
    struct host_pin *pin;
    KSSTATE state;
    CHECK(open_kit((struct kit_config){.power = true, .power_in_state = true}));
    struct host_filter *filter = kit_filter(&k);
    CHECK_EQ(kit_pin(filter, KIT_RENDER, &pin), STATUS_SUCCESS);
    CHECK_EQ(host_pin_set_state(pin, KSSTATE_PAUSE), STATUS_SUCCESS);
    kit_log_reset();
    CHECK_EQ(host_pin_set_state(pin, KSSTATE_RUN), STATUS_SUCCESS);
    CHECK_STR(k.log, "stream 0 PAUSE -> RUN\nasked for D3: 00000103\nstream 0 RUN -> PAUSE\nPowerChangeNotify D3\nPowerChangeState D3\n");
    CHECK_EQ(host_pin_state(pin, &state), STATUS_SUCCESS);
    CHECK_EQ(state, KSSTATE_PAUSE);
    k.config.power_in_state = false;
    /* from NewStream: the pin is there when the power goes */
    k.config.power_in_stream = true;
    struct host_pin *capture;
    CHECK_EQ(kit_pin(filter, KIT_CAPTURE, &capture), STATUS_SUCCESS);
    CHECK_EQ(k.adapter_state, PowerDeviceD3);
    CHECK_EQ(host_pin_set_state(capture, KSSTATE_RUN), STATUS_SUCCESS);
    CHECK_EQ(host_pin_state(capture, &state), STATUS_SUCCESS);
    CHECK_EQ(state, KSSTATE_PAUSE);
    CHECK_EQ(k.opened_down, 0);
    CHECK_EQ(host_device_power(k.device, PowerDeviceD0), STATUS_SUCCESS);
    CHECK_EQ(host_pin_state(capture, &state), STATUS_SUCCESS);
    CHECK_EQ(state, KSSTATE_RUN);
    host_close_filter(filter);
    end_clean();
    /* from every change another one: that has an end, and is told */
    CHECK(open_kit((struct kit_config){.power = true, .power_in_power = true}));
    CHECK_EQ(host_device_power(k.device, PowerDeviceD3), STATUS_SUCCESS);
    CHECK_EQ(kit_broken(&k, WDM_RULE_STATE), 1);
    kit_shut(&k);
    CHECK_EQ(kit_faults(&k), 1);
    kit_close(&k);
}

static void test_init_failures(void)
{
    struct dm_error err = {0};
    struct kit_config config = {.init_status = STATUS_IO_DEVICE_ERROR};
    CHECK(!kit_open(&k, &config, &err));
    CHECK_EQ(err.status, DM_ERR_DEVICE);
    CHECK(strstr(err.text, "0xC0000185") != NULL);
    CHECK(strstr(k.log, "GetDescription") == NULL);
    end_clean();
    config = (struct kit_config){.bad_descriptor = true};
    CHECK(!kit_open(&k, &config, &err));
    kit_shut(&k);
    CHECK_EQ(kit_broken(&k, WDM_RULE_DESCRIPTOR), 1);
    CHECK_EQ(kit_faults(&k), 1); /* who made the miniport has a reference yet, as after any Init that fails */
    CHECK_EQ(k.miniports, 0);
    kit_close(&k);
}

/* A start that fails at its end: the device has its resources until it is removed, and destructors may touch them. */
static void test_late_failure(void)
{
    struct dm_error err = {0};
    struct kit_config config = {.start_status = STATUS_IO_DEVICE_ERROR, .resources = "port 0x330 2\n", .port = 0x330};
    CHECK(!kit_open(&k, &config, &err));
    kit_shut(&k);
    CHECK_EQ(k.miniports, 0);
    CHECK_EQ(kit_broken(&k, WDM_RULE_HARDWARE), 0);
    CHECK_EQ(kit_faults(&k), 0);
    kit_close(&k);
}

/* As many ranges as a device may have: each is its own. */
static void test_many_ranges(void)
{
    enum { RANGES = 64 };
    char text[RANGES * 16] = "";
    for (unsigned i = 0; i < RANGES; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "port 0x%x 2\n", 0x300 + i * 8);
    CHECK(open_kit((struct kit_config){.resources = text, .port = 0x300 + (RANGES - 1) * 8}));
    kit_shut(&k);
    CHECK_EQ(kit_broken(&k, WDM_RULE_HARDWARE), 0);
    kit_close(&k);
}

/* Whoever unregisters while the device goes gives that reference back, and nobody else does. */
static void test_unregistered_at_the_end(void)
{
    CHECK(open_kit((struct kit_config){.power = true, .unregister_power = true}));
    kit_shut(&k);
    CHECK_EQ(k.adapters, 0);
    CHECK_EQ(kit_faults(&k), 0);
    kit_print_book(&k);
    kit_close(&k);
}

static void short_life(void)
{
    struct dm_error err = {0};
    struct kit_config config = {.power = true, .interrupt_sync = true, .pin_count = true, .stream_group = true, .port = 0x330,
                                .resources = "port 0x330 2\ninterrupt 9\n"};
    struct host_filter *filter = NULL;
    struct host_pin *render = NULL, *capture = NULL;
    if (!kit_open(&k, &config, &err) || host_open_filter(k.host, "DMus", &filter) != STATUS_SUCCESS)
        return;
    if (kit_pin(filter, KIT_RENDER, &render) == STATUS_SUCCESS) {
        host_pin_set_state(render, KSSTATE_RUN);
        kit_note(render, 1, 60);
    }
    if (kit_pin(filter, KIT_CAPTURE, &capture) == STATUS_SUCCESS)
        host_pin_set_state(capture, KSSTATE_RUN);
    host_device_power(k.device, PowerDeviceD3);
    host_device_power(k.device, PowerDeviceD0);
    host_close_filter(filter);
}

/* Wherever the host runs out of memory: the driver is not blamed for it, and nothing is left. */
static void test_no_memory(void)
{
    long live = dm_alloc_live();
    for (long n = 1; n < 500; n++) {
        dm_alloc_fail_at(n / 2 + 1, n % 2);
        short_life();
        dm_alloc_fail_at(0, false);
        if (k.host) {
            kit_shut(&k);
            CHECK_EQ(k.miniports + k.streams + k.adapters, 0);
            CHECK_EQ(kit_faults(&k) + kit_broken(&k, WDM_RULE_HARDWARE), 0);
            kit_print_book(&k);
            kit_close(&k);
        }
        if (!CHECK(dm_alloc_live() == live))
            printf("# allocation %ld%s\n", n / 2 + 1, n % 2 ? " and all later ones" : "");
    }
}

static void test_references(void)
{
    CHECK(open_kit((struct kit_config){.leak_port_reference = true}));
    kit_shut(&k);
    CHECK_EQ(kit_broken(&k, WDM_RULE_REFERENCES), 2); /* both ports */
    wdm_enter(host_machine(k.host));
    for (int i = 0; i < 2; i++) /* late is better than never */
        CHECK_EQ(k.leaked[i]->lpVtbl->Release(k.leaked[i]), 0);
    wdm_leave();
    kit_close(&k);
}

static void test_stop_and_start_again(void)
{
    CHECK(open_kit((struct kit_config){0}));
    struct host_filter *filter = kit_filter(&k);
    CHECK_EQ(host_device_stop(k.device), STATUS_DEVICE_BUSY);
    host_close_filter(filter);
    CHECK_EQ(host_device_stop(k.device), STATUS_SUCCESS);
    CHECK_EQ(k.miniports, 0);
    CHECK_EQ(host_open_filter(k.host, "DMus", &filter), STATUS_INVALID_DEVICE_STATE);
    CHECK_EQ(host_device_start(k.device), STATUS_SUCCESS);
    CHECK_EQ(k.miniports, 2);
    CHECK_EQ(host_open_filter(k.host, "kit0/dmus", &filter), STATUS_SUCCESS);
    struct host_pin *pin;
    CHECK_EQ(kit_pin(filter, KIT_RENDER, &pin), STATUS_SUCCESS);
    host_device_surprise(k.device);
    CHECK_EQ(host_pin_set_state(pin, KSSTATE_RUN), STATUS_DEVICE_REMOVED);
    CHECK_EQ(kit_note(pin, 1, 60), STATUS_DEVICE_REMOVED);
    struct host_filter *another;
    CHECK_EQ(host_open_filter(k.host, "DMus", &another), STATUS_DEVICE_REMOVED);
    end_clean();
}

int main(void)
{
    RUN(test_start_and_end);
    RUN(test_slow_stream);
    RUN(test_steps);
    RUN(test_failing_step);
    RUN(test_held_and_played);
    RUN(test_prefetch);
    RUN(test_drained_pool);
    RUN(test_trap);
    RUN(test_kept_events);
    RUN(test_teardown_everywhere);
    RUN(test_power);
    RUN(test_power_from_within);
    RUN(test_init_failures);
    RUN(test_late_failure);
    RUN(test_many_ranges);
    RUN(test_no_memory);
    RUN(test_unregistered_at_the_end);
    RUN(test_references);
    RUN(test_stop_and_start_again);
    return tap_done();
}
