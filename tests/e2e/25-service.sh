#!/bin/sh
# SPDX-License-Identifier: MIT
# Under a service manager: a socket handed over, and a word when ready.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

# Listens for notifications, binds a socket, becomes the daemon with it as
# descriptor 3, as a service manager does it.
cat >"$TMP/manager.pl" <<'PERL'
use strict;
use warnings;
use IO::Socket::INET;
use IO::Socket::UNIX;
use POSIX ();
my ($dir, @daemon) = @ARGV;
alarm 60;
my $notes = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => "$dir/notify") or die "notify: $!";
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1:0', Listen => 8) or die "listen: $!";
open(my $port, '>', "$dir/port") or die;
print $port $listener->sockport;
close($port);
if (my $pid = fork) {
    open(my $log, '>', "$dir/notes") or die;
    select((select($log), $| = 1)[0]);
    while (defined $notes->recv(my $note, 256)) {
        print $log "$note\n";
        last if $note eq 'STOPPING=1';
    }
    waitpid($pid, 0);
    exit($? >> 8);
}
POSIX::dup2(fileno($listener), 3);
$ENV{LISTEN_PID} = $$;
$ENV{LISTEN_FDS} = 1;
$ENV{NOTIFY_SOCKET} = "$dir/notify";
exec(@daemon) or die;
PERL

perl "$TMP/manager.pl" "$TMP" "$BIN/unifaasd" --backend process --state-dir "$TMP/state" \
    2>"$TMP/log" &
manager=$!
ready() { grep -qx READY=1 "$TMP/notes" 2>/dev/null; }
t "the manager is told when the daemon is ready" eventually 10 ready
port=$(cat "$TMP/port")
like "it says where it listens" "$(cat "$TMP/log")" "listening on http://127.0.0.1:$port"
is "which is the socket that was handed over" "$(code_of "http://127.0.0.1:$port/healthz")" 200
# shellcheck disable=SC2046 # one word for each
daemon=$(set -- $(descendants $manager) && for p; do
    [ "$(readlink "/proc/${p%:*}/exe")" != "$BIN/unifaasd" ] || echo "${p%:*}"
done)
remember "$daemon"
kill -TERM "$daemon"
t "it ends when it is told to" eventually 10 gone "$daemon"
wait $manager
is "well" $? 0
is "the manager was told" "$(tail -n 1 "$TMP/notes")" STOPPING=1
finish
