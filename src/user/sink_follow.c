/* SPDX-License-Identifier: MIT */
#include "sink_follow.h"

#include "sink_pace.h"

#define RESYNC_100NS 1000000
#define AGREE_100NS  10000 /* 1 ms: the error of the latency clock that nobody should hear */
#define WINDOW       4u    /* pulls */
#define NOISE        2     /* spreads */
/* Of the error, each step: 1.3 s at the default period. After a jump the mean of what was told since. */
#define DIVISOR 64

static int64_t clamp(int64_t value, int64_t low, int64_t high) { return value < low ? low : value > high ? high : value; }

/* What all pulls are late by, at least, or early. */
static int64_t agreed(const struct sink_told *told)
{
    return told->least_100ns > 0 ? told->least_100ns : told->most_100ns < 0 ? told->most_100ns : 0;
}

static int64_t slowly(struct sink_follow *follow, int64_t late_100ns)
{
    follow->steps += follow->steps < DIVISOR;
    int64_t shift = late_100ns / (int64_t)follow->steps;
    return follow->steps == DIVISOR ? clamp(shift, -SINK_FOLLOW_MAX, SINK_FOLLOW_MAX) : shift;
}

struct sink_followed sink_follow_step(struct sink_follow *follow, const struct sink_told *told, bool at_once)
{
    bool jumped = told->anew || told->last_100ns > RESYNC_100NS || told->last_100ns < -RESYNC_100NS;
    if (jumped || at_once || told->still) {
        follow->steps = 1;
        return (struct sink_followed){told->last_100ns, true, jumped && !at_once && !told->still};
    }
    struct sink_followed followed = {.took = told->pulls >= WINDOW};
    if (followed.took) {
        int64_t off = agreed(told), limit = NOISE * follow->spread_100ns;
        limit = limit > AGREE_100NS ? limit : AGREE_100NS;
        if (off > limit || off < -limit) {
            followed.shift_100ns = off;
            return followed;
        }
        int64_t spread = told->most_100ns - told->least_100ns;
        /* Its mean: what is seldom is the machine's, and no habit of the device. */
        follow->spread_100ns += (clamp(spread, 0, RESYNC_100NS) - follow->spread_100ns) / 8;
    }
    if (told->fresh)
        followed.shift_100ns = slowly(follow, told->last_100ns);
    return followed;
}
