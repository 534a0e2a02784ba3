/* SPDX-License-Identifier: MIT */
#include "curses_library.h"

LIBRARY_DEFINE(curses, CURSES_FUNCTIONS, "the screen", "libncursesw.so.6", "screen", "the screen of dmus play and live")
