/* SPDX-License-Identifier: MIT */
#include "hosting.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* ---- what was played ---- */

/* Upper end of bucket I of a histogram, us (kernel/portcls/sequencer.h). */
static double bucket_us(int i) { return 10.0 * (double)(1u << i); }

static int last_bucket(const uint64_t *a, const uint64_t *b)
{
    int last = 0;
    for (int i = 0; i < SEQUENCER_BUCKETS; i++)
        if (a[i] || b[i])
            last = i;
    return last;
}

static void lateness_text(FILE *out, const struct play_report *r)
{
    const struct sequencer_stats *s = &r->sequencer;
    const struct jitter_stats *j = &r->jitter;
    if (s->timed == 0)
        fputs("lateness: no event had to wait for its time (the driver sequences, or it was late already)\n", out);
    fprintf(out, "%s%" PRIu64 " of %" PRIu64 " events later than 2 ms, the latest %.3f ms; "
                 "this machine's own sleeps: %" PRIu64 " of %" PRIu64 ", %.3f ms\n",
            s->timed ? "lateness: " : "  ", s->late_2ms, s->timed, (double)s->late_max_100ns / 1e4, j->late_2ms, j->count, (double)j->late_max_100ns / 1e4);
    fputs("   below        events        sleeps\n", out);
    for (int i = 0; i <= last_bucket(s->late, j->late); i++)
        fprintf(out, "  %7.2f ms  %8" PRIu64 "      %8" PRIu64 "\n", bucket_us(i) / 1000, s->late[i], j->late[i]);
}

void hosting_play_text(FILE *out, const struct play_report *r)
{
    fprintf(out, "%.2f s%s", r->seconds, r->cancelled ? " (interrupted)" : "");
    if (r->midi)
        fprintf(out, ", %" PRIu64 " events to the %s pin", r->sequencer.delivered, r->legacy ? "legacy MIDI" : "DirectMusic");
    if (r->took_banks)
        fprintf(out, ", %" PRIu32 " instruments and %" PRIu32 " waves (%" PRIu64 " bytes) downloaded", r->instruments, r->waves,
                r->wave_bytes);
    if (r->wave)
        fprintf(out, ", %" PRIu64 " frames of %" PRIu32 " Hz, %" PRIu32 " channels, peak %.1f dB", r->frames, r->rate, r->channels,
                r->peak > 0 ? 20 * log10((double)r->peak) : -INFINITY);
    if (r->capture)
        fprintf(out, ", %" PRIu64 " messages captured%s", r->captured, r->losses ? " with losses" : "");
    fputc('\n', out);
    if (r->timed && r->midi)
        lateness_text(out, r);
}

