#!/bin/sh
# SPDX-License-Identifier: MIT
# How soon after its time limit an event is ended.
# ALONE: milliseconds count
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/daemon.sh
. "$ROOT/tests/e2e/daemon.sh"

t "the function builds" make_sample
for backend in $(backends); do
    rm -rf "$TMP/state"
    t "$backend: the daemon starts" start_daemon --backend "$backend"
    is "$backend: a function with little time is deployed" "$(deploy sample "$TMP/sample.img" \
        '"annotations":{"com.unifaas.timeout":"300ms"}')" 202
    # The best of five: what others do on this machine must not decide.
    took=''
    for _ in 1 2 3 4 5; do
        at /loop >/dev/null
        took="$took $(header X-Duration-Seconds)"
    done
    best=$(echo "$took" | tr ' ' '\n' | sed '/^$/d' | sort -n | head -n 1)
    is "$backend: never before it, and within 10 ms of it ($best s)" \
        "$(awk "BEGIN { print ($best >= 0.3 && $best < 0.31) }")" 1
    stop_daemon
done
finish
