/* SPDX-License-Identifier: MIT */
/* miniport.h - the classes of the square-wave synthesizer. */
#ifndef _SQUARE_MINIPORT_H_
#define _SQUARE_MINIPORT_H_

#include "common.h"

#define PIN_MIDI   0
#define PIN_WAVE   1
#define NODE_SYNTH 0

#define VOICES 16

class CMiniportSquare;

typedef struct {
    BOOLEAN Sounding;
    BYTE Channel;
    BYTE Note;
    LONG Amplitude;  // peak, before the volume
    ULONG Phase;     // of 2^32
    ULONG Increment; // per frame
    ULONG Age;       // number of the note-on, the lowest is stolen first
} VOICE;

// One stream for both pins: MIDI comes in by PutMessage, sound goes out by Render.
class CSquareStream : public ISynthSinkDMus, public CUnknown {
public:
    DECLARE_STD_UNKNOWN();
    DEFINE_STD_CONSTRUCTOR(CSquareStream);
    ~CSquareStream();

    IMP_ISynthSinkDMus;

    NTSTATUS Init(IN CMiniportSquare *Miniport, IN PMASTERCLOCK Clock);
    void UseAllocator(IN PAllocatorMXF Allocator);
    void UseFormat(IN PKSDATAFORMAT DataFormat);
    NTSTATUS SetVolume(IN LONG Volume);
    LONG Volume(void) { return m_Volume; }
    REFERENCE_TIME LatencyTime(void);
    ULONG SoundingVoices(void);
    ULONG SampleRate(void) { return m_Rate; }

private:
    CMiniportSquare *m_Miniport; // referenced
    PAllocatorMXF m_Allocator;   // referenced
    PMASTERCLOCK m_Clock;        // referenced
    KSPIN_LOCK m_Lock;           // of the queue
    PDMUS_KERNEL_EVENT m_Queue;  // by time, first come first served
    KSSTATE m_State;
    REFERENCE_TIME m_Start; // master time of sample 0
    LONGLONG m_Rendered;    // frames
    ULONG m_Rate;
    ULONG m_Channels;
    LONG m_Volume; // 1/100 dB
    LONG m_Gain;   // of 65536
    ULONG m_NoteOns;
    VOICE m_Voice[VOICES];

    void Enqueue(IN PDMUS_KERNEL_EVENT Event);
    PDMUS_KERNEL_EVENT TakeDue(IN LONGLONG Sample, OUT LONGLONG *Next);
    void ReturnQueue(void);
    void Play(IN PDMUS_KERNEL_EVENT Event);
    void Message(IN const BYTE *Data, IN ULONG Length);
    void NoteOn(IN BYTE Channel, IN BYTE Note, IN BYTE Velocity);
    void NoteOff(IN BYTE Channel, IN BYTE Note);
    void AllOff(void);
    void Mix(OUT SHORT *Frames, IN ULONG Count);
};
typedef CSquareStream *PSQUARESTREAM;

class CMiniportSquare : public IMiniportDMus, public IPowerNotify, public CUnknown {
public:
    DECLARE_STD_UNKNOWN();
    DEFINE_STD_CONSTRUCTOR(CMiniportSquare);
    ~CMiniportSquare();

    IMP_IMiniportDMus;
    IMP_IPowerNotify;

    void StreamGone(IN PSQUARESTREAM Stream);

private:
    PPORTDMUS m_Port; // referenced
    PSQUARESTREAM m_Stream; // the one there is, not referenced
    KMUTEX m_StreamMutex;   // of m_Stream
};

extern PCFILTER_DESCRIPTOR SquareFilterDescriptor;

#endif
