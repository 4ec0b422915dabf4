#!/bin/sh
# SPDX-License-Identifier: MIT
# A tender that has been taken over tells one lie (tests/malice). Whatever it
# is, its event is answered, other functions do not notice, the same function
# serves again with a good tender, and nothing of it stays.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/daemon.sh
. "$ROOT/tests/e2e/daemon.sh"

cp "$UNIFAAS_TENDER" "$TMP/bin/unifaas-tender.real"
cp "$ROOT/build/$(uname -m)-release/tests/malice" "$TMP/bin/malice"
mv "$TMP/bin/malice" "$TMP/bin/unifaas-tender"
UNIFAAS_TENDER=$TMP/bin/unifaas-tender

# What the next tenders will be; "none": real ones.
tell() { echo "$1" >"$TMP/bin/lie"; }
says() { sed -n "$((log_at + 1)),\$p" "$TMP/daemon.log"; }
mark_log() { log_at=$(wc -l <"$TMP/daemon.log"); }
open_fds() { find "/proc/$DAEMON_PID/fd" -mindepth 1 | wc -l; }
processes() { descendants "$DAEMON_PID" | wc -l; }
as_before() { [ "$(open_fds) $(processes)" = "$before" ]; }
victim() { [ "$(code_of "$GATEWAY/function/victim")" = 200 ] && [ "$(cat "$TMP/body")" = honest ]; }
# Each line of the log since mark_log is this one; there are $1 of them.
only_says() { [ "$(says | grep -Ec "$2")" = "$1" ] && [ "$(says | wc -l)" = "$1" ]; }

t "a function builds" make_sample
tell none
t "the daemon starts" start_daemon --backend process --pool 0
is "a function with good tenders is deployed" "$(deploy healthy "$TMP/sample.img")" 202
is "another one is, whose tenders lie from now on" "$(deploy victim "$TMP/sample.img" \
    '"annotations":{"com.unifaas.timeout":"300ms","com.unifaas.keep_warm":"100ms"}')" 202
is "the first is served" "$(code_of "$GATEWAY/function/healthy")" 200
remember "$DAEMON_PID"
before="$(open_fds) $(processes)"

