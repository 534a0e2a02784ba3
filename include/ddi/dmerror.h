/* SPDX-License-Identifier: MIT */
/*
 * dmerror.h - every HRESULT of DirectMusic.
 *
 * All have facility 0x878, shared with DirectSound, and a code from 0x1000 on. The first block is what a synth, a sink or
 * a port answers; the second belongs to the loader, the performance, scripts and audio paths and is here for completeness.
 *
 * Source: spec/ddi-user.md 12.2.
 */
#ifndef DDI_DMERROR_H
#define DDI_DMERROR_H

#include "ddi_types.h"

#define FACILITY_DIRECTMUSIC 0x878
#define DMUS_ERRBASE         0x1000

#define MAKE_DMHRESULTSUCCESS(code) MAKE_HRESULT(0, FACILITY_DIRECTMUSIC, (DMUS_ERRBASE + (code)))
#define MAKE_DMHRESULTERROR(code)   MAKE_HRESULT(1, FACILITY_DIRECTMUSIC, (DMUS_ERRBASE + (code)))

/* Synth, sink and port. */
#define DMUS_S_NOBUFFERCONTROL                MAKE_DMHRESULTSUCCESS(0x215) /* volume and pan of the buffer have no effect */
#define DMUS_E_DRIVER_FAILED                  MAKE_DMHRESULTERROR(0x101) /* device driver or hardware failed unexpectedly */
#define DMUS_E_PORTS_OPEN                     MAKE_DMHRESULTERROR(0x102) /* impossible while any port exists */
#define DMUS_E_DEVICE_IN_USE                  MAKE_DMHRESULTERROR(0x103) /* taken, perhaps by another program */
#define DMUS_E_INSUFFICIENTBUFFER             MAKE_DMHRESULTERROR(0x104) /* buffer too small */
#define DMUS_E_BUFFERNOTSET                   MAKE_DMHRESULTERROR(0x105) /* no buffer prepared for the download */
#define DMUS_E_BUFFERNOTAVAILABLE             MAKE_DMHRESULTERROR(0x106) /* download buffer not there, or not any more */
#define DMUS_E_NOTADLSCOL                     MAKE_DMHRESULTERROR(0x108) /* DLS collection cannot be parsed */
#define DMUS_E_INVALIDOFFSET                  MAKE_DMHRESULTERROR(0x109) /* wave chunks at wrong offsets in a DLS file */
#define DMUS_E_INVALIDPOS                     MAKE_DMHRESULTERROR(0x113) /* wave data of a DLS file unreadable */
#define DMUS_E_INVALIDPATCH                   MAKE_DMHRESULTERROR(0x114) /* no such patch in the collection */
#define DMUS_E_INVALID_DOWNLOADID             MAKE_DMHRESULTERROR(0x119) /* id was never reserved */
#define DMUS_E_NOT_DOWNLOADED_TO_PORT         MAKE_DMHRESULTERROR(0x120) /* object is not, or no longer, downloaded */
#define DMUS_E_ALREADY_DOWNLOADED             MAKE_DMHRESULTERROR(0x121) /* buffer is already in the synth */
#define DMUS_E_UNKNOWN_PROPERTY               MAKE_DMHRESULTERROR(0x122) /* property set or item unknown to the object */
#define DMUS_E_SET_UNSUPPORTED                MAKE_DMHRESULTERROR(0x123) /* property cannot be written */
#define DMUS_E_GET_UNSUPPORTED                MAKE_DMHRESULTERROR(0x124) /* property cannot be read */
#define DMUS_E_NOTMONO                        MAKE_DMHRESULTERROR(0x125) /* wave has more than one interleaved channel */
#define DMUS_E_BADARTICULATION                MAKE_DMHRESULTERROR(0x126) /* articulation data invalid */
#define DMUS_E_BADINSTRUMENT                  MAKE_DMHRESULTERROR(0x127) /* instrument data invalid */
#define DMUS_E_BADWAVELINK                    MAKE_DMHRESULTERROR(0x128) /* region refers to a wave that is not there */
#define DMUS_E_NOARTICULATION                 MAKE_DMHRESULTERROR(0x129) /* neither region nor instrument has one */
#define DMUS_E_NOTPCM                         MAKE_DMHRESULTERROR(0x12A) /* wave is not PCM */
#define DMUS_E_BADWAVE                        MAKE_DMHRESULTERROR(0x12B) /* wave data invalid */
#define DMUS_E_BADOFFSETTABLE                 MAKE_DMHRESULTERROR(0x12C) /* offset table invalid */
#define DMUS_E_UNKNOWNDOWNLOAD                MAKE_DMHRESULTERROR(0x12D) /* unknown download type */
#define DMUS_E_NOSYNTHSINK                    MAKE_DMHRESULTERROR(0x12E) /* no sink attached */
#define DMUS_E_ALREADYOPEN                    MAKE_DMHRESULTERROR(0x12F) /* synth already open */
#define DMUS_E_ALREADYCLOSED                  MAKE_DMHRESULTERROR(0x130) /* synth not open */
#define DMUS_E_SYNTHNOTCONFIGURED             MAKE_DMHRESULTERROR(0x131) /* closed, no synth, no clock ... */
#define DMUS_E_SYNTHACTIVE                    MAKE_DMHRESULTERROR(0x132) /* not allowed while active */
#define DMUS_E_DMUSIC_RELEASED                MAKE_DMHRESULTERROR(0x134) /* the DirectMusic object is gone */
#define DMUS_E_BUFFER_EMPTY                   MAKE_DMHRESULTERROR(0x135) /* event buffer holds nothing */
#define DMUS_E_BUFFER_FULL                    MAKE_DMHRESULTERROR(0x136) /* no room for the event */
#define DMUS_E_PORT_NOT_CAPTURE               MAKE_DMHRESULTERROR(0x137) /* port cannot capture */
#define DMUS_E_PORT_NOT_RENDER                MAKE_DMHRESULTERROR(0x138) /* port cannot render */
#define DMUS_E_DSOUND_NOT_SET                 MAKE_DMHRESULTERROR(0x139) /* no DirectSound object given yet */
#define DMUS_E_ALREADY_ACTIVATED              MAKE_DMHRESULTERROR(0x13A) /* not allowed while the port is active */
#define DMUS_E_INVALIDBUFFER                  MAKE_DMHRESULTERROR(0x13B) /* unusable DirectSound buffer */
#define DMUS_E_WAVEFORMATNOTSUPPORTED         MAKE_DMHRESULTERROR(0x13C) /* buffer format does not match the synth */
#define DMUS_E_SYNTHINACTIVE                  MAKE_DMHRESULTERROR(0x13D) /* needs an active synth */
#define DMUS_E_DSOUND_ALREADY_SET             MAKE_DMHRESULTERROR(0x13E) /* DirectSound already set and in use */
#define DMUS_E_INVALID_EVENT                  MAKE_DMHRESULTERROR(0x13F) /* not a MIDI message, or running status */
#define DMUS_E_NOT_INIT                       MAKE_DMHRESULTERROR(0x162) /* required object not initialised */
#define DMUS_E_NO_MASTER_CLOCK                MAKE_DMHRESULTERROR(0x170) /* no master clock set */

