#!/bin/sh
# SPDX-License-Identifier: MIT
# Functions that attack: their machine, the door, the event area, every limit,
# the response, the deployment. Each gets what the documentation says; its own
# next event, and another function's, are answered as if nothing had been.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/daemon.sh
. "$ROOT/tests/e2e/daemon.sh"
# shellcheck source=tests/e2e/hostile.sh
. "$ROOT/tests/e2e/hostile.sh"

# Idle instances stay however long all this takes.
keep='"com.unifaas.keep_warm":"1h"'
limits="\"annotations\":{\"com.unifaas.timeout\":\"2s\",$keep}"

# function | path | body | status | outcome | what the answer says
cat >"$TMP/table" <<'T'
touch||r100000|502|fault|access to 0x100000: no memory of this function
touch||w100000|502|fault|0x100000
touch||w101000|502|fault|0x101000
touch||w103000|502|fault|0x103000
touch||r104000|502|fault|0x104000
touch||x107000|502|fault|0x107000
touch||x107200|502|fault|0x107200
touch||w108ff8|502|fault|0x108ff8
touch||r0|502|fault|a null pointer
touch||x0|502|fault|0x0
touch||rffff|502|fault|0xffff
touch||we000000|502|fault|write to 0xe000000: the door page
touch||we000800|502|fault|the door page
touch||we000fff|502|fault|the door page
touch||xe000400|502|fault|
touch||xe001000|502|fault|0xe001000
touch||w4000000|502|fault|the event, which is read-only
touch||w4000fff|502|fault|the event, which is read-only
touch||x4000000|502|fault|the event
touch||rc000000|502|fault|no memory
touch||w10000000|502|fault|write to 0x10000000: code
touch||x10020200|502|fault|data, which cannot be executed
touch||xfffff00|502|fault|data, which cannot be executed
touch||rffc0000|200||
touch||rffbffff|502|stack-overflow|below the stack
touch||r107bffff|200||
touch||r107c0000|502|fault|no memory
touch||w60000000|502|fault|no memory
touch||r7fffffffe000|502|fault|
touch||r7ffff7ff0000|502|fault|
touch||r800000000000|502|fault|privileged instruction, or an address that is none
touch||rffffffff81000000|502|fault|
touch||wffff888000000000|502|fault|
touch||xffffffffff600000|502|fault|
touch||rffffffffffffffff|502|fault|
knock||0|502|bad-door|call 0x0
knock||1|502|bad-door|READY outside the boot
knock||2 0 0 0 0 107bffff 1|200||
knock||2 0 0 0 0 107bffff 2|502|bad-door|response body at 0x107bffff
knock||2 0 0 0 0 107c0000 1|502|bad-door|response body at 0x107c0000
knock||2 0 0 0 0 ffc0000 1|200||
knock||2 0 0 0 0 ffbffff 2|502|bad-door|response body at 0xffbffff
knock||2 0 0 0 0 1000ffff 2|200||
knock||2 0 0 0 0 ffffffffffffffff 2|502|bad-door|response body at 0xffffffffffffffff
knock||2 0 0 0 0 fffffffffffffff0 20|502|bad-door|response body at
knock||2 0 0 0 0 8000000000000000 1|502|bad-door|response body at
knock||2 0 0 0 0 0 1|502|bad-door|response body at 0x0
knock||2 0 0 0 0 0 0|200||
knock||2 0 0 0 0 ffffffffffffffff 0|200||
knock||2 0 0 0 0 e000000 1|502|bad-door|response body at 0xe000000
knock||2 0 0 0 0 100000 1000|502|bad-door|response body at 0x100000
knock||2 0 0 0 0 4000000 40|200||
knock||2 0 0 0 0 3ffffff 2|502|bad-door|response body at 0x3ffffff
knock||2 0 0 0 0 bffffff 2|502|bad-door|response body at
knock||2 0 0 0 0 10000000 100000|200||
knock||2 0 0 0 0 10000000 100001|502|response-limit|response body of 1048577 bytes, the limit is 1048576
knock||2 0 0 0 0 10000000 ffffffffffffffff|502|response-limit|response body of 18446744073709551615 bytes
knock||2 0 0 0 0 10000000 8000000000000000|502|response-limit|response body of
knock||2 0 0 0 0 10000000 100000000|502|response-limit|response body of 4294967296 bytes
knock||2 0 0 10000000 4001 0 0|502|response-limit|response headers of 16385 bytes
knock||2 0 0 10000000 ffffffffffffffff 0 0|502|response-limit|response headers of
knock||2 0 0 107bffff 2 0 0|502|bad-door|response headers at 0x107bffff
knock||2 0 0 ffffffffffffffff 2 0 0|502|bad-door|response headers at
knock||2 0 63|502|bad-door|HTTP status 0x63
knock||2 0 258|502|bad-door|HTTP status 0x258
knock||2 0 1000000c8|502|bad-door|HTTP status 0x1000000c8
knock||2 ffffffffffffffff|500|error|handle returned -1
knock||2 100000000|500|error|
knock||3 0|502|bad-door|FAIL with reason 0x0
knock||3 5|500|error|
knock||3 6|502|bad-door|FAIL with reason 0x6
knock||3 ffffffffffffffff|502|bad-door|FAIL with reason
knock||3 100000001|502|bad-door|FAIL with reason
knock||3 2 0 ffffffffffffffff 8|502|bad-door|FAIL with a message at
knock||3 2 0 107bffff 2|502|bad-door|FAIL with a message at
knock||3 2 0 107bff00 ffffffffffffffff|502|abort|
knock||3 2 0 10000000 100|502|abort|
knock||4 0 0 0 0 0 0 107bffff 2|502|bad-door|log at 0x107bffff
knock||4 0 0 0 0 0 0 ffffffffffffffff 1|502|bad-door|log at
knock||4 0 0 0 0 0 0 e000000 1|502|bad-door|log at 0xe000000
knock||4 0 0 0 0 0 0 10000000 10000|200||
knock||4 0 0 0 0 0 0 10000000 10001|502|log-limit|more than 65536 bytes of log
knock||4 0 0 0 0 0 0 10000000 ffffffffffffffff|502|log-limit|more than 65536 bytes
knock||2 0 0 0 0 0 0 4000000 20|200||
knock||5 0|200||
knock||5 2|200||-2
knock||5 ffffffffffffffff|200||-2
knock||6|200||^0
knock||6 ffffffffffffffff|504|time-limit|still running after 2000 ms
knock||7|502|bad-door|call 0x7
knock||f|502|bad-door|call 0xf
knock||10|200||-2
knock||10 ffffffffffffffff 3|502|bad-door|name at
knock||10 107bffff 2|502|bad-door|name at 0x107bffff
knock||11 ffffffffffffffff 3|502|bad-door|name at
knock||11 10000000 100|200||-2
knock||11 10000000 ffffffffffffffff|200||-2
knock||11 4000000 0 0 0|200||-2
knock||11 0 1 0 ffffffffffffffff|200||-4
knock||12 ffffffffffffffff ffffffffffffffff|200||-2
knock||13 0 0 1 ffffffffffffffff 7|200||-2
knock||14 0 ffffffffffffffff|200||-2
knock||18|502|bad-door|request at 0x0
knock||18 107bfff0 70|502|bad-door|request at 0x107bfff0
knock||19|200||-2
knock||1a|502|bad-door|call 0x1a
knock||ffffffff|502|bad-door|call 0xffffffff
knock||100000005|200||
exhaust||stack|502|stack-overflow|below the stack of 262144 bytes
exhaust||stack-jump|502|stack-overflow|
exhaust||heap|200||ok, all of it
exhaust||heap-abort|502|out-of-memory|the limit is 8388608 bytes
exhaust||log|502|log-limit|more than 65536 bytes of log
exhaust||clock|502|host-call-limit|more than 1000 host calls
exhaust||empty-log|502|host-call-limit|more than 1000 host calls
exhaust||no-such-call|502|host-call-limit|more than 1000 host calls
exhaust||loop|504|time-limit|still running after 2000 ms
exhaust||response|502|response-limit|the limit is 1048576
response|/split|x|200||^ok$
response|/split-body|x|200||^ok$
response|/length-short|x|200||^ok$
response|/length-long|x|200||^ok$
response|/length-twice|x|200||^ok$
response|/chunked|x|200||^ok$
response|/upgrade|x|200||^ok$
response|/forged|x|200||^ok$
response|/no-colon|x|200||^ok$
response|/no-name|x|200||^ok$
response|/no-newline|x|200||^ok$
response|/blank-name|x|200||^ok$
response|/folded|x|200||^ok$
response|/controls|x|200||^ok$
response|/eight-bit|x|200||^ok$
response|/percent|x|200||^ok$
response|/nul|x|200||^ok$
response|/many|x|200||^ok$
response|/blank-lines|x|200||^ok$
response|/long-name|x|200||^ok$
response|/long-value|x|200||^ok$
response|/too-many|x|502|response-limit|response headers of
response|/status|100|502||
response|/status|101|502||
response|/status|199|502||
response|/status|204|204||
response|/status|304|304||
response|/status|599|599||^ok$
response|/status|600|502|bad-door|HTTP status 0x258
response|/status|99|502|bad-door|HTTP status 0x63
response|/body|1048576|200||
response|/body|1048577|502|response-limit|1048577 bytes
T
"$BIN/unifaas" run "$guests/hostile-instruction.elf" --backend process -d list 2>/dev/null |
    sed 's/.*/instruction||&|502|fault|/
        s/||divide.*/&integer division by zero or overflow/
        s/||\(float\|x87\)-trap.*/&floating point exception/' >>"$TMP/table"

