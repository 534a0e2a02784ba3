/* SPDX-License-Identifier: MIT */
/* jack_library.h - libjack.so.0, loaded on demand: see base/library.h. Internal to the room. */
#ifndef DMUS_AUDIO_JACK_LIBRARY_H
#define DMUS_AUDIO_JACK_LIBRARY_H

#include <jack/jack.h>
#include <jack/midiport.h>

#include "base/library.h"

#define JACK_FUNCTIONS(F) \
    F(jack_activate) F(jack_client_close) F(jack_client_open) F(jack_client_thread_id) F(jack_connect) F(jack_deactivate) \
    F(jack_free) F(jack_get_buffer_size) F(jack_get_client_name) F(jack_get_cycle_times) F(jack_get_ports) \
    F(jack_get_sample_rate) F(jack_get_time) F(jack_last_frame_time) F(jack_midi_clear_buffer) F(jack_midi_event_get) \
    F(jack_midi_event_write) F(jack_midi_get_event_count) F(jack_midi_get_lost_event_count) F(jack_on_info_shutdown) \
    F(jack_on_shutdown) F(jack_port_by_id) F(jack_port_by_name) F(jack_port_flags) F(jack_port_get_buffer) \
    F(jack_port_get_latency_range) F(jack_port_name) F(jack_port_register) F(jack_set_buffer_size_callback) \
    F(jack_set_error_function) F(jack_set_info_function) F(jack_set_latency_callback) F(jack_set_port_connect_callback) \
    F(jack_set_process_callback) F(jack_set_xrun_callback)

LIBRARY_DECLARE(jack, JACK_FUNCTIONS)

#define jack_activate                  jack_functions.jack_activate
#define jack_client_close              jack_functions.jack_client_close
#define jack_client_open               jack_functions.jack_client_open
#define jack_client_thread_id          jack_functions.jack_client_thread_id
#define jack_connect                   jack_functions.jack_connect
#define jack_deactivate                jack_functions.jack_deactivate
#define jack_free                      jack_functions.jack_free
#define jack_get_buffer_size           jack_functions.jack_get_buffer_size
#define jack_get_client_name           jack_functions.jack_get_client_name
#define jack_get_cycle_times           jack_functions.jack_get_cycle_times
#define jack_get_ports                 jack_functions.jack_get_ports
#define jack_get_sample_rate           jack_functions.jack_get_sample_rate
#define jack_get_time                  jack_functions.jack_get_time
#define jack_last_frame_time           jack_functions.jack_last_frame_time
#define jack_midi_clear_buffer         jack_functions.jack_midi_clear_buffer
#define jack_midi_event_get            jack_functions.jack_midi_event_get
#define jack_midi_event_write          jack_functions.jack_midi_event_write
#define jack_midi_get_event_count      jack_functions.jack_midi_get_event_count
#define jack_midi_get_lost_event_count jack_functions.jack_midi_get_lost_event_count
#define jack_on_info_shutdown          jack_functions.jack_on_info_shutdown
#define jack_on_shutdown               jack_functions.jack_on_shutdown
#define jack_port_by_id                jack_functions.jack_port_by_id
#define jack_port_by_name              jack_functions.jack_port_by_name
#define jack_port_flags                jack_functions.jack_port_flags
#define jack_port_get_buffer           jack_functions.jack_port_get_buffer
#define jack_port_get_latency_range    jack_functions.jack_port_get_latency_range
#define jack_port_name                 jack_functions.jack_port_name
#define jack_port_register             jack_functions.jack_port_register
#define jack_set_buffer_size_callback  jack_functions.jack_set_buffer_size_callback
#define jack_set_error_function        jack_functions.jack_set_error_function
#define jack_set_info_function         jack_functions.jack_set_info_function
#define jack_set_latency_callback      jack_functions.jack_set_latency_callback
#define jack_set_port_connect_callback jack_functions.jack_set_port_connect_callback
#define jack_set_process_callback      jack_functions.jack_set_process_callback
#define jack_set_xrun_callback         jack_functions.jack_set_xrun_callback

#endif
