/* SPDX-License-Identifier: MIT */
#include "mpu401_join.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "audio/midi_input.h"
#include "audio/midi_output.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "kernel/miniports/mpu401.h"
#include "player/machine_parts.h"

#define LOOK        1000000 /* 100 ms: the thread looks whether it is to end */
#define FULL        10000   /* 1 ms, in which the wire brings 3 bytes: before a full FIFO is tried again */
#define LAST_BYTES  5000000 /* 0.5 s for what was sent last */
#define SPEC_MAX    256u
#define OPTIONS_MAX 512u /* a line of a resource file */

struct wishes {
    char in[SPEC_MAX], out[SPEC_MAX]; /* "": none */
    char rest[OPTIONS_MAX + 2];       /* the plain model's, a space behind each word */
};

struct join {
    struct wdm_machine *machine;
    struct mpu401 *mpu;
    struct midi_input *in;
    struct midi_output *out;
    pthread_t attendant;
    bool attended, in_gone, out_gone; /* in_gone, out_gone: as told last */
    atomic_bool quit;
};

/* ---- words ---- */

static enum dm_status set_spec(char *spec, const char *word, size_t length, struct dm_error *err)
{
    const char *value = memchr(word, '=', length);
    size_t size = length - (size_t)(value + 1 - word);
    if (*spec)
        return dm_fail(err, DM_ERR_ARGUMENT, "mpu401: %.*s: this direction is joined already", (int)length, word);
    if (size == 0 || size >= SPEC_MAX)
        return dm_fail(err, DM_ERR_ARGUMENT, "mpu401: %.*s: expected a MIDI port", (int)length, word);
    memcpy(spec, value + 1, size);
    spec[size] = 0;
    return DM_OK;
}

/* What it would send, it would hear. */
static enum dm_status check_both_ways(const char *spec, struct dm_error *err)
{
    struct stat kind;
    if (strncmp(spec, "raw:", 4) == 0 && stat(spec + 4, &kind) == 0 && S_ISFIFO(kind.st_mode))
        return dm_fail(err, DM_ERR_ARGUMENT, "mpu401: join=%s: a FIFO goes one way; in= and out= take one each", spec);
    return DM_OK;
}

static enum dm_status take_word(struct wishes *w, const char *word, size_t length, struct dm_error *err)
{
    enum dm_status status = DM_OK;
    bool both = length >= 5 && memcmp(word, "join=", 5) == 0;
    bool in = length >= 3 && memcmp(word, "in=", 3) == 0, out = length >= 4 && memcmp(word, "out=", 4) == 0;
    if (both || in)
        status = set_spec(w->in, word, length, err);
    if (status == DM_OK && (both || out))
        status = set_spec(w->out, word, length, err);
    if (status == DM_OK && both)
        status = check_both_ways(w->in, err);
    size_t used = strlen(w->rest);
    if (!both && !in && !out)
        snprintf(w->rest + used, sizeof w->rest - used, "%.*s ", (int)length, word);
    return status;
}

static enum dm_status parse(const char *options, struct wishes *w, struct dm_error *err)
{
    enum dm_status status = DM_OK;
    *w = (struct wishes){.in = ""};
    if (strlen(options) >= OPTIONS_MAX)
        return dm_fail(err, DM_ERR_ARGUMENT, "mpu401: too many options");
    for (const char *word = options; *word && status == DM_OK;) {
        size_t length = strcspn(word, " \t");
        if (length)
            status = take_word(w, word, length, err);
        word += length;
        word += strspn(word, " \t");
    }
    return status;
}

/* ---- bytes ---- */

static void send_byte(void *ctx, uint8_t byte, int64_t time_100ns)
{
    struct join *join = ctx;
    (void)time_100ns; /* now: it has just left the wire */
    if (join->out)
        midi_out_send(join->out, &byte, 1, 0);
}

static void offer(struct join *join, const uint8_t *bytes, size_t count)
{
    while (count && !atomic_load(&join->quit)) {
        size_t settled = mpu401_offer(join->mpu, bytes, count);
        bytes += settled;
        count -= settled;
        if (settled == 0)
            clock_sleep_until_100ns(clock_now_100ns() + FULL);
    }
}

/* ---- the thread that looks after both ports ---- */

static void tell(struct join *join, const char *what, const char *port, bool gone)
{
    wdm_enter(join->machine);
    DbgPrint("mpu401: the MIDI port that it %s, %s, is %s\n", what, port, gone ? "gone" : "back");
    wdm_leave();
}

static void look(struct join *join)
{
    struct midi_state in = {.gone = false};
    struct midi_output_state out = {.gone = false};
    if (join->in)
        midi_input_state(join->in, &in);
    if (join->out)
        midi_out_state(join->out, &out);
    if (in.gone != join->in_gone)
        tell(join, "hears", in.port, in.gone);
    if (out.gone != join->out_gone)
        tell(join, "sends to", out.port, out.gone);
    join->in_gone = in.gone;
    join->out_gone = out.gone;
}

