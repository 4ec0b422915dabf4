#!/bin/sh
# SPDX-License-Identifier: MIT
# Queues: events come to their function, once, in order, again, later, or to rest.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/daemon.sh
. "$ROOT/tests/e2e/daemon.sh"

# What it does is in the first word of the event:
#   add                         key "sum" + 1; of a batch: for each item
#   fail [N]                    not handled, in its first N attempts (all)
#   status CODE                 answers with that
#   note TEXT                   TEXT is added to the key "notes"
#   flood QUEUE TEXT            pushes TEXT five times
#   push QUEUE TEXT, publish TOPIC TEXT
#   pop QUEUE                   answers with a message
#   slow TEXT                   note, after two seconds
mkdir "$TMP/worker"
printf 'name: worker\n' >"$TMP/worker/function.yaml"
cat >"$TMP/worker/main.c" <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unifaas.h>

static void note(const char *text)
{
    char all[4096];
    size_t size = 0;

    if (uf_kv_get("notes", all, sizeof(all), &size) != 0)
        size = 0;
    size += (size_t)snprintf(all + size, sizeof(all) - size, "%s ", text);
    (void)uf_kv_set("notes", all, size);
}

static int add(const struct uf_event *e)
{
    int64_t n;
    int64_t items = uf_event_item_count(e);

    if (items > 1)
        (void)uf_kv_incr("batches", 1, &n);
    return uf_kv_incr("sum", items, &n);
}

int handle(const struct uf_event *e, struct uf_response *r)
{
    size_t size;
    const char *body = uf_event_item(e, 0, &size);
    char word[16] = "";
    char to[32] = "";
    char text[256] = "";
    int n = sscanf(body, "%15s %31s %255[^\n]", word, to, text);

    printf("%s %s %s attempt %u\n", uf_event_trigger(e), word, to, uf_event_attempt(e));
    for (unsigned i = 0; i < uf_event_header_count(e); i++)
        printf("  %s=%s\n", uf_event_header_name(e, i), uf_event_header_value(e, i));
    if (strcmp(word, "add") == 0)
        return add(e);
    if (strcmp(word, "fail") == 0) {
        (void)uf_kv_set("never", "x", 1);
        (void)uf_respond_text(r, "broken ");
        if (n == 1 || uf_event_attempt(e) <= (unsigned)atoi(to))
            return uf_respond_text(r, "output") < 0 ? 1 : 7;
        (void)uf_kv_delete("never");
        return add(e);
    }
    if (strcmp(word, "slow") == 0)
        for (uint64_t end = uf_monotonic() + 2000000000u; uf_monotonic() < end;)
            for (volatile int i = 0; i < 10000000; i++)
                ;
    if (strcmp(word, "note") == 0 || strcmp(word, "slow") == 0)
        note(to);
    if (strcmp(word, "status") == 0)
        (void)uf_respond_status(r, atoi(to));
    if (strcmp(word, "push") == 0)
        (void)uf_queue_push(to, text, strlen(text));
    for (int i = 0; strcmp(word, "flood") == 0 && i < 5; i++)
        (void)uf_queue_push(to, text, strlen(text));
    if (strcmp(word, "publish") == 0)
        (void)uf_publish(to, text, strlen(text));
    if (strcmp(word, "pop") == 0) {
        int code = uf_queue_pop(to, text, sizeof(text), &size);

        return code < 0 ? uf_respond_text(r, uf_code_text(code)) : uf_respond_body(r, text, size);
    }
    (void)uf_respond_header(r, "Content-Type", "text/x-worker");
    return uf_respond_printf(r, "%s %s", to, text);
}
C
UNIFAAS_SDK=$ROOT/build/sdk
export UNIFAAS_SDK
uf=$BIN/unifaas
t "the function builds" "$uf" build "$TMP/worker" -o "$TMP/worker.img"

