/* SPDX-License-Identifier: MIT */
/*
 * dmus.h - the C API of OpenDMus for applications: banks, songs, rendering.
 *
 *     struct dmus_error err = DMUS_INIT(dmus_error);
 *     struct dmus_song *song = NULL;
 *     struct dmus_bank *bank = NULL;
 *     struct dmus_render_options options = DMUS_INIT(dmus_render_options);
 *     struct dmus_output output = DMUS_INIT(dmus_output);
 *     dmus_render_defaults(&options);
 *     output.path = "out.wav";
 *     if (dmus_song_open("song.mid", &song, &err) || dmus_bank_open("bank.sf2", &bank, &err) ||
 *         dmus_render(song, &bank, 1, &options, &output, NULL, &err))
 *         fprintf(stderr, "%s\n", err.text);
 *     dmus_song_close(song);
 *     dmus_bank_close(bank);
 *
 * Structures. Every structure that crosses this border begins with its size,
 * which the caller sets (DMUS_INIT does) on input and output alike. Fields are
 * only ever added at the end: a library that knows more fills in what fits, a
 * field that the caller does not know of has the value zero, one that the
 * library does not know of is passed over on input and becomes zero on output.
 * A size smaller than the first published form, or beyond 65536, gives
 * DMUS_ERR_ARGUMENT.
 *
 * Errors. Functions that can fail return enum dmus_status, DMUS_OK (0) on
 * success. The struct dmus_error argument may be NULL; otherwise it is filled
 * on failure, and only then, with one line, no newline, that names file, place
 * and reason: "TimGM6mb.sf2: instrument 12 'Piano': ..."; one whose size is not
 * set is left alone. On failure every *out is NULL.
 * Any function may return DMUS_ERR_ARGUMENT (also for a NULL where this is not
 * allowed, a handle included) and DMUS_ERR_NOMEM; the others are listed where
 * they can occur. A handle that was closed must not be used. No function prints.
 *
 * Strings are UTF-8 and NUL-terminated. Those handed out belong to the handle
 * they came from and live as long as it does; those of functions without a
 * handle live for ever. Strings passed in are copied. Paths are bytes, as the
 * system has them.
 *
 * Threads. Different handles are independent. A bank and a song are unchanging
 * after they were opened: any number of threads may use one handle at once,
 * also several renders; what is built lazily inside is locked inside. The last
 * close must come after every other use has returned. Callbacks are called on
 * the thread that called the function, never on another, and may use any
 * function of this header but close of a handle in use. Nothing here is meant
 * for a real-time thread.
 *
 * Process. Signals are left alone: a program that writes to pipes ignores
 * SIGPIPE, and a pipe that was closed is DMUS_ERR_WRITE. Files are opened
 * close-on-exec.
 */
#ifndef DMUS_DMUS_H
#define DMUS_DMUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef DMUS_API
#ifdef __GNUC__
#define DMUS_API __attribute__((visibility("default")))
#else
#define DMUS_API
#endif
#endif

/* ---- version -------------------------------------------------------------- */

/* Of this header. The library's own may be newer: dmus_version. */
#define DMUS_VERSION_MAJOR 0
#define DMUS_VERSION_MINOR 1
#define DMUS_VERSION_PATCH 0

/* "0.1.0" of the library that runs. */
DMUS_API const char *dmus_version(void);
/* major << 16 | minor << 8 | patch of the library that runs. */
DMUS_API uint32_t dmus_version_number(void);

/* What the build can do, for --version: the INDEXth line for people ("loudness (libebur128)") with *available telling whether
 * it was built in (NULL allowed); NULL past the last. What is built in still needs its library when it is used. */
DMUS_API const char *dmus_build_feature(uint32_t index, bool *available);

/* ---- status and errors ----------------------------------------------------- */