# One attack: status, outcome and words as the table says; then peace.
attack() {
    status=$(code_of "$GATEWAY/function/$1$2" -d "$3")
    [ "$status" = "$4" ] || { echo "status $status: $(head -c 300 "$TMP/body")" >&2 && return 1; }
    outcome=$(header X-UniFaaS-Outcome)
    case $1,$outcome in
    *,"$5" | instruction,fault | instruction,system-call | instruction,stack-overflow) ;;
    *) echo "outcome '$outcome': $(head -c 300 "$TMP/body")" >&2 && return 1 ;;
    esac
    tr -d '\0' <"$TMP/body" | grep -aEq -e "${6:-.*}" ||
        [ -z "$6" ] || { echo "says: $(head -c 300 "$TMP/body")" >&2 && return 1; }
    peace=$(curl -sS --max-time 5 "$GATEWAY/function/$1" "$GATEWAY/function/good" 2>&1)
    case $peace in okHello* | plainHello*) ;; *) echo "afterwards: $peace" >&2 && return 1 ;; esac
}

# The same without a daemon: the exit status says what kind of end it was, and
# whatever comes out is the function's.
run_attack() {
    "$BIN/unifaas" run "$guests/hostile-$2.elf" --backend "$1" --timeout 2s ${3:+-p "$3"} \
        -d "$4" >"$TMP/said" 2>&1
    got=$?
    case $2,$5,$6 in
    *,504,*) want=8 ;;
    *,500,* | *,599,*) want=1 ;;
    *,502,) want=0 ;; # a status that only HTTP cannot have
    *,502,*) want=7 ;;
    *) want=0 ;;
    esac
    [ "$got" = "$want" ] || { echo "exit status $got, not $want: $(head -c 300 "$TMP/said")" >&2 && return 1; }
    tr -d '\0' <"$TMP/said" | grep -aEq -e "${7:-^}" || [ -z "$7" ] ||
        { echo "says: $(head -c 300 "$TMP/said")" >&2 && return 1; }
}

