/* SPDX-License-Identifier: MIT */
/* svg.c - one curve as a small self-contained SVG: what the formula says as a line, what was measured as dots. */
#include <math.h>

#include "judge.h"

#define WIDTH 720.0
#define HEIGHT 400.0
#define LEFT 70.0
#define TOP 40.0
#define PLOT_WIDTH (WIDTH - LEFT - 20)
#define PLOT_HEIGHT (HEIGHT - TOP - 55)

struct scale {
    double low, high;
    bool log;
};

static double place(const struct scale *scale, double value)
{
    double low = scale->log ? log10(scale->low) : scale->low, high = scale->log ? log10(scale->high) : scale->high;
    double x = scale->log ? log10(value) : value;
    return high > low ? (x - low) / (high - low) : 0.5;
}

static void widen(struct scale *scale, double value)
{
    if (!isfinite(value))
        return;
    scale->low = fmin(scale->low, value);
    scale->high = fmax(scale->high, value);
}

static double nice_step(double range)
{
    double raw = range / 6, power = pow(10, floor(log10(raw))), part = raw / power;
    return power * (part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10);
}

static void grid(FILE *out, const struct scale *x, const struct scale *y)
{
    double step = nice_step(y->high - y->low);
    for (double v = ceil(y->low / step) * step; v <= y->high + step * 1e-9; v += step) {
        double py = TOP + PLOT_HEIGHT * (1 - place(y, v));
        fprintf(out, "<line class=\"g\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/><text class=\"e\" x=\"%.1f\" y=\"%.1f\">%g</text>\n",
                LEFT, py, LEFT + PLOT_WIDTH, py, LEFT - 6, py + 4, fabs(v) < step * 1e-9 ? 0 : v);
    }
    if (x->log) {
        for (double decade = pow(10, floor(log10(x->low))); decade <= x->high; decade *= 10)
            for (int k = 1; k < 10; k++) {
                double v = decade * k, px = LEFT + PLOT_WIDTH * place(x, v);
                if (v < x->low * 0.999 || v > x->high * 1.001)
                    continue;
                fprintf(out, "<line class=\"g\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", px, TOP, px, TOP + PLOT_HEIGHT);
                if (k == 1 || k == 2 || k == 5)
                    fprintf(out, "<text class=\"m\" x=\"%.1f\" y=\"%.1f\">%g</text>\n", px, TOP + PLOT_HEIGHT + 18, v);
            }
        return;
    }
    step = nice_step(x->high - x->low);
    for (double v = ceil(x->low / step) * step; v <= x->high + step * 1e-9; v += step) {
        double px = LEFT + PLOT_WIDTH * place(x, v);
        fprintf(out, "<line class=\"g\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/><text class=\"m\" x=\"%.1f\" y=\"%.1f\">%g</text>\n",
                px, TOP, px, TOP + PLOT_HEIGHT, px, TOP + PLOT_HEIGHT + 18, fabs(v) < step * 1e-9 ? 0 : v);
    }
}

static void dots(FILE *out, const struct conf_curve *curve, const struct scale *x, const struct scale *y, const char *class)
{
    for (uint32_t i = 0; i < curve->count; i++)
        if (isfinite(curve->points[i].measured) && curve->points[i].measured >= y->low && curve->points[i].measured <= y->high)
            fprintf(out, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.4\"/>\n", class,
                    LEFT + PLOT_WIDTH * place(x, curve->points[i].x),
                    TOP + PLOT_HEIGHT * (1 - place(y, curve->points[i].measured)));
}

void conf_write_svg(FILE *out, const struct conf_curve *curve, const struct conf_curve *other, const char *label)
{
    struct scale x = {INFINITY, -INFINITY, curve->log_x}, y = {INFINITY, -INFINITY, false};
    for (uint32_t i = 0; i < curve->count; i++) {
        widen(&x, curve->points[i].x);
        widen(&y, curve->points[i].expected);
        widen(&y, curve->points[i].measured);
    }
    double margin = fmax((y.high - y.low) * 0.06, 1e-9);
    y.low -= margin;
    y.high += margin;
    fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" font-family=\"sans-serif\" font-size=\"12\">\n"
                 "<style>.g{stroke:#ddd}.e{text-anchor:end;fill:#444}.m{text-anchor:middle;fill:#444}.l{fill:none;stroke:#888;stroke-width:1.5}"
                 ".a{fill:#0a5}.b{fill:#d60}</style>\n<rect width=\"%g\" height=\"%g\" fill=\"#fff\"/>\n"
                 "<text x=\"%g\" y=\"22\" font-size=\"15\">%s</text>\n",
            WIDTH, HEIGHT, WIDTH, HEIGHT, LEFT, curve->title);
    grid(out, &x, &y);
    fprintf(out, "<polyline class=\"l\" points=\"");
    for (uint32_t i = 0; i < curve->count; i++)
        if (isfinite(curve->points[i].expected))
            fprintf(out, "%.1f,%.1f ", LEFT + PLOT_WIDTH * place(&x, curve->points[i].x),
                    TOP + PLOT_HEIGHT * (1 - place(&y, curve->points[i].expected)));
    fputs("\"/>\n", out);
    if (other)
        dots(out, other, &x, &y, "b");
    dots(out, curve, &x, &y, "a");
    fprintf(out, "<text class=\"m\" x=\"%g\" y=\"%g\">%s</text><text class=\"m\" transform=\"translate(16 %g) rotate(-90)\">%s</text>\n",
            LEFT + PLOT_WIDTH / 2, HEIGHT - 14, curve->x_label, TOP + PLOT_HEIGHT / 2, curve->y_label);
    fprintf(out, "<g transform=\"translate(%g 18)\"><line x1=\"0\" x2=\"16\" stroke=\"#888\"/><text x=\"20\" y=\"4\">formula</text>"
                 "<circle class=\"a\" cx=\"82\" r=\"3\"/><text x=\"88\" y=\"4\">OpenDMus</text>", WIDTH - 300);
    if (other)
        fprintf(out, "<circle class=\"b\" cx=\"162\" r=\"3\"/><text x=\"168\" y=\"4\">%s</text>", label);
    fputs("</g>\n</svg>\n", out);
}
