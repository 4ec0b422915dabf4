#!/bin/sh
# SPDX-License-Identifier: MIT
# What tests/beds/ runs on an emulated machine: functions through the command
# line and through the daemon, and what is to be seen from inside the jail, on each
# backend, or UF_BACKEND.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../e2e/lib.sh"
functions=$ROOT/build/$(uname -m)-release/functions
uf=$BIN/unifaas
cp "$ROOT/build/$(uname -m)-release/tests/inside" "$TMP/bin/inside"

is "the processor virtualises" "$(backends)" "kvm process"
t "the doctor lets functions run" "$uf" doctor
like "the doctor finds kvm in order" "$(cat "$TMP/out")" '^ok +kvm '
t "the doctor measures the machine" "$uf" doctor --bench
unlike "every floor that one processor has" "$(cat "$TMP/out")" '^ +- .*: [^t]'
for backend in ${UF_BACKEND:-$(backends)}; do
    is "$backend: run answers" "$("$uf" run -b "$backend" "$functions/fib.elf" -d 20 2>&1)" 6765
    exits "$backend: run tells what a crash is" 7 "$uf" run -b "$backend" "$functions/fail.elf" -d fault
    like "$backend: and where" "$(cat "$TMP/err")" '^    at 0x1000[0-9a-f]*$'

    is "$backend: from inside the jail nothing is there" "$(
        UNIFAAS_TENDER=$TMP/bin/inside "$uf" run -b "$backend" "$functions/fib.elf" -d 20 2>&1 |
            sed -n 's/.*: looked 15 times, lacking \(0x[0-9a-f]*\): */\1/p'
    )" 0x0

    rm -rf "$TMP/state"
    t "$backend: the daemon starts" start_daemon --backend "$backend"
    t "$backend: a function is deployed" "$uf" deploy "$functions/fib.elf" --name fib
    t "$backend: and one that fails" "$uf" deploy "$functions/fail.elf" --name fail
    is "$backend: an invocation is answered" "$("$uf" invoke fib -d 25 2>&1)" 75025
    is "$backend: over HTTP as well" "$(wget -q -O - --post-data 10 "$GATEWAY/function/fib")" 55
    exits "$backend: a crash is that function's" 7 "$uf" invoke fail -d fault
    is "$backend: the next invocation is answered" "$("$uf" invoke fib -d 11 2>&1)" 89
    like "$backend: the functions are listed" "$("$uf" list 2>&1)" '^fib '
    stop_daemon
    is "$backend: the daemon ends by itself" "$DAEMON_STATUS" 0
done
finish
