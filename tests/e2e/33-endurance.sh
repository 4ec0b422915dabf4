#!/bin/sh
# SPDX-License-Identifier: MIT
# A hundred thousand events of two hundred functions, fifty of which have an
# instance at a time: what the daemon and its tenders take does not grow. Most
# events go to forty instances that live through all of it, others to instances
# that come and go, some fail. make soak does the same for longer, and worse.
# 16 bytes an event in the daemon, or 64 a restore in a tender, are found.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/daemon.sh
. "$ROOT/tests/e2e/daemon.sh"
# shellcheck source=tests/soak/lib.sh
. "$ROOT/tests/soak/lib.sh"

t "the function builds" make_worker
for backend in $(backends); do
    t "$backend: the daemon starts" start_measured --backend "$backend"
    # For the second backend they are there: an image does not know what it runs in.
    [ "$(metric unifaas_functions)" = $FUNCTIONS ] ||
        is "$backend: 200 functions are deployed" "$(deploy_all $FUNCTIONS)" $FUNCTIONS
    t "$backend: no instance yet" eventually 20 at_rest 0
    measure "$TMP/start"
    # More instances at a time than later: room that is made now is not made then.
    t "$backend: 20,000 events are answered as they should be" work 20000 0 $((MOVING * 2))
    t "$backend: then all is quiet" eventually 20 at_rest $STEADY
    measure "$TMP/before"
    t "$backend: 80,000 more are answered as they should be" work 80000 0
    is "$backend: so many" "$worked" 80000
    t "$backend: in 50 instances at once ($most)" [ "$most" -ge 50 ]
    t "$backend: then all is as quiet" eventually 20 at_rest $STEADY
    is "$backend: forty instances have lived through it" "$(cold_starts 0 $STEADY)" $STEADY
    t "$backend: many have not ($(cold_starts $STEADY $FUNCTIONS))" \
        [ "$(cold_starts $STEADY $FUNCTIONS)" -gt $FUNCTIONS ]
    is "$backend: no tender was lost" "$(metric unifaas_tenders_lost_total)" 0
    measure "$TMP/after"
    t "$backend: no descriptor, process, thread or file is more" \
        not_more "$TMP/before" "$TMP/after"
    # Caches fill when the disk is slow; what leaks goes on.
    for _ in 1 2; do
        ! one_per_cent "$TMP/before" "$TMP/after" 2>/dev/null || break
        cp "$TMP/after" "$TMP/before"
        { work 80000 0 && eventually 20 at_rest $STEADY; } || break
        measure "$TMP/after"
    done
    table "$backend: before and after the last 80,000 events" "$TMP/before" "$TMP/after"
    t "$backend: memory is at most one per cent more" one_per_cent "$TMP/before" "$TMP/after"
    sees_tenders "$TMP/after" ||
        skip "$backend: nor is that of tenders" "root: only it may look at them here"
    [ "$backend" = process ] || stop_daemon
done
is "all functions are removed" "$(METHOD=DELETE deploy_all $FUNCTIONS)" $FUNCTIONS
t "and their instances" eventually 20 at_rest 0
measure "$TMP/end"
is "and the daemon holds what it held before it had any" "$(counts "$TMP/end")" "$(counts "$TMP/start")"
finish
