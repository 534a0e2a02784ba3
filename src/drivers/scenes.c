/* SPDX-License-Identifier: MIT */
#include "scene.h"

const struct scene_kind scene_kinds[] = {
    {"start", "the device is started, stopped, started again and removed", act_start_stop, 0, WDM_VIRTUAL, false},
    {"properties", "each property with values too small, exact and too large, on filter, pin and node", act_properties, 0,
     WDM_VIRTUAL, false},
    {"formats", "intersections of each pin's data ranges, with buffers of every size", act_intersections, 0, WDM_VIRTUAL, false},
    {"song", "notes, controllers and system exclusives, played, rendered, captured", act_song, 0, WDM_VIRTUAL, false},
    {"order", "events before RUN, after STOP, out of order, past and far ahead", act_rude_order, 0, WDM_VIRTUAL, false},
    {"empty", "events and writes of no bytes, slices of one frame", act_zero_length, 0, WDM_VIRTUAL, false},
    {"sysex", "system exclusives of 1 to 200000 bytes, in pieces, unfinished, with real-time bytes inside", act_sysex, 0,
     WDM_VIRTUAL, false},
    {"buffers-32", "song and system exclusives with allocator buffers of 32 bytes", act_buffers, 32, WDM_VIRTUAL, false},
    {"buffers-65535", "the same with buffers of 65535 bytes", act_buffers, 65535, WDM_VIRTUAL, false},
    {"drained", "the allocator has nothing more to give", act_drained, 0, WDM_VIRTUAL, false},
    {"memory", "the first, second, third ... allocation fails", act_no_memory, 0, WDM_VIRTUAL, true},
    {"states", "states change while events are on their way", act_states, 0, WDM_VIRTUAL, false},
    {"twice", "each pin is opened as often as it lets, played, and closed in another order", act_two_opens, 0, WDM_VIRTUAL, false},
    {"power", "the power goes and comes back in each state", act_power, 0, WDM_VIRTUAL, false},
    {"notify", "a storm of notifications, with and without listeners", act_notify, 0, WDM_VIRTUAL, false},
    {"teardown", "pins and filters closed in each state, in both orders", act_teardown, 0, WDM_VIRTUAL, false},
    {"removal", "the device removed with everything open, in each state", act_removal, 0, WDM_VIRTUAL, true},
    {"surprise", "the device gone while it plays", act_surprise, 0, WDM_VIRTUAL, true},
    {"slices", "sound in slices of 1 to 4096 frames, started again and again", act_slices, 0, WDM_VIRTUAL, false},
    {"threads", "real time: writes, properties, states and sound from four threads", act_threads, 0, WDM_REAL, false},
    {NULL, NULL, NULL, 0, WDM_VIRTUAL, false},
};
