/* SPDX-License-Identifier: MIT */
/*
 * synth.h - the DLS synthesizer engine, as its two hosts (user/ and the
 * kernel-mode miniport) see it.
 *
 * The engine is freestanding: no libc beyond mem*, no OS, own math. It knows
 * instruments only as DMUS download images and music only as MIDI messages
 * stamped with a sample position.
 *
 * Threads. Two sides may run at the same time:
 *   control side  every function marked [control]. The host serialises them
 *                 with a lock of its own.
 *   render side   the functions marked [render]: one thread at a time.
 * The sides share nothing but lock-free lists and single atomic words. The
 * render side never allocates, frees, locks, waits, logs or calls the system.
 *
 * Same input, same bits: the output depends on the stamped events and on the
 * first position, not on how the caller cuts the stream into blocks.
 *
 * Signal scale: 1.0 is full scale of the 16-bit output.
 */
#ifndef DMUS_SYNTH_SYNTH_H
#define DMUS_SYNTH_SYNTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct synth;
struct synth_download; /* opaque handle of one downloaded object */

enum synth_status {
    SYNTH_OK = 0,
    SYNTH_NOMEM,
    SYNTH_BAD_ARGUMENT,
    SYNTH_UNKNOWN_DOWNLOAD, /* the names of spec/ddi-user.md section 6.8, one each */
    SYNTH_BAD_OFFSET_TABLE,
    SYNTH_BAD_INSTRUMENT,
    SYNTH_BAD_ARTICULATION,
    SYNTH_NO_ARTICULATION,
    SYNTH_BAD_WAVE,
    SYNTH_NOT_PCM,
    SYNTH_NOT_MONO,
    SYNTH_BAD_WAVE_LINK,
    SYNTH_NOT_FOUND, /* unknown handle or download id */
    SYNTH_BUSY       /* a stream, or a buffer of one, that is still playing */
};

/* All memory comes from here, only on the control side. alloc returns zeroed memory aligned to
 * 64 bytes, or NULL; free takes NULL. */
struct synth_memory {
    void *(*alloc)(void *ctx, size_t size);
    void (*free)(void *ctx, void *block);
    void *ctx;
};

enum synth_profile {
    SYNTH_NATIVE, /* as Microsoft's synth was measured (spec/native-behaviour.md) */
    SYNTH_STUDIO  /* as the DLS 2 specification says */
};

enum synth_interpolation {
    SYNTH_NEAREST,
    SYNTH_LINEAR,
    SYNTH_CUBIC,  /* 4-point Hermite; default of SYNTH_NATIVE is SYNTH_LINEAR */
    SYNTH_SINC16, /* default of SYNTH_STUDIO */
    SYNTH_SINC32
};

#define SYNTH_EFFECT_REVERB 1u /* values of DMUS_EFFECT_* */
#define SYNTH_EFFECT_CHORUS 2u

/* Threads of the host that help to render. RUN calls WORK(ARG, n) once for each n of 0..count-1, one of them on the calling thread
 * and the others at the same time, and returns when all have returned; it is called several times per render. The sound has the
 * same bits with any number. */
struct synth_workers {
    void (*run)(void *ctx, void (*work)(void *arg, uint32_t n), void *arg);
    void *ctx;
    uint32_t count; /* 0 or 1: none */
};
#define SYNTH_WORKERS_MAX 64u

struct synth_config {
    uint32_t sample_rate; /* Hz, 8000..192000 */
    uint32_t channels;    /* 1 or 2 */
    uint32_t voices;      /* 1..16384; fading stolen voices come on top */
    uint32_t groups;      /* channel groups of 16 channels, 1..1000 */
    uint32_t effects;     /* SYNTH_EFFECT_* */
    enum synth_profile profile;
    enum synth_interpolation interpolation;
    bool dither; /* TPDF dither of the 16-bit output (fixed sequence: same input, same bits) */
    uint32_t cpu; /* CPU_* of base/cpu.h that this machine has and the engine may use; 0: plain C. The bits are the same. */
    struct synth_workers workers;
    bool bare_instruments; /* those of type 3 without any articulation play in SYNTH_NATIVE, too, as in SYNTH_STUDIO */
};

/* ---- life [control] ---------------------------------------------------- */

/* SYNTH_OK and *out, or SYNTH_NOMEM / SYNTH_BAD_ARGUMENT and *out NULL, nothing leaked. MEM is copied;
 * its ctx must outlive the synth. What no voice or effect has needed yet is not touched: a host for which a page fault is too much
 * in Render locks its memory first. */
enum synth_status synth_create(const struct synth_config *config, const struct synth_memory *mem, struct synth **out);

/* No render may be in flight. Downloads that were not collected are given up: the host walks them first with
 * synth_unload and synth_collect if it owes callbacks. NULL allowed. */
void synth_destroy(struct synth *synth);

/* ---- downloads [control] ----------------------------------------------- */

