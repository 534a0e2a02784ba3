/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "wine_prefix.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

#define COMMAND "wine-install"

static bool is_directory(const char *prefix, const char *rest)
{
    char path[PATH_MAX];
    struct stat st;
    int length = snprintf(path, sizeof path, "%s/%s", prefix, rest);
    return length > 0 && length < PATH_MAX && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool choose_path(const char *name, char out[PATH_MAX])
{
    const char *home = getenv("HOME"), *environment = getenv("WINEPREFIX");
    const char *chosen = name ? name : environment && *environment ? environment : NULL;
    if (!chosen && (!home || !*home)) {
        complain(COMMAND, "no prefix: name one, or set WINEPREFIX");
        return false;
    }
    int length = chosen ? snprintf(out, PATH_MAX, "%s", chosen) : snprintf(out, PATH_MAX, "%s/.wine", home);
    if (length > 0 && length < PATH_MAX)
        return true;
    complain(COMMAND, "the prefix's path is too long");
    return false;
}

/* system.reg says "#arch=win64" or win32 near its top; prefixes older than that line have 32 bits. */
static bool read_architecture(struct wine_prefix *prefix)
{
    char path[PATH_MAX], line[256];
    bool registry = false;
    if (!path_join(path, prefix->path, "system.reg"))
        return false;
    FILE *file = fopen(path, "r");
    if (!file) {
        complain(COMMAND, "%s: no Wine prefix: it has no system.reg (%s)", prefix->path, strerror(errno));
        return false;
    }
    prefix->win64 = false;
    for (int i = 0; i < 16 && fgets(line, sizeof line, file) && line[0] != '['; i++) {
        registry |= i == 0 && strncmp(line, "WINE REGISTRY", 13) == 0;
        prefix->win64 |= strncmp(line, "#arch=win64", 11) == 0;
    }
    fclose(file);
    if (!registry)
        complain(COMMAND, "%s: not a registry of Wine", path);
    return registry;
}

/* wineserver works in a directory named after device and inode of its prefix (its manual page, FILES), wherever that directory
 * is. It keeps the registry in memory and writes it when it ends, over what others wrote. */
static bool server_is_running(const struct stat *prefix)
{
    char want[64], link[64], path[PATH_MAX];
    snprintf(want, sizeof want, "/server-%llx-%llx", (unsigned long long)prefix->st_dev, (unsigned long long)prefix->st_ino);
    DIR *processes = opendir("/proc");
    bool running = false;
    for (struct dirent *entry; processes && !running && (entry = readdir(processes)) != NULL;) {
        if (strspn(entry->d_name, "0123456789") != strlen(entry->d_name) || strlen(entry->d_name) > 20)
            continue;
        snprintf(link, sizeof link, "/proc/%.20s/cwd", entry->d_name);
        ssize_t length = readlink(link, path, sizeof path - 1);
        if (length < (ssize_t)strlen(want))
            continue;
        path[length] = '\0';
        running = strcmp(path + length - strlen(want), want) == 0;
    }
    if (processes)
        closedir(processes);
    return running;
}

bool prefix_open(const char *name, struct wine_prefix *out)
{
    struct stat st;
    if (!choose_path(name, out->path))
        return false;
    if (stat(out->path, &st) != 0) {
        complain(COMMAND, "%s: %s", out->path, strerror(errno));
        return false;
    }
    if (!read_architecture(out))
        return false;
    if (st.st_uid != geteuid()) {
        complain(COMMAND, "%s belongs to user %lu: run this as that user", out->path, (unsigned long)st.st_uid);
        return false;
    }
    const char *needed[] = {"drive_c/windows/system32", "drive_c/windows/syswow64"};
    for (int i = 0; i < (out->win64 ? 2 : 1); i++)
        if (!is_directory(out->path, needed[i])) {
            complain(COMMAND, "%s: no Wine prefix: it has no %s", out->path, needed[i]);
            return false;
        }
    if (server_is_running(&st)) {
        complain(COMMAND, "%s: Wine is running there; end its programs first (wineserver -k)", out->path);
        return false;
    }
    return true;
}

/* ---- the DLLs ---------------------------------------------------------------------- */

static unsigned at16(const struct file_bytes *bytes, size_t at)
{
    return at + 2 <= bytes->size ? (unsigned char)bytes->data[at] | (unsigned)(unsigned char)bytes->data[at + 1] << 8 : 0;
}

static unsigned pe_machine(const struct file_bytes *bytes)
{
    size_t header = at16(bytes, 0x3c) | (size_t)at16(bytes, 0x3e) << 16;
    bool pe = bytes->size > 64 && memcmp(bytes->data, "MZ", 2) == 0 && header < bytes->size - 6 &&
              memcmp(bytes->data + header, "PE\0", 4) == 0;
    return pe ? at16(bytes, header + 4) : 0;
}

/* By its version resource, in UTF-16. */
static bool is_ours(const struct file_bytes *bytes)
{
    static const char name[] = "O\0p\0e\0n\0D\0M\0u\0s";
    for (size_t at = 0; at + sizeof name <= bytes->size; at++)
        if (memcmp(bytes->data + at, name, sizeof name) == 0)
            return true;
    return false;
}

/* Candidates: DIRECTORY; what `make install` wrote; the tree in which this program was built. */
static bool candidate(int n, const char *directory, bool wide, char out[PATH_MAX])
{
    const char *const folder = wide ? "x86_64-windows" : "i386-windows";
    char self[PATH_MAX];
    int length = -1;
    if (directory) {
        length = n == 0 ? snprintf(out, PATH_MAX, "%s/%s/dmsynth.dll", directory, folder) : -1;
    } else if (n == 0) {
        length = snprintf(out, PATH_MAX, "%s/%s/dmsynth.dll", DMUS_DLL_DIR, folder);
    } else if (n == 1) {
        ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);
        self[size > 0 ? size : 0] = '\0';
        for (int i = 0; i < 3 && strrchr(self, '/'); i++) /* BUILD/cli/dmus */
            *strrchr(self, '/') = '\0';
        length = snprintf(out, PATH_MAX, "%s/%s/dll/dmsynth.dll", self, wide ? "build-dll64" : "build-dll32");
    }
    return length > 0 && length < PATH_MAX;
}

bool dll_load(const char *directory, unsigned machine, char found[PATH_MAX], struct file_bytes *out)
{
    bool wide = machine == MACHINE_X64;
    for (int n = 0; candidate(n, directory, wide, found); n++) {
        if (!file_there(found))
            continue;
        if (!file_read(found, out))
            return false;
        if (pe_machine(out) == machine && is_ours(out))
            return true;
        complain(COMMAND, "%s: not OpenDMus's DLL for %d-bit programs", found, wide ? 64 : 32);
        free(out->data);
        return false;
    }
    complain(COMMAND, "no dmsynth.dll for %d-bit programs%s%s; `make dll` builds it", wide ? 64 : 32, directory ? " under " : "",
             directory ? directory : "");
    return false;
}
