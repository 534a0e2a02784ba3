/* SPDX-License-Identifier: MIT */
/*
 * group.h - the inside of the mixer: voices in groups of eight lanes, and what
 * voice*.c (life and control of one voice), oscillator.c, mixer*.c (groups and
 * rendering) and effects_bus.c share. Internal to the engine; render side.
 *
 * Time. mixer->cell_pos is the next frame's place in its grid cell. Control
 * runs at the start of each cell (voice_cell with 64 frames to go) and once at
 * the start of a voice for what is left of its first cell. Everything else
 * happens at exact frames.
 *
 * A voice lives in a lane, not in its slot: lanes are taken lowest first, and
 * at grid points voices move together (mixer_pack.c), so that the groups in
 * use are full in whatever order notes begin and end. The lane that a voice
 * gets follows from the stream alone.
 */
#ifndef DMUS_SYNTH_GROUP_H
#define DMUS_SYNTH_GROUP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "control.h"
#include "effects.h"
#include "envelope.h"
#include "filter.h"
#include "kernels.h"
#include "lfo.h"
#include "memo.h"
#include "modulation.h"
#include "source.h"
#include "voice.h"

#define STEP_MAX ((int64_t)1024 << 32)
#define SCRATCH_SAMPLES (2048u + INTERP_TAPS_MAX)

#define SEAM_SAMPLES 512u
#define SEAM_LAP_MAX 1024  /* longer loops end too seldom */
#define SEAMS_MAX 4096u

enum { TOUCHED_MAX = 64, KNOWN_PARTS = 64 };

/* Where a voice is in its wave: all that a cell of a voice at rest looks at, a line of the cache. */
struct oscillator {
    int64_t pos, step, slope;  /* 32.32; the step changes by slope per frame */
    const struct interp_level *level;
    const int16_t *samples;    /* windows within [direct_from, direct_end) are read in place; NULL: none is */
    int32_t direct_from, direct_end;
    int32_t lap;               /* loop length, 0: no loop; windows from WRAP_AT - INTERP_TAPS_MAX on may begin a lap earlier */
    int32_t wrap_at;           /* from this frame on laps are to be taken off */
    int32_t over_at;           /* from this frame on the data may be over */
    int32_t seam_from;         /* position in the stream where the lane's seam begins; INT32_MAX: it holds nothing of this voice */
};

/* The stream around the end of a short loop, one sample after the other, and INTERP_SLACK more of whatever. Filled when the first
 * window goes beyond the loop: what was copied for each, a vector kernel could not load before it had arrived in the cache. */
struct seam {
    _Alignas(64) int16_t samples[SEAM_SAMPLES];
};

struct voice {
    struct listener who;
    const struct region *region;
    voice_slot slot;
    uint32_t serial;           /* of the start, to tell a lane's successive voices apart */
    struct oscillator *osc;    /* the lane's */
    uint64_t born;             /* mixer->clock at the start */
    bool released;

    /* oscillator */
    struct source source;
    uint32_t master_lane, master_serial; /* phase lock; VOICE_NONE: free */

    /* pitch, cents */
    double pitch_fixed;        /* key, unity, fine tune */
    double tune;               /* from voice_params */
    float key_tuning;          /* of the note, cents ... */
    uint32_t retuned;          /* ... as of this state of the channel */
    double glide_rate;         /* cents per frame */

    /* articulation */
    float note_sum[DEST_COUNT];
    struct modulation mod;     /* its sums of gain and pitch may be old: those of struct control are led */
    struct eg1 eg1;
    struct eg2 eg2;
    double release_frames;     /* of the release in progress, full travel */

    /* gain: dB, and linear per unit of the 16-bit source */
    float fixed_db, pan;       /* region and voice_params */
    bool pan_known;            /* the next three are set */
    float panned, pan_left, pan_right; /* pan law's gains for PANNED */
    float note_gain;           /* linear, of region, key and velocity alone */

    /* filter, cents and dB */
    bool filtered;
    float cutoff_offset;       /* from voice_params */

    const struct bus_list *buses; /* NULL: plain path */
};

