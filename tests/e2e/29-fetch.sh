#!/bin/sh
# SPDX-License-Identifier: MIT
# Other services: what a function may ask for, and what it learns. The other service
# is the daemon itself, with functions that answer as the test wants it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/daemon.sh"

UNIFAAS_SDK=$ROOT/build/sdk
export UNIFAAS_SDK

# A service: redirects, is large, or shows what it was sent.
mkdir "$TMP/service" "$TMP/asks"
cat >"$TMP/service/main.c" <<'C'
#include <stdlib.h>
#include <string.h>
#include <unifaas.h>

static char big[100000];

int handle(const struct uf_event *e, struct uf_response *r)
{
    const char *path = uf_event_path(e);
    const char *name;

    if (strcmp(path, "/to") == 0) {
        (void)uf_respond_header(r, "Location", uf_event_query(e));
        return uf_respond_status(r, 302);
    }
    if (strcmp(path, "/big") == 0)
        return uf_respond_borrow(r, big, sizeof(big));
    for (unsigned i = 0; (name = uf_event_header_name(e, i)) != NULL; i++)
        (void)uf_respond_printf(r, "%s: %s\n", name, uf_event_header_value(e, i));
    return uf_respond_printf(r, "%s %s", uf_event_method(e), uf_event_body(e));
}
C
printf 'name: service\nisolation: process\n' >"$TMP/service/function.yaml"

# Who asks: lines of the body are URLs, and the answer is what came of the last.
cat >"$TMP/asks/main.c" <<'C'
#include <stdlib.h>
#include <string.h>
#include <unifaas.h>

static char answer[65536];

int handle(const struct uf_event *e, struct uf_response *r)
{
    struct uf_http_response got = {.buf = answer, .cap = sizeof(answer)};
    struct uf_http_request q = {.headers = "X-Mine: yes\nAuthorization: s3cret\n"};
    char urls[4096];
    char method[16];
    char *save = NULL;
    int code = UF_INVALID;

    if (uf_event_query_param(e, "method", method, sizeof(method)) > 0)
        q.method = method;
    if (uf_event_query_param(e, "ms", urls, sizeof(urls)) > 0)
        q.timeout = strtoull(urls, NULL, 10) * 1000000u;
    if (uf_event_query_param(e, "body", urls, sizeof(urls)) > 0)
        q.body_size = strlen(q.body = strdup(urls));
    if (strcmp(uf_event_path(e), "/host") == 0)
        q.headers = "Host: elsewhere\n";
    (void)strncpy(urls, uf_event_body(e), sizeof(urls) - 1);
    for (char *url = strtok_r(urls, " ", &save); url != NULL; url = strtok_r(NULL, " ", &save)) {
        q.url = url;
        code = uf_http_fetch(&q, &got);
    }
    if (code != UF_OK)
        return uf_respond_text(r, uf_code_text(code));
    (void)uf_respond_printf(r, "%d\n", (int)got.status);
    return uf_respond_write(r, answer, got.headers_size + got.body_size);
}
C

# One that takes connections and says nothing.
perl -MIO::Socket::INET -e '$| = 1;
    $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 0, Listen => 9) or die;
    print $s->sockport, "\n"; sleep 300' >"$TMP/silent" &
silent_pid=$!
remember "$silent_pid"
has_port() { [ -s "$TMP/silent" ]; }
t "a silent server listens" eventually 10 has_port
silent=http://127.0.0.1:$(cat "$TMP/silent")/

# One with a certificate, from an authority of our own.
secure() {
    cd "$TMP" || return
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
        -subj /CN=authority -keyout ca.key -out ca.pem &&
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x \
            -keyout tls.key -out tls.req &&
        echo subjectAltName=DNS:localhost >tls.names &&
        openssl x509 -req -in tls.req -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
            -extfile tls.names -out tls.pem || return
    printf 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret' >page
    openssl s_server -HTTP -accept 127.0.0.1:0 -cert tls.pem -key tls.key \
        </dev/null >tls.out 2>tls.err &
    secure_pid=$!
    cd "$ROOT" || return
    remember "$secure_pid"
    eventually 10 grep -q '^ACCEPT' "$TMP/tls.out"
}
t "a server with a certificate listens" secure
secure=https://localhost:$(sed -n 's/^ACCEPT 127.0.0.1://p' "$TMP/tls.out")/page

