#!/bin/sh
# SPDX-License-Identifier: MIT
# Everything runs on aarch64, under both backends: emulated processors with EL2, a
# kernel that has PAGEMAP_SCAN, its /dev/kvm; every line of its system call policies
# is needed, and what they do not list ends a tender; an event of a script executes few
# pages.
# SECONDS: 1200
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../e2e/lib.sh"
# shellcheck source=tests/beds/lib.sh
. "$ROOT/tests/beds/lib.sh"
out=build/aarch64-release

# What needs a kernel that is its own; tests/build/emulated.sh has all others.
programs="$out/tests/test_policy $out/tests/test_probe $out/tests/test_questions $out/tests/test_tender_exit $out/tests/test_working_set"

if can_emulate aarch64 "everything builds for aarch64" trixie; then
    # shellcheck disable=SC2086
    t "so do tests that need a kernel" make -C "$ROOT" --no-print-directory -j"$(nproc)" ARCH=aarch64 $programs
    t "and a tender for each line of its policies" "$ROOT/tests/policy/make.sh" aarch64 "$ROOT/$out/policy"
    on cortex-a72 1140 env UF_MUST=kvm,scan sh -c "tests/guest/run.sh; sh tests/beds/inside.sh; sh tests/beds/order.sh
        sh tests/beds/policy.sh $out/policy; for test in $programs; do \$test; done"
    rm -rf "${ROOT:?}/$out/policy"
fi
finish