/* What every cell of every group looks at comes first; VOICE only where something moves. */
struct group {
    struct lanes lanes;
    uint32_t left[LANES];     /* frames until the envelope's next segment */
    uint32_t mask;            /* lanes in use */
    uint32_t still_mask;      /* lanes where nothing moves until channel or master do */
    uint32_t falls_mask;      /* lanes whose envelope will only fall, and far: they may be found inaudible */
    uint32_t filter_mask, slave_mask;
    uint32_t sliding_mask;    /* lanes whose oscillator may have a slope, or another step than step_next */
    uint32_t path_mask;       /* lanes whose filter moves fast: its coefficients are led in parts of a cell */
    uint32_t odd_mask;        /* lanes whose control is not for the kernel: voice by voice */
    uint32_t eg2_mask;        /* lanes whose articulation reads EG2 */
    uint32_t bus_mask;        /* lanes with buses of their own: the group is rendered aside */
    uint32_t done_mask;       /* lanes that fell silent since mixer_settle */
    bool unsettled;
    unsigned features;
    unsigned room;            /* the list of groups with room that it is in */
    double level[LANES], factor[LANES], add[LANES]; /* the envelope at the next grid point, and what a cell does to it */
    float last[LANES];        /* latest samples of the oscillators */
    struct oscillator osc[LANES];
    const struct channel *channel[LANES];
    uint32_t channel_version[LANES], master_version[LANES]; /* taken into account */
    uint32_t listens[LANES];  /* CHANNEL_* */
    const struct artic *artic[LANES]; /* NULL: not one whose voices share what the channel adds */
    int64_t step_next[LANES]; /* of the oscillators at the next grid point */
    struct control control;
    struct voice voice[LANES];
    struct lanes_path path;   /* of the lanes in path_mask */
};

/* Lists of groups with room */
enum { ROOM_EMPTY, ROOM_PLAIN, ROOM_FILTERED, ROOM_BUSES, ROOM_KINDS };

struct effects_bus; /* effects_bus.c */

#define SECTION_GROUPS 16u       /* 128 voices: what adding it to the others takes is lost among them */
#define SECTION_SOUNDS 0x80000000u /* beside LANES_*: a group is in use */

/* What a section of groups comes to in a span. */
struct section {
    _Alignas(64) float bus[BUS_COUNT][MIXER_GRID];
    unsigned features; /* says which buses; 0: none */
    bool unsettled;    /* a group of it is */
    atomic_uint round; /* that it was last taken in */
};

/* What a thread needs while it renders. */
enum { CHANNEL_PARTS = 16, CHANNEL_SUMS = 64 };
struct workspace {
    struct channel_part part[CHANNEL_PARTS];
    struct channel_sum gain[CHANNEL_SUMS], pitch[CHANNEL_SUMS];
    struct mix mix, aside;
    _Alignas(64) float x[LANES_GROUPS * LANES][MIXER_GRID];
    _Alignas(64) float work[SCRATCH_SAMPLES];
    _Alignas(64) int16_t scratch[SCRATCH_SAMPLES + INTERP_SLACK];
};

struct mixer {
    struct synth_memory memory;
    uint32_t sample_rate;
    bool mono;
    const struct profile *profile;
    const struct kernels *kernels;
    interp_fn *interp;
    struct interp_family family;
    void *interp_table;
    struct filter_table filter_table;

    struct control_rules rules;
    double fade_frames;       /* of steals and of releases shorter than that */

    uint64_t clock;           /* frames rendered */
    uint32_t cell_pos, serial;
    uint32_t slots, group_count, groups_high; /* groups beyond groups_high are empty */
    uint32_t groups_made;                     /* those from here on were never used, and never touched */
    uint32_t active;
    struct group *groups;
    struct seam *seams;       /* per lane */
    uint32_t seam_count;      /* lanes beyond have none: memory is not for all that there could be */
    uint32_t *lane_of;        /* per slot, VOICE_NONE when it has none */
    uint64_t *finished;       /* bit per slot */
    uint32_t finished_count;
    /* Voices that play a stream, are locked to another's phase, have buses of their own: looking at each group's masks for that
     * would fetch them from other threads' caches. */
    uint32_t streams, slaves, aside;
    uint64_t *room[ROOM_KINDS];  /* bit per group: empty; has room and is plain, is filtered, has lanes with buses of their own */
    uint64_t room_words[ROOM_KINDS]; /* bit per word of these that is not 0 */
    bool ended;               /* a voice, since mixer_pack */
    bool next_filtered, next_buses; /* as the last voice was: of which kind the next may be ... */
    uint32_t fetched;         /* ... and the group whose memory was fetched for it, ... */
    uint64_t fetched_at;      /* ... when the clock stood here */

