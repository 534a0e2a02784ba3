/* SPDX-License-Identifier: MIT */
#include "query.h"

#include "kernel/wdm/machine.h"

/* Made up for this. */
static const GUID nothing = {0x5f0c7f4e, 0x6a1d, 0x4d0b, {0x9e, 0x33, 0x0b, 0x71, 0x6d, 0x2a, 0x44, 0xe8}};

static uintptr_t code_of(const IUnknown *object) { return (uintptr_t)object->lpVtbl->QueryInterface; }

static NTSTATUS ask(IUnknown *object, REFIID iid, const char *who, void **found)
{
    struct wdm_call call;
    *found = NULL;
    wdm_call_begin_by(&call, "QueryInterface", who);
    NTSTATUS status = object->lpVtbl->QueryInterface(object, iid, found);
    wdm_call_end(&call);
    return status;
}

static ULONG references(IUnknown *object)
{
    COM_ADDREF(object);
    return COM_RELEASE(object);
}

/* Neither the object that was asked nor the one that answered has a reference more than BEFORE. An object of its own that is made for the
 * answer may have as many by chance, but is at another address and has one. */
static bool uncounted(IUnknown *object, IUnknown *found, ULONG before)
{
    return references(object) == before && references(found) == before && (before > 1 || found == object);
}

void *query_interface(IUnknown *object, REFIID iid, const char *who, const char *what, NTSTATUS *status)
{
    void *found;
    ULONG before = references(object);
    NTSTATUS answer = ask(object, iid, who, &found);
    if (status)
        *status = answer;
    if (NT_SUCCESS(answer) && !found) {
        wdm_broken_at(WDM_RULE_QUERY, "by", code_of(object), "%s answered %08x to QueryInterface for %s, and gave none", who,
                      (unsigned)answer, what);
    } else if (!NT_SUCCESS(answer) && found) {
        wdm_broken_at(WDM_RULE_QUERY, "by", code_of(object), "%s answered %08x to QueryInterface for %s, but gave %p", who,
                      (unsigned)answer, what, found);
        found = NULL;
    } else if (found && uncounted(object, found, before)) {
        wdm_broken_at(WDM_RULE_QUERY, "by", code_of(object), "%s took no reference in QueryInterface for %s", who, what);
        COM_ADDREF((IUnknown *)found);
    }
    return found;
}

void query_nothing(IUnknown *object, const char *who)
{
    void *found;
    NTSTATUS answer = ask(object, &nothing, who, &found);
    if (NT_SUCCESS(answer) || found)
        wdm_broken_at(WDM_RULE_QUERY, "by", code_of(object), "%s answered %08x to QueryInterface for an interface that does not exist%s", who,
                      (unsigned)answer, found ? ", and gave one" : "");
    if (NT_SUCCESS(answer) && found)
        COM_RELEASE((IUnknown *)found);
}
