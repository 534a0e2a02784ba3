/* SPDX-License-Identifier: MIT */
/* KSPROPSETID_Synth_Dls: downloads, which stay in their owner's pages while the engine reads them. */
#include "swsynth.h"

#include <dmerror.h>

#include "kernel/wdm/pcm_format.h"

#define APPEND_FRAMES 2u /* behind every wave, as user mode's GetAppend has it (native-behaviour.md 26) */

static LONG refusal(enum synth_status status)
{
    switch (status) {
    case SYNTH_OK: return 0;
    case SYNTH_NOMEM: return E_OUTOFMEMORY;
    case SYNTH_BAD_ARGUMENT: return E_INVALIDARG;
    case SYNTH_UNKNOWN_DOWNLOAD: return DMUS_E_UNKNOWNDOWNLOAD;
    case SYNTH_BAD_OFFSET_TABLE: return DMUS_E_BADOFFSETTABLE;
    case SYNTH_BAD_INSTRUMENT: return DMUS_E_BADINSTRUMENT;
    case SYNTH_BAD_ARTICULATION: return DMUS_E_BADARTICULATION;
    case SYNTH_NO_ARTICULATION: return DMUS_E_NOARTICULATION;
    case SYNTH_BAD_WAVE: return DMUS_E_BADWAVE;
    case SYNTH_NOT_PCM: return DMUS_E_NOTPCM;
    case SYNTH_NOT_MONO: return DMUS_E_NOTMONO;
    case SYNTH_BAD_WAVE_LINK: return DMUS_E_BADWAVELINK;
    case SYNTH_NOT_FOUND:
    case SYNTH_BUSY: return E_FAIL;
    }
    return E_UNEXPECTED;
}

/* ---- pages ---- */

static void release_pages(PMDL mdl)
{
    if (!mdl)
        return;
    MmUnlockPages(mdl);
    IoFreeMdl(mdl);
}

/* The caller's buffer as the system sees it, in memory for as long as *MDL is not released. */
static NTSTATUS lock_pages(const SYNTH_BUFFER *buffer, PMDL *mdl, const void **image)
{
    *mdl = IoAllocateMdl(buffer->BufferAddress, buffer->BufferSize, FALSE, FALSE, NULL);
    if (!*mdl)
        return STATUS_NO_MEMORY;
#ifdef __try
    __try {
        MmProbeAndLockPages(*mdl, UserMode, IoReadAccess);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        IoFreeMdl(*mdl);
        return STATUS_UNSUCCESSFUL;
    }
#else
    MmProbeAndLockPages(*mdl, UserMode, IoReadAccess);
#endif
    *image = MmGetSystemAddressForMdlSafe(*mdl, NormalPagePriority);
    if (*image)
        return STATUS_SUCCESS;
    release_pages(*mdl);
    return STATUS_NO_MEMORY;
}

/* ---- what is finished ---- */

/* [lock] Take the collected ones off the list. */
static struct swsynth_download *take_finished(struct swsynth_instance *instance)
{
    struct swsynth_download *finished = NULL, **last = &finished;
    struct synth_download *handle;
    void *tag;
    while (atomic_load(&instance->retired) && synth_collect(instance->engine, &handle, &tag)) {
        struct swsynth_download **at = &instance->downloads;
        while (*at != tag)
            at = &(*at)->next;
        struct swsynth_download *download = *at;
        *at = download->next;
        download->next = NULL;
        *last = download;
        last = &download->next;
        atomic_fetch_sub(&instance->retired, 1);
    }
    return finished;
}

static void finish(struct swsynth_download *download)
{
    while (download) {
        struct swsynth_download *next = download->next;
        release_pages(download->mdl);
        if (download->waiting)
            PcCompletePendingPropertyRequest(download->waiting, STATUS_SUCCESS);
        ExFreePoolWithTag(download, SWSYNTH_TAG);
        download = next;
    }
}

void swsynth_collect(struct swsynth_instance *instance)
{
    KIRQL irql;
    KeAcquireSpinLock(&instance->lock, &irql);
    struct swsynth_download *finished = instance->engine ? take_finished(instance) : NULL;
    KeReleaseSpinLock(&instance->lock, irql);
    finish(finished);
}

static VOID NTAPI collect_dpc(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
    struct swsynth_instance *instance = context;
    (void)dpc, (void)argument1, (void)argument2;
    atomic_store(&instance->collecting, 0);
    swsynth_collect(instance);
}

void swsynth_collect_init(struct swsynth_instance *instance)
{
    KeInitializeDpc(&instance->collect, collect_dpc, instance);
}

void swsynth_collect_soon(struct swsynth_instance *instance)
{
    if (!atomic_exchange(&instance->collecting, 1))
        KeInsertQueueDpc(&instance->collect, NULL, NULL);
}

void swsynth_drop_downloads(struct swsynth_instance *instance)
{
    KIRQL irql;
    if (!instance->engine)
        return;
    KeRemoveQueueDpc(&instance->collect);
    KeFlushQueuedDpcs();
    KeAcquireSpinLock(&instance->lock, &irql);
    synth_reset(instance->engine);
    struct synth_download *handle;
    while ((handle = synth_next_download(instance->engine, NULL)) != NULL) {
        struct swsynth_download *download = instance->downloads;
        while (download && download->handle != handle)
            download = download->next;
        if (synth_unload(instance->engine, handle, download) != SYNTH_OK)
            break;
        atomic_fetch_add(&instance->retired, 1);
    }
    struct swsynth_download *finished = take_finished(instance);
    KeReleaseSpinLock(&instance->lock, irql);
    finish(finished);
}

