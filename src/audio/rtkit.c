/* SPDX-License-Identifier: MIT */
/* Source of names and rules: RealtimeKit's README (interface org.freedesktop.RealtimeKit1). */
#define _GNU_SOURCE
#include "rtkit.h"

#include <stdio.h>

#ifdef HAVE_DBUS

#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

#include "dbus_library.h"

#define NAME       "org.freedesktop.RealtimeKit1"
#define PATH       "/org/freedesktop/RealtimeKit1"
#define TIMEOUT_MS 1000

/* An integer property, 32 or 64 bits, or FALLBACK. */
static int64_t property(DBusConnection *bus, const char *name, int64_t fallback)
{
    const char *interface = NAME;
    DBusMessageIter args, value;
    DBusMessage *call = dbus_message_new_method_call(NAME, PATH, "org.freedesktop.DBus.Properties", "Get"), *reply = NULL;
    if (call && dbus_message_append_args(call, DBUS_TYPE_STRING, &interface, DBUS_TYPE_STRING, &name, DBUS_TYPE_INVALID))
        reply = dbus_connection_send_with_reply_and_block(bus, call, TIMEOUT_MS, NULL);
    if (reply && dbus_message_iter_init(reply, &args) && dbus_message_iter_get_arg_type(&args) == DBUS_TYPE_VARIANT) {
        dbus_message_iter_recurse(&args, &value);
        dbus_int32_t small;
        dbus_int64_t large;
        if (dbus_message_iter_get_arg_type(&value) == DBUS_TYPE_INT32) {
            dbus_message_iter_get_basic(&value, &small);
            fallback = small;
        } else if (dbus_message_iter_get_arg_type(&value) == DBUS_TYPE_INT64) {
            dbus_message_iter_get_basic(&value, &large);
            fallback = large;
        }
    }
    if (reply)
        dbus_message_unref(reply);
    if (call)
        dbus_message_unref(call);
    return fallback;
}

static bool make_realtime(DBusConnection *bus, dbus_uint32_t priority, char *why, size_t size)
{
    DBusError error = DBUS_ERROR_INIT;
    dbus_uint64_t thread = (dbus_uint64_t)gettid();
    DBusMessage *call = dbus_message_new_method_call(NAME, PATH, NAME, "MakeThreadRealtime"), *reply = NULL;
    if (call && dbus_message_append_args(call, DBUS_TYPE_UINT64, &thread, DBUS_TYPE_UINT32, &priority, DBUS_TYPE_INVALID))
        reply = dbus_connection_send_with_reply_and_block(bus, call, TIMEOUT_MS, &error);
    if (!reply)
        snprintf(why, size, "RealtimeKit: %s", dbus_error_is_set(&error) ? error.message : "out of memory");
    dbus_error_free(&error);
    if (call)
        dbus_message_unref(call);
    if (reply)
        dbus_message_unref(reply);
    return reply != NULL;
}

bool rtkit_make_realtime(int priority, char *why, size_t size)
{
    DBusError error = DBUS_ERROR_INIT;
    struct rlimit limit;
    struct dm_error missing = {0};
    if (dbus_library_load(&missing) != DM_OK) {
        snprintf(why, size, "%s", missing.text);
        return false;
    }
    DBusConnection *bus = dbus_bus_get_private(DBUS_BUS_SYSTEM, &error);
    if (!bus) {
        snprintf(why, size, "no RealtimeKit: %s", dbus_error_is_set(&error) ? error.message : "no bus");
        dbus_error_free(&error);
        return false;
    }
    dbus_connection_set_exit_on_disconnect(bus, FALSE);
    int64_t most = property(bus, "MaxRealtimePriority", 20), time_us = property(bus, "RTTimeUSecMax", 200000);
    if (getrlimit(RLIMIT_RTTIME, &limit) == 0 && time_us > 0 && limit.rlim_cur > (rlim_t)time_us) {
        limit.rlim_cur = (rlim_t)time_us;
        limit.rlim_max = limit.rlim_max < limit.rlim_cur ? limit.rlim_max : limit.rlim_cur;
        setrlimit(RLIMIT_RTTIME, &limit);
    }
    bool ok = make_realtime(bus, (dbus_uint32_t)(priority < most ? priority : most > 0 ? most : 1), why, size);
    dbus_connection_close(bus);
    dbus_connection_unref(bus);
    return ok;
}

#else

bool rtkit_make_realtime(int priority, char *why, size_t size)
{
    (void)priority;
    snprintf(why, size, "built without RealtimeKit");
    return false;
}

#endif
