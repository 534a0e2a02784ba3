/* SPDX-License-Identifier: MIT */
/* hresult.h - what an HRESULT of the DDI says, for error messages. */
#ifndef DMUS_PLAYER_HRESULT_H
#define DMUS_PLAYER_HRESULT_H

#include <stdint.h>

/* A short English phrase, never NULL. Any thread. */
const char *hresult_text(int32_t hr);

#endif
