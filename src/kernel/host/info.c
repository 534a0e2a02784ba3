/* SPDX-License-Identifier: MIT */
/* What filters there are and what their descriptors say. */
#include <string.h>

#include "host_impl.h"
#include "kernel/portcls/descriptor.h"
#include "kernel/portcls/port.h"

/* Subdevice INDEX of the host, or NULL. Registrations come and go with devices only, which is one thread's business. */
static struct pc_subdevice *subdevice(struct host *host, size_t index, struct host_device **device)
{
    for (struct host_device *d = host->devices; d; d = d->next) {
        struct pc_device *pc = pc_device_of(d->pdo->AttachedDevice);
        struct pc_subdevice *s = NULL;
        if (!pc)
            continue;
        pthread_mutex_lock(&pc->lock);
        for (s = pc->subdevices; s && index > 0; s = s->next)
            index--;
        pthread_mutex_unlock(&pc->lock);
        *device = d;
        if (s)
            return s;
    }
    return NULL;
}

static const PCFILTER_DESCRIPTOR *descriptor(struct host *host, size_t index)
{
    struct host_device *device;
    struct pc_subdevice *s = subdevice(host, index, &device);
    return s ? s->port->filter : NULL;
}

bool host_filter_info(struct host *host, size_t index, struct host_filter_info *out)
{
    struct host_device *device;
    struct pc_subdevice *s = subdevice(host, index, &device);
    memset(out, 0, sizeof *out);
    if (!s)
        return false;
    const PCFILTER_DESCRIPTOR *f = s->port->filter;
    out->device = device->name;
    out->name = s->port->name + strlen("port ");
    out->is_topology = s->port->kind == PORT_TOPOLOGY;
    out->pin_count = f->PinCount;
    out->node_count = f->NodeCount;
    out->connection_count = f->ConnectionCount;
    out->category_count = f->CategoryCount;
    return true;
}

bool host_filter_category(struct host *host, size_t index, size_t category, const GUID **out)
{
    const PCFILTER_DESCRIPTOR *f = descriptor(host, index);
    if (!f || category >= f->CategoryCount)
        return false;
    *out = &f->Categories[category];
    return true;
}

bool host_filter_pin(struct host *host, size_t index, size_t pin, struct host_pin_info *out)
{
    const PCFILTER_DESCRIPTOR *f = descriptor(host, index);
    const PCPIN_DESCRIPTOR *p = f && pin < f->PinCount ? descriptor_pin(f, (ULONG)pin) : NULL;
    memset(out, 0, sizeof *out);
    if (!p)
        return false;
    const KSPIN_DESCRIPTOR *ks = &p->KsPinDescriptor;
    *out = (struct host_pin_info){
        .id = (uint32_t)pin,
        .data_flow = ks->DataFlow,
        .communication = ks->Communication,
        .category = ks->Category,
        .name = ks->Name,
        .range_count = ks->DataRangesCount,
        .ranges = (const KSDATARANGE *const *)(const void *)ks->DataRanges,
        .max_global = p->MaxGlobalInstanceCount,
        .max_filter = p->MaxFilterInstanceCount,
        .min_filter = p->MinFilterInstanceCount,
    };
    return true;
}

bool host_filter_node(struct host *host, size_t index, size_t node, struct host_node_info *out)
{
    const PCFILTER_DESCRIPTOR *f = descriptor(host, index);
    const PCNODE_DESCRIPTOR *n = f && node < f->NodeCount ? descriptor_node(f, (ULONG)node) : NULL;
    memset(out, 0, sizeof *out);
    if (n)
        *out = (struct host_node_info){(uint32_t)node, n->Type, n->Name};
    return n != NULL;
}

bool host_filter_connection(struct host *host, size_t index, size_t connection, KSTOPOLOGY_CONNECTION *out)
{
    const PCFILTER_DESCRIPTOR *f = descriptor(host, index);
    memset(out, 0, sizeof *out);
    if (!f || connection >= f->ConnectionCount)
        return false;
    *out = f->Connections[connection];
    return true;
}

static const PCAUTOMATION_TABLE *table_of(const PCFILTER_DESCRIPTOR *f, enum host_table table, uint32_t owner)
{
    if (table == HOST_TABLE_FILTER)
        return f->AutomationTable;
    if (table == HOST_TABLE_PIN)
        return owner < f->PinCount ? descriptor_pin(f, owner)->AutomationTable : NULL;
    return owner < f->NodeCount ? descriptor_node(f, owner)->AutomationTable : NULL;
}

bool host_filter_property_item(struct host *host, size_t index, enum host_table table, uint32_t owner, size_t item,
                               struct host_property_info *out)
{
    const PCFILTER_DESCRIPTOR *f = descriptor(host, index);
    const PCAUTOMATION_TABLE *t = f ? table_of(f, table, owner) : NULL;
    const PCPROPERTY_ITEM *p = t && item < t->PropertyCount ? descriptor_property(t, (ULONG)item) : NULL;
    memset(out, 0, sizeof *out);
    if (p)
        *out = (struct host_property_info){p->Set, p->Id, p->Flags};
    return p != NULL;
}
