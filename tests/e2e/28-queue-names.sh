#!/bin/sh
# SPDX-License-Identifier: MIT
# Names of queues: however many somebody makes up, others are not concerned, and what is
# empty makes room.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/daemon.sh
. "$ROOT/tests/e2e/daemon.sh"
uf=$BIN/unifaas
UNIFAAS_SDK=$ROOT/build/sdk
export UNIFAAS_SDK

# Pushes into the queue that its event names; of a queue, it counts.
for name in pusher consumer; do
    mkdir "$TMP/$name"
    printf 'name: %s\n' "$name" >"$TMP/$name/function.yaml"
    cat >"$TMP/$name/main.c" <<'C'
#include <string.h>
#include <unifaas.h>

int handle(const struct uf_event *e, struct uf_response *r)
{
    int64_t n;

    (void)r;
    if (strcmp(uf_event_trigger(e), "http") != 0)
        return uf_kv_incr("handled", 1, &n);
    return uf_queue_push(uf_event_body(e), "x", 1);
}
C
done
printf 'triggers: [http, {queue: wanted}, {queue: n7}]\n' >>"$TMP/consumer/function.yaml"

push() { code_of "$GATEWAY/system/queues/$1?namespace=${2:-lab}" -d x; }
names() { curl -sS "$GATEWAY/system/queues?namespace=lab" | jq "$1"; }
# many METHOD PATH ARGUMENT...: to all names that are made up; how often each status came
many() {
    method=$1
    path=$2
    shift 2
    curl -sS -Z --parallel-max 30 -X "$method" -o /dev/null -w '%{http_code}\n' "$@" \
        "$GATEWAY/system/queues/n[1-2500]$path?namespace=lab" 2>/dev/null | sort | uniq -c | xargs
}
handled() { [ "$("$uf" kv get handled -n lab 2>/dev/null)" = "$1" ]; }

t "the daemon starts" start_daemon
exits "a namespace is made" 0 "$uf" namespace create lab
t "a function is there" "$uf" deploy "$TMP/pusher" --namespace lab
is "it makes up a name" "$(code_of "$GATEWAY/function/pusher.lab" -d n1)" 200
is "2500 names have an event each" "$(many POST '' -d x)" '2500 202'
is "a further one is refused" "$(push more)" 429
like "with the limit and the way out" "$(body)" \
    'namespace lab has 2500 queues with events, which is the limit: purge some of them'
is "the function's push fails" "$(code_of "$GATEWAY/function/pusher.lab" -d more)" 429
is "functions that there are not are counted apart" "$(code_of "$GATEWAY/function/pusher.lab" --data-raw @nobody)" 200
is "a queue that is there takes more" "$(push n9)" 202
is "another namespace has room" "$(push more openfaas-fn)" 202

# ---- functions -------------------------------------------------------------------------------
t "a function is deployed nevertheless" "$uf" deploy "$TMP/consumer" --namespace lab
t "what waited in its queue is handled" eventually 10 handled 1
is "into another that it waits for is pushed" "$(push wanted)" 202
t "and handled" eventually 10 handled 2
is "it is called asynchronously" "$(code_of "$GATEWAY/async-function/consumer.lab" -d x)" 202
t "and handles that" eventually 10 handled 3

# ---- room --------------------------------------------------------------------------------------
is "two queues are emptied" "$(code_of "$GATEWAY/system/queues/n20/events?namespace=lab" -X DELETE)$(
    code_of "$GATEWAY/system/queues/n21/events?namespace=lab" -X DELETE)" 200200
# So is wanted, which has the place of n7.
is "as many names are taken" "$(push new1)$(push new2)$(push new3)" 202202202
is "and no more, but for one that there is" "$(push new4)$(push new3)" 429202
is "what is empty is gone" "$(code_of "$GATEWAY/system/queues/n20?namespace=lab")" 404
is "its name is taken no more" "$(push n20)" 429
is "each event is in its queue" \
    "$(curl -sS "$GATEWAY/system/queues/new3/events?namespace=lab" | jq -c '[.[].number]')" '[2,3]'
is "the function's queue is there all the same" "$(push n7)" 202
t "and its event handled" eventually 10 handled 4
kill9_daemon
t "the daemon was killed, and starts" start_daemon
is "there is room for one, the empty n7" "$(push new4)$(push new5)$(push new3)" 202429202
is "the function's queue as well" "$(push wanted)" 202
t "and its event handled" eventually 10 handled 5

# ---- the namespace goes ------------------------------------------------------------------------
many DELETE /events >"$TMP/purged"
for name in new1 new2 new3 new4 @nobody; do "$uf" queue purge "$name" -n lab >/dev/null 2>&1; done
is "no event is left" "$(names '[.[].depth] | add')" 0
for name in pusher consumer; do "$uf" remove "$name" -n lab >/dev/null 2>&1; done
exits "the namespace is removed" 0 "$uf" namespace remove lab
exits "and made again" 0 "$uf" namespace create lab
is "without queues" "$(names length)" 0
is "2500 names are taken again" "$(many POST '' -d x)" '2500 202'
stop_daemon
t "it ends" [ "$DAEMON_STATUS" = 0 ]
finish
