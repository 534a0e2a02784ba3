/* SPDX-License-Identifier: MIT */
/* Counted strings, numbers, GUIDs, interlocked lists, UTF-8 and UTF-16. */
#include <string.h>

#include "kernel/wdm/units.h"
#include "wdm_rig.h"

static struct wdm_machine *machine;

#define W(text) ((PCWSTR)u##text)

static bool is(PCUNICODE_STRING string, PCWSTR want)
{
    UNICODE_STRING other;
    RtlInitUnicodeString(&other, want);
    return RtlEqualUnicodeString(string, &other, FALSE);
}

static void test_strings(void)
{
    WCHAR room[8];
    UNICODE_STRING s = {0, sizeof room, room}, other;
    machine = machine_open(WDM_VIRTUAL);
    RtlInitUnicodeString(&other, NULL);
    CHECK(other.Length == 0 && other.MaximumLength == 0 && !other.Buffer);
    RtlInitUnicodeString(&other, W("abc"));
    CHECK(other.Length == 6 && other.MaximumLength == 8);
    RtlCopyUnicodeString(&s, &other);
    CHECK(is(&s, W("abc")) && room[3] == 0);
    CHECK_EQ(RtlAppendUnicodeToString(&s, W("defgh")), STATUS_SUCCESS);
    CHECK(is(&s, W("abcdefgh")));
    CHECK_EQ(RtlAppendUnicodeToString(&s, W("i")), STATUS_BUFFER_TOO_SMALL);
    CHECK(is(&s, W("abcdefgh")));
    RtlInitUnicodeString(&other, W("ABCDEFGH"));
    CHECK(!RtlEqualUnicodeString(&s, &other, FALSE));
    CHECK(RtlEqualUnicodeString(&s, &other, TRUE));
    CHECK(RtlCompareUnicodeString(&s, &other, FALSE) > 0);
    RtlInitUnicodeString(&other, W("abcdefghi"));
    CHECK(RtlCompareUnicodeString(&s, &other, TRUE) < 0);
    RtlCopyUnicodeString(&s, &other); /* cut */
    CHECK(is(&s, W("abcdefgh")));
    CHECK_EQ(RtlUpcaseUnicodeChar(0xE4), 0xC4);
    CHECK_EQ(RtlUpcaseUnicodeChar(0xF7), 0xF7);
    CHECK_EQ(RtlCompareMemory("abcd", "abxd", 4), 2);
    machine_close(machine);
}

static void test_numbers(void)
{
    static const struct {
        PCWSTR text;
        ULONG base, value;
    } cases[] = {{W("42"), 10, 42}, {W(" -1"), 10, 0xFFFFFFFF}, {W("0x1F"), 0, 31}, {W("0b101z"), 0, 5}, {W("0o17"), 0, 15},
                 {W("ff"), 16, 255}, {W("+7up"), 0, 7}, {W(""), 10, 0}, {W("4294967296"), 10, 0}};
    WCHAR room[9];
    UNICODE_STRING s = {0, sizeof room, room};
    ULONG value;
    machine = machine_open(WDM_VIRTUAL);
    for (size_t i = 0; i < RTL_NUMBER_OF(cases); i++) {
        UNICODE_STRING text;
        RtlInitUnicodeString(&text, cases[i].text);
        CHECK_EQ(RtlUnicodeStringToInteger(&text, cases[i].base, &value), STATUS_SUCCESS);
        CHECK_EQ(value, cases[i].value);
    }
    CHECK_EQ(RtlUnicodeStringToInteger(&s, 7, &value), STATUS_INVALID_PARAMETER);
    CHECK_EQ(RtlIntegerToUnicodeString(0xDEADBEEF, 16, &s), STATUS_SUCCESS);
    CHECK(is(&s, W("DEADBEEF")) && room[8] == 0);
    CHECK_EQ(RtlIntegerToUnicodeString(0, 0, &s), STATUS_SUCCESS);
    CHECK(is(&s, W("0")));
    CHECK_EQ(RtlIntegerToUnicodeString(0xFFFFFFFF, 10, &s), STATUS_BUFFER_OVERFLOW);
    CHECK_EQ(RtlIntegerToUnicodeString(1, 3, &s), STATUS_INVALID_PARAMETER);
    machine_close(machine);
}

