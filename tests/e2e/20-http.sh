#!/bin/sh
# SPDX-License-Identifier: MIT
# A request becomes an event, and its result an answer.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/daemon.sh
. "$ROOT/tests/e2e/daemon.sh"

t "the function builds" make_sample
for backend in $(backends); do
    rm -rf "$TMP/state"
    t "$backend: the daemon starts" start_daemon --backend "$backend"
    is "$backend: a function is deployed" "$(deploy sample "$TMP/sample.img")" 202

    # ---- what passes -------------------------------------------------------------
    is "$backend: a GET is answered" "$(at '')" 200
    is "$backend: by the function" "$(body)" "GET / one"
    like "$backend: the call has an id" "$(header X-Call-Id)" \
        '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'
    like "$backend: a duration" "$(header X-Duration-Seconds)" '^[0-9]+\.[0-9]{6}$'
    like "$backend: a start time in nanoseconds" "$(header X-Start-Time)" '^[0-9]{19}$'
    is "$backend: and says what isolated it" "$(header X-UniFaaS-Isolation)" "$backend"
    is "$backend: text is the default type" "$(header Content-Type)" text/plain
    is "$backend: the namespace may be named" "$(code_of "$GATEWAY/function/sample.openfaas-fn/x")" 200
    is "$backend: and the path follows it" "$(body)" "GET /x one"
    for method in POST PUT PATCH DELETE OPTIONS; do
        is "$backend: $method passes" "$(code_of "$GATEWAY/function/sample/p" -X $method)" 200
        is "$backend: as $method" "$(body)" "$method /p one"
    done
    is "$backend: HEAD passes" "$(code_of "$GATEWAY/function/sample" -I)" 200
    is "$backend: with the length of what GET gives" "$(header Content-Length)" 10
    is "$backend: other methods do not" "$(code_of "$GATEWAY/function/sample" -X BREW)" 405
    is "$backend: a path stays encoded" "$(
        code_of "$GATEWAY/function/sample/a%2Fb" >/dev/null
        body
    )" "GET /a%2Fb one"
    is "$backend: the function's status passes" "$(at '/status?code=418')" 418
    is "$backend: 4xx from the function is no failure" "$(header X-UniFaaS-Outcome)" ""
    is "$backend: 204 has no body" "$(at '/status?code=204')" 204
    is "$backend: an interim status is no answer" "$(at '/status?code=100')" 502
    is "$backend: a request on the same connection still works" \
        "$(curl -sS "$GATEWAY/function/sample" "$GATEWAY/function/sample/2")" "GET / oneGET /2 one"

    # ---- headers -------------------------------------------------------------------
    is "$backend: headers from the function" "$(at /headers)" 200
    is "$backend: pass" "$(header X-Mine)" yes
    is "$backend: its type too" "$(header Content-Type)" text/csv
    is "$backend: but it cannot forge the platform's" "$(header X-UniFaaS-Isolation)" "$backend"
    is "$backend: nor the connection's" "$(header Connection)" ""
    is "$backend: nor the length" "$(header Content-Length)" 4
    is "$backend: a type the client sent is the answer's" "$(
        code_of "$GATEWAY/function/sample" -H 'Content-Type: application/json' -d '{}' >/dev/null
        header Content-Type
    )" application/json
    is "$backend: headers reach the function whatever their case" "$(
        code_of "$GATEWAY/function/sample/header?name=x-device" -H 'X-DEVICE: Lamp 7' >/dev/null
        body
    )" "Lamp 7"
    is "$backend: those of one connection do not" "$(
        code_of "$GATEWAY/function/sample/header?name=te" -H 'TE: trailers' >/dev/null
        body
    )" "(none)"
    for h in X-Attempt X-Queue; do
        is "$backend: nor does $h, which is told of queued events" "$(
            code_of "$GATEWAY/function/sample/header?name=$h" -H "$h: 9" >/dev/null
            body
        )" "(none)"
    done
    is "$backend: the client's call id is kept" "$(
        code_of "$GATEWAY/function/sample/header?name=x-call-id" -H 'X-Call-Id: my-call.1' >/dev/null
        echo "$(body) $(header X-Call-Id)"
    )" "my-call.1 my-call.1"
    like "$backend: unless it is none" "$(
        code_of "$GATEWAY/function/sample/header?name=x-call-id" -H 'X-Call-Id: a b"c' >/dev/null
        body
    )" '^[0-9a-f-]{36}$'
    for h in ce-specversion=1.0 ce-source=/function/sample ce-type=com.unifaas.http.request \
        x-forwarded-for=127.0.0.1; do
        is "$backend: ${h%%=*} is added" "$(
            at "/header?name=${h%%=*}" >/dev/null
            body
        )" "${h#*=}"
    done
    like "$backend: and ce-time" "$(
        at "/header?name=ce-time" >/dev/null
        body
    )" '^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{6}Z$'
    is "$backend: an attribute that the client sent stays" "$(
        code_of "$GATEWAY/function/sample/header?name=ce-type" -H 'ce-type: my.type' >/dev/null
        body
    )" my.type

    # ---- bodies ---------------------------------------------------------------------
    head -c 1048576 /dev/zero >"$TMP/full"
    is "$backend: a body of just the limit is taken" \
        "$(code_of "$GATEWAY/function/sample/size" --data-binary @"$TMP/full")" 200
    is "$backend: whole" "$(body)" 1048576
    is "$backend: in chunks as well" "$(code_of "$GATEWAY/function/sample/size" \
        -H 'Transfer-Encoding: chunked' --data-binary @"$TMP/full")" 200
    is "$backend: a body that is too large is refused" "$(
        echo >>"$TMP/full"
        code_of "$GATEWAY/function/sample/size" --data-binary @"$TMP/full"
    )" 413
    like "$backend: with the limit in words" "$(body)" 'larger than 1Mi bytes, which is the limit \(--max-body\)$'
    is "$backend: before it is sent, when the client asks" "$(
        code_of "$GATEWAY/function/sample/size" -H 'Expect: 100-continue' --data-binary @"$TMP/full"
    )" 413
    is "$backend: after it came, when it was sent anyway" "$(
        code_of "$GATEWAY/function/sample/size" -H 'Expect:' --data-binary @"$TMP/full"
    )" 413
    is "$backend: in chunks as well" "$(code_of "$GATEWAY/function/sample/size" -H 'Expect:' \
        -H 'Transfer-Encoding: chunked' --data-binary @"$TMP/full")" 413

    # ---- what goes wrong -------------------------------------------------------------
    is "$backend: an unknown function is 404" "$(code_of "$GATEWAY/function/nobody")" 404
    like "$backend: named with its namespace" "$(body)" \
        '^error finding function nobody.openfaas-fn: '
    is "$backend: and marked as ours" "$(header X-OpenFaaS-Internal)" unifaas
    is "$backend: so is one of another namespace" "$(code_of "$GATEWAY/function/sample.other")" 404
    is "$backend: a crash is 502" "$(at /crash)" 502
    is "$backend: with its outcome" "$(header X-UniFaaS-Outcome)" fault
    like "$backend: why" "$(body)" '^fault: .*0x8'
    like "$backend: and where" "$(body)" '^break_down'
    is "$backend: the next event finds a fresh instance" "$(at /count)" 200
    is "$backend: abort() is 502" "$(at /abort)" 502
    is "$backend: and says so" "$(header X-UniFaaS-Outcome)" abort
    is "$backend: a handle that fails is 500" "$(at /nonzero)" 500
    like "$backend: with what it returned" "$(body)" 'handle returned 7'
    is "$backend: and outcome error" "$(header X-UniFaaS-Outcome)" error
    is "$backend: or in its own words" "$(
        at /nonzero-body >/dev/null
        body
    )" "my own words"
    is "$backend: nothing one event leaves reaches the next" "$(
        at /count >/dev/null
        at /count >/dev/null
        body
    )" 1
    is "$backend: no tender was lost over all this" "$(metric unifaas_tenders_lost_total)" 0
    stop_daemon
    is "$backend: the daemon ends well" "$DAEMON_STATUS" 0