enum dmus_status {
    DMUS_OK = 0,
    DMUS_ERR_NOMEM = -1,       /* an allocation failed */
    DMUS_ERR_OPEN = -2,        /* a file cannot be opened (the system's reason is in the text) */
    DMUS_ERR_READ = -3,        /* a file cannot be read to its end */
    DMUS_ERR_WRITE = -4,       /* an output cannot be written: disk full, no right, exists already, pipe closed */
    DMUS_ERR_FORMAT = -5,      /* the bytes are damaged beyond use, or nothing of what was asked for */
    DMUS_ERR_UNSUPPORTED = -6, /* well-formed, but of a kind that this build cannot handle */
    DMUS_ERR_ARGUMENT = -7,    /* an argument is out of range */
    DMUS_ERR_NOT_FOUND = -8,   /* there is no such thing (no bank anywhere, index past the end) */
    DMUS_ERR_DEVICE = -9,      /* an audio device refused */
    DMUS_ERR_SUBSTITUTED = -10,/* options.strict: something was replaced, dropped or clipped */
    DMUS_ERR_CANCELLED = -11   /* the progress callback asked to stop */
};

/* One short English phrase, never NULL: "out of memory". */
DMUS_API const char *dmus_status_text(enum dmus_status status);

struct dmus_error {
    uint32_t size;   /* sizeof(struct dmus_error) */
    int32_t status;  /* enum dmus_status */
    char text[512];
};

/* Initialiser of any structure of this header and live.h: all zero but the size. */
#ifdef __cplusplus
extern "C++" {
template <typename Type> inline Type dmus_init()
{
    Type all = Type();
    all.size = static_cast<uint32_t>(sizeof all);
    return all;
}
}
#define DMUS_INIT(type) dmus_init<struct type>()
#else
#define DMUS_INIT(type) {.size = (uint32_t)sizeof(struct type)}
#endif

/* ---- kinds of file ---------------------------------------------------------- */

enum dmus_kind {
    DMUS_KIND_UNKNOWN = 0,
    DMUS_KIND_DLS = 1, /* DLS Level 1 or 2 collection */
    DMUS_KIND_SF2 = 2, /* SoundFont 2 */
    DMUS_KIND_SF3 = 3, /* SoundFont 2 with Ogg Vorbis samples */
    DMUS_KIND_SMF = 4, /* Standard MIDI File */
    DMUS_KIND_RMID = 5 /* RIFF MIDI, perhaps with a bank of its own */
};

/* "DLS", "SoundFont 2", ... never NULL. */
DMUS_API const char *dmus_kind_name(enum dmus_kind kind);
/* DLS, SF2, SF3. */
DMUS_API bool dmus_kind_is_bank(enum dmus_kind kind);
/* SMF, RMID. */
DMUS_API bool dmus_kind_is_song(enum dmus_kind kind);

/* What the file at PATH is, by its content and never by its name. A readable file of another kind is DMUS_OK with
 * DMUS_KIND_UNKNOWN. DMUS_ERR_OPEN, DMUS_ERR_READ. */
DMUS_API enum dmus_status dmus_detect(const char *path, enum dmus_kind *kind, struct dmus_error *err);

/* ---- banks -------------------------------------------------------------------- */

/* An opened bank: immutable, reference counted, shareable between threads. */
struct dmus_bank;

/* Open the bank in the file PATH (DLS, SF2 or SF3; of an RMID file its embedded bank; "-" is standard input). The file is mapped, not
 * read: only what is used costs memory. Waves that were played are kept until the last close, up to 32 MiB of those that nobody
 * plays (all that were Ogg Vorbis): the next render finds them ready. Changing the file while it is open is undefined behaviour.
 * DMUS_ERR_OPEN, DMUS_ERR_READ, DMUS_ERR_FORMAT (also: no instrument with a playable region), DMUS_ERR_UNSUPPORTED. */
DMUS_API enum dmus_status dmus_bank_open(const char *path, struct dmus_bank **out, struct dmus_error *err);

