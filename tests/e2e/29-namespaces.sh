#!/bin/sh
# SPDX-License-Identifier: MIT
# Namespaces: what has the same name in two of them has nothing else in common.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/daemon.sh
. "$ROOT/tests/e2e/daemon.sh"
uf=$BIN/unifaas
err() { cat "$TMP/err"; }
out() { cat "$TMP/out"; }

# Counts its own calls, and shows a secret.
mkdir "$TMP/fn"
cat >"$TMP/fn/main.c" <<'C'
#include <stdlib.h>
#include <unifaas.h>
#include <unistd.h>

int handle(const struct uf_event *e, struct uf_response *r)
{
    char value[64] = "none";
    size_t size = 4;
    int64_t n = 0;
    const char *where = getenv("WHERE");

    (void)e;
    if (getenv("SLOWLY") != NULL)
        (void)sleep(2);
    (void)uf_kv_incr("count", 1, &n);
    (void)uf_secret("key", value, sizeof(value), &size);
    return uf_respond_printf(r, "%s %lld %.*s", where != NULL ? where : "-", (long long)n,
                             (int)size, value);
}
C
printf 'secrets: [key]\n' >"$TMP/fn/function.yaml"

t "the daemon starts" start_daemon --backend process
exits "a namespace is made" 0 "$uf" namespace create lab
exits "a second one of that name is refused" 1 "$uf" namespace create lab
exits "a bad name is a usage error" 2 "$uf" namespace create 'Dev X'
like "... which says what one is" "$(err)" '"Dev X" is not valid; a name is 1 to 63 of a-z, 0-9 and -'
is "they are listed" "$("$uf" namespace list | tr '\n' ' ')" 'lab openfaas-fn '
exits "in one that there is not nothing is deployed" 1 "$uf" deploy "$TMP/fn" --namespace nowhere
like "and it is named" "$(err)" 'no namespace nowhere'
for list in list invocations 'dead list' 'secret list' 'queue list' 'kv list'; do
    # shellcheck disable=SC2086
    exits "$list of it is not found" 4 "$uf" $list -n nowhere
    like "which is told" "$(err)" 'no namespace nowhere'
    # shellcheck disable=SC2086
    exits "of one that is empty it is" 0 "$uf" $list -n lab
done

# ---- the same names ------------------------------------------------------------------------
exits "a secret" 0 "$uf" secret create key --from-literal usual
exits "is not that of another namespace" 1 "$uf" deploy "$TMP/fn" --namespace lab
like "where there is none" "$(err)" 'unable to find secret: key'
exits "until there is" 0 "$uf" secret create key -n lab --from-literal labs
exits "a function is deployed in one" 0 "$uf" deploy "$TMP/fn" -e WHERE=usual
exits "and in the other" 0 "$uf" deploy "$TMP/fn" -n lab -e WHERE=lab
like "with the address that it has there" "$(out)" "curl $GATEWAY/function/fn.lab\$"
is "each has its own code and secret" \
    "$("$uf" invoke fn), $("$uf" invoke fn -n lab)" 'usual 1 usual, lab 1 labs'
is "and its own keys" "$("$uf" invoke fn), $("$uf" invoke fn), $("$uf" invoke fn -n lab)" \
    'usual 2 usual, usual 3 usual, lab 2 labs'
is "which the command line sees apart" "$("$uf" kv get count) $("$uf" kv get count -n lab)" '3 2'
is "over HTTP as well" "$(curl -sS "$GATEWAY/function/fn.lab")" 'lab 3 labs'
exits "a function that is only in the other is not found" 4 "$uf" invoke fn -n nowhere
is "lists are apart" "$("$uf" list --json | jq -r '[.[].namespace] | join(" ")') $("$uf" \
    list -n lab --json | jq -r '[.[].namespace] | join(" ")')" 'openfaas-fn lab'
like "describe says which it is" "$("$uf" describe fn -n lab)" '^namespace +lab$'
is "logs are apart" "$("$uf" logs fn -n lab --json | jq -r .namespace | sort -u)" ''
like "metrics too" "$(curl -sS "$GATEWAY/metrics")" \
    'gateway_function_invocation_started\{function_name="fn.lab"\} 3$'
exits "a stack file names one" 0 sh -c "cd '$TMP' && printf 'functions:\n  stacked:\n    handler: fn\n    namespace: lab\n' >stack.yaml && '$uf' deploy stack.yaml"
is "in which the function is" "$("$uf" invoke stacked -n lab)" '- 4 labs'

