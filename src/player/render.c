/* SPDX-License-Identifier: MIT */
#include "render.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/clock.h"

enum { GROUPS_MAX = 1000 };

/* ---- before the sound ---- */

static enum dm_status check_song(struct render *r, struct dm_error *err)
{
    const struct smf_song *smf = r->song->smf;
    uint32_t rate = r->options.sample_rate;
    if (smf->note_count == 0)
        return dm_fail(err, DM_ERR_FORMAT, "no note in the song");
    r->song_end = song_time_frame(smf->duration_100ns, rate);
    r->last_event = song_time_frame(smf->last_event_100ns, rate);
    if (r->options.from_seconds > 0 && r->options.from_seconds * 1e7 >= (double)smf->duration_100ns)
        return dm_fail(err, DM_ERR_ARGUMENT, "start at %g s, but the song ends at %.3f s", r->options.from_seconds,
                       (double)smf->duration_100ns * 1e-7);
    return DM_OK;
}

static enum dm_status note_banks(struct render *r, struct dm_error *err)
{
    for (size_t i = 0; i < r->bank_count; i++) {
        struct report_bank *b = &r->report->banks[r->report->bank_count];
        b->path = dm_strdup(r->banks[i]->path);
        if (!b->path)
            return dm_fail(err, DM_ERR_NOMEM, "no memory for the report");
        r->report->bank_count++;
        b->kind = (enum dmus_kind)r->banks[i]->kind;
        if (r->options.checksum)
            dmus_bank_sha256(r->banks[i], b->sha256, NULL);
    }
    return DM_OK;
}

static enum dm_status choose(struct render *r, struct dm_error *err)
{
    enum dm_status status =
        selection_make(r->banks, r->bank_count, &r->song->plan, r->options.profile == DMUS_RENDER_STUDIO,
                       r->options.download_all, &r->selection, err);
    if (status != DM_OK)
        return status;
    selection_tell(&r->selection, r->banks, &r->notes);
    if (r->selection.count == 0)
        return dm_fail(err, DM_ERR_NOT_FOUND, "none of its %u notes finds an instrument in %s",
                       (unsigned)r->song->smf->note_count, r->banks[0]->path);
    return DM_OK;
}

/* Does the song ask anything of that bank? */
static bool bank_plays(const struct render *r, uint32_t bank)
{
    for (uint32_t i = 0; i < r->selection.count; i++) {
        const struct selected *s = &r->selection.selected[i];
        if (s->bank == bank && (s->use_count || r->song->plan.everything))
            return true;
    }
    return false;
}

/* The bytes of the file must not depend on a bank that stood by. */
static void comment_text(const struct render *r, char *text, size_t size)
{
    size_t used = 0;
    text[0] = 0;
    for (uint32_t i = 0; i < r->report->bank_count && used < size; i++) {
        const struct report_bank *b = &r->report->banks[i];
        const char *slash = strrchr(b->path, '/');
        if (bank_plays(r, i))
            used += (size_t)snprintf(text + used, size - used, "%s %s%s%s", used ? "," : "bank", slash ? slash + 1 : b->path,
                                     b->sha256[0] ? " sha256 " : "", b->sha256);
    }
}

static enum dm_status open_output(struct render *r, struct dm_error *err)
{
    char comment[512];
    comment_text(r, comment, sizeof comment);
    const char *title = r->output.title ? r->output.title : r->song->title;
    enum dm_status status = render_output_open(&r->out, &r->output, title, comment, r->options.sample_rate,
                                               r->options.channels, r->options.loudness,
                                               r->options.limiter == DMUS_ON, err);
    r->out_open = status == DM_OK;
    return status;
}

struct route_config render_route_config(const struct dmus_render_options *o, uint32_t ports, struct audio_output *output,
                                        bool float_samples)
{
    bool studio = o->profile == DMUS_RENDER_STUDIO;
    return (struct route_config){
        .studio = studio,
        .sample_rate = o->sample_rate,
        .channels = o->channels,
        .voices = o->polyphony,
        .groups = ports > GROUPS_MAX ? GROUPS_MAX : ports,
        .interpolation = o->interpolation,
        .simd = o->simd,
        .threads = o->threads,
        .dither = o->dither == DMUS_ON ? 1 : o->dither == DMUS_OFF ? 0 : 2,
        .reverb = o->reverb != DMUS_OFF,
        .chorus = o->chorus != DMUS_OFF && studio,
        .volume = (studio ? STUDIO_LEVEL : NATIVE_LEVEL) + (int32_t)lround(o->gain_db * 100),
        .output = output,
        .float_samples = float_samples,
    };
}

