#!/bin/sh
# SPDX-License-Identifier: MIT
# Limits that are reached and go away again: descriptors, processes, memory.
# The daemon stays, says why and the way out, and goes on where it was.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/daemon.sh"
cd "$ROOT" || exit 1

# The soft limit only: raising the hard one again takes more than root may have.
limit() { $AS prlimit --pid "$DAEMON_PID" "--$1=$2:"; }
now() { $AS prlimit --pid "$DAEMON_PID" "--$1" -o SOFT --noheadings | tr -d ' '; }
sample() { code_of "$GATEWAY/function/sample$1"; }
cpu_ticks() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$DAEMON_PID/stat"; }
log_has() { grep -Eq "$1" "$TMP/daemon.log"; }
mend='; to mend: '
make_sample "" || exit 1

# ---- descriptors ------------------------------------------------------------------
files='no file descriptor is left'
t "a daemon starts" start_daemon --backend process --pool 0
is "and has a function" "$(deploy sample "$TMP/sample.img" '"limits":{"memory":"16Mi"}')" 202
usual=$(now nofile)
limit nofile 1
curl -sS --max-time 20 -o "$TMP/late" -w '%{http_code}' "$GATEWAY/function/sample/late" >"$TMP/code" &
late=$!
t "without a descriptor left a new connection waits" eventually 5 log_has \
    "new connections wait: $files$mend"
before=$(cpu_ticks)
sleep 1
used=$(($(cpu_ticks) - before))
t "and the daemon does not burn the processor meanwhile ($used of 100 ticks)" test $used -lt 20
limit nofile "$usual"
wait $late
is "when there are descriptors again it is served" "$(cat "$TMP/code" "$TMP/late")" "200GET /late one"
is "what kept it waiting was said once" "$(grep -c 'new connections wait' "$TMP/daemon.log")" 1

# An open connection holds the place; only a request on it can still be served.
curl -sS --max-time 20 -o /dev/null "$GATEWAY/function/sample/spin?ms=1500" &
holder=$!
busy() { curl -sS "$GATEWAY/system/function/sample" | grep -q '"busy":1'; }
t "a connection is open" eventually 5 busy
limit nofile 1
curl -sS --max-time 20 -o "$TMP/late" -w '%{http_code}' "$GATEWAY/function/sample/late" >"$TMP/code" &
late=$!
wait $holder
limit nofile "$usual"
wait $late
is "after others have ended, those that waited are served" "$(cat "$TMP/code")" 200
stop_daemon

t "a daemon starts again" start_daemon --backend process --pool 0
# leave N numbers below the limit free; the connection takes the first.
leave() {
    for n in $(seq 0 99); do [ -e "/proc/$DAEMON_PID/fd/$n" ] || echo "$n"; done | sed -n "$(($1 + 1))p"
}
for left in 1 2; do
    limit nofile "$(leave $left)"
    is "an instance that finds $left descriptors is not started" "$(sample /)" 503
    like "which is said with the way out" "$(body)" "$files$mend"
    like "and when to try again" "$(header Retry-After)" '^[0-9]+$'
    limit nofile "$usual"
    sleep 1.1
done
t "and logged" log_has "sample: an instance was lost: .*$files$mend"
is "and the function is there when the limit is gone" "$(sample /)" 200
stop_daemon
# Daemons on state directory $1 that may have ever more descriptors, from as many as
# the program takes to be loaded, whatever this test inherited, until one starts.
# How each of the others ended, a line for it, in $TMP/refusals.
with_few() {
    n=4
    until prlimit --nofile="$n:$n" "$BIN/unifaasd" --version >/dev/null 2>&1 || [ "$n" = 64 ]; do
        n=$((n + 1))
    done
    : >"$TMP/refusals"
    while [ "$n" -lt 64 ]; do
        AS="prlimit --nofile=$n:$n"
        start_daemon --pool 0 --state-dir "$1" >/dev/null && break
        echo "$DAEMON_STATUS $(tail -n 1 "$TMP/daemon.log")" >>"$TMP/refusals"
        n=$((n + 1))
        [ "$1" = "$TMP/state" ] || rm -rf "$1"
    done
    AS=''
    test -n "$DAEMON_PID"
}
for state in "a new state directory: $TMP/new" "one with functions: $TMP/state"; do
    which=${state%%: *}
    t "$which: with more descriptors a daemon starts" with_few "${state#*: }"
    t "$which: with fewer it does not" test "$(grep -c '^1 ' "$TMP/refusals")" -ge 6
    is "$which: and says why and the way out, however few" \
        "$(grep -v "^1 .*$files$mend" "$TMP/refusals")" ''
    stop_daemon
done
for n in 24 10; do
    prlimit --nofile=$n:$n "$BIN/unifaas" doctor >"$TMP/doctor" 2>&1
    like "the doctor mends $n descriptors with the same words" "$(cat "$TMP/doctor")" \
        'mend: raise LimitNOFILE= in the unit, or ulimit -n'
