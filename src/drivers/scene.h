/* SPDX-License-Identifier: MIT */
/*
 * scene.h - what the scenes of the battery are made of: a filter with its pins open, time that goes by, messages.
 *
 * Nothing here judges: refusals are a driver's right, and the rule book sees what is wrong. One thread.
 */
#ifndef DMUS_DRIVERS_SCENE_H
#define DMUS_DRIVERS_SCENE_H

#include "graph.h"
#include "listener.h"
#include "session.h"
#include "writer.h"

struct scene {
    const struct session_config *config;
    struct session session; /* started, unless the scene starts it itself */
    struct dm_error err;    /* why it could not be started */
};

struct scene_kind {
    const char *name, *what;
    void (*run)(struct scene *scene);
    uint32_t event_buffer_size; /* 0: 4096 */
    enum wdm_time time;
    bool unstarted;             /* the scene starts the session itself */
};
extern const struct scene_kind scene_kinds[]; /* ended by name NULL */

/* The pins of one filter. What could not be opened is NULL. */
struct stage {
    struct scene *scene;
    struct wdm_machine *machine;
    struct graph graph;
    struct host_filter *filter;
    struct host_pin *midi, *legacy, *wave, *capture;
    struct writer writer, legacy_writer;
    struct listener *listener; /* owns capture; NULL: nobody listens */
    uint32_t rate, channels;
    int16_t *frames; /* STAGE_FRAMES of them */
    unsigned refused; /* messages */
};
#define STAGE_FRAMES 4096u

enum { STAGE_MIDI = 1, STAGE_LEGACY = 2, STAGE_WAVE = 4, STAGE_CAPTURE = 8, STAGE_DEAF = 16 /* nobody reads the capture pin */,
       STAGE_ALL = STAGE_MIDI | STAGE_WAVE | STAGE_CAPTURE };

/* Open the pins WHICH (STAGE_ bits) of the host's filter number INDEX, in STOP. False past the last filter. A topology filter has none. */
bool stage_open(struct scene *scene, size_t index, unsigned which, struct stage *stage);
void stage_close(struct stage *stage);
/* Every open pin. */
void stage_state(struct stage *stage, KSSTATE state);
/* Time goes by, in steps of 10 ms; the wave is rendered and the capture read meanwhile. */
void stage_pass(struct stage *stage, unsigned ms);
void stage_render(struct stage *stage, uint32_t frames); /* at most STAGE_FRAMES */
int64_t stage_now(struct stage *stage); /* master clock */
/* To the MIDI pins that are open: bytes for AT ms from now, as one record. */
void stage_send(struct stage *stage, int at_ms, const void *bytes, uint32_t size);
void stage_note(struct stage *stage, int at_ms, uint8_t key, bool on);
/* A system exclusive of SIZE bytes, F0 ... F7. */
void stage_sysex(struct stage *stage, int at_ms, uint32_t size);
/* Half a second of notes, controllers and system exclusives. */
void stage_play(struct stage *stage);

/* scenes_*.c */
void act_start_stop(struct scene *scene);
void act_properties(struct scene *scene);
void act_intersections(struct scene *scene);
void act_song(struct scene *scene);
void act_rude_order(struct scene *scene);
void act_zero_length(struct scene *scene);
void act_sysex(struct scene *scene);
void act_buffers(struct scene *scene);
void act_drained(struct scene *scene);
void act_no_memory(struct scene *scene);
void act_states(struct scene *scene);
void act_two_opens(struct scene *scene);
void act_power(struct scene *scene);
void act_notify(struct scene *scene);
void act_teardown(struct scene *scene);
void act_removal(struct scene *scene);
void act_surprise(struct scene *scene);
void act_slices(struct scene *scene);
void act_threads(struct scene *scene);

#endif
