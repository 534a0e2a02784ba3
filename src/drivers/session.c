/* SPDX-License-Identifier: MIT */
#include "session.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mapfile.h"
#include "formats/detect.h"
#include "kernel/miniports/builtin.h"
#include "mpu401_join.h"
#include "uart_adapter.h"

static const struct {
    const char *name, *summary;
    PDRIVER_INITIALIZE entry;
    const char *resources; /* text, used if no file is named */
} builtins[] = {
    {"swsynth", "the software synthesizer of OpenDMus as a DMus miniport", swsynth_DriverEntry, NULL},
    {"uart", "the DMus UART miniport over an emulated MPU-401 in loopback", uart_adapter_DriverEntry,
     "port 0x330 2\ninterrupt 9\nmodel mpu401 port=0 interrupt=0 loopback\n"},
};

bool session_builtin(size_t index, const char **name, const char **summary)
{
    if (index >= sizeof builtins / sizeof *builtins)
        return false;
    *name = builtins[index].name;
    *summary = builtins[index].summary;
    return true;
}

enum { PATH_SIZE = 4096 };

static int builtin_index(const char *name)
{
    for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++)
        if (strcmp(builtins[i].name, name) == 0 && access(name, F_OK) != 0)
            return (int)i;
    return -1;
}

bool session_driver_path(const struct session_config *config, char *out, size_t size)
{
    int length = snprintf(out, size, "%s%s", strchr(config->driver, '/') ? "" : "./", config->driver);
    return builtin_index(config->driver) < 0 && length > 0 && (size_t)length < size;
}

/* Of the service: the file's name up to the first dot, with what a name may not have replaced. */
static void service_name(const char *path, char *out, size_t size)
{
    const char *slash = strrchr(path, '/');
    size_t at = 0;
    for (const char *c = slash ? slash + 1 : path; *c && *c != '.' && at + 1 < size; c++)
        out[at++] = strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", *c) ? *c : '_';
    if (at == 0)
        out[at++] = '_';
    out[at] = 0;
}

/* What the dynamic linker calls an invalid ELF header, or a wrong class, has a name of its own. */
static enum dm_status check_object(const char *path, const char *name, struct dm_error *err)
{
    enum { CLASS_AT = 4, CLASS_32 = 1, CLASS_64 = 2, OWN_CLASS = sizeof(void *) == 8 ? CLASS_64 : CLASS_32 };
    struct mapped_file file;
    struct dm_error unread = {0};
    if (mapfile_open(path, &file, &unread) != DM_OK)
        return DM_OK; /* the linker says why */
    enum dm_status status = DM_OK;
    enum file_kind kind = detect_kind(file.bytes);
    bool elf = file.bytes.size > CLASS_AT && memcmp(file.bytes.data, "\177ELF", CLASS_AT) == 0;
    int class = elf ? file.bytes.data[CLASS_AT] : 0;
    if (!elf && (kind == FILE_SMF || kind == FILE_RMID))
        status = dm_fail(err, DM_ERR_FORMAT, "%s: a song (%s), not a driver; to play it into one: dmus host DRIVER --play %s", name,
                         file_kind_name(kind), name);
    else if (!elf && kind != FILE_UNKNOWN)
        status = dm_fail(err, DM_ERR_FORMAT, "%s: a bank (%s), not a driver; to download it into one: dmus host DRIVER --play SONG --bank %s",
                         name, file_kind_name(kind), name);
    else if (!elf)
        status = dm_fail(err, DM_ERR_FORMAT, "%s: not a driver, which is a shared object (doc/drivers.md tells how to build one)", name);
    else if (class != OWN_CLASS && (class == CLASS_32 || class == CLASS_64))
        status = dm_fail(err, DM_ERR_FORMAT, "%s: a driver of %d bits, and this dmus has %d; build it %s -m32", name,
                         class == CLASS_32 ? 32 : 64, OWN_CLASS == CLASS_32 ? 32 : 64, class == CLASS_32 ? "without" : "with");
    mapfile_close(&file);
    return status;
}

static enum dm_status load(const struct session_config *config, struct session *session, int builtin, struct dm_error *err)
{
    char name[40], path[PATH_SIZE];
    struct host_driver_config driver = {.name = name};
    if (builtin >= 0) {
        driver.name = builtins[builtin].name;
        driver.entry = builtins[builtin].entry;
    } else {
        if (!session_driver_path(config, path, sizeof path))
            return dm_fail(err, DM_ERR_OPEN, "%s: the name is too long", config->driver);
        enum dm_status status = check_object(path, config->driver, err);
        if (status != DM_OK)
            return status;
        service_name(config->driver, name, sizeof name);
        driver.path = path;
        if (session->places)
            place_finder_reset(session->places);
    }
    return host_load_driver(session->host, &driver, &session->driver, err);
}

static enum dm_status hardware(const struct session_config *config, int builtin, struct host_resources **out, struct dm_error *err)
{
    const char *text = builtin >= 0 ? builtins[builtin].resources : NULL;
    *out = NULL;
    if (config->resources)
        return host_resources_load(config->resources, out, err);
    return text ? host_resources_parse(text, strlen(text), config->driver, out, err) : DM_OK;
}

enum dm_status session_open(const struct session_config *config, struct session *out, struct dm_error *err)
{
    struct host_config host = {
        .time = config->time,
        .event_buffer_size = config->event_buffer_size,
        .render_bytes = config->render_bytes,
        .trap_use_after_return = config->trap_use_after_return,
        .registry_file = config->registry,
        .priority = config->priority,
        .print = config->print,
        .print_ctx = config->print_ctx,
    };
    char path[PATH_SIZE];
    *out = (struct session){NULL, NULL, NULL, NULL};
    mpu401_join_config(&host);
    enum dm_status status = host_create(&host, &out->host, err);
    if (status != DM_OK || !session_driver_path(config, path, sizeof path))
        return status;
    out->places = place_finder_new(path);
    if (!out->places) {
        session_close(out);
        return dm_fail(err, DM_ERR_NOMEM, "no memory for a driver");
    }
    wdm_rule_callers(host_machine(out->host), place_caller, out->places);
    return DM_OK;
}

static void add_text(struct dm_error *err, const char *text)
{
    size_t used = strlen(err->text);
    snprintf(err->text + used, sizeof err->text - used, "%s", text);
}

enum dm_status session_start(const struct session_config *config, struct session *session, struct dm_error *err)
{
    struct host_resources *resources;
    int builtin = builtin_index(config->driver);
    enum dm_status status = hardware(config, builtin, &resources, err);
    if (status != DM_OK)
        return status;
    status = load(config, session, builtin, err);
    if (status == DM_OK)
        status = host_add_device(session->driver, resources, &session->device, err);
    if (status == DM_ERR_DEVICE && !resources)
        add_text(err, "; the device has no ports and no interrupt (--resources gives it some)");
    host_resources_free(resources);
    return status;
}

void session_shut_down(struct session *session)
{
    if (session->host)
        host_shut_down(session->host);
    session->driver = NULL;
    session->device = NULL;
}

void session_close(struct session *session)
{
    host_destroy(session->host);
    place_finder_free(session->places);
    *session = (struct session){NULL, NULL, NULL, NULL};
}
