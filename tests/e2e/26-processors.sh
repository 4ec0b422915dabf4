#!/bin/sh
# SPDX-License-Identifier: MIT
# A daemon that may use some processors only leaves the others alone.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/daemon.sh
. "$ROOT/tests/e2e/daemon.sh"

# Where each process of the daemon's may run, each value once.
allowed() {
    for p in $(descendants "$DAEMON_PID"); do
        sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' "/proc/${p%:*}/status"
    done 2>/dev/null | sort -u | tr '\n' ' '
}
tenders() { metric unifaas_tenders; }

if [ "$(nproc)" -lt 2 ]; then
    skip "tenders stay on the daemon's processor" "smp: this machine has one processor"
    finish
fi
t "the function builds" make_sample
last=$(taskset -cp $$ | sed 's/.*[-,: ]//')
for backend in $(backends); do
    rm -rf "$TMP/state"
    AS="taskset -c $last"
    t "$backend: a daemon on one processor starts" start_daemon --backend "$backend" --pool 3
    is "$backend: a function is deployed" "$(deploy sample "$TMP/sample.img")" 202
    is "$backend: it answers" "$(at '')" 200
    three_tenders() { [ "$(tenders)" -ge 4 ]; }
    t "$backend: there are tenders in reserve" eventually 10 three_tenders
    is "$backend: all tenders and guests stay on that processor" "$(allowed)" "$last "
    stop_daemon
done
AS=''
t "a daemon on all processors starts" start_daemon --backend process --pool 4
four_tenders() { [ "$(tenders)" -ge 4 ]; }
t "process: there are tenders in reserve" eventually 10 four_tenders
is "process: they share the processors, one each" "$(allowed | wc -w)" \
    "$(n=$(nproc) && echo $((n < 4 ? n : 4)))"
stop_daemon

# Functions that grow in turns, without blank tenders in between.
t "a daemon without a pool starts" start_daemon --backend process --pool 0
scale() { code_of "$GATEWAY/system/scale-function/$1" -d "{\"replicas\":$2}" >"$TMP/status"; }
is "process: a function is deployed" "$(deploy sample "$TMP/sample.img")" 202
is "process: and another one" "$(deploy other "$TMP/sample.img")" 202
for n in 1 2; do
    for name in sample other; do
        scale $name $n
        as_many() { [ "$(metric "unifaas_instances{function_name=\"$name.openfaas-fn\",state=\"idle\"}")" = "$n" ]; }
        t "process: $name has instance $n" eventually 10 as_many
    done
done
is "process: one of them is removed" \
    "$(code_of "$GATEWAY/system/functions" -X DELETE -d '{"functionName":"other"}')" 202
two_left() { [ "$(tenders)" = 2 ]; }
t "process: the tenders of the other one are left" eventually 10 two_left
is "process: which has one on each of two processors" "$(allowed | wc -w)" 2
stop_daemon
finish
