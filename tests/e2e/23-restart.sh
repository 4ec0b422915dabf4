#!/bin/sh
# SPDX-License-Identifier: MIT
# What survives: restarts, kills, damaged files.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/daemon.sh
. "$ROOT/tests/e2e/daemon.sh"

said() { grep -Eq "$1" "$TMP/daemon.log"; }
snapshot() { echo "$TMP"/state/snapshots/*.snap; }
answer() {
    at '' >/dev/null
    body
}
# Change one byte at an offset of a file.
flip() {
    byte=$(od -An -tu1 -j"$2" -N1 "$1" | tr -d ' ')
    printf '%b' "\\0$(printf %o $((byte ^ 255)))" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
# A daemon over what was done to its files: the function answers as before, the
# snapshot was made again, and the log says why.
mended() {
    t "$1: the daemon starts" start_daemon
    is "$1: the function answers" "$(answer)" "GET / one"
    t "$1: the reason is in the log" said "sample: its snapshot cannot be used: .*$2"
    t "$1: and that it was made again" eventually 10 said 'sample: its snapshot was made again'
    is "$1: once" "$(metric unifaas_snapshots_rebuilt_total)" 1
    is "$1: as it was" "$(sha256sum <"$(snapshot)")" "$sum"
    stop_daemon
}

t "the function builds" make_sample
t "the daemon starts" start_daemon
is "a function is deployed" "$(deploy sample "$TMP/sample.img" '"labels":{"a":"b"},"envVars":{"A":"1"}')" 202
sum=$(sha256sum <"$(snapshot)")
code_of "$GATEWAY/system/function/sample" >/dev/null
before=$(jq -c '[.name,.image,.labels,.createdAt,.envVars,.unifaas.manifest]' <"$TMP/body")

# ---- one state, one daemon -----------------------------------------------------------
exits "a second daemon on the same state is refused" 1 \
    timeout 20 "$BIN/unifaasd" --listen 127.0.0.1:0 --state-dir "$TMP/state"
like "with the reason and the way out" "$(cat "$TMP/err")" 'another unifaasd uses.*--state-dir'
exits "a port that is taken is refused" 1 \
    timeout 20 "$BIN/unifaasd" --listen "${GATEWAY#http://}" --state-dir "$TMP/state2"
like "with the way out as well" "$(cat "$TMP/err")" 'Address already in use.*--listen'

# ---- kill -9 ---------------------------------------------------------------------------
is "the function answers" "$(answer)" "GET / one"
kill9_daemon
t "after kill -9 no tender is left" eventually 5 nothing_left
t "the daemon starts again" start_daemon
is "the function is still there" "$(answer)" "GET / one"
code_of "$GATEWAY/system/function/sample" >/dev/null
is "as it was described" \
    "$(jq -c '[.name,.image,.labels,.createdAt,.envVars,.unifaas.manifest]' <"$TMP/body")" "$before"
unlike "from the snapshot it had" "$(cat "$TMP/daemon.log")" 'snapshot'

# Killed at any moment of many deployments, the daemon knows the function as one
# of them left it, whole.
mkdir "$TMP/v"
for v in one two; do
    make_sample "s/\"one\"/\"$v\"/"
    mv "$TMP/sample.img" "$TMP/v/$v.img"
done
deploy_for_ever() {
    while :; do
        deploy sample "$TMP/v/two.img" '"labels":{"v":"two"}' >/dev/null 2>&1
        deploy sample "$TMP/v/one.img" '"labels":{"v":"one"}' >/dev/null 2>&1
    done
}
whole=yes
for pause in 0.05 0.11 0.17 0.23 0.31; do
    TMP=$TMP/v deploy_for_ever &
    busy=$!
    sleep $pause
    kill9_daemon
    kill -KILL $busy
    wait $busy 2>/dev/null
    start_daemon --pool 2 || whole="no daemon"
    said=$(answer)
    code_of "$GATEWAY/system/function/sample" >/dev/null
    label=$(jq -r '.labels.v // "one"' <"$TMP/body")
    [ "$said" = "GET / $label" ] || whole="label $label, answer $said"
    [ -z "$(ls "$TMP/state/tmp")" ] || whole="leftovers: $(ls "$TMP/state/tmp")"
    [ "$(find "$TMP/state/snapshots" -type f | wc -l)" = 1 ] || whole="snapshots are left over"
done
is "killed while deploying, what is there is whole" "$whole" yes
is "the first version is deployed again" "$(deploy sample "$TMP/v/one.img")" 202
sum=$(sha256sum <"$(snapshot)")
stop_daemon
is "a daemon that is told to stop ends well" "$DAEMON_STATUS" 0

# ---- damaged files ---------------------------------------------------------------------
truncate -s -4096 "$(snapshot)"
mended "a truncated snapshot" 'bytes'
: >"$(snapshot)"
mended "an empty snapshot" '.'
for offset in 8 12 16 60 5000; do
    flip "$(snapshot)" $offset
    mended "a snapshot with another byte at $offset" '.'
done
printf '\002' | dd of="$(snapshot)" bs=1 seek=8 conv=notrunc 2>/dev/null
mended "a snapshot of another version" 'version 2'
rm "$(snapshot)"
mended "a missing snapshot" 'No such file'

t "the daemon starts" start_daemon
is "a function is deployed" "$(deploy sample "$TMP/v/one.img")" 202
stop_daemon
rm "$TMP"/state/images/*.img "$(snapshot)"
t "without image and snapshot: the daemon starts" start_daemon
is "without image and snapshot: the function is 503" "$(at '')" 503
like "without image and snapshot: with the reason" "$(body)" 'image sha256:[0-9a-f]{64} is not here'
is "without image and snapshot: others can be deployed" "$(deploy other "$TMP/v/one.img")" 202
is "without image and snapshot: so can this one, again" "$(deploy sample "$TMP/v/one.img")" 202
is "without image and snapshot: which then answers" "$(answer)" "GET / one"
stop_daemon
flip "$(echo "$TMP"/state/images/*.img)" 600
rm "$TMP"/state/snapshots/*.snap
t "with a damaged image and no snapshot: the daemon starts" start_daemon
is "with a damaged image and no snapshot: the function is 503" "$(at '')" 503
like "with a damaged image and no snapshot: with the reason" "$(body)" 'is damaged on the disk'
is "sent again it is mended" "$(deploy sample "$TMP/v/one.img")" 202
is "and answers" "$(answer)" "GET / one"
stop_daemon
sqlite3 "$TMP/state/unifaas.db" 'PRAGMA user_version = 99'
exits "a registry of a newer daemon is left alone" 1 \
    timeout 20 "$BIN/unifaasd" --listen 127.0.0.1:0 --state-dir "$TMP/state"
like "with the reason" "$(cat "$TMP/err")" 'version 99.*newer daemon'
rm -rf "$TMP/state"

# ---- the end ------------------------------------------------------------------------------
t "the daemon starts" start_daemon
is "a function is deployed" "$(deploy sample "$TMP/v/one.img" \
    '"annotations":{"com.unifaas.max_instances":"1"}')" 202
answer >/dev/null
for i in 1 2; do
    curl -sS --max-time 30 -o "$TMP/bg.body.$i" -w '%{http_code}' \
        "$GATEWAY/function/sample/spin?ms=800" >"$TMP/bg.$i" &
done
running() { [ "$(metric 'unifaas_queue_length{function_name="sample.openfaas-fn"}')" = 1 ]; }
t "an event runs, another waits" eventually 5 running
url=$GATEWAY
started=$(date +%s%N)
stop_daemon
took=$((($(date +%s%N) - started) / 1000000))
is "SIGTERM lets both finish" "$(cat "$TMP/bg.1" "$TMP/bg.2")" 200200
is "and the daemon ends well" "$DAEMON_STATUS" 0
t "as soon as they have ($took ms)" test $took -lt 4000
exits "then nobody listens" 7 curl -sS --max-time 5 "$url/healthz"

t "the daemon starts" start_daemon
curl -sS --max-time 30 -o "$TMP/bg.body" -w '%{http_code}' "$GATEWAY/function/sample/loop" >"$TMP/bg" &
busy() { [ "$(metric 'unifaas_instances{function_name="sample.openfaas-fn",state="busy"}')" = 1 ]; }
t "an event loops" eventually 5 busy
pid=$DAEMON_PID
remember "$pid"
kill -TERM "$pid"
sleep 0.2
t "the daemon waits for it" alive "$pid"
kill -INT "$pid"
t "but asked twice it ends now" eventually 1 gone "$pid"
forget_daemon
is "well" "$DAEMON_STATUS" 0
finish
