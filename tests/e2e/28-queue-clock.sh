#!/bin/sh
# SPDX-License-Identifier: MIT
# A board without a battery: it wakes in another year, and the clock is put right later.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
uf=$BIN/unifaas
UNIFAAS_SDK=$ROOT/build/sdk
export UNIFAAS_SDK

mkdir "$TMP/worker"
printf 'name: worker\nmax_age: 1h\ntriggers: [{queue: jobs}]\n' >"$TMP/worker/function.yaml"
cat >"$TMP/worker/main.c" <<'C'
#include <unifaas.h>

int handle(const struct uf_event *e, struct uf_response *r)
{
    int64_t n;

    (void)e;
    (void)r;
    return uf_kv_incr("handled", 1, &n);
}
C
handled() { [ "$("$uf" kv get handled 2>/dev/null)" = "$1" ]; }
pushed() { curl -sS "$GATEWAY/system/queues/jobs/events" | jq -r '.[0].pushed'; }
dead() { "$uf" dead list worker -o json | jq length; }

AS="env LD_PRELOAD=$ROOT/build/tools/clock.so UF_CLOCK_S=-$(($(date +%s) - 800000000))"
t "a daemon starts in 1995" start_daemon
is "an event is accepted" "$("$uf" queue push jobs x >/dev/null && "$uf" queue len jobs)" 1
like "which was then" "$(pushed)" '^1995-05-09T'
kill9_daemon
AS=''
t "the next one has the right time" start_daemon
t "the function comes" "$uf" deploy "$TMP/worker"
t "an event of 1995 is handled" eventually 10 handled 1
is "and none is a dead letter" "$(dead)" 0
# Another attempt would come after its time.
sed -i 's/^max_age: .*/max_age: 1s\nretry: {min_wait: 2s}/' "$TMP/worker/function.yaml"
sed -i 's/return uf_kv_incr.*/exit(3);/; s/#include <unifaas.h>/#include <stdlib.h>\n&/; /int64_t n;/d' "$TMP/worker/main.c"
t "a function that fails comes" "$uf" deploy "$TMP/worker"
t "it gets an event" "$uf" queue push jobs x
late() { "$uf" dead list worker -o json | jq -e 'any(.[]; .reason | test("exit.*; the next attempt would be later than max_age allows$"))' >/dev/null; }
t "one whose next attempt would be too late says so" eventually 10 late
stop_daemon
is "it ends well" "$DAEMON_STATUS" 0
finish
