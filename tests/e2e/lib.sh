# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# lib.sh: TAP for tests written in sh. Source it first, call finish last:
#
#	. tests/e2e/lib.sh
#	start_daemon
#	is "an unknown function is 404" "$(code_of "$GATEWAY/function/nobody")" 404
#	stop_daemon
#	finish
#
#   t SENTENCE CMD...            CMD succeeds
#   exits SENTENCE STATUS CMD... CMD ends with this status; output in $TMP/out, $TMP/err
#   is SENTENCE GOT WANT         equal strings
#   like SENTENCE GOT ERE        a line of GOT matches
#   unlike SENTENCE GOT ERE      no line of GOT matches
#   skip SENTENCE "WHAT: WHY"    not tried; a failure when UF_MUST names WHAT
#   eventually SECONDS CMD...    try CMD until it succeeds; use it with t
#   code_of URL [CURL-ARGS]      the HTTP status; body in $TMP/body, headers in $TMP/headers
#   start_daemon [ARGS]          sets GATEWAY, DAEMON_PID; state in $TMP/state;
#                                $AS, when set, is a command to start it with; $AUTH
#                                is --no-auth unless set to something else
#   stop_daemon                  SIGTERM; sets DAEMON_STATUS
#   kill9_daemon                 as a power cut would
#   backends                     "kvm process" or "process"
#   remember PID                 finish also looks for it and what it started
#
# Sets ROOT (of the source tree), BIN (the programs), TMP (private, removed at
# the end). Whatever was started is ended by its pid, and finish fails when a
# process is left. The programs find their tender through UNIFAAS_TENDER: a
# private copy, so that the processes of this test can be told from others.
set -u
LC_ALL=C
export LC_ALL
ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
BIN=${UF_BIN:-$ROOT/build/bin}
TMP=$(mktemp -d "${TMPDIR:-/tmp}/unifaas-test.XXXXXX")
TMP=$(cd "$TMP" && pwd -P)
# Tenders may run as users of their own and must reach their program.
chmod 711 "$TMP"
UNIFAAS_TENDER=$TMP/bin/unifaas-tender
mkdir "$TMP/bin"
cp "$BIN/unifaas-tender" "$UNIFAAS_TENDER" 2>/dev/null || UNIFAAS_TENDER=$BIN/unifaas-tender
export UNIFAAS_TENDER
unset UNIFAAS_GATEWAY UNIFAAS_SDK UNIFAAS_PASSWORD UNIFAAS_USER
# The user's own passwords are none of a test's business.
XDG_CONFIG_HOME=$TMP/config
export XDG_CONFIG_HOME
AUTH=--no-auth
# No answer to curl is waited for without end, whoever calls it.
echo 'max-time = 60' >"$TMP/.curlrc"
CURL_HOME=$TMP
export CURL_HOME
AS='' GATEWAY='' DAEMON_PID='' DAEMON_STATUS=''
tap_n=0 tap_bad=0 tap_seen=''

tap_ok() {
    tap_n=$((tap_n + 1))
    echo "ok $tap_n - $1"
}

# Not behind a pipe: the counts must change in this shell. $TMP/why explains.
tap_not_ok() {
    tap_n=$((tap_n + 1))
    tap_bad=$((tap_bad + 1))
    echo "not ok $tap_n - $1"
    sed 's/^/#   /' "$TMP/why"
}

t() {
    tap_what=$1
    shift
    tap_status=0
    "$@" >"$TMP/out" 2>"$TMP/err" || tap_status=$?
    if [ $tap_status = 0 ]; then
        tap_ok "$tap_what"
    else
        { echo "status $tap_status: $*" && tail -n 20 "$TMP/out" "$TMP/err"; } >"$TMP/why"
        tap_not_ok "$tap_what"
    fi
}

exits() {
    tap_what=$1 tap_want=$2
    shift 2
    tap_status=0
    "$@" >"$TMP/out" 2>"$TMP/err" </dev/null || tap_status=$?
    if [ $tap_status = "$tap_want" ]; then
        tap_ok "$tap_what"
    else
        {
            echo "status $tap_status, not $tap_want: $*"
            tail -n 20 "$TMP/out" "$TMP/err"
        } >"$TMP/why"
        tap_not_ok "$tap_what"
    fi
}

is() {
    if [ "$2" = "$3" ]; then
        tap_ok "$1"
    else
        printf 'got:  %s\nwant: %s\n' "$2" "$3" >"$TMP/why"
        tap_not_ok "$1"
    fi
}

like() {
    if printf '%s\n' "$2" | grep -Eq -e "$3"; then
        tap_ok "$1"
    else
        printf 'got:  %s\nwant: a line like %s\n' "$2" "$3" >"$TMP/why"
        tap_not_ok "$1"
    fi
}

unlike() {
    if printf '%s\n' "$2" | grep -Eq -e "$3"; then
        printf 'got:  %s\nwant: no line like %s\n' "$2" "$3" >"$TMP/why"
        tap_not_ok "$1"
    else
        tap_ok "$1"
    fi
}

