/* SPDX-License-Identifier: MIT */
/* curses_library.h - libncursesw.so.6, loaded on demand: see base/library.h. */
#ifndef DMUS_CLI_CURSES_LIBRARY_H
#define DMUS_CLI_CURSES_LIBRARY_H

#define NCURSES_NOMACROS /* functions, which have addresses */
#include <curses.h>

#include "base/library.h"

/* stdscr is a variable; its address, too, is found by name. */
#define CURSES_FUNCTIONS(F) \
    F(attroff) F(attron) F(attrset) F(cbreak) F(curs_set) F(delscreen) F(endwin) F(erase) F(getch) F(getmaxx) F(getmaxy) F(keypad) \
    F(mvaddch) F(mvprintw) F(newterm) F(nodelay) F(noecho) F(printw) F(refresh) F(stdscr) F(tigetstr)

LIBRARY_DECLARE(curses, CURSES_FUNCTIONS)

#define attroff   curses_functions.attroff
#define attron    curses_functions.attron
#define attrset   curses_functions.attrset
#define cbreak    curses_functions.cbreak
#define curs_set  curses_functions.curs_set
#define delscreen curses_functions.delscreen
#define endwin    curses_functions.endwin
#define erase     curses_functions.erase
#define getch     curses_functions.getch
#define getmaxx   curses_functions.getmaxx
#define getmaxy   curses_functions.getmaxy
#define keypad    curses_functions.keypad
#define mvaddch   curses_functions.mvaddch
#define mvprintw  curses_functions.mvprintw
#define newterm   curses_functions.newterm
#define nodelay   curses_functions.nodelay
#define noecho    curses_functions.noecho
#define printw    curses_functions.printw
#define refresh   curses_functions.refresh
#define stdscr    (*curses_functions.stdscr)
#define tigetstr  curses_functions.tigetstr

#endif
