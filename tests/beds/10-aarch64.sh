#!/bin/sh
# SPDX-License-Identifier: MIT
# Everything runs on aarch64, under both backends: emulated processors with EL2,
# Debian's kernel, its /dev/kvm; and every line of its system call policies is needed.
# SECONDS: 900
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../e2e/lib.sh"
# shellcheck source=tests/beds/lib.sh
. "$ROOT/tests/beds/lib.sh"

if can_emulate aarch64 "everything builds for aarch64"; then
    folder=build/aarch64-release/policy
    t "a tender is made for each line of its policies" "$ROOT/tests/policy/make.sh" aarch64 "$ROOT/$folder"
    on cortex-a72 840 env UF_MUST=kvm sh -c \
        "tests/guest/run.sh; sh tests/beds/inside.sh; sh tests/beds/policy.sh $folder"
    rm -rf "${ROOT:?}/$folder"
fi
finish
