#!/bin/sh
# SPDX-License-Identifier: MIT
# What is bounded, and what happens at the bound.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/daemon.sh
. "$ROOT/tests/e2e/daemon.sh"

# A request in the background; its status comes into $TMP/bg.N.
ask() {
    curl -sS --max-time 30 -o "$TMP/bg.body.$1" -w '%{http_code}' "$GATEWAY/function/$2" \
        >"$TMP/bg.$1" 2>/dev/null &
}
waiting() { [ "$(metric 'unifaas_queue_length{function_name="sample.openfaas-fn"}')" = "$1" ]; }
state() { metric "unifaas_instances{function_name=\"$1.openfaas-fn\",state=\"$2\"}"; }
are() { [ "$(state "$1" "$2")" = "$3" ]; }
none_left() { [ -z "$(state sample idle)$(state sample busy)" ]; }
got() { [ "$(cat "$TMP/bg.$1")" = "$2" ]; }
one='"annotations":{"com.unifaas.max_instances":"1"}'

t "the function builds" make_sample
for backend in $(backends); do
    rm -rf "$TMP/state"
    t "$backend: the daemon starts" start_daemon --backend "$backend" --queue 2

    # ---- time ------------------------------------------------------------------------
    is "$backend: a function with little time is deployed" "$(deploy sample "$TMP/sample.img" \
        '"annotations":{"com.unifaas.timeout":"300ms"}')" 202
    is "$backend: one that loops is 504" "$(at /loop)" 504
    is "$backend: outcome time-limit" "$(header X-UniFaaS-Outcome)" time-limit
    like "$backend: which names the limit" "$(body)" '300'
    is "$backend: the next event is served" "$(at '')" 200
    is "$backend: the tender survived it" "$(metric unifaas_tenders_lost_total)" 0

    # ---- the queue -------------------------------------------------------------------
    is "$backend: one instance at most, two may wait" "$(deploy sample "$TMP/sample.img" "$one")" 202
    at '' >/dev/null
    ask 1 'sample/spin?ms=2500'
    t "$backend: it runs" eventually 5 are sample busy 1
    ask 2 'sample/spin?ms=20'
    ask 3 sample
    t "$backend: two wait" eventually 5 waiting 2
    is "$backend: a fourth is busy" "$(at '')" 429
    is "$backend: and told when to come again" "$(header Retry-After)" 1
    like "$backend: and why" "$(body)" 'sample is busy: 2 events wait'
    is "$backend: other functions are not" "$(deploy other "$TMP/sample.img" "$one")" 202
    is "$backend: and answer meanwhile" "$(code_of "$GATEWAY/function/other")" 200
    t "$backend: those that waited are served" eventually 10 waiting 0
    wait_all() { [ "$(cat "$TMP/bg.1" "$TMP/bg.2" "$TMP/bg.3")" = 200200200 ]; }
    t "$backend: all of them" eventually 10 wait_all
    is "$backend: by one instance" "$(state sample idle)" 1

    # ---- clients that leave ------------------------------------------------------------
    ask 1 'sample/spin?ms=1200'
    t "$backend: again one runs" eventually 5 are sample busy 1
    curl -sS --max-time 0.3 -o "$TMP/gone" "$GATEWAY/function/sample" 2>/dev/null
    t "$backend: the event of a client that left leaves the queue" eventually 1 waiting 0
    is "$backend: and is counted so" "$(metric \
        'gateway_function_invocation_total{code="499",function_name="sample.openfaas-fn"}')" 1
    t "$backend: what ran ends" eventually 5 got 1 200

    # ---- more instances ------------------------------------------------------------------
    is "$backend: three instances at most" "$(deploy sample "$TMP/sample.img" \
        '"annotations":{"com.unifaas.max_instances":"3","com.unifaas.keep_warm":"1s",
        "com.unifaas.timeout":"20s"}')" 202
    ask 1 'sample/spin?ms=900'
    ask 2 'sample/spin?ms=900'
    t "$backend: events that would wait long get instances of their own" \
        eventually 5 are sample busy 2
    t "$backend: which end when they are idle for keep_warm" \
        eventually 8 none_left
    is "$backend: and start again when needed" "$(at '')" 200
    stop_daemon
done

# ---- memory --------------------------------------------------------------------------
rm -rf "$TMP/state"
t "a daemon with little memory starts" start_daemon --backend process --memory-budget 20Mi --pool 1
is "a function fits" "$(deploy sample "$TMP/sample.img" '"limits":{"memory":"12Mi"}')" 202
is "another one does" "$(deploy other "$TMP/sample.img" '"limits":{"memory":"12Mi"}')" 202
is "one that never could is refused" "$(deploy big "$TMP/sample.img" '"limits":{"memory":"64Mi"}')" 400
like "with the budget in words" "$(body)" '64Mi.*20Mi.*--memory-budget'
is "the first is served" "$(at '')" 200
is "an idle instance makes room for the second" "$(code_of "$GATEWAY/function/other")" 200
is "and is gone" "$(state sample idle)" ""
ask 1 'sample/spin?ms=700'
t "while the first runs" eventually 5 are sample busy 1
is "the second waits for its memory and is served" "$(code_of "$GATEWAY/function/other")" 200
stop_daemon

