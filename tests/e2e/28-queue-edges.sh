#!/bin/sh
# SPDX-License-Identifier: MIT
# Queues when somebody else has his say: who is called back, who ends the daemon, a disk
# that is full.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/daemon.sh
. "$ROOT/tests/e2e/daemon.sh"

# add: key "sum" + 1. slow TEXT: TEXT to the key "notes", after a second. status CODE:
# answers with that. fail: is not handled.
mkdir "$TMP/worker"
cat >"$TMP/worker/function.yaml" <<'Y'
name: worker
max_instances: 1
triggers:
  - http
  - queue: jobs
retry: {attempts: 2, min_wait: 50ms, max_wait: 100ms}
Y
cat >"$TMP/worker/main.c" <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unifaas.h>

static void note(const char *text)
{
    char all[256];
    size_t size = 0;

    for (uint64_t end = uf_monotonic() + 1000000000u; uf_monotonic() < end;)
        for (volatile int i = 0; i < 10000000; i++)
            ;
    if (uf_kv_get("notes", all, sizeof(all), &size) != 0)
        size = 0;
    size += (size_t)snprintf(all + size, sizeof(all) - size, "%s ", text);
    (void)uf_kv_set("notes", all, size);
}

int handle(const struct uf_event *e, struct uf_response *r)
{
    char word[16] = "";
    char to[32] = "";
    int64_t n;

    (void)sscanf(uf_event_body(e), "%15s %31s", word, to);
    if (strcmp(word, "add") == 0)
        return uf_kv_incr("sum", 1, &n);
    if (strcmp(word, "slow") == 0)
        note(to);
    if (strcmp(word, "status") == 0)
        (void)uf_respond_status(r, atoi(to));
    (void)uf_respond_header(r, "X-Mine", "yes");
    (void)uf_respond_header(r, "Expect", "much");
    (void)uf_respond_text(r, "the result");
    return strcmp(word, "fail") == 0 ? 7 : 0;
}
C
UNIFAAS_SDK=$ROOT/build/sdk
export UNIFAAS_SDK
uf=$BIN/unifaas

# Somebody who is called back: each request is a file in $TMP/calls. Below /later he has
# no time before $TMP/open is there.
cat >"$TMP/called.pl" <<'P'
use IO::Socket::INET;
$| = 1;
my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 0, Listen => 9) or die;
print $s->sockport, "\n";
for (my $n = 1; my $c = $s->accept; $n++) {
    my ($text, $size) = ("", 0);
    while (defined(my $line = <$c>)) {
        $text .= $line;
        $size = $1 if $line =~ /^content-length: *(\d+)/i;
        last if $line =~ /^\r?\n$/;
    }
    read($c, my $body, $size);
    open(my $f, ">", "calls/.new") or die;
    print {$f} $text, $body, "\n";
    close($f);
    rename("calls/.new", "calls/$n");
    print {$c} ($text =~ m,^POST /later, && ! -e "open" ? "HTTP/1.1 503 no" : "HTTP/1.1 200 OK"),
        "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    close($c);
}
P
mkdir "$TMP/calls"
(cd "$TMP" && exec timeout 300 perl called.pl) >"$TMP/port" &
called_pid=$!
remember "$called_pid"
has_port() { [ -s "$TMP/port" ]; }
t "somebody listens for callbacks" eventually 10 has_port
callback=http://127.0.0.1:$(cat "$TMP/port")

