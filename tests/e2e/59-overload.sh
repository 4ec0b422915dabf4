#!/bin/sh
# SPDX-License-Identifier: MIT
# A burst is served. Of ten times more events than a function can handle, for longer than
# a burst, those that are accepted are served within three times their usual time, the
# rest learn at once when to come again, memory stays bounded, and a second later all is
# as before.
# ALONE: it compares times
#
#   UF_OVERLOAD_S=N        for how many seconds (default 12)
#   UF_OVERLOAD_MS=N       of an event that takes so long (default 60)
#   UF_OVERLOAD_WAIT=TIME  with this --max-wait
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/daemon.sh"

seconds=${UF_OVERLOAD_S:-12}
pss_kib() { awk '/^Pss:/ { print $2 }' "/proc/$DAEMON_PID/smaps_rollup"; }
# Requests one after another until 30 are served: status and microseconds, a line each.
probe() {
    : >"$1"
    for _ in $(seq 600); do
        curl -sS --max-time 20 -o /dev/null -w '%{http_code} %{time_total}\n' "$url" |
            awk '{ printf "%s %d\n", $1, $2 * 1e6 }' >>"$1"
        [ "$(accepted "$1")" -lt 30 ] || break
    done
}
median() { awk '$1 == 200 { print $2 }' "$1" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] + 0 }'; }
# The slowest but for one in twenty.
slow() { awk '$1 == 200 { print $2 }' "$1" | sort -n | awk '{ v[NR] = $1 } END { print v[int((19 * NR + 19) / 20)] + 0 }'; }
accepted() { grep -c '^200 ' "$1"; }

t "a function builds" make_sample
t "a daemon starts" start_daemon ${UF_OVERLOAD_WAIT:+--max-wait "$UF_OVERLOAD_WAIT"}
is "the function is deployed" "$(deploy sample "$TMP/sample.img" \
    '"annotations":{"com.unifaas.max_instances":"2"}')" 202

# ---- a burst -----------------------------------------------------------------------------
# A thousand, the first time without an instance. Where something else has the machine
# for a while they come for longer than a burst: the best of three.
burst() {
    loads=''
    for n in 1 2 3 4; do
        curl -sS -Z --parallel-immediate --parallel-max 250 --max-time 20 -o /dev/null \
            -w '%{http_code}\n' "$GATEWAY/function/sample?[1-250]" >"$TMP/burst.$n" 2>/dev/null &
        loads="$loads $!"
    done
    # shellcheck disable=SC2086
    wait $loads
    came=$(cat "$TMP"/burst.* | sort | uniq -c | xargs)
}
for _ in 1 2 3; do
    burst
    [ "$came" != "1000 200" ] || break
done
is "a thousand that come at once are served" "$came" "1000 200"

# ---- ten times too many -------------------------------------------------------------------
url="$GATEWAY/function/sample/spin?ms=${UF_OVERLOAD_MS:-60}"
is "an event that takes long is served" "$(code_of "$url")" 200

# What two instances can handle, and no more.
full() {
    wrk -t1 -c2 -d6 "$url" >"$TMP/full" 2>&1 &
    load=$!
    sleep 0.5
    probe "$TMP/usual"
    wait $load
    usual=$(median "$TMP/usual")
    rate=$(awk '/^Requests\/sec/ { print int($2) }' "$TMP/full")
}

# Ten times that: 100 clients that pause between their requests.
overload() {
    pause=$((100 * 1000 / (10 * (rate + 1))))
    cat >"$TMP/over.lua" <<LUA
function delay() return $pause end
local later, missing = 0, 0
function response(status, headers)
    if status ~= 200 then
        later = later + 1
        if headers["Retry-After"] == nil then missing = missing + 1 end
        if status ~= 429 and status ~= 503 then missing = missing + 1000000 end
    end
    counts = later .. " " .. missing
end
function setup(thread) all = thread end
function done(summary)
    io.write("refused " .. all:get("counts") .. "\n")
end
LUA
    before=$(pss_kib)
    wrk -t1 -c100 -d"$seconds" -s "$TMP/over.lua" "$url" >"$TMP/over" 2>&1 &
    load=$!
    # It begins like a burst: what came in the first moment is served late.
    sleep 5
    probe "$TMP/overload"
    over=$(median "$TMP/overload")
    grown=$(($(pss_kib) - before))
    wait $load
    refused=$(awk '/^refused/ { print $2 }' "$TMP/over")
}
in_time() {
    [ "$over" -le $((3 * usual)) ] && [ "$(slow "$TMP/overload")" -le $((5 * $(slow "$TMP/usual"))) ]
}

# The best of three, for others may be busy on this machine as well.
for _ in 1 2 3; do
    full
    overload
    ! in_time || break
done
t "at the rate that it can handle all are served ($rate/s, median $usual us)" \
    test "$(accepted "$TMP/usual")" = 30
t "with ten times as many some are served ($(accepted "$TMP/overload"))" test "$(accepted "$TMP/overload")" -gt 0
t "within three times the usual time (median $over us)" test "$over" -le $((3 * usual))
# Of few, so it is nearly the slowest.
t "19 of 20 of them within five times theirs ($(slow "$TMP/overload") us, usually $(slow "$TMP/usual"))" \
    in_time
t "the rest are refused ($refused of them)" test "${refused:-0}" -gt 100
is "each with 429 or 503, and when to come again" "$(awk '/^refused/ { print $3 }' "$TMP/over")" 0
t "the daemon has not grown by more than 16 MiB ($grown KiB)" test "$grown" -le 16384
sleep 1
probe "$TMP/after"
is "a second later all are served again" "$(accepted "$TMP/after")" 30
for _ in 1 2; do
    [ "$(median "$TMP/after")" -gt $((2 * usual)) ] || break
    probe "$TMP/after"
done
t "in their usual time (median $(median "$TMP/after") us)" test "$(median "$TMP/after")" -le $((2 * usual))
stop_daemon
finish
