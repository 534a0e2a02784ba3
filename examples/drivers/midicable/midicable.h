/* SPDX-License-Identifier: MIT */
/* midicable.h - the classes of a MIDI cable: what is played into its render pins comes out of its capture pin. */
#ifndef _MIDICABLE_H_
#define _MIDICABLE_H_

#include <PortCls.h>
#include <StdUnk.h>
#include <DMusicKS.h>

#define STR_MODULENAME "midicable: "
#define DEBUG_LEVEL    DEBUGLVL_TERSE
#include <KsDebug.h>

#define CABLE_POOL_TAG 'lbCM'

#define PIN_RENDER   0
#define PIN_CAPTURE  1
#define NODE_RENDER  0
#define NODE_CAPTURE 1

class CCableStream;
typedef CCableStream *PCABLESTREAM;

class CMiniportCable : public IMiniportDMus, public IPinCount, public CUnknown {
public:
    DECLARE_STD_UNKNOWN();
    DEFINE_STD_CONSTRUCTOR(CMiniportCable);
    ~CMiniportCable();

    IMP_IMiniportDMus;
    IMP_IPinCount;

    void SetCapture(IN PCABLESTREAM Stream);
    void CaptureGone(IN PCABLESTREAM Stream);
    PCABLESTREAM ReferenceCapture(void);

private:
    PPORTDMUS m_Port;       // referenced
    KSPIN_LOCK m_Lock;      // of m_Capture
    PCABLESTREAM m_Capture; // stream in RUN, not referenced
};
typedef CMiniportCable *PMINIPORTCABLE;

class CCableStream : public IMXF, public CUnknown {
public:
    DECLARE_STD_UNKNOWN();
    DEFINE_STD_CONSTRUCTOR(CCableStream);
    ~CCableStream();

    IMP_IMXF;

    NTSTATUS Init(IN PMINIPORTCABLE Miniport, IN DMUS_STREAM_TYPE Type, IN PAllocatorMXF Allocator, IN PMASTERCLOCK Clock);
    void Enter(void) { InterlockedIncrement(&m_Delivering); }
    NTSTATUS Deliver(IN PDMUS_KERNEL_EVENT Chain);

private:
    PMINIPORTCABLE m_Miniport; // referenced
    DMUS_STREAM_TYPE m_Type;
    PAllocatorMXF m_Allocator; // referenced
    PMASTERCLOCK m_Clock;      // referenced
    PMXF m_Sink;               // what comes after, the allocator or what the port connects; not referenced
    LONG m_Delivering;         // calls of Deliver that are under way
};

NTSTATUS CreateMiniportCable(OUT PUNKNOWN *Unknown, IN REFCLSID ClassId, IN PUNKNOWN UnknownOuter OPTIONAL,
                             IN POOL_TYPE PoolType);

extern PCFILTER_DESCRIPTOR CableFilterDescriptor;

#endif
