#!/bin/sh
# SPDX-License-Identifier: MIT
# More connections than there may be: those that owe a request for longest make
# room, those that are served do not, and memory stays bounded.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/daemon.sh"

hard=$(prlimit --nofile -o HARD --noheadings | tr -d ' ')
files=1024 # that the clients may have
most=4096  # that the daemon holds
fds() { find "/proc/$DAEMON_PID/fd" -mindepth 1 2>/dev/null | wc -l; }
pss_kib() { awk '/^Pss:/ { print $2 }' "/proc/$DAEMON_PID/smaps_rollup"; }

# Opens COUNT connections that say TEXT and then SIZE more bytes, prints how many it got,
# and holds them until its input ends; then prints how many of them the daemon has closed.
cat >"$TMP/hold.pl" <<'PERL'
use strict;
use warnings;
use Socket;
$| = 1;
alarm 60;
my ($port, $count, $text, $size) = @ARGV;
$text =~ s/\\r\\n/\r\n/g;
$text .= "x" x ($size || 0);
my @all;
for my $nr (1 .. $count) {
    # What is left beside bodies that grew side by side is taken by the last ones.
    select(undef, undef, undef, 0.5) if $size && $nr == int($count * 0.8);
    socket(my $s, PF_INET, SOCK_STREAM, 0) or last;
    connect($s, sockaddr_in($port, INADDR_LOOPBACK)) or last;
    for (my $at = 0; $at < length $text;) {
        $at += syswrite($s, $text, length($text) - $at, $at) // last;
    }
    push @all, $s;
}
print scalar(@all), "\n";
<STDIN>;
my $closed = 0;
for my $s (@all) {
    my $in = '';
    vec($in, fileno($s), 1) = 1;
    $closed++ if select($in, undef, undef, 0) > 0 && !sysread($s, my $byte, 1);
}
print "$closed\n";
PERL

# hold NAME COUNT TEXT [SIZE]
hold() {
    mkfifo "$TMP/$1.in"
    prlimit --nofile="$files:$files" perl "$TMP/hold.pl" "${GATEWAY##*:}" "$2" "$3" "${4:-0}" \
        <"$TMP/$1.in" >"$TMP/$1.out" 2>"$TMP/$1.err" &
    holder=$!
    exec 7>"$TMP/$1.in"
}
held() { [ -s "$TMP/$1.out" ]; }
# Prints how many were closed.
let_go() {
    echo >&7
    exec 7>&-
    wait "$holder"
    tail -n 1 "$TMP/$1.out"
}

make_sample "" || exit 1
# Half of its descriptors are for connections.
AS='prlimit --nofile=128:128'
t "a daemon that may have 64 connections starts" start_daemon --backend process --pool 0
is "and has a function" "$(deploy sample "$TMP/sample.img" '"annotations":{"com.unifaas.timeout":"10s"}')" 202
curl -sS --max-time 20 -o "$TMP/slow.out" -w '%{http_code}' "$GATEWAY/function/sample/spin?ms=4000" >"$TMP/slow.code" &
slow=$!
hold idle 64 ""
t "clients connect and say nothing" eventually 10 held idle
is "another one is served all the same" "$(code_of "$GATEWAY/function/sample" --max-time 8)" 200
like "for which some that said nothing were closed" "$(let_go idle)" '^[1-9][0-9]*$'
hold half 64 'GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: '
t "clients begin a request and do not end it" eventually 10 held half
is "another one is served all the same" "$(code_of "$GATEWAY/function/sample" --max-time 8)" 200
like "for which some of those were closed" "$(let_go half)" '^[1-9][0-9]*$'
wait $slow
is "one that was being served meanwhile was not" "$(cat "$TMP/slow.code")" 200
stop_daemon
AS=''

# ---- large bodies ------------------------------------------------------------------------
head -c 100000 /dev/zero >"$TMP/large"
large() { code_of "$GATEWAY/function/sample" --data-binary "@$TMP/large"; }
answers() { [ "$(large)" = "$1" ]; }
t "a daemon starts" start_daemon --backend process
is "a large body is taken" "$(large)" 200
before=$(pss_kib)
hold bodies 200 'POST /function/sample HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n' 1048575
t "200 clients send a mebibyte each, but for the last byte" eventually 40 held bodies
t "then a large body is refused" eventually 20 answers 503
is "for a while" "$(header Retry-After)" 1
is "a small one is taken" "$(code_of "$GATEWAY/function/sample" -d small)" 200
grown=$(($(pss_kib) - before))
t "the daemon has grown by less than 160 MiB ($grown KiB)" test $grown -lt 163840
let_go bodies >"$TMP/closed"
# The end of a connection that comes with its last bytes is seen when it has been silent
# for 30 seconds, not before.
t "when they have gone large ones are taken again" eventually 40 answers 200
stop_daemon

if [ "$hard" = unlimited ] || [ "$hard" -ge 12000 ]; then
    files=12000
    t "a daemon starts" start_daemon --backend process --pool 0
    is "its function serves" "$(code_of "$GATEWAY/function/sample")" 200
    before=$(pss_kib)
    others=$(fds)
    # As one after another makes room it is a few hundred less at times.
    holds() { [ $(($(fds) - others)) -ge $((most - most / 4)) ]; }
    hold many 10000 ""
    t "ten thousand clients connect and say nothing" eventually 40 held many
    is "all of them" "$(cat "$TMP/many.out")" 10000
    t "the daemon holds about $most" eventually 10 holds
    is "another one is served" "$(code_of "$GATEWAY/function/sample" --max-time 8)" 200
    grown=$(($(pss_kib) - before))
    t "the daemon has grown by less than 64 MiB ($grown KiB)" test $grown -lt 65536
    more=$(($(fds) - others - most))
    t "it holds no more than $most connections ($more beyond)" test $more -le 8
    like "those that said nothing were closed for the others" "$(let_go many)" '^[1-9][0-9]*$'
    is "and when they have gone it serves on" "$(code_of "$GATEWAY/function/sample")" 200
    stop_daemon
else
    skip "ten thousand clients connect and say nothing" "RLIMIT_NOFILE is below 12,000 here"
fi
finish
