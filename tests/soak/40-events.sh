#!/bin/sh
# SPDX-License-Identifier: MIT
# The long forms of tests/e2e: 500 daemons, and tenders at 500 moments, killed under
# mixed load, shared by the backends; and a minute of ten times too many events.
. "$(dirname "$0")/../e2e/lib.sh"
. "$(dirname "$0")/../e2e/daemon.sh"

# What a test says is part of what this says; its plan is not.
part() {
    "$@" >"$TMP/part" 2>&1
    ended=$?
    sed 's/^/# /' "$TMP/part"
    return "$ended"
}
UF_KILLS=${UF_KILLS:-$((500 / $(backends | wc -w)))}
UF_OVERLOAD_S=${UF_OVERLOAD_S:-60}
export UF_KILLS UF_OVERLOAD_S
t "daemons and tenders are killed, and nothing is lost or doubled" \
    part sh "$ROOT/tests/e2e/57-kill.sh"
t "ten times too many events for a minute" part sh "$ROOT/tests/e2e/59-overload.sh"
t "and of short events that wait for no longer than two runs" \
    part env UF_OVERLOAD_MS=10 UF_OVERLOAD_WAIT=0s sh "$ROOT/tests/e2e/59-overload.sh"
finish
