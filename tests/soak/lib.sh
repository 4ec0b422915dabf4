# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# lib.sh: for tests of endurance. Source it after tests/e2e/lib.sh and daemon.sh.
#
#   make_worker                build tests/soak/worker as $TMP/worker.img
#   start_measured [ARGS]      start_daemon, with a pool that measure knows
#   deploy_all N               w0 to w(N-1), of which the first $STEADY keep their
#                              instances; prints how many are deployed. METHOD=PUT:
#                              anew; METHOD=DELETE: they are removed
#   load_for NAME CONNECTIONS REQUESTS SECONDS STICK
#                              in the background, with $TMP/plan.NAME, see
#                              tests/soak/load.c; what it prints is in $TMP/load.NAME.
#                              Sets $loader
#   loaded NAME PID            waits; as the load ended, and says what was wrong
#   work REQUESTS SECONDS [MOVING]
#                              all three loads below; sets $worked, $most
#   all_answer                 each function has an event; nothing is said when one fails
#   instances                  of all functions, by /metrics
#   at_rest N                  N instances, all idle, and the pool is full
#   measure FILE               what the daemon and its tenders take: "what:value" lines
#   not_more BEFORE AFTER      of what is counted; says what there is more of
#   one_per_cent BEFORE AFTER  more memory at most
#   halves FIRST LAST          of the rounds measured as $TMP/round.N: $TMP/before and
#                              $TMP/after are the medians of each half. What leaks goes
#                              on; a peak, of a slow disk or a slow neighbour, does not
#   sees_tenders FILE          one may look at their memory
#   table TITLE BEFORE AFTER   both, beside each other, as comments
#   next_share, time_is_up     for a part of make soak: begins a backend's share of
#                              $SOAK_SECONDS; it is over
#
# Memory is counted so that other processes of the machine do not change it: of
# what only a family shares a share, pages of files as if nobody else had them
# mapped, and page tables (Pss_Anon, Pss_Shmem of smaps_rollup; RssFile, VmPTE of
# status). Of the daemon's heaps it is what is allocated (tests/e2e/heap.c), not how far
# they reach: most of that is room which a peak of connections left. Whether a small block
# lies at its end decides about hundreds of KiB, and what leaks fills it before it grows.
# A reach that grows without end is seen in the address space.

FUNCTIONS=200
STEADY=40 # functions whose instances live all the time
TIMEOUT=10s
MOVING=10 # connections to the others, whose instances come and go
POOL=2
load=$ROOT/build/$(uname -m)-release/tests/load

make_worker() {
    UNIFAAS_SDK=$ROOT/build/sdk "$BIN/unifaas" build "$ROOT/tests/soak/worker" -o "$TMP/worker.img" \
        >"$TMP/build.log" 2>&1 || { cat "$TMP/build.log" >&2 && false; }
}

allocated() { timeout 10 head -n 1 "$TMP/heap"; }

# What the allocator keeps for later would look like a leak of address space.
start_measured() {
    [ -p "$TMP/heap" ] || mkfifo "$TMP/heap"
    # shellcheck disable=SC2034 # of start_daemon
    AS="env MALLOC_TOP_PAD_=4096 MALLOC_TRIM_THRESHOLD_=4096
        LD_PRELOAD=$ROOT/build/tools/heap.so UF_HEAP=$TMP/heap"
    # A ring of records that is full after the first events, as one is after days.
    start_daemon --pool $POOL --records 100 "$@" && [ -n "$(allocated)" ]
}

# The manifest of w$1 as JSON; the variable ROUND makes another snapshot of it.
manifest() {
    keep=100ms
    [ "$1" -ge $STEADY ] || keep=1h
    printf '{"service":"w%s","image":"%s",' "$1" "$image"
    printf '"envVars":{"WHO":"w%s","ROUND":"%s"},"limits":{"memory":"1Mi"},' "$1" "${ROUND:-}"
    printf '"annotations":{"com.unifaas.timeout":"%s","com.unifaas.keep_warm":"%s"}}\n' $TIMEOUT $keep
}

