#!/bin/sh
# SPDX-License-Identifier: MIT
# What is kept of invocations, and the traces that they belong to.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/daemon.sh
. "$ROOT/tests/e2e/daemon.sh"
uf=$BIN/unifaas

records() { curl -sS --max-time 10 "$GATEWAY/system/invocations?$1"; }
one() { curl -sS --max-time 10 "$GATEWAY/system/invocation/$1"; }
ids() { records "$1" | jq -r '[.[].activationId]|join(" ")'; }
of() { one "$1" | jq -r "$2"; }
call() { code_of "$GATEWAY/function/sample$2" -H "X-Call-Id: $1" >/dev/null; }
none_waits() { [ "$(metric unifaas_records_waiting)$(metric unifaas_store_jobs_pending)" = 00 ]; }

t "the function builds" make_sample
cat >"$TMP/kv.c" <<'C'
#include <unifaas.h>
int handle(const struct uf_event *e, struct uf_response *r)
{
    int64_t n;

    (void)e;
    return uf_kv_incr("n", 1, &n) == UF_OK ? uf_respond_printf(r, "%d", (int)n) : 1;
}
C
mkdir "$TMP/kv"
mv "$TMP/kv.c" "$TMP/kv/main.c"
printf 'name: kv\n' >"$TMP/kv/function.yaml"
t "and one with effects" env UNIFAAS_SDK="$ROOT/build/sdk" "$uf" build "$TMP/kv" -o "$TMP/kv.img"
t "the daemon starts" start_daemon
is "a function is deployed" "$(deploy sample "$TMP/sample.img")" 202
is "and the other" "$(deploy kv "$TMP/kv.img")" 202

# ---- a list ------------------------------------------------------------------------------
is "of nothing there are no records" "$(records '')" '[]'
call one-1 /x
call two-2 /crash
call two-3 /nonzero
call log-4 /flood?lines=2
is "each invocation is there at once, the newest first" "$(ids '')" "log-4 two-3 two-2 one-1"
is "limit bounds them" "$(ids limit=2)" "log-4 two-3"
is "before goes on from there" "$(ids 'limit=2&before=two-3')" "two-2 one-1"
is "those of an outcome" "$(ids outcome=fault)" "two-2"
is "those that failed" "$(ids outcome=failed)" "two-3 two-2"
is "those of a function" "$(ids name=sample.openfaas-fn)" "log-4 two-3 two-2 one-1"
is "another has none" "$(ids name=kv)" ""
is "nor has another namespace" "$(ids name=sample.elsewhere)" ""
now=$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)
call new-5 /x
is "those since a time" "$(ids "since=$now")" "new-5"
is "logs come when they are asked for" "$(records 'name=sample&logs=true' |
    jq -r '.[]|select(.activationId=="log-4").logs|join("|")')" "line 0|line 1"
is "and not otherwise" "$(records '' | jq 'map(has("logs"))|any')" false
for bad in limit=0 limit=201 limit=x since=yesterday outcome=odd 'name=%zz'; do
    is "$bad is 422" "$(code_of "$GATEWAY/system/invocations?$bad")" 422
done
is "a call that nobody serves leaves none" "$(
    code_of "$GATEWAY/function/nobody-$$" >/dev/null
    ids limit=1
)" new-5

# ---- one -----------------------------------------------------------------------------------
is "one is found by its id" "$(of two-2 .activationId)" two-2
is "and by how it begins" "$(of lo .activationId)" log-4
is "several that begin alike are told" "$(code_of "$GATEWAY/system/invocation/two")" 400
like "by their names" "$(body)" 'two-[23] and two-[23]'
is "an unknown one is 404" "$(code_of "$GATEWAY/system/invocation/three")" 404
is "fields are those of an activation" "$(one two-2 |
    jq -c '[.namespace,.name,.response.status,.response.statusCode,.response.success]')" \
    '["openfaas-fn","sample","action developer error",2,false]'
like "with the reason and where" "$(of two-2 .response.result.error | tr '\n' ' ')" \
    '0x8.* break_down\+'
is "a function's own failure" "$(of two-3 '.response|"\(.status) \(.statusCode)"')" \
    "application error 1"