static void histogram_json(struct json *json, const char *key, uint64_t count, uint64_t late_2ms, int64_t late_max_100ns,
                           const uint64_t *late)
{
    json_open(json, key, '{');
    json_unsigned(json, "count", count);
    json_unsigned(json, "later_than_2ms", late_2ms);
    json_number(json, "latest_ms", (double)late_max_100ns / 1e4, 4);
    json_open(json, "histogram", '[');
    for (int i = 0; i < SEQUENCER_BUCKETS; i++) {
        if (late[i] == 0)
            continue;
        json_open(json, NULL, '{');
        json_number(json, "below_ms", bucket_us(i) / 1000, 2);
        json_unsigned(json, "events", late[i]);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_close(json, '}');
}

void hosting_play_json(struct json *json, const struct play_report *r)
{
    const struct sequencer_stats *s = &r->sequencer;
    json_open(json, "play", '{');
    json_number(json, "seconds", r->seconds, 4);
    json_bool(json, "interrupted", r->cancelled);
    json_text(json, "midi_pin", !r->midi ? NULL : r->legacy ? "legacy" : "directmusic");
    json_unsigned(json, "events", s->delivered);
    json_unsigned(json, "instruments", r->instruments);
    json_unsigned(json, "waves", r->waves);
    json_unsigned(json, "frames", r->frames);
    json_unsigned(json, "rate", r->wave ? r->rate : 0);
    json_unsigned(json, "channels", r->wave ? r->channels : 0);
    json_number(json, "peak", (double)r->peak, 6);
    json_unsigned(json, "captured", r->captured);
    json_unsigned(json, "losses", r->losses);
    if (r->timed) {
        histogram_json(json, "lateness", s->timed, s->late_2ms, s->late_max_100ns, s->late);
        histogram_json(json, "jitter", r->jitter.count, r->jitter.late_2ms, r->jitter.late_max_100ns, r->jitter.late);
    }
    json_close(json, '}');
}

/* ---- rules ---- */

struct place_teller *hosting_teller(const struct session_config *config)
{
    char path[4096];
    return session_driver_path(config, path, sizeof path) ? place_teller_new(path) : NULL;
}

void hosting_place_json(struct json *json, struct place_teller *teller, uintptr_t place, const char *how)
{
    json_text(json, "how", place ? how : NULL);
    json_text(json, "place", place ? place_text(teller, place) : NULL);
    json_unsigned(json, "offset", place);
}

static double breach_ms(struct wdm_machine *machine, const struct wdm_breach *breach)
{
    return (double)(breach->time_100ns - wdm_boot_100ns(machine)) / (double)WDM_MS;
}

static bool is_same(const struct wdm_breach *a, const struct wdm_breach *b)
{
    return a->rule == b->rule && a->code == b->code && strcmp(a->text, b->text) == 0;
}

/* Is breach AT, its time apart, an earlier one again, or one within it: of a service that the one which was called calls? */
static bool told_before(struct wdm_machine *machine, size_t at, const struct wdm_breach *breach)
{
    struct wdm_breach other;
    for (size_t i = 0; i < at && wdm_rule_breach(machine, i, &other); i++)
        if (is_same(&other, breach) || (breach->rule == WDM_RULE_IRQL && other.rule == breach->rule && breach->code && other.code == breach->code))
            return true;
    return false;
}

/* The first eight texts, each once. */
static void breaches_text(FILE *out, const struct session *session, struct place_teller *teller, enum wdm_rule rule)
{
    struct wdm_machine *machine = host_machine(session->host);
    struct wdm_breach breach, other;
    for (size_t i = 0, shown = 0; wdm_rule_breach(machine, i, &breach) && shown < 8; i++) {
        unsigned times = 1;
        if (breach.rule != rule || told_before(machine, i, &breach))
            continue;
        for (size_t k = i + 1; wdm_rule_breach(machine, k, &other); k++)
            times += is_same(&other, &breach);
        fprintf(out, "    %.4f ms, IRQL %u: %s", breach_ms(machine, &breach), breach.irql, breach.text);
        if (times > 1)
            fprintf(out, " (%u times)", times);
        fputc('\n', out);
        const char *place = place_text(teller, place_offset(session->places, breach.code));
        if (*place)
            fprintf(out, "        %s %s\n", breach.how, place);
        shown++;
    }
}

void hosting_rules_text(FILE *out, const struct hosting *h, const struct session *session)
{
    struct wdm_machine *machine = host_machine(session->host);
    struct place_teller *teller = hosting_teller(&h->session);
    int broken = 0;
    for (int rule = 1; rule < WDM_RULE_COUNT; rule++)
        broken += wdm_rule_is_fault((enum wdm_rule)rule) && wdm_rule_count(machine, (enum wdm_rule)rule) > 0;
    if (broken)
        fprintf(out, "rules: %d broken, %d kept\n", broken, WDM_RULE_COUNT - 1 - broken);
    else
        fprintf(out, "rules: all %d kept\n", WDM_RULE_COUNT - 1);
    for (int rule = 1; rule < WDM_RULE_COUNT; rule++) {
        uint64_t count = wdm_rule_count(machine, (enum wdm_rule)rule);
        if (count == 0)
            continue;
        fprintf(out, "  rule %d, %s: %" PRIu64 " time%s%s\n", rule, wdm_rule_title((enum wdm_rule)rule), count, count == 1 ? "" : "s",
                wdm_rule_is_fault((enum wdm_rule)rule) ? "" : " (no fault)");
        breaches_text(out, session, teller, (enum wdm_rule)rule);
    }
    place_teller_free(teller);
}

void hosting_rules_json(struct json *json, const struct hosting *h, const struct session *session)
{
    struct wdm_machine *machine = host_machine(session->host);
    struct place_teller *teller = hosting_teller(&h->session);
    struct wdm_breach breach;
    json_bool(json, "kept", wdm_rule_faults(machine) == 0);
    json_open(json, "rules", '[');
    for (int rule = 1; rule < WDM_RULE_COUNT; rule++) {
        json_open(json, NULL, '{');
        json_unsigned(json, "rule", (uint64_t)rule);
        json_text(json, "title", wdm_rule_title((enum wdm_rule)rule));
        json_bool(json, "fault", wdm_rule_is_fault((enum wdm_rule)rule));
        json_unsigned(json, "times", wdm_rule_count(machine, (enum wdm_rule)rule));
        json_close(json, '}');
    }
    json_close(json, ']');
    json_open(json, "breaches", '[');
    for (size_t i = 0; wdm_rule_breach(machine, i, &breach); i++) {
        json_open(json, NULL, '{');
        json_unsigned(json, "rule", breach.rule);
        json_number(json, "ms", breach_ms(machine, &breach), 4);
        json_unsigned(json, "irql", breach.irql);
        json_unsigned(json, "thread", breach.thread);
        json_text(json, "text", breach.text);
        hosting_place_json(json, teller, place_offset(session->places, breach.code), breach.how);
        json_close(json, '}');
    }
    json_close(json, ']');
    place_teller_free(teller);
}