/* The same for SIZE bytes at DATA, which must stay valid and unchanged until the last close of the bank. NAME stands for
 * the path in messages and reports (NULL: "memory"). DMUS_ERR_FORMAT, DMUS_ERR_UNSUPPORTED. */
DMUS_API enum dmus_status dmus_bank_open_memory(const void *data, size_t size, const char *name, struct dmus_bank **out,
                                                struct dmus_error *err);

/* One more reference, to be ended with dmus_bank_close. Returns BANK, which may be NULL. Any thread. */
DMUS_API struct dmus_bank *dmus_bank_ref(struct dmus_bank *bank);
/* End a reference; the last one frees, and with it all strings of the bank. NULL allowed. */
DMUS_API void dmus_bank_close(struct dmus_bank *bank);

struct dmus_bank_info {
    uint32_t size;
    uint32_t kind;           /* enum dmus_kind */
    const char *path;        /* as opened */
    const char *name;        /* title in the file; the next six likewise, NULL if absent */
    const char *engineer, *copyright, *comment, *software, *date, *subject;
    uint32_t version_major;  /* SF2/SF3: ifil; DLS: level, 1 or 2 */
    uint32_t version_minor;  /* SF2/SF3: ifil; DLS: 0 */
    uint32_t instruments;    /* DLS instruments or SoundFont presets: dmus_bank_get_instrument */
    uint32_t waves;          /* dmus_bank_get_wave */
    uint32_t remarks;        /* repairs made while loading: dmus_bank_get_remark */
    uint32_t regions;        /* DLS: of all instruments; SF2/SF3: zones with a sample, before flattening */
    uint64_t connections;    /* DLS: connection blocks; SF2/SF3: generators and modulators */
    uint64_t file_bytes;     /* size of the file, or of the embedded bank */
    uint64_t wave_frames;    /* sum over all waves; SF3: 0 (not decoded for this) */
};
DMUS_API enum dmus_status dmus_bank_get_info(const struct dmus_bank *bank, struct dmus_bank_info *info);

/* Patch numbers are those of the DDI (DMUS_INSTRUMENT.ulPatch): program in bits 0-6, CC32 in bits 8-14, CC0 in bits
 * 16-22, DMUS_PATCH_DRUMS for a drum kit. */
#define DMUS_PATCH_DRUMS 0x80000000u

struct dmus_instrument_info {
    uint32_t size;
    uint32_t patch;        /* as the engine sees it */
    uint32_t file_bank;    /* ulBank of DLS, wBank of SoundFont (128: drums), raw */
    uint32_t regions;      /* SF2/SF3: of the preset flattened over its instruments */
    bool shadowed;         /* an earlier instrument of the bank has the same patch: never played */
    bool addressable;      /* false: SoundFont bank number that MIDI cannot select (above 128) */
    const char *name;      /* "" if none */
};
/* DMUS_ERR_NOT_FOUND past the last. */
DMUS_API enum dmus_status dmus_bank_get_instrument(struct dmus_bank *bank, uint32_t index,
                                                   struct dmus_instrument_info *info);

struct dmus_wave_info {
    uint32_t size;
    uint32_t sample_rate;  /* Hz */
    uint32_t frames;       /* SF3: 0 */
    uint32_t bits;         /* per sample in the file; 0 for Ogg Vorbis */
    bool usable;           /* false: unknown codec, ROM or damaged; never played */
    const char *name;      /* "" if none */
};
/* DMUS_ERR_NOT_FOUND past the last. */
DMUS_API enum dmus_status dmus_bank_get_wave(struct dmus_bank *bank, uint32_t index, struct dmus_wave_info *info);

/* The INDEXth repair made while loading, NULL past the last: "wave 12: loop clamped to the data". */
DMUS_API const char *dmus_bank_get_remark(const struct dmus_bank *bank, uint32_t index);