    uint32_t effects;
    struct effects_bus *bus;

    struct channel *touched[TOUCHED_MAX]; /* channels with something in TOUCHED */
    uint32_t touched_count;
    struct memo memo_table;
    struct memo *memo;        /* it, while a voice starts; else NULL */
    struct channel_part known[KNOWN_PARTS]; /* by notes before */

    struct synth_workers workers; /* count is at least 1 */
    struct workspace *space;   /* per worker */
    struct section *section;
    uint32_t round;            /* counts run_sections */
    _Alignas(64) float sends[4][MIXER_GRID];
    uint32_t sends_clear;      /* bit per send: nothing stands in it */
};

static inline struct voice *voice_in(const struct mixer *mixer, uint32_t lane)
{
    return &mixer->groups[lane / LANES].voice[lane % LANES];
}

/* 2^x, the ratio of CENTS, the gain of DB: as fm_exp2 and friends have them */
static inline double mixer_exp2(const struct mixer *mixer, double x)
{
    return mixer->memo ? memo_exp2(mixer->memo, x) : fm_exp2(x);
}

static inline double mixer_ratio(const struct mixer *mixer, double cents)
{
    return mixer_exp2(mixer, cents * (1.0 / 1200.0));
}

static inline double mixer_gain(const struct mixer *mixer, double db)
{
    return mixer_exp2(mixer, db * FM_OCTAVES_PER_DB);
}

/* The louder side of what lane N is led to */
static inline float voice_loudest(const struct group *g, uint32_t n)
{
    float left = g->control.next[WAY_LEFT][n], right = g->control.next[WAY_RIGHT][n];
    return left > right ? left : right;
}

/* Past the last group of SECTION that may be in use */
static inline uint32_t mixer_section_end(const struct mixer *m, uint32_t section)
{
    uint32_t end = (section + 1) * SECTION_GROUPS;
    return end < m->groups_high ? end : m->groups_high;
}

/* Frames from the next frame to the next grid point that is still to be entered. */
static inline uint32_t frames_to_grid(uint32_t cell_pos)
{
    return (MIXER_GRID - cell_pos) % MIXER_GRID;
}

/* voice.c */
void voice_start(struct mixer *mixer, uint32_t lane, const struct voice_params *params);
void voice_release(struct mixer *mixer, uint32_t lane, bool shutdown);
void voice_fade(struct mixer *mixer, uint32_t lane);
void voice_envelope_next(struct mixer *mixer, uint32_t lane, uint32_t cell_pos);
bool voice_inaudible(const struct mixer *mixer, uint32_t lane, float e); /* E: its envelope */
void voice_retune(struct mixer *mixer, uint32_t lane, uint8_t note, uint8_t key, float glide_rate);

/* voice_channel.c */
/* Lanes of a group, a bit each, that are to look at channel and master again: at all of it, or only at what was touched */
struct outdated {
    uint32_t whole, touched;
};
static inline void voice_look(const struct group *g, uint32_t n, struct outdated *outdated)
{
    const struct channel *channel = g->channel[n];
    const bool other = g->channel_version[n] != channel->version || g->master_version[n] != channel->master->version;
    outdated->whole |= (uint32_t)other << n;
    outdated->touched |= (uint32_t)((g->listens[n] & channel->touched) != 0) << n;
}
/* They do, within a round of sections. */
void voice_refresh(struct mixer *mixer, struct workspace *space, uint32_t index, const struct outdated *outdated);

/* voice_control.c */
void voice_cell(struct mixer *mixer, uint32_t lane, uint32_t frames);
/* Lanes of a group, a bit each */
struct moving {
    uint32_t group, lanes;
};
void voice_cells(struct mixer *mixer, const struct moving *moving, uint32_t count); /* voice_cell of whole cells */
void voice_follow(struct mixer *mixer, uint32_t lane); /* a phase-locked voice takes over its master's steps */

