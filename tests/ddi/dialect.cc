// SPDX-License-Identifier: MIT
// A driver's habits, built as a driver is, and run against a host of a few lines: words of other compilers, 16-bit strings,
// structured exceptions, CUnknown, pool operators, nested initialisers.
#define PUT_GUIDS_HERE
#define DEBUG_LEVEL DEBUGLVL_BLAB
#include <portcls.h>
#include <stdunk.h>
#include <dmusicks.h>
#include <ksdebug.h>
#include <ntstrsafe.h>
#include <fltsafe.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define STR_MODULENAME "dialect: " // behind the headers, as most drivers have it

#pragma code_seg("PAGE")
#pragma warning(disable : 4100)

static int failed, checks;
#define CHECK(condition) \
    (checks++, (condition) ? (void)0 : (void)(failed++, printf("line %d: %s\n", __LINE__, #condition)))

// ---- the host ----
static int blocks;
static ULONG lastTag;
static struct ddi_seh_frame *innermost;

extern "C" {
// Not inlined: clang would see malloc and delete, and leave both out.
__attribute__((noinline)) PVOID NTAPI ExAllocatePoolWithTag(POOL_TYPE, SIZE_T size, ULONG tag)
{
    if (size > 100000)
        return NULL;
    lastTag = tag;
    blocks++;
    void *p = malloc(size);
    memset(p, 0xee, size);
    return p;
}
VOID NTAPI ExFreePool(PVOID p)
{
    blocks--;
    free(p);
}
VOID NTAPI ExFreePoolWithTag(PVOID p, ULONG) { ExFreePool(p); }
VOID NTAPI wdm_delete(PVOID p) { ExFreePool(p); }
VOID NTAPI wdm_paged_code(const char *, int) {}
struct ddi_seh_frame **wdm_seh_top(void) { return &innermost; }
void DDI_CALL ExRaiseStatus(LONG status)
{
    struct ddi_seh_frame *frame = innermost;
    innermost = frame->outer;
    frame->code = status;
    longjmp(frame->env, 1);
}
static char printed[200];
ULONG DbgPrint(PCSTR format, ...)
{
    va_list args;
    va_start(args, format);
    size_t used = strlen(printed);
    RtlStringCchVPrintfA(printed + used, sizeof printed - used, format, args);
    va_end(args);
    return 0;
}
VOID NTAPI DbgBreakPoint(VOID) {}
VOID NTAPI wdm_list_corrupt(PLIST_ENTRY) {}
VOID NTAPI RtlAssert(PVOID, PVOID, ULONG, PCHAR) { failed++; }
NTSTATUS NTAPI KeSaveFloatingPointState(PKFLOATING_SAVE) { return STATUS_SUCCESS; }
NTSTATUS NTAPI KeRestoreFloatingPointState(PKFLOATING_SAVE) { return STATUS_SUCCESS; }
}

// ---- the driver ----
static KSDATARANGE_MUSIC Ranges[] = {
    {{{sizeof(KSDATARANGE_MUSIC), 0, 0, 0, {STATICGUIDOF(KSDATAFORMAT_TYPE_MUSIC)},
       {STATICGUIDOF(KSDATAFORMAT_SUBTYPE_DIRECTMUSIC)}, {STATICGUIDOF(KSDATAFORMAT_SPECIFIER_NONE)}}},
     {STATICGUIDOF(KSMUSIC_TECHNOLOGY_PORT)}, 1, 2, 0xffff}};
static PKSDATARANGE RangePointers[] = {PKSDATARANGE(&Ranges[0])};

// {6C1D9E52-3B0B-4B46-9A0C-5E1F0C7B7A31}
#define STATIC_KSNODETYPE_OWN 0x6c1d9e52, 0x3b0b, 0x4b46, {0x9a, 0x0c, 0x5e, 0x1f, 0x0c, 0x7b, 0x7a, 0x31}
DEFINE_GUIDSTRUCT("6C1D9E52-3B0B-4B46-9A0C-5E1F0C7B7A31", KSNODETYPE_OWN);
#define KSNODETYPE_OWN DEFINE_GUIDNAMED(KSNODETYPE_OWN)

static int alive;
class CStream : public ISynthSinkDMus, public CUnknown {
public:
    DECLARE_STD_UNKNOWN();
    CStream(PUNKNOWN outer) : CUnknown(outer) { alive++; }
    ~CStream()
    {
        alive--;
        AddRef(); // as a destructor that hands itself around does
        Release();
    }
    IMP_ISynthSinkDMus;
    int m_Zero[10];
};
STDMETHODIMP_(NTSTATUS) CStream::NonDelegatingQueryInterface(IN REFIID Interface, OUT PVOID *Object)
{
    if (IsEqualGUIDAligned(Interface, IID_IUnknown))
        *Object = QICASTUNKNOWN(PSYNTHSINKDMUS);
    else if (IsEqualGUIDAligned(Interface, IID_IMXF))
        *Object = QICAST(PMXF);
    else
        return CUnknown::NonDelegatingQueryInterface(Interface, Object);
    PUNKNOWN(*Object)->AddRef();
    return STATUS_SUCCESS;
}
STDMETHODIMP_(NTSTATUS) CStream::SetState(KSSTATE State) { return State; }
STDMETHODIMP_(NTSTATUS) CStream::PutMessage(PDMUS_KERNEL_EVENT) { return STATUS_SUCCESS; }
STDMETHODIMP_(NTSTATUS) CStream::ConnectOutput(PMXF) { return STATUS_SUCCESS; }
STDMETHODIMP_(NTSTATUS) CStream::DisconnectOutput(PMXF) { return STATUS_SUCCESS; }
STDMETHODIMP_(void) CStream::Render(PBYTE, DWORD, LONGLONG) {}
STDMETHODIMP_(NTSTATUS) CStream::SyncToMaster(REFERENCE_TIME, BOOL) { return STATUS_SUCCESS; }
STDMETHODIMP_(NTSTATUS) CStream::SampleToRefTime(LONGLONG, REFERENCE_TIME *) { return STATUS_SUCCESS; }
STDMETHODIMP_(NTSTATUS) CStream::RefTimeToSample(REFERENCE_TIME, LONGLONG *) { return STATUS_SUCCESS; }

static NTSTATUS CreateStream(OUT PUNKNOWN *Unknown, __in REFCLSID, _In_opt_ PUNKNOWN UnknownOuter, IN POOL_TYPE PoolType)
{
    PAGED_CODE();
    STD_CREATE_BODY_WITH_TAG_(CStream, Unknown, UnknownOuter, PoolType, 'rtSD', PSYNTHSINKDMUS);
}

static void test_objects()
{
    PUNKNOWN unknown = NULL;
    PMXF mxf = NULL;
    PVOID none = &mxf;
    PFNCREATEINSTANCE create = CreateStream;
    CHECK(create(&unknown, GUID_NULL, NULL, NonPagedPool) == STATUS_SUCCESS);
    CHECK(lastTag == 0x72745344 && alive == 1 && blocks == 1);
    CHECK(((CStream *)(PSYNTHSINKDMUS)unknown)->m_Zero[9] == 0);
    CHECK(unknown->QueryInterface(IID_IMXF, (PVOID *)&mxf) == STATUS_SUCCESS);
    CHECK(mxf->SetState(KSSTATE_RUN) == KSSTATE_RUN);
    CHECK(unknown->QueryInterface(IID_IMiniportDMus, &none) == STATUS_INVALID_PARAMETER && none == NULL);
    CHECK(mxf->Release() == 1);
    CHECK(unknown->Release() == 0 && alive == 0 && blocks == 0);

    CStream *inlined = new (NonPagedPool, 'rtSD') CStream(NULL);
    CHECK(inlined->m_Zero[3] == 0 && inlined->m_Zero[7] == 0); // gcc would call these dead
    inlined->AddRef();
    inlined->Release();

    struct big {
        char bytes[200000];
    };
    big *refused = new (PagedPool, 'gibD') big;
    CHECK(refused == NULL);
    delete refused;
    int *plain = new (NonPagedPool) int;
    CHECK(lastTag == 0x774e6350 && *plain == 0);
    delete plain;
    CHECK(blocks == 0);
}

static void test_strings()
{
    WCHAR text[12];
    char narrow[12];
    size_t length;
    UNICODE_STRING counted = {6, 8, text};
    CHECK(sizeof(L"x"[0]) == 2);
    CHECK(RtlStringCchPrintfW(text, SIZEOF_ARRAY(text), L"%d %hs%04x", -7, "ab", 0x1f) == STATUS_SUCCESS);
    CHECK(wcscmp(text, L"-7 ab001f") == 0);
    CHECK(RtlStringCchLengthW(text, SIZEOF_ARRAY(text), &length) == STATUS_SUCCESS && length == 9);
    CHECK(RtlStringCchLengthW(text, 9, &length) == STATUS_INVALID_PARAMETER);
    CHECK(RtlStringCchPrintfW(text, 4, L"%s", L"abcdef") == STATUS_BUFFER_OVERFLOW && wcscmp(text, L"abc") == 0);
    CHECK(RtlStringCchCopyW(text, 0, L"") == STATUS_INVALID_PARAMETER);
    CHECK(RtlStringCbCatW(text, sizeof text, L"de") == STATUS_SUCCESS && wcslen(text) == 5);
    CHECK(RtlStringCchPrintfA(narrow, sizeof narrow, "%wZ|%-3u|%S", &counted, 5u, L"z") == STATUS_SUCCESS);
    CHECK(strcmp(narrow, "abc|5  |z") == 0);
    CHECK(RtlStringCchPrintfA(narrow, sizeof narrow, "%I64d", -5000000000LL) == STATUS_SUCCESS);
    CHECK(strcmp(narrow, "-5000000000") == 0);
    CHECK(_snwprintf(text, 3, L"%x", 0xabcdu) == -1 && text[2] == 'c');
    static const UNICODE_STRING constant = RTL_CONSTANT_STRING(L"four");
    ANSI_STRING bytes = RTL_CONSTANT_STRING("five5");
    DECLARE_CONST_UNICODE_STRING(declared, L"six six");
    DECLARE_UNICODE_STRING_SIZE(room, 4);
    CHECK(constant.Length == 8 && constant.MaximumLength == 10 && wcscmp(constant.Buffer, L"four") == 0);
    CHECK(bytes.Length == 5 && strcmp(bytes.Buffer, "five5") == 0 && declared.Length == 14);
    CHECK(RtlUnicodeStringPrintf(&room, L"%d", 123) == STATUS_SUCCESS && room.Length == 6 && room.Buffer[2] == '3');
    CHECK(RtlUnicodeStringPrintf(&room, L"%d", 12345) == STATUS_BUFFER_OVERFLOW && room.Length == 8);
    RtlInitEmptyUnicodeString(&counted, text, sizeof text);
    CHECK(counted.Length == 0 && counted.MaximumLength == 24);
    CHECK(RtlStringCchCopyUnicodeString(text, 4, &constant) == STATUS_BUFFER_OVERFLOW && wcscmp(text, L"fou") == 0);
    CHECK(RtlStringCbCopyNA(narrow, sizeof narrow, "abcdef", 3) == STATUS_SUCCESS && strcmp(narrow, "abc") == 0);
    CHECK(RtlStringCchCatNA(narrow, sizeof narrow, "defg", 2) == STATUS_SUCCESS && strcmp(narrow, "abcde") == 0);
    CHECK(wcschr(L"axb", 'x') && !wcschr(L"axb", 'y') && _wcsicmp(L"AbC", L"aBc") == 0);
    CHECK(_snprintf(narrow, sizeof narrow, "%ws=%d", L"ab", 12) == 5 && strcmp(narrow, "ab=12") == 0);
    CHECK(_snprintf(narrow, 3, "%s", "abcd") == -1 && memcmp(narrow, "abc12", 5) == 0);
    CHECK(_snprintf(narrow, 3, "%s", "abc") == 3 && _snprintf(narrow, 0, "%s", "abc") == -1);
    CHECK(_snprintf(NULL, 0, "%d", 12345) == 5); /* how long it would be */
    CHECK(_stricmp("AbC", "aBc") == 0 && _stricmp("ab", "abc") < 0 && _strnicmp("ABx", "aby", 2) == 0);
    _DbgPrintF(DEBUGLVL_VERBOSE, ("value %d", 3));
    CHECK(strcmp(printed, "dialect: value 3\n") == 0);
}

static NTSTATUS probe(LONG raise, volatile int *steps)
{
    volatile NTSTATUS status = STATUS_SUCCESS;
    __try {
        *steps = *steps + 1;
        __try {
            if (raise)
                ExRaiseStatus(raise);
            *steps = *steps + 10;
        } __finally {
            *steps = *steps + 100;
        }
        *steps = *steps + 1000;
        if (raise == 0)
            __leave;
        *steps = *steps + 10000;
    } __except (GetExceptionCode() == STATUS_ACCESS_VIOLATION ? EXCEPTION_EXECUTE_HANDLER : EXCEPTION_CONTINUE_SEARCH) {
        status = GetExceptionCode();
    }
    return status;
}

static NTSTATUS returns_from_body()
{
    __try {
        return STATUS_PENDING;
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        return STATUS_UNSUCCESSFUL;
    }
    return STATUS_NOT_FOUND;
}

static void test_exceptions()
{
    volatile int steps = 0;
    CHECK(probe(0, &steps) == STATUS_SUCCESS && steps == 1111 && innermost == NULL);
    steps = 0;
    CHECK(probe(STATUS_ACCESS_VIOLATION, &steps) == STATUS_ACCESS_VIOLATION && steps == 101 && innermost == NULL);
    steps = 0;
    volatile int outside = 0;
    __try {
        probe(STATUS_DATA_ERROR, &steps);
        outside = 1;
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        outside = GetExceptionCode() == STATUS_DATA_ERROR ? 2 : 3;
    }
    CHECK(outside == 2 && steps == 101 && innermost == NULL);
    CHECK(returns_from_body() == STATUS_PENDING && innermost == NULL);
}

// What a driver for a card with DMA and mapped registers is compiled with; the machine has neither.
static NTSTATUS allocate(PDMACHANNEL channel, PDEVICE_DESCRIPTION description)
{
    PHYSICAL_ADDRESS constraint;
    constraint.QuadPart = 0xffff;
    description->Version = DEVICE_DESCRIPTION_VERSION;
    description->Master = TRUE;
    description->InterfaceType = PCIBus;
    description->DmaWidth = Width32Bits;
    description->DmaSpeed = Compatible;
    NTSTATUS status = channel ? channel->AllocateBuffer(4096, &constraint) : STATUS_NOT_IMPLEMENTED;
    if (NT_SUCCESS(status) && channel->AllocatedBufferSize() < channel->MaximumBufferSize())
        channel->CopyTo(channel->SystemAddress(), description, channel->BufferSize());
    return status;
}

static void test_hardware_words()
{
    DEVICE_DESCRIPTION description;
    ULONG registers[4] = {1, 2, 3, 4}, values[4] = {0, 0, 0, 0};
    RtlZeroMemory(&description, sizeof description);
    CHECK(allocate(NULL, &description) == STATUS_NOT_IMPLEMENTED);
    READ_REGISTER_BUFFER_ULONG(registers, values, 3);
    CHECK(values[2] == 3 && values[3] == 0);
    WRITE_REGISTER_BUFFER_USHORT((PUSHORT)(void *)registers, (PUSHORT)(void *)(values + 1), 2);
    CHECK(registers[0] == 2 && registers[1] == 2);
    CHECK(RtlUshortByteSwap(0x1234) == 0x3412 && RtlUlongByteSwap(0x12345678) == 0x78563412);
    CHECK(RtlUlonglongByteSwap(0x0102030405060708ULL) == 0x0807060504030201ULL);
    CHECK(RtlConvertLongToLargeInteger(-10000).QuadPart == -10000);
    CHECK(RtlConvertUlongToLargeInteger(0xffffffffu).QuadPart == 0xffffffffLL);
    PoStartNextPowerIrp(NULL);
}

static __forceinline LONG __stdcall twice(IN LONG v) { return v * 2; }

static void test_words()
{
    FLOATSAFE flt;
    unsigned __int64 big = 1;
    big <<= 40;
    CHECK(twice(4) == 8 && big == 1099511627776ULL && NT_SUCCESS(flt.ntStatus));
    CHECK(max(2, 3) == 3 && min(2, 3) == 2 && (ULONG)(sin(0.0) + 1.5) == 1);
    CHECK(RangePointers[0]->FormatSize == 96 && Ranges[0].ChannelMask == 0xffff && Ranges[0].Channels == 1);
    CHECK(IsEqualGUIDAligned(Ranges[0].DataRange.MajorFormat, KSDATAFORMAT_TYPE_MUSIC));
    CHECK(IsEqualGUIDAligned(Ranges[0].DataRange.SubFormat, KSDATAFORMAT_SUBTYPE_DIRECTMUSIC));
    CHECK(IsEqualGUIDAligned(Ranges[0].Technology, KSMUSIC_TECHNOLOGY_PORT));
    CHECK(KSNODETYPE_OWN.Data4[7] == 0x31);
    CHECK(Int32x32To64(-10, 1000000000) == -10000000000LL && UInt32x32To64(0xffffffffu, 2) == 0x1fffffffeULL);
    CHECK(RTL_FIELD_SIZE(SYNTHCAPS, Description) == 256 && RTL_SIZEOF_THROUGH_FIELD(SYNTHCAPS, Flags) == 20);
    CHECK(IsEqualGUIDAligned(KSDATAFORMAT_SUBTYPE_WILDCARD, GUID_NULL));
    static const struct {
        KSPROPERTY_DESCRIPTION Description;
        KSPROPERTY_MEMBERSHEADER Members;
        KSPROPERTY_STEPPING_LONG Range;
    } volume = {{KSPROPERTY_TYPE_GET | KSPROPERTY_TYPE_SET, 72, {{{{STATICGUIDOF(KSPROPTYPESETID_General)}, VT_I4, 0}}}, 1, 0},
                {KSPROPERTY_MEMBER_STEPPEDRANGES, sizeof(KSPROPERTY_STEPPING_LONG), 1, 0},
                {0x8000, 0, {{-96 * 65536, 0}}}};
    CHECK(sizeof volume == 72 && volume.Description.PropTypeSet.Id == VT_I4 && volume.Range.Bounds.SignedMinimum == -6291456);
}

int main()
{
    test_objects();
    test_strings();
    test_exceptions();
    test_words();
    test_hardware_words();
    printf("%d checks, %d failed\n", checks, failed);
    return failed != 0;
}
