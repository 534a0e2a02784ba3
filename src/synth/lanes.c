/* SPDX-License-Identifier: MIT */
#include "lanes.h"

/* One copy per set of features, so that the loop has no branches. */
static inline void run(struct lanes *v, const float (*x)[MIXER_GRID], struct mix *mix, uint32_t first, uint32_t count,
                       const unsigned features)
{
    for (uint32_t i = first; i < first + count; i++) {
        float s[LANES], l[LANES], r[LANES];
        for (unsigned n = 0; n < LANES; n++)
            s[n] = x[n][i];
        if (features & LANES_FILTER) {
            for (unsigned n = 0; n < LANES; n++) {
                v->d[n] = (v->b2[n] * v->d[n] + v->k[n] * s[n]) - v->q[n] * v->y[n];
                v->y[n] = v->y[n] + v->d[n];
                s[n] = v->filter[n] ? v->y[n] : s[n];
            }
            for (unsigned n = 0; features & LANES_SWEEP && n < LANES; n++) {
                v->k[n] += v->k_slope[n];
                v->q[n] += v->q_slope[n];
                v->b2[n] += v->b2_slope[n];
            }
        }
        for (unsigned n = 0; n < LANES; n++) {
            s[n] *= v->e[n];
            v->e[n] = v->e[n] * v->m[n] + v->a[n];
            l[n] = s[n] * v->left[n];
            r[n] = s[n] * v->right[n];
            mix->row[BUS_LEFT / 2][i][BUS_LEFT % 2][n] += l[n];
            mix->row[BUS_RIGHT / 2][i][BUS_RIGHT % 2][n] += r[n];
        }
        for (unsigned n = 0; features & LANES_RAMP && n < LANES; n++) {
            v->left[n] += v->left_slope[n];
            v->right[n] += v->right_slope[n];
        }
        for (unsigned n = 0; features & LANES_REVERB && n < LANES; n++) {
            mix->row[BUS_REVERB_LEFT / 2][i][BUS_REVERB_LEFT % 2][n] += l[n] * v->reverb[n];
            mix->row[BUS_REVERB_RIGHT / 2][i][BUS_REVERB_RIGHT % 2][n] += r[n] * v->reverb[n];
            if (features & LANES_RAMP_SENDS)
                v->reverb[n] += v->reverb_slope[n];
        }
        for (unsigned n = 0; features & LANES_CHORUS && n < LANES; n++) {
            mix->row[BUS_CHORUS_LEFT / 2][i][BUS_CHORUS_LEFT % 2][n] += l[n] * v->chorus[n];
            mix->row[BUS_CHORUS_RIGHT / 2][i][BUS_CHORUS_RIGHT % 2][n] += r[n] * v->chorus[n];
            if (features & LANES_RAMP_SENDS)
                v->chorus[n] += v->chorus_slope[n];
        }
    }
}

static void take_point(struct lanes *v, const struct path_point *p, const uint32_t on[LANES])
{
    for (unsigned n = 0; n < LANES; n++) {
        if (!on[n])
            continue;
        v->k[n] = p->k[n];
        v->q[n] = p->q[n];
        v->b2[n] = p->b2[n];
        v->k_slope[n] = p->k_slope[n];
        v->q_slope[n] = p->q_slope[n];
        v->b2_slope[n] = p->b2_slope[n];
    }
}

static void part(struct lanes *lanes, const float (*x)[MIXER_GRID], struct mix *mix, uint32_t first, uint32_t count,
                 unsigned features)
{
    struct lanes v = *lanes; /* a local copy cannot alias the mix */
    LANES_DISPATCH(run, features, &v, x, mix, first, count);
    *lanes = v;
}

static void one(struct lanes *lanes, const float (*x)[MIXER_GRID], struct mix *mix, uint32_t first, uint32_t end,
                unsigned features, const struct lanes_paths *paths, const struct lanes_path *path)
{
    for (uint32_t i = first, stop = end, point; i < end; i = stop) {
        if (paths && path_point_at(paths, i, &point))
            take_point(lanes, &path->point[point], path->on);
        if (paths)
            stop = path_part_end(paths, i) < end ? path_part_end(paths, i) : end;
        part(lanes, x, mix, i, stop - i, features);
    }
}

void lanes_c(struct lanes *const *group, uint32_t groups, const float (*x)[MIXER_GRID], struct mix *mix, uint32_t first,
             uint32_t count, unsigned features, const struct lanes_paths *paths)
{
    if (features & LANES_FRESH)
        mix_clear(mix, first, count, features);
    for (uint32_t g = 0; g < groups; g++)
        one(group[g], x + g * LANES, mix, first, first + count, features, paths, paths ? paths->of[g] : NULL);
}

static float sum(const float v[LANES])
{
    return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}

void lanes_sum_c(const float (*rows)[2][LANES], float *left, float *right, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        left[i] = sum(rows[i][0]);
        right[i] = sum(rows[i][1]);
    }
}
