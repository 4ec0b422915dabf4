#!/bin/sh
# SPDX-License-Identifier: MIT
# The kvm backend runs where the processor virtualises, AMD's way: an emulated
# x86_64 processor with SVM, Debian's kernel, its kvm-amd.
# SECONDS: 1200
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../e2e/lib.sh"
# shellcheck source=tests/beds/lib.sh
. "$ROOT/tests/beds/lib.sh"

if can_emulate x86_64 "everything builds for x86_64"; then
    on svm 1140 env UF_MUST=kvm UF_BACKEND=kvm sh -c 'sh tests/beds/some.sh; sh tests/beds/inside.sh'
fi
finish
