#!/bin/sh
# SPDX-License-Identifier: MIT
# Every line of a system call policy is needed: without it some function fails.
# A tender is built for each line that has all the others, and runs images of
# tests/guest until one fails.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT" || exit 1
arch=$(uname -m)
out=build/$arch-release
cc=${CC:-gcc}

# What the lines are for, the commonest first: events, faults, time limits,
# functions that use much memory; and to end when nothing is left to do.
images='event null-read time-limit memory-much'

# $TMP/tender, with the policies in $TMP/policy
link_tender() {
    for p in kvm proc guest; do
        build/tools/policyc "$arch" "$p" "$TMP/policy/$p.policy" >"$TMP/$p.c" &&
            "$cc" -I. -D_GNU_SOURCE -c "$TMP/$p.c" -o "$TMP/$p.o" || return 1
    done
    "$cc" -static-pie "$TMP/kvm.o" "$TMP/proc.o" "$TMP/guest.o" "$out/tests/tender.a" -o "$TMP/tender"
}

runs() { "$out/guest/run" tests/guest "$out" "$TMP/tender" "$@"; }

# A tender of backend $1 whose socket is closed ends by itself, well.
ends_well() {
    perl -MSocket -MPOSIX -e '
        socketpair(my $ours, my $theirs, AF_UNIX, SOCK_SEQPACKET, 0) or die;
        my $pid = fork // die;
        if ($pid == 0) {
            close $ours;
            dup2(fileno $theirs, 10) and dup2(10, 3) or die;
            if ($ARGV[-1] eq "kvm") {
                my $kvm = POSIX::open("/dev/kvm", O_RDWR) // die;
                dup2($kvm, 10) and dup2(10, 4) or die;
            }
            exec @ARGV or die;
        }
        close $theirs;
        alarm 10;
        recv $ours, my $ready, 4096, 0;
        length $ready or die "no READY";
        close $ours;
        waitpid $pid, 0;
        exit($? != 0)' "$TMP/tender" --backend "$1"
}

# With this tender something fails; $1 is a backend.
something_fails() {
    for image in $images; do
        runs "$image" >/dev/null 2>&1 || return 0
    done
    ! ends_well "$1"
}

# Something does without the line of policy $1 that is $2 but for its reason.
needs() {
    case $1 in
    kvm) backend=kvm ;;
    *) backend=process ;;
    esac
    cp tender/jail/policy/"$arch"/*.policy "$TMP/policy/"
    awk -v line="$2" '{ l = $0; sub(/ *#.*/, "", l) } l != line' \
        "tender/jail/policy/$arch/$1.policy" >"$TMP/policy/$1.policy"
    link_tender && something_fails "$backend"
}

if ! command -v "$cc" >/dev/null; then
    skip "each line of each policy is needed" "compiler: there is none here"
    finish
fi
mkdir "$TMP/policy"
cp tender/jail/policy/"$arch"/*.policy "$TMP/policy/"
t "a tender links with the policies as they are" link_tender
# shellcheck disable=SC2086
t "and runs what is to fail later" runs $images
for backend in $(backends); do
    t "$backend: and ends when it should" ends_well "$backend"
done
for policy in kvm proc guest; do
    case "$policy $(backends)" in
    "kvm process")
        skip "each line of the kvm policy is needed" "kvm: this machine has none"
        continue
        ;;
    esac
    # Where calls may come from is no call; tests/unit/test_policy.c has it.
    sed -n 's/ *#.*//; /^from-door/d; /./p' "tender/jail/policy/$arch/$policy.policy" >"$TMP/lines"
    t "the $policy policy has lines" test -s "$TMP/lines"
    while read -r line; do
        t "$policy: $line: something fails without it" needs "$policy" "$line"
    done <"$TMP/lines"
done
finish