/* Rule 1 once for what CALL does at DISPATCH_LEVEL; not at PASSIVE_LEVEL. */
#define ONLY_PASSIVE(call)                                                   \
    do {                                                                     \
        KIRQL level;                                                         \
        uint64_t before = wdm_rule_count(machine, WDM_RULE_IRQL);            \
        (void)(call);                                                        \
        CHECK_EQ(wdm_rule_count(machine, WDM_RULE_IRQL) - before, 0);        \
        KeRaiseIrql(DISPATCH_LEVEL, &level);                                 \
        (void)(call);                                                        \
        KeLowerIrql(level);                                                  \
        CHECK_EQ(wdm_rule_count(machine, WDM_RULE_IRQL) - before, 1);        \
    } while (0)

/* As their pages have it: the tables behind conversions and upper case are paged. */
static void test_levels(void)
{
    WCHAR room[40] = {0};
    UNICODE_STRING text = {2, sizeof room, room}, none = {0, 0, NULL};
    ULONG value;
    KIRQL irql;
    machine = machine_open(WDM_VIRTUAL);
    room[0] = '1';
    ONLY_PASSIVE(RtlUnicodeStringToInteger(&text, 10, &value));
    ONLY_PASSIVE(RtlIntegerToUnicodeString(7, 10, &text));
    ONLY_PASSIVE(RtlEqualUnicodeString(&text, &text, FALSE));
    ONLY_PASSIVE(RtlPrefixUnicodeString(&text, &text, TRUE));
    ONLY_PASSIVE(RtlCompareUnicodeString(&text, &text, TRUE));
    ONLY_PASSIVE(RtlUpcaseUnicodeChar('a'));
    ONLY_PASSIVE(RtlFreeUnicodeString(&none));
    ONLY_PASSIVE(DbgPrint("%S\n", room));
    ONLY_PASSIVE(DbgPrint("%ls\n", room));
    ONLY_PASSIVE(DbgPrint("%d%% %-8ws\n", 3, room));
    ONLY_PASSIVE(DbgPrint("%wZ\n", &text));
    ONLY_PASSIVE(DbgPrint("%C%wc\n", 'a', 'b'));
    uint64_t told = wdm_rule_count(machine, WDM_RULE_IRQL);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    DbgPrint("%s %hs %c %lu %lx %I64d %p %%S %d", "a", "b", 'c', (ULONG)1, (ULONG)2, 3LL, (PVOID)room, 4);
    DbgPrint("100%");
    RtlInitUnicodeString(&none, W("x"));
    RtlCopyUnicodeString(&text, &none);
    CHECK_EQ(RtlAppendUnicodeToString(&text, W("y")), STATUS_SUCCESS);
    KeLowerIrql(irql);
    CHECK_EQ(wdm_rule_count(machine, WDM_RULE_IRQL), told);
    wdm_rule_reset(machine);
    machine_close(machine);
}

static void test_guids(void)
{
    static const GUID guid = {0xb7902fe9, 0xfb0a, 0x11d1, {0x81, 0xb0, 0x00, 0x60, 0x08, 0x33, 0x16, 0xc1}};
    UNICODE_STRING s;
    GUID back;
    machine = machine_open(WDM_VIRTUAL);
    CHECK_EQ(RtlStringFromGUID(&guid, &s), STATUS_SUCCESS);
    CHECK(is(&s, W("{B7902FE9-FB0A-11D1-81B0-0060083316C1}")));
    CHECK_EQ(RtlGUIDFromString(&s, &back), STATUS_SUCCESS);
    CHECK(IsEqualGUID(&guid, &back));
    s.Buffer[10] = 'g';
    CHECK_EQ(RtlGUIDFromString(&s, &back), STATUS_INVALID_PARAMETER);
    RtlFreeUnicodeString(&s);
    CHECK(!s.Buffer);
    wdm_pool_fail_at(machine, 1, false);
    CHECK_EQ(RtlStringFromGUID(&guid, &s), STATUS_NO_MEMORY);
    machine_close(machine);
}

