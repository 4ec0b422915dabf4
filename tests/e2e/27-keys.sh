#!/bin/sh
# SPDX-License-Identifier: MIT
# Keys and values: what functions read and write, alone and at once, and what
# others see of it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/daemon.sh"

kv() { "$BIN/unifaas" kv "$@"; }
call() { code_of "$GATEWAY/function/keys?$1"; }

mkdir "$TMP/keys"
cat >"$TMP/keys/main.c" <<'C'
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unifaas.h>

static char value[70000];

static int say(struct uf_response *r, int code, size_t size)
{
    if (code == UF_OK)
        return uf_respond_body(r, value, size);
    (void)uf_respond_status(r, code == UF_NOT_FOUND ? 404 : code == UF_TOO_LARGE ? 413 : 400);
    return uf_respond_text(r, uf_code_text(code));
}

/* A word for each step: get K, set K V, ttl K MS, delete K, incr K N, list P, fail,
 * spin MS, huge K. The answer is that of the last. */
int handle(const struct uf_event *e, struct uf_response *r)
{
    char script[512];
    size_t size = 0;
    int code = UF_OK;
    char *save = NULL;

    if (uf_event_query_param(e, "do", script, sizeof(script)) < 0)
        return 1;
    for (char *w = strtok_r(script, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save)) {
        char *key = strtok_r(NULL, " ", &save);

        size = 0;
        if (strcmp(w, "get") == 0) {
            code = uf_kv_get(key, value, sizeof(value), &size);
        } else if (strcmp(w, "set") == 0) {
            char *v = strtok_r(NULL, " ", &save);
            code = uf_kv_set(key, v, strlen(v));
        } else if (strcmp(w, "ttl") == 0) {
            code = uf_kv_set_ttl(key, "short", 5, strtoull(strtok_r(NULL, " ", &save), NULL, 10));
        } else if (strcmp(w, "delete") == 0) {
            code = uf_kv_delete(key);
        } else if (strcmp(w, "incr") == 0) {
            int64_t n = 0;
            code = uf_kv_incr(key, strtoll(strtok_r(NULL, " ", &save), NULL, 10), &n);
            size = (size_t)sprintf(value, "%" PRId64, n);
        } else if (strcmp(w, "list") == 0) {
            code = uf_kv_list(strcmp(key, "-") == 0 ? "" : key, value, sizeof(value), &size);
            for (size_t i = 0; i < size; i++)
                if (value[i] == '\0')
                    value[i] = ',';
        } else if (strcmp(w, "fill") == 0) {
            memset(value, 'x', sizeof(value));
            code = uf_kv_set(key, value, sizeof(value));
        } else if (strcmp(w, "spin") == 0) {
            uint64_t end = uf_monotonic() + strtoull(key, NULL, 10) * 1000000;
            while (uf_monotonic() < end)
                ;
        } else if (strcmp(w, "fail") == 0) {
            return 7;
        } else {
            return 2;
        }
    }
    return say(r, code, size);
}
C
printf 'name: keys\nlimits:\n  host_calls: 100000\n' >"$TMP/keys/function.yaml"
t "a function that reads and writes keys builds" "$BIN/unifaas" build "$TMP/keys" -o "$TMP/keys.img"
t "so does the counter" "$BIN/unifaas" build "$ROOT/functions/counter" -o "$TMP/counter.img"

