#!/bin/sh
# SPDX-License-Identifier: MIT
# The benchmark measures every row, and tells a target that is missed.
# ALONE: it measures
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT" || exit 1
rows=$(sed -n 's/^\([a-z][^ ]*\)  *|.*/\1/p' tests/bench/rows)

# ---- how a result is made ------------------------------------------------------------
printf '%s\n' 'vm 100 150' 'vm 300 null' 'vm 200 170' 'kvm.cold 150 null' 'kvm.cold 150 null' \
    'kvm.cold 150 null' 'pss.100 6.5 null' >"$TMP/samples"
echo 'crun it is "not" here' >"$TMP/without"
exits "samples become a result" 0 jq -n --rawfile rows tests/bench/rows --rawfile samples "$TMP/samples" \
    --rawfile without "$TMP/without" --arg arch a --arg kernel k --arg cores 2 --arg kvm none \
    --arg version v --arg date d --arg rounds 3 --arg idle 7 --arg quick '' -f tests/bench/result.jq
cp "$TMP/out" "$TMP/made.json"
made() { jq -c ".groups[].rows[] | select(.id == \"$1\") | $2" "$TMP/made.json"; }
is "the median of all rounds" "$(made vm .median)" 200
is "of 99th percentiles too, where there are" "$(made vm .p99)" 150
is "with the least and the most" "$(made vm '[.min, .max, .rounds]')" '[100,300,3]'
is "a ratio is the median of the rounds' ratios" "$(made kvm.cold '.beside[0].ratio')" 0.75
is "a target that is met is told so" "$(made kvm.cold '.beside[0].met')" true
is "one that is missed as well" "$(made pss.100 '.beside[0].met')" false
is "what could not be measured says why" "$(made crun .why)" '"it is \"not\" here"'
is "and misses no target" "$(made process.cold '.beside[0].met')" null
like "the table says what is missed" "$(tools/bench-table "$TMP/made.json")" \
    '\(`pss.100`\) +\| 6.5 MB +\| +\| <= 6: MISSED +\|'
like "and counts" "$(tools/bench-table "$TMP/made.json")" '^1 of 2 targets met\.$'

# ---- all of it, once -----------------------------------------------------------------
if ! command -v wrk >/dev/null; then
    skip "every row is measured" "wrk: it is not installed"
    finish
fi
BENCH_ROUNDS=1 BENCH_IDLE=1 BENCH_QUICK=1 BENCH_OUT=$TMP/bench.json TMPDIR=$TMP
export BENCH_ROUNDS BENCH_IDLE BENCH_QUICK BENCH_OUT TMPDIR
exits "one round runs to its end" 0 tests/bench/run.sh
cp "$TMP/out" "$TMP/printed"
t "and writes JSON" jq -e .groups "$TMP/bench.json"
is "with every row, in their order" "$(jq -r '.groups[].rows[].id' "$TMP/bench.json")" "$rows"
absent=$(jq -r '.groups[].rows[] | select(.median == null) | .id' "$TMP/bench.json" | tr '\n' ' ')
case $(backends) in
*kvm*)
    unlike "nothing of ours and no floor is left out" "$absent" '(^| )([^nc][^ ]*|c[^r][^ ]*) '
    ;;
*)
    skip "what needs KVM is measured" "kvm: this machine has none to use"
    unlike "nothing of the process backend is left out" "$absent" 'process\.'
    ;;
esac
is "what is left out says why" "$(
    jq -r '.groups[].rows[] | select(.median == null and (.why | length) < 5) | .id' "$TMP/bench.json"
)" ""
# What an instance takes is a difference that others on the machine may upset.
is "what is measured is no nonsense" "$(
    jq -r '.groups[].rows[] | select(.median != null and .median <= 0) | .id' "$TMP/bench.json" |
        grep -vE '^(wakeups\.100|(kvm|process)(\.js)?\.idle)$'
)" ""
is "every target of a measured row has a verdict" "$(
    jq -r '.groups[].rows[] | select(.median != null) | .id as $id | .beside[]
        | select(.target != null and .ratio != null and .met == null) | $id' "$TMP/bench.json"
)" ""
like "and it says that it was a quick one" "$(cat "$TMP/printed")" '^Quick: '
like "the table is printed" "$(cat "$TMP/printed")" '^[0-9]+ of [0-9]+ targets met\.$'
is "nothing that it started is left" "$(
    for p in /proc/[0-9]*; do
        tr '\0' ' ' <"$p/cmdline" 2>/dev/null | grep -F "$TMP/unifaas-bench" || true
    done
)" ""
is "no file is left" "$(ls -d "$TMP"/unifaas-bench.* 2>/dev/null)" ""
finish
