#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The shell completions of dmus, made from what the tool itself says: its help texts and its lists of allowed words.

usage: generate.py DMUS [DIRECTORY]    writes dmus.bash, _dmus and dmus.fish (default: beside this script)
"""
import os
import re
import subprocess
import sys

HEAD = '# SPDX-License-Identifier: MIT\n# Made by packaging/completions/generate.py; change the tables in cli/ instead.\n'
OPTION = re.compile(r'^  (?:-(?P<short>\w), |    )--(?P<long>[\w-]+)(?: (?P<argument>\S+))?(?:\s{2,}(?P<help>.*))?$')

# Which files an argument or a command takes.
BANKS, SONGS = ['dls', 'sf2', 'sf3'], ['mid', 'midi', 'kar', 'rmi', 'smf']
SOUNDS = ['wav', 'rf64', 'flac', 'ogg', 'opus']
FILES = {('play', 'bank'): BANKS, ('live', 'bank'): BANKS, ('play', 'record'): SOUNDS, ('live', 'record'): SOUNDS,
         ('live', 'record-midi'): SONGS, ('render', 'bank'): BANKS, ('render', 'output'): SOUNDS, ('convert', 'output'): ['dls'], ('wine-install', 'gm-dls'): BANKS,
         ('host', 'play'): SONGS, ('host', 'bank'): BANKS, ('host', 'record'): SOUNDS, ('host', 'record-midi'): SONGS}
# Better in one line than the beginning of the help text.
SHORTER = {'help': 'how to use it', 'reverb': 'reverb', 'chorus': 'chorus', 'tail': 'how long to go on after the last event',
           'profile': 'which synthesizer to sound like', 'emit': 'write banks and songs of all cases into DIR',
           'judge': 'also measure what another program rendered', 'gm-dls': 'make drivers/gm.dls from this bank if there is none'}
OPERANDS = {'play': SONGS + BANKS, 'live': BANKS, 'render': SONGS + BANKS, 'convert': BANKS + ['rmi'], 'info': SONGS + BANKS, 'host': ['so'], 'check-driver': ['so'], 'wine-install': []}  # []: directories


def say(dmus, *argv):
    done = subprocess.run([dmus, *argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return done.stdout, done.stderr


def commands(dmus):
    """(name, summary) from `dmus help`."""
    text = say(dmus, 'help')[0]
    return re.findall(r'^  ([\w-]+) +(.*)$', text[text.index('Commands:'):text.index("\n'dmus help")], re.M)


def options(dmus, command):
    """Dicts short, long, argument, help, words from `dmus help COMMAND`."""
    found = []
    for line in say(dmus, 'help', command)[0].splitlines():
        match = OPTION.match(line)
        if match:
            found.append(match.groupdict())
        elif found and line.startswith(' ' * 20):
            found[-1]['help'] = ((found[-1]['help'] or '') + ' ' + line.strip()).strip()
    for option in found:
        option['words'] = words(dmus, command, option)
        option['help'] = SHORTER.get(option['long']) or re.split(r';| \(', option['help'] or '')[0].strip()
    return found


def words(dmus, command, option):
    """What an option allows, if it is a list: the tool answers a wrong word with it."""
    if not option['argument'] or (command, option['long']) in FILES or option['argument'] in ('FILE', 'DIR'):
        return []
    answer = say(dmus, command, '--' + option['long'], '?', '--and-do-nothing')[1]
    match = re.search(r"is none of (.*)$", answer, re.M)
    if match:
        return match.group(1).split(', ')
    return re.findall(r"'([a-z-]+)'", option['help']) if option['argument'] == 'MODE' else []


def tool(dmus):
    return [(name, summary, options(dmus, name)) for name, summary in commands(dmus)]


# ---- bash ----

def bash(table):
    out = HEAD.replace('# Made', '# bash completion for dmus(1).\n# Made') + '''
_dmus_files()
{
    local IFS=$'\\n' suffix
    COMPREPLY+=($(compgen -d -- "$cur"))
    for suffix in "$@"; do
        COMPREPLY+=($(compgen -f -X "!*.$suffix" -- "$cur"))
    done
    compopt -o filenames 2>/dev/null
}

_dmus()
{
    local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}
    COMPREPLY=()
    if [ "$COMP_CWORD" = 1 ]; then
        COMPREPLY=($(compgen -W "%s --help --version" -- "$cur"))
        return
    fi
    case $command:$previous in
''' % ' '.join(name for name, _, _ in table)
    anything = []
    for name, _, found in table:
        for option in found:
            spelled = ['%s:%s' % (name, flag) for flag in flags(option)]
            action = bash_action(name, option)
            if action:
                out += '    %s)\n        %s\n        return ;;\n' % ('|'.join(spelled), action)
            elif option['argument']:
                anything += spelled
    out += '    %s)\n        return ;;\n' % '|'.join(anything)
    out += '    esac\n    case $command:$cur in\n'
    for name, _, found in table:
        if found:
            listed = ' '.join(flag for option in found for flag in flags(option))
            out += '    %s:-*)\n        COMPREPLY=($(compgen -W "%s" -- "$cur")) ;;\n' % (name, listed)
    for name in OPERANDS:
        out += '    %s:*)\n        %s ;;\n' % (name, ' '.join(['_dmus_files'] + OPERANDS[name]))
    out += '    help:*)\n        COMPREPLY=($(compgen -W "%s" -- "$cur")) ;;\n' % ' '.join(name for name, _, _ in table)
    return out + '    esac\n}\ncomplete -F _dmus dmus\n'


def flags(option):
    return (['-' + option['short']] if option['short'] else []) + ['--' + option['long']]


def bash_action(command, option):
    if (command, option['long']) in FILES:
        return '_dmus_files ' + ' '.join(FILES[command, option['long']])
    if option['argument'] == 'DIR':
        return 'COMPREPLY=($(compgen -d -- "$cur"))'
    if option['argument'] == 'FILE':
        return 'COMPREPLY=($(compgen -f -- "$cur"))'
    return 'COMPREPLY=($(compgen -W "%s" -- "$cur"))' % ' '.join(option['words']) if option['words'] else None


# ---- zsh ----

def quoted(text):
    return text.replace("'", "'\\''").replace('[', '\\[').replace(']', '\\]')


def zsh(table):
    out = '#compdef dmus\n' + HEAD + '\n_dmus() {\n  local curcontext=$curcontext state line\n  local -a commands\n  commands=(\n'
    out += ''.join("    '%s:%s'\n" % (name, quoted(summary).replace(':', '\\:')) for name, summary, _ in table)
    out += '''  )
  _arguments -C '(- *)'{-h,--help}'[how to use it]' '(- *)'{-V,--version}'[version and features]' \\
    '1:command:->command' '*::argument:->argument'
  case $state in
  command) _describe -t commands command commands ;;
  argument)
    case $words[1] in
'''
    for name, _, found in table:
        specs = [zsh_spec(name, option) for option in found]
        if name in OPERANDS:
            specs.append("'*:file:_files -g \"*.(%s)(-.)\"'" % '|'.join(OPERANDS[name]) if OPERANDS[name] else "'1:directory:_files -/'")
        if name == 'help':
            specs.append("'1:command:(%s)'" % ' '.join(other for other, _, _ in table))
        if specs:
            out += '    %s)\n      _arguments -s -S %s ;;\n' % (name, ' \\\n        '.join(specs))
    return out + '    esac ;;\n  esac\n}\n\n_dmus "$@"\n'


def zsh_spec(command, option):
    names = '{%s}' % ','.join(flags(option)) if option['short'] else '--' + option['long']
    repeats = "'*'" if option['long'] in ('bank', 'verbose') else "'(%s)'" % ' '.join(flags(option))
    spec = "%s%s'[%s]" % (repeats, names, quoted(option['help']))
    if option['argument']:
        if (command, option['long']) in FILES:
            action = '_files -g "*.(%s)(-.)"' % '|'.join(FILES[command, option['long']])
        elif option['argument'] in ('DIR', 'FILE'):
            action = '_files -/' if option['argument'] == 'DIR' else '_files'
        else:
            action = '(%s)' % ' '.join(option['words']) if option['words'] else ''
        spec += ':%s:%s' % (option['argument'].lower().replace('|', ' or '), action)
    return spec + "'"


# ---- fish ----

def fish(table):
    out = HEAD + '\ncomplete -c dmus -n __fish_use_subcommand -f\n'
    escape = lambda text: text.replace('\\', '\\\\').replace("'", "\\'")
    for name, summary, _ in table:
        out += "complete -c dmus -n __fish_use_subcommand -a %s -d '%s'\n" % (name, escape(summary))
    out += "complete -c dmus -n __fish_use_subcommand -l help -d 'how to use it'\n"
    out += "complete -c dmus -n __fish_use_subcommand -l version -d 'version and features'\n"
    out += "complete -c dmus -n '__fish_seen_subcommand_from help' -a '%s'\n" % ' '.join(name for name, _, _ in table)
    for name, _, found in table:
        when = "complete -c dmus -n '__fish_seen_subcommand_from %s'" % name
        if name not in OPERANDS:
            out += when + ' -f\n'
        for option in found:
            out += when + (' -s ' + option['short'] if option['short'] else '') + ' -l ' + option['long']
            if option['argument']:
                files = (name, option['long']) in FILES or option['argument'] in ('FILE', 'DIR')
                out += ' -r -F' if files else ' -x'
                out += " -a '%s'" % ' '.join(option['words']) if option['words'] else ''
            out += " -d '%s'\n" % escape(option['help'])
    return out


NAMES = {'dmus.bash': bash, '_dmus': zsh, 'dmus.fish': fish}


def main():
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__)
    directory = sys.argv[2] if len(sys.argv) == 3 else os.path.dirname(os.path.abspath(__file__))
    table = tool(os.path.abspath(sys.argv[1]))
    for name, make in NAMES.items():
        with open(os.path.join(directory, name), 'w') as file:
            file.write(make(table))


if __name__ == '__main__':
    main()
