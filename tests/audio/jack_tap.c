/* SPDX-License-Identifier: MIT */
/*
 * jack_tap.c - a JACK client that records and plays keys, for check_devices.py.
 *
 *     jack_tap record SECONDS FILE FROM_LEFT FROM_RIGHT      raw f32, stereo
 *     jack_tap keys COUNT SEED FROM_LEFT TO_MIDI             COUNT note-ons at random frames; per line the frame of the note-on and
 *                                                            the frame at which the click is heard
 *     jack_tap flood COUNT SEED FROM_LEFT TO_MIDI            100,000 note-ons and a system exclusive a second as fast as JACK takes
 *                                                            them, COUNT in all; then the client is gone, notes hanging
 */
#define _DEFAULT_SOURCE
#include <jack/jack.h>
#include <jack/midiport.h>
#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLICK_GAP 100 /* frames of silence before an onset; the notes are further apart */

static jack_client_t *client;
static jack_port_t *in[2], *midi;
static float *sound; /* stereo, or the left channel alone */
static size_t room;
static atomic_size_t used;
static jack_nframes_t *sent;
static unsigned count, seed;
static atomic_uint done;
static jack_nframes_t first_frame, next_note;
static atomic_bool running;
static bool flooding;

static unsigned draw(void) { return seed = seed * 1664525u + 1013904223u; }

static void record(jack_nframes_t frames)
{
    const float *left = jack_port_get_buffer(in[0], frames), *right = in[1] ? jack_port_get_buffer(in[1], frames) : NULL;
    size_t at = atomic_load(&used);
    for (jack_nframes_t i = 0; i < frames && at + 2 <= room; i++) {
        sound[at++] = left[i];
        if (right)
            sound[at++] = right[i];
    }
    atomic_store(&used, at);
}

static void play(jack_nframes_t frames, jack_nframes_t now)
{
    void *buffer = jack_port_get_buffer(midi, frames);
    jack_midi_clear_buffer(buffer);
    while (atomic_load(&done) < count && next_note - now < frames) {
        unsigned char *message = jack_midi_event_reserve(buffer, next_note - now, 3);
        if (!message)
            break;
        memcpy(message, "\x90\x3c\x7f", 3);
        sent[atomic_fetch_add(&done, 1)] = next_note;
        next_note += 200 + (draw() >> 8) % 400;
    }
}

static void flood(jack_nframes_t frames)
{
    void *buffer = jack_port_get_buffer(midi, frames);
    static const unsigned char sysex[] = {0xF0, 0x7D, 1, 2, 3, 0xF7};
    unsigned now = 100000 / (jack_get_sample_rate(client) / frames);
    jack_midi_clear_buffer(buffer);
    for (unsigned i = 0; i < now && atomic_load(&done) < count; i++) {
        unsigned char note[3] = {0x90, (unsigned char)(i & 127), 0x40};
        if (i == 0)
            jack_midi_event_write(buffer, 0, sysex, sizeof sysex);
        if (jack_midi_event_write(buffer, i * frames / now, note, 3) == 0)
            atomic_fetch_add(&done, 1);
    }
}

static int process(jack_nframes_t frames, void *arg)
{
    jack_nframes_t now = jack_last_frame_time(client);
    (void)arg;
    if (midi)
        jack_midi_clear_buffer(jack_port_get_buffer(midi, frames));
    if (!atomic_load(&running))
        return 0;
    if (!atomic_load(&used)) {
        first_frame = now;
        next_note = now + 4096;
    }
    record(frames);
    if (midi && flooding)
        flood(frames);
    else if (midi)
        play(frames, now);
    return 0;
}

/* Frames at which the sound begins again after silence. */
static unsigned onsets(jack_nframes_t *heard)
{
    unsigned found = 0, quiet = CLICK_GAP;
    for (size_t i = 0; i < atomic_load(&used) && found < count; i++) {
        bool loud = fabsf(sound[i]) > 1e-4f;
        if (loud && quiet >= CLICK_GAP)
            heard[found++] = first_frame + (jack_nframes_t)i;
        quiet = loud ? 0 : quiet + 1;
    }
    return found;
}

static int connect_port(const char *from, const char *to)
{
    for (int i = 0; i < 100; i++) {
        if (jack_connect(client, from, to) == 0)
            return 0;
        usleep(50000);
    }
    fprintf(stderr, "cannot connect %s to %s\n", from, to);
    return 1;
}

static int run_record(double seconds, const char *path)
{
    size_t want = (size_t)(seconds * jack_get_sample_rate(client)) * 2;
    atomic_store(&running, true);
    printf("ready\n");
    fflush(stdout);
    while (atomic_load(&used) + 2 < want)
        usleep(20000);
    FILE *file = fopen(path, "wb");
    return !file || fwrite(sound, sizeof *sound, want, file) != want || fclose(file);
}

static int run_keys(void)
{
    jack_nframes_t *heard = calloc(count + 1, sizeof *heard);
    atomic_store(&running, true);
    while (atomic_load(&done) < count)
        usleep(20000);
    if (flooding)
        return 0;
    usleep(500000);
    unsigned found = onsets(heard);
    printf("sent %u heard %u\n", count, found);
    for (unsigned i = 0; i < found; i++)
        printf("%u %u\n", (unsigned)sent[i], (unsigned)heard[i]);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 6)
        return 2;
    flooding = strcmp(argv[1], "flood") == 0;
    bool keys = flooding || strcmp(argv[1], "keys") == 0;
    client = jack_client_open("tap", JackNoStartServer, NULL);
    if (!client)
        return 3;
    count = keys ? (unsigned)atoi(argv[2]) : 0;
    seed = (unsigned)atoi(argv[3]);
    room = (size_t)((keys ? count * 600.0 / 48000 + 5 : atof(argv[2]) + 1) * jack_get_sample_rate(client)) * 2;
    sound = calloc(room, sizeof *sound);
    sent = calloc(count + 1, sizeof *sent);
    memset(sound, 0, room * sizeof *sound);
    in[0] = jack_port_register(client, "left", JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput, 0);
    if (keys)
        midi = jack_port_register(client, "keys", JACK_DEFAULT_MIDI_TYPE, JackPortIsOutput, 0);
    else
        in[1] = jack_port_register(client, "right", JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput, 0);
    jack_set_process_callback(client, process, NULL);
    if (jack_activate(client))
        return 3;
    if (connect_port(argv[4], "tap:left") || (keys ? connect_port("tap:keys", argv[5]) : connect_port(argv[5], "tap:right")))
        return 3;
    int code = keys ? run_keys() : run_record(atof(argv[2]), argv[3]);
    jack_client_close(client);
    return code;
}
