# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
# javascript.sh: part of run.sh: the same function in JavaScript and in C, and Node.

# What each event says to alert; and to fib.
alert_body=75.5 fib_body=25

with_js() { [ -e "$tmp/alert.js.img" ]; }

# From the tree's own sources, both.
javascript_images() {
    if ! "$bin/unifaas" build functions/js/alert.js -o "$tmp/alert.js.img" >/dev/null 2>"$tmp/why"; then
        sed -n '/^## JavaScript/,/^## Memory/s/^\([a-z][^ ]*\) .*/\1/p' tests/bench/rows |
            while read -r id; do without "$id" "$(head -n 1 "$tmp/why")"; done
        return
    fi
    "$bin/unifaas" build functions/js/fibonacci.js -o "$tmp/fib.js.img" >/dev/null
    "$bin/unifaas" build functions/fib -o "$tmp/fib.c.img" >/dev/null
    add js.image "$(kib "$tmp/alert.js.img")"
}

# javascript_start BACKEND, when $port is the daemon of its cold starts
javascript_start() {
    deploy cold-c "$tmp/alert.img" "keep_warm: 1ms"
    deploy cold-js "$tmp/alert.js.img" "keep_warm: 1ms"
    start_daemon "js.$1" "$1"
    eval "js_$1=$port"
    deploy c "$tmp/alert.img"
    deploy js "$tmp/alert.js.img"
    start_daemon "$1.js.idle" "$1"
    for i in $(seq 100); do deploy "f$i" "$tmp/alert.js.img" "keep_warm: 1h"; done
    end "$pid"
}

# deployed BACKEND: a script that nobody has seen, the whole command
deployed() {
    sed "1i // $1, $round" functions/js/alert.js >"$tmp/alert.js"
    got=$("$aid/spawn" 1 "$bin/unifaas" deploy "$tmp/alert.js" --name deployed \
        -g "http://127.0.0.1:$js" 2>"$tmp/spawn.log") || { cat "$tmp/spawn.log" >&2 && fail "cannot deploy a script"; }
    # shellcheck disable=SC2086
    put_ms "$1.js.deploy" $got
}

# javascript BACKEND: a round, each beside its twin
javascript() {
    eval "js=\$js_$1 cold=\$cold_$1"
    BODY=$alert_body
    export BODY
    for lang in c js; do load_1 "$1.$lang.1" "$js" "/function/$lang"; done
    for lang in c js; do load_32 "$1.$lang.32" "$js" "/function/$lang"; done
    unset BODY
    deployed "$1"
    for lang in c js; do
        got=$(again cold "$cold" "cold-$lang" $alert_body)
        # shellcheck disable=SC2086
        add "$1.$lang.cold" $got
    done
    statistics "$1" "$tmp/alert.img" $alert_body 1000
    ran "$1.c.run"
    statistics "$1" "$tmp/alert.js.img" $alert_body 1000
    ran "$1.js.run"
    instances "$1" "$1.js.idle" $alert_body
}

javascript_peers() {
    for lang in c js; do
        statistics "$first" "$tmp/fib.$lang.img" $fib_body 20
        ran "$lang.fib"
    done
    if [ -z "$node" ]; then
        for id in node.process node.pss node.fib; do without "$id" "node is not installed"; done
        return
    fi
    spawned node.process 5 node tests/bench/action.js functions/js/alert.js "{\"sensor\": $alert_body}" 1
    got=$(node tests/bench/action.js functions/js/fibonacci.js "{\"n\": $fib_body}" 100) || fail "node failed"
    # shellcheck disable=SC2086
    add node.fib $got
    add node.pss "$(mb "$(pss "$node_pid")")"
}
