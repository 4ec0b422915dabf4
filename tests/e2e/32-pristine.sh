#!/bin/sh
# SPDX-License-Identifier: MIT
# Ten thousand events in a row in one instance, each of which spoils everything
# it can reach: tests/guest/pristine-all, which fails when it finds any of it.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

image=$ROOT/build/$(uname -m)-release/guest/pristine-all.elf
printf 'name: pristine-all\nreuse: instance\n' >"$TMP/reuse.yaml"

for backend in $(backends); do
    exits "$backend: 10,000 events find nothing of the one before" 0 \
        "$BIN/unifaas" run "$image" --backend "$backend" --repeat 10000 --stats
    is "$backend: the last one says so" "$(cat "$TMP/out")" ok
    is "$backend: there were as many" "$(sed -n 's/^events *//p' "$TMP/err")" 10000
    pages=$(sed -n 's/^dirty pages *//p' "$TMP/err")
    t "$backend: each with 1 MiB of random pages to put back, or nearly ($pages pages)" \
        [ "$pages" -gt 200 ]
    exits "$backend: the second finds something where an instance may keep it" 1 \
        "$BIN/unifaas" run "$image" --backend "$backend" --repeat 2 --manifest "$TMP/reuse.yaml"
    like "$backend: and says what" "$(cat "$TMP/out")" 'is not as init left it'
done
finish
