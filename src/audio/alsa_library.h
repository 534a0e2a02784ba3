/* SPDX-License-Identifier: MIT */
/* alsa_library.h - libasound.so.2, loaded on demand: see base/library.h. Internal to the room. */
#ifndef DMUS_AUDIO_ALSA_LIBRARY_H
#define DMUS_AUDIO_ALSA_LIBRARY_H

#include <alsa/asoundlib.h>

#include "base/library.h"

#define ALSA_FUNCTIONS(F) \
    F(snd_device_name_free_hint) F(snd_device_name_get_hint) F(snd_device_name_hint) F(snd_lib_error_set_handler) \
    F(snd_midi_event_decode) F(snd_midi_event_encode) F(snd_midi_event_free) F(snd_midi_event_new) F(snd_midi_event_no_status) \
    F(snd_pcm_avail_update) F(snd_pcm_close) F(snd_pcm_delay) F(snd_pcm_drop) F(snd_pcm_format_physical_width) \
    F(snd_pcm_hw_params) F(snd_pcm_hw_params_any) F(snd_pcm_hw_params_free) F(snd_pcm_hw_params_malloc) \
    F(snd_pcm_hw_params_set_access) F(snd_pcm_hw_params_set_buffer_size_near) F(snd_pcm_hw_params_set_channels) \
    F(snd_pcm_hw_params_set_channels_first) F(snd_pcm_hw_params_set_channels_min) F(snd_pcm_hw_params_set_format) \
    F(snd_pcm_hw_params_set_period_size_near) F(snd_pcm_hw_params_set_rate) F(snd_pcm_hw_params_set_rate_near) \
    F(snd_pcm_hw_params_set_rate_resample) F(snd_pcm_hw_params_test_channels) F(snd_pcm_hw_params_test_format) F(snd_pcm_open) \
    F(snd_pcm_prepare) F(snd_pcm_start) F(snd_pcm_state) F(snd_pcm_sw_params) F(snd_pcm_sw_params_current) \
    F(snd_pcm_sw_params_free) F(snd_pcm_sw_params_malloc) F(snd_pcm_sw_params_set_avail_min) \
    F(snd_pcm_sw_params_set_start_threshold) F(snd_pcm_wait) F(snd_pcm_writei) F(snd_rawmidi_close) F(snd_rawmidi_open) \
    F(snd_rawmidi_poll_descriptors) F(snd_rawmidi_read) F(snd_rawmidi_write) F(snd_seq_client_id) \
    F(snd_seq_client_info_get_client) F(snd_seq_client_info_get_name) F(snd_seq_client_info_set_client) \
    F(snd_seq_client_info_sizeof) F(snd_seq_close) F(snd_seq_connect_from) F(snd_seq_connect_to) F(snd_seq_create_simple_port) \
    F(snd_seq_event_input) F(snd_seq_event_input_pending) F(snd_seq_event_output_direct) F(snd_seq_open) \
    F(snd_seq_parse_address) F(snd_seq_poll_descriptors) F(snd_seq_port_info_get_capability) F(snd_seq_port_info_get_client) \
    F(snd_seq_port_info_get_name) F(snd_seq_port_info_get_port) F(snd_seq_port_info_set_client) F(snd_seq_port_info_set_port) \
    F(snd_seq_port_info_sizeof) F(snd_seq_query_next_client) F(snd_seq_query_next_port) F(snd_seq_set_client_name) \
    F(snd_seq_set_client_pool_input) F(snd_seq_set_client_pool_output) F(snd_strerror)

LIBRARY_DECLARE(alsa, ALSA_FUNCTIONS)

