#!/bin/sh
# SPDX-License-Identifier: MIT
# Tenders and guests that are killed or stopped at random, whatever they are at:
# each event gets its one answer, and afterwards all is as if nothing had been.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../e2e/lib.sh"
# shellcheck source=tests/e2e/daemon.sh
. "$ROOT/tests/e2e/daemon.sh"
# shellcheck source=tests/soak/lib.sh
. "$ROOT/tests/soak/lib.sh"

FUNCTIONS=50 STEADY=50 TIMEOUT=300ms
SEED=${SOAK_SEED:-$(date +%s)}
echo "# SOAK_SEED=$SEED: the same choices again, of processes that are others"

# Which of $1 things: a number from 0; the generator is that of POSIX's rand().
draw() {
    SEED=$(((SEED * 1103515245 + 12345) % 2147483648))
    drawn=$((SEED / 65536 % $1))
}

# What was put off after losses is tried again after 30 s at most. Records wait for five
# seconds before they are written: to ask again meanwhile would make new ones.
rest() {
    all_answer || return 1
    for _ in $(seq 100); do
        ! at_rest "$FUNCTIONS" || return 0
        sleep 0.1
    done
    return 1
}

t "the function builds" make_worker
for backend in $(backends); do
    next_share
    t "$backend: the daemon starts" start_measured --backend "$backend"
    is "$backend: all functions are deployed" "$(deploy_all $FUNCTIONS)" $FUNCTIONS
    t "$backend: all answer" eventually 20 rest
    rounds=0 killed=0 stopped=0
    while [ $rounds -lt 7 ] || ! time_is_up; do
        rounds=$((rounds + 1))
        # It dies, is too slow because it stands still, or was not started again yet.
        all_well 0 $FUNCTIONS 502,503,504 >"$TMP/plan.all"
        load_for all $FUNCTIONS 0 100 0
        for _ in $(seq 40); do
            # shellcheck disable=SC2046
            set -- $(descendants "$DAEMON_PID")
            [ $# -gt 0 ] || continue
            draw $#
            shift "$drawn"
            draw 4
            [ "$1" = "$(identity "${1%:*}")" ] || continue
            if [ "$drawn" = 0 ]; then
                kill -STOP "${1%:*}" 2>/dev/null && stopped=$((stopped + 1))
            else
                kill -KILL "${1%:*}" 2>/dev/null && killed=$((killed + 1))
            fi
            sleep 0.0$((drawn * 3))
        done
        kill -TERM "$loader"
        t "$backend: round $rounds: each event gets an answer that it may get" loaded all "$loader"
        sed 's/^/# /' "$TMP/load.all" | grep -E 'status|slowest'
        # What stands still and is never used would stay: an end of its own.
        for p in $(descendants "$DAEMON_PID"); do
            case $(sed 's/.*) //; s/ .*//' "/proc/${p%:*}/stat" 2>/dev/null) in
            T) kill -KILL "${p%:*}" 2>/dev/null ;;
            esac
        done
        t "$backend: and then all answer again" eventually 60 rest
        measure "$TMP/round.$rounds"
    done
    halves 2 $rounds
    table "$backend: the halves of $rounds rounds ($killed killed, $stopped stopped)" \
        "$TMP/before" "$TMP/after"
    t "$backend: no descriptor, process, thread or file is more" \
        not_more "$TMP/before" "$TMP/after"
    t "$backend: memory is at most one per cent more" one_per_cent "$TMP/before" "$TMP/after"
    t "$backend: tenders were lost" [ "$(metric unifaas_tenders_lost_total)" -gt 0 ]
    stop_daemon
    is "$backend: the daemon ends well" "$DAEMON_STATUS" 0
    rm -rf "$TMP/state"
done
finish