#define DMUS_SHA256_TEXT 65
/* SHA-256 of the bank's bytes in lower-case hex. The first call reads the whole file, later ones answer at once. */
DMUS_API enum dmus_status dmus_bank_sha256(struct dmus_bank *bank, char text[DMUS_SHA256_TEXT], struct dmus_error *err);

/* ---- songs ---------------------------------------------------------------------- */

/* An opened song: immutable, reference counted, shareable between threads. */
struct dmus_song;

/* Open the SMF or RMID file PATH ("-" is standard input). DMUS_ERR_OPEN, DMUS_ERR_READ, DMUS_ERR_FORMAT,
 * DMUS_ERR_UNSUPPORTED. A song without a single note opens; rendering it gives DMUS_ERR_FORMAT. */
DMUS_API enum dmus_status dmus_song_open(const char *path, struct dmus_song **out, struct dmus_error *err);
/* The same for SIZE bytes at DATA; they are copied. NAME as in dmus_bank_open_memory. DMUS_ERR_FORMAT, DMUS_ERR_UNSUPPORTED. */
DMUS_API enum dmus_status dmus_song_open_memory(const void *data, size_t size, const char *name, struct dmus_song **out,
                                                struct dmus_error *err);
/* One more reference, to be ended with dmus_song_close. Returns SONG, which may be NULL. Any thread. */
DMUS_API struct dmus_song *dmus_song_ref(struct dmus_song *song);
/* End a reference; the last one frees, and with it all strings of the song. NULL allowed. */
DMUS_API void dmus_song_close(struct dmus_song *song);

struct dmus_song_info {
    uint32_t size;
    uint32_t kind;           /* DMUS_KIND_SMF or DMUS_KIND_RMID */
    const char *path;
    const char *title, *copyright; /* NULL if absent */
    uint32_t format;         /* SMF format 0, 1, 2 */
    uint32_t division;       /* raw word of the header: ticks per quarter, or SMPTE if bit 15 is set */
    uint32_t tracks, ports, channels; /* channels: of all ports, that play at least one note */
    uint32_t events, notes;
    uint32_t programs;       /* dmus_song_get_program */
    uint32_t texts;          /* dmus_song_get_text */
    uint32_t remarks;        /* dmus_song_get_remark */
    uint32_t embedded_kind;  /* enum dmus_kind of the bank inside an RMID, DMUS_KIND_UNKNOWN if none */
    double seconds;          /* to the last event, end-of-track events included; last_event_seconds if they come 10 minutes
                                later, or an hour later while a note is held */
    double last_event_seconds; /* to the last event that sounds or changes sound */
};
DMUS_API enum dmus_status dmus_song_get_info(const struct dmus_song *song, struct dmus_song_info *info);

/* A patch that the notes of the song ask for, in order of first use. */
struct dmus_program_info {
    uint32_t size;
    uint32_t patch;        /* DDI patch number as selected by the song; drum kits carry DMUS_PATCH_DRUMS */
    uint32_t port, channel;/* of its first note; channel 0..15 */
    uint32_t notes;
    uint32_t key_low, key_high;
    double seconds;        /* of its first note */
    const char *gm_name;   /* what General MIDI calls this program or kit */
};
/* DMUS_ERR_NOT_FOUND past the last. */
DMUS_API enum dmus_status dmus_song_get_program(const struct dmus_song *song, uint32_t index,
                                                struct dmus_program_info *info);

struct dmus_text_info {
    uint32_t size;
    uint32_t type;    /* SMF meta event 1..15: 1 text, 2 copyright, 3 track name, 4 instrument, 5 lyric, 6 marker ... */
    uint32_t track;
    double seconds;
    const char *text; /* UTF-8 (Latin-1 in the file is converted) */
};
/* In order of time. DMUS_ERR_NOT_FOUND past the last. */
DMUS_API enum dmus_status dmus_song_get_text(const struct dmus_song *song, uint32_t index, struct dmus_text_info *info);

/* The INDEXth repair made while reading, NULL past the last. */
DMUS_API const char *dmus_song_get_remark(const struct dmus_song *song, uint32_t index);

