/* SPDX-License-Identifier: MIT */
#include "loopback.h"

#ifdef HAVE_JACK

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "audio/jack_common.h"
#include "base/clock.h"

enum { START_FRAMES = 4800, PATIENCE_SECONDS = 2 };

struct tester {
    jack_client_t *client;
    jack_port_t *in, *out;
    struct loopback *result;
    uint32_t notes, spacing, seed;
    int64_t next, now; /* frames; the server's count without its wrap */
    jack_nframes_t last;
    struct onset_finder finder;
    atomic_uint sent, heard;
    atomic_bool begun, gone;
};

static void send(struct tester *t, jack_nframes_t count)
{
    void *buffer = jack_port_get_buffer(t->out, count);
    uint32_t sent = atomic_load(&t->sent);
    jack_midi_clear_buffer(buffer);
    while (sent < t->notes && t->next < t->now + count) {
        static const jack_midi_data_t note[] = {0x90, 60, 127};
        if (jack_midi_event_write(buffer, (jack_nframes_t)(t->next - t->now), note, sizeof note) != 0)
            break;
        t->result->sent[sent++] = t->next;
        t->seed = t->seed * 1664525u + 1013904223u;
        t->next += t->spacing + (t->seed >> 8) % (t->spacing / 4 + 1);
    }
    atomic_store(&t->sent, sent);
}

static void listen(struct tester *t, jack_nframes_t count)
{
    const float *sound = jack_port_get_buffer(t->in, count);
    uint32_t heard = atomic_load(&t->heard);
    for (jack_nframes_t i = 0; i < count; i++)
        if (onset_at(&t->finder, sound[i]) && heard < LOOPBACK_NOTES_MAX)
            t->result->heard[heard++] = t->now + i;
    atomic_store(&t->heard, heard);
}

static int process(jack_nframes_t count, void *arg)
{
    struct tester *t = arg;
    jack_nframes_t now = jack_last_frame_time(t->client);
    t->now += atomic_load(&t->begun) ? (int64_t)(jack_nframes_t)(now - t->last) : 0;
    t->last = now;
    if (!atomic_load(&t->begun)) {
        t->next = t->now + START_FRAMES;
        atomic_store(&t->begun, true);
    }
    send(t, count);
    listen(t, count);
    return 0;
}

static void shut_down(void *arg) { atomic_store(&((struct tester *)arg)->gone, true); }

static void sleep_ms(int64_t ms) { clock_sleep_until_100ns(clock_now_100ns() + ms * 10000); }

static enum dm_status connect(struct tester *t, const char *from, const char *to, struct dm_error *err)
{
    t->in = jack_port_register(t->client, "sound", JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput, 0);
    t->out = jack_port_register(t->client, "keys", JACK_DEFAULT_MIDI_TYPE, JackPortIsOutput, 0);
    if (!t->in || !t->out)
        return dm_fail(err, DM_ERR_DEVICE, "JACK: no port is left");
    jack_set_process_callback(t->client, process, t);
    jack_on_shutdown(t->client, shut_down, t);
    if (jack_activate(t->client))
        return dm_fail(err, DM_ERR_DEVICE, "JACK: the server does not take us");
    if (jack_connect(t->client, from, jack_port_name(t->in)))
        return dm_fail(err, DM_ERR_DEVICE, "JACK: cannot listen to %s", from);
    if (jack_connect(t->client, jack_port_name(t->out), to))
        return dm_fail(err, DM_ERR_DEVICE, "JACK: cannot play to %s", to);
    return DM_OK;
}

/* All were sent, and the last was heard or never will be. */
static enum dm_status wait(struct tester *t, struct dm_error *err)
{
    int64_t rate = jack_get_sample_rate(t->client);
    int64_t last = clock_now_100ns() + CLOCK_100NS_PER_SECOND * ((int64_t)t->notes * t->spacing * 5 / 4 / rate + PATIENCE_SECONDS);
    while (clock_now_100ns() < last && !atomic_load(&t->gone) &&
           (atomic_load(&t->sent) < t->notes || atomic_load(&t->heard) < t->notes))
        sleep_ms(20);
    return atomic_load(&t->gone) ? dm_fail(err, DM_ERR_DEVICE, "JACK: the server is gone") : DM_OK;
}

enum dm_status loopback_jack(const char *from, const char *to, uint32_t notes, uint32_t spacing, struct loopback *out,
                             struct dm_error *err)
{
    struct tester t = {.result = out, .notes = notes, .spacing = spacing, .seed = 1};
    enum dm_status status = jack_common_open("dmus-latency", &t.client, err);
    if (status != DM_OK)
        return status;
    status = connect(&t, from, to, err);
    if (status == DM_OK)
        status = wait(&t, err);
    jack_deactivate(t.client);
    jack_client_close(t.client);
    out->sent_count = atomic_load(&t.sent);
    out->heard_count = atomic_load(&t.heard);
    return status;
}

#else

enum dm_status loopback_jack(const char *from, const char *to, uint32_t notes, uint32_t spacing, struct loopback *out,
                             struct dm_error *err)
{
    (void)from, (void)to, (void)notes, (void)spacing, (void)out;
    return dm_fail(err, DM_ERR_UNSUPPORTED, "built without JACK");
}

#endif