kv() { "$uf" kv get "$1" 2>/dev/null; }
has() { [ "$(kv "$1")" = "$2" ]; }
push() { curl -sS --max-time 10 "$GATEWAY/system/queues/$1" -d "$2" >"$TMP/pushed"; }
pushed_id() { jq -r .id <"$TMP/pushed"; }
depth() { "$uf" queue len "$1"; }
empty() { [ "$(depth "$1")" = 0 ]; }
dead_count() { "$uf" dead list "$1" -o json | jq length; }
# worker NAME MANIFEST-LINES: deploy it with these
worker() {
    printf 'name: %s\n%b' "$1" "$2" >"$TMP/manifest.yaml"
    "$uf" deploy "$TMP/worker.img" --manifest "$TMP/manifest.yaml" >"$TMP/deployed" 2>&1
}
queued='triggers:\n  - http\n  - queue: jobs\nretry: {attempts: 3, min_wait: 50ms, max_wait: 200ms}\n'

t "the daemon starts" start_daemon

# ---- push, handle, remove ------------------------------------------------------------------
push jobs add
is "a push is accepted" "$(code_of "$GATEWAY/system/queues/jobs" -d add)" 202
like "with the event's id" "$(header X-Call-Id)" '^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'
is "without a function events wait" "$(depth jobs)" 2
is "and can be looked at" "$("$uf" queue peek jobs -o json | jq -r '.[0].body')" add
t "a function with the queue is deployed" worker worker "$queued"
t "it handles what waited" eventually 5 has sum 2
t "which is in the queue no more" eventually 5 empty jobs
push jobs add
t "and what comes" eventually 5 has sum 3
like "it sees the queue" "$("$uf" logs worker)" 'x-queue=jobs'
like "the attempt" "$("$uf" logs worker)" 'x-attempt=1'
like "a CloudEvent" "$("$uf" logs worker)" 'ce-source=/queue/jobs'
push @worker add
t "an event can be for a function by its name" eventually 5 has sum 4
is "its record says what brought it" \
    "$("$uf" invocations worker -o json | jq -r '.[0].unifaas.trigger')" queue

# ---- many in one request -------------------------------------------------------------------
is "lines are events" "$(printf 'add\n\nadd\r\nadd' | "$uf" queue push jobs --batch)" "3 pushed, 0 known before"
t "each is handled" eventually 5 has sum 7
printf '[{"specversion":"1.0","id":"%s","source":"/s","type":"t","datacontenttype":"text/plain","data":"add"},%s]' 1 \
    '{"specversion":"1.0","id":"2","source":"/s","type":"t","data_base64":"YWRk"}' >"$TMP/events.json"
cloud() {
    code_of "$GATEWAY/system/queues/jobs" --data-binary @"$TMP/events.json" \
        -H 'Content-Type: application/cloudevents-batch+json'
}
is "so are CloudEvents" "$(cloud)" 202
is "all of them" "$(jq -c '[.pushed, .known]' <"$TMP/body")" '[2,0]'
t "each is handled" eventually 5 has sum 9
is "sent again they are known" "$(cloud) $(jq -c '[.pushed, .known]' <"$TMP/body")" '202 [0,2]'
is "what is none is refused" "$(code_of "$GATEWAY/system/queues/jobs" -d '[{"id":"1"}]' \
    -H 'Content-Type: application/cloudevents-batch+json')" 400
like "by its number" "$(body)" '^event 0: specversion: is missing'
for several in '[]' '[{"specversion":"1.0","id":"1","source":"/s","type":"t"},{"specversion":"1.0","id":"2","source":"/s","type":"t"}]'; do
    is "several, or none, as one are refused" "$(code_of "$GATEWAY/system/queues/jobs" -d "$several" \
        -H 'Content-Type: application/cloudevents+json')" 400
    like "with the type that they have" "$(body)" 'cloudevents-batch\+json'
done

