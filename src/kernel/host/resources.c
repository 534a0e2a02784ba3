/* SPDX-License-Identifier: MIT */
/*
 * The hardware of a device as a small text: host.h shows the lines. A file for a UART on the classic place:
 *
 *     # MPU-401
 *     port 0x330 2
 *     interrupt 9
 *     model mpu401 port=0 interrupt=0 loopback
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/mapfile.h"
#include "host_impl.h"

#define ITEMS_MAX      64u
#define LINE_MAX_BYTES 512u
#define INTERRUPT_IRQL 8u /* of all devices: above DISPATCH, below the clock */

struct parser {
    struct host_resources *out;
    const char *name;
    unsigned line;
    struct dm_error *err;
};

static enum dm_status wrong(const struct parser *p, const char *what)
{
    return dm_fail(p->err, DM_ERR_FORMAT, "%s:%u: %s", p->name, p->line, what);
}

/* The next word, cut off and NUL-terminated; NULL at the end. */
static char *word(char **rest)
{
    char *at = *rest + strspn(*rest, " \t\r"), *end = at + strcspn(at, " \t\r");
    if (!*at)
        return NULL;
    *rest = *end ? end + 1 : end;
    *end = 0;
    return at;
}

static bool number(const char *text, uint64_t *out)
{
    char *end;
    if (!text || *text < '0' || *text > '9')
        return false;
    errno = 0;
    *out = strtoull(text, &end, 0);
    return errno == 0 && *end == 0;
}

static enum dm_status add_item(struct parser *p, struct host_resource item)
{
    struct host_resources *r = p->out;
    if (r->count == ITEMS_MAX)
        return wrong(p, "too many resources");
    struct host_resource *items = dm_realloc(r->items, r->count + 1, sizeof *items);
    if (!items)
        return dm_fail(p->err, DM_ERR_NOMEM, "%s: no memory for resources", p->name);
    r->items = items;
    items[r->count++] = item;
    return DM_OK;
}

static enum dm_status range(struct parser *p, UCHAR type, char *rest)
{
    struct host_resource item = {.type = type};
    uint64_t limit = type == CmResourceTypePort ? 0x10000 : UINT64_C(1) << 40;
    if (!number(word(&rest), &item.start) || !number(word(&rest), &item.length) || word(&rest))
        return wrong(p, "expected START LENGTH");
    if (item.length == 0 || item.start > limit || item.length > limit - item.start || item.length > UINT32_MAX)
        return wrong(p, "range outside the machine");
    return add_item(p, item);
}

static enum dm_status interrupt(struct parser *p, char *rest)
{
    struct host_resource item = {.type = CmResourceTypeInterrupt, .length = 1};
    bool ok = number(word(&rest), &item.start) && item.start < 256;
    const char *mode = word(&rest);
    item.latched = mode && strcmp(mode, "latched") == 0;
    if (!ok || (mode && !item.latched) || word(&rest))
        return wrong(p, "expected VECTOR (0 to 255) and perhaps \"latched\"");
    return add_item(p, item);
}

static enum dm_status dma(struct parser *p, char *rest)
{
    struct host_resource item = {.type = CmResourceTypeDma, .length = 1};
    if (!number(word(&rest), &item.start) || item.start > 7 || word(&rest))
        return wrong(p, "expected CHANNEL (0 to 7)");
    return add_item(p, item);
}

/* port=N and interrupt=N are ours, the rest of the words the model's. */
static enum dm_status model(struct parser *p, char *rest)
{
    struct host_resources *r = p->out;
    struct host_resource_model m = {.port = -1, .interrupt = -1};
    char options[LINE_MAX_BYTES] = "";
    const char *name = word(&rest), *next;
    if (!name || r->model_count == ITEMS_MAX)
        return wrong(p, name ? "too many models" : "expected the name of a model");
    while ((next = word(&rest)) != NULL) {
        bool port = strncmp(next, "port=", 5) == 0, irq = strncmp(next, "interrupt=", 10) == 0;
        uint64_t n;
        if (!port && !irq) {
            snprintf(options + strlen(options), sizeof options - strlen(options), "%s%s", *options ? " " : "", next);
        } else if (!number(strchr(next, '=') + 1, &n) || n >= ITEMS_MAX) {
            return wrong(p, "expected the number of a resource");
        } else {
            *(port ? &m.port : &m.interrupt) = (int)n;
        }
    }
    struct host_resource_model *models = dm_realloc(r->models, r->model_count + 1, sizeof *models);
    if (models)
        r->models = models;
    m.name = dm_strdup(name);
    m.options = dm_strdup(options);
    if (!models || !m.name || !m.options) {
        dm_free(m.name);
        dm_free(m.options);
        return dm_fail(p->err, DM_ERR_NOMEM, "%s: no memory for resources", p->name);
    }
    models[r->model_count++] = m;
    return DM_OK;
}

static enum dm_status line(struct parser *p, char *text)
{
    text[strcspn(text, "#")] = 0;
    char *rest = text;
    const char *kind = word(&rest);
    if (!kind)
        return DM_OK;
    if (strcmp(kind, "port") == 0)
        return range(p, CmResourceTypePort, rest);
    if (strcmp(kind, "memory") == 0)
        return range(p, CmResourceTypeMemory, rest);
    if (strcmp(kind, "interrupt") == 0)
        return interrupt(p, rest);
    if (strcmp(kind, "dma") == 0)
        return dma(p, rest);
    if (strcmp(kind, "model") == 0)
        return model(p, rest);
    return wrong(p, "expected port, interrupt, memory, dma or model");
}

