/* SPDX-License-Identifier: MIT */
/*
 * IResourceList (spec 3.11). The two CM_RESOURCE_LISTs live behind the object in one block each: pointers that FindXEntry hands out
 * stay valid for the life of the list.
 */
#include "com.h"

#include "base/alloc.h"
#include "base/checked.h"
#include "kernel/wdm/given.h"
#include "kernel/wdm/machine.h"

#define SUBLIST_MAX 4096 /* entries: a wild number does not become an allocation */

struct resource_list {
    IResourceList IResourceList_iface;
    struct refcount refs;
    struct wdm_given given;
    ULONG capacity;
    CM_RESOURCE_LIST *translated, *untranslated; /* equal counts */
};
static const IResourceListVtbl resource_list_vtbl;
IMPL_FROM(resource_list, IResourceList, resource_list_vtbl)

static CM_PARTIAL_RESOURCE_LIST *partial(CM_RESOURCE_LIST *list) { return &list->List[0].PartialResourceList; }

static CM_RESOURCE_LIST *list_create(ULONG capacity)
{
    size_t size;
    if (!mul_size(capacity, sizeof(CM_PARTIAL_RESOURCE_DESCRIPTOR), &size) || !add_size(size, sizeof(CM_RESOURCE_LIST), &size))
        return NULL;
    CM_RESOURCE_LIST *list = dm_calloc(1, size);
    if (list) {
        list->Count = 1;
        partial(list)->Version = 1;
        partial(list)->Revision = 1;
    }
    return list;
}