/* ---- items ---- */

/* *KEEPS: the engine goes on reading IMAGE. */
static NTSTATUS download(struct swsynth_instance *instance, struct swsynth_download *entry, const void *image, ULONG size,
                         bool *keeps)
{
    KIRQL irql;
    KeAcquireSpinLock(&instance->lock, &irql);
    enum synth_status status = synth_download(instance->engine, image, size, &entry->handle, keeps);
    instance->refusal = refusal(status);
    if (status == SYNTH_OK) {
        entry->next = instance->downloads;
        instance->downloads = entry;
    }
    KeReleaseSpinLock(&instance->lock, irql);
    return swsynth_status(status);
}

NTSTATUS swsynth_get_download(PPCPROPERTY_REQUEST request, void *value)
{
    struct swsynth_instance *instance;
    SYNTH_BUFFER buffer;
    const void *image;
    bool keeps = false;
    PMDL mdl;
    NTSTATUS status = swsynth_request_engine(request, &instance);
    if (!NT_SUCCESS(status))
        return status;
    RtlCopyMemory(&buffer, request->Instance, sizeof buffer);
    if (!buffer.BufferAddress || buffer.BufferSize < sizeof(DMUS_DOWNLOADINFO))
        return STATUS_INVALID_PARAMETER;
    struct swsynth_download *entry = ExAllocatePoolWithTag(NonPagedPool, sizeof *entry, SWSYNTH_TAG);
    if (!entry)
        return STATUS_NO_MEMORY;
    RtlZeroMemory(entry, sizeof *entry);
    status = lock_pages(&buffer, &mdl, &image);
    if (NT_SUCCESS(status)) {
        entry->mdl = mdl; /* before the entry is in the list */
        status = download(instance, entry, image, buffer.BufferSize, &keeps);
        if (!NT_SUCCESS(status) || !keeps) {
            release_pages(mdl);
            entry->mdl = NULL; /* nobody unloads a handle before he has it */
        }
    }
    if (!NT_SUCCESS(status)) {
        ExFreePoolWithTag(entry, SWSYNTH_TAG);
        return status;
    }
    SYNTHDOWNLOAD result = {.DownloadHandle = entry->handle, .Free = !keeps};
    RtlCopyMemory(value, &result, sizeof result);
    return STATUS_SUCCESS;
}

/* [lock] */
static struct swsynth_download *find(struct swsynth_instance *instance, const struct synth_download *handle)
{
    struct swsynth_download *download = instance->downloads;
    while (download && download->handle != handle)
        download = download->next;
    return download;
}

/* Answers at once if nothing uses it; else STATUS_PENDING, and whoever collects it completes the request. */
NTSTATUS swsynth_set_unload(PPCPROPERTY_REQUEST request, const void *value)
{
    struct swsynth_instance *instance;
    struct synth_download *handle;
    KIRQL irql;
    NTSTATUS status = swsynth_request_engine(request, &instance);
    if (!NT_SUCCESS(status))
        return status;
    RtlCopyMemory(&handle, value, sizeof handle);
    KeAcquireSpinLock(&instance->lock, &irql);
    struct swsynth_download *entry = find(instance, handle), *finished = NULL;
    if (!entry || synth_unload(instance->engine, handle, entry) != SYNTH_OK) {
        KeReleaseSpinLock(&instance->lock, irql);
        return STATUS_UNSUCCESSFUL;
    }
    atomic_fetch_add(&instance->retired, 1);
    finished = take_finished(instance);
    bool done = false;
    for (struct swsynth_download *d = finished; d; d = d->next)
        done |= d == entry;
    if (!done)
        entry->waiting = request;
    KeReleaseSpinLock(&instance->lock, irql);
    finish(finished);
    return done ? STATUS_SUCCESS : STATUS_PENDING;
}

/* Memory comes from the system's pool: there is no block of our own to put together. */
NTSTATUS swsynth_set_compact(PPCPROPERTY_REQUEST request, const void *value)
{
    struct swsynth_instance *instance;
    (void)value;
    return swsynth_request_engine(request, &instance);
}

NTSTATUS swsynth_get_append(PPCPROPERTY_REQUEST request, void *value)
{
    ULONG bytes = APPEND_FRAMES * sizeof(int16_t);
    (void)request;
    RtlCopyMemory(value, &bytes, sizeof bytes);
    return STATUS_SUCCESS;
}

NTSTATUS swsynth_get_waveformat(PPCPROPERTY_REQUEST request, void *value)
{
    struct swsynth_instance *instance;
    NTSTATUS status = swsynth_request_engine(request, &instance);
    if (!NT_SUCCESS(status))
        return status;
    const struct swsynth_params *params = &instance->params;
    WAVEFORMATEX format = pcm_wave(params->rate, params->channels, 16);
    RtlCopyMemory(value, &format, sizeof format);
    return STATUS_SUCCESS;
}
