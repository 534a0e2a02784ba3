/* SPDX-License-Identifier: MIT */
/* Messages, assertions, raised statuses, the end of the machine. */
#define DDI_DRIVER /* struct ddi_seh_frame is part of the dialect */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/wdm/impl.h"

/* Has FORMAT one of %C, %S, %lc, %ls, %wc, %ws, %wZ, whose conversion needs tables that are paged? */
static bool is_wide_format(const char *format)
{
    while ((format = strchr(format, '%')) != NULL) {
        bool wide = false, narrow = false;
        for (format++; *format && strchr("-+ #0123456789.*hlwIz", *format); format++) {
            wide |= *format == 'l' || *format == 'w';
            narrow |= *format == 'h';
        }
        if (!narrow && (*format == 'C' || *format == 'S' || (wide && (*format == 'c' || *format == 's' || *format == 'Z'))))
            return true;
        if (*format)
            format++;
    }
    return false;
}

ULONG NTAPI vDbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format, va_list Arguments)
{
    struct wdm_thread *self = wdm_self();
    char text[SAID_MAX];
    (void)ComponentId;
    (void)Level;
    if (is_wide_format(Format))
        wdm_need_irql(PASSIVE_LEVEL, "DbgPrint with a Unicode format code");
    size_t used = ddi_format(text, sizeof text - 1, 0, Format, Arguments);
    text[used < sizeof text ? used : sizeof text - 1] = 0;
    for (const char *c = text; *c; c++) {
        if (*c == '\r' || *c == '\n' || self->said == sizeof self->saying - 1)
            wdm_print_flush();
        if (*c != '\r' && *c != '\n')
            self->saying[self->said++] = *c;
    }
    return STATUS_SUCCESS;
}

void wdm_print_flush(void)
{
    struct wdm_machine *m = wdm_current();
    struct wdm_thread *self = m ? wdm_self() : NULL;
    if (!m || self->said == 0)
        return;
    self->saying[self->said] = 0;
    self->said = 0;
    machine_print_line(m, self->saying);
}

ULONG DbgPrint(PCSTR Format, ...)
{
    va_list args;
    va_start(args, Format);
    vDbgPrintEx(DPFLTR_DEFAULT_ID, DPFLTR_INFO_LEVEL, Format, args);
    va_end(args);
    return STATUS_SUCCESS;
}

ULONG DbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format, ...)
{
    va_list args;
    va_start(args, Format);
    vDbgPrintEx(ComponentId, Level, Format, args);
    va_end(args);
    return STATUS_SUCCESS;
}

static bool is_traced(void)
{
    char line[128];
    int tracer = 0;
    FILE *file = fopen("/proc/self/status", "r");
    if (!file)
        return false;
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "TracerPid: %d", &tracer) == 1)
            break;
    fclose(file);
    return tracer != 0;
}

VOID NTAPI DbgBreakPoint(VOID)
{
    if (is_traced())
        raise(SIGTRAP);
    else
        machine_print(wdm_self()->machine, "DbgBreakPoint without a debugger");
}

VOID NTAPI RtlAssert(PVOID FailedAssertion, PVOID FileName, ULONG LineNumber, PCHAR Message)
{
    machine_print(wdm_self()->machine, "assertion failed: %s at %s:%u%s%s", (const char *)FailedAssertion,
                  (const char *)FileName, (unsigned)LineNumber, Message ? ": " : "", Message ? Message : "");
    if (is_traced())
        raise(SIGTRAP);
}

VOID NTAPI wdm_list_corrupt(PLIST_ENTRY Entry)
{
    if (wdm_current())
        wdm_broken(WDM_RULE_AFTER_RELEASE,
                   "list entry %p removed whose neighbours do not point to it: freed, removed before or never in a list "
                   "(bug check 0x139 on Windows 8 and later)",
                   (void *)Entry);
}

VOID NTAPI KeBugCheckEx(ULONG BugCheckCode, ULONG_PTR Parameter1, ULONG_PTR Parameter2, ULONG_PTR Parameter3,
                        ULONG_PTR Parameter4)
{
    struct wdm_machine *m = wdm_self()->machine;
    const uintptr_t parameters[4] = {Parameter1, Parameter2, Parameter3, Parameter4};
    machine_print(m, "bug check 0x%08x (0x%llx, 0x%llx, 0x%llx, 0x%llx)", (unsigned)BugCheckCode,
                  (unsigned long long)Parameter1, (unsigned long long)Parameter2, (unsigned long long)Parameter3,
                  (unsigned long long)Parameter4);
    if (m->config.bugcheck)
        m->config.bugcheck(m->config.bugcheck_ctx, BugCheckCode, parameters);
    abort();
}

VOID NTAPI KeBugCheck(ULONG BugCheckCode) { KeBugCheckEx(BugCheckCode, 0, 0, 0, 0); }

/* ---- raised statuses ---- */

#define KMODE_EXCEPTION_NOT_HANDLED 0x1E

static _Thread_local struct ddi_seh_frame *innermost;

struct ddi_seh_frame **wdm_seh_top(void) { return &innermost; }

void DDI_CALL ExRaiseStatus(int32_t Status)
{
    struct ddi_seh_frame *frame = innermost;
    if (!frame)
        KeBugCheckEx(KMODE_EXCEPTION_NOT_HANDLED, (ULONG_PTR)(ULONG)Status, 0, 0, 0);
    innermost = frame->outer;
    frame->code = Status;
    longjmp(frame->env, 1);
}
