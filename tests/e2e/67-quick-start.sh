#!/bin/sh
# SPDX-License-Identifier: MIT
# The README's sections "A first function", "The same in C" and "Events, keys, chains", as
# they are typed: their commands work and print what it says they do. Then functions of
# the last with many events at once.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
UNIFAAS_SDK=$ROOT/build/sdk
export UNIFAAS_SDK
uf=$BIN/unifaas

t "the daemon starts" start_daemon
# As make run does.
for name in dhs days; do
    cp -r "$ROOT/functions/$name" "$TMP/$name"
    t "$name is deployed" "$uf" deploy "$TMP/$name"
done

# ---- the README ----------------------------------------------------------------------------
# typed SECTION: "COMMAND<tab>WHAT IT PRINTS", the latter empty where the README has
# nothing; lines of the output are joined by blanks.
typed() {
    awk -v section="## $1" '
        function end_command() { if (command != "") print command "\t" output; command = output = "" }
        /^## / { end_command(); on = $0 == section }
        !on { next }
        /^    \$ / { end_command(); command = substr($0, 7); next }
        /^    / && command != "" { output = output (output == "" ? "" : " ") substr($0, 5); next }
        { end_command() }' "$ROOT/README.md" >"$TMP/typed"
}
prints() { [ "$("$uf" "$@" 2>"$TMP/err" | paste -sd ' ' -)" = "$want" ]; }
type_all() {
    while IFS='	' read -r command want; do
        # shellcheck disable=SC2086
        set -- ${command#build/bin/unifaas }
        case $command in
        # A blank of its JSON is none of the shell's.
        *" -d '"*"'") set -- "$1" "$2" -d "$(echo "$command" | sed "s/.* -d '\(.*\)'/\1/")" ;;
        *" invocation ID") set -- invocation "$("$uf" invocations -o json | jq -r '.[0].activationId')" ;;
        # It does not end.
        *" logs "*" -f") set -- logs "$2" ;;
        esac
        case $command,$want in
        # What is shown is what there is.
        "cat "*) printf '%s\n' "$want" >"${command#cat }" ;;
        # Of a daemon with a password.
        *" login"* | *" secret "*) ;;
        # It is said to be so when the events have been handled.
        *"queue len"*,0) t "$command prints 0 in the end" eventually 20 prints "$@" ;;
        *,) t "$command works" "$uf" "$@" ;;
        *) is "$command prints what the README says" "$("$uf" "$@" 2>"$TMP/err" | paste -sd ' ' -)" "$want" ;;
        esac
    done <"$TMP/typed"
}
cd "$TMP" || exit 1

typed "A first function"
like "the README begins with a script" "$(cat typed)" '^build/bin/unifaas invoke warm .*	warm$'
if [ -f "$UNIFAAS_SDK/$(uname -m)/javascript.elf" ]; then
    type_all
    is "warm answers the other word as well" "$("$uf" invoke warm -d '{"sensor": 12}')" cold
else
    skip "the README's script" "javascript: the engine could not be fetched"
fi
typed "The same in C"
like "the README goes on in C" "$(cat typed)" '^build/bin/unifaas run blink -d you	Hello, you!$'
type_all
like "the log of blink has what it wrote" "$("$uf" logs blink)" 'POST /'
awk '/^```c$/ { on = 1; next } /^```$/ { on = 0 } on' "$ROOT/README.md" >blink/main.c
is "what the README shows as blink/main.c does the same" "$("$uf" run blink -d you 2>err)" "Hello, you!"
typed "Events, keys, chains"
like "the README shows how to push" "$(cat typed)" '^build/bin/unifaas queue push heat '
type_all

# ---- many at once ----------------------------------------------------------------------------
want=0
t "the event for another function is handled, too" eventually 20 prints queue len dhs-days
is "as often as there were events" "$("$uf" kv get dhs/reported)" 2

statistics() { echo "$("$uf" kv get dhs/average) $("$uf" kv get dhs/days)"; }
forget() { for key in sum days average reported; do "$uf" kv delete "dhs/$key"; done; }
t "the keys are removed" forget
is "twenty values are pushed at once" "$(seq 1 20 | "$uf" queue push -b heat)" "20 pushed, 0 known before"
t "all are handled" eventually 20 prints queue len heat
is "the average is that of all, and each has counted once" "$(statistics)" "10.5 20"
t "what follows is handled" eventually 20 prints queue len dhs-days
is "for each" "$("$uf" kv get dhs/reported)" 20

# The script keeps the same keys: both together are as one.
if [ -f "$UNIFAAS_SDK/$(uname -m)/javascript.elf" ]; then
    cp "$ROOT/functions/js/dhs.js" "$TMP/dhs.js"
    t "the script is deployed" "$uf" deploy "$TMP/dhs.js" --name dhs-js
    is "twenty more are pushed, to each ten" \
        "$(seq 21 30 | "$uf" queue push -b heat) $(seq 31 40 | "$uf" queue push -b @dhs-js)" \
        "10 pushed, 0 known before 10 pushed, 0 known before"
    t "all are handled by dhs" eventually 20 prints queue len heat
    t "and by the script" eventually 20 prints queue len @dhs-js
    is "the average is that of all forty" "$(statistics)" "20.5 40"
    t "what follows the script is handled" eventually 20 prints queue len dhs-days
    is "for each of both" "$("$uf" kv get dhs/reported)" 40
else
    skip "the script keeps the same keys" "javascript: the engine could not be fetched"
fi
finish
