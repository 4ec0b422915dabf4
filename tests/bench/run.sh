#!/bin/sh
# SPDX-License-Identifier: MIT
# run: measure everything in one go, beside its floors, and write build/bench.json.
#
#   BENCH_ROUNDS=5     rounds; all rows take turns, so that drift hits all alike
#   BENCH_IDLE=10      seconds to watch an idle daemon
#   BENCH_OUT=FILE     instead of build/bench.json
#   BENCH_QUICK=1      fewer events, in fewer bursts: for tests; they say little then
#
# A round of the load generator is one second. Nothing listens on other than
# 127.0.0.1; what is started is ended by its pid.
set -eu
cd "$(dirname "$0")/../.."
rounds=${BENCH_ROUNDS:-5}
idle=${BENCH_IDLE:-10}
out=${BENCH_OUT:-build/bench.json}
quick=${BENCH_QUICK:-}
arch=$(uname -m)
bin=$PWD/build/bin
aid=$PWD/build/$arch-release/bench
LC_ALL=C
UNIFAAS_SDK=$PWD/build/sdk
export LC_ALL UNIFAAS_SDK
unset UNIFAAS_GATEWAY UNIFAAS_TENDER
# Not /tmp, which may be memory: there nothing is durable.
tmp=$(mktemp -d "${TMPDIR:-/var/tmp}/unifaas-bench.XXXXXX")
# Tenders may run as users of their own.
chmod 711 "$tmp"
samples=$tmp/samples
pids=''
: >"$samples"
: >"$tmp/without"