static bool threads_left_out(const struct render *r) { return r->options.threads > 1 && !r->ops->threads; }

static enum dm_status open_route(struct render *r, struct dm_error *err)
{
    struct route_config config =
        render_route_config(&r->options, r->song->smf->port_count, &r->out.base, r->out.float_samples);
    r->ops = r->options.through == DMUS_THROUGH_KERNEL ? &route_kernel_mode : &route_user_mode;
    if (threads_left_out(r))
        dm_note(&r->notes, "one thread renders, not %u: the %s half has no others", (unsigned)r->options.threads, r->ops->name);
    return r->ops->open(&config, &r->route, err);
}

/* ---- after it ---- */

static void fill_missing(struct render *r, const struct route_report *report)
{
    struct dmus_report *out = r->report;
    out->missing = dm_calloc(report->missing_count ? report->missing_count : 1, sizeof *out->missing);
    while (out->missing && out->missing_count < report->missing_count &&
           r->ops->missing(r->route, out->missing_count, &out->missing[out->missing_count]))
        out->missing_count++;
}

static void fill_report(struct render *r)
{
    struct route_report report;
    struct dmus_report_info *info = &r->report->info;
    r->ops->report(r->route, &report);
    fill_missing(r, &report);
    int64_t now = clock_now_100ns();
    bool s16 = !r->out.float_samples;
    uint64_t clipped = s16 ? report.samples_clipped - r->clipped_before : 0;
    /* The 16-bit stream is limited already: if it was, the engine knows the true peak, unless that was in what was skipped. */
    bool known = clipped && report.peak > r->peak_before;
    float peak = known && report.peak > r->out.peak ? report.peak : r->out.peak;
    *info = (struct dmus_report_info){
        .sample_rate = r->options.sample_rate,
        .channels = r->options.channels,
        .format = r->output.format,
        .frames = r->out.written,
        .seconds = (double)r->out.written / r->options.sample_rate,
        .peak_dbfs = peak > 0 ? 20 * log10((double)peak) : (double)-INFINITY,
        .loudness_lufs = loudness_integrated(r->out.loudness),
        .clipped_samples = clipped + render_output_clipped(&r->out),
        .notes = r->song->smf->note_count,
        .notes_missing = (uint32_t)report.notes_missing,
        .voices_peak = report.voices_peak,
        .voices_stolen = report.notes_lost,
        .events_late = report.events_late,
        .instruments = r->loader.instrument_count,
        .regions = r->loader.region_count,
        .waves = r->loader.wave_count,
        .wave_bytes = r->loader.wave_bytes,
        .setup_seconds = (double)(r->first_frame_100ns - r->started_100ns) * 1e-7,
        .wall_seconds = (double)(now - r->started_100ns) * 1e-7,
        .tail_cut = r->tail_cut,
    };
    double made = (double)r->position / r->options.sample_rate;
    info->times_realtime = info->wall_seconds > 0 ? made / info->wall_seconds : 0;
    for (uint32_t i = 0; i < r->report->bank_count; i++)
        r->report->banks[i].instruments = r->loader.instruments[i];
    remarks_end(&r->report->remarks);
}

static enum dm_status check_strict(const struct render *r, struct dm_error *err)
{
    const struct dmus_report_info *info = &r->report->info;
    uint32_t replaced = r->selection.substitution_count, dropped = r->loader.dropped_regions;
    if (r->options.strict && threads_left_out(r))
        return dm_fail(err, DM_ERR_SUBSTITUTED, "strict: one thread rendered, not %u: the %s half has no others",
                       (unsigned)r->options.threads, r->ops->name);
    if (!r->options.strict || (info->notes_missing == 0 && replaced == 0 && dropped == 0 && info->clipped_samples == 0))
        return DM_OK;
    return dm_fail(err, DM_ERR_SUBSTITUTED,
                   "strict: %u notes without sound, %u patches replaced or absent, %u regions left out, "
                   "%llu samples clipped",
                   (unsigned)info->notes_missing, (unsigned)replaced, (unsigned)dropped,
                   (unsigned long long)info->clipped_samples);
}

/* A pipe, a device or a function: what went there cannot be withdrawn. */
static bool is_stream(const struct dmus_output *output)
{
    struct stat info;
    return output->write || (output->path && (strcmp(output->path, "-") == 0 ||
                                              (stat(output->path, &info) == 0 && !S_ISREG(info.st_mode))));
}

