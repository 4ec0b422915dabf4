#!/bin/sh
# SPDX-License-Identifier: MIT
# What SPECIFICATION.md promises and no other test shows: what is on the disk
# when a deployment is answered, how many may wait, when silence ends.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/daemon.sh
. "$ROOT/tests/e2e/daemon.sh"

t "the function builds" make_sample 's/    printf("init of/    if (getenv("SLOW") != NULL) {\
        uint64_t end = uf_monotonic() + 2000000000u;\
        while (uf_monotonic() < end)\
            for (volatile int i = 0; i < 20000000; i++)\
                ;\
    }\
&/'

# ---- what is answered is on the disk ---------------------------------------------------
# The calls of the daemon that matter, in order, a letter each: s a file or folder
# is made durable, r a file gets its name, w the registry is written, each when it
# has ended; A an answer, when it begins.
calls() {
    sed -n 's/^[0-9]* *//; s/^\(send.*HTTP\/1.1 20[0-9]\).*/A/p; /unfinished/d; s/^<\.\.\. \([a-z0-9]*\) resumed.*/\1(/
            s/^\(fsync\|fdatasync\)(.*/s/p; s/^rename.*/r/p; s/^pwrite64(.*/w/p' "$TMP/strace" |
        tr -d '\n'
}
TRACE="strace -s 40 -A -e trace=fsync,fdatasync,rename,renameat,renameat2,pwrite64,sendto,sendmsg -o $TMP/strace"
# All threads of the daemon, but none of its tenders, which trace their guests.
watch() {
    # shellcheck disable=SC2046,SC2086
    $TRACE $(for w in "/proc/$DAEMON_PID/task"/*; do echo "-p ${w##*/}"; done) 2>"$TMP/strace.err" &
    WATCHER=$!
    eventually 5 is_watched
}
# What is watched from here on begins anew.
next() {
    cat "$TMP/strace" >>"$TMP/all"
    : >"$TMP/strace"
}
is_watched() { ! grep -q '^TracerPid:.0$' "/proc/$DAEMON_PID/task"/*/status; }
if strace -D -o "$TMP/strace" true 2>/dev/null; then
    AS=$(echo "$TRACE" | sed 's/strace/strace -D/')
    t "a daemon that is watched starts" start_daemon --backend process
    AS=''
    like "its folders are durable before it serves" "$(calls)" '^s'
    stop_daemon
    t "one starts whose threads are watched" start_daemon --backend process
    t "all of them" watch
    next
    image=$(upload "$TMP/sample.img")
    like "an image is durable, has its name, and that is durable, before it is answered" \
        "$(calls)" '^w*srsA'
    next
    is "a function is deployed" "$(code_of "$GATEWAY/system/functions" \
        -d "{\"service\":\"sample\",\"image\":\"$image\"}")" 202
    like "so are its snapshot and then its row" "$(calls)" '^w*srsw+sw*A'
    next
    is "a function is removed" "$(code_of "$GATEWAY/system/functions" -X DELETE \
        -d '{"functionName":"sample"}')" 202
    like "and that is durable as well" "$(calls)" '^w+sw*A'
    next
    is "a key is written" "$(code_of "$GATEWAY/system/kv/k" -X PUT -d one)" 204
    like "durably, too" "$(calls)" '^w+sw*A'
    next
    is "and none of it on the thread that serves" "$(grep -E "^$DAEMON_PID +(f|r|pw)" "$TMP/all")" ""
    stop_daemon
    wait "$WATCHER"
else
    skip "what is answered is on the disk" "strace: cannot trace here"
fi

# ---- how many may wait -----------------------------------------------------------------
rm -rf "$TMP/state"
t "a daemon starts" start_daemon --backend process
# Clients that say nothing, or stop in the middle; how long they are kept, in seconds.
quiet() {
    perl -MIO::Socket::INET -e '
        alarm 60;
        my $s = IO::Socket::INET->new(PeerAddr => $ARGV[0]) or die "no connection: $@\n";
        my $since = time;
        syswrite $s, $ARGV[1];
        sysread $s, my $answer, 100;
        print time - $since, "\n"' "${GATEWAY#http://}" "$1" >"$TMP/quiet.$2" 2>&1 &
}
quiet '' silent
silent=$!
quiet 'GET /hea' half
half=$!

deploy slow "$TMP/sample.img" '"envVars":{"SLOW":"1"}' >"$TMP/slow" &
slow=$!
booting() { [ "$(metric unifaas_tenders)" = 3 ]; }
t "a deployment boots" eventually 5 booting
image=$(upload "$TMP/sample.img")
pids=''
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17; do
    curl -sS --max-time 60 -o "$TMP/wait.body.$i" -w '%{http_code}' "$GATEWAY/system/functions" \
        -d "{\"service\":\"f$i\",\"image\":\"$image\"}" >"$TMP/wait.$i" &
    pids="$pids $!"
done
# shellcheck disable=SC2086
wait $slow $pids
is "the deployment that took its time is answered" "$(cat "$TMP/slow")" 202
codes=$(for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17; do
    cat "$TMP/wait.$i"
    echo
done | sort | uniq -c | awk '{ printf "%s x %s ", $1, $2 }')
is "of 17 more meanwhile 16 wait and are served, one is refused" "$codes" "16 x 202 1 x 503 "
like "with the reason" "$(cat "$TMP"/wait.body.*)" 'too many deployments wait'

# ---- silence ---------------------------------------------------------------------------
wait $silent $half
like "a connection that says nothing is closed after 30 seconds" "$(cat "$TMP/quiet.silent")" \
    '^(29|3[0-4])$'
like "so is one that stops in the middle of a request" "$(cat "$TMP/quiet.half")" '^(29|3[0-4])$'
is "and others are served" "$(code_of "$GATEWAY/healthz")" 200
finish
