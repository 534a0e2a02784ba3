/* SPDX-License-Identifier: MIT */
/* view_screen.c - the whole terminal: position, channels with their meters, keys. */
#define _XOPEN_SOURCE 700
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli.h"
#include "curses_library.h"
#include "view.h"

enum { LOG_LINES = 4, LOG_WIDTH = 256, SEEK_SECONDS = 5, PORTS_MOST = 64 };

struct row {
    uint32_t port, channel;
    struct dmus_channel_state state;
};

static struct {
    SCREEN *screen;
    char log[LOG_LINES][LOG_WIDTH];
    uint32_t lines;     /* of the log, ever */
    struct row rows[PORTS_MOST * 16];
    int row_count, chosen;
    double loop_a;      /* < 0: not set */
} ui;

/* ---- an end without close_view ---- */

/* How the terminal was, and what brings it back: endwin may not be called in a signal handler. */
static struct {
    struct termios modes;
    char bytes[128];
    size_t size;
} terminal;

static void keep_capability(const char *name)
{
    const char *text = tigetstr(name);
    if (!text || text == (const char *)-1)
        return;
    for (; *text && terminal.size < sizeof terminal.bytes; text++)
        if (text[0] == '$' && text[1] == '<' && strchr(text, '>')) /* a delay, of terminals of old */
            text = strchr(text, '>');
        else
            terminal.bytes[terminal.size++] = *text;
}

static void leave_screen(void)
{
    ssize_t ignored = write(STDOUT_FILENO, terminal.bytes, terminal.size);
    (void)ignored;
    tcsetattr(STDIN_FILENO, TCSANOW, &terminal.modes);
}

static void keep_terminal(void)
{
    static const char *const capabilities[] = {"cnorm", "rmkx", "rmcup"};
    terminal.size = 0;
    for (size_t i = 0; i < sizeof capabilities / sizeof *capabilities; i++)
        keep_capability(capabilities[i]);
    before_shortened_files(leave_screen);
}

/* ---- opening and closing ---- */

static bool open_view(struct view *view, struct dmus_live *live)
{
    (void)view, (void)live;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || curses_library_load(NULL) != DM_OK)
        return false;
    setlocale(LC_CTYPE, "");
    memset(&ui, 0, sizeof ui);
    ui.loop_a = -1;
    if (tcgetattr(STDIN_FILENO, &terminal.modes) != 0)
        return false;
    ui.screen = newterm(NULL, stdout, stdin);
    if (!ui.screen)
        return false;
    keep_terminal();
    cbreak();
    noecho();
    nodelay(stdscr, TRUE);
    keypad(stdscr, TRUE);
    curs_set(0);
    return true;
}

static void close_view(struct view *view)
{
    (void)view;
    before_shortened_files(NULL);
    endwin();
    delscreen(ui.screen);
    uint32_t first = ui.lines > LOG_LINES ? ui.lines - LOG_LINES : 0;
    for (uint32_t i = first; i < ui.lines; i++) /* what was said must not go with the screen */
        fprintf(stderr, "dmus: %s\n", ui.log[i % LOG_LINES]);
}

static void say(struct view *view, const char *text)
{
    (void)view;
    snprintf(ui.log[ui.lines++ % LOG_LINES], LOG_WIDTH, "%s", text);
}

/* ---- what is drawn ---- */

static void find_rows(struct dmus_live *live)
{
    ui.row_count = 0;
    for (uint32_t port = 0; port < PORTS_MOST; port++)
        for (uint32_t channel = 0; channel < 16; channel++) {
            struct row *row = &ui.rows[ui.row_count];
            row->state = (struct dmus_channel_state)DMUS_INIT(dmus_channel_state);
            if (dmus_live_get_channel(live, port, channel, &row->state) != DMUS_OK || (!row->state.used && port > 0))
                continue;
            row->port = port;
            row->channel = channel;
            ui.row_count++;
        }
    if (ui.chosen >= ui.row_count)
        ui.chosen = ui.row_count ? ui.row_count - 1 : 0;
}

static void bar(int y, int x, int width, double share)
{
    int full = (int)(share * width + 0.5);
    for (int i = 0; i < width; i++)
        mvaddch(y, x + i, i < full ? '#' | A_BOLD : '.' | A_DIM);
}

/* 60 dB over the whole meter. */
static double meter(float level) { return level > 0.001f ? 1 + log10((double)level) / 3 : 0; }

static void draw_head(const struct view *view, const struct dmus_live_state *s, int width)
{
    char at[32], end[32];
    attron(A_BOLD);
    mvprintw(0, 0, "%.*s", width - 1, view->titles && s->song < s->songs ? view->titles[s->song] : view->titles ? "(end)" : "dmus live");
    attroff(A_BOLD);
    if (view->titles && width > 40)
        mvprintw(0, width - 14, "%4u of %u", s->song < s->songs ? s->song + 1 : s->songs, s->songs);
    if (view->titles) {
        mvprintw(1, 0, "%7s / %-7s %s", view_time(at, s->seconds), view_time(end, s->total_seconds), s->paused ? "PAUSED" : "      ");
        bar(1, 25, width - 26 > 0 ? width - 26 : 0, s->total_seconds > 0 ? s->seconds / s->total_seconds : 0);
        mvprintw(2, 0, "%6.1f bpm (%.0f %%)  %+d keys", s->bpm, s->tempo * 100, (int)s->keys);
        if (s->loop_b > 0)
            printw("  loop %s to %s", view_time(at, s->loop_a), view_time(end, s->loop_b));
        else if (ui.loop_a >= 0)
            printw("  loop from %s", view_time(at, ui.loop_a));
    }
    mvprintw(3, 0, "voices %u (most %u)  load %.0f %%  peak %.1f dB  latency %.1f ms  underruns %u%s%s", s->voices, s->voices_peak,
             s->load * 100, s->peak > 0 ? 20 * log10((double)s->peak) : -99.9, s->latency_frames * 1000.0 / s->sample_rate, s->underruns,
             s->late_events ? "  LATE" : "", s->device_lost ? "  DEVICE LOST" : "");
    mvprintw(4, 0, "%.*s, %u Hz, %u frames%s%s", width / 2, s->device, s->sample_rate, s->period_frames, s->realtime ? s->memory_locked ? ", real time, locked memory" : ", real time" : "",
             s->recorded_frames ? ", recording" : "");
}

