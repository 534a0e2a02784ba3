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
            v->left[n] += v->left_slope[n];
            v->right[n] += v->right_slope[n];
            mix->bus[BUS_LEFT][i][n] += l[n];
            mix->bus[BUS_RIGHT][i][n] += r[n];
        }
        if (features & LANES_REVERB) {
            for (unsigned n = 0; n < LANES; n++) {
                mix->bus[BUS_REVERB_LEFT][i][n] += l[n] * v->reverb[n];
                mix->bus[BUS_REVERB_RIGHT][i][n] += r[n] * v->reverb[n];
                v->reverb[n] += v->reverb_slope[n];
            }
        }
        if (features & LANES_CHORUS) {
            for (unsigned n = 0; n < LANES; n++) {
                mix->bus[BUS_CHORUS_LEFT][i][n] += l[n] * v->chorus[n];
                mix->bus[BUS_CHORUS_RIGHT][i][n] += r[n] * v->chorus[n];
                v->chorus[n] += v->chorus_slope[n];
            }
        }
    }
}

void lanes_c(struct lanes *lanes, const float (*x)[MIXER_GRID], struct mix *mix, uint32_t first, uint32_t count,
             unsigned features)
{
    struct lanes v = *lanes; /* a local copy cannot alias the mix */
    switch (features & 7u) {
    case 0:
        run(&v, x, mix, first, count, 0);
        break;
    case 1:
        run(&v, x, mix, first, count, 1);
        break;
    case 2:
        run(&v, x, mix, first, count, 2);
        break;
    case 3:
        run(&v, x, mix, first, count, 3);
        break;
    case 4:
        run(&v, x, mix, first, count, 4);
        break;
    case 5:
        run(&v, x, mix, first, count, 5);
        break;
    case 6:
        run(&v, x, mix, first, count, 6);
        break;
    default:
        run(&v, x, mix, first, count, 7);
        break;
    }
    *lanes = v;
}

void lanes_sum_c(const float (*rows)[LANES], float *out, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const float *v = rows[i];
        out[i] = ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
    }
}