done

# ---- what does not depend on the backend ----------------------------------------------
t "a daemon starts" start_daemon --backend process
is "headers that are too large are 431" \
    "$(code_of "$GATEWAY/function/sample" -H "X-Long: $(head -c 40000 /dev/zero | tr '\0' a)")" 431
is "more headers than an event holds are 431" "$(
    i=0
    set --
    while [ $i -lt 130 ]; do
        set -- "$@" -H "X-$i: 1"
        i=$((i + 1))
    done
    code_of "$GATEWAY/function/sample" "$@"
)" 431
like "with the limit in words" "$(body)" 'at most 128'
is "a path that nobody serves is 404" "$(code_of "$GATEWAY/nothing")" 404
is "another method than those there are is 405" "$(code_of "$GATEWAY/healthz" -X PUT)" 405
is "and names them" "$(header Allow)" GET
is "healthz answers" "$(code_of "$GATEWAY/healthz")" 200
# raw TEXT: all that the daemon says to it until it closes the connection, or nothing
raw() {
    perl -MIO::Socket::INET -e '
        alarm 20;
        my $s = IO::Socket::INET->new(PeerAddr => $ARGV[0]) or die "no connection: $@\n";
        syswrite $s, $ARGV[1] =~ s/\n/\r\n/gr;
        my $all = "";
        while (sysread $s, my $part, 4096) { $all .= $part }
        print $all' "${GATEWAY#http://}" "$1" | tr -d '\r'
}
for how in "Content-Length: 6
Transfer-Encoding: chunked" "Transfer-Encoding: chunked
Content-Length: 6" "transfer-encoding: chunked
Content-Length: 0" "Content-Length: 0
Content-Length: 40" "Content-Length: 5
content-length: 5" "Transfer-Encoding: chunked
Transfer-Encoding: chunked" "Transfer-Encoding: gzip, chunked"; do
    raw "POST /function/nobody HTTP/1.1
Host: x
$how

0

GET /healthz HTTP/1.1
Host: x

" >"$TMP/answers"
    is "a request with two lengths is 400" "$(head -n 1 "$TMP/answers")" 'HTTP/1.1 400 Bad Request'
    is "which is the last answer" "$(grep -c '^HTTP/1' "$TMP/answers")" 1
    # Ours; libmicrohttpd refuses it in its own words since version 1.0.
    like "and says why" "$(cat "$TMP/answers")" \
        'has one Content-Length or Transfer-Encoding: chunked, not both|<p>.*(Content-Length|Transfer-Encoding|Wrong combination of the request headers)'
done
stop_daemon
finish
