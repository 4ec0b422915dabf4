#!/bin/sh
# SPDX-License-Identifier: MIT
# Images whose ELF file lies: each is refused with a reason that names the place,
# or serves as ever because the lie is where nobody looks; the next function
# never notices.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/daemon.sh
. "$ROOT/tests/e2e/daemon.sh"
# shellcheck source=tests/e2e/hostile.sh
. "$ROOT/tests/e2e/hostile.sh"

mkdir "$TMP/images"
tab=$(printf '\t')

# A refusal is a client's fault, and told as text.
told() {
    case $1 in 4??) ;; *) echo "status $1, not 4xx: $(body)" >&2 && return 1 ;; esac
    grep -Eq -e "$2" "$TMP/body" || { echo "not '$2' but: $(body)" >&2 && return 1; }
}

# The image of case $1 meets its fate $2.
deployed_as() {
    image=$TMP/images/$1.img
    status=$(code_of "$GATEWAY/system/images" --data-binary @"$image" -H Expect:)
    if [ "${status#20}" != "$status" ]; then
        digest=$(sed -n 's/.*"image":"\([^"]*\)".*/\1/p' "$TMP/body")
        status=$(code_of "$GATEWAY/system/functions" -X "$method" \
            -d "{\"service\":\"victim\",\"image\":\"$digest\"}")
    fi
    if [ "$2" = served ]; then
        case $status in 200 | 202) ;; *) echo "status $status: $(body)" >&2 && return 1 ;; esac
        method=PUT
        status=$(code_of "$GATEWAY/function/victim")
        [ "$status" = 200 ] || { echo "answers $status: $(body)" >&2 && return 1; }
    else
        told "$status" "$2" || return 1
    fi
    serves
}

run_as() {
    "$BIN/unifaas" run --backend "$1" "$TMP/images/$2.img" >"$TMP/said" 2>&1 </dev/null
    status=$?
    if [ "$3" = served ]; then
        [ "$status" = 0 ] && return
    else
        # 1: the image cannot be used; from 100 on: what init did (docs/man/unifaas.1).
        [ "$status" != 0 ] && [ "$status" -lt 128 ] && grep -Eq -e "$3" "$TMP/said" && return
    fi
    echo "status $status, not '$3': $(cat "$TMP/said")" >&2
    return 1
}

t "the images are made" "$tools/mangle" "$good" "$TMP/images"
cp "$TMP/out" "$TMP/cases"
for backend in $(backends); do
    rm -rf "$TMP/state"
    t "$backend: the daemon starts" start_daemon --backend "$backend"
    is "$backend: a good function is deployed" "$(deploy good "$good")" 202
    t "$backend: and serves" serves
    method=POST
    t "$backend: a first bad one is refused" deployed_as text-not-loaded 'entry point'
    before=$(settled)
    n=0
    while IFS=$tab read -r case fate; do
        n=$((n + 1))
        [ $n != 40 ] || memory=$(kib)
        t "$backend, daemon: $case: $fate" deployed_as "$case" "$fate"
        [ "$backend" = kvm ] || t "run: $case: $fate" run_as "$backend" "$case" "$fate"
    done <"$TMP/cases"
    is "$backend: the victim is removed" "$(code_of "$GATEWAY/system/functions" -X DELETE \
        -d '{"functionName":"victim"}')" 202
    t "$backend: the daemon holds what it held ($before: fds, processes)" eventually 5 as_quiet_as "$before"
    t "$backend: nor did its memory grow since the first forty" grew_little "$memory"
    is "$backend: no tender was lost" "$(metric unifaas_tenders_lost_total)" 0
    stop_daemon
done
finish
