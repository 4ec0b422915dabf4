#!/bin/sh
# SPDX-License-Identifier: MIT
# A database that is damaged is refused with its name and the way out, or found by
# those who come across the damage; a disk that fails refuses what needs it, and
# everything is as it was when it no longer does.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/daemon.sh
. "$ROOT/tests/e2e/daemon.sh"
cd "$ROOT" || exit 1
state=$TMP/state
db=$state/unifaas.db
mend='the database is damaged; to mend: '

make_sample "" || exit 1
mkdir "$TMP/counter"
UNIFAAS_SDK=$ROOT/build/sdk "$BIN/unifaas" build functions/counter -o "$TMP/counter.img" \
    >"$TMP/build.log" 2>&1 || exit 1
mkdir "$TMP/reader"
cat >"$TMP/reader/main.c" <<'C'
#include <unifaas.h>

int handle(const struct uf_event *e, struct uf_response *r)
{
    char value[32];
    size_t size = 0;

    (void)e;
    if (uf_kv_get("counter", value, sizeof(value), &size) != 0)
        return 1;
    return uf_respond_printf(r, "read %.*s", (int)size, value);
}
C
UNIFAAS_SDK=$ROOT/build/sdk "$BIN/unifaas" build "$TMP/reader" -o "$TMP/reader.img" \
    >"$TMP/build.log" 2>&1 || exit 1
key() { code_of "$GATEWAY/system/kv/$1"; }
put() { code_of "$GATEWAY/system/kv/$1" -X PUT -d "$2"; }
refuses() { ! "$BIN/unifaasd" --listen 127.0.0.1:0 --state-dir "$state" >"$TMP/refusal" 2>&1; }
checks() { "$BIN/unifaasd" --check --state-dir "$state"; }

mkdir -m 755 "$state"
modes() { stat -c %a "$db" "$db-wal" | tr '\n' ' '; }
t "a daemon starts" start_daemon --backend process
is "its database is its own user's, whatever the folder's mode" "$(modes)" "600 600 "
is "with a function" "$(deploy sample "$TMP/sample.img")" 202
is "and a sequence, which has no image" "$(code_of "$GATEWAY/system/functions" \
    -d '{"service":"both","annotations":{"com.unifaas.lang":"sequence","com.unifaas.functions":"sample,sample"}}')" 202
is "and a key" "$(put first one)" 204
sqlite3 "$db" 'SELECT count(*) FROM kv' >"$TMP/out" 2>&1
like "nobody else opens its database meanwhile" "$(cat "$TMP/out")" 'locked'
exits "nor checks it" 1 checks
like "which is said" "$(cat "$TMP/out")" 'another unifaasd uses'
stop_daemon
# Much that is not read at the start.
sqlite3 "$db" "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
    INSERT INTO kv (space, key, version, expires_ms, value)
    SELECT 'openfaas-fn', printf('k%05d', i), i, 0, zeroblob(300) FROM n"
exits "what is whole is said to be" 0 checks
like "the database" "$(cat "$TMP/out")" 'unifaas.db: whole'
like "and the images" "$(cat "$TMP/out")" '2 functions: their images are whole'
cp "$db" "$TMP/copy"

# ---- in somebody's hands -------------------------------------------------------------------
mkfifo "$TMP/statements"
sqlite3 "$db" <"$TMP/statements" &
shell=$!
exec 7>"$TMP/statements"
echo 'BEGIN EXCLUSIVE;' >&7
is_held() { ! sqlite3 "$db" 'BEGIN IMMEDIATE; ROLLBACK' 2>/dev/null; }
t "another program locks the database" eventually 10 is_held
t "who holds it keeps the daemon from starting" refuses
like "which is said, with the way out" "$(cat "$TMP/refusal")" \
    'another program has locked it; end that one first'
exec 7>&-
wait $shell
chmod 644 "$db"
chmod 755 "$state"
t "then it starts" start_daemon --backend process
is "and files that others could read are the user's own" "$(modes)" "600 600 "
stop_daemon

# ---- damaged -------------------------------------------------------------------------------
refused() {
    t "$1: it is refused" refuses
    is "$1: in one line" "$(wc -l <"$TMP/refusal")" 1
    like "$1: which names the file and the way out" "$(cat "$TMP/refusal")" "$db: .*$mend"
    exits "$1: the check says so, too" 1 checks
    cp "$TMP/copy" "$db"
}
truncate -s -65536 "$db"
refused "a truncated database"
truncate -s 4000 "$db"
refused "one with less than a page"
head -c 4096 /dev/urandom | dd of="$db" conv=notrunc 2>/dev/null
refused "one with another beginning"
page=$(sqlite3 "$db" "SELECT rootpage FROM sqlite_schema WHERE name = 'functions'")
head -c 4096 /dev/urandom | dd of="$db" conv=notrunc bs=4096 seek=$((page - 1)) 2>/dev/null
refused "one whose registry is overwritten"

