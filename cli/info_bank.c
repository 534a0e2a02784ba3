/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "info.h"

static void json_instruments(struct dmus_bank *bank, struct json *json)
{
    struct dmus_instrument_info instrument = DMUS_INIT(dmus_instrument_info);
    json_open(json, "instruments", '[');
    for (uint32_t i = 0; dmus_bank_get_instrument(bank, i, &instrument) == DMUS_OK; i++) {
        json_open(json, NULL, '{');
        json_unsigned(json, "patch", instrument.patch);
        json_unsigned(json, "file_bank", instrument.file_bank);
        json_text(json, "name", instrument.name);
        json_unsigned(json, "regions", instrument.regions);
        json_bool(json, "shadowed", instrument.shadowed);
        json_bool(json, "addressable", instrument.addressable);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void json_waves(struct dmus_bank *bank, struct json *json)
{
    struct dmus_wave_info wave = DMUS_INIT(dmus_wave_info);
    json_open(json, "waves", '[');
    for (uint32_t i = 0; dmus_bank_get_wave(bank, i, &wave) == DMUS_OK; i++) {
        json_open(json, NULL, '{');
        json_text(json, "name", wave.name);
        json_unsigned(json, "sample_rate", wave.sample_rate);
        json_unsigned(json, "frames", wave.frames);
        json_unsigned(json, "bits", wave.bits);
        json_bool(json, "usable", wave.usable);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void as_json(struct dmus_bank *bank, const struct dmus_bank_info *info, const char *sha256, struct json *json)
{
    const char *remark;
    json_open(json, NULL, '{');
    json_text(json, "path", info->path);
    json_text(json, "kind", dmus_kind_name(info->kind));
    json_text(json, "name", info->name);
    json_text(json, "engineer", info->engineer);
    json_text(json, "copyright", info->copyright);
    json_text(json, "comment", info->comment);
    json_text(json, "software", info->software);
    json_text(json, "date", info->date);
    json_text(json, "subject", info->subject);
    json_unsigned(json, "version_major", info->version_major);
    json_unsigned(json, "version_minor", info->version_minor);
    json_unsigned(json, "regions", info->regions);
    json_unsigned(json, "connections", info->connections);
    json_unsigned(json, "file_bytes", info->file_bytes);
    json_unsigned(json, "wave_frames", info->wave_frames);
    if (sha256)
        json_text(json, "sha256", sha256);
    json_instruments(bank, json);
    json_waves(bank, json);
    json_open(json, "remarks", '[');
    for (uint32_t i = 0; (remark = dmus_bank_get_remark(bank, i)); i++)
        json_text(json, NULL, remark);
    json_close(json, ']');
    json_close(json, '}');
}

static void list_instruments(struct dmus_bank *bank)
{
    struct dmus_instrument_info instrument = DMUS_INIT(dmus_instrument_info);
    for (uint32_t i = 0; dmus_bank_get_instrument(bank, i, &instrument) == DMUS_OK; i++)
        printf("  %s %3u/%u/%-3u %-32s %4u regions%s%s\n", instrument.patch & DMUS_PATCH_DRUMS ? "drums  " : "program",
               instrument.patch >> 16 & 0x7f, instrument.patch >> 8 & 0x7f, instrument.patch & 0x7f, instrument.name,
               instrument.regions, instrument.shadowed ? ", shadowed by an earlier one" : "",
               instrument.addressable ? "" : ", not addressable by MIDI");
}

static void list_waves(struct dmus_bank *bank)
{
    struct dmus_wave_info wave = DMUS_INIT(dmus_wave_info);
    for (uint32_t i = 0; dmus_bank_get_wave(bank, i, &wave) == DMUS_OK; i++)
        printf("  wave %5u  %-32s %6u Hz %9u frames%s\n", i, wave.name, wave.sample_rate, wave.frames,
               wave.usable ? "" : ", unusable");
}

static void as_text(struct dmus_bank *bank, const struct dmus_bank_info *info, const char *sha256,
                    const struct info_request *request)
{
    const char *remark;
    if (info->kind == DMUS_KIND_DLS)
        printf("%s: DLS Level %u, %.1f MB\n", info->path, info->version_major, (double)info->file_bytes / 1e6);
    else
        printf("%s: %s, version %u.%02u, %.1f MB\n", info->path, dmus_kind_name(info->kind), info->version_major,
               info->version_minor, (double)info->file_bytes / 1e6);
    if (info->name)
        printf("  name       %s\n", info->name);
    if (info->engineer)
        printf("  engineer   %s\n", info->engineer);
    if (info->copyright)
        printf("  copyright  %s\n", info->copyright);
    if (sha256)
        printf("  sha256     %s\n", sha256);
    printf("  content    %u instruments, %u regions, %u waves, %llu %s\n", info->instruments, info->regions, info->waves,
           (unsigned long long)info->connections,
           info->kind == DMUS_KIND_DLS ? "connections" : "generators and modulators");
    if (request->instruments)
        list_instruments(bank);
    if (request->waves)
        list_waves(bank);
    if (info->remarks && !request->verbose)
        printf("  %u repairs were needed; -v lists them\n", info->remarks);
    for (uint32_t i = 0; request->verbose && (remark = dmus_bank_get_remark(bank, i)); i++)
        printf("  repaired   %s\n", remark);
}

enum dmus_status info_bank(struct dmus_bank *bank, const struct info_request *request, struct dmus_error *error)
{
    struct dmus_bank_info info = DMUS_INIT(dmus_bank_info);
    char sha256[DMUS_SHA256_TEXT];
    enum dmus_status status = dmus_bank_get_info(bank, &info);
    if (status == DMUS_OK && request->checksum)
        status = dmus_bank_sha256(bank, sha256, error);
    if (status != DMUS_OK)
        return status;
    if (request->as_json)
        as_json(bank, &info, request->checksum ? sha256 : NULL, request->json);
    else if (!request->quiet)
        as_text(bank, &info, request->checksum ? sha256 : NULL, request);
    return DMUS_OK;
}
