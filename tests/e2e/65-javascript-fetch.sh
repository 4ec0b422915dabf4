#!/bin/sh
# SPDX-License-Identifier: MIT
# Functions in JavaScript that ask other services, and one that is asked. The other
# service is the daemon itself.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/daemon.sh"
uf=$BIN/unifaas

if [ ! -f "$ROOT/build/sdk/$(uname -m)/javascript.elf" ]; then
    skip "scripts ask other services" "javascript: the engine could not be fetched"
    finish
    exit
fi

# One that takes connections and says nothing.
perl -MIO::Socket::INET -e '$| = 1;
    $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 0, Listen => 9) or die;
    print $s->sockport, "\n"; sleep 300' >"$TMP/silent" &
silent_pid=$!
remember "$silent_pid"
has_port() { [ -s "$TMP/silent" ]; }
t "a silent server listens" eventually 10 has_port
silent=http://127.0.0.1:$(cat "$TMP/silent")/

# One whose answers have a number that is no status.
perl -MIO::Socket::INET -e '$| = 1;
    $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 0, Listen => 9) or die;
    print $s->sockport, "\n";
    while ($c = $s->accept) {
        while (<$c>) { last if /^\r?$/ }
        print $c "HTTP/1.1 999 Odd\r\nConnection: close\r\nContent-Length: 3\r\n\r\nodd";
        close $c;
    }' >"$TMP/odd" &
odd_pid=$!
remember "$odd_pid"
odd_has_port() { [ -s "$TMP/odd" ]; }
t "a server of odd answers listens" eventually 10 odd_has_port
odd=http://127.0.0.1:$(cat "$TMP/odd")/

t "a daemon starts" start_daemon
base=$GATEWAY/function/service
mkdir "$TMP/service" "$TMP/asks"
printf 'name: service\nlang: javascript\nisolation: process\n' >"$TMP/service/function.yaml"
cat >"$TMP/service/main.js" <<'JS'
export default (event) => {
    if (event.path === '/gone')
        return { statusCode: 404, body: 'gone' };
    if (event.path === '/none')
        return undefined;
    if (event.path === '/to')
        return { statusCode: 302, headers: { location: event.query.url } };
    if (event.path === '/big')
        return 'x'.repeat(1100000).slice(0, 1048000);
    return { statusCode: 201, headers: { 'x-two': ['a', 'b'] }, body: { method: event.method, body: event.body,
        type: event.headers['content-type'] ?? null, mine: event.headers['x-mine'] ?? null } };
};
JS
printf '%s\n' "name: asks" "lang: javascript" "isolation: process" "timeout: 3s" "allow:" "  - $base/*" \
    "  - $silent" "  - $odd" "  - http://127.0.0.1:1/*" >"$TMP/asks/function.yaml"
# The body is an expression of JSON: what to fetch, and how.
cat >"$TMP/asks/main.js" <<'JS'
export default async (event) => {
    const { url, ms, ...init } = event.json();
    try {
        if (ms !== undefined)
            init.signal = AbortSignal.timeout(ms);
        const r = (await fetch(url, init)).clone();
        const text = await r.text();
        return [r.status, r.ok, r.headers.get('x-two'), text.length < 1000 ? text : text.length].join('|');
    } catch (e) {
        return `${e.name}: ${e.message}`;
    }
};
JS
for f in service asks; do
    t "function $f is deployed" "$uf" deploy "$TMP/$f"
done
ask() { curl -s "$GATEWAY/function/asks" -d "$1"; }

is "another service is asked" "$(ask "{\"url\": \"$base/x#y\"}")" \
    '201|true|a, b|{"method":"GET","body":"","type":null,"mine":null}'
is "... with a method, headers and a body" \
    "$(ask "{\"url\": \"$base/x\", \"method\": \"post\", \"headers\": {\"X-Mine\": \"1\"}, \"body\": \"ü\"}")" \
    '201|true|a, b|{"method":"POST","body":"ü","type":"text/plain;charset=UTF-8","mine":"1"}'
is "a status of failure is an answer" "$(ask "{\"url\": \"$base/gone\"}")" '404|false||gone'
is "... also one that is no status" "$(ask "{\"url\": \"$odd\"}")" '999|false||odd'
is "so is one without a body" "$(ask "{\"url\": \"$base/none\"}")" '204|true||'
like "a redirect is followed" "$(ask "{\"url\": \"$base/to?url=$base/x\"}")" '^201\|true'
is "a large answer comes whole" "$(ask "{\"url\": \"$base/big\"}")" '200|true||1048000'
is "what is not allowed is refused" "$(ask '{"url": "http://127.0.0.1:2/"}')" \
    "TypeError: fetch: http://127.0.0.1:2/: not allowed: \`allow\` of function.yaml has no pattern for it, or it leads to an address that must be named there; the function's log says which"
is "so is a header of the platform's" "$(ask "{\"url\": \"$base/x\", \"headers\": {\"Host\": \"a\"}}")" \
    "TypeError: fetch: $base/x: URL, method or a header makes no sense"
is "nobody there is told" "$(ask '{"url": "http://127.0.0.1:1/"}')" \
    "TypeError: fetch: http://127.0.0.1:1/: there was no answer; the function's log says why"
like "... and the log says why" "$("$uf" logs asks)" 'unreachable: http://127.0.0.1:1/'
is "one that is silent is left when the signal says so" "$(ask "{\"url\": \"$silent\", \"ms\": 100}")" \
    'TimeoutError: the time is over'
is "... or when the time limit comes" "$(code_of "$GATEWAY/function/asks" -d "{\"url\": \"$silent\"}")" 504

# ---- the samples ------------------------------------------------------------------------------
mkdir "$TMP/sample-js"
cp "$ROOT/functions/js/fetch/main.js" "$TMP/sample-js/"
sed "s,localhost:8080,localhost:${GATEWAY##*:}," "$ROOT/functions/js/fetch/function.yaml" >"$TMP/sample-js/function.yaml"
t "the sample that asks is deployed" "$uf" deploy "$TMP/sample-js"
like "... and asks what its manifest names" "$(curl -s "$GATEWAY/function/fetch-js")" '^200, [0-9]+ bytes of '
is "... and nothing else" "$(code_of "$GATEWAY/function/fetch-js" -d "$base/x")" 502

printf 'top secret' >"$TMP/key"
t "a key is kept as a secret" "$uf" secret create webhook-key --from-file "$TMP/key"
t "the webhook is deployed" "$uf" deploy "$ROOT/functions/js/webhook"
hook=$GATEWAY/function/webhook
say='{"action": "opened"}'
mac=$(printf %s "$say" | openssl dgst -sha256 -hmac 'top secret' -r | cut -d' ' -f1)
is "what is signed is accepted" "$(curl -s "$hook" -H "X-Hub-Signature-256: sha256=$mac" -d "$say")" \
    '{"accepted":"opened"}'
is "another text with this signature is not" \
    "$(code_of "$hook" -H "X-Hub-Signature-256: sha256=$mac" -d "$say ")" 403
is "nor is one with another" \
    "$(code_of "$hook" -H "X-Hub-Signature-256: sha256=$(echo "$mac" | tr 0-9a-f 1-9a-f0)" -d "$say")" 403
is "nor one without" "$(code_of "$hook" -d "$say")" 400

stop_daemon
is "the daemon ends with 0" "$DAEMON_STATUS" 0
kill "$silent_pid" "$odd_pid"
finish
