#!/bin/sh
# SPDX-License-Identifier: MIT
# Nothing is reachable from a tender: seen from outside, on the tenders of a
# daemon, and from inside, by one that looks around (tests/jail/inside.c).
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/daemon.sh
. "$ROOT/tests/e2e/daemon.sh"
inside=$ROOT/build/$(uname -m)-release/tests/inside

tenders() {
    cat /proc/[0-9]*/stat 2>/dev/null |
        awk -v d="$DAEMON_PID" '$2 == "(unifaas-tender)" && $4 == d { print $1 }'
}
guest_of() { cat /proc/[0-9]*/stat 2>/dev/null | awk -v t="$1" '$4 == t { print $1 }'; }
some_tenders() { [ "$(tenders | wc -l)" -ge 3 ]; }
status() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status" | tr -s '\t ' ' '; }
space() { readlink "/proc/$1/ns/$2"; }
# What the descriptors of $1 are, a kind a line: "socket", "anon_inode:kvm-vm", "pagemap".
descriptors() {
    for fd in "/proc/$1/fd"/*; do
        readlink "$fd"
    done | sed 's/^socket:.*/socket/; s|.*/||; s/:[0-9]*$//' | sort | tr '\n' ' '
}
limit() { awk -v l="$2" 'index($0, l) == 1 { print substr($0, 27) }' "/proc/$1/limits" | awk '{ print $2 }'; }
none='0000000000000000'

# What holds however little the platform may do: no capability, no way to get
# one, a filter, few descriptors, small limits.
look_at() {
    who=$1 pid=$2
    for set in CapInh CapPrm CapEff CapBnd CapAmb; do
        is "$who: no capability in $set" "$(status "$pid" $set)" $none
    done
    is "$who: none comes with a program" "$(status "$pid" NoNewPrivs)" 1
    is "$who: system calls are filtered" "$(status "$pid" Seccomp)" 2
    case $3 in
    kvm) is "$who: it holds its machine and its socket" "$(descriptors "$pid")" \
        'anon_inode:kvm-vcpu anon_inode:kvm-vm pagemap socket ' ;;
    *) is "$who: it holds its guest's page map and its socket" "$(descriptors "$pid")" \
        'pagemap socket ' ;;
    esac
    is "$who: limits of core, files, locked memory, memory, file size" \
        "$(for l in 'Max core' 'Max open' 'Max locked' 'Max address' 'Max file size'; do
            limit "$pid" "$l"
        done | tr '\n' ' ')" "0 32 0 $((3 << 30)) $((2 << 30)) "
    is "$who: no environment of the platform's" \
        "$(tr '\0' '\n' <"/proc/$pid/environ" | grep -vc '^GLIBC_TUNABLES=')" 0
}

# The process backend's guest: nothing of the tender is left in it.
look_at_guest() {
    who="$1, its guest" pid=$2
    t "$who: there is one" test -n "$pid"
    is "$who: no capability" "$(status "$pid" CapPrm)$(status "$pid" CapBnd)" $none$none
    is "$who: system calls are filtered" "$(status "$pid" Seccomp)" 2
    is "$who: and traced by its tender" "$(status "$pid" TracerPid)" "$3"
    is "$who: no descriptor" "$(descriptors "$pid")" ''
    is "$who: nothing is writable and executable" \
        "$(awk '$2 ~ /wx/' "/proc/$pid/maps")" ''
    # The door page, the event, and RAM lie below 4 GiB, whatever else is the host's.
    is "$who: no memory but its own" "$(awk '$1 ~ /^[0-9a-f]{9,}-/' "/proc/$pid/maps" |
        grep -v '\[vsyscall\]')" ''
}

# What namespaces give. All but the PID namespace may be other tenders' as well:
# there is nothing in them.
look_around() {
    who=$1 pid=$2
    for kind in mnt pid net ipc uts; do
        t "$who: $kind namespace of its own" test "$(space "$pid" $kind)" != "$(space self $kind)"
    done
    is "$who: its root has nothing in it" "$(find "/proc/$pid/root/" -mindepth 1)" ''
    is "$who: there is one mount, read-only" \
        "$(awk '{ print $5, substr($6, 1, 2) }' "/proc/$pid/mountinfo")" '/ ro'
    # Nothing ever went through whatever interfaces the kernel puts there.
    is "$who: no network" "$(awk 'NR > 2 { n += $2 + $10 } END { print n + 0 }' \
        "/proc/$pid/net/dev")$(awk 'NR > 1' "/proc/$pid/net/route")" 0
    is "$who: nobody's abstract socket" "$(awk 'NR > 1' "/proc/$pid/net/unix")" ''
    like "$who: it counts processes from 1" "$(status "$pid" NSpid)" ' 1$'
}

# The daemon of this machine, as $1 says; its tenders into $TMP/pids.
serve() {
    rm -rf "$TMP/state"
    t "$1: a daemon starts" start_daemon --backend "$2" --pool 1
    is "$1: a function is deployed" "$(deploy sample "$TMP/sample.img")" 202
    is "$1: another one" "$(deploy other "$TMP/sample.img")" 202
    is "$1: both have an instance" \
        "$(code_of "$GATEWAY/function/sample")$(code_of "$GATEWAY/function/other")" 200200
    t "$1: and a blank tender waits" eventually 10 some_tenders
    tenders >"$TMP/pids"
}

