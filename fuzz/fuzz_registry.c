/* SPDX-License-Identifier: MIT */
/* The registry's text form: whatever it reads, a driver can walk the whole tree, ask each value at every length and delete
 * it, and nothing is left. */
#include <string.h>

#include <wdm.h>

#include "kernel/wdm/machine.h"
#include "kernel/wdm/registry.h"
#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static HANDLE open_key(HANDLE root, const void *units, size_t bytes)
{
    UNICODE_STRING name = {(USHORT)bytes, (USHORT)bytes, (PWSTR)(uintptr_t)units};
    OBJECT_ATTRIBUTES attributes;
    HANDLE key = NULL;
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, root, NULL);
    NTSTATUS status = ZwOpenKey(&key, KEY_READ, &attributes);
    MUST(NT_SUCCESS(status) == (key != NULL));
    return key;
}

static void ask_values(HANDLE key)
{
    static uint8_t raw[4096] __attribute__((aligned(8)));
    ULONG length, again;
    for (ULONG i = 0; i < 64; i++) {
        NTSTATUS status = ZwEnumerateValueKey(key, i, KeyValueFullInformation, raw, 0, &length);
        if (status == STATUS_NO_MORE_ENTRIES)
            return;
        MUST(status == STATUS_BUFFER_TOO_SMALL && length >= 20);
        status = ZwEnumerateValueKey(key, i, KeyValueFullInformation, raw, sizeof raw, &again);
        MUST(again == length && status == (length <= sizeof raw ? STATUS_SUCCESS : STATUS_BUFFER_OVERFLOW));
        const KEY_VALUE_FULL_INFORMATION *full = (void *)raw;
        MUST(full->DataOffset + full->DataLength == length);
        if (length > sizeof raw)
            continue;
        UNICODE_STRING name = {(USHORT)full->NameLength, (USHORT)full->NameLength, (PWSTR)(uintptr_t)full->Name};
        MUST(NT_SUCCESS(ZwQueryValueKey(key, &name, KeyValueBasicInformation, raw + 2048, 2048, &again)) ||
             full->NameLength > 2000);
    }
}

/* Always the first child: the tree can be as deep as the format allows, but not deeper. */
static void walk(HANDLE key)
{
    uint8_t raw[1024] __attribute__((aligned(8)));
    ULONG length;
    for (int depth = 0; key; depth++) {
        HANDLE below = NULL;
        MUST(depth <= WDM_REGISTRY_DEPTH_MAX);
        ask_values(key);
        if (ZwEnumerateKey(key, 0, KeyBasicInformation, raw, sizeof raw, &length) == STATUS_SUCCESS) {
            const KEY_BASIC_INFORMATION *basic = (void *)raw;
            below = open_key(key, basic->Name, basic->NameLength);
            MUST(below != NULL);
        }
        MUST(ZwClose(key) == STATUS_SUCCESS);
        key = below;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wdm_machine *machine;
    struct dm_error err = {DM_OK, ""};
    MUST(wdm_machine_create(NULL, &machine, &err) == DM_OK);
    wdm_enter(machine);
    enum dm_status status = wdm_registry_parse(machine, (const char *)data, size, "fuzz", &err);
    MUST(status == DM_OK || (status == DM_ERR_FORMAT && strncmp(err.text, "fuzz: line ", 11) == 0));
    walk(open_key(NULL, u"\\", 2));
    MUST(wdm_handles_open(machine) == 0 && wdm_rule_faults(machine) == 0);
    wdm_leave();
    wdm_machine_destroy(machine);
    return 0;
}