# ---- once -------------------------------------------------------------------------------------
for i in 1 2 3; do
    code_of "$GATEWAY/system/queues/jobs" -d add -H 'Idempotency-Key: once' >/dev/null
    jq -r .id <"$TMP/body"
done >"$TMP/ids"
is "pushes with one key are one event" "$(sort -u "$TMP/ids" | wc -l | tr -d ' ')" 1
is "which is said" "$(jq -r .known <"$TMP/body")" true
t "it is handled once" eventually 5 has sum 10

# ---- again ------------------------------------------------------------------------------------
push jobs 'fail 2'
t "an event that fails is tried again" eventually 5 has sum 11
like "in its third attempt" "$("$uf" logs worker)" 'queue fail 2 attempt 3'
is "what failed attempts did never was" "$(kv never)" ""
push jobs 'fail'
id=$(pushed_id)
buried() { [ "$(dead_count worker)" = "$1" ]; }
t "after its last attempt it is a dead letter" eventually 5 buried 1
is "which is in the queue no more" "$(depth jobs)" 0
dead=$("$uf" dead list worker -o json | jq -r '.[0].id')
"$uf" dead show "$dead" -o json >"$TMP/dead"
is "it tells why" "$(jq -r .reason <"$TMP/dead")" "error: handle returned 7: broken output"
is "how often" "$(jq -r .attempts <"$TMP/dead")" 3
is "the last output" "$(jq -r .output <"$TMP/dead")" "broken output"
is "the event" "$(jq -r .body <"$TMP/dead")" fail
is "its id" "$(jq -r .call <"$TMP/dead")" "$id"
push jobs 'status 503'
t "a status that may pass is a failure" eventually 5 buried 2
push jobs 'status 404'
t "another is an answer" eventually 5 empty jobs
is "like any" "$(dead_count worker)" 2
t "a dead letter is tried again" "$uf" dead retry "$dead"
t "and dies again" eventually 5 buried 2
exits "there is no such dead letter any more" 4 "$uf" dead show "$dead"
exits "a function's name is no id of one" 2 "$uf" dead purge worker
like "which is told, with the way out" "$(cat "$TMP/err")" 'worker is no id of a dead letter, .* --all worker'
is "not one, by what a purge does not know" "$(code_of "$GATEWAY/system/dead?function=worker&limit=1" -X DELETE)" 400
is "they are purged" "$("$uf" dead purge --all worker)" "2 removed"
is "all" "$(dead_count worker)" 0

# ---- later --------------------------------------------------------------------------------------
is "an event can be put off" "$("$uf" queue push jobs add --delay 1s >/dev/null; depth jobs)" 1
is "and does not come before" "$(kv sum)" 11
t "but then" eventually 5 has sum 12
is "until a time" "$(code_of "$GATEWAY/system/queues/jobs?not_before=$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ)" -d add)" 202
late=$(header X-Call-Id)
is "or cancelled before" "$(code_of "$GATEWAY/async-function/$late" -X DELETE)" 200
is "once" "$(code_of "$GATEWAY/async-function/$late" -X DELETE)" 404
is "a queue of a function that cannot be is refused" "$(code_of "$GATEWAY/system/queues/@" -d x) $(code_of "$GATEWAY/system/queues/@A" -d x)" "400 400"
is "a time that makes no sense is refused" "$(code_of "$GATEWAY/system/queues/jobs?not_before=soon" -d add)" 400
is "so is a delay" "$(code_of "$GATEWAY/system/queues/jobs?delay=soon" -d add)" 400
is "both a delay and a time are too much" \
    "$(code_of "$GATEWAY/system/queues/jobs?delay=5s&not_before=2026-01-31T06:00:00Z" -d add)" 400
like "... which is told" "$(cat "$TMP/body")" 'delay, not_before and X-Not-Before exclude each other'
is "... be the time a header" \
    "$(code_of "$GATEWAY/system/queues/jobs?delay=5s" -H 'X-Not-Before: 2026-01-31T06:00:00Z' -d add)" 400