# In the middle of what is not read at the start.
pages=$(($(stat -c %s "$db") / 4096))
head -c 4096 /dev/urandom | dd of="$db" conv=notrunc bs=4096 seek=$((pages - 20)) 2>/dev/null
exits "damage in the middle: the check finds it" 1 checks
t "damage in the middle: the daemon starts" start_daemon --backend process
is "damage in the middle: the function answers" "$(at /) $(body)" "200 GET / one"
is "damage in the middle: a key beside it is there" "$(key first) $(body)" "200 one"
is "damage in the middle: who comes across it fails" \
    "$(code_of "$GATEWAY/system/kv?limit=10000")" 500
like "damage in the middle: with the reason and the way out" "$(body)" "$mend"
t "damage in the middle: the daemon serves on" test "$(at /)" = 200
stop_daemon
cp "$TMP/copy" "$db"
rm "$state"/images/*.img
exits "a missing image is found" 1 checks
like "by the function's name" "$(cat "$TMP/out")" 'sample.openfaas-fn: its image: .*No such file'

# ---- a disk that fails ---------------------------------------------------------------------
rm -rf "$state"
if ! strace -o "$TMP/strace" true 2>/dev/null; then
    skip "a disk that fails" "strace: cannot trace here"
    finish
fi
# Calls of the store's threads fail with an error until the watcher ends.
hinder() {
    # shellcheck disable=SC2046
    strace -qq -e trace="$1" -e inject="$1":error="$2" -o "$TMP/strace" \
        $(for w in "/proc/$DAEMON_PID/task"/*; do
            [ "${w##*/}" = "$DAEMON_PID" ] || echo "-p ${w##*/}"
        done) 2>"$TMP/strace.err" &
    HINDER=$!
    eventually 5 is_hindered
}
is_hindered() {
    for w in "/proc/$DAEMON_PID/task"/*; do
        [ "${w##*/}" = "$DAEMON_PID" ] || ! grep -q '^TracerPid:.0$' "$w/status" || return 1
    done
}
end_hindrance() {
    kill -INT "$HINDER"
    wait "$HINDER" 2>/dev/null
    ! grep -v '^TracerPid:.0$' "/proc/$DAEMON_PID/task"/*/status | grep -q '^TracerPid'
}
fails='the disk of the state directory fails; to mend: '
t "a daemon starts" start_daemon --backend process
is "with a function" "$(deploy sample "$TMP/sample.img")" 202
is "and one that counts" "$(deploy counter "$TMP/counter.img")" 202
count() { code_of "$GATEWAY/function/counter"; }
is "which does" "$(count) $(body)" "200 1"
is "and one that reads" "$(deploy reader "$TMP/reader.img")" 202
read_it() { code_of "$GATEWAY/function/reader"; }
image=$(upload "$TMP/sample.img")
for call in fdatasync,fsync pwrite64; do
    t "$call fails from here on" hinder $call EIO
    is "$call fails: what needs no disk is served" "$(at /) $(body)" "200 GET / one"
    like "$call fails: nor does who only reads keys" "$(read_it) $(body)" '^200 read [1-4]$'
    is "$call fails: a key is not written" "$(put first two)" 507
    like "$call fails: which is said with the way out" "$(body)" "$fails"
    is "$call fails: an event that counts has no effect" "$(count)" 507
    like "$call fails: which is said, too" "$(body)" "$fails"
    is "$call fails: a function is not deployed" "$(code_of "$GATEWAY/system/functions" \
        -d "{\"service\":\"other\",\"image\":\"$image\"}")" 507
    is "$call fails: nor removed" "$(code_of "$GATEWAY/system/functions" -X DELETE \
        -d '{"functionName":"sample"}')" 507
    is "$call fails: an event is not pushed" "$(code_of "$GATEWAY/system/queues/jobs" -d x)" 507
    like "$call fails: which is said as well" "$(body)" "$fails"
    is "$call fails: nor is a call accepted that is not waited for" \
        "$(code_of "$GATEWAY/async-function/counter" -d x)" 507
    like "$call fails: and that is said" "$(body)" "$fails"
    is "$call fails: it serves on" "$(at /) $(body)" "200 GET / one"
    t "the disk is well again" end_hindrance
    is "after $call: an event counts" "$(count)" 200
    is "after $call: an event is pushed" "$(code_of "$GATEWAY/system/queues/jobs" -d x)" 202
    is "after $call: a key is written" "$(put "after-$call" one)" 204
done
is "each event has counted once or not at all" "$(count) $(body)" "200 4"
kill9_daemon
t "killed, it starts again" start_daemon --backend process
is "the count is what it was" "$(key counter) $(body)" "200 4"
is "what was not written is not there" "$(key first)" 404
is "the events that were accepted are there, and no other" "$("$BIN/unifaas" queue len jobs)" 2
is "what was written is" "$(key after-pwrite64) $(body)" "200 one"
is "the function is there" "$(at /) $(body)" "200 GET / one"
is "the other is not" "$(code_of "$GATEWAY/function/other")" 404
stop_daemon
exits "and the database is whole" 0 checks
finish