/* A model may stand before what it names, so this is looked at last. */
static enum dm_status check_models(const struct parser *p)
{
    for (size_t i = 0; i < p->out->model_count; i++) {
        const struct host_resource_model *m = &p->out->models[i];
        if ((m->port >= 0 && !host_resources_find(p->out, CmResourceTypePort, m->port)) ||
            (m->interrupt >= 0 && !host_resources_find(p->out, CmResourceTypeInterrupt, m->interrupt)))
            return dm_fail(p->err, DM_ERR_FORMAT, "%s: model %s names a resource that is not there", p->name, m->name);
    }
    return DM_OK;
}

enum dm_status host_resources_parse(const char *text, size_t size, const char *name, struct host_resources **out,
                                    struct dm_error *err)
{
    struct parser p = {.name = name, .err = err};
    enum dm_status status = DM_OK;
    *out = NULL;
    p.out = dm_calloc(1, sizeof *p.out);
    if (!p.out)
        return dm_fail(err, DM_ERR_NOMEM, "%s: no memory for resources", name);
    for (size_t at = 0; status == DM_OK && at < size;) {
        char copy[LINE_MAX_BYTES];
        const char *newline = memchr(text + at, '\n', size - at);
        size_t length = newline ? (size_t)(newline - (text + at)) : size - at;
        p.line++;
        if (length >= sizeof copy || memchr(text + at, 0, length)) {
            status = wrong(&p, "no text, or a line too long");
            break;
        }
        memcpy(copy, text + at, length);
        copy[length] = 0;
        status = line(&p, copy);
        at += length + 1;
    }
    if (status == DM_OK)
        status = check_models(&p);
    if (status != DM_OK) {
        host_resources_free(p.out);
        return status;
    }
    *out = p.out;
    return DM_OK;
}

enum dm_status host_resources_load(const char *path, struct host_resources **out, struct dm_error *err)
{
    struct mapped_file file;
    *out = NULL;
    enum dm_status status = mapfile_open(path, &file, err);
    if (status != DM_OK)
        return status;
    status = host_resources_parse((const char *)file.bytes.data, file.bytes.size, path, out, err);
    mapfile_close(&file);
    return status;
}

void host_resources_free(struct host_resources *resources)
{
    if (!resources)
        return;
    for (size_t i = 0; i < resources->model_count; i++) {
        dm_free(resources->models[i].name);
        dm_free(resources->models[i].options);
    }
    dm_free(resources->models);
    dm_free(resources->items);
    dm_free(resources);
}

struct host_resources *host_resources_copy(const struct host_resources *from)
{
    struct host_resources *copy = dm_calloc(1, sizeof *copy);
    if (!copy)
        return NULL;
    copy->items = dm_calloc(from->count ? from->count : 1, sizeof *copy->items);
    copy->models = dm_calloc(from->model_count ? from->model_count : 1, sizeof *copy->models);
    bool ok = copy->items && copy->models;
    if (ok && from->count) {
        memcpy(copy->items, from->items, from->count * sizeof *copy->items);
        copy->count = from->count;
    }
    for (size_t i = 0; ok && i < from->model_count; i++) {
        struct host_resource_model *m = &copy->models[copy->model_count++];
        *m = from->models[i];
        m->name = dm_strdup(from->models[i].name);
        m->options = dm_strdup(from->models[i].options);
        ok = m->name && m->options;
    }
    if (ok)
        return copy;
    host_resources_free(copy);
    return NULL;
}

const struct host_resource *host_resources_find(const struct host_resources *resources, UCHAR type, int n)
{
    for (size_t i = 0; resources && n >= 0 && i < resources->count; i++)
        if (resources->items[i].type == type && n-- == 0)
            return &resources->items[i];
    return NULL;
}

static void fill(CM_PARTIAL_RESOURCE_DESCRIPTOR *d, const struct host_resource *item, bool translated)
{
    d->Type = item->type;
    d->ShareDisposition = CmResourceShareDeviceExclusive;
    switch (item->type) {
    case CmResourceTypeInterrupt:
        d->Flags = item->latched ? CM_RESOURCE_INTERRUPT_LATCHED : CM_RESOURCE_INTERRUPT_LEVEL_SENSITIVE;
        d->u.Interrupt.Level = translated ? INTERRUPT_IRQL : (ULONG)item->start;
        d->u.Interrupt.Vector = (ULONG)item->start;
        d->u.Interrupt.Affinity = 1;
        break;
    case CmResourceTypeDma: d->u.Dma.Channel = (ULONG)item->start; break;
    default:
        d->Flags = item->type == CmResourceTypePort ? CM_RESOURCE_PORT_IO : 0;
        d->u.Generic.Start.QuadPart = (LONGLONG)item->start;
        d->u.Generic.Length = (ULONG)item->length;
    }
}

CM_RESOURCE_LIST *host_resources_list(const struct host_resources *resources, bool translated)
{
    size_t count = resources ? resources->count : 0;
    CM_RESOURCE_LIST *list = dm_calloc(1, sizeof *list + count * sizeof(CM_PARTIAL_RESOURCE_DESCRIPTOR));
    if (!list)
        return NULL;
    CM_PARTIAL_RESOURCE_LIST *partial = &list->List[0].PartialResourceList;
    list->Count = 1;
    list->List[0].InterfaceType = Internal;
    partial->Version = 1;
    partial->Revision = 1;
    partial->Count = (ULONG)count;
    for (size_t i = 0; i < count; i++)
        fill(&partial->PartialDescriptors[i], &resources->items[i], translated);
    return list;
}