/* The bank inside an RMID file; on DMUS_OK the caller owns *out. Its programs are already shifted by the file's bank
 * offset (or the detected one). DMUS_ERR_NOT_FOUND if the song has none, DMUS_ERR_FORMAT. */
DMUS_API enum dmus_status dmus_song_get_bank(struct dmus_song *song, struct dmus_bank **out, struct dmus_error *err);

/* ---- which bank? -------------------------------------------------------------------- */

enum dmus_lookup_place {
    DMUS_PLACE_NAMED = 1,       /* command line */
    DMUS_PLACE_ENVIRONMENT = 2, /* DMUS_BANK, then SDL_SOUNDFONTS */
    DMUS_PLACE_SONG = 3,        /* inside the song */
    DMUS_PLACE_BESIDE = 4,      /* song.dls, song.sf2, song.sf3 beside song.mid */
    DMUS_PLACE_CONFIG = 5,
    DMUS_PLACE_USER = 6,        /* $XDG_DATA_HOME */
    DMUS_PLACE_SYSTEM = 7       /* $XDG_DATA_DIRS, /usr/share */
};
DMUS_API const char *dmus_place_name(enum dmus_lookup_place place); /* "command line", ... never NULL */

enum dmus_lookup_result {
    DMUS_LOOKUP_ABSENT = 0,   /* nothing there */
    DMUS_LOOKUP_UNUSABLE = 1, /* something there that is no usable bank: REASON tells why */
    DMUS_LOOKUP_TAKEN = 2,    /* this one is used */
    DMUS_LOOKUP_BELOW = 3     /* also used, for patches that the bank inside the song lacks */
};

struct dmus_lookup_step {
    uint32_t size;
    uint32_t place;     /* enum dmus_lookup_place */
    uint32_t result;    /* enum dmus_lookup_result */
    const char *path;   /* or a description such as "$DMUS_BANK" where the place names nothing; valid during the call */
    const char *reason; /* "" or one line; valid during the call */
};

struct dmus_lookup {
    uint32_t size;
    uint32_t named_count;
    const char *const *named;  /* banks named on the command line: all must open, the first has precedence */
    struct dmus_song *song;    /* may be NULL: then the places SONG and BESIDE are passed over */
    uint32_t config_count;
    const char *const *config; /* banks of the configuration file; used like named ones */
    void (*report)(void *ctx, const struct dmus_lookup_step *step); /* each step in order; NULL allowed */
    void *report_ctx;
};

#define DMUS_MAX_BANKS 16

/* Find the banks to play with, in the order command line > environment > inside the song > beside the song > config >
 * user directories > system directories, and open them. The first place that names a bank decides; what a file is, its
 * content decides.
 *   - A bank that was named (command line, environment, config, inside the song) but cannot be used is an error with the
 *     reason, never replaced by another. SDL_SOUNDFONTS may list several, separated by ';' or ':': like SDL_mixer, those
 *     that do not exist are passed over (and reported), but one must exist.
 *   - Files found by search (beside, user, system) that are no usable banks are reported and passed over.
 *   - If the bank inside the song is taken, the search goes on for one bank below it, for patches the song's own lacks.
 * On DMUS_OK banks[0 .. *count-1] are references that the caller closes, highest precedence first; at most DMUS_MAX_BANKS.
 * DMUS_ERR_NOT_FOUND: no bank anywhere (the text says what to install or name); else as dmus_bank_open. */
DMUS_API enum dmus_status dmus_find_banks(const struct dmus_lookup *lookup, struct dmus_bank *banks[DMUS_MAX_BANKS],
                                          size_t *count, struct dmus_error *err);

/* ---- rendering ------------------------------------------------------------------------ */

enum dmus_profile {
    DMUS_RENDER_STUDIO = 0, /* as the DLS 2 specification says, sample-accurate, at its best */
    DMUS_RENDER_NATIVE = 1  /* as Microsoft's synthesizer was measured */
};