exits "... and so to the command line" 2 "$uf" queue push jobs add --delay 5s --not-before 2026-01-31T06:00:00Z
like "... which tells it, too" "$(cat "$TMP/err")" 'delay and --not-before exclude each other'
exits "a file that is not there is not found" 4 "$uf" queue push jobs -f "$TMP/nowhere"
is "one of more than ten years, too" "$(code_of "$GATEWAY/system/queues/jobs?delay=87601h" -d add)" 400
is "and such a time" "$(code_of "$GATEWAY/system/queues/jobs?not_before=2099-01-01T00:00:00Z" -d add)" 400

# ---- order --------------------------------------------------------------------------------------
t "a function with one instance is deployed" worker ordered 'max_instances: 1\ntriggers:\n  - queue: line\nretry: {attempts: 4, min_wait: 100ms, max_wait: 200ms}\n'
printf 'note %s\n' a b c d e >"$TMP/lines"
printf 'fail 2\n' >>"$TMP/lines"
printf 'note %s\n' f g h >>"$TMP/lines"
"$uf" queue push line --batch -f "$TMP/lines" >/dev/null
t "it handles its events in order, whatever fails between" eventually 5 has notes "a b c d e f g h "
is "and counts what failed" "$(kv sum)" 13

# ---- batches --------------------------------------------------------------------------------------
t "a function that wants batches is deployed" worker batcher 'triggers:\n  - queue: many\n    batch: 10\n    batch_window: 300ms\n'
yes add | head -n 25 | "$uf" queue push many --batch >/dev/null
t "all are handled" eventually 5 has sum 38
is "ten at a time, the rest when its window is over" "$(kv batches)" 3

# ---- effects, topics, chains ------------------------------------------------------------------------
is "one queue triggers one function" "$(worker other 'triggers:\n  - queue: jobs\n'; grep -c 'queue jobs triggers worker' "$TMP/deployed")" 1
for n in one two; do
    worker listener-$n 'triggers:\n  - topic: news\n' || echo "listener-$n"
done
push jobs 'publish news note heard'
t "what is published comes to every function that listens" eventually 5 has notes "a b c d e f g h heard heard "
push jobs 'push jobs note pushed'
t "what is pushed comes to its queue" eventually 5 has notes "a b c d e f g h heard heard pushed "
is "who gives an event up is not told of it" "$(worker self 'on_failure: self\n'
    grep -c 'self cannot be told of what it gave up itself; name another function' "$TMP/deployed")" 1
t "a function with a next one" worker first "on_success: second\non_failure: worker\nretry: {attempts: 1}\n"
like "deploy tells that there is none of that name" "$(cat "$TMP/deployed")" \
    'note: first: on_success .next. names second, which is not deployed: events for it wait until it is$'
unlike "and nothing of one that there is" "$(cat "$TMP/deployed")" 'on_failure'
cat >"$TMP/stack.yaml" <<'Y'
functions:
  ahead:
    image: worker.img
    annotations: {com.unifaas.on_success: behind}
  behind:
    image: worker.img
Y
t "a stack file has them in any order" "$uf" deploy "$TMP/stack.yaml"
is "and nothing is told" "$(cat "$TMP/err")" ""
t "they are removed" "$uf" remove ahead behind
t "and that one" worker second ''
is "a call of the first" "$(code_of "$GATEWAY/function/first" -d 'x note chained')" 200
t "brings the second its result" eventually 5 has notes "a b c d e f g h heard heard pushed chained "
like "with its type" "$("$uf" logs second)" 'content-type=text/x-worker'
push @first 'fail'
heard() { "$uf" logs worker | grep -q 'x-failure-function=first'; }
t "of an event that was given up another function is told" eventually 5 heard
code_of "$GATEWAY/system/queues/@first" -d fail -H 'X-Failure-Reason: made-up' -H 'X-Note: again' >/dev/null
heard_again() { "$uf" logs worker | grep -q 'x-note=again'; }
t "so it is of one that says itself why" eventually 5 heard_again
unlike "but not in its words" "$("$uf" logs worker)" 'made-up'

