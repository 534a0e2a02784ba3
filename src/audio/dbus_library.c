/* SPDX-License-Identifier: MIT */
#include "dbus_library.h"

LIBRARY_DEFINE(dbus, DBUS_FUNCTIONS, "RealtimeKit", "libdbus-1.so.3", "dbus", "real-time priority by RealtimeKit")