skip() {
    case ",${UF_MUST:-}," in
    *",${2%%:*},"*)
        echo "UF_MUST=$UF_MUST forbids to skip: $2" >"$TMP/why"
        tap_not_ok "$1"
        ;;
    *) tap_ok "$1 # SKIP $2" ;;
    esac
}

eventually() {
    tap_tries=$(($1 * 10))
    shift
    while ! "$@"; do
        tap_tries=$((tap_tries - 1))
        [ $tap_tries -gt 0 ] || return 1
        sleep 0.1
    done
}

code_of() {
    tap_url=$1
    shift
    : >"$TMP/body"
    curl -sS --max-time 30 -o "$TMP/body" -D "$TMP/headers" -w '%{http_code}' "$@" "$tap_url"
}

backends() {
    if [ -r /dev/kvm ] && [ -w /dev/kvm ] && [ -z "${UF_NO_KVM:-}" ]; then
        echo kvm process
    else
        echo process
    fi
}

# Is the process there and no zombie?
alive() {
    case $(sed 's/.*) //;s/ .*//' "/proc/$1/stat" 2>/dev/null) in
    '' | Z | X) return 1 ;;
    esac
}

# "pid:start-time" of every descendant of $1, one a line: a pid that is used
# again has another start time.
descendants() {
    cat /proc/[0-9]*/stat 2>/dev/null | awk -v root="$1" '
        { pid = $1; sub(/.*\) /, ""); parent[pid] = $2; start[pid] = $20 }
        END {
            found[root] = 1
            for (again = 1; again;) {
                again = 0
                for (p in parent)
                    if (!(p in found) && (parent[p] in found)) { found[p] = 1; again = 1 }
            }
            for (p in found) if (p != root) print p ":" start[p]
        }'
}

listening() {
    GATEWAY=$(sed -n 's/^unifaasd: listening on \(http:[^ ]*\).*/\1/p' "$TMP/daemon.log")
    [ -n "$GATEWAY" ] || ! alive "$DAEMON_PID"
}

start_daemon() {
    : >"$TMP/daemon.log"
    # shellcheck disable=SC2086
    $AS "$BIN/unifaasd" --listen 127.0.0.1:0 --state-dir "$TMP/state" $AUTH "$@" \
        >"$TMP/daemon.log" 2>&1 </dev/null &
    DAEMON_PID=$!
    eventually 20 listening || true
    if [ -z "$GATEWAY" ]; then
        echo "# the daemon did not start:"
        sed 's/^/#   /' "$TMP/daemon.log"
        kill9_daemon
        return 1
    fi
    UNIFAAS_GATEWAY=$GATEWAY
    export UNIFAAS_GATEWAY
}

# shellcheck disable=SC2034 # DAEMON_STATUS is for the tests
forget_daemon() {
    DAEMON_STATUS=0
    wait "$DAEMON_PID" 2>/dev/null || DAEMON_STATUS=$?
    DAEMON_PID='' GATEWAY=''
}

gone() { ! alive "$1"; }

stop_daemon() {
    [ -n "$DAEMON_PID" ] || return 0
    remember "$DAEMON_PID"
    kill -TERM "$DAEMON_PID" 2>/dev/null
    if ! eventually 15 gone "$DAEMON_PID"; then
        echo "# the daemon did not end within 15 s of SIGTERM"
        kill -KILL "$DAEMON_PID" 2>/dev/null
    fi
    forget_daemon
}

kill9_daemon() {
    [ -n "$DAEMON_PID" ] || return 0
    remember "$DAEMON_PID"
    kill -KILL "$DAEMON_PID" 2>/dev/null
    forget_daemon
}

# "pid:start-time" of $1
identity() {
    echo "$1:$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20)"
}

# Have finish look for $1 and all that it started by now.
remember() {
    tap_seen="$tap_seen $(identity "$1") $(descendants "$1")"
}

# Processes of this test that are still there, one a line.
left_over() {
    for tap_p in $tap_seen; do
        if [ "$tap_p" = "$(identity "${tap_p%:*}")" ] && alive "${tap_p%:*}"; then
            echo "${tap_p%:*}"
        fi
    done
    # shellcheck disable=SC2012
    ls -l /proc/[0-9]*/exe 2>/dev/null | sed -n "s|.* /proc/\([0-9]*\)/exe -> $TMP/.*|\1|p"
}

nothing_left() { [ -z "$(left_over)" ]; }

tap_cleanup() {
    [ -z "$DAEMON_PID" ] || kill9_daemon
    for tap_p in $(left_over); do
        kill -KILL "$tap_p" 2>/dev/null
    done
    rm -rf "$TMP"
}
trap tap_cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

finish() {
    [ -z "$DAEMON_PID" ] || stop_daemon
    if eventually 5 nothing_left; then
        tap_ok "no process is left"
    else
        for tap_p in $(left_over | sort -u); do
            echo "$tap_p $(tr '\0' ' ' <"/proc/$tap_p/cmdline")"
        done >"$TMP/why"
        tap_not_ok "no process is left"
    fi
    echo "1..$tap_n"
    [ $tap_bad = 0 ] || exit 1
    exit 0
}