kv() { "$uf" kv get "$1" 2>/dev/null; }
has() { [ "$(kv "$1")" = "$2" ]; }
depth() { "$uf" queue len "$1" 2>/dev/null; }
push() { code_of "$GATEWAY/system/queues/$1" -d "$2"; }
async() { code_of "$GATEWAY/async-function/worker" -d "$1" -H "X-Callback-Url: $callback/$2" -H "X-Call-Id: $2"; }
calls() { cat "$TMP"/calls/* 2>/dev/null | tr -d '\r' | grep -c "^POST /$1 "; }
called() { [ "$(calls "$1")" -ge "${2:-1}" ]; }
# The last call of a path, headers in small letters
call() { tr -d '\r' <"$(grep -l "^POST /$1 " "$TMP"/calls/* | sort -V | tail -n 1)" | sed 's/^[A-Za-z-]*:/\L&/'; }

t "the daemon starts" start_daemon --callback-allow "$callback/*"
t "a function is deployed" "$uf" deploy "$TMP/worker"

# ---- callbacks -------------------------------------------------------------------------------
is "a callback to the daemon itself is refused" "$(code_of "$GATEWAY/async-function/worker" -d x \
    -H "X-Callback-Url: $GATEWAY/system/functions")" 400
is "a call with a callback is accepted" "$(async x simple)" 202
t "its result is sent there" eventually 10 called simple
like "with the function's body" "$(call simple)" '^the result$'
like "the request's type, as with an answer that is waited for" "$(call simple)" \
    '^content-type: application/x-www-form-urlencoded$'
like "its headers" "$(call simple)" '^x-mine: yes$'
unlike "but none that a request cannot have" "$(call simple)" '^expect: much$'
like "its status" "$(call simple)" '^x-function-status: 200$'
like "its name" "$(call simple)" '^x-function-name: worker$'
like "the call's id" "$(call simple)" '^x-call-id: simple$'
like "how long it took" "$(call simple)" '^x-duration-seconds: [0-9]+\.[0-9]{3}$'
like "a key" "$(call simple)" '^idempotency-key: ..*$'
t "the command line names one as well" \
    "$uf" invoke worker --async -d x -H 'X-Call-Id: typed' --callback "$callback/typed"
t "which gets the result" eventually 10 called typed
like "of that call" "$(call typed)" '^x-call-id: typed$'
exits "a call that is waited for has none" 2 "$uf" invoke worker -d x --callback "$callback/typed"
like "which is told" "$(cat "$TMP/err")" '--callback: only a call that is not waited for has one \(--async\)'
is "a call that answers with a bad status is accepted" "$(async 'status 404' missing)" 202
t "and told" eventually 10 called missing
like "with the status" "$(call missing)" '^x-function-status: 404$'
is "a call that fails is accepted" "$(async fail broken)" 202
t "and told when it is given up" eventually 10 called broken
like "with its status" "$(call broken)" '^x-function-status: 500$'
is "once" "$(calls broken)" 1
mkdir "$TMP/pair" && printf 'name: pair\nlang: sequence\nfunctions: [worker, worker]\n' >"$TMP/pair/function.yaml"
t "a sequence is deployed" "$uf" deploy "$TMP/pair"
is "its call with a callback is accepted" "$(code_of "$GATEWAY/async-function/pair" -d x \
    -H "X-Callback-Url: $callback/pair" -H 'X-Call-Id: pair')" 202
t "and told" eventually 10 called pair
like "when its last step is over" "$(call pair)" '^x-function-name: pair$'
is "once" "$(calls pair)" 1
is "somebody who has no time is called again" "$(async x later)" 202
t "but not at once" eventually 10 called later
waiting() { [ "$(metric unifaas_callbacks_waiting)" = "$1" ]; }
t "the callback waits" eventually 10 waiting 1
kill9_daemon
t "the daemon was killed, and starts" start_daemon --callback-allow "$callback/*"
n=$(calls later)
: >"$TMP/open"
t "the callback is sent" eventually 20 called later $((n + 1))
t "and waits no more" eventually 10 waiting 0
like "the same one" "$(call later)" '^x-call-id: later$'
is "one to where callbacks may not go is refused" "$(code_of "$GATEWAY/async-function/worker" -d x \
    -H 'X-Callback-Url: http://127.0.0.1:1/')" 400
like "with the way out" "$(body)" '^X-Callback-Url: 127.0.0.1 is an address of this machine .* unless .*--callback-allow'
is "one to a name that leads there" "$(code_of "$GATEWAY/async-function/worker" -d x \
    -H 'X-Callback-Url: http://localhost:1/')" 202
given_up() { grep -q 'callback to http://localhost:1/ is given up' "$TMP/daemon.log"; }
t "is given up" eventually 10 given_up
t "and waits no more" eventually 10 waiting 0

# ---- what is counted, and silence ----------------------------------------------------------------
is "an event for later is accepted" "$(code_of "$GATEWAY/system/queues/odd%22one?delay=1h" -d x)" 202
is "and the queue named as it is" "$(body | jq -r .queue)" 'odd"one'
is "and counted" "$(metric 'unifaas_queue_depth{queue="odd\\"one",namespace="openfaas-fn"}')" 1
is "as such" "$(metric 'unifaas_queue_later{queue="odd\\"one",namespace="openfaas-fn"}')" 1
is "an event that nobody takes is accepted" "$(push old x)" 202
age() { metric 'unifaas_queue_age_seconds{queue="old",namespace="openfaas-fn"}'; }
aged() { awk -v a="$(age)" 'BEGIN { exit !(a >= 1 && a < 60) }'; }
t "and grows old" eventually 10 aged
is "until it is gone" "$("$uf" queue purge old; age)" "1 removed
0.000"
is "so are dead letters" "$(metric 'unifaas_dead_letters{function_name="worker.openfaas-fn"}')" 1
none_waits() { [ "$(metric unifaas_records_waiting)$(metric unifaas_store_jobs_pending)" = 00 ]; }
t "records are written" eventually 10 none_waits
if strace -o "$TMP/strace" true 2>/dev/null; then
    sleep 1
    timeout 5 strace -f -o "$TMP/strace" -p "$DAEMON_PID" 2>/dev/null
    is "meanwhile the daemon makes no system call" "$(grep -c ') = ' "$TMP/strace")" 0
else
    skip "meanwhile the daemon makes no system call" "strace: cannot trace here"
fi

# ---- a large request -------------------------------------------------------------------------
yes "$(printf '%1000s' x)" | head -c 16777217 >"$TMP/large"
batch() { code_of "$GATEWAY/system/queues/large?batch=1" --data-binary @"$TMP/large"; }
is "a request of more than 16 MiB is refused" "$(batch)" 413
truncate -s 16777216 "$TMP/large"
is "one of 16 MiB is taken" "$(batch)" 202
is "all of it" "$(jq .pushed <"$TMP/body")" "$(wc -l <"$TMP/large" | awk '{ print $1 + 1 }')"

# ---- many out of one ----------------------------------------------------------------------
cp -r "$ROOT/functions/fanout" "$TMP/fanout"
t "the sample that pushes is deployed" "$uf" deploy "$TMP/fanout"
is "one event becomes ten thousand" "$(code_of "$GATEWAY/function/fanout" -d 10000)" 200
is "which are there when it is answered" "$(depth fanned)" 10000
is "one more than its manifest allows is refused by the function" \
    "$(code_of "$GATEWAY/function/fanout" -d 10001)" 400
is "and all of them can be purged" "$("$uf" queue purge fanned)" "10000 removed"

# ---- the daemon is to stop -------------------------------------------------------------------
for text in a b c; do push jobs "slow $text" >/dev/null; done
runs() { [ "$(metric 'unifaas_instances{function_name="worker.openfaas-fn",state="busy"}')" = 1 ]; }
t "one of three events is delivered" eventually 10 runs
stop_daemon
is "a daemon that is told to stop while it delivers ends well" "$DAEMON_STATUS" 0
t "it starts again" start_daemon
like "what ran had ended" "$(kv notes)" '^a '
t "what waited is handled" eventually 20 has notes 'a b c '
stop_daemon
kill "$called_pid"

# ---- a full disk -------------------------------------------------------------------------------
if ! unshare --mount --propagation private mount -t tmpfs none /mnt 2>/dev/null; then
    skip "a full disk" "root: a small disk has to be mounted"
    finish
fi
state=$TMP/state
rm -rf "$state"
cat >"$TMP/small-disk" <<X
#!/bin/sh
mkdir -p "$state" && mount -t tmpfs -o size=2m none "$state" && exec "\$@"
X
chmod 755 "$TMP/small-disk"
AS="unshare --mount --propagation private $TMP/small-disk"
inside() { nsenter -t "$DAEMON_PID" -m sh -c "cd $state && $1" 2>/dev/null; }
refused() { [ "$(push other xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx)" = 507 ]; }
t "a daemon starts on a small disk" start_daemon
t "with the function" "$uf" deploy "$TMP/worker"
is "an event for soon is accepted" "$(code_of "$GATEWAY/system/queues/jobs?delay=4s" -d add)" 202
inside 'cat /dev/zero >filler'
t "a push for which there is no room is refused" eventually 3 refused
is "and may be tried again" "$(header Retry-After)" 1
is "a function whose effects find none is 507" "$(code_of "$GATEWAY/function/worker" -d add)" 507
is "which may be tried again" "$(header Retry-After)" 1
n=$(depth other)
sleep 5
is "the event whose effects do not fit has none" "$(kv sum)" ""
is "and stays" "$(depth jobs)" 1
like "which is said" "$(cat "$TMP/daemon.log")" 'queue jobs: an event was not handled yet, and stays: .*cannot write: the disk of the state directory is full'
inside 'rm filler'
t "with room again it is handled" eventually 20 has sum 1
is "and is no dead letter" "$("$uf" dead list worker -o json | jq length)" 0
is "what was refused is not there" "$(depth other)" "$n"
is "and what comes is taken" "$(push other x)" 202
finish
