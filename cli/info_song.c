/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>

#include "info.h"

static const char *const text_kinds[] = {"", "text", "copyright", "track", "instrument", "lyric", "marker", "cue", "program",
                                         "device"};

static const char *text_kind(uint32_t type)
{
    return type < sizeof text_kinds / sizeof *text_kinds ? text_kinds[type] : "text";
}

static void division_text(char *text, size_t size, uint32_t division)
{
    if (division & 0x8000)
        snprintf(text, size, "SMPTE %u frames per second, %u ticks per frame", 256 - (division >> 8 & 0xff), division & 0xff);
    else
        snprintf(text, size, "%u ticks per quarter", division);
}

static void as_json(const struct dmus_song *song, const struct dmus_song_info *info, struct json *json)
{
    struct dmus_program_info program = DMUS_INIT(dmus_program_info);
    struct dmus_text_info text = DMUS_INIT(dmus_text_info);
    const char *remark;
    json_open(json, NULL, '{');
    json_text(json, "path", info->path);
    json_text(json, "kind", dmus_kind_name(info->kind));
    json_text(json, "title", info->title);
    json_text(json, "copyright", info->copyright);
    json_unsigned(json, "format", info->format);
    json_unsigned(json, "division", info->division);
    json_unsigned(json, "tracks", info->tracks);
    json_unsigned(json, "ports", info->ports);
    json_unsigned(json, "channels", info->channels);
    json_unsigned(json, "events", info->events);
    json_unsigned(json, "notes", info->notes);
    json_number(json, "seconds", info->seconds, 6);
    json_number(json, "last_event_seconds", info->last_event_seconds, 6);
    json_text(json, "embedded_bank", info->embedded_kind ? dmus_kind_name(info->embedded_kind) : NULL);
    json_open(json, "programs", '[');
    for (uint32_t i = 0; dmus_song_get_program(song, i, &program) == DMUS_OK; i++) {
        json_open(json, NULL, '{');
        json_unsigned(json, "patch", program.patch);
        json_text(json, "gm_name", program.gm_name);
        json_unsigned(json, "port", program.port);
        json_unsigned(json, "channel", program.channel + 1);
        json_unsigned(json, "notes", program.notes);
        json_unsigned(json, "key_low", program.key_low);
        json_unsigned(json, "key_high", program.key_high);
        json_number(json, "seconds", program.seconds, 6);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_open(json, "texts", '[');
    for (uint32_t i = 0; dmus_song_get_text(song, i, &text) == DMUS_OK; i++) {
        json_open(json, NULL, '{');
        json_text(json, "kind", text_kind(text.type));
        json_unsigned(json, "track", text.track);
        json_number(json, "seconds", text.seconds, 6);
        json_text(json, "text", text.text);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_open(json, "remarks", '[');
    for (uint32_t i = 0; (remark = dmus_song_get_remark(song, i)); i++)
        json_text(json, NULL, remark);
    json_close(json, ']');
    json_close(json, '}');
}

static void as_text(const struct dmus_song *song, const struct dmus_song_info *info, bool verbose)
{
    struct dmus_program_info program = DMUS_INIT(dmus_program_info);
    struct dmus_text_info text = DMUS_INIT(dmus_text_info);
    const char *remark;
    char division[80];
    long tenths = lround(info->seconds * 10);
    division_text(division, sizeof division, info->division);
    printf("%s: %s, format %u, %ld:%02ld.%ld min\n", info->path, dmus_kind_name(info->kind), info->format, tenths / 600,
           tenths / 10 % 60, tenths % 10);
    if (info->title)
        printf("  title      %s\n", info->title);
    if (info->copyright)
        printf("  copyright  %s\n", info->copyright);
    printf("  time       %s\n", division);
    printf("  content    %u tracks, %u channels, %u ports, %u events, %u notes\n", info->tracks, info->channels, info->ports,
           info->events, info->notes);
    if (info->embedded_kind)
        printf("  bank       inside: %s\n", dmus_kind_name(info->embedded_kind));
    for (uint32_t i = 0; dmus_song_get_program(song, i, &program) == DMUS_OK; i++)
        printf("  %s %3u/%u/%-3u %-28s %6u notes, keys %u to %u\n", program.patch & DMUS_PATCH_DRUMS ? "drums  " : "program",
               program.patch >> 16 & 0x7f, program.patch >> 8 & 0x7f, program.patch & 0x7f, program.gm_name, program.notes,
               program.key_low, program.key_high);
    if (verbose)
        for (uint32_t i = 0; dmus_song_get_text(song, i, &text) == DMUS_OK; i++)
            printf("  %8.2f s  %s: %s\n", text.seconds, text_kind(text.type), text.text);
    if (info->remarks && !verbose)
        printf("  %u repairs were needed; -v lists them\n", info->remarks);
    for (uint32_t i = 0; verbose && (remark = dmus_song_get_remark(song, i)); i++)
        printf("  repaired   %s\n", remark);
}

void info_song(struct dmus_song *song, const struct info_request *request)
{
    struct dmus_song_info info = DMUS_INIT(dmus_song_info);
    if (dmus_song_get_info(song, &info) != DMUS_OK)
        return;
    if (request->as_json)
        as_json(song, &info, request->json);
    else if (!request->quiet)
        as_text(song, &info, request->verbose);
}
