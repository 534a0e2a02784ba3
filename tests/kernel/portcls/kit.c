/* SPDX-License-Identifier: MIT */
/* The host's side of the kit. */
#include "kit.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <dmusbuff.h>

struct kit *kit;

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;

void kit_log(const char *fmt, ...)
{
    va_list args;
    pthread_mutex_lock(&log_lock);
    size_t used = strlen(kit->log);
    va_start(args, fmt);
    vsnprintf(kit->log + used, sizeof kit->log - used, fmt, args);
    va_end(args);
    used = strlen(kit->log);
    if (used + 1 < sizeof kit->log) {
        kit->log[used] = '\n';
        kit->log[used + 1] = 0;
    }
    pthread_mutex_unlock(&log_lock);
}

void kit_log_reset(void) { kit->log[0] = 0; }

bool kit_open(struct kit *self, const struct kit_config *config, struct dm_error *err)
{
    struct host_config host = {.time = config->time, .wait_limit_ms = config->wait_limit_ms,
                               .trap_use_after_return = config->trap, .models = config->models, .model_count = config->model_count};
    struct host_driver_config driver = {.name = "kit", .entry = kit_DriverEntry};
    struct host_resources *resources = NULL;
    memset(self, 0, sizeof *self);
    self->config = *config;
    kit = self;
    enum dm_status status = host_create(&host, &self->host, err);
    if (status == DM_OK && config->resources)
        status = host_resources_parse(config->resources, strlen(config->resources), "test", &resources, err);
    if (status == DM_OK)
        status = host_load_driver(self->host, &driver, &self->driver, err);
    if (status == DM_OK)
        status = host_add_device(self->driver, resources, &self->device, err);
    host_resources_free(resources);
    return status == DM_OK;
}

void kit_shut(struct kit *self) { host_shut_down(self->host); }

void kit_close(struct kit *self)
{
    host_destroy(self->host);
    self->host = NULL;
}

uint64_t kit_broken(struct kit *self, enum wdm_rule rule) { return wdm_rule_count(host_machine(self->host), rule); }
uint64_t kit_faults(struct kit *self) { return wdm_rule_faults(host_machine(self->host)); }

void kit_print_book(struct kit *self)
{
    struct wdm_breach breach;
    for (size_t i = 0; kit_faults(self) && wdm_rule_breach(host_machine(self->host), i, &breach); i++)
        printf("# rule %d: %s\n", (int)breach.rule, breach.text);
}

struct host_filter *kit_filter(struct kit *self)
{
    struct host_filter *filter;
    host_open_filter(self->host, self->config.legacy ? "Midi" : "DMus", &filter);
    return filter;
}

NTSTATUS kit_pin(struct host_filter *filter, uint32_t pin, struct host_pin **out)
{
    _Alignas(8) uint8_t connect[HOST_CONNECT_MAX];
    uint32_t size = pin == KIT_WAVE       ? host_connect_wave(connect, pin, 22050, 2, 16)
                    : kit->config.legacy ? host_connect_music(connect, pin, &KSDATAFORMAT_SUBTYPE_MIDI)
                                         : host_connect_music(connect, pin, &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC);
    return host_create_pin(filter, connect, size, out);
}

NTSTATUS kit_get(struct host_filter *filter, struct host_pin *pin, int node, const GUID *set, ULONG id, ULONG verb, void *value,
                 uint32_t size, uint32_t *returned)
{
    KSNODEPROPERTY request;
    memset(&request, 0, sizeof request);
    request.Property.Set = *set;
    request.Property.Id = id;
    request.Property.Flags = verb | (node >= 0 ? KSPROPERTY_TYPE_TOPOLOGY : 0u);
    request.NodeId = (ULONG)node;
    uint32_t request_size = node >= 0 ? sizeof request : sizeof request.Property;
    return pin ? host_pin_property(pin, &request, request_size, value, size, returned)
               : host_filter_property(filter, &request, request_size, value, size, returned);
}

uint32_t kit_record(uint8_t *out, REFERENCE_TIME delta, uint32_t group, uint8_t status, uint8_t a, uint8_t b)
{
    DMUS_EVENTHEADER header = {.cbEvent = 3, .dwChannelGroup = group, .rtDelta = delta, .dwFlags = DMUS_EVENT_STRUCTURED};
    uint8_t data[4] = {status, a, b, 0};
    memcpy(out, &header, sizeof header);
    memcpy(out + sizeof header, data, sizeof data);
    return 24;
}

NTSTATUS kit_note(struct host_pin *pin, int64_t time, uint8_t key)
{
    uint8_t bytes[24];
    struct host_packet packet = {.data = bytes, .size = sizeof bytes, .used = sizeof bytes, .time = time};
    kit_record(bytes, 0, 1, 0x90, key, 100);
    return host_pin_write(pin, &packet);
}

int64_t kit_now(struct kit *self)
{
    ULONGLONG now = 0;
    static const GUID clock = {0xfedfae26, 0xe46e, 0x11d1, {0xaa, 0xce, 0x00, 0x00, 0xf8, 0x75, 0xac, 0x12}};
    struct host_filter *filter = kit_filter(self);
    kit_get(filter, NULL, -1, &clock, 0, KSPROPERTY_TYPE_GET, &now, sizeof now, NULL);
    host_close_filter(filter);
    return (int64_t)now;
}

void kit_run(struct kit *self, int64_t more)
{
    struct wdm_machine *machine = host_machine(self->host);
    wdm_enter(machine);
    wdm_run_until(machine, wdm_time_100ns(machine) + more);
    wdm_leave();
}
