# SPDX-License-Identifier: MIT
"""Which bank is taken when none is named: the order of spec/ecosystem.md 3.3, each step told with -v."""
import os

import files
from harness import main


def taken(t, *argv, song='music/song.mid', env=None):
    """Paths of the banks of a render without -b."""
    run = t.dmus('render', song, '--dry-run', '--json', *argv, env=env)
    assert run.code == 0, run
    return [bank['path'] for bank in run.song()['banks']]


def test_order(t):
    """Every place has a bank; the first wins; then it is taken away."""
    bank = files.sf2()
    places = [('env.sf2', 'env.sf2'), ('sdl.sf2', 'sdl.sf2'), ('music/song.dls', 'music/song.dls'),
              ('music/song.sf2', 'music/song.sf2'), ('music/song.sf3', 'music/song.sf3'),
              ('data/soundfonts/default.dls', None), ('data/soundfonts/default.sf2', None), ('data/soundfonts/default.sf3', None),
              ('data/sounds/sf2/a.sf2', None), ('data/sounds/sf2/b.sf2', None),
              ('system/soundfonts/default.dls', None), ('system/soundfonts/default.sf2', None),
              ('system/soundfonts/default.sf3', None), ('system/sounds/sf3/default-GM.sf3', None),
              ('system/sounds/sf2/default-GM.sf2', None)]
    t.write('music/song.mid', files.one_second())
    for name, _ in places:
        t.write(name, bank)
    env = {'DMUS_BANK': 'env.sf2', 'SDL_SOUNDFONTS': 'sdl.sf2'}
    t.equal(taken(t, '-b', 'music/song.sf2', env=env), ['music/song.sf2'], 'the command line comes first')
    for name, relative in places:
        want = relative or t.path(name)
        t.equal(taken(t, env=env), [want], 'then ' + name)
        if name == 'env.sf2':
            del env['DMUS_BANK']
        elif name == 'sdl.sf2':
            del env['SDL_SOUNDFONTS']
        else:
            os.remove(t.path(name))
    run = t.dmus('render', 'music/song.mid', '--dry-run')
    t.exits(run, 2, 'no bank anywhere')
    t.says(run, 'no bank', '--bank', 'DMUS_BANK', 'timgm6mb-soundfont')


def test_home(t):
    t.write('song.mid', files.one_second())
    t.write('home/.local/share/soundfonts/default.sf2', files.sf2())
    run = t.dmus('render', 'song.mid', '--dry-run', '--json', env={'XDG_DATA_HOME': ''})
    t.equal([b['path'] for b in run.song()['banks']], [t.path('home/.local/share/soundfonts/default.sf2')],
            'without XDG_DATA_HOME it is ~/.local/share')


def test_sdl_list(t):
    t.write('music/song.mid', files.one_second())
    t.write('second.sf2', files.sf2())
    t.write('third.sf2', files.sf2())
    for separator in (':', ';'):
        env = {'SDL_SOUNDFONTS': separator.join(['first.sf2', 'second.sf2', 'third.sf2'])}
        t.equal(taken(t, env=env), ['second.sf2'], 'the first of the list that exists, separated by %r' % separator)


def test_inside_the_song(t):
    t.write('music/song.rmi', files.rmid(files.one_second(), files.dls()))
    t.write('music/song.sf2', files.sf2())
    t.write('env.sf2', files.sf2())
    inside = taken(t, song='music/song.rmi')
    t.ok('music/song.rmi' in inside[0], 'the bank inside the song comes before one beside it', inside)
    t.equal(inside[1:], ['music/song.sf2'], 'which stands by for what the first lacks')
    t.equal(taken(t, song='music/song.rmi', env={'DMUS_BANK': 'env.sf2'}), ['env.sf2'], 'but not before the environment')
    t.equal(taken(t, '-b', 'env.sf2', song='music/song.rmi'), ['env.sf2'], 'nor before the command line')
    run = t.dmus('render', 'music/song.rmi', '--dry-run', '--json')
    t.equal([bank['instruments'] for bank in run.song()['banks']], [1, 0], 'the notes are played by the one inside')


