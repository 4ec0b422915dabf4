#!/bin/sh
# SPDX-License-Identifier: MIT
# /dev/kvm that is missing, forbidden, busy, or has nothing behind it: from the
# start on, functions run as confined processes; when it goes away later, they
# wait for it, and serve when it is back.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/daemon.sh"
cd "$ROOT" || exit 1
deny=$ROOT/build/tools/deny
mend='; to mend: '
private='unshare --mount --propagation private'
isolation() { header X-UniFaaS-Isolation; }

case "$(id -u) $(backends)" in
'0 kvm'*) ;;
0*) skip "a KVM that goes away" "kvm: there is none" && finish ;;
*) skip "a KVM that goes away" "root: a /dev of our own has to be mounted" && finish ;;
esac
if ! $private true 2>"$TMP/private"; then
    skip "a KVM that goes away" "mounts: none of our own here, as in a chroot: $(cat "$TMP/private")"
    finish
fi
make_sample "" || exit 1

# A /dev of our own, for a user who may open what it may open.
dev=$TMP/dev
kvm=$(stat -c 'c %Hr %Lr' /dev/kvm)
mkdir "$dev"
cat >"$TMP/own-dev" <<X
#!/bin/sh
mount -t tmpfs none "$dev" && mknod -m 666 "$dev/null" c 1 3 && mknod -m 666 "$dev/urandom" c 1 9 &&
    mknod "$dev/kvm" $kvm && chmod 666 "$dev/kvm" && mount --bind "$dev" /dev || exit 1
cd /dev && eval "\$KVM"
cd / && exec setpriv --reuid 912347 --regid 912347 --clear-groups "\$@"
X
chmod 755 "$TMP/own-dev"
cp "$BIN/unifaas" "$BIN/unifaasd" "$TMP/bin/"
BIN=$TMP/bin
chown -R 912347:912347 "$TMP"
own="$private $TMP/own-dev"
inside() { nsenter -t "$DAEMON_PID" -m sh -c "cd /dev && $1"; }
without="functions run as confined processes, not in virtual machines"

# from_start WHAT WORDS: with $KVM done to /dev, or $AS
from_start() {
    $AS "$BIN/unifaas" doctor >"$TMP/doctor"
    like "the doctor lets functions run with KVM $1, and says so" "$(cat "$TMP/doctor")" \
        "^less kvm  *$2"
    t "a daemon starts with KVM $1" start_daemon --pool 0
    like "and says why it does without" "$(cat "$TMP/daemon.log")" "$without: .*$2$mend"
    is "and has a function" "$(deploy sample "$TMP/sample.img")" 202
    is "which is served" "$(at /) $(isolation)" "200 process"
    like "and /system/info says why" "$(curl -sS "$GATEWAY/system/info" | jq -r .unifaas.kvm_missing)" \
        "$2$mend"
    stop_daemon
    t "who insists on KVM is told" refuses
    like "in the same words" "$(cat "$TMP/refusal")" "$2$mend"
}
refuses() {
    $AS timeout 20 "$BIN/unifaasd" --backend kvm --listen 127.0.0.1:0 --state-dir "$TMP/state" \
        >"$TMP/refusal" 2>&1
    test $? = 1
}

missing='there is no /dev/kvm'
forbidden='/dev/kvm is there, but this user may not open it'
empty='/dev/kvm is there, but no KVM is behind it'
busy="KVM is busy: another hypervisor has the processor's virtualisation"
export KVM
AS=$own
KVM='rm kvm' && from_start missing "$missing"
KVM='chmod 600 kvm' && from_start forbidden "$forbidden"
KVM='rm kvm && mknod kvm c 10 250 && chmod 666 kvm' && from_start empty "$empty"
KVM=
AS="$own $deny ioctl/1:0xae01=EBUSY --" # KVM_CREATE_VM
from_start busy "$busy"

AS=$own
t "a daemon starts with KVM" start_daemon --pool 0
is "and serves its function in a virtual machine" "$(at /) $(isolation)" "200 kvm"
# Another configuration of it: no instance of the old one is left to serve.
anew() { METHOD=PUT deploy sample "$TMP/sample.img" >/dev/null; }
for how in "mv kvm away=mv away kvm=$missing" "chmod 600 kvm=chmod 666 kvm=$forbidden"; do
    to=${how#*=}
    anew
    inside "${how%%=*}"
    is "when it goes away (${how%%=*}) a new instance is not started" "$(at /)" 503
    like "which is said with the way out" "$(body)" "${to#*=}$mend"
    inside "${to%%=*}"
    sleep 1.1
    is "and it is when KVM is back" "$(at /) $(isolation)" "200 kvm"
done
stop_daemon
finish
