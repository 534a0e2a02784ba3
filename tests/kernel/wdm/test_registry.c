/* SPDX-License-Identifier: MIT */
/* The registry: its text form, and the Zw functions with the statuses of spec/ddi-kernel.md 3.13 and 11.3. */
#include <string.h>

#include "base/alloc.h"
#include "kernel/wdm/registry.h"
#include "wdm_rig.h"

#define KEY "\\Registry\\Machine\\System\\Services\\synth"

static struct wdm_machine *machine;

static const char text[] = "Windows Registry Editor Version 5.00\r\n"
                           "\r\n"
                           "; a remark\r\n"
                           "[HKEY_LOCAL_MACHINE\\System\\Services\\synth]\r\n"
                           "\"Description\"=\"S\\\\y \\\"n\\\" \xc3\xa4\"  ; behind it\r\n"
                           "\"Voices\"=dword:0000002A\r\n"
                           "@=\"unnamed\"\r\n"
                           "\"Blob\"=hex:01,02, \\\r\n  FF\r\n"
                           "\"Multi\"=hex(7):61,00,00,00,00,00\r\n"
                           "\"Empty\"=hex:\r\n"
                           "\"Gone\"=dword:1\r\n"
                           "\"Gone\"=-\r\n"
                           "[hklm\\Other\\Deep\\Down]\n"
                           "[-HKLM\\other]\n";

static OBJECT_ATTRIBUTES named(UNICODE_STRING *name, const uint16_t *path, HANDLE root)
{
    OBJECT_ATTRIBUTES attributes;
    RtlInitUnicodeString(name, (PCWSTR)path);
    InitializeObjectAttributes(&attributes, name, OBJ_CASE_INSENSITIVE, root, NULL);
    return attributes;
}

static void test_text(void)
{
    struct dm_error err = {DM_OK, ""};
    uint32_t type = 0, word = 0;
    size_t size = 0;
    uint8_t data[64];
    machine = machine_open(WDM_VIRTUAL);
    CHECK_EQ(wdm_registry_parse(machine, text, sizeof text - 1, "test.reg", &err), DM_OK);
    CHECK_STR(err.text, "");
    CHECK(wdm_registry_get(machine, KEY, "description", &type, data, sizeof data, &size));
    CHECK_EQ(type, REG_SZ);
    CHECK_EQ(size, 20);
    CHECK(memcmp(data, u"S\\y \"n\" \u00e4", 20) == 0);
    CHECK(wdm_registry_get(machine, "HKLM\\System\\Services\\SYNTH", "Voices", &type, &word, sizeof word, NULL));
    CHECK_EQ(word, 42);
    CHECK(wdm_registry_get(machine, KEY, NULL, &type, NULL, 0, &size));
    CHECK_EQ(size, 16);
    CHECK(wdm_registry_get(machine, KEY, "Blob", &type, data, sizeof data, &size));
    CHECK(size == 3 && memcmp(data, "\x01\x02\xff", 3) == 0);
    CHECK(wdm_registry_get(machine, KEY, "Multi", &type, data, sizeof data, &size));
    CHECK(type == REG_MULTI_SZ && size == 6);
    CHECK(wdm_registry_get(machine, KEY, "Empty", &type, data, sizeof data, &size));
    CHECK(type == REG_BINARY && size == 0);
    CHECK(!wdm_registry_get(machine, KEY, "Gone", NULL, NULL, 0, NULL));
    CHECK(!wdm_registry_get(machine, "HKLM\\Other\\Deep", "x", NULL, NULL, 0, NULL));
    machine_close(machine);
}

