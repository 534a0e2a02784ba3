/* SPDX-License-Identifier: MIT */
/* pipewire_library.h - libpipewire-0.3.so.0, loaded on demand: see base/library.h. Internal to the room. */
#ifndef DMUS_AUDIO_PIPEWIRE_LIBRARY_H
#define DMUS_AUDIO_PIPEWIRE_LIBRARY_H

#include <pipewire/filter.h>
#include <pipewire/pipewire.h>

#include "base/library.h"

#define PIPEWIRE_FUNCTIONS(F) \
    F(pw_context_connect) F(pw_context_destroy) F(pw_context_get_data_loop) F(pw_context_new) F(pw_core_disconnect) \
    F(pw_data_loop_invoke) F(pw_filter_add_listener) F(pw_filter_add_port) F(pw_filter_connect) F(pw_filter_dequeue_buffer) \
    F(pw_filter_destroy) F(pw_filter_get_node_id) F(pw_filter_new) F(pw_filter_queue_buffer) F(pw_init) F(pw_properties_free) \
    F(pw_properties_new) F(pw_properties_set) F(pw_properties_setf) F(pw_proxy_destroy) F(pw_stream_add_listener) \
    F(pw_stream_connect) F(pw_stream_dequeue_buffer) F(pw_stream_destroy) F(pw_stream_get_time_n) F(pw_stream_new) \
    F(pw_stream_queue_buffer) F(pw_thread_loop_destroy) F(pw_thread_loop_get_loop) F(pw_thread_loop_get_time) \
    F(pw_thread_loop_lock) F(pw_thread_loop_new) F(pw_thread_loop_signal) F(pw_thread_loop_start) F(pw_thread_loop_stop) \
    F(pw_thread_loop_timed_wait_full) F(pw_thread_loop_unlock)

LIBRARY_DECLARE(pipewire, PIPEWIRE_FUNCTIONS)

#define pw_context_connect             pipewire_functions.pw_context_connect
#define pw_context_destroy             pipewire_functions.pw_context_destroy
#define pw_context_get_data_loop       pipewire_functions.pw_context_get_data_loop
#define pw_context_new                 pipewire_functions.pw_context_new
#define pw_core_disconnect             pipewire_functions.pw_core_disconnect
#define pw_data_loop_invoke            pipewire_functions.pw_data_loop_invoke
#define pw_filter_add_listener         pipewire_functions.pw_filter_add_listener
#define pw_filter_add_port             pipewire_functions.pw_filter_add_port
#define pw_filter_connect              pipewire_functions.pw_filter_connect
#define pw_filter_dequeue_buffer       pipewire_functions.pw_filter_dequeue_buffer
#define pw_filter_destroy              pipewire_functions.pw_filter_destroy
#define pw_filter_get_node_id          pipewire_functions.pw_filter_get_node_id
#define pw_filter_new                  pipewire_functions.pw_filter_new
#define pw_filter_queue_buffer         pipewire_functions.pw_filter_queue_buffer
#define pw_init                        pipewire_functions.pw_init
#define pw_properties_free             pipewire_functions.pw_properties_free
#define pw_properties_new              pipewire_functions.pw_properties_new
#define pw_properties_set              pipewire_functions.pw_properties_set
#define pw_properties_setf             pipewire_functions.pw_properties_setf
#define pw_proxy_destroy               pipewire_functions.pw_proxy_destroy
#define pw_stream_add_listener         pipewire_functions.pw_stream_add_listener
#define pw_stream_connect              pipewire_functions.pw_stream_connect
#define pw_stream_dequeue_buffer       pipewire_functions.pw_stream_dequeue_buffer
#define pw_stream_destroy              pipewire_functions.pw_stream_destroy
#define pw_stream_get_time_n           pipewire_functions.pw_stream_get_time_n
#define pw_stream_new                  pipewire_functions.pw_stream_new
#define pw_stream_queue_buffer         pipewire_functions.pw_stream_queue_buffer
#define pw_thread_loop_destroy         pipewire_functions.pw_thread_loop_destroy
#define pw_thread_loop_get_loop        pipewire_functions.pw_thread_loop_get_loop
#define pw_thread_loop_get_time        pipewire_functions.pw_thread_loop_get_time
#define pw_thread_loop_lock            pipewire_functions.pw_thread_loop_lock
#define pw_thread_loop_new             pipewire_functions.pw_thread_loop_new
#define pw_thread_loop_signal          pipewire_functions.pw_thread_loop_signal
#define pw_thread_loop_start           pipewire_functions.pw_thread_loop_start
#define pw_thread_loop_stop            pipewire_functions.pw_thread_loop_stop
#define pw_thread_loop_timed_wait_full pipewire_functions.pw_thread_loop_timed_wait_full
#define pw_thread_loop_unlock          pipewire_functions.pw_thread_loop_unlock

#endif
