#!/bin/sh
# SPDX-License-Identifier: MIT
# Every line of this architecture's system call policies is needed;
# tests/beds/10-aarch64.sh has the other's.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
if ! command -v "${CC:-gcc}" >/dev/null; then
    skip "each line of each policy is needed" "compiler: there is none here"
    finish
fi
folder=$TMP/tenders
t "a tender is made for each line" "$ROOT/tests/policy/make.sh" "$(uname -m)" "$folder"
# shellcheck source=tests/policy/lines.sh
. "$ROOT/tests/policy/lines.sh"
finish