done

AS="build/tools/deny accept4=ENFILE --"
t "a daemon starts on a machine with no open file left" start_daemon --backend process --pool 0
curl -sS --max-time 1 "$GATEWAY/healthz" >/dev/null 2>&1
like "connections wait, and it says why" "$(cat "$TMP/daemon.log")" \
    "new connections wait: this machine has no open file left$mend"
before=$(cpu_ticks)
sleep 1
used=$(($(cpu_ticks) - before))
t "without burning the processor ($used of 100 ticks)" test $used -lt 20
stop_daemon
AS=''

# ---- memory -----------------------------------------------------------------------
memory='the kernel gives no more memory'
t "a daemon starts" start_daemon --backend process --pool 0
is "a function serves" "$(sample /)" 200
usual=$(now as)
# No room for what it shares with another instance's tender.
limit as $(($(awk '/^VmSize:/ { print $2 }' "/proc/$DAEMON_PID/status") * 1024 + (1 << 20)))
is "a second one is deployed" "$(deploy other "$TMP/sample.img")" 503
like "unless there is no memory, which is said with the way out" "$(body)" "$memory$mend"
is "while the first one serves" "$(sample /)" 200
limit as "$usual"
is "when there is memory again, it is" "$(deploy other "$TMP/sample.img")" 202
is "and serves" "$(code_of "$GATEWAY/function/other")" 200
# Connections that are there, then no memory at all, then a request on each.
cat >"$TMP/many.pl" <<'PERL'
use strict;
use warnings;
use IO::Socket::INET;
$SIG{PIPE} = 'IGNORE';
my ($port, $pid) = @ARGV;
my ($ended, @all) = (0);
$SIG{ALRM} = sub { print "$ended, then no answer and no end\n"; exit };
alarm 90;
for (1 .. 800) {
    my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port") or last;
    push @all, $s;
    print $s "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    sysread($s, my $answer, 4096);
}
open(my $status, '<', "/proc/$pid/status") or die;
my ($vm) = map { /^VmSize:\s*(\d+)/ ? $1 : () } <$status>;
system('prlimit', '--pid', $pid, '--as=' . $vm * 1024 . ':');
print $_ "GET /function/sample/spin?ms=10 HTTP/1.1\r\nHost: x\r\n\r\n" for @all;
for (@all) { $ended++ if defined sysread($_, my $answer, 4096) }
print "$ended\n";
PERL
is "without any memory every request ends" \
    "$(perl "$TMP/many.pl" "${GATEWAY##*:}" "$DAEMON_PID")" 800
limit as "$usual"
serves() { [ "$(sample /)" = 200 ]; }
# How long starts are put off depends on how many failed.
t "and the daemon stays and serves" eventually 30 serves
is "a large function is deployed" \
    "$(deploy large "$TMP/sample.img" '"limits":{"memory":"256Mi"}')" 202
stop_daemon

AS='prlimit --as=200000000:200000000'
t "a daemon with little memory starts" start_daemon --backend process --pool 0
is "an instance that gets no memory is not started" "$(code_of "$GATEWAY/function/large")" 503
like "which is said with the way out" "$(body)" "$memory$mend"
unlike "and its snapshot is not taken for broken" "$(cat "$TMP/daemon.log")" 'snapshot'
is "while smaller ones serve" "$(sample /)" 200
prlimit --as=200000000 "$BIN/unifaas" doctor >"$TMP/doctor" 2>&1
like "the doctor says it in the same words" "$(cat "$TMP/doctor")" "^less .*$memory"
stop_daemon
AS=''

# ---- processes: root may always make more -------------------------------------------
processes='no more processes are allowed'
cp "$BIN/unifaas" "$BIN/unifaasd" "$TMP/bin/"
BIN=$TMP/bin
user=''
if [ "$(id -u)" = 0 ]; then
    # A user with no other process.
    user='setpriv --reuid 912345 --regid 912345 --clear-groups'
    chown -R 912345:912345 "$TMP"
fi
AS=$user
t "a daemon of a user starts" start_daemon --backend process --pool 0
usual=$(now nproc)
limit nproc 1
is "an instance that may have no process is not started" "$(sample /)" 503
like "which is said with the way out" "$(body)" "cannot start a process: $processes$mend"
limit nproc 2
sleep 1.1
is "nor one that has a process for the tender and none for the guest" "$(sample /)" 503
like "which is said in the same words" "$(body)" "$processes$mend"
limit nproc "$usual"
sleep 2.1
is "and the function serves when there may be more" "$(sample /)" 200
# shellcheck disable=SC2086
$user prlimit --nproc=1:1 "$BIN/unifaas" doctor >"$TMP/doctor" 2>&1
like "the doctor says it in the same words" "$(cat "$TMP/doctor")" "^less .*$processes"
stop_daemon
finish