/* Where nothing can be withdrawn, what is known before the sound ends the render before it. */
static enum dm_status check_strict_before(struct render *r, struct dm_error *err)
{
    uint32_t replaced = r->selection.substitution_count, dropped = r->loader.dropped_regions;
    if (!r->options.strict || replaced + dropped == 0 || !is_stream(&r->output))
        return DM_OK;
    r->report->info = (struct dmus_report_info){
        .sample_rate = r->options.sample_rate,
        .channels = r->options.channels,
        .format = r->output.format,
        .peak_dbfs = (double)-INFINITY,
        .loudness_lufs = (double)-INFINITY,
        .notes = r->song->smf->note_count,
    };
    remarks_end(&r->report->remarks);
    return dm_fail(err, DM_ERR_SUBSTITUTED, "strict: %u patches replaced or absent, %u regions left out; no sound was written",
                   (unsigned)replaced, (unsigned)dropped);
}

static enum dm_status run(struct render *r, struct dm_error *err)
{
    r->started_100ns = clock_now_100ns();
    enum dm_status status = check_song(r, err);
    if (status == DM_OK)
        status = note_banks(r, err);
    if (status == DM_OK)
        status = choose(r, err);
    if (status == DM_OK)
        status = check_strict_before(r, err);
    if (status == DM_OK)
        status = open_output(r, err);
    if (status == DM_OK)
        status = open_route(r, err);
    if (status == DM_OK)
        status = loader_run(&r->loader, r->ops, r->route, r->banks, r->bank_count, &r->selection, &r->notes, err);
    if (status == DM_OK && r->loader.region_count == 0)
        status = dm_fail(err, DM_ERR_FORMAT, "none of its %u notes finds a region with a usable wave in %s",
                         (unsigned)r->song->smf->note_count, r->banks[0]->path);
    if (status == DM_OK)
        status = check_strict_before(r, err);
    if (status != DM_OK)
        return status;
    song_buffers_begin(&r->events, r->song->smf, r->options.sample_rate, r->options.profile == DMUS_RENDER_STUDIO);
    r->first_frame_100ns = clock_now_100ns();
    status = render_song(r, err);
    song_buffers_end(&r->events);
    if (status == DM_OK)
        status = render_output_finish(&r->out, err);
    if (status != DM_OK)
        return status;
    fill_report(r);
    return check_strict(r, err);
}

/* The output is published last, when nothing else can fail. */
static enum dm_status finish(struct render *r, enum dm_status status, struct dm_error *err)
{
    if (r->ops)
        r->ops->close(r->route);
    loader_clear(&r->loader);
    selection_clear(&r->selection);
    if (r->out_open) {
        struct dm_error closing = {0};
        enum dm_status closed = render_output_close(&r->out, status == DM_OK, &closing);
        if (status == DM_OK && closed != DM_OK) {
            *err = closing;
            return closed;
        }
    }
    return status;
}

enum dmus_status dmus_render(struct dmus_song *song, struct dmus_bank *const *banks, size_t bank_count,
                             const struct dmus_render_options *options, const struct dmus_output *output,
                             struct dmus_report **report, struct dmus_error *err)
{
    if (report)
        *report = NULL;
    if (!song || !banks || bank_count == 0 || bank_count > DMUS_MAX_BANKS)
        return error_argument(err, "dmus_render: no song, or not 1 to %d banks", DMUS_MAX_BANKS);
    for (size_t i = 0; i < bank_count; i++)
        if (!banks[i])
            return error_argument(err, "dmus_render: bank %u is none", (unsigned)i);
    struct dm_error inner = {0};
    struct render *r = dm_calloc(1, sizeof *r);
    struct dmus_report *own = report_create();
    if (!r || !own) {
        dm_free(r);
        dmus_report_free(own);
        return error_public(err, DM_ERR_NOMEM, NULL);
    }
    *r = (struct render){.song = song, .banks = banks, .bank_count = bank_count, .report = own};
    r->notes = remarks_receiver(&own->remarks);
    enum dm_status status = render_check(options, output, &r->options, &r->output, &inner);
    if (status == DM_OK) {
        status = run(r, &inner);
        /* What went wrong with the output names itself. */
        if (status != DM_OK && status != DM_ERR_WRITE)
            error_at(&inner, status, song->path);
        status = finish(r, status, &inner);
    }
    dm_free(r);
    if (report && (status == DM_OK || status == DM_ERR_SUBSTITUTED))
        *report = own;
    else
        dmus_report_free(own);
    return error_public(err, status, &inner);
}
