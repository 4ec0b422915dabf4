#!/bin/sh
# SPDX-License-Identifier: MIT
# The guests of tests/guest, of those in JavaScript one: the interpreter is the same
# code everywhere, and emulation is slow. tests/beds/10-aarch64.sh runs all.
set -eu
names=''
for folder in tests/guest/*/; do
    [ -e "${folder}expect" ] || continue
    name=${folder%/}
    name=${name##*/}
    case $name in js-alert) ;; js-*) continue ;; esac
    names="$names $name"
done
# shellcheck disable=SC2086
exec tests/guest/run.sh $names