static void test_ansi(void)
{
    ANSI_STRING narrow, back;
    UNICODE_STRING wide;
    machine = machine_open(WDM_VIRTUAL);
    RtlInitAnsiString(&narrow, "a\xe4");
    CHECK_EQ(RtlAnsiStringToUnicodeString(&wide, &narrow, TRUE), STATUS_SUCCESS);
    CHECK(is(&wide, W("a\u00e4")));
    wide.Buffer[0] = 0x20AC;
    CHECK_EQ(RtlUnicodeStringToAnsiString(&back, &wide, TRUE), STATUS_SUCCESS);
    CHECK_STR(back.Buffer, "?\xe4");
    RtlFreeAnsiString(&back);
    RtlFreeUnicodeString(&wide);
    machine_close(machine);
}

static void test_lists(void)
{
    LIST_ENTRY head, a, b;
    KSPIN_LOCK lock;
    machine = machine_open(WDM_VIRTUAL);
    InitializeListHead(&head);
    KeInitializeSpinLock(&lock);
    CHECK(!ExInterlockedRemoveHeadList(&head, &lock));
    CHECK(!ExInterlockedInsertTailList(&head, &a, &lock));
    CHECK(ExInterlockedInsertHeadList(&head, &b, &lock) == &a);
    CHECK(ExInterlockedRemoveHeadList(&head, &lock) == &b);
    CHECK(ExInterlockedRemoveHeadList(&head, &lock) == &a);
    CHECK(IsListEmpty(&head) && lock == 0);
    machine_close(machine);
}

static void test_units(void)
{
    static const struct {
        const char *utf8;
        uint16_t units[4];
        size_t count;
    } cases[] = {{"a\xc3\xa4", {'a', 0xE4}, 2}, {"\xe2\x82\xac", {0x20AC}, 1}, {"\xf0\x9d\x84\x9e", {0xD834, 0xDD1E}, 2},
                 {"\xc0\x80", {0xC0, 0x80}, 2}, {"\xed\xa0\x80", {0xED, 0xA0, 0x80}, 3}, {"\xff", {0xFF}, 1}};
    for (size_t i = 0; i < RTL_NUMBER_OF(cases); i++) {
        uint16_t units[8];
        CHECK_EQ(units_from_utf8(units, 8, cases[i].utf8, strlen(cases[i].utf8)), cases[i].count);
        CHECK(memcmp(units, cases[i].units, cases[i].count * 2) == 0);
    }
    char text[16];
    CHECK_EQ(units_to_utf8(text, sizeof text, cases[2].units, 2), 4);
    CHECK_STR(text, "\xf0\x9d\x84\x9e");
    CHECK_EQ(units_to_utf8(text, 4, cases[2].units, 2), 4); /* not half a character */
    CHECK_STR(text, "");
    CHECK_EQ(units_to_utf8(text, sizeof text, cases[2].units, 1), 3);
    CHECK_STR(text, "\xef\xbf\xbd");
    uint16_t one;
    CHECK_EQ(units_from_utf8(&one, 1, "\xf0\x9d\x84\x9e", 4), 2); /* not half a pair */
}

int main(void)
{
    RUN(test_strings);
    RUN(test_numbers);
    RUN(test_levels);
    RUN(test_guids);
    RUN(test_ansi);
    RUN(test_lists);
    RUN(test_units);
    return tap_done();
}
