#!/bin/sh
# SPDX-License-Identifier: MIT
# A state directory that is full, read-only or somebody else's: what is deployed
# serves on, what cannot be kept is refused with the reason, nothing is lost.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/daemon.sh"
cd "$ROOT" || exit 1
state=$TMP/state
mend='; to mend: '
full='the disk of the state directory is full'
read_only='the state directory is read-only'
make_sample "" || exit 1
cp "$TMP/sample.img" "$TMP/one.img"
make_sample s/one/two/ || exit 1

# The daemon gets a mount namespace of its own with a small disk in it.
cat >"$TMP/small-disk" <<X
#!/bin/sh
mkdir -p "$state" && mount -t tmpfs -o size=1m none "$state" && exec "\$@"
X
chmod 755 "$TMP/small-disk"
private='unshare --mount --propagation private'
inside() { nsenter -t "$DAEMON_PID" -m sh -c "cd $state && $1" 2>/dev/null; }
fill() { inside 'cat /dev/zero >>filler'; }
room() { inside "truncate -s -$1 filler"; }
doctor_here() { nsenter -t "$DAEMON_PID" -m env STATE_DIRECTORY="$state" "$BIN/unifaas" doctor; }
remove() {
    code_of "$GATEWAY/system/functions" -X DELETE -d '{"functionName":"'"$1"'"}'
}

if ! $private mount -t tmpfs none /mnt 2>/dev/null; then
    skip "a full disk" "root: a small disk has to be mounted"
    finish
fi

# ---- full ----------------------------------------------------------------------------
AS="$private $TMP/small-disk"
t "a daemon starts on a small disk" start_daemon --backend process --pool 0
is "and has a function" "$(deploy sample "$TMP/one.img")" 202
fill
is "with the disk full it serves on" "$(at /) $(body)" "200 GET / one"
is "an image is refused" "$(code_of "$GATEWAY/system/images" --data-binary @"$TMP/sample.img")" 507
like "with the reason and the way out" "$(body)" "$full$mend"
room 40k
is "an image that fits is taken" "$(code_of "$GATEWAY/system/images" --data-binary @"$TMP/sample.img")" 201
image=$(sed -n 's/.*"image":"\([^"]*\)".*/\1/p' "$TMP/body")
put() {
    code_of "$GATEWAY/system/functions" -X PUT -d '{"service":"sample","image":"'"$image"'"}'
}
for left in 0 8k 40k 80k; do
    fill
    [ $left = 0 ] || room $left
    is "an update that does not fit into $left is refused" "$(put)" 507
    like "with the reason and the way out" "$(body)" "$full$mend"
    is "and what was deployed serves on" "$(at /) $(body)" "200 GET / one"
done
is "nothing of what was refused stays" "$(inside 'ls tmp; ls snapshots | wc -l')" 1
fill
key() { code_of "$GATEWAY/system/kv/k" "$@"; }
# The log has room for some when its pages have just been moved, but not for ever.
head -c 16384 /dev/zero >"$TMP/value"
refuses_keys() {
    for n in $(seq 100); do
        [ "$(code_of "$GATEWAY/system/kv/k$n" -X PUT --data-binary @"$TMP/value")" != 507 ] || return 0
    done
    return 1
}
t "a key is not written" refuses_keys
like "which is said with the reason" "$(body)" "$full$mend"
is "what does not need the disk is served" "$(at /) $(body)" "200 GET / one"
is "a function that cannot be removed from the registry stays" "$(remove sample)" 507
like "which is said with the reason" "$(body)" "$full$mend"
is "and serves on" "$(at /) $(body)" "200 GET / one"
dropped() { [ "$(metric 'unifaas_records_dropped_total{reason="disk"}')" != 0 ]; }
t "a record that it does not take is counted" eventually 10 dropped
is "what is kept is told" "$(code_of "$GATEWAY/system/invocations")" 200
doctor_here >"$TMP/doctor"
like "the doctor says it in the same words" "$(cat "$TMP/doctor")" "^less state directory *$full"
inside 'rm filler'
is "with room again a key is written" "$(key -X PUT -d one)" 204
is "and there" "$(key) $(body)" "200 one"
is "the update is taken" "$(put)" 200
is "and serves" "$(at /) $(body)" "200 GET / two"
is "and can be removed" "$(remove sample)" 202
inside 'cat /dev/zero >filler'
stop_daemon

# ---- full and read-only from the start -------------------------------------------------
AS=''
t "a daemon prepares a state directory" start_daemon --backend process --pool 0
is "with a function" "$(deploy sample "$TMP/one.img")" 202
stop_daemon
cat >"$TMP/read-only" <<X
#!/bin/sh
mount --bind "$state" "$state" && mount -o remount,bind,ro "$state" && exec "\$@"
X
chmod 755 "$TMP/read-only"
refuses() {
    $AS timeout 20 "$BIN/unifaasd" --listen 127.0.0.1:0 --state-dir "$state" >"$TMP/refusal" 2>&1
    test $? = 1
}
AS="$private $TMP/read-only"
t "a read-only state directory is refused at the start" refuses
is "in one line" "$(wc -l <"$TMP/refusal")" 1
like "with the reason and the way out" "$(cat "$TMP/refusal")" "$read_only$mend"
$AS env STATE_DIRECTORY="$state" "$BIN/unifaas" doctor >"$TMP/doctor"
like "the doctor says it in the same words" "$(cat "$TMP/doctor")" "^less state directory *$read_only"
AS=''
t "writable again it starts" start_daemon --backend process --pool 0
is "and nothing is lost" "$(at /) $(body)" "200 GET / one"
stop_daemon

# ---- read-only while it runs: the folders, since a mount in use stays as it is -----------
cat >"$TMP/own" <<X
#!/bin/sh
exec "\$@"
X
chmod 755 "$TMP/own"
AS="$private $TMP/own"
t "a daemon starts" start_daemon --backend process --pool 0
for folder in tmp images snapshots; do
    inside "mount --bind $folder $folder && mount -o remount,bind,ro $folder"
done
is "when its disk becomes read-only it serves on" "$(at /) $(body)" "200 GET / one"
is "an image is refused" "$(code_of "$GATEWAY/system/images" --data-binary @"$TMP/sample.img")" 507
like "with the reason and the way out" "$(body)" "$read_only$mend"
for folder in tmp images snapshots; do
    inside "umount $folder"
done
is "and taken when it is writable" \
    "$(code_of "$GATEWAY/system/images" --data-binary @"$TMP/sample.img")" 201
stop_daemon
AS=''

# ---- somebody else's ---------------------------------------------------------------------
forbidden='the state directory belongs to another user'
cp "$BIN/unifaas" "$BIN/unifaasd" "$TMP/bin/"
BIN=$TMP/bin
AS='setpriv --reuid 912346 --regid 912346 --clear-groups'
t "another user's state directory is refused at the start" refuses
like "with the reason and the way out" "$(cat "$TMP/refusal")" "$forbidden$mend"
$AS env STATE_DIRECTORY="$state" "$BIN/unifaas" doctor >"$TMP/doctor"
like "the doctor says it in the same words" "$(cat "$TMP/doctor")" "^less state directory *$forbidden"
finish