# All in one go: a program for each would take longer than the deployment.
deploy_all() {
    [ "${METHOD:-}" = DELETE ] || image=$(upload "$TMP/worker.img")
    for i in $(seq 0 $(($1 - 1))); do
        [ "$i" = 0 ] || echo next
        printf 'url = "%s/system/functions"\nrequest = "%s"\n' "$GATEWAY" "${METHOD:-POST}"
        printf 'max-time = 30\noutput = /dev/null\nsilent\nwrite-out = "%%{http_code}\\n"\n'
        if [ "${METHOD:-}" = DELETE ]; then echo "{\"functionName\":\"w$i\"}"; else manifest "$i"; fi |
            sed 's/"/\\"/g; s/^/data = "/; s/$/"/'
    done >"$TMP/deploy.curl"
    curl -K "$TMP/deploy.curl" | grep -cE '^20[02]$'
}

# Plans of loads: functions $1 to $2 - 1, which all answer ($3: or with these) ...
all_well() {
    for i in $(seq "$1" $(($2 - 1))); do echo "POST /function/w$i 200${3:+,$3} w$i"; done
}
# ... and all that can become of a request, with function $1.
all_kinds() {
    echo "POST /function/w$1/log 200 w$1"
    for path in crash abort exit; do echo "POST /function/w$1/$path 502 -"; done
    echo "POST /function/w$1/error 500 -"
    echo "POST /function/w$1 leave -"
    echo "POST /function/nobody 404 -"
    echo "BREW /function/w$1 405 -"
    echo "GET /system/function/w$1 200 -"
}

load_for() {
    "$load" "${GATEWAY##*:}" "$2" "$3" "$4" "$5" <"$TMP/plan.$1" \
        >"$TMP/load.$1" 2>"$TMP/load.$1.err" &
    loader=$!
}
loaded() {
    wait "$2"
    loaded_status=$?
    cat "$TMP/load.$1.err" >&2
    return $loaded_status
}

# Most requests go to instances that live on, a fifth to some that come and go,
# one in a hundred is odd.
work() {
    all_well 0 $STEADY >"$TMP/plan.steady"
    load_for steady $STEADY $(($1 * 79 / 100)) "$2" 0
    steady=$loader
    all_well $STEADY $((FUNCTIONS - 1)) >"$TMP/plan.moving"
    load_for moving "${3:-$MOVING}" $(($1 / 5)) "$2" 50
    moving=$loader
    all_kinds $((FUNCTIONS - 1)) >"$TMP/plan.odd"
    load_for odd 2 $(($1 / 100)) "$2" 1
    odd=$loader
    most=0
    for _ in 1 2 3; do
        sleep 0.2
        n=$(instances)
        [ "$n" -le "$most" ] || most=$n
    done
    works=0
    loaded steady $steady || works=1
    loaded moving $moving || works=1
    loaded odd $odd || works=1
    # shellcheck disable=SC2034 # for the tests
    worked=$(cat "$TMP"/load.steady "$TMP"/load.moving "$TMP"/load.odd |
        awk '$1 == "requests" { n += $2 } END { print n + 0 }')
    return $works
}

all_answer() {
    all_well 0 $FUNCTIONS >"$TMP/plan.each"
    load_for each $FUNCTIONS $FUNCTIONS 0 0
    loaded each "$loader" 2>/dev/null
}