#define snd_device_name_free_hint              alsa_functions.snd_device_name_free_hint
#define snd_device_name_get_hint               alsa_functions.snd_device_name_get_hint
#define snd_device_name_hint                   alsa_functions.snd_device_name_hint
#define snd_lib_error_set_handler              alsa_functions.snd_lib_error_set_handler
#define snd_midi_event_decode                  alsa_functions.snd_midi_event_decode
#define snd_midi_event_encode                  alsa_functions.snd_midi_event_encode
#define snd_midi_event_free                    alsa_functions.snd_midi_event_free
#define snd_midi_event_new                     alsa_functions.snd_midi_event_new
#define snd_midi_event_no_status               alsa_functions.snd_midi_event_no_status
#define snd_pcm_avail_update                   alsa_functions.snd_pcm_avail_update
#define snd_pcm_close                          alsa_functions.snd_pcm_close
#define snd_pcm_delay                          alsa_functions.snd_pcm_delay
#define snd_pcm_drop                           alsa_functions.snd_pcm_drop
#define snd_pcm_format_physical_width          alsa_functions.snd_pcm_format_physical_width
#define snd_pcm_hw_params                      alsa_functions.snd_pcm_hw_params
#define snd_pcm_hw_params_any                  alsa_functions.snd_pcm_hw_params_any
#define snd_pcm_hw_params_free                 alsa_functions.snd_pcm_hw_params_free
#define snd_pcm_hw_params_malloc               alsa_functions.snd_pcm_hw_params_malloc
#define snd_pcm_hw_params_set_access           alsa_functions.snd_pcm_hw_params_set_access
#define snd_pcm_hw_params_set_buffer_size_near alsa_functions.snd_pcm_hw_params_set_buffer_size_near
#define snd_pcm_hw_params_set_channels         alsa_functions.snd_pcm_hw_params_set_channels
#define snd_pcm_hw_params_set_channels_first   alsa_functions.snd_pcm_hw_params_set_channels_first
#define snd_pcm_hw_params_set_channels_min     alsa_functions.snd_pcm_hw_params_set_channels_min
#define snd_pcm_hw_params_set_format           alsa_functions.snd_pcm_hw_params_set_format
#define snd_pcm_hw_params_set_period_size_near alsa_functions.snd_pcm_hw_params_set_period_size_near
#define snd_pcm_hw_params_set_rate             alsa_functions.snd_pcm_hw_params_set_rate
#define snd_pcm_hw_params_set_rate_near        alsa_functions.snd_pcm_hw_params_set_rate_near
#define snd_pcm_hw_params_set_rate_resample    alsa_functions.snd_pcm_hw_params_set_rate_resample
#define snd_pcm_hw_params_test_channels        alsa_functions.snd_pcm_hw_params_test_channels
#define snd_pcm_hw_params_test_format          alsa_functions.snd_pcm_hw_params_test_format
#define snd_pcm_open                           alsa_functions.snd_pcm_open
#define snd_pcm_prepare                        alsa_functions.snd_pcm_prepare
#define snd_pcm_start                          alsa_functions.snd_pcm_start
#define snd_pcm_state                          alsa_functions.snd_pcm_state
#define snd_pcm_sw_params                      alsa_functions.snd_pcm_sw_params
#define snd_pcm_sw_params_current              alsa_functions.snd_pcm_sw_params_current
#define snd_pcm_sw_params_free                 alsa_functions.snd_pcm_sw_params_free
#define snd_pcm_sw_params_malloc               alsa_functions.snd_pcm_sw_params_malloc
#define snd_pcm_sw_params_set_avail_min        alsa_functions.snd_pcm_sw_params_set_avail_min
#define snd_pcm_sw_params_set_start_threshold  alsa_functions.snd_pcm_sw_params_set_start_threshold
#define snd_pcm_wait                           alsa_functions.snd_pcm_wait
#define snd_pcm_writei                         alsa_functions.snd_pcm_writei
#define snd_rawmidi_close                      alsa_functions.snd_rawmidi_close
#define snd_rawmidi_open                       alsa_functions.snd_rawmidi_open
#define snd_rawmidi_poll_descriptors           alsa_functions.snd_rawmidi_poll_descriptors
#define snd_rawmidi_read                       alsa_functions.snd_rawmidi_read
#define snd_rawmidi_write                      alsa_functions.snd_rawmidi_write
#define snd_seq_client_id                      alsa_functions.snd_seq_client_id
#define snd_seq_client_info_get_client         alsa_functions.snd_seq_client_info_get_client
#define snd_seq_client_info_get_name           alsa_functions.snd_seq_client_info_get_name
#define snd_seq_client_info_set_client         alsa_functions.snd_seq_client_info_set_client
#define snd_seq_client_info_sizeof             alsa_functions.snd_seq_client_info_sizeof
#define snd_seq_close                          alsa_functions.snd_seq_close
#define snd_seq_connect_from                   alsa_functions.snd_seq_connect_from
#define snd_seq_connect_to                     alsa_functions.snd_seq_connect_to
#define snd_seq_create_simple_port             alsa_functions.snd_seq_create_simple_port
#define snd_seq_event_input                    alsa_functions.snd_seq_event_input
#define snd_seq_event_input_pending            alsa_functions.snd_seq_event_input_pending
#define snd_seq_event_output_direct            alsa_functions.snd_seq_event_output_direct
#define snd_seq_open                           alsa_functions.snd_seq_open
#define snd_seq_parse_address                  alsa_functions.snd_seq_parse_address
#define snd_seq_poll_descriptors               alsa_functions.snd_seq_poll_descriptors
#define snd_seq_port_info_get_capability       alsa_functions.snd_seq_port_info_get_capability
#define snd_seq_port_info_get_client           alsa_functions.snd_seq_port_info_get_client
#define snd_seq_port_info_get_name             alsa_functions.snd_seq_port_info_get_name
#define snd_seq_port_info_get_port             alsa_functions.snd_seq_port_info_get_port
#define snd_seq_port_info_set_client           alsa_functions.snd_seq_port_info_set_client
#define snd_seq_port_info_set_port             alsa_functions.snd_seq_port_info_set_port
#define snd_seq_port_info_sizeof               alsa_functions.snd_seq_port_info_sizeof
#define snd_seq_query_next_client              alsa_functions.snd_seq_query_next_client
#define snd_seq_query_next_port                alsa_functions.snd_seq_query_next_port
#define snd_seq_set_client_name                alsa_functions.snd_seq_set_client_name
#define snd_seq_set_client_pool_input          alsa_functions.snd_seq_set_client_pool_input
#define snd_seq_set_client_pool_output         alsa_functions.snd_seq_set_client_pool_output
#define snd_strerror                           alsa_functions.snd_strerror

#endif