/* Check and publish the download image at IMAGE (spec/ddi-user.md section 6; types 4 to 6: download_play.c), SIZE readable
 * bytes. The image's own cbSize must not exceed SIZE. *keeps is set true if the engine goes on reading IMAGE
 * (waves, buffers of streams) until the handle is collected. Acts at once, also while rendering. A refused image leaves no
 * trace. A wave keeps its caller's memory unless its samples are misaligned for 16 bit (then it is copied). */
enum synth_status synth_download(struct synth *synth, const void *image, size_t size, struct synth_download **out,
                                 bool *keeps);

/* Withdraw a download: later notes do not find it. TAG comes back from synth_collect. The handle is finished once
 * no instrument and no voice uses it. SYNTH_NOT_FOUND for a handle that is not loaded (any pointer value is safe). */
enum synth_status synth_unload(struct synth *synth, struct synth_download *download, void *tag);

/* Take one finished handle off the retired list: true, and its handle value (now dead) and tag. To be called
 * until it gives false after synth_unload and now and then while rendering. Never waits for the render side. */
bool synth_collect(struct synth *synth, struct synth_download **download, void **tag);

/* Every loaded handle in turn; start with NULL. For Close. */
struct synth_download *synth_next_download(struct synth *synth, struct synth_download *after);

/* ---- voices of the DirectX 8 API [control] ------------------------------ */

/* None of this is documented anywhere public; what the names do not say is ours (plays.h, stream.h, buses.h). */

#define SYNTH_STREAM_BUFFERS_MAX 256u /* of one wave articulation */

struct synth_voice {
    uint32_t id;             /* the caller's name for the voice */
    uint32_t group, channel; /* 1.., 0..15 */
    uint32_t download_id;    /* dwDLId of a one-shot wave or, before that, of a wave articulation */
    int32_t pitch_cents;     /* limited to +-12000 */
    int32_t volume_cb10;     /* 1/100 dB, limited to -20000..2000 */
    uint64_t start;          /* samples of the wave: where to begin ... */
    uint64_t loop_start, loop_end; /* ... and what to repeat, the end not included; equal: nothing. Streams: both 0 */
};

/* Start a voice at stream position SAMPLE; ordered with the messages of synth_play. It ends a voice that then sounds under
 * the same id. SYNTH_NOT_FOUND: no such download. SYNTH_BAD_ARGUMENT: no such channel, or positions outside the wave.
 * SYNTH_BUSY: the stream is queued or playing already. SYNTH_NOMEM. A voice that finds no slot when it is due is lost. */
enum synth_status synth_play_voice(struct synth *synth, int64_t sample, const struct synth_voice *voice);
/* End the voices that sound under ID at SAMPLE, with the release of the default articulation. SYNTH_NOMEM. */
enum synth_status synth_stop_voice(struct synth *synth, int64_t sample, uint32_t id);
/* true while a voice ID is queued or sounds: *position is the sample of the wave that it had reached after the last render
 * (inside the loop, if it loops), in a stream the number of samples played since its first buffer. */
bool synth_voice_position(const struct synth *synth, uint32_t id, uint64_t *position);
/* The buffer DOWNLOAD_ID of a stream holds new samples: its cbWaveData is read again, and it will be played when its turn comes.
 * LAST: the stream ends with it. While its stream plays only a buffer that was played may be filled; one that was not can
 * still be declared the last. SYNTH_NOT_FOUND, SYNTH_BUSY (not played yet), SYNTH_BAD_WAVE (larger than at its download). */
enum synth_status synth_refresh(struct synth *synth, uint32_t download_id, bool last);

#define SYNTH_BUSES_MAX 32u /* of one channel */

/* Voices that start on CHANNEL (0..15) of GROUP from now on go to BUSES, COUNT DSBUSID numbers, in the way of buses.h; those
 * that sound keep theirs. COUNT 0: to none. SYNTH_BAD_ARGUMENT, SYNTH_NOMEM. */
enum synth_status synth_assign_buses(struct synth *synth, uint32_t group, uint32_t channel, const uint32_t *buses,
                                     uint32_t count);

/* ---- events and settings [control] ------------------------------------- */

/* Queue one MIDI message (1..3 bytes with its own status) or one whole system exclusive (F0 ... F7) to sound at stream
 * position SAMPLE. GROUP: 1..n, or 0 for all groups. Equal positions keep their order of arrival; a position already
 * rendered acts at the start of the next render. BYTES are copied. Messages to groups beyond the count are dropped when due.
 * SYNTH_NOMEM, SYNTH_BAD_ARGUMENT (not a message). */
enum synth_status synth_play(struct synth *synth, int64_t sample, uint32_t group, const uint8_t *bytes, size_t size);

/* Whether synth_play and synth_post would take BYTES. Any thread. */
bool synth_message_valid(const uint8_t *bytes, size_t size);
/* Room for COUNT messages of synth_post waiting at a time (at first none). No render in flight. SYNTH_NOMEM. */
enum synth_status synth_reserve(struct synth *synth, uint32_t count);