enum dmus_interpolation { /* IDmusSynthControl's numbers */
    DMUS_INTERPOLATE_DEFAULT = 0, /* of the profile */
    DMUS_INTERPOLATE_NEAREST = 1,
    DMUS_INTERPOLATE_LINEAR = 2,
    DMUS_INTERPOLATE_CUBIC = 3,
    DMUS_INTERPOLATE_SINC16 = 4,
    DMUS_INTERPOLATE_SINC32 = 5
};

enum dmus_simd { /* IDmusSynthControl's numbers; the level never changes the sound */
    DMUS_SIMD_LEVEL_BEST = 0, /* what the machine has, as far as the environment variable OPENDMUS_SIMD allows */
    DMUS_SIMD_LEVEL_C = 1,
    DMUS_SIMD_LEVEL_SSE2 = 2,
    DMUS_SIMD_LEVEL_SSE41 = 3,
    DMUS_SIMD_LEVEL_AVX2 = 4,
    DMUS_SIMD_LEVEL_AVX512 = 5,
    DMUS_SIMD_LEVEL_NEON = 6
};

enum dmus_through { /* the half of the DDI that a song goes through; never changes the sound */
    DMUS_THROUGH_USER = 0,  /* IDirectMusicSynth and IDirectMusicSynthSink */
    DMUS_THROUGH_KERNEL = 1 /* filter and pins, the DMus port driver, our synth as a miniport */
};

enum dmus_sample_format {
    DMUS_S16 = 0, /* signed 16 bit, through IDirectMusicSynth::Render */
    DMUS_S24 = 1, /* files only */
    DMUS_F32 = 2  /* float, 1.0 is full scale, not limited */
};

enum dmus_tail {
    DMUS_TAIL_SILENCE = 0,   /* until every voice and effect has died away (at most tail_limit_seconds) */
    DMUS_TAIL_SECONDS = 1,   /* tail_seconds after the end of the song */
    DMUS_TAIL_LAST_EVENT = 2 /* stop at the frame of the last event */
};

enum dmus_switch { DMUS_DEFAULT = 0, DMUS_ON = 1, DMUS_OFF = 2 };

struct dmus_progress {
    uint32_t size;
    double seconds;       /* of sound made so far, counted from the start of the song */
    double total_seconds; /* expected end of the song without its tail, or `to` */
    uint32_t voices;      /* sounding now */
    float peak;           /* so far, 1.0 is full scale */
};

struct dmus_render_options {
    uint32_t size;
    uint32_t profile;       /* enum dmus_profile */
    uint32_t sample_rate;   /* Hz, 8000..192000 (native: 11025..96000) */
    uint32_t channels;      /* 1 or 2 */
    uint32_t interpolation; /* enum dmus_interpolation */
    uint32_t polyphony;     /* voices, 1..16384 (native: 1..1000) */
    uint32_t block_frames;  /* frames per Render, 1..65536; the result does not depend on it */
    uint32_t reverb, chorus, dither; /* enum dmus_switch */
    double gain_db;         /* -80..+20, added to the profile's level */
    double from_seconds;    /* 0..1000000; what comes before is played but not written */
    double to_seconds;      /* > from, at most 1000000, or 0 for to the end; nothing after it is written */
    uint32_t tail;          /* enum dmus_tail */
    double tail_seconds;       /* DMUS_TAIL_SECONDS, 0..3600 */
    double tail_limit_seconds; /* DMUS_TAIL_SILENCE, 0..3600 */
    bool download_all;      /* the whole banks, not only what the song uses */
    bool strict;            /* missing notes, replaced or dropped instruments, unusable waves and clipped samples end with
                               DMUS_ERR_SUBSTITUTED; the output is then not published */
    bool loudness;          /* measure it (EBU R 128); ignored if not built in */
    bool checksum;          /* SHA-256 of the banks into the report (reads the whole files) and into the file's tags */
    /* At least ten times per second of work. Return false to cancel. NULL allowed. */
    bool (*progress)(void *ctx, const struct dmus_progress *progress);
    void *progress_ctx;
    uint32_t simd;          /* enum dmus_simd; DMUS_ERR_UNSUPPORTED if the machine lacks it */
    uint32_t limiter;       /* enum dmus_switch, off by default: look-ahead limiter at -0.1 dBFS, 5 ms ahead, 100 ms release;
                               works on float samples, so that 16-bit output is rounded without dither */
    uint32_t threads;       /* that render the song's voices, 0 (one) to 64; the sound does not depend on it. Through the kernel it is
                               always one: a remark, an error if strict */
    uint32_t through;       /* enum dmus_through */
};