# SOAK_SECONDS of a part are shared by the backends.
next_share() {
    # shellcheck disable=SC2046
    set -- $(backends)
    until_s=$(($(date +%s) + ${SOAK_SECONDS:-100} / $#))
}
time_is_up() { [ "$(date +%s)" -ge "$until_s" ]; }

instances() {
    curl -sS --max-time 10 "$GATEWAY/metrics" |
        awk '/^unifaas_instances[{]/ { n += $NF } END { print n + 0 }'
}
# Of functions $1 to $2 - 1.
cold_starts() {
    curl -sS --max-time 10 "$GATEWAY/metrics" | awk -F '[". ]' -v from="$1" -v to="$2" '
        /^unifaas_cold_starts_total/ { i = substr($2, 2) + 0; n += i >= from && i < to ? $NF : 0 }
        END { print n + 0 }'
}
at_rest() {
    curl -sS --max-time 10 "$GATEWAY/metrics" | awk -v want="$1" -v pool=$POOL '
        /^unifaas_instances[{].*"idle"/ { idle += $NF; next }
        /^unifaas_instances[{]/ { others += $NF }
        $1 == "unifaas_pool_size" { blank = $NF }
        $1 == "unifaas_tenders" { all = $NF }
        $1 == "unifaas_records_waiting" { others += $NF }
        END { exit !(idle == want && others == 0 && blank == pool && all == want + pool) }'
}

# kib PID...
kib() {
    for p in "$@"; do cat "/proc/$p/smaps_rollup" "/proc/$p/status"; done |
        awk '/^Pss_(Anon|Shmem):|^RssFile:|^VmPTE:/ { n += $2 } END { print n + 0 }'
}
file_kib() { awk '/^RssFile:/ { print $2 }' "/proc/$DAEMON_PID/status"; }
# Heaps but for the first begin at multiples of 64 MiB.
heaps_kib() {
    awk '/^[0-9a-f]+-/ { heap = $6 == "[heap]" || (NF == 5 && $1 ~ /^[0-9a-f]*[048c]000000-/) }
        heap && /^Rss:/ { n += $2 }
        END { print n + 0 }' "/proc/$DAEMON_PID/smaps"
}
# Of the daemon; of its files what it had when it was measured first: code that runs for
# the first time later is no leak, and more mappings would be seen.
tell_daemon_kib() {
    [ "${files_of:-}" = "$DAEMON_PID" ] || { files_of=$DAEMON_PID && files_kib=$(file_kib); }
    bytes=$(allocated)
    # A line that is missing is a failure.
    [ -n "$bytes" ] || return 1
    others=$(($(kib "$DAEMON_PID") - $(file_kib) - $(heaps_kib)))
    echo "KiB of the daemon:$((others + files_kib + bytes / 1024))"
}

# The state is that of at_rest. Connections of curl may not have been read yet.
measure() {
    sleep 0.3
    family=$(descendants "$DAEMON_PID" | cut -d: -f1)
    {
        echo "descriptors of the daemon:$(find "/proc/$DAEMON_PID/fd" -type l | wc -l)"
        # shellcheck disable=SC2086
        echo "descriptors of its tenders:$(for p in $family; do find "/proc/$p/fd" -type l; done | wc -l)"
        echo "processes:$(echo "$family" | wc -l)"
        echo "threads of the daemon:$(find "/proc/$DAEMON_PID/task" -mindepth 1 -maxdepth 1 | wc -l)"
        echo "files:$(find "$TMP/state" | wc -l)"
        echo "mappings of the daemon:$(wc -l <"/proc/$DAEMON_PID/maps")"
        tell_daemon_kib
        # shellcheck disable=SC2086
        echo "KiB of its tenders:$(kib $family)"
        awk '/^VmSize:/ { print "KiB of address space:" $2 }' "/proc/$DAEMON_PID/status"
    } >"$1" 2>"$TMP/measure"
}
# Those lines that count processes and descriptors.
counts() { grep -E '^(descriptors|processes|threads)' "$1"; }

table() {
    echo "# $1"
    paste -d: "$2" "$3" | awk -F: '{
        printf "#   %-28s %9d %9d  %+7.2f %%\n", $1, $2, $4, $2 ? ($4 - $2) * 100 / $2 : 0 }'
}

# not_more, one_per_cent: of lines whose names match $1, so many hundredths $2 more.
within() {
    paste -d: "$3" "$4" | awk -F: -v kind="$1" -v hundredths="$2" '
        $1 !~ kind { next }
        NF != 4 || $1 != $3 || $4 * 100 > $2 * (100 + hundredths) { print $1 ": " $2 ", then " $4; bad = 1 }
        { n++ }
        END { exit bad || n == 0 }' >&2
}
# Where memory is given back in the middle a mapping becomes two.
not_more() { within '^[^Km]' 0 "$1" "$2"; }
one_per_cent() { within '^(KiB|mappings)' 1 "$1" "$2"; }
middle() {
    sort -t: -k1,1 -k2,2n "$@" | awk -F: '
        function tell() { if (n > 0) print name ":" all[int((n + 1) / 2)] }
        $1 != name { tell(); name = $1; n = 0 }
        { all[++n] = $2 }
        END { tell() }'
}
halves() {
    middle=$((($1 + $2) / 2))
    # shellcheck disable=SC2046
    middle $(seq -f "$TMP/round.%.0f" "$1" $middle) >"$TMP/before"
    # shellcheck disable=SC2046
    middle $(seq -f "$TMP/round.%.0f" $((middle + 1)) "$2") >"$TMP/after"
}
# Where tenders are of another user, and we are not root, they look like nothing.
sees_tenders() { ! grep -q '^KiB of its tenders:0$' "$1"; }