enum synth_status synth_set_groups(struct synth *synth, uint32_t groups);
enum synth_status synth_set_channel_priority(struct synth *synth, uint32_t group, uint32_t channel, uint32_t priority);
enum synth_status synth_get_channel_priority(struct synth *synth, uint32_t group, uint32_t channel, uint32_t *priority);

/* Volume property items 0 and 1, 1/100 dB, clamped to -20000..2000; their sum is in force from the next render on, ramped. */
void synth_set_volume(struct synth *synth, uint32_t item, int32_t cb10);
void synth_set_effects(struct synth *synth, uint32_t effects);
uint32_t synth_effects(const struct synth *synth);

/* Parameters of GUID_DMUS_PROP_WavesReverb: dB, dB, ms, ratio; clamped to the ranges of spec/ddi-user.md section 5.7. */
struct synth_reverb {
    float in_gain_db, mix_db, time_ms, hf_ratio;
};
void synth_set_reverb(struct synth *synth, const struct synth_reverb *reverb);
void synth_get_reverb(const struct synth *synth, struct synth_reverb *reverb);

/* Forget all queued events and silence every voice; channels return to power-on state. No render in flight. */
void synth_reset(struct synth *synth);
/* The same, but channels, figures and missing patches stay as they are. No render in flight. */
void synth_stop(struct synth *synth);

/* ---- reports [control], may be called while rendering ------------------- */

struct synth_stats {
    uint32_t voices;       /* sounding now, fading ones not counted */
    uint32_t voices_peak;  /* since synth_reset_stats */
    uint32_t notes_lost;   /* voices stolen or refused since synth_reset_stats */
    uint32_t events_late;
    uint64_t notes_missing;  /* note-ons that found no instrument or region */
    uint64_t samples_clipped;/* 16-bit output samples that were limited */
    uint64_t frames;         /* rendered */
    float peak;              /* largest absolute output sample, 1.0 is full scale */
    uint64_t wave_bytes;     /* sample data held by downloads */
    uint32_t queued_events;  /* taken and not yet done; those done go off at the end of a render */
};
void synth_get_stats(const struct synth *synth, struct synth_stats *out);
void synth_reset_stats(struct synth *synth);

/* The INDEXth distinct patch whose notes were dropped, in order of first miss (at most 256 are remembered); false past
 * the end. has_instrument: the patch exists, but none of its regions takes the key. */
struct synth_missing {
    uint32_t patch; /* bits as in DMUS_INSTRUMENT.ulPatch */
    uint32_t group, channel; /* of the first one */
    uint32_t count;
    uint8_t key;
    bool has_instrument;
};
bool synth_get_missing(const struct synth *synth, uint32_t index, struct synth_missing *out);

/* Meters: from the next render on each part's voices are counted and looked at once every 1024 frames, in the groups that there are
 * now. No render in flight. SYNTH_NOMEM. */
enum synth_status synth_watch_levels(struct synth *synth);
struct synth_level {
    uint32_t voices; /* of notes, held or dying away */
    float level_db;  /* of the loudest, in the louder channel of the output; -200 and less: none */
};
/* As of the last look. CHANNEL: the part 0..15. false: nobody watches, or no such part. Any thread. */
bool synth_get_level(const struct synth *synth, uint32_t group, uint32_t channel, struct synth_level *out);

/* ---- rendering [render] -------------------------------------------------- */

/* Produce the next FRAMES frames, whose first has stream position POSITION, interleaved, overwriting OUT. Both continue the
 * same stream and may be mixed. Events due inside the block act at their frame. */
void synth_render_s16(struct synth *synth, int64_t position, uint32_t frames, int16_t *out);
void synth_render_f32(struct synth *synth, int64_t position, uint32_t frames, float *out);

/* The same stream as one buffer of FRAMES samples per bus: OUT[i] gets what goes to bus BUSES[i] and is overwritten; buses
 * that are not among the COUNT are not heard. An id listed twice is served once; the other buffer is silence. A synth
 * with one channel has the same signal on 0 and 1. */
void synth_render_buses(struct synth *synth, int64_t position, uint32_t frames, float *const *out, const uint32_t *buses,
                        uint32_t count);

#define SYNTH_POST_MAX 20u

/* A message of at most SYNTH_POST_MAX bytes, as synth_play takes it, from the render thread itself, between its renders: for input
 * that a device hands over together with its demand for sound. false: no message, or more are waiting than synth_reserve made room
 * for. */
bool synth_post(struct synth *synth, int64_t sample, uint32_t group, const uint8_t *bytes, size_t size);

/* What the last render left: voices sounding, and notes lost since synth_create or synth_reset. */
void synth_load(const struct synth *synth, uint32_t *voices, uint32_t *notes_lost);
/* The largest magnitude of its values, 1.0 = full scale, before the limits of 16 bit. */
float synth_peak(const struct synth *synth);

/* true when no voice sounds, no event is queued and the effects' tails are below -100 dBFS. */
bool synth_silent(const struct synth *synth);

#endif