static NTSTATUS list_new(IResourceList **out, ULONG capacity)
{
    struct resource_list *self = dm_calloc(1, sizeof *self);
    *out = NULL;
    if (!self)
        return STATUS_INSUFFICIENT_RESOURCES;
    self->IResourceList_iface.lpVtbl = &resource_list_vtbl;
    refcount_init(&self->refs, 1);
    self->capacity = capacity;
    self->translated = list_create(capacity);
    self->untranslated = list_create(capacity);
    if (!self->translated || !self->untranslated) {
        dm_free(self->translated);
        dm_free(self->untranslated);
        dm_free(self);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    wdm_given_begin(&self->given, WDM_RULE_REFERENCES, "IResourceList");
    *out = &self->IResourceList_iface;
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI list_QueryInterface(IResourceList *iface, REFIID iid, PVOID *out)
{
    if (!guid_is(iid, &IID_IResourceList) && !guid_is(iid, &IID_IUnknown)) {
        *out = NULL;
        return STATUS_INVALID_PARAMETER;
    }
    COM_ADDREF(iface);
    *out = iface;
    return STATUS_SUCCESS;
}

static ULONG NTAPI list_AddRef(IResourceList *iface) { return refcount_add(&impl_from_IResourceList(iface)->refs); }

static ULONG NTAPI list_Release(IResourceList *iface)
{
    struct resource_list *self = impl_from_IResourceList(iface);
    ULONG left = refcount_release(&self->refs);
    if (left == 0) {
        wdm_given_end(&self->given);
        dm_free(self->translated);
        dm_free(self->untranslated);
        dm_free(self);
    }
    return left;
}

static ULONG NTAPI list_NumberOfEntries(IResourceList *iface)
{
    wdm_need_irql(PASSIVE_LEVEL, "IResourceList::NumberOfEntries");
    return partial(impl_from_IResourceList(iface)->translated)->Count;
}

static ULONG NTAPI list_NumberOfEntriesOfType(IResourceList *iface, CM_RESOURCE_TYPE type)
{
    CM_PARTIAL_RESOURCE_LIST *list = partial(impl_from_IResourceList(iface)->translated);
    ULONG count = 0;
    wdm_need_irql(PASSIVE_LEVEL, "IResourceList::NumberOfEntriesOfType");
    for (ULONG i = 0; i < list->Count; i++)
        count += list->PartialDescriptors[i].Type == (UCHAR)type;
    return count;
}

static CM_PARTIAL_RESOURCE_DESCRIPTOR *find(CM_RESOURCE_LIST *whole, CM_RESOURCE_TYPE type, ULONG index)
{
    CM_PARTIAL_RESOURCE_LIST *list = partial(whole);
    for (ULONG i = 0; i < list->Count; i++)
        if (list->PartialDescriptors[i].Type == (UCHAR)type && index-- == 0)
            return &list->PartialDescriptors[i];
    return NULL;
}

static PCM_PARTIAL_RESOURCE_DESCRIPTOR NTAPI list_FindTranslatedEntry(IResourceList *iface, CM_RESOURCE_TYPE type, ULONG index)
{
    wdm_need_irql(PASSIVE_LEVEL, "IResourceList::FindTranslatedEntry");
    return find(impl_from_IResourceList(iface)->translated, type, index);
}

static PCM_PARTIAL_RESOURCE_DESCRIPTOR NTAPI list_FindUntranslatedEntry(IResourceList *iface, CM_RESOURCE_TYPE type,
                                                                        ULONG index)
{
    wdm_need_irql(PASSIVE_LEVEL, "IResourceList::FindUntranslatedEntry");
    return find(impl_from_IResourceList(iface)->untranslated, type, index);
}

static NTSTATUS NTAPI list_AddEntry(IResourceList *iface, PCM_PARTIAL_RESOURCE_DESCRIPTOR translated,
                                    PCM_PARTIAL_RESOURCE_DESCRIPTOR untranslated)
{
    struct resource_list *self = impl_from_IResourceList(iface);
    wdm_need_irql(PASSIVE_LEVEL, "IResourceList::AddEntry");
    if (!translated || !untranslated)
        return STATUS_INVALID_PARAMETER;
    if (partial(self->translated)->Count == self->capacity)
        return STATUS_INSUFFICIENT_RESOURCES;
    partial(self->translated)->PartialDescriptors[partial(self->translated)->Count++] = *translated;
    partial(self->untranslated)->PartialDescriptors[partial(self->untranslated)->Count++] = *untranslated;
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI list_AddEntryFromParent(IResourceList *iface, IResourceList *parent, CM_RESOURCE_TYPE type, ULONG index)
{
    struct resource_list *self = impl_from_IResourceList(iface);
    wdm_need_irql(PASSIVE_LEVEL, "IResourceList::AddEntryFromParent");
    if (!parent)
        return STATUS_INVALID_PARAMETER;
    if (partial(self->translated)->Count == self->capacity)
        return STATUS_INSUFFICIENT_RESOURCES;
    CM_PARTIAL_RESOURCE_DESCRIPTOR *translated = parent->lpVtbl->FindTranslatedEntry(parent, type, index);
    CM_PARTIAL_RESOURCE_DESCRIPTOR *untranslated = parent->lpVtbl->FindUntranslatedEntry(parent, type, index);
    if (!translated || !untranslated)
        return STATUS_INVALID_PARAMETER;
    return list_AddEntry(iface, translated, untranslated);
}

static PCM_RESOURCE_LIST NTAPI list_TranslatedList(IResourceList *iface)
{
    wdm_need_irql(PASSIVE_LEVEL, "IResourceList::TranslatedList");
    return impl_from_IResourceList(iface)->translated;
}

static PCM_RESOURCE_LIST NTAPI list_UntranslatedList(IResourceList *iface)
{
    wdm_need_irql(PASSIVE_LEVEL, "IResourceList::UntranslatedList");
    return impl_from_IResourceList(iface)->untranslated;
}

static const IResourceListVtbl resource_list_vtbl = {
    list_QueryInterface, list_AddRef, list_Release, list_NumberOfEntries, list_NumberOfEntriesOfType,
    list_FindTranslatedEntry, list_FindUntranslatedEntry, list_AddEntry, list_AddEntryFromParent, list_TranslatedList,
    list_UntranslatedList,
};

NTSTATUS NTAPI PcNewResourceList(PRESOURCELIST *out, PUNKNOWN outer, POOL_TYPE pool, PCM_RESOURCE_LIST translated,
                                 PCM_RESOURCE_LIST untranslated)
{
    (void)pool;
    wdm_need_irql(PASSIVE_LEVEL, "PcNewResourceList");
    if (!out || !translated != !untranslated)
        return STATUS_INVALID_PARAMETER;
    *out = NULL;
    if (outer)
        return STATUS_NOT_SUPPORTED;
    ULONG count = translated && translated->Count ? partial(translated)->Count : 0;
    /* Only the first full descriptor: a device that is no bus has but one. */
    if (translated && (untranslated->Count ? partial(untranslated)->Count : 0) != count)
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = list_new(out, count);
    for (ULONG i = 0; NT_SUCCESS(status) && i < count; i++)
        status = list_AddEntry(*out, &partial(translated)->PartialDescriptors[i], &partial(untranslated)->PartialDescriptors[i]);
    return status;
}

NTSTATUS NTAPI PcNewResourceSublist(PRESOURCELIST *out, PUNKNOWN outer, POOL_TYPE pool, PRESOURCELIST parent, ULONG max_entries)
{
    (void)pool;
    wdm_need_irql(PASSIVE_LEVEL, "PcNewResourceSublist");
    if (!out || !parent || !max_entries)
        return STATUS_INVALID_PARAMETER;
    *out = NULL;
    if (outer)
        return STATUS_NOT_SUPPORTED;
    if (parent->lpVtbl->NumberOfEntries(parent) == 0)
        return STATUS_INVALID_PARAMETER;
    return max_entries > SUBLIST_MAX ? STATUS_INSUFFICIENT_RESOURCES : list_new(out, max_entries);
}