# ---- isolation -------------------------------------------------------------------------
case $(backends) in
*kvm*)
    rm -rf "$TMP/state"
    t "a daemon starts" start_daemon --backend auto
    is "a function that wants kvm is deployed" "$(deploy sample "$TMP/sample.img" \
        '"annotations":{"com.unifaas.isolation":"kvm"}')" 202
    is "and has it" "$(
        at '' >/dev/null
        header X-UniFaaS-Isolation
    )" kvm
    is "one for which a process is enough" "$(deploy other "$TMP/sample.img" \
        '"annotations":{"com.unifaas.isolation":"process"}')" 202
    is "has that" "$(
        code_of "$GATEWAY/function/other" >/dev/null
        header X-UniFaaS-Isolation
    )" process
    stop_daemon
    t "a daemon without kvm starts on the same state" start_daemon --backend process
    is "who wants kvm is not run without" "$(at '')" 503
    like "and told why" "$(body)" 'isolation kvm.*--backend process'
    code_of "$GATEWAY/system/function/sample" >/dev/null
    is "describe says that it cannot serve" "$(jq .availableReplicas <"$TMP/body")" 0
    is "the other is" "$(code_of "$GATEWAY/function/other")" 200
    stop_daemon
    ;;
*) skip "functions that want kvm get it or nothing" "kvm: this machine has none" ;;
esac

# ---- tenders that break ----------------------------------------------------------------
rm -rf "$TMP/state"
t "a daemon starts" start_daemon --backend process --pool 0
is "a function is deployed" "$(deploy sample "$TMP/sample.img" "$one")" 202
at '' >/dev/null
tender() {
    cat /proc/[0-9]*/stat 2>/dev/null |
        awk -v d="$DAEMON_PID" '$2 == "(unifaas-tender)" && $4 == d { print $1; exit }'
}
ask 1 'sample/spin?ms=2000'
t "an event runs" eventually 5 are sample busy 1
kill -KILL "$(tender)"
t "whose tender dies is answered" eventually 5 got 1 502
like "with the outcome" "$(cat "$TMP/bg.body.1")" '^tender-lost: '
is "the next event gets a new one" "$(at '')" 200
kill -KILL "$(tender)"
is "an idle one that dies is replaced as well" "$(at '')" 200
last=$(tender)
mv "$UNIFAAS_TENDER" "$UNIFAAS_TENDER.away"
kill -KILL "$last"
is "without the program for tenders there is an answer" "$(at '')" 503
like "that says so" "$(body)" 'cannot start .*unifaas-tender: No such file'
like "and when to try again" "$(header Retry-After)" '^[1-9]'
mv "$UNIFAAS_TENDER.away" "$UNIFAAS_TENDER"
again() { [ "$(at '')" = 200 ]; }
t "when it is back the function serves again" eventually 10 again
stop_daemon
t "a daemon whose tenders end at once starts" start_daemon --backend process --tender /bin/true
is "a deployment is told" "$(deploy new "$TMP/sample.img")" 503
is "an event as well" "$(at '')" 503
like "how often it was tried" "$(body)" '^3 instances of sample were lost in a row'
is "until then the next ones are not tried" "$(at '')" 503
sleep 1
like "and it does not try for ever" "$(grep -c lost "$TMP/daemon.log")" '^[1-9]$'
stop_daemon

# ---- where it listens --------------------------------------------------------------------
exits "without a password, an address that others can reach is refused" 1 \
    timeout 20 "$BIN/unifaasd" --no-auth --listen 0.0.0.0:0 --state-dir "$TMP/state"
like "with the reason and the way out" "$(cat "$TMP/err")" \
    'with --no-auth whoever connects may deploy.*--allow-remote'
exits "a bad option is a usage error" 2 timeout 20 "$BIN/unifaasd" --pool many
like "which says what is valid" "$(cat "$TMP/err")" 'whole number from 0 to 256'
printf 'pool: 1\nmemory: 3Gi\n' >"$TMP/conf.yaml"
exits "an unknown key in the file as well" 2 timeout 20 "$BIN/unifaasd" --config "$TMP/conf.yaml"
like "with the line and the valid keys" "$(cat "$TMP/err")" 'conf.yaml:2: .*"memory".*memory-budget'
finish