# HOW | status of the deployment | what it says, or what the function answers
cat >"$TMP/inits" <<'T'
crash|400|init failed: .*access to 0x0: a null pointer
loop|400|init failed: .*still running after 2000 ms, its time limit
log|400|init failed: .*more than 65536 bytes of log
clock|400|init failed: .*more than 1000 host calls
exit|400|init failed: .*exit\(0\) was called
abort|400|init failed: .*abort\(\) was called
one|400|init failed: .*init returned 1
minus|400|init failed: .*init returned -1
done|400|init failed: .*bad use of the door: DONE before READY
no-such-call|400|init failed: .*bad use of the door: call 0x63
event-entry|400|init failed:
no-door-block|202|^ok, 0 pages
fill|202|^ok, 19[0-9][0-9] pages
every-other|202|^ok, 9[0-9][0-9] pages
sparse|202|^ok, 2[0-9][0-9] pages
bomb|202|^ok, 19[0-9][0-9] pages
T

boots() {
    status=$(METHOD=$method deploy init "$guests/hostile-init.elf" "$limits,\"envVars\":{\"HOW\":\"$1\"}")
    case $2,$status in
    400,400) ;;
    202,202 | 202,200)
        method=PUT
        code_of "$GATEWAY/function/init" >"$TMP/code"
        ;;
    *) echo "status $status: $(body)" >&2 && return 1 ;;
    esac
    grep -Eq -e "$3" "$TMP/body" || { echo "says: $(body)" >&2 && return 1; }
    serves
}

