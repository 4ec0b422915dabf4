# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
# events.sh: part of run.sh: events that are pushed, delivered and stored, and what
# they change.

at_most="max_instances: 10"
threshold="scale_threshold: 100"
if [ -n "$quick" ]; then
    n_counted=300 n_effects=10 n_steps=3 n_stored=100 n_starts=1 bare_ms=100
else
    n_counted=10000 n_effects=300 n_steps=100 n_stored=100000 n_starts=5 bare_ms=1000
fi

# put_ms ID MEDIAN P99, which are us
put_ms() { add "$1" "$(awk "BEGIN { print $2 / 1000 }")" "$(awk "BEGIN { print $3 / 1000 }")"; }

# bare ID EVENTS: SQLite alone, so many events a transaction
bare() {
    got=$("$aid/commits" "$tmp" "$2" $bare_ms) || fail "$1 failed"
    # shellcheck disable=SC2086
    set -- "$1" $got
    add "$1.time" "$2" "$3"
    add "$1" "$4"
}

# pushed ID CONNECTIONS EVENTS [QUERY]: so many events in each push; sets $together to
# how many of them shared a transaction
pushed() {
    id=$1 connections=$2 EVENTS=$3
    export EVENTS
    jobs=$(metric "$events" unifaas_store_jobs_total)
    commits=$(metric "$events" unifaas_store_commit_seconds_count)
    got=$(again load "$connections" "$events" "/system/queues/pushed${4:-}")
    jobs=$(($(metric "$events" unifaas_store_jobs_total) - jobs))
    commits=$(($(metric "$events" unifaas_store_commit_seconds_count) - commits))
    together=$(((jobs + commits / 2) / commits))
    unset EVENTS
    # shellcheck disable=SC2086
    set -- "$id" "$3" $got
    add "$id.time" "$3" "$4"
    add "$id" $(($5 * $2))
}

# Each of ours after its floor, and what was pushed is gone before the next round.
pushes() {
    bare sqlite.1 1
    pushed push.1 1 1
    bare sqlite.batch 64
    pushed push.batch 1 64 '?batch=1'
    pushed push.64 64 1
    bare sqlite.64 "$together"
    curl -fsS --max-time 60 -X DELETE "http://127.0.0.1:$events/system/queues/pushed/events" >/dev/null
}

# lines COUNT TEXT: & in it is the number of the line
lines() { seq "$1" | sed "s/.*/$2/"; }

# push QUEUE, of the daemon at $port: the lines of standard input
push() {
    curl -fsS --max-time 60 --data-binary @- "http://127.0.0.1:$port/system/queues/$1?batch=1" >/dev/null ||
        fail "cannot push to $1"
}

# once COMMAND...: what is pushed and gone cannot be measured again
once() {
    "$@" 2>"$tmp/why" || { cat "$tmp/why" >&2 && fail "no result: $*"; }
}

# drained ID BODY: the events are there before their function is
drained() {
    port=$events
    lines $n_counted "$2" | push counts
    deploy count "$tmp/count.img" "$at_most" "$threshold" 'triggers:' '  - queue: counts'
    got=$(once "$aid/queue" drain "$events" counts $n_counted)
    add "$1" "$got"
}
remove_count() {
    "$bin/unifaas" remove count -g "http://127.0.0.1:$events" >"$tmp/remove.log" 2>&1 ||
        { cat "$tmp/remove.log" >&2 && fail "cannot remove count"; }
}

effects() {
    drained events.shared key
    got=$(once "$aid/queue" effect "$events" counts late $n_effects)
    # shellcheck disable=SC2086
    put_ms effect $got
    remove_count
    drained events.apart 'key&'
    remove_count
}

# burst ID BATCH: once, for it takes a minute
burst() {
    port=$events
    deploy "items$2" "$tmp/touch.img" "$at_most" "$threshold" 'triggers:' "  - queue: items$2" "    batch: $2"
    got=$(once "$aid/queue" burst "$events" "items$2" $n_steps "$pages")
    add "$1" "$got"
}
bursts() {
    burst burst.batch 100
    burst burst.each 1
}

# A daemon that has a hundred functions, and events in ten queues that nobody takes.
stored() {
    cp -a "$tmp/state.$first.idle" "$tmp/state.stored"
    start_daemon stored "$first"
    text=$(printf '%093d' 0)
    for q in $(seq 10); do
        for _ in $(seq 10); do lines $((n_stored / 10)) "$text&" | push "stored$q"; done
    done
    end "$pid"
    got=$("$aid/ready" $n_starts "$bin/unifaasd" --listen 127.0.0.1:0 --state-dir "$tmp/state.stored" \
        --no-auth --backend "$first" 2>"$tmp/why") || { cat "$tmp/why" >&2 && fail "it does not start again"; }
    # shellcheck disable=SC2086
    put_ms ready.stored $got
    add pss.stored "$(mb "${got##* }")"
    rm -rf "$tmp/state.stored"
}

events_start() {
    "$bin/unifaas" build tests/bench/count -o "$tmp/count.img" >/dev/null
    start_daemon events "$first"
    events=$port
}