# Is the process there and no zombie?
alive() {
    case $(sed 's/.*) //;s/ .*//' "/proc/$1/stat" 2>/dev/null) in
    '' | Z | X) return 1 ;;
    esac
}
# end PID...: within ten seconds, whatever they think of it
end() {
    for p in "$@"; do kill -TERM "$p" 2>/dev/null || true; done
    tries=0
    for p in "$@"; do
        while alive "$p" && [ $tries -lt 200 ]; do
            sleep 0.05
            tries=$((tries + 1))
        done
        kill -KILL "$p" 2>/dev/null || true
        wait "$p" 2>/dev/null || true
        pids=$(echo " $pids " | sed "s/ $p / /")
    done
}
finish() {
    # shellcheck disable=SC2086
    end $pids
    rm -rf "$tmp"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
fail() {
    echo "bench: $*" >&2
    exit 1
}

# ---- rows ------------------------------------------------------------------------
# add ID VALUE [P99]
add() { echo "$1 $2 ${3:-null}" >>"$samples"; }
# There is no such row here, and why.
without() { grep -q "^$1 " "$tmp/without" || echo "$*" >>"$tmp/without"; }

# ---- servers -----------------------------------------------------------------------
# start NAME COMMAND...: sets $pid, and $port to what it says it listens on
start() {
    name=$1
    shift
    : >"$tmp/$name.log"
    "$@" >"$tmp/$name.log" 2>&1 </dev/null &
    pid=$!
    pids="$pids $pid"
    port='' tries=0
    while [ -z "$port" ]; do
        port=$(sed -n 's|.*listening on \(http://127.0.0.1:\)\{0,1\}\([0-9]*\).*|\2|p' "$tmp/$name.log")
        tries=$((tries + 1))
        if [ $tries -gt 200 ] || ! kill -0 "$pid" 2>/dev/null; then
            cat "$tmp/$name.log" >&2
            fail "$name did not start"
        fi
        [ -n "$port" ] || sleep 0.05
    done
}

# start_daemon NAME BACKEND [ARGUMENT...], with $before, when set, in front
start_daemon() {
    name=$1 backend=$2
    shift 2
    # shellcheck disable=SC2086
    start "$name" ${before:-} "$bin/unifaasd" --listen 127.0.0.1:0 --state-dir "$tmp/state.$name" \
        --no-auth --backend "$backend" "$@"
}

# deploy NAME IMAGE [MANIFEST-LINE...], to the daemon at $port
deploy() {
    name=$1 image=$2
    shift 2
    printf '%s\n' "name: $name" "lang: c" "$@" >"$tmp/function.yaml"
    "$bin/unifaas" deploy "$image" --manifest "$tmp/function.yaml" -e "PAGES=$pages" \
        -g "http://127.0.0.1:$port" >"$tmp/deploy.log" 2>&1 ||
        { cat "$tmp/deploy.log" >&2 && fail "cannot deploy $name"; }
}

# What /metrics says of a sample, in sum.
metric() {
    curl -sS --max-time 10 "http://127.0.0.1:$1/metrics" | awk -v m="^$2[{ ]" '$0 ~ m { n += $NF } END { print n + 0 }'
}

# ---- measurements -----------------------------------------------------------------
# again COMMAND...: what it prints; a machine that is busy may need another try
again() {
    for try in 1 2 3; do
        if "$@" 2>"$tmp/why"; then return; fi
    done
    cat "$tmp/why" >&2
    fail "no result in $try tries: $*"
}

# load CONNECTIONS PORT PATH: prints p50, p99, requests per second. With
# $before, when set, in front.
load() {
    # shellcheck disable=SC2086
    ${before:-} wrk -t1 -c"$1" -d1s -s tests/bench/report.lua "http://127.0.0.1:$2$3" >"$tmp/wrk"
    # Not when a single request failed.
    sed -n 's/^report \(.*\) 0$/\1/p' "$tmp/wrk" | grep . || { cat "$tmp/wrk" >&2 && return 1; }
}

# load_1 ID PORT PATH, load_32 ID PORT PATH
load_1() {
    got=$(again load 1 "$2" "$3")
    add "$1" "${got%% *}" "$(echo "$got" | cut -d' ' -f2)"
}
load_32() {
    got=$(again load 32 "$2" "$3")
    add "$1" "${got##* }"
}

# cold PORT FUNCTION [BODY]: prints p50 and p99 of requests of which each found no
# instance
cold() {
    had=$(metric "$1" unifaas_cold_starts_total)
    "$aid/request" "$1" "/function/$2" $cold_times $cold_pause ${3:+"$3"} || return 1
    has=$(metric "$1" unifaas_cold_starts_total)
    [ $((has - had)) = $cold_times ] ||
        { echo "only $((has - had)) of $cold_times were cold starts" >&2 && return 1; }
}

# spawned ID COUNT PROGRAM...
spawned() {
    id=$1 count=$2
    shift 2
    got=$("$aid/spawn" "$count" "$@" 2>"$tmp/spawn.log") || { cat "$tmp/spawn.log" >&2 && fail "$id failed"; }
    # shellcheck disable=SC2086
    add "$id" $got
}

floors() {
    "$bin/unifaas" doctor --bench --json --dir "$tmp" >"$tmp/floors"
    jq -r '.[] | select(.us != null) | "\(.id) \(.us) \(.p99_us)"' "$tmp/floors" |
        sed 's/^vm_run /loop /' | grep -E '^(vm|loop|fork|wake_same|wake_other|fsync|restore_[0-9]*) ' >>"$samples"
}

# statistics BACKEND IMAGE BODY TIMES: of runs without a daemon, to $tmp/stats
statistics() {
    "$bin/unifaas" run "$2" --backend "$1" -d "$3" --repeat "$4" --stats \
        >/dev/null 2>"$tmp/stats" || { cat "$tmp/stats" >&2 && fail "unifaas run failed"; }
}

# ran ID: how long they ran
ran() { sed -n "s/^run *p50 \([0-9.]*\) us, p99 \([0-9.]*\) us/$1 \1 \2/p" "$tmp/stats" >>"$samples"; }

# engine BACKEND PAGES: run and restore of an event that writes so many
engine() {
    statistics "$1" "$tmp/touch.img" $(($2 - least)) 2000
    wrote=$(sed -n 's/^dirty pages *//p' "$tmp/stats")
    [ "$wrote" = "$2" ] || fail "an event wrote $wrote pages, not $2"
    [ "$2" != 16 ] || ran "$1.run"
    sed -n "s/^restore *p50 \([0-9.]*\) us, p99 \([0-9.]*\) us/$1.restore.$2 \1 \2/p" "$tmp/stats" >>"$samples"
}

# A process and all that it started, one pid a line.
family() {
    cat /proc/[0-9]*/stat 2>/dev/null | awk -v root="$1" '
        { pid = $1; sub(/.*\) /, ""); parent[pid] = $2 }
        END {
            found[root] = 1
            for (again = 1; again;) {
                again = 0
                for (p in parent)
                    if (!(p in found) && (parent[p] in found)) { found[p] = 1; again = 1 }
            }
            for (p in found) print p
        }'
}