def test_bank_that_stands_by(t):
    """A song that has all it needs gives the same file whatever is installed; a bank that plays is in its comment."""
    t.write('song.rmi', files.rmid(files.smf(files.note(0, 240, 60) + files.note(240, 480, 40, channel=9)), files.dls()))
    more = files.note(0, 240, 60) + files.program(5, 1) + files.note(0, 240, 60, channel=1)
    t.write('more.rmi', files.rmid(files.smf(more), files.dls()))
    for options in ([], ['--checksum'], ['--all-instruments'], ['--profile', 'native']):
        for song, same in (('song.rmi', True), ('more.rmi', False)):
            made = []
            for place in ('nowhere', 'system'):
                t.write('system/sounds/sf2/default-GM.sf2', files.sf2(presets=((0, 0), (0, 5), (128, 0))))
                run = t.dmus('render', song, '-o', place + '.wav', '-y', '-q', *options, env={'XDG_DATA_DIRS': t.path(place)})
                t.exits(run, 0, 'renders with ' + place)
                made.append(t.read(place + '.wav'))
            t.equal((made[0] == made[1], b'default-GM.sf2' in made[1]), (same, not same), ' '.join([song, *options]))
            t.ok(b'bank ' + song.encode() in made[1], 'the bank inside is named', made[1][:300])


def test_every_step_is_told(t):
    t.write('music/song.mid', files.one_second())
    t.write('music/song.dls', b'RIFF\4\0\0\0DLS ')
    t.write('data/soundfonts/default.sf2', files.sf2())
    run = t.dmus('render', 'music/song.mid', '--dry-run', '-v')
    t.exits(run, 0, 'a broken bank beside the song is passed over')
    steps = [line for line in run.err.splitlines() if line.startswith('music/song.mid: ')]
    for place, path, result in (('environment', '$DMUS_BANK', 'nothing'), ('environment', '$SDL_SOUNDFONTS', 'nothing'),
                                ('inside the song', 'music/song.mid', 'nothing'), ('beside the song', 'music/song.dls', 'unusable'),
                                ('beside the song', 'music/song.sf2', 'nothing'),
                                ('beside the song', 'music/song.sf3', 'nothing'), ('configuration', '', 'nothing'),
                                ('user', t.path('data/soundfonts/default.dls'), 'nothing'),
                                ('user', t.path('data/soundfonts/default.sf2'), 'taken')):
        t.ok(steps and steps[0].startswith('music/song.mid: %s: %s' % (place, path)) and ': ' + result in steps[0],
             '%s: %s: %s' % (place, os.path.basename(path), result), run)
        steps = steps[1:]
    t.equal(steps, [], 'and there it ends')
    run = t.dmus('render', 'music/song.mid', '--dry-run')
    t.equal(run.err.count('\n'), 1, 'nothing of it without -v', run)
    t.says(run, 'warning', 'passed over: music/song.dls')
    run = t.dmus('render', 'music/song.mid', '-b', 'data/soundfonts/default.sf2', '--dry-run', '-v')
    t.says(run, 'command line: data/soundfonts/default.sf2: taken')
    run = t.dmus('render', 'music/song.mid', '-b', 'nowhere.sf2', '--dry-run', '-v')
    t.exits(run, 2, 'a named bank that is not there')
    t.says(run, 'command line: nowhere.sf2: nothing', 'nowhere.sf2: No such file')


def test_one_load_for_all_songs(t):
    t.write('a.mid', files.one_second())
    t.write('b.mid', files.one_second())
    t.write('bank.sf2', files.sf2())
    run = t.dmus('render', 'a.mid', 'b.mid', '-b', 'bank.sf2', '--dry-run', '-v')
    t.equal(run.err.count('bank.sf2: taken'), 1, 'a named bank is opened once')


main(globals())