is "and success" "$(of one-1 '.response|"\(.status) \(.statusCode) \(.size)"')" "success 0 10"
is "annotations say the path" "$(of one-1 '.annotations[]|select(.key=="path").value')" \
    openfaas-fn/sample
is "the limits" "$(of one-1 '.annotations[]|select(.key=="limits").value|"\(.timeout) \(.memory)"')" \
    "3000 8"
is "and what a cold start took" "$(of one-1 '[.annotations[].key]|contains(["initTime"])')" true
is "which others did not need" "$(of two-2 '[.annotations[].key]|contains(["initTime"])')" false
now_ms=$(date +%s%3N)
is "times are milliseconds, and make sense" \
    "$(of new-5 "(.start <= .end) and (.end - .start == .duration) and
        (.end <= $now_ms) and (.start > $now_ms - 60000)")" true
is "the rest is ours" "$(one one-1 |
    jq -c '.unifaas|[.trigger,.outcome,.status,.attempt,.reruns,.cold,.host_calls,.bytes_out]')" \
    '["http","ok",200,1,0,true,0,10]'
like "what it ran in" "$(of one-1 .unifaas.isolation)" '^(kvm|process)$'
like "which image" "$(of one-1 .unifaas.image)" '^sha256:[0-9a-f]{64}$'
is "it ran and took processor time" \
    "$(of one-1 '.unifaas|(.run_us > 0) and (.cpu_us > 0) and (.wait_us >= .init_us)')" true
is "the pages that the one before wrote" "$(of new-5 '.unifaas.dirty_pages > 0')" true

# ---- traces --------------------------------------------------------------------------------
id=0af7651916cd43dd8448eb211c80319c span=b7ad6b7169203331
code_of "$GATEWAY/function/sample/header?name=traceparent" -H 'X-Call-Id: traced' \
    -H "traceparent: 00-$id-$span-01" >/dev/null
like "a function sees the trace that it is part of" "$(body)" "^00-$id-[0-9a-f]{16}-01$"
unlike "with a span of its own" "$(body)" "$span"
is "which the answer has as well" "$(header traceparent)" "$(body)"
is "and the record" "$(of traced .unifaas.traceparent)" "$(body)"
is "with its parent" "$(of traced .unifaas.parent_span)" "$span"
for bad in "00-$id-$span-0x" "ff-$id-$span-01" "00-$id-0000000000000000-01" nonsense ''; do
    code_of "$GATEWAY/function/sample/header?name=traceparent" -H "traceparent: $bad" >/dev/null
    like "'$bad' begins a trace of its own" "$(body)" '^00-[0-9a-f]{32}-[0-9a-f]{16}-03$'
    unlike "and nothing of it passes" "$(body)" "$id"
done
code_of "$GATEWAY/function/sample/header?name=traceparent" -H "traceparent: 00-$id-$span-01" \
    -H "traceparent: 00-$id-$span-01" >/dev/null
unlike "two are none" "$(body)" "$id"
state() {
    code_of "$GATEWAY/function/sample/header?name=tracestate" "$@" >/dev/null
    body
}
is "a tracestate passes" "$(state -H "traceparent: 00-$id-$span-01" -H 'tracestate: a=1,b=2')" a=1,b=2
is "not without its trace" "$(state -H 'tracestate: a=1')" "(none)"
is "nor when it is none" "$(state -H "traceparent: 00-$id-$span-01" -H 'tracestate: a')" "(none)"
call again-1 /x
trace=$(of again-1 .unifaas.traceparent)
code_of "$GATEWAY/function/sample/x" -H 'X-Call-Id: again-2' -H "traceparent: $trace" >/dev/null
is "what belongs together is one trace" "$(of again-1 '[.trace[].activationId]|join(" ")')" \
    "again-1 again-2"
is "seen from each" "$(of again-2 '[.trace[].activationId]|join(" ")')" "again-1 again-2"

