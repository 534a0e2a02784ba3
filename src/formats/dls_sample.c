/* SPDX-License-Identifier: MIT */
/* wsmp: tuning, gain and loop, of a wave or of a region. */
#include "formats/dls_reader.h"

enum { WSMP_SIZE = 20, LOOP_SIZE = 16, LOOP_TYPE_RELEASE = 1, MIDDLE_C = 60 };
#define GAIN_LIMIT (96 * 655360) /* 96 dB: nothing sensible lies beyond */

void dls_sample_read(struct dls_reader *r, struct span chunk, struct dls_sample_info *out)
{
    if (chunk.size < WSMP_SIZE - 4) { /* the loop count may be missing, the rest not */
        dls_note(r, "wsmp chunk of %zu bytes ignored", chunk.size);
        return;
    }
    const uint8_t *p = chunk.data;
    *out = (struct dls_sample_info){.present = true, .unity_note = load_le16(p + 4), .options = load_le32(p + 12)};
    out->fine_tune = (int16_t)load_le16(p + 6);
    out->gain = (int32_t)load_le32(p + 8);
    if (out->unity_note > 127) {
        dls_note(r, "unity note %u taken as 60", out->unity_note);
        out->unity_note = MIDDLE_C;
    }
    if (out->gain > GAIN_LIMIT || out->gain < -GAIN_LIMIT) {
        dls_note(r, "gain of %.1f dB ignored", out->gain / 655360.0);
        out->gain = 0;
    }

    /* Only the first loop counts (more are undefined, DLS 2.2 1.14.5); a header size below the minimum is wrong (quirk
     * 3). */
    uint32_t loops = chunk.size >= WSMP_SIZE ? load_le32(p + 16) : 0;
    size_t at = load_le32(p);
    if (at < WSMP_SIZE || !range_within(at, LOOP_SIZE, chunk.size))
        at = WSMP_SIZE;
    if (loops == 0)
        return;
    if (!range_within(at, LOOP_SIZE, chunk.size)) {
        dls_note(r, "wsmp names %u loops and holds none", loops);
        return;
    }
    out->loop = load_le32(p + at + 4) == LOOP_TYPE_RELEASE ? DLS_LOOP_RELEASE : DLS_LOOP_FORWARD;
    out->loop_start = load_le32(p + at + 8);
    out->loop_length = load_le32(p + at + 12);
}

void dls_sample_fit(struct dls_reader *r, struct dls_sample_info *info, uint32_t frames)
{
    if (!info->present || info->loop == DLS_LOOP_NONE)
        return;
    uint64_t end = (uint64_t)info->loop_start + info->loop_length;
    if (info->loop_length == 0 || info->loop_start >= frames) {
        dls_note(r, "loop from %u of %u frames left out, data end at %u", info->loop_start, info->loop_length, frames);
        info->loop = DLS_LOOP_NONE;
        info->loop_start = info->loop_length = 0;
    } else if (end > frames) {
        dls_note(r, "loop ends at %llu, data at %u", (unsigned long long)end, frames);
        info->loop_length = frames - info->loop_start;
    }
}
