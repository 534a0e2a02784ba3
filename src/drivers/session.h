/* SPDX-License-Identifier: MIT */
/*
 * session.h - a simulated computer with one driver and one device, ready to be opened.
 *
 * One thread, that of the host (kernel/host/host.h).
 */
#ifndef DMUS_DRIVERS_SESSION_H
#define DMUS_DRIVERS_SESSION_H

#include "kernel/host/host.h"
#include "place.h"

struct session_config {
    const char *driver;         /* path of a shared object, or the name of a driver that is linked in (session_builtin) */
    const char *resources;      /* path of a resource file (host.h), NULL: none; a linked-in driver has one of its own */
    const char *registry;       /* path of a registry file, NULL: none */
    enum wdm_time time;
    uint32_t event_buffer_size; /* 32..65535; 0: 4096 */
    bool render_bytes;          /* ISynthSinkDMus::Render counts bytes */
    bool trap_use_after_return; /* host_config */
    int priority;               /* of the machine's threads in real time, 0: none */
    void (*print)(void *ctx, const char *line); /* what driver and machine say; NULL: base/log.h */
    void *print_ctx;
};

struct session {
    struct host *host;
    struct host_driver *driver;
    struct host_device *device;
    struct place_finder *places; /* of the driver's code; NULL for one that is linked in */
};

/* The path under which the driver is loaded: with a slash, since the dynamic linker would search its own places otherwise. False: it is
 * linked in, or the path is too long. */
bool session_driver_path(const struct session_config *config, char *out, size_t size);

/* Name and summary of the INDEXth linked-in driver, false past the last. */
bool session_builtin(size_t index, const char **name, const char **summary);

/* The computer alone, so that it can be traced from the first call of the driver on. Statuses of host_create. */
enum dm_status session_open(const struct session_config *config, struct session *out, struct dm_error *err);
/* DriverEntry, AddDevice, StartDevice. DM_ERR_OPEN, DM_ERR_FORMAT (resources), DM_ERR_UNSUPPORTED, DM_ERR_DEVICE. */
enum dm_status session_start(const struct session_config *config, struct session *session, struct dm_error *err);
/* Device and driver go, with all that is open; the rule book then has its last word. Ends with session_close. */
void session_shut_down(struct session *session);
void session_close(struct session *session); /* of a zeroed one: nothing */

#endif
