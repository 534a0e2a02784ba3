/* SPDX-License-Identifier: MIT */
/* Wrong uses of dmus.h get what its head promises: DMUS_ERR_ARGUMENT with a line of text, and nothing in any *out. */
#include "dmus/dmus.h"
#include "tap.h"
#include "testbank.h"

static struct dmus_error err;
static int place; /* what an *out must not keep */

static void refused(enum dmus_status status)
{
    CHECK_EQ(status, DMUS_ERR_ARGUMENT);
    CHECK_EQ(err.status, DMUS_ERR_ARGUMENT);
    CHECK(err.text[0] != '\0' && !strchr(err.text, '\n'));
    err = (struct dmus_error)DMUS_INIT(dmus_error);
}

static bool no_progress(void *ctx, const struct dmus_progress *progress)
{
    (void)ctx, (void)progress;
    return CHECK(false); /* nothing is rendered */
}

static void test_nothing_in_out(void)
{
    struct dmus_bank *bank = (void *)&place;
    struct dmus_song *song = (void *)&place;
    enum dmus_kind kind = DMUS_KIND_DLS;
    refused(dmus_bank_open(NULL, &bank, &err));
    CHECK(bank == NULL);
    bank = (void *)&place;
    refused(dmus_bank_open_memory(NULL, 5, "bank", &bank, &err));
    CHECK(bank == NULL);
    bank = (void *)&place;
    refused(dmus_song_get_bank(NULL, &bank, &err));
    CHECK(bank == NULL);
    refused(dmus_song_open(NULL, &song, &err));
    CHECK(song == NULL);
    song = (void *)&place;
    refused(dmus_song_open_memory(NULL, 5, "song", &song, &err));
    CHECK(song == NULL);
    refused(dmus_detect(NULL, &kind, &err));
    CHECK_EQ(kind, DMUS_KIND_UNKNOWN);
    refused(dmus_bank_open("bank", NULL, &err));
    refused(dmus_song_open("song", NULL, &err));
    refused(dmus_convert(NULL, "out.dls", NULL, NULL, &err));
    CHECK(dmus_bank_ref(NULL) == NULL && dmus_song_ref(NULL) == NULL);
    dmus_bank_close(NULL);
    dmus_song_close(NULL);
    dmus_report_free(NULL);
}

static void test_lookup_without_names(void)
{
    static const char *const names[2]; /* NULL, NULL */
    const struct {
        uint32_t named_count, config_count;
        const char *const *named, *const *config;
    } wrong[] = {{1, 0, NULL, NULL}, {0, 1, NULL, NULL}, {2, 0, names, NULL}, {0, 2, NULL, names}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct dmus_lookup lookup = DMUS_INIT(dmus_lookup);
        struct dmus_bank *banks[DMUS_MAX_BANKS] = {(void *)&place};
        size_t count = 7;
        lookup.named = wrong[i].named;
        lookup.named_count = wrong[i].named_count;
        lookup.config = wrong[i].config;
        lookup.config_count = wrong[i].config_count;
        refused(dmus_find_banks(&lookup, banks, &count, &err));
        CHECK(count == 0 && banks[0] == NULL);
    }
    struct dmus_bank *banks[DMUS_MAX_BANKS] = {(void *)&place};
    size_t count = 7;
    refused(dmus_find_banks(NULL, banks, &count, &err));
    CHECK(count == 0 && banks[0] == NULL);
}

/* A name that is empty is shown as such, and before any work is done. */
static void test_empty_names(void)
{
    struct blob bytes = testbank_make(), notes = testsong_random(1, 10, 1.0);
    struct dmus_bank *bank = NULL;
    struct dmus_song *song = NULL;
    struct dmus_output output = DMUS_INIT(dmus_output);
    struct dmus_render_options options = DMUS_INIT(dmus_render_options);
    CHECK_EQ(dmus_bank_open("", &bank, &err), DMUS_ERR_OPEN);
    CHECK_STR(err.text, "\"\": No such file or directory");
    CHECK_EQ(dmus_bank_open_memory(bytes.data, bytes.size, NULL, &bank, NULL), DMUS_OK);
    CHECK_EQ(dmus_song_open_memory(notes.data, notes.size, NULL, &song, NULL), DMUS_OK);
    CHECK_EQ(dmus_render_defaults(&options), DMUS_OK);
    options.progress = no_progress;
    output.path = "";
    output.type = "wav";
    CHECK_EQ(dmus_render(song, &bank, 1, &options, &output, NULL, &err), DMUS_ERR_WRITE);
    CHECK_STR(err.text, "\"\": No such file or directory");
    CHECK_EQ(dmus_convert(bank, "", NULL, NULL, &err), DMUS_ERR_WRITE);
    CHECK_STR(err.text, "\"\": No such file or directory");
    dmus_song_close(song);
    dmus_bank_close(bank);
    blob_free(&bytes);
    blob_free(&notes);
    err = (struct dmus_error)DMUS_INIT(dmus_error);
}

/* A structure that nobody initialised holds anything. */
static void test_sizes(void)
{
    static const uint32_t sizes[] = {0, 8, sizeof(struct dmus_render_options) - 1, 65537, 0x55555555, UINT32_MAX};
    struct dmus_bank *bank;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct dmus_render_options options = {.size = sizes[i]};
        CHECK_EQ(dmus_render_defaults(&options), DMUS_ERR_ARGUMENT);
        CHECK_EQ(options.sample_rate, 0);
        struct dmus_error unset = {.size = i == 2 ? 100 : sizes[i], .status = 1};
        CHECK_EQ(dmus_bank_open("/nonexistent", &bank, &unset), DMUS_ERR_OPEN);
        CHECK_EQ(unset.status, 1);
    }
}

/* A program built against a header of the future: what this library does not know of comes back as zero. */
static void test_larger_structures(void)
{
    struct {
        struct dmus_render_options options;
        unsigned char more[64];
    } future;
    memset(&future, 0xEE, sizeof future);
    future.options.size = sizeof future;
    CHECK_EQ(dmus_render_defaults(&future.options), DMUS_OK);
    CHECK_EQ(future.options.size, sizeof future);
    CHECK_EQ(future.options.sample_rate, 48000);
    for (size_t i = 0; i < sizeof future.more; i++)
        CHECK_EQ(future.more[i], 0);
}

int main(void)
{
    err = (struct dmus_error)DMUS_INIT(dmus_error);
    RUN(test_nothing_in_out);
    RUN(test_lookup_without_names);
    RUN(test_empty_names);
    RUN(test_sizes);
    RUN(test_larger_structures);
    return tap_done();
}