/* Studio, 48000 Hz, stereo, 1024 voices, blocks of 4096, effects on, 0 dB, whole song, tail until silence (30 s at most),
 * loudness on if built in. options->size must be set. */
DMUS_API enum dmus_status dmus_render_defaults(struct dmus_render_options *options);

struct dmus_output {
    uint32_t size;
    uint32_t format;    /* enum dmus_sample_format */
    /* One of the two; both NULL: the sound is measured and discarded. */
    const char *path;   /* file; "-" is standard output */
    /* FRAMES interleaved frames of DMUS_S16 (int16_t) or DMUS_F32 (float). Return 0, or a system errno for a failure, which ends the
     * render with DMUS_ERR_WRITE. */
    int (*write)(void *ctx, const void *frames, size_t count);
    void *write_ctx;
    const char *type;   /* file: "wav", "rf64", "flac", "ogg", "opus"; NULL: by the suffix of path, wav for "-" */
    bool overwrite;     /* file: replace an existing one, else that is DMUS_ERR_WRITE */
    const char *title;  /* file tag; NULL: the song's title */
};

struct dmus_report; /* what a render did */

/* Render SONG with BANKS (highest precedence first: a patch comes from the first bank that has it; 1..DMUS_MAX_BANKS) to OUTPUT,
 * through the DDI: its user-mode half, or the kernel-mode one. OPTIONS NULL: dmus_render_defaults. OUTPUT NULL: the sound is
 * measured and discarded. A file appears under its name only when it is complete; on failure no trace of it is left.
 * REPORT may be NULL; else *report is set on success, and also with DMUS_ERR_SUBSTITUTED, and the caller frees it.
 * Safe to call on several threads with the same song and banks.
 * DMUS_ERR_FORMAT (song without a note, no usable wave), DMUS_ERR_READ, DMUS_ERR_WRITE, DMUS_ERR_UNSUPPORTED (file type not built
 * in), DMUS_ERR_SUBSTITUTED, DMUS_ERR_CANCELLED. */
DMUS_API enum dmus_status dmus_render(struct dmus_song *song, struct dmus_bank *const *banks, size_t bank_count,
                                      const struct dmus_render_options *options, const struct dmus_output *output,
                                      struct dmus_report **report, struct dmus_error *err);

struct dmus_report_info {
    uint32_t size;
    uint32_t sample_rate, channels, format;
    uint64_t frames;          /* written */
    double seconds;           /* written: frames / sample_rate */
    double peak_dbfs;         /* of what was written before any limiting; -INFINITY for silence */
    double loudness_lufs;     /* integrated; NAN if not measured, -INFINITY for silence */
    uint64_t clipped_samples; /* limited to fit an integer format */
    uint32_t notes;           /* of the song */
    uint32_t notes_missing;   /* of them, that found no instrument or region */
    uint32_t missing;         /* distinct patches of those: dmus_report_get_missing */
    uint32_t voices_peak;
    uint32_t voices_stolen;   /* cut short or refused for want of a voice */
    uint32_t events_late;     /* 0, or the program has a fault */
    uint32_t banks;           /* dmus_report_get_bank */
    uint32_t remarks;         /* dmus_report_get_remark */
    uint32_t instruments, regions, waves; /* downloaded */
    uint64_t wave_bytes;      /* downloaded */
    double setup_seconds;     /* wall clock until the first frame was asked for */
    double wall_seconds;      /* wall clock, all in all */
    double times_realtime;    /* seconds of song made (skipped ones too) per second of wall clock */
    bool tail_cut;            /* still sounding at tail_limit_seconds: faded out there */
};
DMUS_API enum dmus_status dmus_report_get_info(const struct dmus_report *report, struct dmus_report_info *info);