# ---- sequences -----------------------------------------------------------------------------------------
printf 'name: both\nlang: sequence\nfunctions: [second, worker]\n' >"$TMP/both.yaml"
mkdir "$TMP/both" && cp "$TMP/both.yaml" "$TMP/both/function.yaml"
t "a sequence is deployed" "$uf" deploy "$TMP/both"
is "with all its functions there nothing is told" "$(cat "$TMP/err")" ""
like "it is listed as such" "$("$uf" list)" '^both +sequence +- +0  2 functions$'
mkdir "$TMP/outer" && sed 's/second, worker/worker, both/; s/both$/outer/' "$TMP/both.yaml" >"$TMP/outer/function.yaml"
exits "a sequence of sequences is not deployed" 1 "$uf" deploy "$TMP/outer"
like "... and the way out is told" "$(cat "$TMP/err")" \
    'functions: both is itself a sequence; name the functions of it instead'
is "nor is one by other clients" "$(code_of "$GATEWAY/system/functions" -d '{"service": "outer",
    "annotations": {"com.unifaas.lang": "sequence", "com.unifaas.functions": "second,both"}}')" 409
like "... in words" "$(body)" 'functions: both is itself a sequence; name the functions of it instead'
is "... nor is it there" "$(code_of "$GATEWAY/system/function/outer")" 404
printf 'functions:\n  outer: {handler: ./outer}\n  later: {handler: ./later}\n' >"$TMP/two.yaml"
sed -i 's/both\]/later]/' "$TMP/outer/function.yaml"
mkdir "$TMP/later" && sed 's/both$/later/' "$TMP/both.yaml" >"$TMP/later/function.yaml"
exits "... and one of a stack file whose step comes after it is told" 6 "$uf" deploy "$TMP/two.yaml"
like "... in words" "$(cat "$TMP/err")" 'outer: functions names later, which is itself a sequence'
t "both are removed" "$uf" remove outer later
sed 's/second, worker/nobody, worker/' "$TMP/both/function.yaml" >"$TMP/manifest.yaml"
mkdir "$TMP/lame" && sed 's/both/lame/' "$TMP/manifest.yaml" >"$TMP/lame/function.yaml"
t "one is deployed before its functions are" "$uf" deploy "$TMP/lame"
like "which is told" "$(cat "$TMP/err")" 'lame: functions names nobody, which is not deployed'
t "it is removed" "$uf" remove lame
is "it has no image" "$("$uf" describe both -o json | jq -c '.unifaas | keys')" '["manifest"]'
code_of "$GATEWAY/function/second" -d x >/dev/null
own=$(header X-Call-Id)
is "it answers" "$(code_of "$GATEWAY/function/both" -d 'x y z')" 200
is "with the last result" "$(body)" "z "
code_of "$GATEWAY/function/both" -d 'x note sequence' -H 'X-Call-Id: in-sequence' >/dev/null
has_note() { kv notes | grep -q "$1"; }
t "each step has the effect that it has" has_note sequence
is "a step that answers with a bad status ends it" "$(code_of "$GATEWAY/function/both" -d 'status 404 note never')" 404
is "its record says of which sequence it was a step" \
    "$("$uf" invocation in-sequence -o json | jq -r '.name + " " + .unifaas.sequence')" "second both"
like "so does the trace, of each" "$("$uf" invocation in-sequence)" 'sequence worker of both: ok, '
is "all are found by the sequence's name" \
    "$("$uf" invocations both -o json | jq -r '[.[].name] | unique | join(" ")')" "second worker"
