# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
# lines.sh: every line of a system call policy is needed: without it some function
# fails, on the machine that this runs on. Source it after tests/e2e/lib.sh, with
# $folder, of tenders that make.sh made.
cd "$ROOT" || exit 1
out=build/$(uname -m)-release

# What the lines are for, the commonest first: events, faults, time limits,
# functions that use much memory; and to end when nothing is left to do.
images='event null-read time-limit memory-much'

# runs TENDER IMAGE..., and ends_well TENDER BACKEND: once its socket is closed
runs() {
    tender=$folder/$1
    shift
    "$out/guest/run" tests/guest "$out" "$tender" "$@"
}
ends_well() { "$out/tests/ends" "$folder/$1" "$2"; }

something_fails() {
    for image in $images; do
        UF_BACKEND=$2 runs "$1" "$image" >/dev/null 2>&1 || return 0
    done
    ! ends_well "$1" "$2"
}

# Older kernels are asked in another way, of which the policy has the calls as well.
can_scan() { "$BIN/unifaas" doctor | grep -q '^ok *PAGEMAP_SCAN '; }

t "tenders were made" test -s "$folder/lines"
# shellcheck disable=SC2086
t "the one that has every line runs what is to fail later" runs whole $images
for backend in $(backends); do
    t "$backend: and ends when it should" ends_well whole "$backend"
done
while read -r n policy line; do
    case $policy in
    kvm) backend=kvm ;;
    *) backend=process ;;
    esac
    case "$backend $(backends)" in
    "kvm process") skip "$policy: $line is needed" "kvm: this machine has none" && continue ;;
    esac
    case $line in
    *PAGEMAP_SCAN)
        can_scan || { skip "$policy: $line is needed" "scan: this kernel has no such call" && continue; }
        ;;
    esac
    t "$policy: $line: something fails without it" something_fails "$n" "$backend"
done <"$folder/lines"
