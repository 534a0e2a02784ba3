/* SPDX-License-Identifier: MIT */
/* A host's library that lets its synth and sink go when the process ends, as global objects of C++ do. */
#define COBJMACROS
#define INITGUID
#include <windows.h>
#include <dmusics.h>

#include "exit_host.h"

static struct exit_host_objects kept;

void exit_host_keep(const struct exit_host_objects *objects) { kept = *objects; }

/* ExitProcess has ended all other threads. */
BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved);
BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved)
{
    (void)instance;
    if (reason != DLL_PROCESS_DETACH || !reserved || !kept.synth)
        return TRUE;
    if (kept.mannerly) {
        IDirectMusicSynth_Activate(kept.synth, FALSE);
        IDirectMusicSynth_Unload(kept.synth, kept.wave, NULL, NULL);
        IDirectMusicSynth_SetSynthSink(kept.synth, NULL);
        IDirectMusicSynth_Close(kept.synth);
        IDirectMusicSynthSink_Activate(kept.sink, FALSE);
        IDirectMusicSynthSink_Init(kept.sink, NULL);
    }
    /* The sink's only after the synth gave its reference back. */
    ULONG synth = IDirectMusicSynth_Release(kept.synth);
    IDirectMusicSynthSink_Release(kept.sink);
    IDirectMusicSynthSink_Release(kept.sink);
    if (synth == 0)
        SetEvent(kept.done);
    return TRUE;
}
