#!/bin/sh
# SPDX-License-Identifier: MIT
# What a daemon tells: logs, metrics; and that it sleeps when nothing happens.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/daemon.sh
. "$ROOT/tests/e2e/daemon.sh"

logs() { curl -sS --max-time 10 "$GATEWAY/system/logs?name=sample&$1"; }
texts() { logs "$1" | jq -r .text; }
followed() { [ "$(wc -l <"$TMP/follow" | tr -d ' ')" -ge "$1" ]; }
follow() {
    curl -sS -N --max-time 60 "$GATEWAY/system/logs?name=sample&follow=1&$1" >"$TMP/follow" &
    follower=$!
}

t "the function builds" make_sample
t "the daemon starts" start_daemon
is "a function is deployed" "$(deploy sample "$TMP/sample.img")" 202

# ---- logs ----------------------------------------------------------------------------
is "what init printed is in the log" "$(texts '')" "init of one"
is "a line is logged" "$(code_of "$GATEWAY/function/sample/log" -H 'X-Call-Id: 0123456789' \
    -d 'hello "log"')" 200
line=$(logs tail=1)
is "as JSON with its text" "$(echo "$line" | jq -r .text)" 'hello "log"'
is "the function" "$(echo "$line" | jq -r .name)" sample
is "the namespace" "$(echo "$line" | jq -r .namespace)" openfaas-fn
is "the call" "$(echo "$line" | jq -r .instance)" 01234567
like "the time" "$(echo "$line" | jq -r .timestamp)" '^20[0-9-]{8}T[0-9:]{8}\.[0-9]{6}Z$'
is "in the type that clients expect" "$(
    code_of "$GATEWAY/system/logs?name=sample" >/dev/null
    header Content-Type
)" application/x-ndjson
code_of "$GATEWAY/function/sample/log" -H 'X-Call-Id: binary' \
    --data-binary "$(printf 'a\033[31m\377\303\274z')" >/dev/null
is "what is no text does not break it" "$(texts tail=1)" "$(printf 'a?[31m?\303\274z')"
code_of "$GATEWAY/function/sample/crash" -H 'X-Call-Id: crashed-1' >/dev/null
like "a crash is in the log" "$(texts instance=crashed-)" '^fault: .*0x8'
like "with its trace" "$(texts instance=crashed-)" '^break_down'
unlike "and nothing else under its call" "$(texts instance=crashed-)" 'hello'
now=$(date -u +%Y-%m-%dT%H:%M:%S.%6NZ)
is "nothing is younger than now" "$(logs "since=$now")" ""
at /log later >/dev/null
is "but what comes then" "$(texts "since=$now")" later
is "tail counts from the end" "$(texts tail=2 | wc -l | tr -d ' ')" 2
is "tail=0 is nothing" "$(logs tail=0)" ""
level() { logs tail=1 | jq -r '.level // "none"'; }
is "a line without a level has none" "$(level)" none
at /log 'warn: the sensor is silent' >/dev/null
is "what uf_log() writes keeps its level" "$(level)" warn
is "and its text" "$(texts tail=1)" 'warn: the sensor is silent'
at /log '{"level":"error","msg":"gone"}' >/dev/null
is "so does what is written as JSON" "$(level)" error
at /crash >/dev/null
is "what the platform says of a failure is an error" "$(level)" error
is "the level asked for is the least" "$(texts "since=$now&level=warn" | sed -n '1p;2p' | tr '\n' '|')" \
    'warn: the sensor is silent|{"level":"error","msg":"gone"}|'
is "what does not say counts as info" "$(texts "since=$now&level=info" | sed -n 1p)" later
at /log later >/dev/null
for bad in tail=x follow=maybe since=yesterday 'since=%zz' level=loud; do
    is "$bad is 422" "$(code_of "$GATEWAY/system/logs?name=sample&$bad")" 422
done
is "no name is 422" "$(code_of "$GATEWAY/system/logs")" 422
is "an unknown function is 404" "$(code_of "$GATEWAY/system/logs?name=nobody")" 404