static void test_bad_text(void)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        {"\n\"a\"=dword:1\n", "t: line 2: a value before the first [key]"},
        {"[HKLM\\x]\n\"a\"=dword:x\n", "t: line 2: dword: without a hexadecimal number"},
        {"[HKLM\\x]\n\"a\"=\"b\n", "t: line 2: string without its closing quote"},
        {"[HKLM\\x]\n\"a\n", "t: line 2: name without its closing quote"},
        {"[HKLM\\x]\n\"a\"\n", "t: line 2: = expected after the name"},
        {"[HKLM\\x]\n\"a\"=17\n", "t: line 2: a value is a \"string\", dword:, hex:, hex(type): or -"},
        {"[HKLM\\x]\n\"a\"=hex:1,\\\n2,z\n", "t: line 3: hexadecimal bytes expected, with commas between them"},
        {"[HKLM\\x]\n\"a\"=hex(2:1\n", "t: line 2: hex( without a type and ):"},
        {"[HKLM\\x\n", "t: line 1: [key] expected"},
        {"[]\n", "t: line 1: [key] expected"},
        {"[HKLM\\x] y\n", "t: line 1: more than a [key] on the line"},
        {"[HKLM\\x]\n\"a\"=\"b\" c\n", "t: line 2: more than a value on the line"},
        {"\nwhat\n", "t: line 2: neither [key], \"name\"= nor a comment"},
    };
    machine = machine_open(WDM_VIRTUAL);
    for (size_t i = 0; i < RTL_NUMBER_OF(bad); i++) {
        struct dm_error err = {DM_OK, ""};
        CHECK_EQ(wdm_registry_parse(machine, bad[i].text, strlen(bad[i].text), "t", &err), DM_ERR_FORMAT);
        CHECK_STR(err.text, bad[i].says);
    }
    char deep[3 * (WDM_REGISTRY_DEPTH_MAX + 2)] = "[";
    for (int i = 0; i <= WDM_REGISTRY_DEPTH_MAX; i++)
        strcat(deep, "\\k");
    strcat(deep, "]\n");
    CHECK_EQ(wdm_registry_parse(machine, deep, strlen(deep), "t", NULL), DM_ERR_FORMAT);
    machine_close(machine);
}

