/* SPDX-License-Identifier: MIT */
/*
 * pcm_format.h - the KSDATAFORMAT of PCM with a WAVEFORMATEX, all of it derived from rate, channels and bits.
 *
 * Inline, for host, port driver and miniports alike: it needs nothing but the DDI's headers. Bits a multiple of 8, channels * bits / 8
 * at most 65535, rate * that at most 2^32 - 1: the caller has checked.
 */
#ifndef DMUS_KERNEL_WDM_PCM_FORMAT_H
#define DMUS_KERNEL_WDM_PCM_FORMAT_H

#include <string.h>

#include <wdm.h>
#include <ks.h>
#include <ksmedia.h>
#include <mmreg.h>

static inline WAVEFORMATEX pcm_wave(ULONG rate, ULONG channels, ULONG bits)
{
    WAVEFORMATEX wave;
    memset(&wave, 0, sizeof wave);
    wave.wFormatTag = WAVE_FORMAT_PCM;
    wave.nChannels = (WORD)channels;
    wave.nSamplesPerSec = rate;
    wave.nBlockAlign = (WORD)(channels * bits / 8);
    wave.nAvgBytesPerSec = rate * wave.nBlockAlign;
    wave.wBitsPerSample = (WORD)bits;
    return wave;
}

static inline KSDATAFORMAT_WAVEFORMATEX pcm_format(ULONG rate, ULONG channels, ULONG bits)
{
    KSDATAFORMAT_WAVEFORMATEX format;
    memset(&format, 0, sizeof format);
    format.DataFormat.FormatSize = sizeof format;
    format.DataFormat.SampleSize = channels * bits / 8;
    format.DataFormat.MajorFormat = KSDATAFORMAT_TYPE_AUDIO;
    format.DataFormat.SubFormat = KSDATAFORMAT_SUBTYPE_PCM;
    format.DataFormat.Specifier = KSDATAFORMAT_SPECIFIER_WAVEFORMATEX;
    format.WaveFormatEx = pcm_wave(rate, channels, bits);
    return format;
}

#endif
