/* SPDX-License-Identifier: MIT */
/*
 * ddi_pc_tables.h - what a miniport tells the port about itself: filter, pins, nodes, wires, and automation tables with
 * the handlers of properties, methods and events.
 *
 * All of it belongs to the miniport and stays as long as the miniport. Arrays are walked by the stride beside them
 * (PinSize, PropertyItemSize, ...), which is at least the size of the item here and a multiple of 8: an item may be the
 * head of a structure of the driver's own. Handlers are called at PASSIVE_LEVEL.
 *
 * Source: spec/ddi-kernel.md 6.6, 7.7.
 */
#ifndef DDI_PC_TABLES_H
#define DDI_PC_TABLES_H

#include "ks.h"
#include "punknown.h"
#include "wdm.h"

#define PCFILTER_NODE ((ULONG)-1)

struct _PCPROPERTY_REQUEST;
struct _PCEVENT_REQUEST;
struct _PCMETHOD_REQUEST;
typedef struct _PCPROPERTY_REQUEST *PPCPROPERTY_REQUEST;
typedef struct _PCEVENT_REQUEST *PPCEVENT_REQUEST;
typedef struct _PCMETHOD_REQUEST *PPCMETHOD_REQUEST;

/* Value NULL of size 0: put the size into ValueSize, STATUS_BUFFER_OVERFLOW. Too small: STATUS_BUFFER_TOO_SMALL.
 * STATUS_PENDING: PcCompletePendingPropertyRequest comes later. ValueSize on return is what the caller gets. */
typedef NTSTATUS (*PCPFNPROPERTY_HANDLER)(PPCPROPERTY_REQUEST PropertyRequest);
typedef NTSTATUS (*PCPFNMETHOD_HANDLER)(PPCMETHOD_REQUEST MethodRequest);
typedef NTSTATUS (*PCPFNEVENT_HANDLER)(PPCEVENT_REQUEST EventRequest);

typedef struct {
    const GUID *Set;
    ULONG Id;
    ULONG Flags; /* PCPROPERTY_ITEM_FLAG_*: what Handler can do */
    PCPFNPROPERTY_HANDLER Handler;
} PCPROPERTY_ITEM, *PPCPROPERTY_ITEM;

#define PCPROPERTY_ITEM_FLAG_GET            KSPROPERTY_TYPE_GET
#define PCPROPERTY_ITEM_FLAG_SET            KSPROPERTY_TYPE_SET
#define PCPROPERTY_ITEM_FLAG_BASICSUPPORT   KSPROPERTY_TYPE_BASICSUPPORT
#define PCPROPERTY_ITEM_FLAG_SERIALIZERAW   KSPROPERTY_TYPE_SERIALIZERAW
#define PCPROPERTY_ITEM_FLAG_UNSERIALIZERAW KSPROPERTY_TYPE_UNSERIALIZERAW
#define PCPROPERTY_ITEM_FLAG_SERIALIZESIZE  KSPROPERTY_TYPE_SERIALIZESIZE
#define PCPROPERTY_ITEM_FLAG_DEFAULTVALUES  KSPROPERTY_TYPE_DEFAULTVALUES
#define PCPROPERTY_ITEM_FLAG_SERIALIZE \
    (PCPROPERTY_ITEM_FLAG_SERIALIZERAW | PCPROPERTY_ITEM_FLAG_UNSERIALIZERAW | PCPROPERTY_ITEM_FLAG_SERIALIZESIZE)

typedef struct {
    const GUID *Set;
    ULONG Id;
    ULONG Flags; /* KSMETHOD_TYPE_* */
    PCPFNMETHOD_HANDLER Handler;
} PCMETHOD_ITEM, *PPCMETHOD_ITEM;

#define PCMETHOD_ITEM_FLAG_NONE   KSMETHOD_TYPE_NONE
#define PCMETHOD_ITEM_FLAG_READ   KSMETHOD_TYPE_READ
#define PCMETHOD_ITEM_FLAG_WRITE  KSMETHOD_TYPE_WRITE
#define PCMETHOD_ITEM_FLAG_MODIFY KSMETHOD_TYPE_MODIFY
#define PCMETHOD_ITEM_FLAG_SOURCE KSMETHOD_TYPE_SOURCE

typedef struct {
    const GUID *Set;
    ULONG Id;
    ULONG Flags; /* PCEVENT_ITEM_FLAG_* */
    PCPFNEVENT_HANDLER Handler;
} PCEVENT_ITEM, *PPCEVENT_ITEM;

#define PCEVENT_ITEM_FLAG_ENABLE       0x00000001
#define PCEVENT_ITEM_FLAG_ONESHOT      0x00000002
#define PCEVENT_ITEM_FLAG_BASICSUPPORT 0x00000200