static void test_values(void)
{
    HANDLE key, same;
    UNICODE_STRING name;
    ULONG disposition = 0, size = 0;
    uint8_t raw[128] __attribute__((aligned(8)));
    KEY_VALUE_PARTIAL_INFORMATION *partial = (void *)raw;
    KEY_VALUE_FULL_INFORMATION *full = (void *)raw;
    machine = machine_open(WDM_VIRTUAL);
    OBJECT_ATTRIBUTES path = named(&name, u"\\Registry\\Machine\\a", NULL);
    CHECK_EQ(ZwOpenKey(&key, KEY_READ, &path), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_EQ(ZwCreateKey(&key, KEY_ALL_ACCESS, &path, 0, NULL, 0, &disposition), STATUS_SUCCESS);
    CHECK_EQ(disposition, REG_CREATED_NEW_KEY);
    path = named(&name, u"\\REGISTRY\\machine\\A", NULL);
    CHECK_EQ(ZwCreateKey(&same, KEY_ALL_ACCESS, &path, 0, NULL, 0, &disposition), STATUS_SUCCESS);
    CHECK_EQ(disposition, REG_OPENED_EXISTING_KEY);
    RtlInitUnicodeString(&name, (PCWSTR)u"value");
    CHECK_EQ(ZwQueryValueKey(key, &name, KeyValuePartialInformation, raw, sizeof raw, &size), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_EQ(ZwSetValueKey(same, &name, 0, REG_BINARY, "12345", 5), STATUS_SUCCESS);
    /* Nothing fits, part fits, all fits (spec 3.13). */
    CHECK_EQ(ZwQueryValueKey(key, &name, KeyValuePartialInformation, raw, 11, &size), STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(size, 17);
    CHECK_EQ(ZwQueryValueKey(key, &name, KeyValuePartialInformation, raw, 14, &size), STATUS_BUFFER_OVERFLOW);
    CHECK_EQ(partial->DataLength, 5);
    CHECK(memcmp(partial->Data, "12", 2) == 0);
    CHECK_EQ(ZwQueryValueKey(key, &name, KeyValuePartialInformation, raw, 17, &size), STATUS_SUCCESS);
    CHECK(partial->Type == REG_BINARY && memcmp(partial->Data, "12345", 5) == 0);
    CHECK_EQ(ZwEnumerateValueKey(key, 0, KeyValueFullInformation, raw, sizeof raw, &size), STATUS_SUCCESS);
    CHECK(full->NameLength == 10 && memcmp(full->Name, u"value", 10) == 0);
    CHECK(memcmp(raw + full->DataOffset, "12345", 5) == 0 && full->DataOffset + 5 == size);
    CHECK_EQ(ZwEnumerateValueKey(key, 1, KeyValueFullInformation, raw, sizeof raw, &size), STATUS_NO_MORE_ENTRIES);
    CHECK_EQ(ZwSetValueKey(key, &name, 0, REG_BINARY, NULL, 5), STATUS_INVALID_PARAMETER);
    CHECK_EQ(ZwDeleteValueKey(key, &name), STATUS_SUCCESS);
    CHECK_EQ(ZwDeleteValueKey(key, &name), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_EQ(ZwClose(key), STATUS_SUCCESS);
    CHECK_EQ(ZwClose(same), STATUS_SUCCESS);
    CHECK_EQ(ZwQueryValueKey(key, &name, KeyValuePartialInformation, raw, sizeof raw, &size), STATUS_INVALID_HANDLE);
    machine_close(machine);
}

static void test_keys(void)
{
    HANDLE top, below;
    UNICODE_STRING name;
    ULONG size;
    uint8_t raw[128] __attribute__((aligned(8)));
    KEY_BASIC_INFORMATION *basic = (void *)raw;
    KEY_FULL_INFORMATION *full = (void *)raw;
    machine = machine_open(WDM_VIRTUAL);
    CHECK_EQ(wdm_registry_set_dword(machine, "HKLM\\t\\one", "n", 1, NULL), DM_OK);
    CHECK_EQ(wdm_registry_set_string(machine, "HKLM\\t", "name", "four", NULL), DM_OK);
    OBJECT_ATTRIBUTES path = named(&name, u"\\Registry\\Machine\\t", NULL);
    CHECK_EQ(ZwOpenKey(&top, KEY_READ, &path), STATUS_SUCCESS);
    CHECK_EQ(ZwEnumerateKey(top, 0, KeyBasicInformation, raw, sizeof raw, &size), STATUS_SUCCESS);
    CHECK(basic->NameLength == 6 && memcmp(basic->Name, u"one", 6) == 0);
    CHECK_EQ(ZwEnumerateKey(top, 1, KeyBasicInformation, raw, sizeof raw, &size), STATUS_NO_MORE_ENTRIES);
    CHECK_EQ(ZwQueryKey(top, KeyFullInformation, raw, sizeof raw, &size), STATUS_SUCCESS);
    CHECK_EQ(full->SubKeys, 1);
    CHECK_EQ(full->Values, 1);
    CHECK_EQ(full->MaxNameLen, 6);
    CHECK_EQ(full->MaxValueNameLen, 8);
    CHECK_EQ(full->MaxValueDataLen, 10);
    path = named(&name, u"one", top);
    CHECK_EQ(ZwOpenKey(&below, KEY_ALL_ACCESS, &path), STATUS_SUCCESS);
    CHECK_EQ(ZwDeleteKey(top), STATUS_CANNOT_DELETE);
    CHECK_EQ(ZwDeleteKey(below), STATUS_SUCCESS);
    CHECK_EQ(ZwQueryKey(below, KeyBasicInformation, raw, sizeof raw, &size), STATUS_KEY_DELETED);
    CHECK_EQ(ZwClose(below), STATUS_SUCCESS);
    CHECK_EQ(ZwDeleteKey(top), STATUS_SUCCESS);
    CHECK_EQ(ZwClose(top), STATUS_SUCCESS);
    machine_close(machine);
}

static NTSTATUS NTAPI collect(PWSTR ValueName, ULONG ValueType, PVOID ValueData, ULONG ValueLength, PVOID Context,
                              PVOID EntryContext)
{
    (void)ValueName;
    (void)ValueData;
    *(ULONG *)Context += ValueType * 100 + ValueLength;
    ++*(ULONG *)EntryContext;
    return STATUS_SUCCESS;
}

static void test_query_table(void)
{
    ULONG direct = 0, fallback = 7, sum = 0, calls = 0;
    UNICODE_STRING string = {0, 0, NULL};
    RTL_QUERY_REGISTRY_TABLE table[] = {
        {NULL, RTL_QUERY_REGISTRY_DIRECT, (PWSTR)(uintptr_t)u"Voices", &direct, REG_NONE, NULL, 0},
        {NULL, RTL_QUERY_REGISTRY_DIRECT, (PWSTR)(uintptr_t)u"Absent", &fallback, REG_DWORD, &(ULONG){9}, sizeof(ULONG)},
        {NULL, RTL_QUERY_REGISTRY_DIRECT, (PWSTR)(uintptr_t)u"", &string, REG_NONE, NULL, 0},
        {collect, 0, (PWSTR)(uintptr_t)u"Blob", &calls, REG_NONE, NULL, 0},
        {NULL, 0, NULL, NULL, REG_NONE, NULL, 0},
    };
    machine = machine_open(WDM_VIRTUAL);
    CHECK_EQ(wdm_registry_parse(machine, text, sizeof text - 1, "t", NULL), DM_OK);
    PCWSTR path = (PCWSTR)u"\\Registry\\Machine\\System\\Services\\synth";
    CHECK_EQ(RtlQueryRegistryValues(RTL_REGISTRY_ABSOLUTE, path, table, &sum, NULL), STATUS_SUCCESS);
    CHECK_EQ(direct, 42);
    CHECK_EQ(fallback, 9);
    CHECK(string.Length == 14 && memcmp(string.Buffer, u"unnamed", 14) == 0);
    CHECK_EQ(sum, REG_BINARY * 100 + 3);
    CHECK_EQ(calls, 1);
    table[1].Flags |= RTL_QUERY_REGISTRY_REQUIRED;
    CHECK_EQ(RtlQueryRegistryValues(RTL_REGISTRY_ABSOLUTE, path, table, &sum, NULL), STATUS_OBJECT_NAME_NOT_FOUND);
    RtlFreeUnicodeString(&string);
    CHECK_EQ(RtlQueryRegistryValues(RTL_REGISTRY_SERVICES, (PCWSTR)u"none", table, &sum, NULL), STATUS_OBJECT_NAME_NOT_FOUND);
    machine_close(machine);
}

/* Every allocation fails once; nothing leaks. */
static void test_no_memory(void)
{
    struct wdm_machine *m;
    long live = dm_alloc_live(), n = 1;
    for (;; n++) {
        struct dm_error err = {DM_OK, ""};
        dm_alloc_fail_at(n, true);
        enum dm_status status = wdm_machine_create(NULL, &m, &err);
        if (status == DM_OK)
            status = wdm_registry_parse(m, text, sizeof text - 1, "t", &err);
        dm_alloc_fail_at(0, false);
        wdm_machine_destroy(m);
        CHECK_EQ(dm_alloc_live(), live);
        if (status == DM_OK)
            break;
        CHECK_EQ(status, DM_ERR_NOMEM);
    }
    CHECK(n > 20);
}

int main(void)
{
    RUN(test_text);
    RUN(test_bad_text);
    RUN(test_values);
    RUN(test_keys);
    RUN(test_query_table);
    RUN(test_no_memory);
    return tap_done();
}
