#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures speed beside the peers that this machine has: everything that is compared takes turns in one run.

usage: run.py BUILD [PART...] [--quick] [--json FILE] [--cpu N] [--strict]

PART: stress, curve, scale, groups, modulated, effects, worst, threads, notes, songs, avx2, whole, start, idle, jobs; without any:
all.
Prints ratios: the median of the rounds' ratios and their range, each of two times of the same round, and the goal. A single
time depends on the machine and its other guests, a ratio hardly. Times are of the CPU (user and system), by the clock where it
says so. --json adds the results to FILE, part by part; page.py makes doc/performance.md of it.
Exit status 1 with --strict: a goal was missed.
"""
import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time

import material
import programs

CUT_SECONDS = 60  # of a song that is longer
OUSTED_MOST = 40  # times a second that others were given a program's core: 10 with nothing else to do, 250 beside a busy program


class Bench:
    def __init__(self, options, work):
        self.options, self.work, self.build = options, work, options.build
        self.rows, self.curves = [], {}
        self.banks = {name: path for name, path in material.BANKS.items() if os.path.exists(path)}
        self.songs = {name: path for name, path in material.SONGS.items() if os.path.exists(path)}
        self.configs = {}
        for name, path in self.banks.items():
            self.configs[name] = os.path.join(work, name + '.cfg')
            material.write_timidity(path, self.configs[name])

    def rounds(self, many, few):
        return few if self.options.quick else many

    def tool(self, name):
        return os.path.join(self.build, 'bench', name)

    def run(self, *command, simd=None):
        environment = dict(os.environ, OPENDMUS_SIMD=simd) if simd else None
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        if done.returncode:
            sys.exit('bench: %s failed:\n%s' % (' '.join(command), done.stderr[-2000:]))
        return done.stdout

    def cost(self, *command):
        result = json.loads(self.run(self.tool('cost'), *command))
        if result['status']:
            sys.exit('bench: %s ended with %d' % (' '.join(command), result['status']))
        return result

    def row(self, what, values, goal='', limit=None, unit=''):
        """VALUES: one per round. GOAL: '>=' or '<=' LIMIT, of the median."""
        values = sorted(values)
        row = {'what': what, 'median': (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2, 'min': values[0], 'max': values[-1], 'rounds': len(values), 'unit': unit}
        self.judge(row, goal, limit)

    def judge(self, row, goal='', limit=None):
        row['goal'] = goal + ' %g' % limit if goal else ''
        row['met'] = (row['median'] >= limit if goal == '>=' else row['median'] <= limit) if goal else None
        self.rows.append(row)
        print('  %-58s %8.3f %s (%.3f .. %.3f) %s' % (row['what'], row['median'], row['unit'], row['min'], row['max'], '' if not goal else
              'goal %s %s' % (row['goal'], 'met' if row['met'] else 'MISSED')), flush=True)

    # ---- tables of stress.c ------------------------------------------------------------------

    def stress(self, table, *options):
        """Ratios and times by name."""
        text = self.run(self.tool('stress'), table, '--rounds', str(self.rounds(15, 5)), *options)
        ratios, times = {}, {}
        for line in text.splitlines():
            ratio = re.match(r'  (.*?) +([\d.]+)  \(([\d.]+) \.\. ([\d.]+)\)', line)
            cost = re.match(r'(\S.*?) +([\d.]+) +([\d.]+) +([\d.]+)$', line)
            if ratio:
                ratios.setdefault(ratio.group(1).strip(), []).append([float(x) for x in ratio.groups()[1:]])
            elif cost:
                times[cost.group(1)] = float(cost.group(3))
        if not ratios and not times:
            sys.exit('bench: cannot read what stress %s prints:\n%s' % (table, text))
        return text, ratios, times

    def ratio(self, ratios, name, goal='', limit=None, label=None, which=0):
        if name not in ratios:
            print('  %-58s not here' % (label or name))
            return
        median, low, high = ratios[name][which]
        self.judge({'what': label or name, 'median': median, 'min': low, 'max': high, 'rounds': self.rounds(15, 5), 'unit': ''}, goal, limit)

    def part_stress(self):
        """1024 looping voices, filter active: ns per voice and frame, ours / theirs"""
        _, ratios, _ = self.stress('modes')
        self.ratio(ratios, 'cubic / FluidSynth 4-point', '<=', 1 / 6)
        self.ratio(ratios, 'sinc16 / FluidSynth 4-point', '<=', 1 / 3)
        self.ratio(ratios, 'sinc16 / FluidSynth 7-point', '<=', 1 / 4)
        self.ratio(ratios, 'linear / FluidSynth linear')
        self.ratio(ratios, 'sinc32 / FluidSynth 7-point')
        self.ratio(ratios, 'cubic without / with filter', '<=', 0.85)
        self.ratio(ratios, 'sinc16 without / with filter', '<=', 0.85)
        for level in ('avx2', 'c'):
            _, ratios, _ = self.stress('modes', '--simd', level)
            if level == 'avx2':  # what the bare kernels are written for
                self.ratio(ratios, 'cubic / bare cubic', '<=', 1.6)
                self.ratio(ratios, 'sinc16 / bare sinc16', '<=', 1.6)
            self.ratio(ratios, 'cubic / FluidSynth 4-point', '<=', 1 if level == 'c' else 1 / 6, 'cubic at --simd %s / FluidSynth 4-point' % level)
            self.ratio(ratios, 'sinc16 / FluidSynth 4-point', '' if level == 'c' else '<=', 1 / 3, 'sinc16 at --simd %s / FluidSynth 4-point' % level)

    def part_curve(self):
        """cost against voices, for the plots"""
        for voices in (16, 64, 256, 1024, 4096, 16384):
            _, _, times = self.stress('modes', '--voices', str(voices), '--ms', '10' if self.options.quick else '40')
            for name, ns in times.items():
                if 'no filter' not in name:
                    self.curves.setdefault(name, []).append([voices, ns])
            print('  %5d voices: %s' % (voices, ', '.join('%s %.2f' % t for t in times.items() if 'no filter' not in t[0])), flush=True)

    def part_scale(self):
        """cost per voice against that of 64 voices"""
        _, ratios, _ = self.stress('scale')
        for which, mode in enumerate(('cubic', 'sinc16')):
            for voices in (256, 1024, 4096, 16384):
                bare = ratios.get('%d voices, bare' % voices, [[0, 0, 0]] * 2)[which][0]
                self.ratio(ratios, '%d voices' % voices, '<=', 1.25, '%s, %d voices / 64 voices (bare kernel %.2f)' % (mode, voices, bare), which)

    def part_groups(self):
        """the same notes on many channel groups, against one"""
        _, ratios, _ = self.stress('groups')
        for groups in (10, 100, 1000):
            self.ratio(ratios, '%d groups' % groups, '<=', 1.1)

    def part_modulated(self):
        """two LFOs and a second envelope on pitch, gain and cutoff of every voice"""
        _, ratios, _ = self.stress('modulated')
        for which, mode in enumerate(('cubic', 'sinc16')):
            self.ratio(ratios, mode + ' modulated / still')
            self.ratio(ratios, '... / FluidSynth 4-point', label=mode + ' modulated / FluidSynth 4-point, still', which=which)

    def part_effects(self):
        """reverb and chorus, per output frame"""
        text, *_ = self.stress('effects')
        found = re.search(r"chorus: ours ([\d.]+), .* ([\d.]+) ns per frame: ([\d.]+) \(([\d.]+) \.\. ([\d.]+)\)", text)
        if not found:
            print('  no peer here\n' + text)
            return
        ours, theirs, *ratio = (float(x) for x in found.groups())
        label = 'what they add to 16 voices, '
        self.ratio({'': [ratio]}, '', '<=', 0.5, label + 'ours / FluidSynth')
        self.row(label + 'ours', [ours], unit='ns')
        self.row(label + 'FluidSynth', [theirs], unit='ns')

    def part_worst(self):
        """64-frame blocks at 512 voices: 99.99th percentile / median"""
        found = {}
        for _ in range(self.rounds(5, 2)):
            text, *_ = self.stress_text('worst')
            for mode, what, times in re.findall(r'(\w+), 512.*frames, (.*): .*\(([\d.]+) times\)', text):
                found.setdefault((mode, what), []).append(float(times))
        for (mode, what), times in found.items():
            goal = ('<=', 3) if what.startswith('the least') else ()
            self.row('%s, 512 modulated voices, %s' % (mode, what), times, *goal)

    def stress_text(self, table):
        return (self.run(self.tool('stress'), table),)

    def part_threads(self):
        """one song on several cores, by the clock"""
        self.all_cpus()
        _, ratios, _ = self.stress('threads')
        for which, mode in enumerate(('cubic', 'sinc16')):
            self.ratio(ratios, '1 thread / 2 threads', '>=', 1.7, '%s, 1024 voices, 1 thread / 2 threads' % mode, which)
            self.ratio(ratios, '1 thread / 4 threads', label='%s, 1024 voices, 1 thread / 4 threads' % mode, which=which)
        song = os.path.join(self.work, 'thick.mid')
        programs_ = [(0, bytes([0xc0 | c, 48])) for c in range(16) if c != 9]
        notes = [(0.01 * k, bytes([0x90 | c, 30 + k, 90])) for k in range(64) for c in range(16) if c != 9]
        material.write_notes(song, programs_ + notes, 10)
        self.pairs('dmus render --threads 1 / 2, 960 notes held',
                   [self.render(song, 'TimGM6mb') + ['-p', '4096', '--tail', 'last-event', '--threads', str(n)] for n in (1, 2)], 'wall', '', None)
        self.pin()

    def part_notes(self):
        """note-ons and events"""
        text = self.run(self.tool('note_on'))
        for voices, slot, batch, single, first in re.findall(r'^ +(\d+) +(free|steal) +([\d.]+) +([\d.]+) +([\d.]+)$', text, re.M):
            what = 'note-on at %s voices, %s' % (voices, 'free slot' if slot == 'free' else 'stolen')
            self.row(what, [float(batch) / 1000], '<=', 0.3, 'us')
            self.row(what + ', single notes', [float(single) / 1000], unit='us')
            self.row(what + ', first after rendering', [float(first) / 1000], unit='us')
        loads = r'beside +(\d+) voices on +(\d+) channels, (controller|bend) +(\d+): +([-+\d.]+) %'
        for voices, channels, kind, which, percent in re.findall(loads, text):
            name = 'controller ' + which if kind == 'controller' else 'pitch bend'
            what = '10,000 events a second on %s channels, %s, %s voices' % (channels, name, voices)
            self.row(what, [1 + float(percent) / 100], '<=', 1.05)

    # ---- songs ----------------------------------------------------------------------------

    def song(self, name):
        seconds = CUT_SECONDS / 3 if self.options.quick else CUT_SECONDS
        path = os.path.join(self.work, name + '.mid')
        if not os.path.exists(path):
            material.cut(self.songs[name], path, seconds)
        return path

    def in_process(self, bank, song, rounds, names, simd=None):
        """ns per frame by contender, one figure per round."""
        result = json.loads(self.run(self.tool('songs'), str(rounds), self.banks[bank], song, *names, simd=simd))
        for name, contender in result['contenders'].items():
            if not contender['peak'] > 1e-4:
                sys.exit('bench: %s was silent in %s with %s' % (name, song, bank))
        return {name: contender['ns'] for name, contender in result['contenders'].items()}

    def all_songs(self, banks, simd=None):
        for bank in banks:
            for name in self.songs:
                for effects in ('off', 'on'):
                    names = ['ours/cubic/' + effects, 'ours/sinc16/' + effects, 'fluidsynth/4/' + effects]
                    cubic, sinc, fluid = self.in_process(bank, self.song(name), self.rounds(5, 3), names, simd).values()
                    label = '%s, %s, effects %s: ' % (name, bank, effects)
                    self.row(label + 'cubic', [b / a for a, b in zip(cubic, fluid)], '>=', 6)
                    self.row(label + 'sinc16', [b / a for a, b in zip(sinc, fluid)], '>=', 3)

    def part_songs(self):
        """songs in one process, banks loaded: FluidSynth 4-point / ours"""
        self.all_songs(self.banks)

    def part_avx2(self):
        """the same songs as processors without AVX-512 play them (`OPENDMUS_SIMD=avx2`)"""
        self.all_songs(list(self.banks)[:1], 'avx2')

    def render(self, song, bank, mode='sinc16', effects=False):
        return programs.ours(self.build, self.banks[bank], song, mode, effects, os.path.join(self.work, 'ours.wav'))

    def part_whole(self):
        """whole programs, bank load and file included: CPU of the peer / ours; memory"""
        peers = programs.verify(self.build, self.banks, self.configs, self.work)
        print('  verified that the named banks are played: ' + ', '.join(peers))
        for bank in self.banks:
            for name in self.songs:
                self.whole_song(bank, name, peers)

    def whole_song(self, bank, name, peers):
        song, out = self.song(name), os.path.join(self.work, 'peer.wav')
        commands = {('ours', mode, fx): self.render(song, bank, mode, fx) for mode in ('cubic', 'sinc16') for fx in (False, True)}
        if 'FluidSynth' in peers:
            commands.update({('FluidSynth', '', fx): programs.fluidsynth(self.banks[bank], song, fx, out) for fx in (False, True)})
        if 'TiMidity' in peers:
            commands['TiMidity', '', False] = programs.timidity(self.configs[bank], song, False, out)
        costs = {key: [] for key in commands}
        for _ in range(self.rounds(5, 3)):
            for key, command in commands.items():
                costs[key].append(self.cost(*command))
        label = '%s, %s: ' % (name, bank)

        def against(peer, fx, mode, goal, limit, text):
            if (peer, '', fx) in costs:
                self.row(label + text, [p['cpu'] / o['cpu'] for o, p in zip(costs['ours', mode, fx], costs[peer, '', fx])], goal, limit)
        for fx in (False, True):
            switch = 'effects ' + ('on' if fx else 'off')
            against('FluidSynth', fx, 'sinc16', '>=', 3, 'fluidsynth -F / sinc16, ' + switch)
            against('FluidSynth', fx, 'cubic', '', None, 'fluidsynth -F / cubic, ' + switch)
        against('TiMidity', False, 'cubic', '>=', 1, 'timidity linear / cubic, effects off')
        report = programs.ours_reports(self.build, self.banks[bank], song)
        used = report['wave_bytes'] / 1e6
        memory = [c['rss'] * 1024 / 1e6 for c in costs['ours', 'sinc16', True]]
        self.row(label + 'resident, beyond the %.1f MB of waves it uses' % used, [m - used for m in memory], '<=', 8, 'MB')
        if 'FluidSynth' in peers:
            self.row(label + 'resident, ours / FluidSynth', [a / (b['rss'] * 1024 / 1e6) for a, b in zip(memory, costs['FluidSynth', '', True])])

    def pairs(self, what, commands, key, goal, limit):
        """First command's cost over the second's. By the clock only rounds count in which both had their cores to themselves, if there
        are enough of them among three times as many, and else the least disturbed."""
        wanted, tried = self.rounds(7, 3), []
        while len(tried) < wanted or (key == 'wall' and len(tried) < 3 * wanted and sum(t[0] <= OUSTED_MOST for t in tried) < wanted):
            costs = [self.cost(*c) for c in commands]
            tried.append((max(c['ousted'] / c['wall'] for c in costs), costs[0][key] / costs[1][key]))
        if key == 'wall':
            tried.sort()
        self.row(what, [ratio for _, ratio in tried[:wanted]], goal, limit)

    def part_start(self):
        """process start to the first sample of a song of one note, by the clock, and memory: ours / FluidSynth"""
        song = os.path.join(self.work, 'one.mid')
        material.write_notes(song, [(0, b'\x90\x3c\x64'), (0.02, b'\x80\x3c\x00')], 0.02)
        for bank, path in self.banks.items():
            ours, theirs, whole = [], [], []
            for _ in range(self.rounds(21, 7)):
                ours.append(self.cost('--first', self.tool('first_ours'), path, song))
                theirs.append(self.cost('--first', self.tool('first_fluidsynth'), path, song))
                a = self.cost(*self.render(song, bank))
                b = self.cost(*programs.fluidsynth(path, song, False, os.path.join(self.work, 'peer.wav')))
                whole.append((a, b))
            self.row(bank + ', first sample', [a['first'] / b['first'] for a, b in zip(ours, theirs)], '<=', 1 / 8)
            self.row(bank + ', first sample, CPU', [a['cpu'] / b['cpu'] for a, b in zip(ours, theirs)])
            self.row(bank + ', first sample, ours', [a['first'] * 1e3 for a in ours], unit='ms')
            self.row(bank + ', first sample, resident, ours', [a['rss'] * 1024 / 1e6 for a in ours], unit='MB')
            self.row(bank + ', dmus render / fluidsynth -F, clock', [a['wall'] / b['wall'] for a, b in whole])
            self.row(bank + ', dmus render / fluidsynth -F, CPU', [a['cpu'] / b['cpu'] for a, b in whole])

    def part_idle(self):
        """per output frame in a song: nothing sounds; and what reverb and chorus add to one note"""
        bank = next(iter(self.banks))
        names = ['ours/sinc16/off', 'ours/sinc16/on', 'fluidsynth/4/off', 'fluidsynth/4/on']
        quiet, held = os.path.join(self.work, 'quiet.mid'), os.path.join(self.work, 'held.mid')
        send = [(0, bytes([0xc0, 19])), (0, bytes([0xb0, 91, 127])), (0, bytes([0xb0, 93, 127]))]
        material.write_notes(quiet, send + [(0, b'\x90\x3c\x64'), (0.1, b'\x80\x3c\x00')], 120)
        material.write_notes(held, send + [(0, b'\x90\x3c\x64')], 60)
        for song, what in ((quiet, 'silence after one note'), (held, 'one held note')):
            off, on, fluid_off, fluid_on = self.in_process(bank, song, self.rounds(9, 3), names).values()
            self.row(what + ', ours, effects off', off, unit='ns')
            self.row(what + ', ours, effects on', on, unit='ns')
            self.row(what + ', effects on, ours / FluidSynth', [a / b for a, b in zip(on, fluid_on)])
            self.row(what + ', what effects add, ours', [b - a for a, b in zip(off, on)], *(('<=', 1, 'ns') if song == quiet else ('', None, 'ns')))
            self.row(what + ', what effects add, FluidSynth', [b - a for a, b in zip(fluid_off, fluid_on)], unit='ns')
            if song == held:
                self.row(what + ', what effects add, ours / FluidSynth', [(b - a) / (d - c) for a, b, c, d in zip(off, on, fluid_off, fluid_on)],
                         '<=', 0.5)

    def part_jobs(self):
        """many songs at a time on two cores, by the clock; rounds in which other programs had the cores do not count"""
        self.all_cpus(2)
        songs = [self.song(name) for name in reversed(self.songs) for _ in range(2)]  # the heavy ones first: no lone one at the end
        copies = []
        for i, song in enumerate(songs):  # under names of their own
            copies.append(os.path.join(self.work, 'job%d.mid' % i))
            with open(song, 'rb') as a, open(copies[-1], 'wb') as b:
                b.write(a.read())
        for bank in self.banks:
            one = [os.path.join(self.build, 'cli/dmus'), 'render', '-q', '--dry-run', '--no-loudness', '-b', self.banks[bank]] + copies
            self.pairs('%s, %d songs, --jobs 1 / --jobs 2' % (bank, len(copies)), [one + ['-j', '1'], one + ['-j', '2']], 'wall', '>=', 1.9)
            self.pairs('%s, %d songs, CPU of --jobs 1 / --jobs 2' % (bank, len(copies)), [one + ['-j', '1'], one + ['-j', '2']], 'cpu', '', None)
        self.pin()

    # ---- the whole ---------------------------------------------------------------------------

    def pin(self):
        if hasattr(os, 'sched_setaffinity'):
            os.sched_setaffinity(0, {self.options.cpu})

    def all_cpus(self, count=None):
        if hasattr(os, 'sched_setaffinity'):
            os.sched_setaffinity(0, set(self.options.cpus[-count:] if count else self.options.cpus))


PARTS = ['stress', 'curve', 'scale', 'groups', 'modulated', 'effects', 'worst', 'threads', 'notes', 'songs', 'avx2', 'whole', 'start', 'idle',
         'jobs']


def first_line(*command):
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout.strip().splitlines()[0]
    except (OSError, IndexError):
        return 'not here'


def machine(build):
    model = flags = ''
    try:
        with open('/proc/cpuinfo', encoding='ascii', errors='replace') as f:
            text = f.read()
        field = lambda name: (re.findall(r'^%s\s*: (.*)$' % name, text, re.M) or [''])[0]
        model = '%s, family %s model %s' % (field('model name'), field('cpu family'), field('model'))
        flags = ' '.join(x for x in ('sse4_1', 'avx2', 'avx512bw') if x in field('flags').split())
        if 'hypervisor' in field('flags'):
            model += ', virtual'
    except OSError:
        pass
    return {'processor': model or platform.processor(), 'instruction sets': flags, 'processors': os.cpu_count(),
            'system': '%s %s' % (platform.system(), platform.machine()), 'compiler': first_line('cc', '--version'),
            'ours': first_line(os.path.join(build, 'cli/dmus'), '--version'),
            'FluidSynth': first_line('fluidsynth', '--version'), 'TiMidity': first_line('timidity', '--version'),
            'load': ' '.join('%.1f' % x for x in os.getloadavg())}


def write(path, part, rows, curves, options):
    data = {'parts': {}, 'curves': {}}
    if os.path.exists(path):
        with open(path, encoding='utf-8') as f:
            data = json.load(f)
    data['parts'][part] = {'rows': rows, 'about': getattr(Bench, 'part_' + part).__doc__, 'date': time.strftime('%Y-%m-%d'),
                           'quick': options.quick,
                           'revision': first_line('git', '-C', os.path.dirname(material.DEMO), 'rev-parse', '--short', 'HEAD'), 'load': os.getloadavg()[0]}
    data['parts'] = {name: data['parts'][name] for name in PARTS if name in data['parts']}
    data['machine'] = options.machine
    data['curves'].update(curves)
    with open(path + '.new', 'w', encoding='utf-8') as f:
        json.dump(data, f, indent=1)
        f.write('\n')
    os.replace(path + '.new', path)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split('usage: ')[1].split('\n')[0])
    parser.add_argument('build')
    parser.add_argument('parts', nargs='*', metavar='PART')
    parser.add_argument('--quick', action='store_true')
    parser.add_argument('--json')
    parser.add_argument('--strict', action='store_true')
    parser.add_argument('--cpu', type=int)
    options = parser.parse_intermixed_args()
    if set(options.parts) - set(PARTS):
        parser.error('parts are ' + ', '.join(PARTS))
    options.cpus = sorted(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else [0]
    options.cpu = options.cpus[-1] if options.cpu is None else options.cpu
    options.machine = machine(options.build)
    for name, value in options.machine.items():
        print('%s: %s' % (name, value))
    shared = '/dev/shm' if os.access('/dev/shm', os.W_OK) else None  # no disk in the figures
    missed = 0
    with tempfile.TemporaryDirectory(dir=shared) as work:
        for part in options.parts or PARTS:
            bench = Bench(options, work)
            bench.pin()
            step = getattr(bench, 'part_' + part)
            print('== %s: %s' % (part, step.__doc__), flush=True)
            if part in ('songs', 'avx2', 'whole', 'start', 'idle', 'jobs') and not bench.banks:
                print('  no bank here (Debian: timgm6mb-soundfont, fluid-soundfont-gm)')
                continue
            step()
            if options.json:
                write(options.json, part, bench.rows, bench.curves, options)
            missed += sum(row['met'] is False for row in bench.rows)
    print('%d goals missed' % missed)
    return options.strict and missed != 0


if __name__ == '__main__':
    sys.exit(main())