# PSS of processes, kB; fails when one may not be looked at
pss() {
    for p in "$@"; do cat "/proc/$p/smaps_rollup" || return 1; done 2>/dev/null |
        awk '/^Pss:/ { n += $2 } END { print n + 0 }'
}
# /proc's kB are 1024 bytes.
mb() { awk -v kib="$1" 'BEGIN { printf "%.3f\n", kib * 1024 / 1000000 }'; }
available() { awk '/^MemAvailable:/ { print $2 }' /proc/meminfo; }
switches() {
    for p in "$@"; do cat "/proc/$p/status"; done 2>/dev/null |
        awk '/ctxt_switches:/ { n += $2 } END { print n + 0 }'
}

# instances BACKEND ROW [BODY]: what 100 idle instances take, of the daemon whose 100
# functions are deployed. They come in five batches, of which the median counts:
# what else happens on the machine meanwhile hits few of them.
instances() {
    start_daemon "$2" "$1"
    sleep 0.5
    # shellcheck disable=SC2046
    had=$(pss $(family "$pid" | grep -vx "$pid")) || had=''
    i=0
    : >"$tmp/batches"
    while [ "$i" -lt 100 ]; do
        free=$(available)
        for i in $(seq $((i + 1)) $((i + 20))); do
            "$aid/request" "$port" "/function/f$i" 1 0 ${3:+"$3"} >/dev/null || fail "f$i failed"
        done
        sleep 0.3
        echo $(((free - $(available)) / 20)) >>"$tmp/batches"
    done
    [ "$(metric "$port" unifaas_instances)" = 100 ] || fail "there are not 100 idle instances"
    add "$2" "$(mb "$(sort -n "$tmp/batches" | sed -n 3p)")"
    # shellcheck disable=SC2046
    has=$(pss $(family "$pid" | grep -vx "$pid")) || has=''
    if [ -n "$had" ] && [ -n "$has" ]; then
        add "$2.pss" "$(mb $(((has - had) / 100)))"
    else
        without "$2.pss" "only root may look at tenders"
    fi
    end "$pid"
}

hundred_functions() {
    start_daemon "$1.idle" "$1"
    sleep 0.5
    [ "$1" != "$first" ] || add pss.0 "$(mb "$(pss "$pid")")"
    for i in $(seq 100); do deploy "f$i" "$tmp/touch.img" "keep_warm: 1h"; done
    if [ "$1" = "$first" ]; then
        sleep 1
        add pss.100 "$(mb "$(pss "$pid")")"
        family=$(family "$pid")
        # shellcheck disable=SC2086
        had=$(switches $family)
        sleep "$idle"
        # shellcheck disable=SC2086
        add wakeups.100 $(($(switches $family) - had))
    fi
    end "$pid"
}

calls() { awk '!/^ *(#|$)/ { print $1 }' "tender/jail/policy/$arch/$1.policy" | sort -u | wc -l; }
kib() { awk -v n="$(wc -c <"$1")" 'BEGIN { printf "%.1f\n", n / 1024 }'; }
stripped() {
    strip -o "$tmp/stripped" "$1"
    kib "$tmp/stripped"
}

sizes() {
    add image.hello "$(kib "$tmp/hello.img")"
    add image.alert "$(kib "$tmp/alert.img")"
    add size.tender "$(stripped "$bin/unifaas-tender")"
    add size.daemon "$(stripped "$bin/unifaasd")"
    tools/lines | sed -n "s/^$arch, \([a-z+]*\), \([0-9]*\),.*/\1.lines \2/p" |
        sed 's/^kvm+process/tender/; s/$/ null/' >>"$samples"
    add kvm.calls "$(calls kvm)"
    add process.calls "$(calls proc)"
}

