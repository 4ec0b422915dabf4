#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/e2e/33-endurance.sh for longer: rounds of 100,000 events of 200 functions
# in 50 instances, as many as there is time for.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../e2e/lib.sh"
# shellcheck source=tests/e2e/daemon.sh
. "$ROOT/tests/e2e/daemon.sh"
# shellcheck source=tests/soak/lib.sh
. "$ROOT/tests/soak/lib.sh"

t "the function builds" make_worker
for backend in $(backends); do
    next_share
    t "$backend: the daemon starts" start_measured --backend "$backend"
    is "$backend: all functions are deployed" "$(deploy_all $FUNCTIONS)" $FUNCTIONS
    t "$backend: the first events are answered as they should be" work 20000 0 $((MOVING * 2))
    t "$backend: then all is quiet" eventually 20 at_rest $STEADY
    total=0 rounds=0
    while [ $rounds -lt 2 ] || ! time_is_up; do
        rounds=$((rounds + 1))
        t "$backend: round $rounds: 100,000 events are answered as they should be" work 100000 0
        # shellcheck disable=SC2154 # of work
        total=$((total + worked))
        t "$backend: then all is as quiet" eventually 20 at_rest $STEADY
        measure "$TMP/round.$rounds"
    done
    halves 1 $rounds
    is "$backend: the instances have lived through it" "$(cold_starts 0 $STEADY)" $STEADY
    is "$backend: no tender was lost" "$(metric unifaas_tenders_lost_total)" 0
    table "$backend: the halves of $rounds rounds, $total events" "$TMP/before" "$TMP/after"
    t "$backend: no descriptor, process, thread or file is more" \
        not_more "$TMP/before" "$TMP/after"
    t "$backend: memory is at most one per cent more" one_per_cent "$TMP/before" "$TMP/after"
    stop_daemon
    rm -rf "$TMP/state"
done
finish
