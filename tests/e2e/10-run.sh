#!/bin/sh
# SPDX-License-Identifier: MIT
# What make run does after building: start, deploy, answer, stop, start again.
. "$(dirname "$0")/lib.sh"
cd "$ROOT" || exit 1
UF_STATE_DIR=$TMP/state
export UF_STATE_DIR
run=''

# A port that is free now, from the range that the kernel does not hand out.
free_port() {
    port=$((20000 + $$ % 10000))
    while grep -qi ":$(printf %04x $port) " /proc/net/tcp /proc/net/tcp6 2>/dev/null; do
        port=$((port + 1))
    done
    echo $port
}

is_up() { grep -q '^run: try it:' "$TMP/run.log" || ! alive "$run"; }

# start_run COMMAND... in a process group of its own, as a terminal starts it; a
# shell would have it ignore SIGINT.
start_run() {
    : >"$TMP/run.log"
    perl -e 'setpgrp; $SIG{INT} = "DEFAULT"; exec @ARGV' "$@" >"$TMP/run.log" 2>&1 </dev/null &
    run=$!
    eventually 120 is_up
    remember "$run"
    grep -q '^run: try it:' "$TMP/run.log"
}

# stop_run SIGNAL PID; a PID below 0 is a whole group.
stop_run() {
    remember "$run"
    kill -s "$1" -- "$2"
    eventually 20 gone "$run" || kill -s KILL "$run"
    run_status=0
    wait "$run" || run_status=$?
}

functions=$(find functions -mindepth 2 -maxdepth 2 -name function.yaml | wc -l)
runtime=build/sdk/$(uname -m)/javascript.elf
[ ! -f "$runtime" ] || functions=$((functions + $(find functions/js -mindepth 1 -maxdepth 1 ! -name '*.img' | wc -l)))
PORT=$(free_port)
export PORT
t "it starts, deploys and says what to type" start_run tools/run
like "every function is deployed" "$(cat "$TMP/run.log")" "^run: $functions functions deployed, 0 unch"
like "the isolation in use is told" "$(cat "$TMP/run.log")" '^run: isolation: (kvm|process),'
line=$(sed -n 's/^run: try it: *//p' "$TMP/run.log")
is "the line to paste is what the README shows" "$line" \
    "curl -d 75.5 http://127.0.0.1:$PORT/function/alert"
is "the line, as typed, answers yes" "$(eval "$line" 2>/dev/null)" yes
is "below the threshold the answer is no" \
    "$(curl -s -d 12 "http://127.0.0.1:$PORT/function/alert")" no

if [ -f "$runtime" ]; then
    is "a script answers under a name of its own" \
        "$(curl -s -d '{"sensor": 75.5}' "http://127.0.0.1:$PORT/function/alert-js")" yes
    like "... beside its twin in C, which is what it was" \
        "$("$BIN/unifaas" describe alert --json --gateway "http://127.0.0.1:$PORT")" '"lang": *"c"'
    is "... one that checks signatures has a key, which nobody knows yet" \
        "$(code_of "http://127.0.0.1:$PORT/function/webhook" -d x -H "X-Hub-Signature-256: sha256=$(printf %064d 0)")" 403
    like "... and how to give it another is told" "$(cat "$TMP/run.log")" \
        "^run: secret webhook-key is made by chance; 'build/bin/unifaas secret update webhook-key' gives"
else
    skip "a script answers under a name of its own" "javascript: the engine could not be fetched"
    like "... which is told" "$(cat "$TMP/run.log")" '^run: functions/js is left out: JavaScript was not built'
fi

exits "a second one on the same port fails" 1 env UF_STATE_DIR="$TMP/other" tools/run
like "and says that the port is taken and how to take another" "$(cat "$TMP/err" "$TMP/out")" \
    "port $PORT.*PORT=9090 make run"

stop_run INT -"$run"
is "Ctrl-C ends it with status 0" "$run_status" 0
t "and no process of it is left" eventually 5 nothing_left

t "it starts a second time, by make run" start_run make --no-print-directory run
like "and keeps what was deployed" "$(cat "$TMP/run.log")" \
    "^run: 0 functions deployed, $functions unchanged"
is "and answers from kept state" "$(curl -s -d 75.5 "http://127.0.0.1:$PORT/function/alert")" yes
stop_run TERM "$run"
like "make run ends when make is told to" "$run_status" '^(2|143)$'
like "having stopped the daemon first" "$(cat "$TMP/run.log")" '^run: stopped; state is kept in '
t "and no process of it is left either" nothing_left

# Another tree, whose SDK has no JavaScript.
mkdir -p "$TMP/tree/tools" "$TMP/tree/functions/js" "$TMP/tree/build/sdk/$(uname -m)"
cp tools/run "$TMP/tree/tools/"
cp functions/js/alert.js "$TMP/tree/functions/js/"
cp -r functions/alert "$TMP/tree/functions/one"
ln -s "$ROOT/build/bin" "$TMP/tree/build/bin"
for part in "$ROOT/build/sdk"/* "$ROOT/build/sdk/$(uname -m)"/*; do
    to=$TMP/tree/build/${part#"$ROOT/build/"}
    [ -e "$to" ] || [ "${part##*/}" = javascript.elf ] || ln -s "$part" "$to"
done
UF_STATE_DIR=$TMP/other
t "without JavaScript in the SDK it starts" start_run "$TMP/tree/tools/run"
like "... and says what is left out" "$(cat "$TMP/run.log")" \
    '^run: functions/js is left out: JavaScript was not built'
like "... all others are deployed" "$(cat "$TMP/run.log")" '^run: 1 functions deployed, 0 unchanged'
stop_run INT -"$run"
cp -r "$TMP/tree/functions/one" "$TMP/tree/functions/two"
exits "two functions with one name are refused" 1 "$TMP/tree/tools/run"
like "... by that name" "$(cat "$TMP/err")" '^run: functions/two/: there is another function alert; rename one$'
t "... and nothing of it is left" nothing_left

for wrong in 0 65536 abc 1234567; do
    PORT=$wrong
    exits "PORT=$wrong is refused" 1 tools/run
    like "naming the range" "$(cat "$TMP/err")" "PORT=$wrong is no port: 1 to 65535"
done
finish
