/* SPDX-License-Identifier: MIT */
/* version.h - the name that goes into files. */
#ifndef DMUS_PLAYER_VERSION_H
#define DMUS_PLAYER_VERSION_H

#define PLAYER_SOFTWARE "OpenDMus " DMUS_VERSION_TEXT /* DMUS_VERSION_TEXT comes from the build */

#endif