# ---- what the operator says ----------------------------------------------------------------
for bad in "--ca-file $TMP/none" "--callback-allow http://a/ nonsense" "--callback-allow ftp://a/"; do
    exits "${bad%% *} ${bad##* } is refused" 1 "$BIN/unifaasd" --listen 127.0.0.1:0 \
        --state-dir "$TMP/state" "${bad%% *}" "${bad#* }"
    like "in words" "$(cat "$TMP/err")" "^unifaasd: (ca-file: .*No such file|callback-allow: .*begin)"
done
t "a daemon starts" start_daemon --ca-file "$TMP/ca.pem" --callback-allow "http://127.0.0.1:1/*"
base=$GATEWAY/function/service
port=${GATEWAY##*:}
printf '%s\n' "name: asks" "timeout: 3s" "allow:" "  - $base/*" \
    "  - http://localhost:$port/function/service/only" "  - http://127.0.0.1:1/*" "  - $silent" "  - $secure" \
    >"$TMP/asks/function.yaml"
for f in service asks; do
    t "function $f is deployed" "$BIN/unifaas" deploy "$TMP/$f"
done

# URLs...; the answer is in $TMP/body
ask() { code_of "$GATEWAY/function/asks${PARAMS:-}" -d "$*"; }
words() { "$BIN/unifaas" logs asks 2>/dev/null | tail -n 1; }
loaded() { grep -c libcurl "/proc/$DAEMON_PID/maps"; }

# ---- what is not allowed -----------------------------------------------------------------
denied="not allowed by the function's manifest"
is "nothing is loaded as long as nobody asks" "$(loaded)" 0
for url in "$GATEWAY/healthz" "$GATEWAY/function/service" "http://localhost:$port/function/service/x" \
    "$base/../../system/functions" "$base/x/%2e%2e/../../healthz" "http://10.0.0.1/" \
    "http://169.254.169.254/" "https://example.org/"; do
    is "asking is answered" "$(ask "$url")" 200
    is "${url#"$GATEWAY"} is denied" "$(body)" "$denied"
done
like "the function's log says so" "$(words)" 'uf_http_fetch: denied: https://example.org/ is not'
is "still nothing is loaded" "$(loaded)" 0
for url in "ftp://127.0.0.1/" "http://user@127.0.0.1:$port/function/service/x" "$base/..%2f" nonsense; do
    is "asking is answered" "$(ask "$url")" 200
    is "$url makes no sense" "$(body)" "an argument makes no sense"
done
is "nor does a header of the platform's" "$(PARAMS=/host && ask "$base/x")" 200
is "which is told" "$(body)" "an argument makes no sense"
like "and logged" "$(words)" 'the header Host is set by the platform'

# ---- what is -----------------------------------------------------------------------------
is "another service is asked" "$(ask "$base/x")" 200
like "its status comes back" "$(sed -n 1p "$TMP/body")" '^200$'
like "so do its headers" "$(body)" '^x-unifaas-isolation: process$'
like "and its body" "$(body)" '^GET $'
like "it got the function's headers" "$(body)" '^x-mine: yes$'
is "a name that is allowed is one that is asked" \
    "$(ask "http://localhost:$port/function/service/only" && sed -n 1p "$TMP/body")" "200200"
is "a body is sent" "$(PARAMS='?method=PUT&body=some+text' && ask "$base/x")" 200
like "with its method" "$(body)" '^PUT some text$'
is "two are asked" "$(code_of "$GATEWAY/function/asks" -H 'X-Call-Id: my-call' -d "$base/x $base/x")" 200
like "each has a key made of the call's id" "$(body)" '^idempotency-key: my-call-2$'
trace=$(header traceparent | cut -d- -f2)
like "and carries the trace on" "$(body)" "^traceparent: 00-$trace-"
is "a redirect is followed" "$(ask "$base/to?$base/x")" 200
like "to where it leads" "$(body)" '^authorization: s3cret$'
is "to another origin" "$(ask "$base/to?http://localhost:$port/function/service/only")" 200
like "it is followed too" "$(body)" '^GET $'
unlike "without what says who asks" "$(body)" 's3cret'
is "a redirect to what is not allowed" "$(ask "$base/to?$GATEWAY/healthz")" 200
is "is denied" "$(body)" "$denied"
like "and said" "$(words)" 'redirects to .*/healthz, which is not allowed'

is "an encrypted service is asked" "$(ask "$secure")" 200
like "whose authority is known" "$(body)" '^secret$'

# ---- what goes wrong -------------------------------------------------------------------------
is "an answer that is too large" "$(ask "$base/big")" 200
is "is told" "$(body)" "too large"
is "a service that is not there" "$(ask "http://127.0.0.1:1/")" 200
is "is not found" "$(body)" "not found"
like "with the reason in the log" "$(words)" 'uf_http_fetch: unreachable: http://127.0.0.1:1/: .*connect'
is "one that does not answer in the time that the function gives it" \
    "$(PARAMS='?ms=100' && ask "$silent")" 200
is "is not found either" "$(body)" "not found"
like "with the reason" "$(words)" 'uf_http_fetch: timeout: '
is "one that takes longer than the function may" "$(ask "$silent")" 504
is "ends with the function" "$(header X-UniFaaS-Outcome)" time-limit
none_running() { [ "$(metric unifaas_fetches_running)" = 0 ]; }
t "nothing of it stays" eventually 3 none_running

# ---- what is counted -----------------------------------------------------------------------
is "what was denied is counted" "$(metric 'unifaas_fetches_total{result="denied"}')" 9
is "what was too large" "$(metric 'unifaas_fetches_total{result="too-large"}')" 1
is "what made no sense" "$(metric 'unifaas_fetches_total{result="invalid"}')" 5
like "and bytes" "$(metric 'unifaas_fetch_bytes_total{direction="out"}')" '^9$'

# ---- the sample, and silence ---------------------------------------------------------------
mkdir "$TMP/sample-fetch"
cp "$ROOT/functions/fetch/main.c" "$TMP/sample-fetch/"
sed "s,localhost:8080,localhost:$port," "$ROOT/functions/fetch/function.yaml" \
    >"$TMP/sample-fetch/function.yaml"
t "the sample is deployed" "$BIN/unifaas" deploy "$TMP/sample-fetch"
is "it asks what its manifest names" "$(code_of "$GATEWAY/function/fetch")" 200
like "and answers" "$(body)" '^200, [0-9]+ bytes of headers, '
is "it asks nothing else" "$(code_of "$GATEWAY/function/fetch" -d "$base/x")" 403
is "is what it says" "$(body)" "$base/x: $denied"
exits "without a platform it says that nobody serves it" 1 \
    "$BIN/unifaas" run "$TMP/sample-fetch"
like "in these words" "$(cat "$TMP/out")" 'not available here'
if strace -o "$TMP/strace" true 2>/dev/null; then
    # Connections are kept for 30 s, and records have been written.
    recorded() { [ "$(metric unifaas_records_waiting)" = 0 ]; }
    t "records are written" eventually 20 recorded
    sleep 1
    timeout 3 strace -f -o "$TMP/strace" -p "$DAEMON_PID" 2>/dev/null
    is "a daemon that has asked makes no system call afterwards" \
        "$(grep -c ') = ' "$TMP/strace")" 0
else
    skip "a daemon that has asked makes no system call afterwards" "strace: cannot trace here"
fi
ask "$silent" >/dev/null &
sleep 0.3
stop_daemon
is "a daemon ends while somebody is asked" "$DAEMON_STATUS" 0
kill "$silent_pid" "$secure_pid"
finish