# container [COMMAND...]: crun, with that in front
container() {
    # shellcheck disable=SC2086
    $crun_in "$@" crun --root "$tmp/crun/run" --cgroup-manager=disabled run --bundle "$tmp/crun" bench
}

make_container() {
    command -v crun >/dev/null || { without crun "crun is not installed" && return; }
    mkdir -p "$tmp/crun/rootfs"
    cp "$aid/hello" "$tmp/crun/rootfs/hello"
    set --
    [ "$(id -u)" = 0 ] || set -- --rootless
    (cd "$tmp/crun" && crun spec "$@") >/dev/null 2>&1 || { without crun "crun spec failed" && return; }
    jq '.process.args = ["/hello"] | .process.terminal = false' "$tmp/crun/config.json" >"$tmp/crun/new"
    mv "$tmp/crun/new" "$tmp/crun/config.json"
    # crun does not start where cgroups of both versions are mounted: it gets a
    # view of the second only, made once and outside the measurement.
    echo 'mount -t cgroup2 cgroup2 /sys/fs/cgroup && exec "$@"' >"$tmp/cgroup2.sh"
    for crun_in in '' "unshare -m sh $tmp/cgroup2.sh"; do
        container >"$tmp/crun.log" 2>&1 && return
    done
    without crun "crun does not run here: $(tail -n 1 "$tmp/crun.log" | cut -c1-120)"
}

peers_start() {
    start cgi "$aid/cgi" "$aid/hello"
    cgi=$port
    node=''
    if command -v node >/dev/null; then
        start node node tests/bench/server.js
        node=$port node_pid=$pid
    else
        without node.1 "node is not installed"
        without node.32 "node is not installed"
    fi
    make_container
}

peers() {
    load_1 cgi.1 "$cgi" /
    load_32 cgi.32 "$cgi" /
    if [ -n "$node" ]; then
        load_1 node.1 "$node" /
        load_32 node.32 "$node" /
    fi
    if ! grep -q '^crun ' "$tmp/without"; then
        got=$(container "$aid/spawn" 20) || fail "crun failed"
        # shellcheck disable=SC2086
        add crun $got
    fi
}

# shellcheck source=tests/bench/javascript.sh
. tests/bench/javascript.sh
# shellcheck source=tests/bench/events.sh
. tests/bench/events.sh

# ---- set up --------------------------------------------------------------------------
backends=process first=process
if "$bin/unifaas" run --backend kvm functions/hello >/dev/null 2>&1; then
    backends='kvm process' first=kvm
else
    for id in vm vm.apart loop bare.1 bare.pinned bare.32 bare.many.32 restore_1 restore_16 restore_128 \
        $(sed -n 's/^\(kvm\.[^ ]*\) .*/\1/p' tests/bench/rows); do
        case $id in kvm.calls | kvm.lines) ;; *) without "$id" "no KVM" ;; esac
    done
fi
[ "$(nproc)" -gt 1 ] || without wake_other "one processor"
cold_times=20
cold_pause=60 # ms: by then the instance is gone, and another blank tender there
last=$(($(nproc) - 1))
echo "bench: $(uname -m), Linux $(uname -r), $(nproc) processors, $backends; $rounds rounds"

"$bin/unifaas" build tests/bench/touch -o "$tmp/touch.img" >/dev/null
"$bin/unifaas" build functions/hello -o "$tmp/hello.img" >/dev/null
"$bin/unifaas" build functions/alert -o "$tmp/alert.img" >/dev/null
# An event writes some pages whatever the function does.
least=$("$bin/unifaas" run "$tmp/touch.img" -d 0 --repeat 3 --stats 2>&1 >/dev/null | sed -n 's/^dirty pages *//p')
pages=$((16 - least))