# What a function says of a response is not what goes out.
never_sent() {
    code_of "$GATEWAY/function/response/$1" >"$TMP/code"
    unlike "$backend: $1: nothing of it is sent" "$(cat "$TMP/headers")" "$2"
}

for backend in $(backends); do
    rm -rf "$TMP/state"
    t "$backend: the daemon starts" start_daemon --backend "$backend"
    is "$backend: a good function is deployed" "$(deploy good "$good" "\"annotations\":{$keep}")" 202
    for f in touch knock instruction exhaust response; do
        is "$backend: $f is deployed" "$(deploy $f "$guests/hostile-$f.elf" "$limits")" 202
        code_of "$GATEWAY/function/$f" >"$TMP/first"
    done
    t "$backend: and serves" serves
    before=$(settled)
    while IFS='|' read -r f path request want_status outcome words; do
        t "$backend: $f $path $request: $want_status $outcome $words" \
            attack "$f" "$path" "$request" "$want_status" "$outcome" "$words"
        # Without a daemon nobody serves these calls, whatever their arguments.
        case "$f $request " in
        "knock 1"[0-9]" "*) want_status=200 outcome='' words=-1 ;;
        esac
        [ "$backend" = kvm ] || t "run: $f $path $request: $want_status $outcome $words" \
            run_attack "$backend" "$f" "$path" "$request" "$want_status" "$outcome" "$words"
    done <"$TMP/table"
    never_sent split 'Set-Cookie'
    never_sent forged 'none|mine|now|X-OpenFaaS-Internal'
    never_sent chunked 'Transfer-Encoding'
    never_sent upgrade 'Upgrade'
    never_sent length-long '99999'
    never_sent controls '\[2J'
    never_sent folded 'X-B'
    never_sent nul 'X-[BC]:'
    method=POST
    while IFS='|' read -r how want_status words; do
        t "$backend: an init with $how: $want_status $words" boots "$how" "$want_status" "$words"
    done <"$TMP/inits"
    is "$backend: what many deployments left behind is one snapshot each" \
        "$(find "$TMP/state/snapshots" "$TMP/state/tmp" -type f | wc -l)" 7
    is "$backend: the last is removed" "$(code_of "$GATEWAY/system/functions" -X DELETE \
        -d '{"functionName":"init"}')" 202
    is "$backend: no tender was lost" "$(metric unifaas_tenders_lost_total)" 0
    t "$backend: the daemon holds what it held ($before: fds, processes)" eventually 10 as_quiet_as "$before"
    stop_daemon
done
finish