# ---- restart -------------------------------------------------------------------------------
kill9_daemon
t "after kill -9 the daemon starts" start_daemon --backend process
is "all is where it was" "$("$uf" invoke fn), $("$uf" invoke fn -n lab)" 'usual 4 usual, lab 5 labs'
rm -f "$TMP"/state/snapshots/*
stop_daemon
t "without snapshots" start_daemon --backend process
is "they are made again, each its own" "$("$uf" invoke fn), $("$uf" invoke fn -n lab)" \
    'usual 5 usual, lab 6 labs'
like "and named apart" "$(cat "$TMP/daemon.log")" '^unifaasd: fn[.]lab: its snapshot was made again'

# ---- removing ------------------------------------------------------------------------------
exits "one with functions is not removed" 1 "$uf" namespace remove lab
like "which it says" "$(err)" 'lab has 2 functions: remove them first'
exits "a function is removed from one" 0 "$uf" remove fn stacked -n lab
is "and stays in the other" "$("$uf" invoke fn)" 'usual 6 usual'

# The namespace in the query, as older clients send it.
image=$("$uf" describe fn --json | jq -r .image)
names() { "$uf" list -n "$1" --json | jq -r '[.[].name] | join(" ")'; }
in_query() { # METHOD QUERY NAME MEMBERS
    code_of "$GATEWAY/system/functions?$2" -X "$1" -d "{\"service\":\"$3\",\"functionName\":\"$3\",
        \"image\":\"$image\",\"secrets\":[\"key\"]$4}"
}
is "the query says where a function is made" \
    "$(in_query POST namespace=lab fn '') $(names lab)" '202 fn'
is "two that differ are refused" "$(in_query DELETE namespace=lab fn ',"namespace":"openfaas-fn"')" 400
like "and named" "$(cat "$TMP/body")" 'the body says openfaas-fn, the query lab'
is "two that do not are one" "$(in_query PUT namespace=lab fn ',"namespace":"lab"')" 200
is "one that there is not has no function" "$(in_query DELETE namespace=nowhere fn '')" 404
is "and the query says where it is removed" \
    "$(in_query DELETE namespace=lab fn '') $(names lab) $(names openfaas-fn)" '202  fn'

# What still runs could write into the next one of that name.
exits "a slow function" 0 "$uf" deploy "$TMP/fn" -n lab --name slow -e SLOWLY=yes
curl -sS "$GATEWAY/function/slow.lab" >"$TMP/slow" &
slow=$!
t "runs" eventually 10 sh -c "curl -s $GATEWAY/metrics | grep -q '^unifaas_instances{.*state=\"busy\"} 1'"
exits "is removed while it does" 0 "$uf" remove slow -n lab
exits "the namespace is not" 1 "$uf" namespace remove lab
like "which it says" "$(err)" 'in namespace lab 1 event of functions that were removed still runs'
t "its event is finished" wait $slow
like "with its effects" "$(cat "$TMP/slow")" ' labs$'

# The last event of a removed function, and its tender dies.
exits "the slow function again" 0 "$uf" deploy "$TMP/fn" -n lab --name slow -e SLOWLY=yes
curl -sS "$GATEWAY/function/slow.lab" >"$TMP/slow" &
slow=$!
t "runs" eventually 10 sh -c "curl -s $GATEWAY/metrics | grep -q '^unifaas_instances{.*state=\"busy\"} 1'"
exits "is removed while it does" 0 "$uf" remove slow -n lab
for p in $(descendants "$DAEMON_PID" | cut -d: -f1); do kill -KILL "$p" 2>/dev/null; done
t "and ends with its tenders" wait $slow
like "which is told" "$(cat "$TMP/slow")" '^tender-lost: '
is "the daemon goes on" "$(code_of "$GATEWAY/healthz")" 200
exits "then it is removed" 0 "$uf" namespace remove lab
exits "a second time it is not there" 4 "$uf" namespace remove lab
exits "the usual one stays" 1 "$uf" namespace remove openfaas-fn
exits "one that is made again" 0 "$uf" namespace create lab
is "has no keys of the old one" "$("$uf" kv list -n lab)" ''
is "nor secrets" "$("$uf" secret list -n lab)" ''
is "what the other had is there" "$("$uf" kv get count) $("$uf" secret list)" '6 key'

# ---- while it is removed ---------------------------------------------------------------------
# Each sync of the disk takes half a second: what comes meanwhile comes after the removal,
# and before the daemon's loop knows of it.
slow_disk() {
    threads=
    for thread in "/proc/$DAEMON_PID/task"/*; do threads="$threads -p ${thread##*/}"; done
    # shellcheck disable=SC2086
    strace -qq -o "$TMP/strace" -e trace=fdatasync -e inject=fdatasync:delay_exit=500000 $threads &
    slower=$!
    for thread in "/proc/$DAEMON_PID/task"/*; do
        eventually 10 grep -q "^TracerPid:.$slower" "$thread/status" || return 1
    done
}
later() { # NAME CURL-ARGUMENTS...: its status goes to $TMP/later.NAME
    name=$1
    shift
    curl -sS -o "$TMP/said.$name" -w '%{http_code}' "$@" >"$TMP/later.$name" &
    waited="$waited $!"
}
waited=
t "the disk is slow" slow_disk
later removal "$GATEWAY/system/namespace/lab" -X DELETE
sleep 0.2
later key "$GATEWAY/system/kv/late?namespace=lab" -X PUT -d x
later event "$GATEWAY/system/queues/late?namespace=lab" -d x
later secret "$GATEWAY/system/secrets" -X POST -d '{"name":"late","namespace":"lab","value":"x"}'
later function "$GATEWAY/system/functions" -X POST \
    -d "{\"service\":\"late\",\"namespace\":\"lab\",\"image\":\"$image\"}"
# shellcheck disable=SC2086
wait $waited
kill "$slower"
wait "$slower" 2>/dev/null
is "it is removed" "$(cat "$TMP/later.removal")" 202
for late in 'key 404' 'event 404' 'secret 404' 'function 400'; do
    name=${late% *}
    is "meanwhile no $name is taken" "$(cat "$TMP/later.$name")" "${late#* }"
    like "for there is no namespace" "$(cat "$TMP/said.$name")" 'no namespace lab'
done
exits "the next one of its name" 0 "$uf" namespace create lab
is "has none of them" "$("$uf" kv list -n lab)$("$uf" queue list -n lab --json)$("$uf" secret \
    list -n lab)$("$uf" list -n lab --json)" '[][]'
finish
