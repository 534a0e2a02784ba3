/* SPDX-License-Identifier: MIT */
/* Scenes about requests. */
#include <string.h>

#include <ksmedia.h>

#include "ask.h"
#include "scene.h"

enum { VALUE_MAX = 1024 };

/* Sizes around the one that the item says it has. */
static void sizes(struct ask *ask, ULONG verb, uint32_t exact)
{
    const uint32_t all[] = {0, 1, 3, 4, exact ? exact - 1 : 0, exact, exact + 1, exact + 64, VALUE_MAX};
    static uint64_t value[VALUE_MAX / 8];
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        uint32_t size = all[i] < VALUE_MAX ? all[i] : VALUE_MAX;
        memset(value, 0, sizeof value);
        ask_property(ask, verb, size ? value : NULL, size, NULL);
    }
}

/* What was got is set again; then nothing but zeros, in every size. */
static void set_again(struct ask *ask, uint32_t exact)
{
    static uint64_t value[VALUE_MAX / 8];
    memset(value, 0, sizeof value);
    if (exact && exact <= VALUE_MAX && NT_SUCCESS(ask_get(ask, value, exact)))
        ask_set(ask, value, exact);
    const uint32_t small[] = {0, 1, exact ? exact - 1 : 0};
    for (size_t i = 0; i < sizeof small / sizeof *small; i++) {
        uint64_t zeros[VALUE_MAX / 8] = {0};
        ask_set(ask, small[i] ? zeros : NULL, small[i]);
    }
}

static void item(struct ask *ask, const struct host_property_info *info)
{
    static const uint8_t zeros[ASK_INSTANCE_MAX];
    static const uint32_t instances[] = {0, 8, 28, ASK_INSTANCE_MAX};
    ULONG support = 0;
    ask->set = info->set;
    ask->id = info->id;
    for (size_t i = 0; i < sizeof instances / sizeof *instances; i++) {
        uint32_t exact = 0;
        ask->instance = instances[i] ? zeros : NULL;
        ask->cb_instance = instances[i];
        ask_property(ask, KSPROPERTY_TYPE_BASICSUPPORT, &support, sizeof support, NULL);
        ask_property(ask, KSPROPERTY_TYPE_GET, NULL, 0, &exact);
        if (info->flags & KSPROPERTY_TYPE_GET)
            sizes(ask, KSPROPERTY_TYPE_GET, exact);
        if (info->flags & KSPROPERTY_TYPE_SET)
            set_again(ask, exact);
        else
            ask_set(ask, &support, sizeof support); /* which must be refused */
    }
}

static void table(struct stage *stage, struct ask *ask, enum host_table which, uint32_t owner)
{
    struct host_property_info info;
    for (size_t i = 0; host_filter_property_item(stage->scene->session.host, stage->graph.filter, which, owner, i, &info); i++)
        item(ask, &info);
    ask->id = 4711; /* of the last set, or of none */
    ask->cb_instance = 0;
    if (ask->set)
        sizes(ask, KSPROPERTY_TYPE_GET, 4);
}

static void nodes(struct stage *stage, struct ask ask)
{
    struct host_node_info node;
    for (size_t n = 0; host_filter_node(stage->scene->session.host, stage->graph.filter, n, &node); n++) {
        ask.node = (int)node.id;
        table(stage, &ask, HOST_TABLE_NODE, node.id);
    }
}

static void all_tables(struct stage *stage)
{
    struct {
        struct host_pin *pin;
        int id;
    } pins[] = {{stage->midi, stage->graph.directmusic}, {stage->legacy, stage->graph.legacy}, {stage->wave, stage->graph.wave},
                {stage->capture, stage->graph.capture}};
    struct ask filter = {.filter = stage->filter, .node = ASK_NO_NODE};
    table(stage, &filter, HOST_TABLE_FILTER, 0);
    nodes(stage, (struct ask){.filter = stage->filter});
    for (size_t i = 0; i < sizeof pins / sizeof *pins; i++) {
        if (!pins[i].pin)
            continue;
        struct ask ask = {.pin = pins[i].pin, .node = ASK_NO_NODE};
        table(stage, &ask, HOST_TABLE_PIN, (uint32_t)pins[i].id);
        nodes(stage, (struct ask){.pin = pins[i].pin});
    }
}

void act_properties(struct scene *scene)
{
    struct stage stage;
    for (size_t i = 0; stage_open(scene, i, STAGE_ALL | STAGE_LEGACY, &stage); i++) {
        if (stage.filter)
            all_tables(&stage);
        stage_state(&stage, KSSTATE_RUN);
        if (stage.filter)
            all_tables(&stage);
        stage_pass(&stage, 50);
        stage_close(&stage);
    }
}

/* ---- KSPROPERTY_PIN_DATAINTERSECTION ---- */

static void intersect(struct stage *stage, const struct host_pin_info *pin, const KSDATARANGE *range)
{
    static uint64_t request[64], format[64];
    KSP_PIN head;
    KSMULTIPLE_ITEM items = {.Size = (ULONG)sizeof items + range->FormatSize, .Count = 1};
    uint32_t needed = 0;
    if (range->FormatSize > sizeof request - sizeof head - sizeof items)
        return;
    memset(&head, 0, sizeof head);
    head.Property.Set = KSPROPSETID_Pin;
    head.Property.Id = KSPROPERTY_PIN_DATAINTERSECTION;
    head.Property.Flags = KSPROPERTY_TYPE_GET;
    head.PinId = pin->id;
    memcpy(request, &head, sizeof head);
    memcpy((uint8_t *)request + sizeof head, &items, sizeof items);
    memcpy((uint8_t *)request + sizeof head + sizeof items, range, range->FormatSize);
    uint32_t size = (uint32_t)(sizeof head + sizeof items) + range->FormatSize;
    host_filter_property(stage->filter, request, size, NULL, 0, &needed);
    const uint32_t sizes_of[] = {1, 63, 64, 82, needed ? needed - 1 : 0, needed, sizeof format};
    for (size_t i = 0; i < sizeof sizes_of / sizeof *sizes_of; i++)
        if (sizes_of[i] && sizes_of[i] <= sizeof format)
            host_filter_property(stage->filter, request, size, format, sizes_of[i], NULL);
}

void act_intersections(struct scene *scene)
{
    struct stage stage;
    struct host_pin_info mine, others;
    struct host *host = scene->session.host;
    for (size_t i = 0; stage_open(scene, i, 0, &stage); i++) {
        for (size_t p = 0; stage.filter && host_filter_pin(host, i, p, &mine); p++)
            for (size_t q = 0; host_filter_pin(host, i, q, &others); q++)
                for (uint32_t r = 0; r < others.range_count; r++)
                    intersect(&stage, &mine, others.ranges[r]);
        stage_close(&stage);
    }
}
