/* SPDX-License-Identifier: MIT */
/*
 * The process ends while the synth renders, and a library of the host's lets the objects go after all other threads are gone. The
 * test starts itself: the child plays and returns from main. The library sets an event of the parent's if every call came back.
 */
#include <stdlib.h>
#include <wchar.h>

#include "client.h"
#include "exit_host.h"

enum { NOTES = 30, FRAMES = 1 << 24 }; /* one Render of seconds */

static IDirectMusicSynth *synth;
static IDirectMusicSynthSink *sink;
static IDmusSinkControl *control;
static struct client_clock master;
static struct client_sound sound;

static DWORD WINAPI render(void *buffer)
{
    while (IDirectMusicSynth_Render(synth, buffer, FRAMES, 0) != DMUS_E_SYNTHNOTCONFIGURED)
        ;
    return 0;
}

/* Holds the sink's lock, too. */
static DWORD WINAPI pump(void *buffer)
{
    (void)buffer;
    while (control->lpVtbl->Pump(control, 1000000000, 4096) != DMUS_E_SYNTHINACTIVE) /* E_FAIL: child rendered */
        ;
    return 0;
}

static void set_up(void)
{
    DMUS_PORTPARAMS params = {.dwSize = sizeof params, .dwValidParams = DMUS_PORTPARAMS_CHANNELGROUPS, .dwChannelGroups = 1};
    client_clock_init(&master, NULL);
    CHECK_EQ(client_create(&CLSID_DirectMusicSynth, &IID_IDirectMusicSynth, &synth), S_OK);
    CHECK_EQ(client_create(&CLSID_DirectMusicSynthSink, &IID_IDirectMusicSynthSink, &sink), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_QueryInterface(sink, &IID_IDmusSinkControl, (void **)&control), S_OK);
    CHECK_EQ(control->lpVtbl->SetOffline(control, TRUE), S_OK); /* two references, as exit_host wants them */
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, &master.iface), S_OK);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, sink), S_OK);
    CHECK_EQ(IDirectMusicSynth_Open(synth, &params), S_OK);
    client_load(synth, &sound);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), S_OK);
    static struct event_buffer events;
    for (int i = 0; i < NOTES; i++)
        event_midi(&events, 1, 0, 0x90, (uint8_t)(40 + i), 100);
    CHECK_EQ(IDirectMusicSynth_PlayBuffer(synth, 0, events.bytes, events.size), S_OK);
}

static int child(const char *how, const char *done)
{
    SHORT frame[2], *buffer = malloc(sizeof(SHORT) * 2 * FRAMES);
    bool pumps = strncmp(how, "pump", 4) == 0, mannerly = strstr(how, "mannerly") != NULL;
    client_start();
    set_up();
    if (tap_failures || !buffer || !CreateThread(NULL, 0, pumps ? pump : render, buffer, 0, NULL))
        return 8;
    while (IDirectMusicSynth_Render(synth, frame, 1, 0) != E_FAIL) /* until somebody else renders */
        ;
    exit_host_keep(&(struct exit_host_objects){synth, sink, sound.wave_handle, (HANDLE)(intptr_t)atoi(done), mannerly});
    return 0;
}

static void run_child(const WCHAR *how)
{
    WCHAR path[MAX_PATH], line[2 * MAX_PATH];
    SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
    HANDLE done = CreateEventW(&inherited, TRUE, FALSE, NULL);
    STARTUPINFOW start = {.cb = sizeof start};
    PROCESS_INFORMATION process;
    DWORD status = 99;
    GetModuleFileNameW(NULL, path, MAX_PATH);
    swprintf(line, ARRAYSIZE(line), L"\"%ls\" %ls %d", path, how, (int)(intptr_t)done);
    if (!CHECK(CreateProcessW(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &start, &process)))
        return;
    if (!CHECK(WaitForSingleObject(process.hProcess, 30000) == WAIT_OBJECT_0))
        TerminateProcess(process.hProcess, 98);
    GetExitCodeProcess(process.hProcess, &status);
    CHECK_EQ(status, 0);
    CHECK(WaitForSingleObject(done, 0) == WAIT_OBJECT_0);
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    CloseHandle(done);
}

static void test_released_at_exit(void)
{
    run_child(L"render");
    run_child(L"pump");
}

static void test_closed_at_exit(void)
{
    run_child(L"render-mannerly");
    run_child(L"pump-mannerly");
}

int main(int argc, char **argv)
{
    if (argc == 3)
        return child(argv[1], argv[2]);
    RUN(test_released_at_exit);
    RUN(test_closed_at_exit);
    return tap_done();
}
