/* SPDX-License-Identifier: MIT */
#include "os.h"

#include <stdatomic.h>
#include <string.h>

/* The order in which libraries are told of the end is not ours: ours may not know yet when a host's lets the synth go, or be the
 * first. So ntdll is asked, by name, since not every import library has the function. */
typedef BOOLEAN(WINAPI *shutdown_query)(void);

static shutdown_query find_query(void)
{
    static _Atomic(shutdown_query) known;
    shutdown_query query = atomic_load(&known);
    if (query)
        return query;
    HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
    FARPROC found = ntdll ? GetProcAddress(ntdll, "RtlDllShutdownInProgress") : NULL;
    memcpy(&query, &found, sizeof query);
    atomic_store(&known, query);
    return query;
}

bool os_ending(void)
{
    shutdown_query query = find_query();
    return query && query();
}

bool os_mutex_init(struct os_mutex *mutex)
{
    InitializeSRWLock(&mutex->lock);
    find_query(); /* while it may take its time */
    return true;
}
void os_mutex_destroy(struct os_mutex *mutex) { (void)mutex; }
void os_mutex_lock(struct os_mutex *mutex)
{
    if (!os_ending())
        AcquireSRWLockExclusive(&mutex->lock);
}
bool os_mutex_trylock(struct os_mutex *mutex) { return os_ending() || TryAcquireSRWLockExclusive(&mutex->lock) != 0; }
void os_mutex_unlock(struct os_mutex *mutex)
{
    if (!os_ending())
        ReleaseSRWLockExclusive(&mutex->lock);
}

bool os_event_init(struct os_event *event)
{
    event->handle = CreateEventW(NULL, FALSE, FALSE, NULL);
    return event->handle != NULL;
}
void os_event_destroy(struct os_event *event) { CloseHandle(event->handle); }
void os_event_set(struct os_event *event) { SetEvent(event->handle); }

bool os_event_wait(struct os_event *event, int64_t timeout_100ns)
{
    int64_t ms = timeout_100ns > 0 ? (timeout_100ns + 9999) / 10000 : 0;
    if (os_ending())
        return false;
    return WaitForSingleObject(event->handle, (DWORD)(ms < 0x7FFFFFFF ? ms : 0x7FFFFFFF)) == WAIT_OBJECT_0;
}

static const char user_code = 0; /* an address in this library */

/* A host may unload the library as soon as its last object is gone, and that may die on this very thread. */
static DWORD WINAPI enter(void *arg)
{
    struct os_thread *thread = arg;
    HMODULE code = thread->code; /* RUN may free the thread */
    thread->run(thread->ctx);
    FreeLibraryAndExitThread(code, 0);
}

bool os_thread_start(struct os_thread *thread, void (*run)(void *ctx), void *ctx)
{
    thread->run = run;
    thread->ctx = ctx;
    if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (const WCHAR *)(const void *)&user_code, &thread->code))
        return false;
    thread->handle = CreateThread(NULL, 0, enter, thread, 0, &thread->id);
    if (!thread->handle)
        FreeLibrary(thread->code);
    return thread->handle != NULL;
}

void os_thread_join(struct os_thread *thread)
{
    if (!os_ending())
        WaitForSingleObject(thread->handle, INFINITE);
    CloseHandle(thread->handle);
}
void os_thread_detach(struct os_thread *thread) { CloseHandle(thread->handle); }
bool os_thread_is_self(const struct os_thread *thread) { return thread->id == GetCurrentThreadId(); }
void os_thread_hurry(void) { SetThreadPriority(GetCurrentThread(), THREAD_PRIORITY_TIME_CRITICAL); }

/* Ticks are split before they are scaled: their product with 10^9 overflows after 15 minutes at 10 MHz. */
int64_t os_time_ns(void)
{
    LARGE_INTEGER ticks, per_second;
    QueryPerformanceFrequency(&per_second);
    QueryPerformanceCounter(&ticks);
    int64_t whole = ticks.QuadPart / per_second.QuadPart, rest = ticks.QuadPart % per_second.QuadPart;
    return whole * 1000000000 + rest * 1000000000 / per_second.QuadPart;
}

int64_t os_thread_time_100ns(void)
{
    FILETIME created, ended, kernel, user;
    if (!GetThreadTimes(GetCurrentThread(), &created, &ended, &kernel, &user))
        return 0;
    return (int64_t)((uint64_t)kernel.dwHighDateTime << 32 | kernel.dwLowDateTime) +
           (int64_t)((uint64_t)user.dwHighDateTime << 32 | user.dwLowDateTime);
}

void os_sleep_ms(uint32_t ms) { Sleep(ms); }
void os_yield(void) { SwitchToThread(); }
