/* SPDX-License-Identifier: MIT */
#include "cli.h"
#include "dmus/live.h"
#include "json.h"
#include "options.h"

enum { OPT_LISTEN = 256, OPT_NO_REALTIME, OPT_JSON };

enum { NOTES_MOST = 10000 };

static const struct option_spec specs[] = {
    {'a', "audio", "OUTPUT", "as for 'dmus play' (default: the first that works)"},
    {'r', "rate", "HZ", "sample rate, 8000 to 192000 (default: the device's own)"},
    {'z', "period", "FRAMES", "frames that the device asks for at a time (default: its own choice)"},
    {'c', "periods", "N", "buffer of the device in periods"},
    {'n', "notes", "N", "how many are played, 1 to 10000 (default: 200)"},
    {OPT_LISTEN, "listen", "PORT", "JACK: listen to this port, such as an input that a cable from the\noutput leads to, instead of our own output"},
    {OPT_NO_REALTIME, "no-realtime", NULL, "do not ask for real-time priority and locked memory"},
    {OPT_JSON, "json", NULL, "report for machines"},
    {'h', "help", NULL, "this text"},
    {0, NULL, NULL, NULL}};

void help_latency(FILE *out)
{
    fputs("Usage: dmus latency [OPTION]...\n"
          "Measure how long it takes from a MIDI message to its sound: notes are sent to ourselves, clicks are heard.\n\n", out);
    options_help(out, specs);
    fputs("\nWith JACK a second client sends and listens, and only the way from the port to the ear is the device's word;\n"
          "with --listen and a cable nothing is. Elsewhere the messages come through a pipe, and the device tells when the\n"
          "sound leaves it.\n"
          "Exit status: 0 done, 1 usage, 3 device, or notes that were not heard.\n", out);
}

struct request {
    struct dmus_live_options options;
    const char *listen;
    uint32_t notes;
    bool json;
};

static bool parse(struct request *r, const struct option_parser *parser, int id)
{
    struct dmus_live_options *o = &r->options;
    switch (id) {
    case 'a': o->audio = parser->argument; return true;
    case 'r': return option_unsigned(parser, "--rate", 8000, 192000, &o->sample_rate);
    case 'z': return option_unsigned(parser, "--period", 16, 4096, &o->period_frames);
    case 'c': return option_unsigned(parser, "--periods", 2, 64, &o->periods);
    case 'n': return option_unsigned(parser, "--notes", 1, NOTES_MOST, &r->notes);
    case OPT_LISTEN: r->listen = parser->argument; return true;
    case OPT_NO_REALTIME: return o->no_realtime = true;
    case OPT_JSON: return r->json = true;
    default: return false;
    }
}

static void tell(const struct dmus_latency *l, const struct dmus_live_state *s)
{
    printf("%s, %u Hz, %u frames at a time\n", s->device, s->sample_rate, s->period_frames);
    printf("%u of %u notes heard %s\n", l->heard, l->sent,
           l->looped ? "by a client of the server" : "as the device tells");
    if (l->heard == 0)
        return;
    printf("event to sound: min %.2f ms, median %.2f ms, max %.2f ms, jitter %.2f ms (%.0f frames)\n", l->min_ms, l->median_ms,
           l->max_ms, l->jitter_ms, l->jitter_ms * l->sample_rate / 1000);
    if (l->device_ms > 0)
        printf("of which %.2f ms are the device's own word\n", l->device_ms);
    if (l->underruns)
        printf("%u underrun%s: sound was lost\n", l->underruns, l->underruns == 1 ? "" : "s");
}

static void tell_json(const struct dmus_latency *l, const struct dmus_live_state *s)
{
    struct json json = {.out = stdout};
    json_open(&json, NULL, '{');
    json_text(&json, "version", dmus_version());
    json_text(&json, "device", s->device);
    json_text(&json, "method", l->looped ? "loopback" : "device");
    json_unsigned(&json, "sample_rate", l->sample_rate);
    json_unsigned(&json, "period_frames", s->period_frames);
    json_bool(&json, "realtime", s->realtime);
    json_unsigned(&json, "sent", l->sent);
    json_unsigned(&json, "heard", l->heard);
    json_unsigned(&json, "underruns", l->underruns);
    if (l->heard) {
        json_number(&json, "min_ms", l->min_ms, 6);
        json_number(&json, "median_ms", l->median_ms, 6);
        json_number(&json, "max_ms", l->max_ms, 6);
        json_number(&json, "jitter_ms", l->jitter_ms, 6);
        json_number(&json, "device_ms", l->device_ms, 6);
    }
    json_close(&json, '}');
}

static int measure(struct request *r)
{
    struct dmus_error err = DMUS_INIT(dmus_error);
    struct dmus_latency latency = DMUS_INIT(dmus_latency);
    struct dmus_live_state state = DMUS_INIT(dmus_live_state);
    struct dmus_live *live = NULL;
    enum dmus_status status = dmus_live_open(&r->options, &live, &err);
    if (status == DMUS_OK)
        status = dmus_live_measure(live, r->notes, r->listen, &latency, &err);
    if (status != DMUS_OK) {
        complain("latency", "%s", err.text);
        dmus_live_close(live);
        return status == DMUS_ERR_UNSUPPORTED ? EXIT_DEVICE : exit_code_of(status);
    }
    dmus_live_get_state(live, &state);
    (r->json ? tell_json : tell)(&latency, &state);
    dmus_live_close(live);
    if (latency.heard == latency.sent)
        return EXIT_DONE;
    uint32_t missing = latency.sent - latency.heard;
    complain("latency", "%u note%s not heard", missing, missing == 1 ? " was" : "s were");
    return EXIT_DEVICE;
}

int cmd_latency(int argc, char **argv)
{
    struct request request = {.options = DMUS_INIT(dmus_live_options)};
    struct option_parser parser = {.command = "dmus latency", .specs = specs, .argc = argc, .argv = argv};
    dmus_live_defaults(&request.options);
    request.options.reverb = request.options.chorus = DMUS_OFF; /* tails would hide the next click */
    for (int id; (id = options_next(&parser)) != 0;) {
        if (id == 'h') {
            help_latency(stdout);
            return EXIT_DONE;
        }
        if (id < 0 || !parse(&request, &parser, id))
            return EXIT_USAGE;
    }
    if (parser.index < argc) {
        complain("latency", "'%s': nothing to be named here", argv[parser.index]);
        return EXIT_USAGE;
    }
    return measure(&request);
}