/* gain.c */
void voice_gain_fixed(struct mixer *mixer, struct voice *v, float extra_db); /* what note-on settles */
/* Wanted gains out of sum_db and mod; LIVE: what generators add to pan and sends. */
void voice_gain_wanted(struct mixer *mixer, uint32_t lane, const float live[LIVE_COUNT]);
/* Factor for DB that generators add to the gain, and for the LFO's amplitude depth. */
float voice_gain_tremolo(const struct mixer *mixer, uint32_t lane, float db, float lfo);

/* pitch.c */
double voice_pitch_fixed(const struct region *region, const struct artic *artic, uint8_t key);
/* Samples per frame scaled by 2^32, not yet limited and rounded; RATE: those at no cents. */
double voice_step(const struct mixer *mixer, double rate, double cents);
static inline int64_t voice_step_whole(double step)
{
    return step < (double)STEP_MAX ? (int64_t)(step + 0.5) : STEP_MAX;
}

/* oscillator.c */
void voice_oscillate(const struct mixer *mixer, struct workspace *space, uint32_t lane, float *out, uint32_t frames);
bool voice_data_over(const struct voice *v);
void voice_wrap(struct voice *v); /* laps of the loop off the position; once per cell keeps it small */
void voice_limits(struct voice *v); /* the limits of osc, after the source changed */

/* mixer.c */
void mixer_lane_done(struct mixer *mixer, uint32_t lane); /* silent: lane and slot are free */
void mixer_lane_filtered(struct mixer *mixer, uint32_t lane);
void mixer_settle(struct mixer *mixer, uint32_t group); /* after either: bring the lists up to date */
void mixer_forget_touched(struct mixer *mixer);
void mixer_clear_lane(struct group *group, uint32_t n);
void mixer_file_group(struct mixer *mixer, uint32_t group); /* in the list of groups with room where it belongs now */

/* mixer_pack.c */
/* At a grid point, before its control: fewer groups for the voices that are left. */
void mixer_pack(struct mixer *mixer);
/* The voice in lane FROM goes to the empty lane TO, of a group that was used before. It has no buses of its own. */
void mixer_move(struct mixer *mixer, uint32_t from, uint32_t to);
/* Of it, what lies in arrays: lane N of one group to lane T of the other */
void mixer_copy_lane(const struct group *from, uint32_t n, struct group *to, uint32_t t);

/* mixer_control.c */
unsigned mixer_features(const struct mixer *mixer, const struct group *g); /* what its lanes need of the kernels */
void mixer_control_section(struct mixer *mixer, struct workspace *space, uint32_t section); /* of the cell that begins */

/* mixer_render.c */
/* COUNT groups (LANES_GROUPS at most) at INDICES into MIX: cut where an envelope goes on to its next segment. FRESH: LANES_FRESH,
 * or 0: added to what is there. Returns their features. */
unsigned mixer_render_groups(struct mixer *mixer, struct workspace *space, const uint32_t *indices, uint32_t count, uint32_t frames,
                             struct mix *mix, unsigned fresh);

/* mixer_buses.c */
/* The same into MIX and OUTPUTS, each lane to its own buses; lanes without add the very bits that they would in the plain
 * path. */
void mixer_render_aside(struct mixer *mixer, struct workspace *space, uint32_t index, uint32_t frames, struct mix *mix,
                        const struct bus_outputs *outputs);
/* Hand the sends FIRST and FIRST+1 to the output for bus ID. false: there is none, the engine's effect gets them. */
bool mixer_collect_send(struct mixer *mixer, const struct bus_outputs *outputs, uint32_t id, unsigned first, uint32_t frames);
void mixer_clear_outputs(const struct bus_outputs *outputs, uint32_t frames);
/* Left and right to the outputs for these buses. */
void mixer_fill_outputs(const struct bus_outputs *outputs, const float *left, const float *right, uint32_t frames);

/* effects_bus.c */
size_t effects_bus_size(uint32_t sample_rate);
struct effects_bus *effects_bus_init(void *mem, uint32_t sample_rate);
/* Add the effects of what the sends brought (mixer->sends, order of enum mix_bus) to LEFT and RIGHT. REVERB, CHORUS: some
 * voice sends. GRID: the span starts a cell. */
void effects_bus_render(struct mixer *mixer, bool reverb, bool chorus, bool grid, float *left, float *right, uint32_t frames);
bool effects_bus_idle(const struct effects_bus *bus);
void effects_bus_clear(struct effects_bus *bus);

#endif
