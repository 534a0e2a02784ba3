/* SPDX-License-Identifier: MIT */
/* render.h - one offline render, between its parts (render.c, render_loop.c, render_options.c). */
#ifndef DMUS_PLAYER_RENDER_H
#define DMUS_PLAYER_RENDER_H

#include "bank.h"
#include "errors.h"
#include "loader.h"
#include "render_output.h"
#include "report.h"
#include "route.h"
#include "song.h"
#include "song_buffers.h"

/* The mix level, set through the Volume property, 1/100 dB. Studio: the loudest of the 31 songs of openttd-openmsx and the demo
 * song peaks at -0.9 dBFS with TimGM6mb (flying_scotsman) and at -2.0 dBFS with FluidR3_GM, effects on, `dmus render
 * --dry-run`: none clips 16 bit at 0 dB of gain. Native: what DirectMusic's port sets (native-behaviour.md 10). */
#define STUDIO_LEVEL (-1000)
#define NATIVE_LEVEL (-600)

struct render {
    struct dmus_song *song;
    struct dmus_bank *const *banks;
    size_t bank_count;
    struct dmus_render_options options;
    struct dmus_output output;

    struct selection selection;
    struct render_output out;
    bool out_open;
    const struct route_ops *ops;
    struct route *route;
    struct loader loader;
    struct song_buffers events;
    struct dmus_report *report;
    struct dm_notes notes;      /* into the report's remarks */

    int64_t position;           /* next frame to render */
    int64_t song_end, last_event; /* frames */
    int64_t started_100ns, first_frame_100ns; /* clock_now_100ns */
    bool tail_cut;
    uint64_t clipped_before; /* samples that the engine limited, and its peak, before the part that is written */
    float peak_before;
};

/* Fill in defaults and check ranges. DM_ERR_ARGUMENT. */
enum dm_status render_check(const struct dmus_render_options *options, const struct dmus_output *output,
                            struct dmus_render_options *checked, struct dmus_output *checked_output,
                            struct dm_error *err);

/* The route that checked OPTIONS mean, for PORTS ports, into OUTPUT. */
struct route_config render_route_config(const struct dmus_render_options *options, uint32_t ports, struct audio_output *output,
                                        bool float_samples);

/* Play the whole song through the open route. DM_ERR_WRITE, PLAYER_CANCELLED, DM_ERR_NOMEM. */
enum dm_status render_song(struct render *r, struct dm_error *err);

#endif
