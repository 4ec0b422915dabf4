#!/bin/sh
# SPDX-License-Identifier: MIT
# Daemons and tenders that are killed at random moments under mixed load: every
# accepted event has its effect exactly once. The long form is `make soak`.
#
#   UF_KILLS=N   how many daemons, and how many tenders (default 40)
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/daemon.sh"

kills=${UF_KILLS:-40}
export UNIFAAS_SDK="$ROOT/build/sdk"
make_sample "" || exit 1

value() { sed -n "s/^$1 //p" "$TMP/chaos"; }
# chaos BACKEND WHAT
chaos() {
    rm -rf "$TMP/state"
    start_daemon --backend "$1" >/dev/null || return 1
    for f in mark first; do
        "$BIN/unifaas" deploy "$ROOT/tests/soak/$f" || return 1
    done
    image=$(upload "$TMP/sample.img")
    stop_daemon
    TMPDIR=$TMP perl "$ROOT/tests/soak/chaos.pl" rounds="$kills" kill="$2" image="$image" \
        log="$TMP/chaos.log" -- "$BIN/unifaasd" --listen 127.0.0.1:0 --state-dir "$TMP/state" \
        --tender "$UNIFAAS_TENDER" --no-auth --backend "$1" >"$TMP/chaos" 2>"$TMP/chaos.err"
    ended=$?
    sed 's/^/# /' "$TMP/chaos" "$TMP/chaos.err"
    return "$ended"
}

for backend in $(backends); do
    for what in daemon tenders; do
        t "$backend: it runs to its end ($what killed)" chaos "$backend" "$what"
        echo "# $(tr '\n' ' ' <"$TMP/chaos")"
        is "$backend: no accepted event is lost ($what killed)" "$(value lost)" 0
        is "$backend: none has its effect twice ($what killed)" "$(value doubled)" 0
        is "$backend: nothing has an effect that was not sent ($what killed)" "$(value unknown)" 0
        is "$backend: none is parked ($what killed)" "$(value dead)" 0
        is "$backend: in the end every queue is empty ($what killed)" "$(value undrained)" 0
        is "$backend: the last daemon ends well ($what killed)" "$(value status)" 0
        t "$backend: some were killed ($what)" test "$(value killed)" -gt 0
        [ "$what" = daemon ] ||
            t "$backend: and some stopped ($what)" test "$(value stopped)" -gt 0
        for way in push sync async chain again; do
            t "$backend: events were accepted that came by $way ($what killed)" \
                test "$(value $way)" -gt "$kills"
        done
    done
done
finish
