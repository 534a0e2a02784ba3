/* SPDX-License-Identifier: MIT */
/* dm_fail, dm_note: texts, cutting, and arguments that point into the error itself. */
#include <errno.h>

#include "base/status.h"
#include "base/text.h"
#include "tap.h"

static void test_fail_fills_and_returns(void)
{
    struct dm_error err = {0};
    CHECK_EQ(dm_fail(&err, DM_ERR_FORMAT, "wave %d: %s", 12, "no data"), DM_ERR_FORMAT);
    CHECK_EQ(err.status, DM_ERR_FORMAT);
    CHECK_STR(err.text, "wave 12: no data");
    CHECK_EQ(dm_fail(NULL, DM_ERR_READ, "nobody listens"), DM_ERR_READ);
}

static void test_text_may_quote_itself(void)
{
    struct dm_error err = {0};
    dm_fail(&err, DM_ERR_FORMAT, "no data");
    dm_fail(&err, DM_ERR_FORMAT, "bank.dls: %s", err.text);
    CHECK_STR(err.text, "bank.dls: no data");
}

static void test_long_text_is_cut_at_a_character(void)
{
    struct dm_error err = {0};
    char long_name[1001];
    for (int shift = 0; shift < 2; shift++) {
        memset(long_name, 'x', sizeof long_name);
        for (size_t i = (size_t)shift; i + 2 < sizeof long_name; i += 2)
            memcpy(long_name + i, "\xC3\xA9", 2);
        long_name[999] = '\0';
        dm_fail(&err, DM_ERR_OPEN, "%s", long_name);
        size_t length = strlen(err.text);
        CHECK(length == sizeof err.text - 1 || length == sizeof err.text - 2);
        CHECK(text_valid_utf8(err.text, length));
    }
}

static void test_errno_reason_survives_a_long_path(void)
{
    struct dm_error err = {0};
    char path[600];
    memset(path, 'p', sizeof path);
    path[sizeof path - 1] = '\0';
    CHECK_EQ(dm_fail_errno(&err, DM_ERR_OPEN, ENOENT, "%s", path), DM_ERR_OPEN);
    CHECK_STR(err.text + strlen(err.text) - strlen(strerror(ENOENT)), strerror(ENOENT));
    dm_fail_errno(&err, DM_ERR_OPEN, EACCES, "a/%s", "b");
    char want[200];
    snprintf(want, sizeof want, "a/b: %s", strerror(EACCES));
    CHECK_STR(err.text, want);
}

static void test_every_status_has_its_own_text(void)
{
    for (int a = DM_ERR_SUBSTITUTED; a <= DM_OK; a++) {
        CHECK(strlen(dm_status_text((enum dm_status)a)) > 0);
        CHECK(strcmp(dm_status_text((enum dm_status)a), dm_status_text((enum dm_status)99)) != 0);
        for (int b = DM_ERR_SUBSTITUTED; b < a; b++)
            CHECK(strcmp(dm_status_text((enum dm_status)a), dm_status_text((enum dm_status)b)) != 0);
    }
}

static void keep(void *ctx, const char *text) { snprintf(ctx, 64, "%s", text); }

static void test_notes_reach_their_receiver(void)
{
    char last[64] = "";
    struct dm_notes notes = {keep, last};
    dm_note(&notes, "wave %u: loop clamped", 7u);
    CHECK_STR(last, "wave 7: loop clamped");
    notes.note = NULL;
    dm_note(&notes, "lost");
    dm_note(NULL, "lost");
    CHECK_STR(last, "wave 7: loop clamped");
}

int main(void)
{
    RUN(test_fail_fills_and_returns);
    RUN(test_text_may_quote_itself);
    RUN(test_long_text_is_cut_at_a_character);
    RUN(test_errno_reason_survives_a_long_path);
    RUN(test_every_status_has_its_own_text);
    RUN(test_notes_reach_their_receiver);
    return tap_done();
}