unlike "a call of the function itself is of none" "$("$uf" invocation "$own")" '^sequence'
is "an asynchronous call of it is accepted" "$(code_of "$GATEWAY/async-function/both" -d 'x note later')" 202
later=$(header X-Call-Id)
t "and handled" eventually 5 has_note later
like "in a record that says so as well" "$("$uf" invocation "$later")" '^sequence +both'
in_log() { "$uf" logs both | grep -o '[^ ]* [^ ]* [^ ]* attempt 1$' | grep "$1" | xargs; }
is "its log has what its steps wrote, in their order" "$(in_log 'note attempt\|sequence attempt')" \
    'http x note attempt 1 sequence note sequence attempt 1 async x note attempt 1'
is "of an asynchronous call as well" "$(in_log later)" 'sequence note later attempt 1'
is "and of no other call" "$(in_log 'http x  attempt')" ''
is "a bad status of an early step has ended it" "$(kv notes | grep -c never)" 0

# ---- calls that nobody waits for ---------------------------------------------------------------------
is "an asynchronous call is accepted" "$(code_of "$GATEWAY/async-function/worker/some/path?a=b" -d add -H 'X-Call-Id: my-call')" 202
is "under its own id" "$(header X-Call-Id)" my-call
is "without a body" "$(body)" ""
t "and handled" eventually 5 has sum 39
like "its record is found by the id" "$("$uf" invocation my-call)" '^trigger +async'
sum=$(kv sum)
# again HEADER...: a call, with these; prints status and id
again() {
    set -- "$(code_of "$GATEWAY/async-function/worker" -d add "$@")"
    echo "$1 $(header X-Call-Id)"
}
id=$(again -H 'Idempotency-Key: call-once')
is "calls with one key are one event" "$(again -H 'Idempotency-Key: call-once')" "$id"
like "and have an id" "$id" '^202 [0-9a-f-]{36}$'
id=$(again -H 'ce-source: /device' -H 'ce-id: 7')
is "so are those with a source and id" "$(again -H 'ce-source: /device' -H 'ce-id: 7')" "$id"
t "each is handled once" eventually 5 has sum $((sum + 2))
is "no more wait" "$(depth @worker)" 0
is "another key is another" "$(again -H 'Idempotency-Key: call-twice' | cut -c 1-3)" 202
t "and handled" eventually 5 has sum $((sum + 3))
is "an empty key is 400" "$(again -H 'Idempotency-Key;' | cut -c 1-3)" 400
like "which is said" "$(body)" 'Idempotency-Key: must have 1 to 255 bytes'
is "an unknown function is 404" "$(code_of "$GATEWAY/async-function/nobody" -d x)" 404
is "another method is 405" "$(code_of "$GATEWAY/async-function/worker")" 405
is "a callback that is no URL is 400" "$(code_of "$GATEWAY/async-function/worker" -d x -H 'X-Callback-Url: ftp://x')" 400

# ---- taken by hand ------------------------------------------------------------------------------------
is "an empty queue has no message" "$(curl -sS "$GATEWAY/function/worker" -d 'pop box')" "not found"
push box one
push box two
is "a message is taken out of a queue" "$(curl -sS "$GATEWAY/function/worker" -d 'pop box')" one
is "which has it no more" "$(depth box)" 1
is "nor of a queue that has a function" "$(curl -sS "$GATEWAY/function/worker" -d 'pop jobs')" \
    "not allowed by the function's manifest"

