#!/bin/sh
# SPDX-License-Identifier: MIT
# Functions come, change and go while events of them do not stop: deployed,
# deployed anew with another environment or another image, refused, removed.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../e2e/lib.sh"
# shellcheck source=tests/e2e/daemon.sh
. "$ROOT/tests/e2e/daemon.sh"
# shellcheck source=tests/soak/lib.sh
. "$ROOT/tests/soak/lib.sh"

FUNCTIONS=24 STEADY=24
changes=0 wrong=0

# send METHOD STATUSES JSON
send() {
    changes=$((changes + 1))
    status=$(code_of "$GATEWAY/system/functions" -X "$1" -d "$3")
    case ,$2, in *",$status,"*) return ;; esac
    echo "$1 $3: $status $(body)" >&2
    wrong=$((wrong + 1))
}

# What becomes of w$1 in the round: by its number, so all kinds meet all others.
change() {
    ROUND=$2
    image=$(upload "$TMP/worker.$((($1 + $2) % 2)).img")
    case $((($1 * 7 + $2) % 5)) in
    0 | 1) send PUT 200 "$(manifest "$1")" ;;
    2)
        send DELETE 202 "{\"functionName\":\"w$1\"}"
        send PUT 404 "$(manifest "$1")"
        send POST 202 "$(manifest "$1")"
        ;;
    3)
        image=$(upload "$TMP/no.img")
        send PUT 400 "$(manifest "$1")"
        ;;
    4) send PUT 400 "$(manifest "$1" | sed 's/"1Mi"/"1Ki"/')" ;;
    esac
}

t "the function builds" make_worker
# Another image that does the same, and one that is none.
cp "$TMP/worker.img" "$TMP/worker.0.img"
sed 's/10000/20000/' "$ROOT/tests/soak/worker/main.c" >"$TMP/sample/main.c"
cp "$ROOT/tests/soak/worker/function.yaml" "$TMP/sample/"
t "and another one" env UNIFAAS_SDK="$ROOT/build/sdk" "$BIN/unifaas" build "$TMP/sample" -o "$TMP/worker.1.img"
head -c 20000 "$TMP/worker.img" >"$TMP/no.img"

for backend in $(backends); do
    next_share
    t "$backend: the daemon starts" start_measured --backend "$backend"
    is "$backend: all functions are deployed" "$(deploy_all $FUNCTIONS)" $FUNCTIONS
    rounds=0 changes=0 wrong=0
    # From the middle of one half to that of the other there are three rounds: more than
    # a hundred deployments, and 1 KiB that each leaked would be more than one per cent.
    while [ $rounds -lt 7 ] || ! time_is_up; do
        rounds=$((rounds + 1))
        # Between being removed and deployed again a function is not there.
        all_well 0 $FUNCTIONS 404 >"$TMP/plan.all"
        load_for all 12 0 100 20
        for i in $(seq 0 $((FUNCTIONS - 1))); do change "$i" $rounds; done 2>"$TMP/wrong"
        kill -TERM "$loader"
        t "$backend: round $rounds: events are answered as they should be" loaded all "$loader"
        is "$backend: and every change is" "$wrong $(cat "$TMP/wrong")" "0 "
        # The same image and environment again, so that the state is the same.
        ROUND=''
        is "$backend: all are deployed anew" "$(METHOD=PUT deploy_all $FUNCTIONS)" $FUNCTIONS
        t "$backend: and answer" all_answer
        t "$backend: and then all is quiet" eventually 20 at_rest $FUNCTIONS
        measure "$TMP/round.$rounds"
    done
    halves 2 $rounds
    table "$backend: the halves of $rounds rounds, $changes changes" "$TMP/before" "$TMP/after"
    t "$backend: no descriptor, process, thread or file is more" \
        not_more "$TMP/before" "$TMP/after"
    t "$backend: memory is at most one per cent more" one_per_cent "$TMP/before" "$TMP/after"
    is "$backend: no tender was lost" "$(metric unifaas_tenders_lost_total)" 0
    is "$backend: there is a snapshot for each" "$(find "$TMP/state/snapshots" -type f | wc -l)" $FUNCTIONS
    is "$backend: all are removed" "$(METHOD=DELETE deploy_all $FUNCTIONS)" $FUNCTIONS
    is "$backend: with their snapshots" "$(find "$TMP/state/snapshots" "$TMP/state/tmp" -type f | wc -l)" 0
    stop_daemon
    rm -rf "$TMP/state"
done
finish