struct dmus_missing_info {
    uint32_t size;
    uint32_t patch;         /* as selected by the song */
    uint32_t port, channel; /* of the first such note; channel 0..15 */
    uint32_t key;           /* of the first such note */
    uint32_t notes;         /* how many */
    bool instrument_found;  /* the patch is there, but none of its regions takes the key and velocity */
    const char *gm_name;    /* General MIDI's name of the program or kit */
};
/* DMUS_ERR_NOT_FOUND past the last. */
DMUS_API enum dmus_status dmus_report_get_missing(const struct dmus_report *report, uint32_t index,
                                                  struct dmus_missing_info *info);
/* "20 notes of program 67 (Baritone Sax) are outside its regions (first: key 82, channel 4)", at most SIZE bytes with NUL (200 hold
 * all). */
DMUS_API void dmus_missing_text(const struct dmus_missing_info *info, char *text, size_t size);

struct dmus_report_bank {
    uint32_t size;
    uint32_t kind;          /* enum dmus_kind */
    const char *path;
    const char *sha256;     /* "" unless options.checksum */
    uint32_t instruments;   /* downloaded from it */
};
/* In the order given to dmus_render. DMUS_ERR_NOT_FOUND past the last. */
DMUS_API enum dmus_status dmus_report_get_bank(const struct dmus_report *report, uint32_t index,
                                               struct dmus_report_bank *bank);

/* What was dropped or could not be expressed on the way, NULL past the last: "preset 3 'Pad': ...". */
DMUS_API const char *dmus_report_get_remark(const struct dmus_report *report, uint32_t index);
DMUS_API void dmus_report_free(struct dmus_report *report); /* NULL allowed */

/* ---- converting --------------------------------------------------------------------------- */

struct dmus_convert_options {
    uint32_t size;
    bool overwrite;      /* replace an existing file, else that is DMUS_ERR_WRITE */
    /* What DLS cannot express, and what was done instead. NULL allowed. */
    void (*remark)(void *ctx, const char *text);
    void *remark_ctx;
    /* Waves written so far; return false to cancel. NULL allowed. */
    bool (*progress)(void *ctx, uint32_t waves_done, uint32_t waves);
    void *progress_ctx;
    bool level1; /* also for readers that know the chunks of DLS 1 alone, as Wine's do; a little larger */
};

struct dmus_convert_result {
    uint32_t size;
    uint32_t instruments, regions, waves, remarks;
    uint64_t connections, bytes;
};

/* Write BANK (of any kind) as a DLS 2 collection to the file PATH ("-": standard output). Presets, regions and waves are
 * mapped exactly as rendering maps them. The file appears only when it is complete. OPTIONS and RESULT may be NULL.
 * DMUS_ERR_WRITE, DMUS_ERR_FORMAT, DMUS_ERR_UNSUPPORTED (result beyond 4 GiB), DMUS_ERR_CANCELLED. */
DMUS_API enum dmus_status dmus_convert(struct dmus_bank *bank, const char *path, const struct dmus_convert_options *options,
                                       struct dmus_convert_result *result, struct dmus_error *err);

/* General MIDI's name of a patch: program name, or kit name with DMUS_PATCH_DRUMS; never NULL. */
DMUS_API const char *dmus_gm_name(uint32_t patch);

#ifdef __cplusplus
}
#endif
#endif