/* Loader, performance, scripts and audio paths. */
#define DMUS_S_PARTIALLOAD                    MAKE_DMHRESULTSUCCESS(0x091) /* object loaded only in part */
#define DMUS_S_PARTIALDOWNLOAD                MAKE_DMHRESULTSUCCESS(0x092) /* band download: some instruments failed */
#define DMUS_S_REQUEUE                        MAKE_DMHRESULTSUCCESS(0x200) /* tool asks to queue the message again */
#define DMUS_S_FREE                           MAKE_DMHRESULTSUCCESS(0x201) /* tool asks to free the message */
#define DMUS_S_END                            MAKE_DMHRESULTSUCCESS(0x202) /* track has nothing more to play */
#define DMUS_S_STRING_TRUNCATED               MAKE_DMHRESULTSUCCESS(0x210) /* string cut to buffer size */
#define DMUS_S_LAST_TOOL                      MAKE_DMHRESULTSUCCESS(0x211) /* message already passed the last tool */
#define DMUS_S_OVER_CHORD                     MAKE_DMHRESULTSUCCESS(0x212) /* no note computed: value above chord */
#define DMUS_S_UP_OCTAVE                      MAKE_DMHRESULTSUCCESS(0x213) /* note below 0, raised by octaves */
#define DMUS_S_DOWN_OCTAVE                    MAKE_DMHRESULTSUCCESS(0x214) /* note above 127, lowered by octaves */
#define DMUS_S_GARBAGE_COLLECTED              MAKE_DMHRESULTSUCCESS(0x216) /* object had been released, operation skipped */
#define DMUS_E_ALREADY_LOADED                 MAKE_DMHRESULTERROR(0x111) /* collection already open */
#define DMUS_E_CANNOTSEEK                     MAKE_DMHRESULTERROR(0x115) /* stream cannot seek */
#define DMUS_E_CANNOTWRITE                    MAKE_DMHRESULTERROR(0x116) /* stream cannot write */
#define DMUS_E_CHUNKNOTFOUND                  MAKE_DMHRESULTERROR(0x117) /* required RIFF chunk missing */
#define DMUS_E_CANNOTREAD                     MAKE_DMHRESULTERROR(0x133) /* stream read error */
#define DMUS_E_UNSUPPORTED_STREAM             MAKE_DMHRESULTERROR(0x150) /* stream type not loadable */
#define DMUS_E_ALREADY_INITED                 MAKE_DMHRESULTERROR(0x151) /* already initialised */
#define DMUS_E_INVALID_BAND                   MAKE_DMHRESULTERROR(0x152) /* no valid band in file */
#define DMUS_E_TRACK_HDR_NOT_FIRST_CK         MAKE_DMHRESULTERROR(0x155) /* track header not first */
#define DMUS_E_TOOL_HDR_NOT_FIRST_CK          MAKE_DMHRESULTERROR(0x156) /* tool header not first */
#define DMUS_E_INVALID_TRACK_HDR              MAKE_DMHRESULTERROR(0x157) /* bad track header */
#define DMUS_E_INVALID_TOOL_HDR               MAKE_DMHRESULTERROR(0x158) /* bad tool header */
#define DMUS_E_ALL_TOOLS_FAILED               MAKE_DMHRESULTERROR(0x159) /* not every tool could be loaded */
#define DMUS_E_ALL_TRACKS_FAILED              MAKE_DMHRESULTERROR(0x160) /* not every track could be loaded */
#define DMUS_E_NOT_FOUND                      MAKE_DMHRESULTERROR(0x161) /* item not contained */
#define DMUS_E_TYPE_DISABLED                  MAKE_DMHRESULTERROR(0x163) /* parameter type switched off */
#define DMUS_E_TYPE_UNSUPPORTED               MAKE_DMHRESULTERROR(0x164) /* parameter type unsupported */
#define DMUS_E_TIME_PAST                      MAKE_DMHRESULTERROR(0x165) /* time already passed */
#define DMUS_E_TRACK_NOT_FOUND                MAKE_DMHRESULTERROR(0x166) /* no such track */
#define DMUS_E_TRACK_NO_CLOCKTIME_SUPPORT     MAKE_DMHRESULTERROR(0x167) /* track cannot work in clock time */
#define DMUS_E_LOADER_NOCLASSID               MAKE_DMHRESULTERROR(0x180) /* class id missing */
#define DMUS_E_LOADER_BADPATH                 MAKE_DMHRESULTERROR(0x181) /* bad path */
#define DMUS_E_LOADER_FAILEDOPEN              MAKE_DMHRESULTERROR(0x182) /* file missing or locked */
#define DMUS_E_LOADER_FORMATNOTSUPPORTED      MAKE_DMHRESULTERROR(0x183) /* search type unsupported */
#define DMUS_E_LOADER_FAILEDCREATE            MAKE_DMHRESULTERROR(0x184) /* object not found or not creatable */
#define DMUS_E_LOADER_OBJECTNOTFOUND          MAKE_DMHRESULTERROR(0x185) /* object not found */
#define DMUS_E_LOADER_NOFILENAME              MAKE_DMHRESULTERROR(0x186) /* file name missing */
#define DMUS_E_INVALIDFILE                    MAKE_DMHRESULTERROR(0x200) /* not a valid file */
#define DMUS_E_ALREADY_EXISTS                 MAKE_DMHRESULTERROR(0x201) /* tool already in graph */
#define DMUS_E_OUT_OF_RANGE                   MAKE_DMHRESULTERROR(0x202) /* value out of range */
#define DMUS_E_SEGMENT_INIT_FAILED            MAKE_DMHRESULTERROR(0x203) /* segment could not initialise */
#define DMUS_E_ALREADY_SENT                   MAKE_DMHRESULTERROR(0x204) /* message already sent */
#define DMUS_E_CANNOT_FREE                    MAKE_DMHRESULTERROR(0x205) /* message not freeable */
#define DMUS_E_CANNOT_OPEN_PORT               MAKE_DMHRESULTERROR(0x206) /* default port cannot open */
#define DMUS_E_CANNOT_CONVERT                 MAKE_DMHRESULTERROR(0x207) /* music/MIDI conversion impossible */
#define DMUS_E_DESCEND_CHUNK_FAIL             MAKE_DMHRESULTERROR(0x210) /* end of file before the chunk */
#define DMUS_E_NOT_LOADED                     MAKE_DMHRESULTERROR(0x211) /* object must be loaded first */
#define DMUS_E_SCRIPT_LANGUAGE_INCOMPATIBLE   MAKE_DMHRESULTERROR(0x213) /* script engine incompatible */
#define DMUS_E_SCRIPT_UNSUPPORTED_VARTYPE     MAKE_DMHRESULTERROR(0x214) /* variant type unsupported */
#define DMUS_E_SCRIPT_ERROR_IN_SCRIPT         MAKE_DMHRESULTERROR(0x215) /* script failed */
#define DMUS_E_SCRIPT_CANTLOAD_OLEAUT32       MAKE_DMHRESULTERROR(0x216) /* automation library missing */
#define DMUS_E_SCRIPT_LOADSCRIPT_ERROR        MAKE_DMHRESULTERROR(0x217) /* loaded script has errors */
#define DMUS_E_SCRIPT_INVALID_FILE            MAKE_DMHRESULTERROR(0x218) /* bad script file */
#define DMUS_E_INVALID_SCRIPTTRACK            MAKE_DMHRESULTERROR(0x219) /* bad script track */
#define DMUS_E_SCRIPT_VARIABLE_NOT_FOUND      MAKE_DMHRESULTERROR(0x21A) /* no such variable */
#define DMUS_E_SCRIPT_ROUTINE_NOT_FOUND       MAKE_DMHRESULTERROR(0x21B) /* no such routine */
#define DMUS_E_SCRIPT_CONTENT_READONLY        MAKE_DMHRESULTERROR(0x21C) /* content variable is read-only */
#define DMUS_E_SCRIPT_NOT_A_REFERENCE         MAKE_DMHRESULTERROR(0x21D) /* value is not an object */
#define DMUS_E_SCRIPT_VALUE_NOT_SUPPORTED     MAKE_DMHRESULTERROR(0x21E) /* object has no default value */
#define DMUS_E_INVALID_SEGMENTTRIGGERTRACK    MAKE_DMHRESULTERROR(0x220) /* bad trigger track */
#define DMUS_E_INVALID_LYRICSTRACK            MAKE_DMHRESULTERROR(0x221) /* bad lyrics track */
#define DMUS_E_INVALID_PARAMCONTROLTRACK      MAKE_DMHRESULTERROR(0x222) /* bad parameter track */
#define DMUS_E_AUDIOVBSCRIPT_SYNTAXERROR      MAKE_DMHRESULTERROR(0x223) /* script syntax */
#define DMUS_E_AUDIOVBSCRIPT_RUNTIMEERROR     MAKE_DMHRESULTERROR(0x224) /* script run-time error */
#define DMUS_E_AUDIOVBSCRIPT_OPERATIONFAILURE MAKE_DMHRESULTERROR(0x225) /* outside call failed in script */
#define DMUS_E_AUDIOPATHS_NOT_VALID           MAKE_DMHRESULTERROR(0x226) /* channels were assigned by hand */
#define DMUS_E_AUDIOPATHS_IN_USE              MAKE_DMHRESULTERROR(0x227) /* audio paths exclude manual channels */
#define DMUS_E_NO_AUDIOPATH_CONFIG            MAKE_DMHRESULTERROR(0x228) /* segment has no embedded path */
#define DMUS_E_AUDIOPATH_INACTIVE             MAKE_DMHRESULTERROR(0x229) /* path inactive */
#define DMUS_E_AUDIOPATH_NOBUFFER             MAKE_DMHRESULTERROR(0x22A) /* path buffer not creatable */
#define DMUS_E_AUDIOPATH_NOPORT               MAKE_DMHRESULTERROR(0x22B) /* path has no port */
#define DMUS_E_NO_AUDIOPATH                   MAKE_DMHRESULTERROR(0x22C) /* no path for playback */
#define DMUS_E_INVALIDCHUNK                   MAKE_DMHRESULTERROR(0x22D) /* bad data in a chunk */
#define DMUS_E_AUDIOPATH_NOGLOBALFXBUFFER     MAKE_DMHRESULTERROR(0x22E) /* path wants a missing global effect buffer */
#define DMUS_E_INVALID_CONTAINER_OBJECT       MAKE_DMHRESULTERROR(0x22F) /* bad object in a container */
#define DMUS_E_CONNOT_CONVERT                 DMUS_E_CANNOT_CONVERT /* an old misspelling that programs use */

#endif
