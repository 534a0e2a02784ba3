/* SPDX-License-Identifier: MIT */
/* The order of spec/ecosystem.md 3.3 on a tree of its own, and that nothing named is ever replaced. */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dmus/dmus.h"
#include "tap.h"
#include "testbank.h"

static char root[64];
static struct blob bank_bytes, song_bytes;

static const char *in_root(const char *path)
{
    static char text[4][256];
    static int next;
    char *out = text[next++ % 4];
    snprintf(out, sizeof text[0], "%s/%s", root, path);
    return out;
}

static void put(const char *path, const void *bytes, size_t size)
{
    char text[256], *slash;
    snprintf(text, sizeof text, "%s", in_root(path));
    for (slash = strchr(text + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(text, 0755);
        *slash = '/';
    }
    FILE *file = fopen(text, "wb");
    if (CHECK(file != NULL)) {
        CHECK_EQ(fwrite(bytes, 1, size, file), size);
        fclose(file);
    }
}

static void put_bank(const char *path) { put(path, bank_bytes.data, bank_bytes.size); }
static void drop(const char *path) { unlink(in_root(path)); }

/* ---- what was reported ---- */

static char log_text[8192];

static void take_step(void *ctx, const struct dmus_lookup_step *step)
{
    static const char *const results[] = {"absent", "unusable", "taken", "below"};
    char line[512];
    (void)ctx;
    const char *path = strncmp(step->path, root, strlen(root)) == 0 ? step->path + strlen(root) + 1 : step->path;
    snprintf(line, sizeof line, "%s|%s|%s\n", dmus_place_name((enum dmus_lookup_place)step->place),
             results[step->result], path);
    strncat(log_text, line, sizeof log_text - strlen(log_text) - 1);
}

static struct dmus_error err;
static size_t count;
static char first[256], second[256];

static enum dmus_status find(const char *const *named, uint32_t named_count, const char *config, struct dmus_song *song)
{
    struct dmus_lookup lookup = DMUS_INIT(dmus_lookup);
    struct dmus_bank *banks[DMUS_MAX_BANKS];
    lookup.named = named;
    lookup.named_count = named_count;
    lookup.config = &config;
    lookup.config_count = config != NULL;
    lookup.song = song;
    lookup.report = take_step;
    log_text[0] = first[0] = second[0] = '\0';
    err = (struct dmus_error)DMUS_INIT(dmus_error);
    enum dmus_status status = dmus_find_banks(&lookup, banks, &count, &err);
    for (size_t i = 0; i < count; i++) {
        struct dmus_bank_info info = DMUS_INIT(dmus_bank_info);
        dmus_bank_get_info(banks[i], &info);
        const char *path = strncmp(info.path, root, strlen(root)) == 0 ? info.path + strlen(root) + 1 : info.path;
        snprintf(i ? second : first, sizeof first, "%s", path);
        dmus_bank_close(banks[i]);
    }
    if (status != DMUS_OK)
        for (size_t i = 0; i < DMUS_MAX_BANKS; i++)
            CHECK(banks[i] == NULL);
    return status;
}

static struct dmus_song *open_song(const char *path)
{
    struct dmus_song *song = NULL;
    CHECK_EQ(dmus_song_open(in_root(path), &song, &err), DMUS_OK);
    return song;
}

/* ---- tests, on one tree that loses its best place each time ---- */

static void test_order(void)
{
    put("songs/tune.mid", song_bytes.data, song_bytes.size);
    struct dmus_song *song = open_song("songs/tune.mid");
    put_bank("home/soundfonts/default.sf2");
    put_bank("home/sounds/sf2/b.sf2");
    put("home/sounds/sf2/a.sf2", "not a bank", 10);
    put_bank("sys1/soundfonts/default.sf3"); /* an SF2 file: content decides */
    put_bank("sys2/sounds/sf3/default-GM.sf3");
    put_bank("sys2/sounds/sf2/default-GM.sf2");
    put_bank("songs/tune.sf2");
    put_bank("config.sf2");
    put_bank("env.sf2");
    put_bank("sdl.sf2");
    put_bank("named.sf2");
    char named_path[256], config[256];
    snprintf(named_path, sizeof named_path, "%s", in_root("named.sf2"));
    const char *named = named_path;
    snprintf(config, sizeof config, "%s", in_root("config.sf2"));
    setenv("DMUS_BANK", in_root("env.sf2"), 1);
    char list[512];
    snprintf(list, sizeof list, "%s;%s", in_root("gone.sf2"), in_root("sdl.sf2"));
    setenv("SDL_SOUNDFONTS", list, 1);

    CHECK_EQ(find(&named, 1, config, song), DMUS_OK);
    CHECK_STR(first, "named.sf2");
    CHECK_STR(log_text, "command line|taken|named.sf2\n");
    CHECK_EQ(find(NULL, 0, config, song), DMUS_OK);
    CHECK_STR(first, "env.sf2");
    unsetenv("DMUS_BANK");
    CHECK_EQ(find(NULL, 0, config, song), DMUS_OK);
    CHECK_STR(first, "sdl.sf2");
    CHECK_STR(log_text, "environment|absent|$DMUS_BANK\nenvironment|absent|gone.sf2\nenvironment|taken|sdl.sf2\n");
    unsetenv("SDL_SOUNDFONTS");
    CHECK_EQ(find(NULL, 0, config, song), DMUS_OK);
    CHECK_STR(first, "songs/tune.sf2");
    CHECK(strstr(log_text, "inside the song|absent") != NULL);
    CHECK(strstr(log_text, "beside the song|absent|songs/tune.dls\n") != NULL);
    drop("songs/tune.sf2");
    CHECK_EQ(find(NULL, 0, config, song), DMUS_OK);
    CHECK_STR(first, "config.sf2");
    CHECK_EQ(find(NULL, 0, NULL, song), DMUS_OK);
    CHECK_STR(first, "home/soundfonts/default.sf2");
    drop("home/soundfonts/default.sf2");
    CHECK_EQ(find(NULL, 0, NULL, song), DMUS_OK);
    CHECK_STR(first, "home/sounds/sf2/b.sf2");
    CHECK(strstr(log_text, "user|unusable|home/sounds/sf2/a.sf2\n") != NULL);
    drop("home/sounds/sf2/b.sf2");
    CHECK_EQ(find(NULL, 0, NULL, song), DMUS_OK);
    CHECK_STR(first, "sys1/soundfonts/default.sf3");
    drop("sys1/soundfonts/default.sf3");
    CHECK_EQ(find(NULL, 0, NULL, song), DMUS_OK);
    CHECK_STR(first, "sys2/sounds/sf3/default-GM.sf3");
    drop("sys2/sounds/sf3/default-GM.sf3");
    CHECK_EQ(find(NULL, 0, NULL, NULL), DMUS_OK);
    CHECK_STR(first, "sys2/sounds/sf2/default-GM.sf2");
    drop("sys2/sounds/sf2/default-GM.sf2");
    CHECK_EQ(find(NULL, 0, NULL, song), DMUS_ERR_NOT_FOUND);
    CHECK(strstr(err.text, "no bank") != NULL);
    CHECK_EQ(count, 0);
    dmus_song_close(song);
}

static void test_named_is_never_replaced(void)
{
    put_bank("home/soundfonts/default.sf2");
    put("broken.sf2", "RIFF\x04\0\0\0sfbk", 12);
    static const char *const bad[] = {"nowhere.sf2", "broken.sf2", "home"};
    for (unsigned i = 0; i < 3; i++) {
        char path[256];
        snprintf(path, sizeof path, "%s", in_root(bad[i]));
        const char *named[2] = {path, in_root("named.sf2")};
        CHECK(find(named, 2, NULL, NULL) != DMUS_OK);
        CHECK(strstr(err.text, bad[i]) != NULL);
        CHECK(find(NULL, 0, path, NULL) != DMUS_OK);
        CHECK(strstr(err.text, bad[i]) != NULL);
        setenv("DMUS_BANK", path, 1);
        CHECK(find(NULL, 0, NULL, NULL) != DMUS_OK);
        CHECK(strstr(err.text, bad[i]) != NULL);
        unsetenv("DMUS_BANK");
    }
    char path[256];
    snprintf(path, sizeof path, "%s", in_root("broken.sf2"));
    setenv("SDL_SOUNDFONTS", path, 1);
    CHECK(find(NULL, 0, NULL, NULL) != DMUS_OK);
    setenv("SDL_SOUNDFONTS", "/nowhere/a.sf2;/nowhere/b.sf2", 1); /* none of those is there: not another one */
    CHECK_EQ(find(NULL, 0, NULL, NULL), DMUS_ERR_OPEN);
    CHECK(strstr(err.text, "SDL_SOUNDFONTS: no such file: /nowhere/a.sf2;/nowhere/b.sf2") != NULL);
    unsetenv("SDL_SOUNDFONTS");
    const char *named[2];
    named[0] = in_root("named.sf2");
    named[1] = in_root("config.sf2");
    CHECK_EQ(find(named, 2, NULL, NULL), DMUS_OK);
    CHECK_EQ(count, 2);
    CHECK_STR(first, "named.sf2");
    CHECK_STR(second, "config.sf2");
}

static void add_chunk(struct blob *to, const char *id, const struct blob *body)
{
    uint8_t size[4] = {(uint8_t)body->size, (uint8_t)(body->size >> 8), (uint8_t)(body->size >> 16), 0};
    blob_add(to, id, 4);
    blob_add(to, size, 4);
    blob_add(to, body->data, body->size);
    if (body->size & 1)
        blob_add(to, "", 1);
}

/* An RMID whose bank is taken, with one of the system below it. */
static void test_bank_inside_the_song(void)
{
    struct blob body = {0}, file = {0};
    blob_add(&body, "RMID", 4);
    add_chunk(&body, "data", &song_bytes);
    blob_add(&body, bank_bytes.data, bank_bytes.size);
    add_chunk(&file, "RIFF", &body);
    put("songs/with.rmi", file.data, file.size);
    struct dmus_song *song = open_song("songs/with.rmi");
    struct dmus_song_info info = DMUS_INIT(dmus_song_info);
    CHECK_EQ(dmus_song_get_info(song, &info), DMUS_OK);
    CHECK_EQ(info.kind, DMUS_KIND_RMID);
    CHECK_EQ(info.embedded_kind, DMUS_KIND_SF2);
    CHECK_EQ(find(NULL, 0, NULL, song), DMUS_OK);
    CHECK_EQ(count, 2);
    CHECK_STR(first, "songs/with.rmi (bank inside)");
    CHECK_STR(second, "home/soundfonts/default.sf2");
    CHECK(strstr(log_text, "inside the song|taken|") != NULL);
    CHECK(strstr(log_text, "user|below|home/soundfonts/default.sf2") != NULL);
    dmus_song_close(song);
    blob_free(&body);
    blob_free(&file);
}

int main(void)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(root, sizeof root, "%.40s/dmus-lookup-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(root))
        return 1;
    char dirs[512];
    snprintf(dirs, sizeof dirs, "relative:%s:%s", in_root("sys1"), in_root("sys2"));
    setenv("XDG_DATA_HOME", in_root("home"), 1);
    setenv("XDG_DATA_DIRS", dirs, 1);
    unsetenv("DMUS_BANK");
    unsetenv("SDL_SOUNDFONTS");
    bank_bytes = testbank_make();
    song_bytes = testsong_random(1, 20, 0.2);
    RUN(test_order);
    RUN(test_named_is_never_replaced);
    RUN(test_bank_inside_the_song);
    blob_free(&bank_bytes);
    blob_free(&song_bytes);
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    return system(command) == 0 ? tap_done() : 1;
}
