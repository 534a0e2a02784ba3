#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes doc/performance.md and doc/performance/*.svg of what run.py measured.

usage: page.py RESULTS.json [DOC_DIRECTORY]
"""
import json
import math
import os
import re
import sys

# Two themes share these by classes; no two of one family stand side by side in a plot.
COLOURS = {'linear': '#7ab8f5', 'cubic': '#1f77d0', 'sinc16': '#0b3d91', 'sinc32': '#5b2a9d', 'bare cubic': '#9a9a9a', 'bare sinc16': '#5f5f5f',
           'FluidSynth linear': '#f5b87a', 'FluidSynth 4-point': '#e07b00', 'FluidSynth 7-point': '#b03a00'}
STYLE = ('text{font:12px sans-serif;fill:#444}.h{font-size:14px}line,path{fill:none}.grid{stroke:#8886;stroke-width:1}'
         '@media(prefers-color-scheme:dark){text{fill:#ccc}}')


def svg(width, height, body):
    return ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d"><style>%s</style>\n%s\n</svg>\n' %
            (width, height, width, height, STYLE, '\n'.join(body)))


def text(x, y, words, anchor='start', more=''):
    words = words.replace('&', '&amp;').replace('<', '&lt;')
    return '<text x="%.1f" y="%.1f" text-anchor="%s"%s>%s</text>' % (x, y, anchor, more, words)


def plot_curves(curves, total):
    """Cost against voices, both logarithmic. TOTAL: share of one core at 48 kHz, else ns per voice and frame."""
    left, top, width, height = 64, 34, 520, 360
    points = {name: [(v, ns * v * 48000 / 1e7 if total else ns) for v, ns in sorted(line)] for name, line in curves.items()}
    xs = [math.log10(v) for line in points.values() for v, _ in line]
    ys = [math.log10(y) for line in points.values() for _, y in line]
    x0, x1, y0, y1 = min(xs), max(xs), math.floor(min(ys) * 3) / 3, math.ceil(max(ys) * 3) / 3
    fx = lambda v: left + (math.log10(v) - x0) / (x1 - x0) * width
    fy = lambda y: top + (y1 - math.log10(y)) / (y1 - y0) * height
    title = 'percent of one core at 48 kHz, by voices' if total else 'ns per voice and frame, by voices (filter active)'
    body = [text(left, 18, title, more=' class="h"')]
    for v in sorted({v for line in points.values() for v, _ in line}):
        body.append('<line class="grid" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>' % (fx(v), fx(v), top, top + height))
        body.append(text(fx(v), top + height + 18, '%d' % v, 'middle'))
    for exponent in range(math.floor(y0), math.ceil(y1) + 1):
        for digit in (1, 2, 5):
            y = digit * 10.0 ** exponent
            if y0 <= math.log10(y) <= y1:
                body.append('<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>' % (left, left + width, fy(y), fy(y)))
                body.append(text(left - 6, fy(y) + 4, '%g' % y, 'end'))
    labels = []
    for name, line in points.items():
        dash = ' stroke-dasharray="5 4"' if name.startswith('bare') else ''
        path = ' '.join('%s%.1f %.1f' % ('L' if i else 'M', fx(v), fy(y)) for i, (v, y) in enumerate(line))
        body.append('<path d="%s" stroke="%s" stroke-width="2"%s/>' % (path, COLOURS.get(name, '#888'), dash))
        labels.append([fy(line[-1][1]), name, line[-1][1]])
    labels.sort()
    for i in range(1, len(labels)):  # apart
        labels[i][0] = max(labels[i][0], labels[i - 1][0] + 15)
    for y, name, _ in labels:
        body.append('<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="%s" stroke-width="3"/>' % (left + width + 8, left + width + 22, y, y,
                                                                                           COLOURS.get(name, '#888')))
        body.append(text(left + width + 27, y + 4, name))
    return svg(left + width + 165, top + height + 30, body)


def plot_songs(rows):
    """Bars: how many times faster than FluidSynth."""
    bars = [row for row in rows if 'effects' in row['what']]
    left, width, step = 330, 330, 16
    most = max(row['max'] for row in bars) * 1.05
    body = [text(10, 18, "songs in one process: FluidSynth 4-point's time / ours (bar: median, line: range)", more=' class="h"')]
    bottom = 34 + len(bars) * step
    for tick in range(0, int(most) + 1):
        x = left + tick / most * width
        body.append('<line class="grid" x1="%.1f" x2="%.1f" y1="28" y2="%d"/>' % (x, x, bottom))
        body.append(text(x, bottom + 16, str(tick), 'middle'))
    for i, row in enumerate(bars):
        y = 34 + i * step
        colour = COLOURS['cubic' if row['what'].endswith('cubic') else 'sinc16']
        body.append(text(left - 8, y + 10, row['what'], 'end'))
        body.append('<rect x="%d" y="%d" width="%.1f" height="11" fill="%s"/>' % (left, y, row['median'] / most * width, colour))
        body.append('<line x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f" stroke="#e07b00" stroke-width="2"/>' %
                    (left + row['min'] / most * width, left + row['max'] / most * width, y + 5.5, y + 5.5))
    return svg(left + width + 20, bottom + 26, body)


def figure(value):
    return '%.1f' % value if abs(value) >= 100 else '%.2f' % value if abs(value) >= 1 else '%.3f' % value


def table(rows):
    lines = ['| | median | least | most | rounds | goal | |', '|---|---|---|---|---|---|---|']
    for row in rows:
        unit = ' ' + row['unit'] if row['unit'] else ''
        met = {None: '', True: 'met', False: '**missed**'}[row['met']]
        spread = [figure(row['min']), figure(row['max'])] if row['rounds'] > 1 else ['', '']
        lines.append('| %s | %s%s | %s | %s | %d | %s | %s |' % (row['what'], figure(row['median']), unit, *spread, row['rounds'],
                                                              row['goal'].replace('0.166667', '1/6').replace('0.333333', '1/3'), met))
    return lines


INTRODUCTION = '''# Speed

Made by `bench/page.py`; do not edit. `make bench` measures all of it again, on the machine at hand, and prints it;
`python3 bench/run.py build PART...` one part, `--quick` in fewer rounds; `make bench-page` makes this page of a whole run.

What is compared takes turns within one run, on one core: same songs, bank, rate, voices and features. A figure is the median
over rounds of the ratio of two times of the same round, beside it the least and the greatest of these ratios. Times are those of the
processor, user and system, unless the clock is named. A ratio hardly depends on the machine, and other guests of it disturb both
sides. Peers are Debian's packages. That each played the bank it was told to is verified before the clock runs (FluidSynth plays
another one and exits with 0; TiMidity prefers what the system's configuration maps).

FluidSynth has no mode that is as clean as `sinc16`; it stands beside its 4-point and 7-point ones. `doc/conformance.md` has the sound.
The goals are the project's own.
'''


# Below a part's table
REMARKS = {
    'stress': 'The goal for voices without filter was set when a filter was a larger part of a voice: its bypass saves all that a\nfilter costs, '
              'and that has become less.',
    'worst': 'A block that another guest of the machine or an interrupt disturbed is one in several thousand, and so is the percentile:\n'
             'the least of three renderings of the same blocks is the engine\'s own.',
    'notes': 'On eight channels, the 13 events in a cell of 64 frames change every voice in each cell: all of them are led anew all the\n'
             'time, by control that costs more than 1/20 of a voice at rest. On as many channels as voices an event is heard by one.',
}


def found(data, part, pattern):
    """Medians of the rows whose name matches."""
    return [row['median'] for row in data['parts'].get(part, {'rows': []})['rows'] if re.search(pattern, row['what'])]


def summary(data):
    """The main ratios, least to most over songs and banks."""
    rows = [('1024 filtered voices, `cubic` against FluidSynth 4-point', [1 / x for x in found(data, 'stress', '^cubic / Fluid')]),
            ('1024 filtered voices, `sinc16` against FluidSynth 4-point', [1 / x for x in found(data, 'stress', '^sinc16 / FluidSynth 4')]),
            ('songs in one process, effects off, `cubic` against FluidSynth 4-point', found(data, 'songs', 'off: cubic')),
            ('songs in one process, effects off, `sinc16` against FluidSynth 4-point', found(data, 'songs', 'off: sinc16')),
            ('songs, reverb and chorus on, `sinc16` against FluidSynth 4-point', found(data, 'songs', 'on: sinc16')),
            ('whole programs, `dmus render` (`sinc16`, effects on) against `fluidsynth -F`', found(data, 'whole', 'sinc16, effects on')),
            ('whole programs, effects off, `cubic` against TiMidity linear', found(data, 'whole', 'timidity')),
            ('start to first sample, 6 MB bank, against FluidSynth', [1 / x for x in found(data, 'start', '^TimGM6mb, first sample$')]),
            ('start to first sample, 148 MB bank, against FluidSynth', [1 / x for x in found(data, 'start', '^FluidR3_GM, first sample$')])]
    lines = ['', '## In short', '', '| | times as fast |', '|---|---|']
    for what, values in rows:
        if values:
            low, high = '%.1f' % min(values), '%.1f' % max(values)
            lines.append('| %s | %s |' % (what, low if low == high else low + ' to ' + high))
    goals = [row['met'] for part in data['parts'].values() for row in part['rows'] if row['met'] is not None]
    return lines + ['', '%d of %d goals of the tables below are met.' % (sum(goals), len(goals)), '']


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding='utf-8') as f:
        data = json.load(f)
    doc = sys.argv[2] if len(sys.argv) > 2 else os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'doc')
    plots = os.path.join(doc, 'performance')
    os.makedirs(plots, exist_ok=True)
    page = INTRODUCTION.splitlines() + summary(data) + ['## The machine', '', '| | |', '|---|---|']
    page += ['| %s | %s |' % pair for pair in data['machine'].items() if pair[0] != 'load']
    dates = sorted({part['date'] for part in data['parts'].values()})
    loads = sorted(part['load'] for part in data['parts'].values())
    page += ['| measured | %s |' % ' to '.join(sorted({dates[0], dates[-1]})),
             '| load average while measuring, least to most | %.1f to %.1f |' % (loads[0], loads[-1])]
    if data.get('curves'):
        for name, total in (('cost', False), ('core', True)):
            with open(os.path.join(plots, name + '.svg'), 'w', encoding='utf-8') as f:
                f.write(plot_curves(data['curves'], total))
        page += ['', '## Cost against voices', '', '![ns per voice](performance/cost.svg)', '', '![share of a core](performance/core.svg)', '',
                 'Looped voices, filter active, effects off; "bare": the arithmetic alone (`bench/roofline.c`).']
    for name, part in data['parts'].items():
        if not part['rows']:
            continue
        page += ['', '## %s: %s' % (name, part['about']), '', '`python3 bench/run.py build %s%s`' % (name, ' --quick' if part['quick'] else '') + ', revision ' + part['revision'], '']
        page += table(part['rows'])
        if name in REMARKS:
            page += ['', REMARKS[name]]
        if name == 'songs':
            with open(os.path.join(plots, 'songs.svg'), 'w', encoding='utf-8') as f:
                f.write(plot_songs(part['rows']))
            page += ['', '![songs](performance/songs.svg)']
    with open(os.path.join(doc, 'performance.md'), 'w', encoding='utf-8') as f:
        f.write('\n'.join(page) + '\n')


main()
