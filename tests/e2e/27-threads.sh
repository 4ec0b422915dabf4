#!/bin/sh
# SPDX-License-Identifier: MIT
# The daemon's threads share nothing by accident: a mixed load under the thread
# sanitizer, which ends the daemon with a status of its own when it finds a race.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/daemon.sh
. "$ROOT/tests/e2e/daemon.sh"
cd "$ROOT" || exit 1
tsan=build/$(uname -m)-tsan/unifaasd

make_sample "" || exit 1
UNIFAAS_SDK=$ROOT/build/sdk "$BIN/unifaas" build functions/counter -o "$TMP/counter.img" \
    >"$TMP/build.log" 2>&1 || exit 1
TSAN_OPTIONS=log_path=$TMP/race
export TSAN_OPTIONS
cp "$tsan" "$TMP/bin/unifaasd" || exit 1
# It wants its shadow memory at places that more random addresses may have taken.
if ! "$TMP/bin/unifaasd" --version >/dev/null 2>&1; then
    skip "a daemon under the thread sanitizer" "tsan: it does not start here"
    finish
fi
BIN=$TMP/bin
t "a daemon starts under the thread sanitizer" start_daemon --backend process --pool 1
is "with a function" "$(deploy sample "$TMP/sample.img")" 202
is "and one that keeps a count" "$(deploy counter "$TMP/counter.img")" 202

quiet() { curl -sS --max-time 30 -o /dev/null "$@" || echo "$*" >>"$TMP/lost"; }
deploys() {
    for i in 1 2 3 4 5 6 7 8; do
        image=$(upload "$TMP/sample.img")
        quiet "$GATEWAY/system/functions" -d "{\"service\":\"f$i\",\"image\":\"$image\"}"
        quiet "$GATEWAY/function/f$i"
        quiet "$GATEWAY/system/functions" -X DELETE -d "{\"functionName\":\"f$i\"}"
    done
}
counts() {
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        quiet "$GATEWAY/function/counter"
    done
}
keys() {
    for i in 1 2 3 4 5 6 7 8 9 10; do
        quiet "$GATEWAY/system/kv/k$1" -X PUT -d "$i"
        quiet "$GATEWAY/system/kv/k$1"
        quiet "$GATEWAY/system/kv?prefix=k"
        quiet "$GATEWAY/metrics"
    done
}
pids=''
for work in deploys counts counts counts "keys 1" "keys 2"; do
    $work &
    pids="$pids $!"
done
# shellcheck disable=SC2086
wait $pids
is "every request of a mixed load is answered" "$(cat "$TMP/lost" 2>/dev/null)" ""
is "and every event counted once" "$(curl -sS "$GATEWAY/system/kv/counter")" 60
(sleep 0.1 && counts) 2>/dev/null &
work=$!
stop_daemon
wait $work
is "told to stop in the middle it ends well" "$DAEMON_STATUS" 0
is "without a race" "$(cat "$TMP"/race.* 2>/dev/null)" ""

# What the first start of an instance does: verify, and make a snapshot again.
truncate -s -1 "$TMP"/state/snapshots/*
t "it starts again" start_daemon --backend process --pool 1
is "a damaged snapshot is made again" "$(at /) $(body)" "200 GET / one"
stop_daemon
is "it ends well" "$DAEMON_STATUS" 0
is "without a race, too" "$(cat "$TMP"/race.* 2>/dev/null)" ""
finish
