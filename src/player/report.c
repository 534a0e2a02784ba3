/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <stdio.h>

#include "base/alloc.h"
#include "errors.h"

struct dmus_report *report_create(void) { return dm_calloc(1, sizeof(struct dmus_report)); }

void dmus_report_free(struct dmus_report *report)
{
    if (!report)
        return;
    for (uint32_t i = 0; i < report->bank_count; i++)
        dm_free(report->banks[i].path);
    dm_free(report->missing);
    remarks_clear(&report->remarks);
    dm_free(report);
}

enum dmus_status dmus_report_get_info(const struct dmus_report *report, struct dmus_report_info *info)
{
    if (!report || !abi_fits(info, sizeof *info))
        return DMUS_ERR_ARGUMENT;
    struct dmus_report_info ours = report->info;
    ours.missing = report->missing_count;
    ours.banks = report->bank_count;
    ours.remarks = report->remarks.count;
    abi_store(info, &ours, sizeof ours);
    return DMUS_OK;
}

struct dmus_missing_info report_missing_info(const struct route_missing *m)
{
    return (struct dmus_missing_info){
        .size = sizeof(struct dmus_missing_info),
        .patch = m->patch,
        .port = m->group ? m->group - 1 : 0,
        .channel = m->channel,
        .key = m->key,
        .notes = m->notes,
        .instrument_found = m->instrument_found,
        .gm_name = dmus_gm_name(m->patch),
    };
}

enum dmus_status dmus_report_get_missing(const struct dmus_report *report, uint32_t index,
                                         struct dmus_missing_info *info)
{
    if (!report || !abi_fits(info, sizeof *info))
        return DMUS_ERR_ARGUMENT;
    if (index >= report->missing_count)
        return DMUS_ERR_NOT_FOUND;
    struct dmus_missing_info ours = report_missing_info(&report->missing[index]);
    abi_store(info, &ours, sizeof ours);
    return DMUS_OK;
}

/* "program 12 (Vibraphone)", "bank 8/0 program 4 (...)", "drum kit 0 (Standard)". */
static void patch_text(char *text, size_t size, uint32_t patch)
{
    unsigned program = patch & 0x7f, lsb = patch >> 8 & 0x7f, msb = patch >> 16 & 0x7f;
    const char *name = dmus_gm_name(patch);
    if (patch & DMUS_PATCH_DRUMS)
        snprintf(text, size, "drum kit %u (%s)", program, name);
    else if (msb || lsb)
        snprintf(text, size, "bank %u/%u program %u (%s)", msb, lsb, program, name);
    else
        snprintf(text, size, "program %u (%s)", program, name);
}

void dmus_missing_text(const struct dmus_missing_info *info, char *text, size_t size)
{
    struct dmus_missing_info m;
    char patch[120];
    if (!text || size == 0)
        return;
    text[0] = 0;
    if (!abi_fits(info, sizeof *info))
        return;
    abi_load(&m, sizeof m, info);
    patch_text(patch, sizeof patch, m.patch);
    if (m.instrument_found)
        snprintf(text, size, "%u notes of %s are outside its regions (first: key %u, channel %u)", (unsigned)m.notes, patch,
                 (unsigned)m.key, (unsigned)m.channel + 1);
    else
        snprintf(text, size, "no instrument for %u notes of %s (first: channel %u)", (unsigned)m.notes, patch,
                 (unsigned)m.channel + 1);
}

enum dmus_status dmus_report_get_bank(const struct dmus_report *report, uint32_t index, struct dmus_report_bank *bank)
{
    if (!report || !abi_fits(bank, sizeof *bank))
        return DMUS_ERR_ARGUMENT;
    if (index >= report->bank_count)
        return DMUS_ERR_NOT_FOUND;
    const struct report_bank *b = &report->banks[index];
    struct dmus_report_bank ours = {
        .kind = (uint32_t)b->kind, .path = b->path, .sha256 = b->sha256, .instruments = b->instruments};
    abi_store(bank, &ours, sizeof ours);
    return DMUS_OK;
}

const char *dmus_report_get_remark(const struct dmus_report *report, uint32_t index)
{
    return report ? remarks_get(&report->remarks, index) : NULL;
}