follow tail=1
t "a follower gets what was there" eventually 5 followed 1
# Fields of /proc/net/tcp: the second is our end, the fourth 01 for established, and what
# the sixth begins with the timer: 02 is keepalive's.
timers() {
    awk -v at=":$(printf %04X "${GATEWAY##*:}")\$" '$2 ~ at && $4 == "01" { print substr($6, 1, 2) }' /proc/net/tcp
}
is "whether it is still there is asked" "$(timers)" 02
at /log one-more >/dev/null
t "and what comes" eventually 5 followed 2
is "in order" "$(jq -r .text <"$TMP/follow" | tr '\n' ' ')" "later one-more "
is "while others are served" "$(at '')" 200
kill "$follower"
wait "$follower" 2>/dev/null
for i in 1 2 3; do at /log "flood-$i" >/dev/null; done
is "a follower that left does not matter" "$(texts tail=1)" flood-3
follow tail=1
t "a follower of a function" eventually 5 followed 1
is "that is removed" "$(code_of "$GATEWAY/system/functions" -X DELETE \
    -d '{"functionName":"sample"}')" 202
ended() { ! alive "$follower"; }
t "comes to the end" eventually 5 ended
is "the function is deployed again" "$(deploy sample "$TMP/sample.img")" 202
is "with an empty log" "$(texts '')" "init of one"

is "many lines are logged" "$(at '/flood?lines=1500')" 200
is "the last 1000 are kept" "$(logs '' | wc -l | tr -d ' ')" 1000
is "which are the last" "$(texts '' | sed -n '1p;$p' | tr '\n' ' ')" "line 500 line 1499 "

# ---- metrics -------------------------------------------------------------------------
stop_daemon
t "a fresh daemon starts" start_daemon --pool 2
for path in '' /x /crash /nonzero '/status?code=404'; do at "$path" >/dev/null; done
f='function_name="sample.openfaas-fn"'
code_of "$GATEWAY/metrics" >/dev/null
like "metrics are of the type that scrapers expect" "$(header Content-Type)" \
    '^text/plain; version=0.0.4'
for sample in \
    "gateway_function_invocation_total{code=\"200\",$f} 2" \
    "gateway_function_invocation_total{code=\"502\",$f} 1" \
    "gateway_function_invocation_total{code=\"500\",$f} 1" \
    "gateway_function_invocation_total{code=\"404\",$f} 1" \
    "gateway_function_invocation_started{$f} 5" \
    "gateway_functions_seconds_count{code=\"200\",$f} 2" \
    "gateway_functions_seconds_bucket{code=\"200\",$f,le=\"+Inf\"} 2" \
    "gateway_service_count{$f} 1" \
    "unifaas_instances{$f,state=\"idle\"} 1" \
    "unifaas_queue_length{$f} 0" \
    "unifaas_cold_starts_total{$f} 1" \
    "unifaas_warm_starts_total{$f} 4" \
    "unifaas_cold_start_seconds_count{$f} 1" \
    "unifaas_invocations_open 0" \
    "unifaas_conflicts_total 0" \
    "unifaas_records_total 5" \
    "unifaas_store_jobs_pending 0" \
    "unifaas_functions 1"; do
    is "there is $sample" "$(grep -cxF "$sample" "$TMP/body")" 1
done
for what in seconds pages; do
    like "restores are measured in $what" "$(cat "$TMP/body")" \
        "^unifaas_restore_${what}_sum.$f. [0-9.]*[1-9]"
done
sed -n 's/^\([a-z][a-z_]*\).*/\1/p' "$TMP/body" |
    sed 's/_\(bucket\|sum\|count\)$//;s/^gateway_service$/&_count/' | sort -u >"$TMP/samples"
sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' "$TMP/body" | sort -u >"$TMP/types"
# A family of queues or of dead letters has no sample while there are none.
is "every sample has a type" "$(comm -23 "$TMP/samples" "$TMP/types")" ""
is "and is in the documentation" "$(sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' "$TMP/body" |
    while read -r m; do grep -q "\`${m}[{\`]" "$ROOT/docs/http-api.md" || echo "$m"; done)" ""
code_of "$GATEWAY/function/nobody-$$" >/dev/null
unlike "an unknown name makes no sample" "$(curl -sS "$GATEWAY/metrics")" nobody
full() { [ "$(metric unifaas_pool_size)" = 2 ]; }
t "the pool of blank tenders is full again" eventually 5 full

# ---- silence ---------------------------------------------------------------------------
# keep_warm is a minute: for these seconds there is nothing to do. Records of what
# was called are written before.
none_waits() { [ "$(metric unifaas_records_waiting)$(metric unifaas_store_jobs_pending)" = 00 ]; }
t "records are written" eventually 10 none_waits
if strace -o "$TMP/strace" true 2>/dev/null; then
    # A clock that is set, as test_wall beside this one does, is news to every daemon of
    # the machine; who polls does so every time.
    for _ in 1 2 3; do
        sleep 1
        timeout 5 strace -f -o "$TMP/strace" -p "$DAEMON_PID" 2>/dev/null
        calls=$(grep -c ') = ' "$TMP/strace")
        [ "$calls" != 0 ] || break
    done
    [ "$calls" = 0 ] || sed 's/^/# /' "$TMP/strace"
    is "an idle daemon makes no system call" "$calls" 0
else
    skip "an idle daemon makes no system call" "strace: cannot trace here"
fi

follow ''
t "a follower" eventually 5 followed 1
stop_daemon
t "does not keep a daemon from ending" ended
is "well" "$DAEMON_STATUS" 0
finish