/* MIDI_GONE has no bytes: a pulled cable is silent. */
static void *attend(void *arg)
{
    struct join *join = arg;
    struct midi_message message;
    int64_t next = 0;
    while (!atomic_load(&join->quit)) {
        int64_t now = clock_now_100ns();
        if (now >= next) {
            look(join);
            next = now + LOOK;
        }
        if (!join->in) {
            clock_sleep_until_100ns(next);
        } else if (midi_input_wait(join->in, LOOK) && midi_input_peek(join->in, &message)) {
            offer(join, message.bytes, message.size);
            midi_input_drop(join->in);
        }
    }
    return NULL;
}

/* What did not get through, at the end. */
static void tell_totals(struct join *join)
{
    struct midi_state in = {.lost = 0};
    struct midi_output_state out = {.lost = 0};
    struct mpu401_stats stats;
    if (join->in)
        midi_input_state(join->in, &in);
    if (join->out) {
        midi_out_flush(join->out, LAST_BYTES);
        midi_out_state(join->out, &out);
    }
    mpu401_stats(join->mpu, &stats);
    log_at(LOG_INFO, "mpu401", "%" PRIu64 " bytes sent, %" PRIu64 " received", stats.sent, stats.received);
    out.lost += out.waiting;
    if (out.lost == 0 && in.lost == 0 && stats.lost == 0)
        return;
    wdm_enter(join->machine);
    DbgPrint("mpu401: lost: %llu bytes to and %llu from its MIDI ports, %llu in the device\n",
             (unsigned long long)out.lost, (unsigned long long)in.lost, (unsigned long long)stats.lost);
    wdm_leave();
}

/* ---- life ---- */

/* Servers' ports are opened under our name and connected; NAME of the others is the port itself. */
static enum dm_status open_input(const char *spec, struct midi_input **in, struct dm_error *err)
{
    char kind[SPEC_MAX];
    struct midi_config config = {.client = "dmus mpu401", .as_bytes = true};
    const char *colon = strchr(spec, ':');
    snprintf(kind, sizeof kind, "%.*s", (int)strcspn(spec, ":"), spec);
    if (!colon || strncmp(kind, "raw", 3) == 0)
        return midi_input_open(spec, &config, in, err);
    config.connect = colon + 1;
    return midi_input_open(kind, &config, in, err);
}

static void end(struct join *join)
{
    atomic_store(&join->quit, true);
    if (join->attended)
        pthread_join(join->attendant, NULL);
    if (join->attended)
        tell_totals(join);
    midi_input_close(join->in);
    mpu401_destroy(join->mpu);
    midi_out_close(join->out);
    dm_free(join);
}

static void detach(void *device)
{
    if (device)
        end(device);
}

static enum dm_status connect(struct join *join, const struct host_model_place *place, const struct wishes *w, struct dm_error *err)
{
    const struct midi_config config = {.client = "dmus mpu401"};
    struct host_model_place plain = *place;
    plain.options = w->rest;
    enum dm_status status = *w->out ? midi_out_open(w->out, &config, &join->out, err) : DM_OK;
    if (status == DM_OK && *w->in)
        status = open_input(w->in, &join->in, err);
    if (status == DM_OK)
        status = machine_parts_mpu401(&plain, send_byte, join, &join->mpu, err);
    if (status != DM_OK || (!join->in && !join->out))
        return status;
    join->attended = pthread_create(&join->attendant, NULL, attend, join) == 0;
    return join->attended ? DM_OK : dm_fail(err, DM_ERR_NOMEM, "mpu401: no thread");
}

/* Where others find it, above all a port of a server. */
static void tell_ports(const struct join *join, const struct host_model_place *place)
{
    struct midi_state in = {.port = "nothing"};
    struct midi_output_state out = {.port = "nothing"};
    if (join->in)
        midi_input_state(join->in, &in);
    if (join->out)
        midi_out_state(join->out, &out);
    if (!join->in && !join->out)
        return;
    wdm_enter(place->machine);
    DbgPrint("mpu401: port %Xh hears %s and sends to %s\n", (unsigned)place->port, in.port, out.port);
    wdm_leave();
}

static enum dm_status attach(const struct host_model_place *place, void **out, struct dm_error *err)
{
    struct wishes w;
    *out = NULL;
    enum dm_status status = parse(place->options, &w, err);
    if (status != DM_OK)
        return status;
    if ((*w.in || *w.out) && wdm_time_base(place->machine) == WDM_VIRTUAL)
        return dm_fail(err, DM_ERR_UNSUPPORTED, "mpu401: %s: MIDI ports know no virtual time; join them in real time (--time real)",
                       *w.in ? w.in : w.out);
    struct join *join = dm_calloc(1, sizeof *join);
    if (!join)
        return dm_fail(err, DM_ERR_NOMEM, "mpu401: out of memory");
    join->machine = place->machine;
    status = connect(join, place, &w, err);
    if (status != DM_OK) {
        end(join);
        return status;
    }
    tell_ports(join, place);
    *out = join;
    return DM_OK;
}

static const struct host_model models[] = {{.name = "mpu401", .attach = attach, .detach = detach}};

void mpu401_join_config(struct host_config *config)
{
    machine_parts_config(config);
    config->models = models;
    config->model_count = sizeof models / sizeof models[0];
}
