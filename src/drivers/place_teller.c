/* SPDX-License-Identifier: MIT */
/* addr2line as a companion: addresses go into it, two lines for each function that is there come out. */
#define _GNU_SOURCE /* socketpair's SOCK_CLOEXEC */
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "place.h"

extern char **environ;

enum { LINE_MAX_CHARS = 600, TEXT_MAX = 200, CACHE = 64, PATIENCE_MS = 5000, INLINED_MAX = 16 };

struct known {
    uintptr_t offset;
    char text[TEXT_MAX];
};

struct place_teller {
    char *path;
    const char *name; /* of the file, without directories; in path */
    pid_t child;      /* 0: not tried yet, -1: there is none */
    int socket;
    char ahead[LINE_MAX_CHARS]; /* read and not yet used */
    size_t ahead_count;
    struct known known[CACHE];
    unsigned known_count;
};

struct place_teller *place_teller_new(const char *path)
{
    struct place_teller *teller = dm_calloc(1, sizeof *teller);
    if (teller)
        teller->path = dm_strdup(path);
    if (!teller || !teller->path) {
        dm_free(teller);
        return NULL;
    }
    const char *slash = strrchr(teller->path, '/');
    teller->name = slash ? slash + 1 : teller->path;
    return teller;
}

static void end_child(struct place_teller *teller)
{
    if (teller->child > 0) {
        close(teller->socket);
        kill(teller->child, SIGTERM);
        waitpid(teller->child, NULL, 0);
    }
    teller->child = -1;
}

void place_teller_free(struct place_teller *teller)
{
    if (!teller)
        return;
    end_child(teller);
    dm_free(teller->path);
    dm_free(teller);
}

static bool spawn(struct place_teller *teller, const char *program, int ends[2])
{
    char name[32];
    char *argv[] = {name, (char[]){"-f"}, (char[]){"-i"}, (char[]){"-C"}, (char[]){"-s"}, (char[]){"-e"}, teller->path, NULL};
    posix_spawn_file_actions_t actions;
    pid_t child = 0;
    snprintf(name, sizeof name, "%s", program);
    if (posix_spawn_file_actions_init(&actions) != 0)
        return false;
    bool ok = posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO) == 0 &&
              posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO) == 0 &&
              posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", 1 /* O_WRONLY */, 0) == 0 &&
              posix_spawnp(&child, program, &actions, NULL, argv, environ) == 0;
    posix_spawn_file_actions_destroy(&actions);
    teller->child = ok ? child : -1;
    return ok;
}

static bool start(struct place_teller *teller)
{
    int ends[2];
    if (teller->child != 0)
        return teller->child > 0;
    teller->child = -1;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    bool ok = spawn(teller, "addr2line", ends) || spawn(teller, "llvm-addr2line", ends);
    close(ends[1]);
    teller->socket = ends[0];
    if (!ok)
        close(ends[0]);
    return ok;
}

/* The next line of the child's, without its end. Over-long ones are cut. */
static bool read_line(struct place_teller *teller, char line[LINE_MAX_CHARS])
{
    for (;;) {
        char *end = memchr(teller->ahead, '\n', teller->ahead_count);
        if (end || teller->ahead_count == sizeof teller->ahead) {
            size_t length = end ? (size_t)(end - teller->ahead) : sizeof teller->ahead - 1, used = length + 1;
            memcpy(line, teller->ahead, length);
            line[length] = 0;
            teller->ahead_count -= used;
            memmove(teller->ahead, teller->ahead + used, teller->ahead_count);
            return true;
        }
        struct pollfd poller = {.fd = teller->socket, .events = POLLIN};
        ssize_t got = poll(&poller, 1, PATIENCE_MS) > 0
                          ? read(teller->socket, teller->ahead + teller->ahead_count, sizeof teller->ahead - teller->ahead_count)
                          : 0;
        if (got <= 0)
            return false;
        teller->ahead_count += (size_t)got;
    }
}

struct function {
    char name[LINE_MAX_CHARS], line[LINE_MAX_CHARS];
};

static bool is_unknown(const struct function *f) { return strncmp(f->name, "??", 2) == 0 && strncmp(f->line, "??", 2) == 0; }

static bool read_function(struct place_teller *teller, struct function *f)
{
    return read_line(teller, f->name) && read_line(teller, f->line);
}

/* Functions that were inlined come first; those of stdunk.h (new, for one) stand for who wrote them. Address 0, where nothing is, marks
 * the end of the list. */
static bool ask(struct place_teller *teller, uintptr_t offset, struct function *out)
{
    char question[64];
    struct function next;
    int length = snprintf(question, sizeof question, "0x%llx\n0x0\n", (unsigned long long)offset);
    if (!start(teller))
        return false;
    bool ok = send(teller->socket, question, (size_t)length, MSG_NOSIGNAL) == length && read_function(teller, out);
    for (unsigned n = 0; ok; n++) {
        ok = n < INLINED_MAX && read_function(teller, &next);
        if (!ok || is_unknown(&next))
            break;
        if (strncmp(out->line, "stdunk.h:", 9) == 0)
            *out = next;
    }
    if (!ok)
        end_child(teller);
    return ok && strncmp(out->name, "??", 2) != 0;
}

/* Name without parameters, line without remarks. */
static void shorten(struct function *f)
{
    char *parameters = strchr(f->name + (f->name[0] == '('), '(');
    char *remark = strchr(f->line, ' ');
    if (parameters && parameters != f->name)
        *parameters = 0;
    if (remark)
        *remark = 0;
}

static void describe(struct place_teller *teller, struct known *known)
{
    struct function f;
    bool named = ask(teller, known->offset, &f);
    if (named)
        shorten(&f);
    if (named && f.line[0] != '?' && !strstr(f.line, ":?") && !strstr(f.line, ":0"))
        snprintf(known->text, TEXT_MAX, "%.140s, %.50s", f.name, f.line);
    else if (named)
        snprintf(known->text, TEXT_MAX, "%.100s (%.60s+0x%llx)", f.name, teller->name, (unsigned long long)known->offset);
    else
        snprintf(known->text, TEXT_MAX, "%.150s+0x%llx", teller->name, (unsigned long long)known->offset);
}

const char *place_text(struct place_teller *teller, uintptr_t offset)
{
    if (!teller || !offset)
        return "";
    for (unsigned i = 0; i < teller->known_count; i++)
        if (teller->known[i].offset == offset)
            return teller->known[i].text;
    if (teller->known_count == CACHE)
        teller->known_count = 0;
    struct known *known = &teller->known[teller->known_count++];
    known->offset = offset;
    describe(teller, known);
    return known->text;
}
