#!/bin/sh
# SPDX-License-Identifier: MIT
# What an event of a script runs stands side by side in the image, so that a cold start
# touches few pages of it. tests/order/list.sh makes the list anew of what that is.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
if [ ! -f "$ROOT/build/sdk/$(uname -m)/javascript.elf" ]; then
    skip "an event of a script executes few pages" "javascript: the engine could not be fetched"
    finish
    exit
fi
# shellcheck source=tests/order/lib.sh
. "$ROOT/tests/order/lib.sh"
few_pages

# Compilers inline other functions, so that some are not everywhere.
grep -v '^#' "$ROOT/runtime/javascript/hot.txt" >"$TMP/listed"
parts "$order_map" | awk 'FILENAME == "-" { is_there[$3] = 1; next } !($1 in is_there)' - \
    "$TMP/listed" >"$TMP/gone"
t "of 20 names on the list the engine has 19" \
    between 0 $(($(wc -l <"$TMP/gone") * 20)) "$(wc -l <"$TMP/listed")"
sed 's/^/# gone: /' "$TMP/gone"
finish