has_namespaces() { ! grep -q 'namespace' "$TMP/daemon.log"; }

t "the function builds" make_sample
for backend in $(backends); do
    serve "$backend" "$backend"
    while read -r pid; do
        look_at "$backend $pid" "$pid" "$backend"
        if has_namespaces; then
            look_around "$backend $pid" "$pid"
        else
            skip "$backend $pid: namespaces of its own" "namespaces: this machine refuses them"
        fi
    done <"$TMP/pids"
    first=$(head -n 1 "$TMP/pids")
    if [ "$backend" = process ]; then look_at_guest "$backend" "$(guest_of "$first")" "$first"; fi
    if has_namespaces; then
        is "$backend: no two tenders see each other's processes" \
            "$(while read -r pid; do space "$pid" pid; done <"$TMP/pids" | sort | uniq -d)" ''
    fi
    if [ "$(id -u)" = 0 ]; then
        is "$backend: no two tenders are the same user, and none is root" \
            "$(while read -r pid; do status "$pid" Uid; done <"$TMP/pids" |
                sort | uniq -d -w 7)$(grep -c '^Uid:.*[[:space:]]0[[:space:]]' \
                "/proc/$first/status")" 0
        is "$backend: nor has one a group" \
            "$(while read -r pid; do status "$pid" Groups; done <"$TMP/pids" | tr -d '\n ')" ''
    fi
    stop_daemon
done

# ---- from inside, where nothing is filtered --------------------------------------------
cp "$inside" "$TMP/bin/inside"
cp "$BIN/unifaas" "$TMP/bin/unifaas"
looks() {
    # shellcheck disable=SC2086
    UNIFAAS_TENDER=$TMP/bin/inside $as "$TMP/bin/unifaas" run "$TMP/sample.img" --backend "$1" \
        2>&1 | sed -n 's/.*: looked 15 times, lacking \(0x[0-9a-f]*\): */\1 /p'
}
as=''
chmod 644 "$TMP/sample.img"
expected='0x0 '
[ "$(id -u)" = 0 ] || expected='0x8 '
for backend in $(backends); do
    seen=$(looks "$backend")
    case $seen in
    0x[1-7]*) skip "$backend: from inside nothing is there" "namespaces: this machine refuses them" ;;
    *) is "$backend: from inside nothing is there" "$seen" "$expected" ;;
    esac
done
# A tender of a daemon that started others before it.
UNIFAAS_TENDER=$TMP/bin/inside
rm -rf "$TMP/state"
t "a daemon starts whose tenders look around" start_daemon --backend process --pool 1
deploy sample "$TMP/sample.img" >"$TMP/status"
deploy sample "$TMP/sample.img" >"$TMP/status"
seen=$(sed -n 's/^looked 15 times, lacking //p' "$TMP/body")
case $seen in
0x[1-7]*) skip "nor for a daemon's tenders" "namespaces: this machine refuses them" ;;
*) is "nor for a daemon's tenders" "$seen" "${expected% }:" ;;
esac
stop_daemon
UNIFAAS_TENDER=$TMP/bin/unifaas-tender

if [ "$(id -u)" = 0 ]; then
    as='setpriv --reuid 912342 --regid 912342 --clear-groups'
    seen=$(looks process)
    case $seen in
    0x[1-7]* | 0x[9a-f]*) skip "nor for a user's tender" "namespaces: this machine lets no user make them" ;;
    *) is "nor for a user's tender" "$seen" '0x8 ' ;;
    esac

    # ---- less of a platform ------------------------------------------------------------
    # As in a container: root, without the right to make namespaces.
    as='setpriv --bounding-set -sys_admin'
    AS=$as
    like "without namespaces the jail is less, and the test sees it" "$(looks process)" \
        '^0x3 .*a_file_opens.*another_process_is_there.*a_network_is_there'
    unlike "but users, limits and capabilities are as they were" "$(looks process)" \
        '(capability|privileges|look_into|user|limit|descriptor|environment|mount|traced|made|root_changes)'
    for backend in $(backends); do
        serve "$backend, no namespaces" "$backend"
        like "$backend, no namespaces: the daemon says so" "$(cat "$TMP/daemon.log")" 'no user namespaces'
        while read -r pid; do
            look_at "$backend $pid, no namespaces" "$pid" "$backend"
            unlike "$backend $pid, no namespaces: a user of its own" "$(status "$pid" Uid)" '^0 '
        done <"$TMP/pids"
        stop_daemon
    done
    # As in a chroot, or on a file system that the kernel began with.
    as='' AS="$ROOT/build/tools/deny pivot_root=EINVAL --"
    for backend in $(backends); do
        serve "$backend, no pivot_root" "$backend"
        while read -r pid; do
            if has_namespaces; then look_around "$backend $pid, no pivot_root" "$pid"; fi
        done <"$TMP/pids"
        stop_daemon
    done
    AS=''
else
    skip "a jail without namespaces" "root: only root can take the right away"
fi
finish