static void draw_row(const struct row *row, int y, int width, bool chosen)
{
    const struct dmus_channel_state *c = &row->state;
    if (chosen)
        attron(A_REVERSE);
    else if (!c->heard)
        attron(A_DIM);
    if (row->port)
        mvprintw(y, 0, "%2u:%-2u", row->port + 1, row->channel + 1);
    else
        mvprintw(y, 0, "   %-2u", row->channel + 1);
    printw(" %c%c %-24.24s", c->muted ? 'M' : ' ', c->solo ? 'S' : ' ', c->used ? c->name : "");
    attrset(A_NORMAL);
    int x = 36, length = width - x - 42;
    if (length > 4)
        bar(y, x, length, meter(c->level));
    if (c->used && width > x + 42)
        mvprintw(y, width - 41, "%3u v %3u e %3u p %+6d b  cc%-3u %3u  %3u", c->volume, c->expression, c->pan, c->bend, c->controller,
                 c->value, c->voices);
}

static void draw(const struct view *view, const struct dmus_live_state *s)
{
    int height, width;
    getmaxyx(stdscr, height, width);
    erase();
    draw_head(view, s, width);
    int room = height - 5 - LOG_LINES - 1, first = ui.chosen >= room ? ui.chosen - room + 1 : 0;
    for (int i = 0; i < room && first + i < ui.row_count; i++)
        draw_row(&ui.rows[first + i], 5 + i, width, first + i == ui.chosen);
    for (uint32_t i = 0; i < LOG_LINES && i < ui.lines; i++)
        mvprintw(height - 1 - LOG_LINES + (int)i, 0, "%.*s", width - 1, ui.log[(ui.lines > LOG_LINES ? ui.lines + i : i) % LOG_LINES]);
    attron(A_REVERSE);
    mvprintw(height - 1, 0, "%-*.*s", width - 1, width - 1,
             view->titles ? " space pause  arrows seek, choose  m mute  s solo  n/p song  -/+ tempo  [/] keys  a/b/l loop  ! panic  q quit"
                          : " arrows choose  ! panic (all notes off)  q quit");
    attroff(A_REVERSE);
    refresh();
}

/* ---- keys ---- */

static void loop_key(struct dmus_live *live, const struct dmus_live_state *s, int key)
{
    if (key == 'a')
        ui.loop_a = s->seconds;
    else if (key == 'b' && ui.loop_a >= 0)
        dmus_live_set_loop(live, ui.loop_a, s->seconds);
    else if (key == 'l') {
        ui.loop_a = -1;
        dmus_live_set_loop(live, 0, 0);
    }
}

static void song_key(struct dmus_live *live, const struct dmus_live_state *s, int key)
{
    const struct row *row = ui.row_count ? &ui.rows[ui.chosen] : NULL;
    switch (key) {
    case ' ': dmus_live_pause(live, !s->paused); break;
    case KEY_LEFT: dmus_live_seek(live, s->seconds - SEEK_SECONDS); break;
    case KEY_RIGHT: dmus_live_seek(live, s->seconds + SEEK_SECONDS); break;
    case KEY_HOME: dmus_live_seek(live, 0); break;
    case 'n': dmus_live_skip(live, 1); break;
    case 'p': dmus_live_skip(live, -1); break;
    case '+': case '=': dmus_live_set_tempo(live, s->tempo * 1.05); break;
    case '-': dmus_live_set_tempo(live, s->tempo / 1.05); break;
    case '0': dmus_live_set_tempo(live, 1); break;
    case ']': dmus_live_set_keys(live, s->keys + 1); break;
    case '[': dmus_live_set_keys(live, s->keys - 1); break;
    case 'm': if (row) dmus_live_mute(live, row->port, row->channel, !row->state.muted); break;
    case 's': if (row) dmus_live_solo(live, row->port, row->channel, !row->state.solo); break;
    default: loop_key(live, s, key); break;
    }
}

static bool step(struct view *view, struct dmus_live *live)
{
    struct dmus_live_state s = DMUS_INIT(dmus_live_state);
    int key;
    if (dmus_live_get_state(live, &s) != DMUS_OK)
        return true;
    find_rows(live);
    while ((key = getch()) != ERR) {
        if (key == 'q' || key == 27)
            return false;
        if (key == KEY_UP && ui.chosen > 0)
            ui.chosen--;
        else if (key == KEY_DOWN && ui.chosen + 1 < ui.row_count)
            ui.chosen++;
        else if (key == '!')
            dmus_live_panic(live);
        else if (view->titles)
            song_key(live, &s, key);
        dmus_live_get_state(live, &s);
    }
    draw(view, &s);
    return true;
}

const struct view_ops view_screen = {open_view, step, say, close_view};