try_backend() {
    backend=$1
    t "$backend: a daemon starts" start_daemon --max-wait 60s --backend "$backend"
    is "$backend: the function is deployed" "$(deploy keys "$TMP/keys.img" \
        '"annotations":{"com.unifaas.limits.host_calls":"100000"}')" 202
    is "$backend: and the counter" "$(deploy counter "$TMP/counter.img")" 202

    is "$backend: a key that is not there is not found" "$(call 'do=get+none')" 404
    is "$backend: a key is written" "$(call 'do=set+a+one')" 200
    is "$backend: and read by the next event" "$(call 'do=get+a') $(body)" "200 one"
    is "$backend: and from outside" "$(kv get a)" one
    is "$backend: an invocation sees what it has written itself" \
        "$(call 'do=set+b+two+get+b') $(body)" "200 two"
    is "$backend: and what it has removed" "$(call 'do=delete+b+get+b')" 404
    is "$backend: which is gone for others too" "$(kv get b 2>&1)" "there is no key b in openfaas-fn"
    is "$backend: what is not there cannot be removed" "$(call 'do=delete+b')" 404
    is "$backend: a number is added to" "$(call 'do=incr+n+5+incr+n+-2') $(body)" "200 3"
    is "$backend: it is text" "$(kv get n)" 3
    kv set n ' 4'
    is "$backend: what is no number cannot be added to" "$(call 'do=incr+n+1')" 400
    kv set n 9223372036854775807
    is "$backend: nor can a sum overflow" "$(call 'do=incr+n+1')" 400
    is "$backend: then it is as it was" "$(kv get n)" 9223372036854775807

    is "$backend: a failure keeps nothing" "$(call 'do=set+c+three+incr+d+1+fail')" 500
    is "$backend: of what was written" "$(kv get c 2>&1)" "there is no key c in openfaas-fn"
    is "$backend: nor of what was added" "$(kv get d 2>&1)" "there is no key d in openfaas-fn"

    for k in list/b list/a list/c lisu lis; do kv set "$k" x; done
    is "$backend: keys are listed in order, by prefix" "$(call 'do=list+list/') $(body)" \
        "200 list/a,list/b,list/c,"
    is "$backend: with the invocation's own" \
        "$(call 'do=delete+list/b+set+list/aa+x+set+list/d+x+list+list/') $(body)" \
        "200 list/a,list/aa,list/c,list/d,"
    is "$backend: as the command line has them" "$(kv list list/ | tr '\n' ' ')" \
        "list/a list/aa list/c list/d "
    kv list | while read -r k; do kv delete "$k"; done
    is "$backend: all are removed" "$(kv list)" ""

    is "$backend: a value may end" "$(call 'do=ttl+short+2000+get+short') $(body)" "200 short"
    is "$backend: until then it is there" "$(kv get short)" short
    kv set --ttl 2s soon x
    is "$backend: so may one from outside" "$(kv get soon)" x
    sleep 2.2
    is "$backend: then it is not" "$(call 'do=get+short')" 404
    is "$backend: nor is that one" "$(kv get soon 2>&1)" "there is no key soon in openfaas-fn"
    call 'do=ttl+far+18446744073709551615' >/dev/null
    is "$backend: one that would end after the end of time is there" "$(kv get far)" short
    kv delete far
    is "$backend: nor is it listed" "$(kv list)" ""
    is "$backend: a parameter that is misspelt is no value without one" \
        "$(code_of "$GATEWAY/system/kv/misspelt?namespace=openfaas-fn&tll=400ms" -X PUT -d x) $(body)" \
        '400 unknown parameter "tll"; this knows: namespace ttl'
    is "$backend: and nothing is written" "$(kv get misspelt 2>&1)" "there is no key misspelt in openfaas-fn"

    kv set looked-at hello
    is "$backend: HEAD tells the size of a value" \
        "$(code_of "$GATEWAY/system/kv/looked-at" -I) $(header Content-Length)" "200 5"
    is "$backend: and leaves it" "$(kv get looked-at)" hello
    is "$backend: of a key that there is not it is 404" "$(code_of "$GATEWAY/system/kv/never" -I)" 404
    kv delete looked-at

    head -c 65536 /dev/urandom >"$TMP/binary"
    kv set bytes <"$TMP/binary"
    kv get bytes >"$TMP/binary.back"
    t "$backend: a value is any bytes" cmp "$TMP/binary" "$TMP/binary.back"
    head -c 1048577 /dev/zero >"$TMP/large"
    is "$backend: up to 1 MiB" \
        "$(curl -s -o /dev/null -w '%{http_code}' -X PUT --data-binary @"$TMP/large" "$GATEWAY/system/kv/x")" 413
    is "$backend: one that is larger than its buffer is too large" \
        "$(head -c 70001 /dev/zero | kv set big; call 'do=get+big')" 413
    is "$backend: more than limits.effects in all is too large" \
        "$(call "do=$(for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do printf 'fill+%s+' $i; done)fill+16")" 413
    is "$backend: and a function that goes on all the same keeps the rest" "$(kv list | grep -c '^1*[0-9]$')" 14
    kv list | while read -r k; do kv delete "$k"; done

    # ---- at once ---------------------------------------------------------------------
    # Twenty clients at once, each key changed by read and write.
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        curl -s -d x "$GATEWAY/function/counter" "$GATEWAY/function/counter" \
            "$GATEWAY/function/counter" "$GATEWAY/function/counter" "$GATEWAY/function/counter" >/dev/null &
        clients="$clients $!"
    done
    # shellcheck disable=SC2086
    wait $clients
    clients=''
    is "$backend: of a hundred increments at once none is lost, none doubled" "$(kv get counter)" 100
    # Reads first, writes after a while: those that overlap must run again.
    kv set shared 0
    for n in 1 2 3 4; do
        curl -s -o "$TMP/out.$n" "$GATEWAY/function/keys?do=get+shared+spin+50+incr+shared+1" &
        clients="$clients $!"
    done
    # shellcheck disable=SC2086
    wait $clients
    clients=''
    is "$backend: who read what another changed runs again" "$(kv get shared)" 4
    is "$backend: and answers with what it saw then" "$(cat "$TMP"/out.[1-4] | fold -w1 | sort | tr -d '\n')" 1234

    # Eight instances, each of which finds the key changed at first: who waits for it may
    # read what a run wrote that conflicts, but not again and again.
    for n in 1 2 3 4 5 6 7 8; do
        curl -s "$GATEWAY/function/keys?do=spin+400" >"$TMP/out.$n" &
        clients="$clients $!"
    done
    # shellcheck disable=SC2086
    wait $clients
    clients=''
    kv set shared 0
    for n in 1 2 3 4 5 6 7 8; do
        curl -s -o "$TMP/out.$n-#1" "$GATEWAY/function/keys?do=get+shared+spin+20+incr+shared+1&n=[1-5]" &
        clients="$clients $!"
    done
    # shellcheck disable=SC2086
    wait $clients
    clients=''
    is "$backend: many who do so all come to an end" "$(kv get shared)" 40

    # Somebody changes what it reads, again and again, while it runs.
    curl -s -o /dev/null -X PUT -d x "$GATEWAY/system/kv/hot#[1-10000000]" &
    writer=$!
    remember "$writer"
    # One that came through is tried again, without what it left.
    conflicts() { kv delete mine; [ "$(call 'do=get+hot+spin+100+set+mine+x')" = 409 ]; }
    t "$backend: a function whose keys others change in every run is 409" eventually 60 conflicts
    is "$backend: which may be tried again" "$(header Retry-After)" 1
    like "$backend: and is said" "$(body)" 'keys.* read what others kept changing, 16 times in a row; nothing of it was kept'
    kill "$writer"
    wait "$writer" 2>/dev/null
    is "$backend: nothing of it is there" "$(kv get mine 2>&1)" "there is no key mine in openfaas-fn"
    is "$backend: without the others it is 200" "$(call 'do=get+hot+spin+100+set+mine+x')" 200

    # ---- and after a restart -----------------------------------------------------------
    kill9_daemon
    t "$backend: killed, it starts again" start_daemon --max-wait 60s --backend "$backend"
    is "$backend: and every key is as it was answered" "$(kv get counter) $(kv get shared)" "100 40"
    kv list | while read -r k; do kv delete "$k"; done
    stop_daemon
}
clients=''
for backend in $(backends); do try_backend "$backend"; done
finish