# ---- purged, cancelled --------------------------------------------------------------------------------
for i in 1 2 3; do push loose $i; done
is "a queue is purged" "$("$uf" queue purge loose)" "3 removed"
is "of all" "$(depth loose)" 0
exits "an unknown queue is not found" 4 "$uf" queue purge nobody
# runs FUNCTION: an event of it
runs() { [ "$(metric "unifaas_instances{function_name=\"$1.openfaas-fn\",state=\"busy\"}")" = 1 ]; }
push jobs 'slow cancelled'
cancelled=$(pushed_id)
t "an event begins" eventually 10 runs worker
t "an event that runs is cancelled" "$uf" queue cancel "$cancelled"
push slower 'slow purged'
worker slower 'triggers:\n  - queue: slower\n'
t "another of another function" eventually 10 runs slower
is "one that runs is purged with its queue" "$("$uf" queue purge slower)" "1 removed"
# outcome ID: of its run
outcome() { "$uf" invocation "$1" -o json | jq -r '[.unifaas.outcome, .unifaas.status, .response.statusCode, .response.result.error] | join(" ")'; }
gone() { [ "$(outcome "$1")" = "cancelled 499 3 its event was cancelled, or removed, while it ran" ]; }
t "the record of the first says so" eventually 5 gone "$cancelled"
t "that of the other, too" eventually 5 gone "$(pushed_id)"
is "and they are found by that word" "$("$uf" invocations --outcome cancelled -o json | jq length)" 2
is "they have no effect" "$(kv notes | grep -c -e cancelled -e purged)" 0
is "nor are they left" "$(depth jobs) $(depth slower)" "0 0"

# ---- limits --------------------------------------------------------------------------------------------
stop_daemon
t "a daemon with small queues starts" start_daemon --queue-depth 3 --max-body 64Ki
for i in 1 2 3; do push full $i; done
is "a full queue refuses" "$(code_of "$GATEWAY/system/queues/full" -d 4)" 429
is "and says when to try again" "$(header Retry-After)" 1
like "and why" "$(body)" '^queue full has no room for 1 more: 3 events wait, and at most 3 may \(--queue-depth\)$'
is "all of several, or none" "$("$uf" queue purge full >/dev/null; printf '1\n2\n3\n4\n' | "$uf" queue push full --batch 2>&1; depth full)" \
    "queue full never has room for 4 at once: at most 3 events may wait (--queue-depth); push fewer at a time, or raise it
0"
head -c 70000 /dev/zero >"$TMP/large"
is "an event that is too large is refused" "$(code_of "$GATEWAY/system/queues/full" --data-binary @"$TMP/large")" 413
"$uf" queue purge full >/dev/null
is "more at once than a queue may ever have are too many" "$(printf '1\n2\n3\n4\n' |
        code_of "$GATEWAY/system/queues/full?batch=1" --data-binary @-)" 413
is "which no waiting mends" "$(header Retry-After)" ""
is "nor may a function push them" "$(code_of "$GATEWAY/function/worker" -d 'flood full x')" 413
is "which no waiting mends, either" "$(header Retry-After)" ""
like "and is said" "$(body)" 'never has room for 5 at once: at most 3'
push jobs 'flood full x'
flooded() { "$uf" dead list worker -o json | jq -e 'any(.[]; .reason | contains("never has room for 5 at once"))' >/dev/null; }
t "an event whose function does is a dead letter that says so" eventually 5 flooded
is "a function whose message finds no room fails" "$(for i in 1 2 3; do push full $i; done
code_of "$GATEWAY/function/worker" -d 'push full x')" 429
is "and has pushed nothing" "$(depth full)" 3

# ---- restarts -----------------------------------------------------------------------------------------
stop_daemon
t "the daemon starts again" start_daemon
is "what was in queues is there" "$(depth full)" 3
t "the function is removed" "$uf" remove worker
push jobs add
push jobs add
is "its events wait" "$(depth jobs)" 2
kill9_daemon
t "after a power cut the daemon starts" start_daemon
is "they still wait" "$(depth jobs)" 2
t "until it is deployed again" worker worker "$queued"
t "then they are handled" eventually 5 has sum 44
yes add | head -n 2000 | "$uf" queue push jobs --batch >/dev/null
sleep 0.1
kill9_daemon
t "a daemon that was killed while it delivered starts" start_daemon
t "every event takes effect" eventually 30 empty jobs
is "once" "$(kv sum)" 2044
finish
