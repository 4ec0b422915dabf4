#!/bin/sh
# SPDX-License-Identifier: MIT
# What doctor --bench says of a machine.
# ALONE: it measures
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
uf=$BIN/unifaas
mkdir "$TMP/disk"
all='fork fsync restore_1 restore_128 restore_16 scan vm vm_exit vm_run wake_other wake_same'
kvm_only='vm vm_exit vm_run restore_1 restore_16 restore_128 scan'

floors() { "$uf" doctor --bench --json --dir "$TMP/disk" "$@"; }
us() { jq -r ".[] | select(.id == \"$1\") | .us" "$TMP/floors"; }
p99() { jq -r ".[] | select(.id == \"$1\") | .p99_us" "$TMP/floors"; }
above() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a + 0 > b + 0) }'; }

start=$(date +%s)
exits "doctor --bench ends well" 0 floors
is "within five seconds" "$(($(date +%s) - start <= 5))" 1
cp "$TMP/out" "$TMP/floors"
is "it names every floor, as JSON" "$(jq -r '.[].id' "$TMP/floors" | sort | tr '\n' ' ')" "$all "

case $(backends) in
*kvm*) expected="$kvm_only fork fsync wake_same" ;;
*)
    expected='fork fsync wake_same'
    skip "the floors of virtual machines are measured" "kvm: this machine has none to use"
    ;;
esac
if [ "$(nproc)" -gt 1 ]; then
    expected="$expected wake_other"
else
    skip "a wake-up across processors is measured" "smp: this machine has one processor"
fi
for id in $expected; do
    t "$id takes some time" above "$(us "$id")" 0
    t "$id: its 99th percentile is no less than its median" above "$(p99 "$id")" "$(
        awk -v us="$(us "$id")" 'BEGIN { print us - 0.01 }'
    )"
done
case $expected in
*restore_128*)
    t "putting 128 pages back takes longer than putting one back" \
        above "$(us restore_128)" "$(us restore_1)"
    t "a machine made and run takes longer than one that is left and entered again" \
        above "$(us vm)" "$(us vm_exit)"
    ;;
esac

exits "the table is for people" 0 "$uf" doctor --bench --dir "$TMP"
like "with a line for each floor" "$(cat "$TMP/out")" '^ *[0-9.]+ +[0-9.]+  fork, exit, wait$'
exits "what cannot be measured is no failure" 0 "$uf" doctor --bench --dir "$TMP/nowhere"
like "its line says why" "$(cat "$TMP/out")" \
    '^ +- +-  4 KiB made durable .*: /.*/nowhere: No such file or directory$'
exits "on one processor too" 0 taskset -c 0 "$uf" doctor --bench --json --dir "$TMP/disk"
cp "$TMP/out" "$TMP/floors"
is "where a wake-up across processors is null" "$(us wake_other)" null
is "the file for fsync has left nothing behind" "$(ls -A "$TMP/disk")" ""
exits "--json goes with --bench" 2 "$uf" doctor --json
finish
