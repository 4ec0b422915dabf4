#!/bin/sh
# SPDX-License-Identifier: MIT
# What UniFaaS can do without: events get the same answers from memory that is
# as pristine as ever, and what is missing is said in the same words everywhere.
. "$(dirname "$0")/lib.sh"
cd "$ROOT" || exit 1
out=build/$(uname -m)-release
images='pristine pristine-crash pristine-stack store few-pages memory-limit keep constructors fn-alert'

# without WHAT LAUNCHER WORDS...: on a machine that is less, thanks to LAUNCHER
without() {
    what=$1 launcher=$2
    shift 2
    # shellcheck disable=SC2086
    t "without $what every page is restored, on every backend" $launcher \
        "$out/guest/run" tests/guest "$out" "$UNIFAAS_TENDER" $images
    for backend in $kinds; do
        # shellcheck disable=SC2086
        t "without $what a function is answered ($backend)" $launcher \
            "$BIN/unifaas" run "$out/functions/hello.elf" --backend "$backend" --stats
        said=$(sed -n 's/^without  *//p' "$TMP/err")
        is "and it is said ($backend)" "$said" "$(printf '%s\n' "$@")"
    done
    # shellcheck disable=SC2086
    $launcher "$BIN/unifaas" doctor >"$TMP/doctor"
    is "and the doctor lets functions run without $what" $? 0
    for words; do
        like "and says: $words" "$(cat "$TMP/doctor")" "^less .*$(echo "$words" | sed 's/[()]/./g')"
    done
    unlike "with a way out for each" "$(grep -A1 ^less "$TMP/doctor" | grep -v ^less)" '^ok'
}

deny=$ROOT/build/tools/deny
scan=ioctl/1:0xc0606610=ENOTTY # PAGEMAP_SCAN is _IOWR('f', 16, 96 bytes)
no_namespaces='no user namespaces: the jail has no namespaces of its own'
no_root="no mount namespace: the jail sees the host's files (not opens)"
no_scan='no PAGEMAP_SCAN (Linux 6.7): restores read the page map'
shared="not started as root: tenders share the daemon's user"
user=''

if [ "$(id -u)" = 0 ]; then
    kinds=$(backends)
    namespaces='clone/0:0x20000:0x20000=EPERM unshare=EPERM' # CLONE_NEWNS; all of the other
    users='setresuid=EPERM setresgid=EPERM'
    without "PAGEMAP_SCAN" "$deny $scan --" "$no_scan"
    # A page that was only read looks like a written one then, be it of the code, which
    # nobody can write: a call with an address between code and constants, three times.
    for backend in $kinds; do
        exits "pages that were read and cannot be written are no obstacle ($backend)" 0 \
            "$deny" $scan -- "$BIN/unifaas" run -b "$backend" "$out/guest/hostile-knock.elf" \
            -d '2 0 0 0 0 1000ffff 2' --repeat 3
    done
    without "namespaces" "$deny $namespaces --" "$no_namespaces" "$no_root"
    without "mounts" "$deny mount=EPERM --" "$no_root"
    without "users" "$deny $users --" "$shared"
    without "CAP_SYS_ADMIN" "setpriv --bounding-set=-sys_admin" "$no_namespaces" "$no_root"
    without "any capability" "setpriv --bounding-set=-all" "$no_namespaces" "$no_root" "$shared"
    without "anything of it" "$deny $scan $namespaces mount=EPERM $users --" "$no_namespaces" \
        "$no_root" "$no_scan" "$shared"
    # The daemon, too.
    AS="$deny $scan $namespaces mount=EPERM $users --"
    for backend in $kinds; do
        t "a daemon starts without anything of it ($backend)" start_daemon --backend "$backend"
        t "a function is deployed" "$BIN/unifaas" deploy "$out/functions/hello.elf" --name hello
        is "and served" "$(code_of "$GATEWAY/function/hello")" 200
        is "/system/info has what is missing" \
            "$(curl -sS "$GATEWAY/system/info" | jq -r '.unifaas.degraded[]')" \
            "$(printf '%s\n' "$no_namespaces" "$no_root" "$no_scan" "$shared")"
        for words in "$no_namespaces" "$no_root" "$no_scan" "$shared"; do
            is "it is logged once: $words" "$(grep -cF "$words" "$TMP/daemon.log")" 1
        done
        stop_daemon
    done
    AS=''
    # A user may not reach the source tree, or /dev/kvm.
    mkdir -p "$TMP/tree/$out" "$TMP/tree/tests"
    cp -r "$out/guest" "$out/functions" "$TMP/tree/$out/"
    cp -r tests/guest "$TMP/tree/tests/"
    cp "$BIN/unifaas" "$TMP/bin/"
    cp "$deny" "$TMP/bin/deny"
    BIN=$TMP/bin deny=$TMP/bin/deny
    chown -R 912344:912344 "$TMP"
    cd "$TMP/tree" || exit 1
    user='setpriv --reuid 912344 --regid 912344 --clear-groups'
fi
unset UF_MUST # what follows is about those who may not open /dev/kvm
kinds=process
namespaces='clone/0:0x10000000:0x10000000=EPERM unshare=EPERM' # CLONE_NEWUSER
# In a chroot nobody but root has user namespaces.
if $user unshare --user true 2>/dev/null; then
    without "root" "$user" "$shared"
else
    without "root" "$user" "$no_namespaces" "$no_root" "$shared"
fi
without "root and namespaces" "$user $deny $namespaces --" "$no_namespaces" "$no_root" "$shared"
without "root and anything of it" "$user $deny $scan $namespaces mount=EPERM --" "$no_namespaces" \
    "$no_root" "$no_scan" "$shared"
finish