# ---- the command line --------------------------------------------------------------------
exits "invocations lists them" 0 "$uf" invocations
like "with a line each" "$(cat "$TMP/out")" '^20[0-9TZ:.-]+ +two-2 +sample +http +fault +502 warm'
exits "of one function" 0 "$uf" invocations sample --outcome failed --limit 1 --logs
is "so many" "$(wc -l <"$TMP/out" | tr -d ' ')" 2
is "as JSON" "$("$uf" invocations -o json --limit 1 | jq -r '.[0].activationId')" again-2
is "or with -j" "$("$uf" invocations -j --before again-2 --limit 1 | jq -r '.[0].activationId')" again-1
exits "another format is a usage error" 2 "$uf" invocations -o xml
exits "a bad outcome is told" 1 "$uf" invocations --outcome odd
exits "invocation says everything of one" 0 "$uf" invocation two-2
like "why it failed" "$(cat "$TMP/out")" '^error +.*0x8'
like "and where" "$(cat "$TMP/out")" '^ +break_down'
exits "with its log" 0 "$uf" invocation log-4
like "line by line" "$(cat "$TMP/out")" '^log +line 0$'
exits "and its trace" 0 "$uf" invocation again-2
like "in which it is marked" "$(cat "$TMP/out")" '^  \* +http sample: ok, .* again-2$'
is "as JSON as well" "$("$uf" invocation again-2 -o json | jq -r .activationId)" again-2
exits "an unknown one ends with 4" 4 "$uf" invocation nobody

# ---- what reaches the disk -------------------------------------------------------------
t "what has no effects is written a few seconds later" eventually 10 none_waits
stop_daemon
t "the daemon starts again" start_daemon
is "records survive it" "$(ids limit=2)" "again-2 again-1"
call last-one /x
stop_daemon
t "the daemon starts once more" start_daemon
is "those that waited when it ended do, too" "$(ids limit=1)" last-one
code_of "$GATEWAY/function/kv" -H 'X-Call-Id: effect-1' >/dev/null
is "one with effects is counted" "$(body)" 1
kill9_daemon
t "the daemon starts after a crash" start_daemon
is "what was answered had its effects" "$("$uf" kv get n)" 1
is "and its record" "$(ids 'name=kv')" effect-1
is "which says what it did" "$(of effect-1 '.unifaas|[.host_calls,.status]|join(" ")')" "1 200"

# Bytes that calls write to the database and its log, each.
written() {
    awk -v n="$1" '/unifaas\.db/ && match($0, /= [0-9]+$/) { all += substr($0, RSTART + 2) }
        END { print int(all / n) }' "$TMP/strace"
}
traced() { grep -q attached "$TMP/strace.err"; }
watch() {
    : >"$TMP/strace.err"
    strace -f -y -s 0 -e trace=pwrite64,write -o "$TMP/strace" -p "$DAEMON_PID" \
        2>"$TMP/strace.err" &
    watcher=$!
    eventually 5 traced
}
unwatch() {
    kill "$watcher"
    wait "$watcher" 2>/dev/null
}
if strace -o "$TMP/strace" true 2>/dev/null; then
    t "what is written is watched" watch
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        code_of "$GATEWAY/function/kv" >/dev/null
    done
    unwatch
    is "a key and a record are two pages, seldom more" "$(
        n=$(written 20)
        [ "$n" -ge 4096 ] && [ "$n" -le 9216 ] || echo "$n bytes"
    )" ""
    t "what is written is watched again" watch
    curl -sS -o /dev/null "$GATEWAY/function/sample/x?n=[1-200]"
    t "what has no effects is written together" eventually 10 none_waits
    unwatch
    is "and takes a few hundred bytes" "$(
        n=$(written 200)
        [ "$n" -ge 50 ] && [ "$n" -le 512 ] || echo "$n bytes"
    )" ""
else
    skip "what is written is watched" "strace: cannot trace here"
fi
stop_daemon

# ---- how much is kept ------------------------------------------------------------------
t "a daemon that keeps few starts" start_daemon --records 16
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    code_of "$GATEWAY/function/kv" -H "X-Call-Id: few-$i" >/dev/null
done
is "the last are there" "$(ids limit=4)" "few-20 few-19 few-18 few-17"
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
    code_of "$GATEWAY/function/kv" -H "X-Call-Id: more-$i" >/dev/null
done
is "and the first are gone" "$(records limit=200 | jq 'length <= 33')" true
is "also by their ids" "$(code_of "$GATEWAY/system/invocation/few-3")" 404
stop_daemon
t "one that keeps none starts" start_daemon --records 0
call unseen /x
is "and has none" "$(records '')" '[]'
is "nor waits for anything" "$(metric unifaas_records_waiting)" 0
stop_daemon
finish
