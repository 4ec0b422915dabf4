# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# hostile.sh: for tests of what attacks the daemon. Source it after daemon.sh.
#
#   as_quiet_as N          the daemon and its tenders hold N ("fds processes
#                          fds-of-these") again
#   held                   what it holds now, in that form
#   settled                the same once it no longer changes: blank tenders are made
#                          when nobody waits
#   kib                    its private memory
#   serves                 the function good answers, and at once (2 s, on a busy machine)
#   grew_little KIB        it has at most 256 KiB more than then
#
# A check of many things at once says what went wrong on stderr.

# shellcheck disable=SC2034 # for the tests
{
    tools=$ROOT/build/$(uname -m)-release/tests
    guests=$ROOT/build/$(uname -m)-release/guest
    good=$ROOT/build/$(uname -m)-release/functions/hello.elf
}

# Connections of curl are closed by the time it ends, but maybe not read yet.
held() {
    held_by=$(descendants "$DAEMON_PID" | sed 's|\(.*\):.*|/proc/\1/fd|')
    # shellcheck disable=SC2012,SC2086
    echo "$(ls "/proc/$DAEMON_PID/fd" | wc -l) $(echo "$held_by" | wc -l)" \
        "$(find $held_by -type l 2>/dev/null | wc -l)"
}
settled() {
    settled_last='' settled_for=0
    for _ in $(seq 50); do
        settled_now=$(held)
        [ "$settled_now" = "$settled_last" ] && settled_for=$((settled_for + 1)) || settled_for=0
        [ $settled_for -lt 4 ] || break
        settled_last=$settled_now
        sleep 0.1
    done
    echo "$settled_now"
}
as_quiet_as() { [ "$(held)" = "$1" ] || { held >&2 && false; }; }
kib() { awk '/^Private_/ { n += $2 } END { print n }' "/proc/$DAEMON_PID/smaps_rollup"; }
grew_little() { [ "$(kib)" -le $(($1 + 256)) ] || { echo "$1 KiB then, $(kib) KiB now" >&2 && false; }; }

serves() {
    good_answer=$(curl -sS --max-time 2 "$GATEWAY/function/good" 2>&1)
    [ "$good_answer" = "Hello from a unikernel!" ] || {
        echo "good answers: $good_answer" >&2
        false
    }
}