typedef struct { /* a list that is absent is NULL with a count of 0 */
    ULONG PropertyItemSize;
    ULONG PropertyCount;
    const PCPROPERTY_ITEM *Properties;
    ULONG MethodItemSize;
    ULONG MethodCount;
    const PCMETHOD_ITEM *Methods;
    ULONG EventItemSize;
    ULONG EventCount;
    const PCEVENT_ITEM *Events;
    ULONG Reserved; /* 0 */
} PCAUTOMATION_TABLE, *PPCAUTOMATION_TABLE;

#define DEFINE_PCAUTOMATION_TABLE_PROP(table, properties) \
    const PCAUTOMATION_TABLE table = {sizeof((properties)[0]), SIZEOF_ARRAY(properties), \
                                      (const PCPROPERTY_ITEM *)(properties), 0, 0, NULL, 0, 0, NULL, 0}
#define DEFINE_PCAUTOMATION_TABLE_PROP_EVENT(table, properties, events) \
    const PCAUTOMATION_TABLE table = {sizeof((properties)[0]), SIZEOF_ARRAY(properties), \
                                      (const PCPROPERTY_ITEM *)(properties), 0, 0, NULL, sizeof((events)[0]), \
                                      SIZEOF_ARRAY(events), (const PCEVENT_ITEM *)(events), 0}

/* A request that a handler gets. It lives until the handler returns anything but STATUS_PENDING, or until
 * PcCompletePendingPropertyRequest. */
typedef struct _PCPROPERTY_REQUEST {
    PUNKNOWN MajorTarget; /* the miniport, cast from its main interface */
    PUNKNOWN MinorTarget; /* the stream that NewStream answered, NULL for a request on the filter */
    ULONG Node;           /* or (ULONG)-1 */
    const PCPROPERTY_ITEM *PropertyItem; /* the very item of the driver's table */
    ULONG Verb;                          /* KSPROPERTY_TYPE_*, several bits may be set */
    ULONG InstanceSize;                  /* bytes behind the descriptor */
    PVOID Instance;                      /* NULL: none */
    ULONG ValueSize;                     /* in: room; out: bytes written or needed */
    PVOID Value;
    struct _IRP *Irp;
} PCPROPERTY_REQUEST;

typedef struct _PCMETHOD_REQUEST {
    PUNKNOWN MajorTarget;
    PUNKNOWN MinorTarget;
    ULONG Node;
    const PCMETHOD_ITEM *MethodItem;
    ULONG Verb;
} PCMETHOD_REQUEST;

typedef enum {
    PCEVENT_VERB_NONE = 0,
    PCEVENT_VERB_ADD = 1,
    PCEVENT_VERB_REMOVE = 2,
    PCEVENT_VERB_SUPPORT = 4
} PCEVENT_VERB;

typedef struct _PCEVENT_REQUEST {
    PUNKNOWN MajorTarget;
    PUNKNOWN MinorTarget;
    ULONG Node;
    const PCEVENT_ITEM *EventItem;
    PKSEVENT_ENTRY EventEntry;
    ULONG Verb; /* PCEVENT_VERB_* */
    struct _IRP *Irp;
} PCEVENT_REQUEST;

typedef KSTOPOLOGY_CONNECTION PCCONNECTION_DESCRIPTOR, *PPCCONNECTION_DESCRIPTOR;

/* Counts: 0 cannot be opened, (ULONG)-1 no limit (not for the minimum). A bridge pin has three zeros and no table. */
typedef struct {
    ULONG MaxGlobalInstanceCount;
    ULONG MaxFilterInstanceCount;
    ULONG MinFilterInstanceCount;
    const PCAUTOMATION_TABLE *AutomationTable;
    KSPIN_DESCRIPTOR KsPinDescriptor; /* Interfaces is not looked at; no Mediums: the standard one */
} PCPIN_DESCRIPTOR, *PPCPIN_DESCRIPTOR;

typedef struct {
    ULONG Flags; /* 0 */
    const PCAUTOMATION_TABLE *AutomationTable;
    const GUID *Type; /* KSNODETYPE_* */
    const GUID *Name; /* NULL: Type; differs between two nodes of one type */
} PCNODE_DESCRIPTOR, *PPCNODE_DESCRIPTOR;

typedef struct {
    ULONG Version; /* 0 */
    const PCAUTOMATION_TABLE *AutomationTable;
    ULONG PinSize;
    ULONG PinCount;
    const PCPIN_DESCRIPTOR *Pins;
    ULONG NodeSize;
    ULONG NodeCount;
    const PCNODE_DESCRIPTOR *Nodes;
    ULONG ConnectionCount;
    const PCCONNECTION_DESCRIPTOR *Connections;
    ULONG CategoryCount; /* 0: as in the registration of the device */
    const GUID *Categories;
} PCFILTER_DESCRIPTOR, *PPCFILTER_DESCRIPTOR;

#endif
