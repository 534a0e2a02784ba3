/* SPDX-License-Identifier: MIT */
/* playing.h - what `dmus play` and `dmus live` share: options of the session, lists of devices, banks, the loop that watches. */
#ifndef DMUS_CLI_PLAYING_H
#define DMUS_CLI_PLAYING_H

#include "cli.h"
#include "dmus/live.h"
#include "options.h"

/* A song that could not be played, for the report. */
struct playing_failure {
    const char *path;
    enum dmus_status status;
    struct dmus_error error;
};

struct playing {
    const char *command; /* "play", "live" */
    struct dmus_live_options options;
    const char *banks[DMUS_MAX_BANKS];
    uint32_t bank_count;
    bool plain, quiet, json;
    int verbose;
    struct dmus_output record; /* path NULL: none */
    const char *record_midi;
    FILE *out; /* of titles and report: standard output, unless a record goes there */
    uint32_t songs; /* that were named */
    struct playing_failure *failures; /* room for SONGS, of the command; live: NULL */
    uint32_t failed;
    struct dmus_bank *named[DMUS_MAX_BANKS]; /* BANKS, once they are open: a pipe can be read only once */
    size_t named_count;
    char repaired[4096]; /* path of the bank whose repairs were told last */
};

/* Option ids from 256 on are the commands' own below PLAYING_FIRST. */
enum {
    PLAYING_FIRST = 512, PLAYING_REVERB, PLAYING_CHORUS, PLAYING_PROFILE, PLAYING_INTERPOLATION, PLAYING_SIMD, PLAYING_THROUGH,
    PLAYING_CLIENT, PLAYING_NO_CONNECT, PLAYING_NO_REALTIME, PLAYING_LIST_AUDIO, PLAYING_LIST_MIDI, PLAYING_PLAIN, PLAYING_RECORD,
    PLAYING_RECORD_MIDI, PLAYING_FORMAT, PLAYING_JSON
};

/* Lines of an option table that both have; the table is ended by the user. */
#define PLAYING_OPTIONS                                                                                                       \
    {'b', "bank", "FILE", "DLS or SoundFont bank; may be repeated, the first that has an\ninstrument gives it"},              \
        {'a', "audio", "OUTPUT", "pipewire, jack, alsa or null, or OUTPUT:DEVICE (default: the\nfirst that works)"},          \
        {PLAYING_LIST_AUDIO, "list-audio", NULL, "list outputs and their devices, and end"},                                  \
        {'r', "rate", "HZ", "sample rate, 8000 to 192000 (default: the device's own)"},                                       \
        {'z', "period", "FRAMES", "frames that the device asks for at a time (default: its own\nchoice); never changes the sound"}, \
        {'c', "periods", "N", "buffer of the device in periods"},                                                             \
        {'g', "gain", "DB", "louder or softer, -80 to 20 dB (default: 0)"},                                                   \
        {'p', "polyphony", "N", "voices, 1 to 16384 (default: 256)"},                                                         \
        {PLAYING_REVERB, "reverb", "on|off", "(default: on)"},                                                                \
        {PLAYING_CHORUS, "chorus", "on|off", "(default: on)"},                                                                \
        {PLAYING_PROFILE, "profile", "NAME", "studio: as the DLS 2 specification says (default);\nnative: as Microsoft's synthesizer does"}, \
        {PLAYING_INTERPOLATION, "interpolation", "NAME", "nearest, linear, cubic, sinc16 or sinc32\n(default: sinc16; native: linear)"}, \
        {PLAYING_SIMD, "simd", "LEVEL", "c, sse2, sse41, avx2, avx512, neon or best (default); never changes\nthe sound"},    \
        {PLAYING_THROUGH, "through", "HALF", "user: the user-mode objects (default); kernel: the port driver and\nits miniport"}, \
        {PLAYING_CLIENT, "client", "NAME", "name shown by sound servers (default: dmus)"},                                    \
        {PLAYING_NO_CONNECT, "no-connect", NULL, "connect to no device; others will"},                                        \
        {PLAYING_NO_REALTIME, "no-realtime", NULL, "do not ask for real-time priority and locked memory"},                    \
        {PLAYING_RECORD, "record", "FILE", "also write what is heard to a sound file"},                                       \
        {PLAYING_FORMAT, "format", "FORMAT", "of the record: s16, s24 or f32 (default: s24)"},                                \
        {'y', "overwrite", NULL, "replace existing files"},                                                                   \
        {PLAYING_PLAIN, "plain", NULL, "lines of text instead of the full-screen view"},                                      \
        {PLAYING_JSON, "json", NULL, "report for machines at the end"},                                                       \
        {'q', "quiet", NULL, "only warnings and errors"},                                                                     \
        {'v', "verbose", NULL, "say where banks are looked for, and what the system granted"},                                \
        {'h', "help", NULL, "this text"}

void playing_defaults(struct playing *playing, const char *command);
/* An option of the table above. 1: taken; 0: not one of these; -1: wrong, which was reported. --list-audio and --list-midi are the
 * caller's. */
int playing_option(struct playing *playing, const struct option_parser *parser, int id);
/* One more named bank. false after a report: too many. */
bool playing_add_bank(struct playing *playing, const char *path);
/* After the last option: choose the stream of the report. false, after a report, if the records have one name. */
bool playing_options_end(struct playing *playing);
/* Print the lists. Exit code. */
int playing_list_audio(void);
int playing_list_midi(void);

/* Banks for SONG (NULL: live) as `dmus render` finds them. */
enum dmus_status playing_find_banks(struct playing *playing, struct dmus_song *song, struct dmus_bank *banks[DMUS_MAX_BANKS],
                                    size_t *count, struct dmus_error *err);
/* Close what was kept of them for the next song. */
void playing_end(struct playing *playing);
/* PATH (borrowed) cannot be played, and why: said, kept for the report, and put into *CODE if that is the first failure. */
void playing_failed(struct playing *playing, const char *path, enum dmus_status status, const struct dmus_error *err, int *code);
/* That no record replaces SONG or a bank it would play with: false after a report, code EXIT_USAGE. Before playing_open. */
bool playing_spares(const struct playing *playing, struct dmus_song *song, int *code);
/* Open the session and start the record. NULL after a report. */
struct dmus_live *playing_open(struct playing *playing, int *code);
/* Watch it, with a view, until it ends, somebody quits, or a signal comes, and report. TITLES: of the songs, NULL for live. Exit
 * code. */
int playing_watch(struct playing *playing, struct dmus_live *live, const char *const *titles);
/* For machines, if they asked: a session that there never was. */
void playing_report_failure(const struct playing *playing);

#endif
