/* SPDX-License-Identifier: MIT */
/* dbus_library.h - libdbus-1.so.3, loaded on demand: see base/library.h. Internal to the room. */
#ifndef DMUS_AUDIO_DBUS_LIBRARY_H
#define DMUS_AUDIO_DBUS_LIBRARY_H

#include <dbus/dbus.h>

#include "base/library.h"

#define DBUS_FUNCTIONS(F) \
    F(dbus_bus_get_private) F(dbus_connection_close) F(dbus_connection_send_with_reply_and_block) \
    F(dbus_connection_set_exit_on_disconnect) F(dbus_connection_unref) F(dbus_error_free) F(dbus_error_is_set) \
    F(dbus_message_append_args) F(dbus_message_iter_get_arg_type) F(dbus_message_iter_get_basic) F(dbus_message_iter_init) \
    F(dbus_message_iter_recurse) F(dbus_message_new_method_call) F(dbus_message_unref)

LIBRARY_DECLARE(dbus, DBUS_FUNCTIONS)

#define dbus_bus_get_private                      dbus_functions.dbus_bus_get_private
#define dbus_connection_close                     dbus_functions.dbus_connection_close
#define dbus_connection_send_with_reply_and_block dbus_functions.dbus_connection_send_with_reply_and_block
#define dbus_connection_set_exit_on_disconnect    dbus_functions.dbus_connection_set_exit_on_disconnect
#define dbus_connection_unref                     dbus_functions.dbus_connection_unref
#define dbus_error_free                           dbus_functions.dbus_error_free
#define dbus_error_is_set                         dbus_functions.dbus_error_is_set
#define dbus_message_append_args                  dbus_functions.dbus_message_append_args
#define dbus_message_iter_get_arg_type            dbus_functions.dbus_message_iter_get_arg_type
#define dbus_message_iter_get_basic               dbus_functions.dbus_message_iter_get_basic
#define dbus_message_iter_init                    dbus_functions.dbus_message_iter_init
#define dbus_message_iter_recurse                 dbus_functions.dbus_message_iter_recurse
#define dbus_message_new_method_call              dbus_functions.dbus_message_new_method_call
#define dbus_message_unref                        dbus_functions.dbus_message_unref

#endif
