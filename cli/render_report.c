/* SPDX-License-Identifier: MIT */
/* render_report.c - what `dmus render` says about a finished song. */
#include <inttypes.h>
#include <math.h>

#include "render.h"

static const char *const format_names[] = {"s16", "s24", "f32"};

static void length_text(char *text, size_t size, double seconds)
{
    snprintf(text, size, "%d:%04.1f", (int)(seconds / 60), seconds - 60 * (int)(seconds / 60));
}

void render_report_text(FILE *out, const struct render_request *request, const struct render_job *job)
{
    struct dmus_report_info info = DMUS_INIT(dmus_report_info);
    struct dmus_report_bank bank = DMUS_INIT(dmus_report_bank);
    char length[32], loudness[48] = "";
    if (dmus_report_get_info(job->report, &info) != DMUS_OK)
        return;
    length_text(length, sizeof length, floor(info.seconds * 10) / 10);
    if (isfinite(info.loudness_lufs))
        snprintf(loudness, sizeof loudness, ", loudness %.1f LUFS", info.loudness_lufs);
    fprintf(out, "%s: %s min, %u Hz, %s, %s, ", job->output_path ? job->output_path : job->song_path, length, info.sample_rate,
            info.channels == 2 ? "stereo" : "mono", format_names[info.format < 3 ? info.format : 0]);
    if (isfinite(info.peak_dbfs))
        fprintf(out, "peak %.1f dBFS%s\n", info.peak_dbfs, loudness);
    else
        fprintf(out, "silence\n");
    for (uint32_t i = 0; dmus_report_get_bank(job->report, i, &bank) == DMUS_OK; i++) {
        if (bank.instruments == 0 && !request->verbose)
            continue; /* stood by, for what the bank inside the song lacks */
        fprintf(out, "  bank    %s (%s), %u instruments of it used\n", bank.path, dmus_kind_name(bank.kind), bank.instruments);
        if (*bank.sha256)
            fprintf(out, "          sha256 %s\n", bank.sha256);
    }
    fprintf(out, "  voices  %u at peak, %u notes", info.voices_peak, info.notes);
    if (info.voices_stolen)
        fprintf(out, ", %u voices stolen", info.voices_stolen);
    fprintf(out, "\n  took    %.2f s, %.0f times faster than real time (%.1f ms until the first frame)\n", info.wall_seconds,
            info.times_realtime, info.setup_seconds * 1000);
    if (request->verbose)
        fprintf(out, "  loaded  %u instruments, %u regions, %u waves, %.1f MB of wave data\n", info.instruments, info.regions,
                info.waves, (double)info.wave_bytes / 1e6);
}

void render_report_warnings(const struct render_request *request, const struct render_job *job)
{
    struct dmus_report_info info = DMUS_INIT(dmus_report_info);
    struct dmus_missing_info missing = DMUS_INIT(dmus_missing_info);
    const char *text;
    if (!job->report || dmus_report_get_info(job->report, &info) != DMUS_OK)
        return;
    for (uint32_t i = 0; dmus_report_get_missing(job->report, i, &missing) == DMUS_OK; i++) {
        char words[200];
        dmus_missing_text(&missing, words, sizeof words);
        complain("render", "warning: %s: %s", job->song_path, words);
    }
    if (info.clipped_samples)
        complain("render", "warning: %s: %" PRIu64 " samples were clipped (peak %+.1f dBFS); lower --gain, or use --limiter on or --format f32",
                 job->song_path, info.clipped_samples, info.peak_dbfs);
    uint32_t shown = request->verbose || request->options.strict ? UINT32_MAX : 5, count = 0;
    for (; (text = dmus_report_get_remark(job->report, count)); count++)
        if (count < shown)
            complain("render", "warning: %s: %s", job->song_path, text);
    if (count > shown)
        complain("render", "warning: %s: %u more of this kind; -v lists them", job->song_path, count - shown);
}

static void json_missing(struct json *json, const struct render_job *job)
{
    struct dmus_missing_info missing = DMUS_INIT(dmus_missing_info);
    json_open(json, "missing", '[');
    for (uint32_t i = 0; dmus_report_get_missing(job->report, i, &missing) == DMUS_OK; i++) {
        json_open(json, NULL, '{');
        json_unsigned(json, "patch", missing.patch);
        json_text(json, "gm_name", missing.gm_name);
        json_unsigned(json, "port", missing.port);
        json_unsigned(json, "channel", missing.channel + 1);
        json_unsigned(json, "key", missing.key);
        json_unsigned(json, "notes", missing.notes);
        json_bool(json, "instrument_found", missing.instrument_found);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void json_banks(struct json *json, const struct render_job *job)
{
    struct dmus_report_bank bank = DMUS_INIT(dmus_report_bank);
    json_open(json, "banks", '[');
    for (uint32_t i = 0; dmus_report_get_bank(job->report, i, &bank) == DMUS_OK; i++) {
        json_open(json, NULL, '{');
        json_text(json, "path", bank.path);
        json_text(json, "kind", dmus_kind_name(bank.kind));
        json_text(json, "sha256", *bank.sha256 ? bank.sha256 : NULL);
        json_unsigned(json, "instruments", bank.instruments);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void json_measurements(struct json *json, const struct dmus_report_info *info)
{
    json_unsigned(json, "sample_rate", info->sample_rate);
    json_unsigned(json, "channels", info->channels);
    json_text(json, "format", format_names[info->format < 3 ? info->format : 0]);
    json_unsigned(json, "frames", info->frames);
    json_number(json, "seconds", info->seconds, 6);
    json_number(json, "peak_dbfs", info->peak_dbfs, 3);
    json_number(json, "loudness_lufs", info->loudness_lufs, 2);
    json_unsigned(json, "clipped_samples", info->clipped_samples);
    json_unsigned(json, "notes", info->notes);
    json_unsigned(json, "notes_missing", info->notes_missing);
    json_unsigned(json, "voices_peak", info->voices_peak);
    json_unsigned(json, "voices_stolen", info->voices_stolen);
    json_unsigned(json, "events_late", info->events_late);
    json_bool(json, "tail_cut", info->tail_cut);
    json_unsigned(json, "instruments", info->instruments);
    json_unsigned(json, "regions", info->regions);
    json_unsigned(json, "waves", info->waves);
    json_unsigned(json, "wave_bytes", info->wave_bytes);
    json_number(json, "setup_seconds", info->setup_seconds, 6);
    json_number(json, "wall_seconds", info->wall_seconds, 6);
    json_number(json, "times_realtime", info->times_realtime, 2);
}

void render_report_json(struct json *json, const struct render_request *request, const struct render_job *job)
{
    struct dmus_report_info info = DMUS_INIT(dmus_report_info);
    const char *text;
    json_open(json, NULL, '{');
    json_text(json, "song", job->song_path);
    json_text(json, "output", job->status == DMUS_OK ? job->output_path : NULL);
    json_text(json, "status", job->status == DMUS_OK ? "ok" : dmus_status_text(job->status));
    if (job->status != DMUS_OK)
        json_text(json, "error", job->error.text);
    json_text(json, "profile", request->options.profile == DMUS_RENDER_NATIVE ? "native" : "studio");
    if (job->report && dmus_report_get_info(job->report, &info) == DMUS_OK) {
        json_measurements(json, &info);
        json_banks(json, job);
        json_missing(json, job);
        json_open(json, "remarks", '[');
        for (uint32_t i = 0; (text = dmus_report_get_remark(job->report, i)); i++)
            json_text(json, NULL, text);
        json_close(json, ']');
    }
    json_close(json, '}');
}