# ---- while an event runs, or waits for a tender ----------------------------------------
# The lie, the status of the answer, and how often the log says what.
lies='
start-end               503 3 the tender has ended
start-short             503 3 the tender sent a frame of 583 bytes
start-empty             503 3 the tender has ended
start-done              503 3 the tender sent frame 7 while starting
start-twice             503 3 the tender sent frame 1 while loading
start-error             503 3 bad\?\?unifaasd: forged line\?\[2J\?*
load-end                503 3 the tender has ended
load-done               503 3 the tender sent frame 7
load-ready              503 3 the tender sent frame 1 while loading
load-twice              502 1 the tender sent frame 5 while busy
run-silent              504 1 the tender did not end the invocation at its time limit
run-stop                504 1 the tender did not end the invocation at its time limit
run-unkillable          504 1 the tender did not end the invocation at its time limit
run-end                 502 1 the tender has ended
run-die                 502 1 the tender has ended
run-hang-up             502 1 the tender has ended
run-short               502 1 the tender sent a frame of 583 bytes
run-long                502 1 the tender sent a frame of 4[0-9]+ bytes
run-empty               502 1 the tender has ended
run-unknown             502 1 the tender sent frame 4294967295 out of turn
run-platforms           502 1 the tender sent frame 4 out of turn
run-ready               502 1 the tender sent frame 1 while busy
run-booted              502 1 the tender sent frame 3 while busy
run-loaded              502 1 the tender sent frame 5 while busy
run-last                502 1 the tender sent frame 7 out of turn
run-next                502 1 the tender sent frame 7 out of turn
run-error               502 1 bad\?\?unifaasd: forged line\?\[2J\?*
run-error-flood         502 1 the tender gave up and did not say why
run-flood               200 1 the tender sent frame 7 while idle
run-twice               200 1 the tender sent frame 7 while idle
run-then-end            200 1 the tender has ended
run-descriptors         200 1 the tender sent frame 7 while idle
run-children            200 1 the tender has ended
run-shrink              200 0
result-headers-large    502 1 the tender gave a result that cannot be
result-headers-largest  502 1 the tender gave a result that cannot be
result-log-large        502 1 the tender gave a result that cannot be
result-body-large       502 1 the tender gave a result that cannot be
result-body-largest     502 1 the tender gave a result that cannot be
result-outcome-next     502 1 the tender gave a result that cannot be
result-outcome-largest  502 1 the tender gave a result that cannot be
result-status-99        502 1 the tender gave a result that cannot be
result-status-600       502 1 the tender gave a result that cannot be
result-status-101       502 0
result-status-204       204 0
result-numbers          200 0
result-message          502 0
result-headers-forged   200 0
result-headers-many     200 0
result-headers-newlines 200 0
result-log-binary       200 0
load-asks               503 3 the tender sent frame 9
ask-silent              504 1 the tender did not end the invocation at its time limit
ask-on                  502 1 the tender (sent frame 9 while busy|passed on a host call that cannot be)
ask-end                 502 1 the tender has ended
ask-done                200 0
ask-unknown             502 1 the tender passed on a host call that cannot be
ask-effect              502 1 the tender passed on a host call that cannot be
ask-name-huge           502 1 the tender passed on a host call that cannot be
ask-name-binary         502 1 the tender passed on a host call that cannot be
ask-effects-huge        502 1 the tender passed on a host call that cannot be
ask-effects-noise       502 1 the tender passed on a host call that cannot be
ask-parts-huge          502 1 the tender passed on a host call that cannot be
result-effects-huge     502 1 the tender gave a result that cannot be
result-effects-noise    502 0
'
try() {
    tell "$1"
    mark_log
    is "$1: the event is answered" "$(code_of "$GATEWAY/function/victim")" "$2"
    cp "$TMP/headers" "$TMP/headers.$1"
    cp "$TMP/body" "$TMP/body.$1"
    tell none
    is "$1: another function is, at once" "$(code_of "$GATEWAY/function/healthy" --max-time 1)" 200
    t "$1: the log says so, in a line for each tender lost" \
        eventually 3 only_says "$3" "^unifaasd: victim: an instance was lost: $4"
    t "$1: nothing of it stays" eventually 5 as_before
    tell good
    t "$1: the same function serves again" eventually 5 victim
    t "$1: and rests" eventually 5 as_before
}
echo "$lies" >"$TMP/lies"
while read -r lie status times words; do
    [ -z "$lie" ] || try "$lie" "$status" "$times" "$words"
done <"$TMP/lies"

like "what a liar says is not the daemon's: isolation" \
    "$(tr -d '\r' <"$TMP/headers.result-headers-forged")" '^X-UniFaaS-Isolation: process$'
like "nor the length" "$(tr -d '\r' <"$TMP/headers.result-headers-forged")" '^Content-Length: 7$'
unlike "nor any header that is none" "$(cat "$TMP/headers.result-headers-forged")" \
    '(forged|chunked|X-Forged|colon|X Space)'
like "a good header among bad ones is kept" \
    "$(tr -d '\r' <"$TMP/headers.result-headers-forged")" '^X-Good: yes$'
like "a message is one line of text" "$(cat "$TMP/body.result-message")" \
    '^fault: bad\?\?unifaasd: forged line\?\[2J'
code_of "$GATEWAY/system/logs?name=victim" >/dev/null
t "and its log is JSON, however binary" jq -e . "$TMP/body"

# ---- while it is read ------------------------------------------------------------------
tell run-flip
mark_log
answers=''
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
    answers="$answers $(code_of "$GATEWAY/function/victim")"
done
unlike "run-flip: a result that changes while it is read is used or refused" \
    "$(echo "$answers" | tr ' ' '\n')" '^([^25]|50[^23])'
like "run-flip: and was refused at least once" "$answers" '50[23]'
tell none
is "run-flip: another function is served" "$(code_of "$GATEWAY/function/healthy")" 200
t "run-flip: nothing of it stays" eventually 5 as_before
tell good
t "run-flip: the same function serves again" eventually 5 victim
t "run-flip: and rests" eventually 5 as_before

# ---- what a tender says that its function's events write --------------------------------
# ask LIE: an event for a tender that tells it
ask() {
    tell "$1"
    t "$1: no tender is left of the one before" eventually 5 as_before
    is "$1: the event is answered" "$(code_of "$GATEWAY/function/victim")" "${2:-200}"
}
ask working-set-given
is "nothing is known of what events write before one has" "$(cat "$TMP/body")" "0+0 0+0"
ask working-set-failed 502
ask working-set-given
is "nor after one that failed" "$(cat "$TMP/body")" "0+0 0+0"
ask working-set
ask working-set-given
is "what a tender says of the first is told to the next, for the same function" \
    "$(cat "$TMP/body")" "7+3 70+30"
ask working-set-given
is "and to the one after" "$(cat "$TMP/body")" "7+3 70+30"
tell none
is "a new deployment" "$(deploy victim "$TMP/sample.img" \
    '"annotations":{"com.unifaas.timeout":"300ms","com.unifaas.keep_warm":"100ms"}')" 202
ask working-set-given
is "knows nothing of it" "$(cat "$TMP/body")" "0+0 0+0"
ask working-set-forged
ask none
cp "$TMP/body" "$TMP/answer"
is "and its twin's, which never heard of a liar" "$(code_of "$GATEWAY/function/healthy")" 200
t "a good tender that is given a set that cannot be answers as any" cmp "$TMP/body" "$TMP/answer"
t "and rests" eventually 5 as_before

# ---- while a snapshot is used, or made ---------------------------------------------------
tell load-error
is "load-error: the event is answered" "$(code_of "$GATEWAY/function/victim")" 503
like "load-error: in words" "$(cat "$TMP/body")" '^the snapshot of victim cannot be used'
lies='
start-silent 503 the tender took too long and was killed
start-end    503 the tender has ended
start-error  400 bad\?\?unifaasd: forged line\?\[2J\?*
boot-end     503 the tender has ended
boot-error   400 bad\?\?unifaasd: forged line\?\[2J\?*
boot-done    503 the tender sent frame 7 while booting
boot-message 400 init failed: fault: bad\?\?unifaasd: forged line\?\[2J\?*
boot-none    500 not a snapshot: 0 bytes
boot-noise   500 not a snapshot: wrong magic number
boot-huge    500 snapshot of 1099511627776 bytes, 8388608 bytes of memory make at most
'
try_deploy() {
    tell "$1"
    mark_log
    is "$1: a deployment is answered" "$(deploy new "$TMP/sample.img")" "$2"
    like "$1: in words" "$(cat "$TMP/body")" "^$3"
    [ "$2" = 400 ] || t "$1: which the log has as well" \
        only_says 1 "^unifaasd: new: cannot be deployed: $3"
    is "$1: nothing of it is there" "$(code_of "$GATEWAY/system/function/new")" 404
    tell none
    is "$1: another function is served" "$(code_of "$GATEWAY/function/healthy")" 200
    t "$1: nothing of it stays" eventually 5 as_before
}
echo "$lies" >"$TMP/lies"
while read -r lie status words; do
    [ -z "$lie" ] || try_deploy "$lie" "$status" "$words"
done <"$TMP/lies"
tell boot-header
is "boot-header: a snapshot with nothing in it is not noticed at once" \
    "$(deploy new "$TMP/sample.img")" 202
tell none
is "boot-header: but when it is used, and made again" "$(code_of "$GATEWAY/function/new")" 200
is "no snapshot of a liar is left" "$(find "$TMP/state" -name '*.tmp*' -o -size +64M)" ""
unlike "no line of the log is anybody else's" "$(cat "$TMP/daemon.log")" '^(unifaasd: forged|[^u])'
t "the daemon is the one that was started" alive "$DAEMON_PID"
tell run-unkillable
code_of "$GATEWAY/function/victim" --max-time 0.2 2>"$TMP/err" >/dev/null
stop_daemon
is "and stops when it is told to, whatever tenders do" "$DAEMON_STATUS" 0

# ---- tenders that nothing is asked of ------------------------------------------------------
rm -rf "$TMP/state"
tell start-twice
t "a daemon starts whose blank tenders break as soon as they are ready" \
    start_daemon --backend process --pool 2
sleep 2
like "they are not tried again all the time" "$(metric unifaas_tenders_lost_total)" '^[1-9]$'
stop_daemon

# ---- the command line ------------------------------------------------------------------------
run() { exits "unifaas run, $1: status $2" "$2" "$BIN/unifaas" run "$TMP/sample.img" -d x; }
lies='
good                0
run-end             7 the tender has ended
run-error           7 bad\?\?unifaasd: forged line\?\[2J\?*
run-long            7 the tender sent a frame of 4[0-9]+ bytes
run-flood           0
run-shrink          0
result-body-largest 7 the tender gave a result that cannot be
result-message      7 bad\?\?unifaasd: forged line\?\[2J\?*
start-error         7 bad\?\?unifaasd: forged line\?\[2J\?*
'
echo "$lies" >"$TMP/lies"
while read -r lie status words; do
    [ -n "$lie" ] || continue
    tell "$lie"
    run "$lie" "$status"
    like "unifaas run, $lie: in words" "$(cat "$TMP/err")" "$words"
done <"$TMP/lies"
finish
