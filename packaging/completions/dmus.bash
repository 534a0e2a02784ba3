# SPDX-License-Identifier: MIT
# bash completion for dmus(1).
# Made by packaging/completions/generate.py; change the tables in cli/ instead.

_dmus_files()
{
    local IFS=$'\n' suffix
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
        COMPREPLY=($(compgen -W "play live latency render convert info host check-driver wine-install conformance help version --help --version" -- "$cur"))
        return
    fi
    case $command:$previous in
    play:-b|play:--bank)
        _dmus_files dls sf2 sf3
        return ;;
    play:--reverb)
        COMPREPLY=($(compgen -W "on off" -- "$cur"))
        return ;;
    play:--chorus)
        COMPREPLY=($(compgen -W "on off" -- "$cur"))
        return ;;
    play:--profile)
        COMPREPLY=($(compgen -W "studio native" -- "$cur"))
        return ;;
    play:--interpolation)
        COMPREPLY=($(compgen -W "default nearest linear cubic sinc16 sinc32" -- "$cur"))
        return ;;
    play:--simd)
        COMPREPLY=($(compgen -W "best c sse2 sse41 avx2 avx512 neon" -- "$cur"))
        return ;;
    play:--through)
        COMPREPLY=($(compgen -W "user kernel" -- "$cur"))
        return ;;
    play:--record)
        _dmus_files wav rf64 flac ogg opus
        return ;;
    play:--format)
        COMPREPLY=($(compgen -W "s16 s24 f32" -- "$cur"))
        return ;;
    live:-b|live:--bank)
        _dmus_files dls sf2 sf3
        return ;;
    live:--reverb)
        COMPREPLY=($(compgen -W "on off" -- "$cur"))
        return ;;
    live:--chorus)
        COMPREPLY=($(compgen -W "on off" -- "$cur"))
        return ;;
    live:--profile)
        COMPREPLY=($(compgen -W "studio native" -- "$cur"))
        return ;;
    live:--interpolation)
        COMPREPLY=($(compgen -W "default nearest linear cubic sinc16 sinc32" -- "$cur"))
        return ;;
    live:--simd)
        COMPREPLY=($(compgen -W "best c sse2 sse41 avx2 avx512 neon" -- "$cur"))
        return ;;
    live:--through)
        COMPREPLY=($(compgen -W "user kernel" -- "$cur"))
        return ;;
    live:--record)
        _dmus_files wav rf64 flac ogg opus
        return ;;
    live:--format)
        COMPREPLY=($(compgen -W "s16 s24 f32" -- "$cur"))
        return ;;
    live:--record-midi)
        _dmus_files mid midi kar rmi smf
        return ;;
    render:-b|render:--bank)
        _dmus_files dls sf2 sf3
        return ;;
    render:-o|render:--output)
        _dmus_files wav rf64 flac ogg opus
        return ;;
    render:-t|render:--type)
        COMPREPLY=($(compgen -W "wav rf64 flac ogg opus" -- "$cur"))
        return ;;
    render:--format)
        COMPREPLY=($(compgen -W "s16 s24 f32" -- "$cur"))
        return ;;
    render:--reverb)
        COMPREPLY=($(compgen -W "on off" -- "$cur"))
        return ;;
    render:--chorus)
        COMPREPLY=($(compgen -W "on off" -- "$cur"))
        return ;;
    render:--profile)
        COMPREPLY=($(compgen -W "studio native" -- "$cur"))
        return ;;
    render:--interpolation)
        COMPREPLY=($(compgen -W "default nearest linear cubic sinc16 sinc32" -- "$cur"))
        return ;;
    render:--limiter)
        COMPREPLY=($(compgen -W "on off" -- "$cur"))
        return ;;
    render:--dither)
        COMPREPLY=($(compgen -W "on off" -- "$cur"))
        return ;;
    render:--tail)
        COMPREPLY=($(compgen -W "silence last-event" -- "$cur"))
        return ;;
    render:--simd)
        COMPREPLY=($(compgen -W "best c sse2 sse41 avx2 avx512 neon" -- "$cur"))
        return ;;
    render:--through)
        COMPREPLY=($(compgen -W "user kernel" -- "$cur"))
        return ;;
    convert:-o|convert:--output)
        _dmus_files dls
        return ;;
    host:-p|host:--play)
        _dmus_files mid midi kar rmi smf
        return ;;
    host:-b|host:--bank)
        _dmus_files dls sf2 sf3
        return ;;
    host:--record)
        _dmus_files wav rf64 flac ogg opus
        return ;;
    host:--record-midi)
        _dmus_files mid midi kar rmi smf
        return ;;
    host:--time)
        COMPREPLY=($(compgen -W "virtual real" -- "$cur"))
        return ;;
    host:--trace)
        COMPREPLY=($(compgen -f -- "$cur"))
        return ;;
    host:-R|host:--resources)
        COMPREPLY=($(compgen -f -- "$cur"))
        return ;;
    host:--registry)
        COMPREPLY=($(compgen -f -- "$cur"))
        return ;;
    check-driver:-R|check-driver:--resources)
        COMPREPLY=($(compgen -f -- "$cur"))
        return ;;
    check-driver:--registry)
        COMPREPLY=($(compgen -f -- "$cur"))
        return ;;
    wine-install:--gm-dls)
        _dmus_files dls sf2 sf3
        return ;;
    wine-install:--dlls)
        COMPREPLY=($(compgen -d -- "$cur"))
        return ;;
    conformance:--emit)
        COMPREPLY=($(compgen -d -- "$cur"))
        return ;;
    conformance:--judge)
        COMPREPLY=($(compgen -d -- "$cur"))
        return ;;
    conformance:--table)
        COMPREPLY=($(compgen -f -- "$cur"))
        return ;;
    conformance:--plots)
        COMPREPLY=($(compgen -d -- "$cur"))
        return ;;
    play:-a|play:--audio|play:-r|play:--rate|play:-z|play:--period|play:-c|play:--periods|play:-g|play:--gain|play:-p|play:--polyphony|play:--client|play:--from|play:--tempo|play:--transpose|play:--mute|play:--solo|play:--loop|live:-a|live:--audio|live:-r|live:--rate|live:-z|live:--period|live:-c|live:--periods|live:-g|live:--gain|live:-p|live:--polyphony|live:--client|live:-m|live:--midi|live:-C|live:--connect|latency:-a|latency:--audio|latency:-r|latency:--rate|latency:-z|latency:--period|latency:-c|latency:--periods|latency:-n|latency:--notes|latency:--listen|render:-r|render:--rate|render:-c|render:--channels|render:-g|render:--gain|render:-p|render:--polyphony|render:--from|render:--to|render:--block|render:--threads|render:-j|render:--jobs|host:--seconds|host:-f|host:--filter|host:-r|host:--rate|host:--channels|host:--buffer|check-driver:--only|check-driver:--limit|conformance:--label|conformance:--only)
        return ;;
    esac
    case $command:$cur in
    play:-*)
        COMPREPLY=($(compgen -W "-b --bank -a --audio --list-audio -r --rate -z --period -c --periods -g --gain -p --polyphony --reverb --chorus --profile --interpolation --simd --through --client --no-connect --no-realtime --record --format -y --overwrite --plain --json -q --quiet -v --verbose -h --help --from --tempo --transpose --mute --solo --loop --repeat" -- "$cur")) ;;
    live:-*)
        COMPREPLY=($(compgen -W "-b --bank -a --audio --list-audio -r --rate -z --period -c --periods -g --gain -p --polyphony --reverb --chorus --profile --interpolation --simd --through --client --no-connect --no-realtime --record --format -y --overwrite --plain --json -q --quiet -v --verbose -h --help -m --midi -C --connect --list-midi --separate --record-midi" -- "$cur")) ;;
    latency:-*)
        COMPREPLY=($(compgen -W "-a --audio -r --rate -z --period -c --periods -n --notes --listen --no-realtime --json -h --help" -- "$cur")) ;;
    render:-*)
        COMPREPLY=($(compgen -W "-b --bank -o --output -y --overwrite -t --type --format -r --rate -c --channels -g --gain -p --polyphony --reverb --chorus --profile --interpolation --limiter --dither --from --to --tail --all-instruments --block --simd --threads --through -j --jobs --strict --checksum --no-loudness --dry-run --json -q --quiet -v --verbose -h --help" -- "$cur")) ;;
    convert:-*)
        COMPREPLY=($(compgen -W "-o --output -y --overwrite --level1 --strict --json -q --quiet -v --verbose -h --help" -- "$cur")) ;;
    info:-*)
        COMPREPLY=($(compgen -W "-i --instruments -w --waves --checksum --json -q --quiet -v --verbose -h --help" -- "$cur")) ;;
    host:-*)
        COMPREPLY=($(compgen -W "-l --list -p --play --legacy -b --bank --record --record-midi --seconds --time --trace -R --resources --registry -f --filter -r --rate --channels --buffer --render-bytes --trap -y --overwrite --json -q --quiet -h --help" -- "$cur")) ;;
    check-driver:-*)
        COMPREPLY=($(compgen -W "-R --resources --registry --only --in-process --limit --json -q --quiet -v --verbose -h --help" -- "$cur")) ;;
    wine-install:-*)
        COMPREPLY=($(compgen -W "--remove --gm-dls --dlls -q --quiet -h --help" -- "$cur")) ;;
    conformance:-*)
        COMPREPLY=($(compgen -W "--emit --judge --label --table --plots --only -q --quiet -h --help" -- "$cur")) ;;
    play:*)
        _dmus_files mid midi kar rmi smf dls sf2 sf3 ;;
    live:*)
        _dmus_files dls sf2 sf3 ;;
    render:*)
        _dmus_files mid midi kar rmi smf dls sf2 sf3 ;;
    convert:*)
        _dmus_files dls sf2 sf3 rmi ;;
    info:*)
        _dmus_files mid midi kar rmi smf dls sf2 sf3 ;;
    host:*)
        _dmus_files so ;;
    check-driver:*)
        _dmus_files so ;;
    wine-install:*)
        _dmus_files ;;
    help:*)
        COMPREPLY=($(compgen -W "play live latency render convert info host check-driver wine-install conformance help version" -- "$cur")) ;;
    esac
}
complete -F _dmus dmus