before=''
# First, while no other daemon shares its program's pages: PSS divides by those who do.
for b in $backends; do hundred_functions "$b"; done
stored
javascript_images
for b in $backends; do
    start_daemon "$b" "$b"
    eval "warm_$b=$port"
    deploy pristine "$tmp/touch.img"
    deploy reuse "$tmp/touch.img" "reuse: instance"
    start_daemon "cold.$b" "$b"
    eval "cold_$b=$port"
    deploy cold "$tmp/touch.img" "keep_warm: 1ms"
    ! with_js || javascript_start "$b"
    start_daemon "none.$b" "$b" --pool 0
    eval "none_$b=$port"
    deploy cold "$tmp/touch.img" "keep_warm: 1ms"
    before="taskset -c $last"
    start_daemon "pinned.$b" "$b"
    eval "pinned_$b=$port"
    deploy pristine "$tmp/touch.img"
    before=''
done
if [ $first = kvm ]; then
    start bare "$aid/bare_path" "$(nproc)"
    bare=$port
    start bare.many "$aid/bare_path" 16
    bare_many=$port
    start bare.pinned taskset -c $last "$aid/bare_path" 1
    bare_pinned=$port
fi
peers_start
events_start
sizes

# ---- rounds -----------------------------------------------------------------------------
one_backend() {
    eval "warm=\$warm_$1 cold=\$cold_$1 none=\$none_$1 pinned=\$pinned_$1"
    [ -z "${bare:-}" ] || [ "$1" != kvm ] || load_1 bare.1 "$bare" /
    # shellcheck disable=SC2154
    load_1 "$1.1" "$warm" /function/pristine
    load_1 "$1.reuse.1" "$warm" /function/reuse
    [ -z "${bare:-}" ] || [ "$1" != kvm ] || load_32 bare.32 "$bare" /
    load_32 "$1.32" "$warm" /function/pristine
    load_32 "$1.reuse.32" "$warm" /function/reuse
    before="taskset -c $last"
    # shellcheck disable=SC2154
    load_1 "$1.pinned" "$pinned" /function/pristine
    before=''
    # shellcheck disable=SC2154
    got=$(again cold "$cold" cold)
    # shellcheck disable=SC2086
    add "$1.cold" $got
    # shellcheck disable=SC2154
    got=$(again cold "$none" cold)
    # shellcheck disable=SC2086
    add "$1.cold.none" $got
    for n in 2 16 128; do engine "$1" $n; done
    spawned "$1.cli" 20 "$bin/unifaas" run "$tmp/hello.img" --backend "$1"
    instances "$1" "$1.idle"
    ! with_js || javascript "$1"
}

round=0
while [ $round -lt "$rounds" ]; do
    round=$((round + 1))
    echo "bench: round $round of $rounds"
    floors
    if [ $first = kvm ]; then
        got=$("$aid/machine" $cold_times $cold_pause)
        # shellcheck disable=SC2086
        add vm.apart $got
    fi
    spawned spawn 50 "$aid/hello"
    for b in $backends; do one_backend "$b"; done
    if [ $first = kvm ]; then
        load_32 bare.many.32 "$bare_many" /
        before="taskset -c $last"
        load_1 bare.pinned "$bare_pinned" /
        before=''
    fi
    eval "warm=\$warm_$first"
    load_1 static.1 "$warm" /healthz
    load_32 static.32 "$warm" /healthz
    pushes
    effects
    peers
    ! with_js || javascript_peers
done
bursts

# ---- result ---------------------------------------------------------------------------
grep -v '^#\|^ *$' tests/bench/rows >"$tmp/rows" || true
kvm=$("$bin/unifaas" doctor | sed -n 's/^[a-zA-Z]* *kvm \{2,\}//p')
jq -n --rawfile rows tests/bench/rows --rawfile samples "$samples" --rawfile without "$tmp/without" \
    --arg arch "$arch" --arg kernel "$(uname -r)" --arg cores "$(nproc)" --arg kvm "$kvm" \
    --arg version "$("$bin/unifaas" version | sed -n '1s/.* //p')" --arg date "$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
    --arg rounds "$rounds" --arg idle "$idle" --arg quick "$quick" -f tests/bench/result.jq >"$out.new"
mv "$out.new" "$out"
tools/bench-table "$out"
