#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# chaos.pl: is every accepted event's effect there exactly once, whatever is killed
# and whenever?
#
#   chaos.pl [OPTION=VALUE]... -- DAEMON [ARGUMENT]...
#
#   rounds=40   daemons that are started and killed with SIGKILL
#   most=300    milliseconds that one runs, at most
#   kill=daemon daemon, or tenders: processes of the daemon's are killed or stopped
#               instead, and the daemon lives on
#   seed=N      of the moments; printed
#   log=FILE    what the daemons say
#
# The functions mark and first (beside this file) are deployed, in the state directory
# that the arguments name. Four clients at once push events, call functions
# synchronously and asynchronously, repeat pushes with the same key, send events
# through a chain, and one deploys and removes another function. Each event has a name
# of its own; what was answered with 2xx was accepted. In the end every queue is
# drained, and the keys say how often each event had its effect.
#
# Prints lines "NAME VALUE"; the status is 0 when nothing was lost and nothing doubled.
use strict;
use warnings;
use Socket;
use Time::HiRes qw(sleep time);
use POSIX ();

my %o = (rounds => 40, most => 300, kill => 'daemon', seed => time() % 1e6, log => '/dev/null',
    image => '', wait => 60);
while (@ARGV && $ARGV[0] ne '--') {
    my ($name, $value) = split /=/, shift, 2;
    die "chaos: no option $name\n" unless exists $o{$name};
    $o{$name} = $value;
}
shift;
srand($o{seed} = int $o{seed});
$SIG{PIPE} = 'IGNORE';
my $dir = $ENV{TMPDIR} || '/tmp';
my $journal = "$dir/chaos.$$";
my $daemon = 0;
my $port = 0;
END { kill 'KILL', $daemon if $daemon; unlink glob "$journal.*" if defined $journal; }
my $main = $$;

sub start {
    my $from = -s $o{log} || 0;
    $daemon = fork // die "fork: $!";
    if ($daemon == 0) {
        $daemon = 0;
        open STDOUT, '>>', $o{log} or POSIX::_exit(9);
        open STDERR, '>&', \*STDOUT or POSIX::_exit(9);
        exec @ARGV or POSIX::_exit(9);
    }
    for (1 .. 4000) {
        open my $f, "<", $o{log} or do { sleep 0.005; next };
        seek $f, $from, 0;
        local $/;
        my $text = <$f> // '';
        if ($text =~ m{listening on http://[^:]*:(\d+)}) { $port = $1; return; }
        waitpid($daemon, POSIX::WNOHANG()) == $daemon and die "chaos: the daemon ended: $text";
        sleep 0.005;
    }
    die "chaos: the daemon does not start\n";
}

# One request on a connection: the status, or 0 when there was no answer.
sub ask {
    my ($s, $method, $path, $body, $headers) = @_;
    $body //= '';
    $headers = join '', map { "$_\r\n" } @{$headers || []};
    my $text = "$method $path HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}Content-Length: "
        . length($body) . "\r\n\r\n$body";
    for (my $at = 0; $at < length $text;) {
        my $n = syswrite $s, $text, length($text) - $at, $at;
        return (0, '') unless $n;
        $at += $n;
    }
    my $got = '';
    while ($got !~ /\r\n\r\n/) {
        return (0, '') unless sysread $s, $got, 65536, length $got;
    }
    my ($status) = $got =~ m{^HTTP/1\.1 (\d+)};
    my ($length) = $got =~ /\r\nContent-Length: (\d+)/i;
    my $head = index($got, "\r\n\r\n") + 4;
    while (length($got) - $head < ($length // 0)) {
        return (0, '') unless sysread $s, $got, 65536, length $got;
    }
    return ($status, substr $got, $head);
}

sub connected {
    socket(my $s, PF_INET, SOCK_STREAM, 0) or return;
    connect($s, sockaddr_in($port, INADDR_LOOPBACK)) or return;
    return $s;
}

# What a client does until the daemon is gone: "? NAME" before, "+ NAME" when accepted.
sub client {
    my ($nr, $round) = @_;
    open my $j, '>>', "$journal.$nr" or POSIX::_exit(9);
    my $s = connected() or POSIX::_exit(0);
    my @ways = (
        ['push', sub { ask($s, 'POST', '/system/queues/marks', $_[0], ["Idempotency-Key: $_[0]"]) }],
        ['sync', sub { ask($s, 'POST', '/function/mark', $_[0]) }],
        ['async', sub { ask($s, 'POST', '/async-function/mark', $_[0]) }],
        ['chain', sub { ask($s, 'POST', '/system/queues/firsts', $_[0]) }],
        ['again', sub {
            ask($s, 'POST', '/system/queues/marks', $_[0], ["Idempotency-Key: $_[0]"]);
            ask($s, 'POST', '/system/queues/marks', $_[0], ["Idempotency-Key: $_[0]"]);
        }],
    );
    for (my $i = 0; ; $i++) {
        my ($way, $do) = @{$ways[($i + $nr) % @ways]};
        my $name = "$way-$o{seed}-$round-$nr-$i";
        syswrite $j, "? $name\n";
        my ($status) = $do->($name);
        syswrite $j, "+ $name\n" if $status >= 200 && $status < 300;
        last if $status == 0;
    }
    POSIX::_exit(0);
}

# Deploys and removes a function that nobody calls.
sub deployer {
    my $s = connected() or POSIX::_exit(0);
    my $doc = '{"service":"other","image":"' . $o{image} . '"}';
    for (;;) {
        my ($r) = ask($s, 'POST', '/system/functions', $doc);
        last if $r == 0;
        ($r) = ask($s, 'DELETE', '/system/functions', '{"functionName":"other"}');
        last if $r == 0;
    }
    POSIX::_exit(0);
}

sub children {
    my ($pid) = @_;
    my @all;
    for my $f (glob "/proc/$pid/task/*/children") {
        open my $c, '<', $f or next;
        push @all, split ' ', <$c> // '';
    }
    return @all;
}

sub end_clients {
    my @pids = @_;
    my $until = time() + 20;
    while (@pids && time() < $until) {
        @pids = grep { waitpid($_, POSIX::WNOHANG()) == 0 } @pids;
        sleep 0.005 if @pids;
    }
    kill 'KILL', @pids;
    waitpid $_, 0 for @pids;
}

sub spawn {
    my ($what, @args) = @_;
    my $pid = fork // die "fork: $!";
    if ($pid == 0) { $daemon = 0; $what->(@args); POSIX::_exit(0); }
    return $pid;
}

sub document {
    my ($path) = @_;
    my $s = connected() or die "chaos: nobody listens\n";
    my ($status, $body) = ask($s, 'GET', $path);
    die "chaos: GET $path: $status $body\n" if $status != 200;
    return $body;
}

sub keys_below {
    my ($prefix) = @_;
    my %all;
    my $after = '';
    for (;;) {
        my @page = document("/system/kv?prefix=$prefix&limit=10000&after=$after") =~ /"([^"]*)"/g;
        last unless @page;
        $all{substr $_, length $prefix} = 1 for @page;
        $after = $page[-1];
    }
    return \%all;
}

sub drained {
    my $text = document('/system/queues');
    for my $n ($text =~ /"depth":(\d+)/g) { return 0 if $n > 0; }
    return 1;
}

start();
my %sent = (KILL => 0, STOP => 0);
my $rounds = $o{kill} eq 'daemon' ? $o{rounds} : 1;
for my $round (1 .. $rounds) {
    start() unless $daemon;
    my @pids = map { spawn(\&client, $_, $round) } 1 .. 4;
    push @pids, spawn(\&deployer) if $o{image} ne '';
    if ($o{kill} eq 'daemon') {
        sleep rand($o{most}) / 1000;
    } else {
        for (1 .. $o{rounds}) {
            sleep rand($o{most}) / 1000;
            my @tenders = children($daemon);
            next unless @tenders;
            my $signal = $sent{STOP} > 0 && rand() < 0.8 ? 'KILL' : 'STOP';
            $sent{$signal} += kill $signal, $tenders[rand @tenders];
        }
    }
    my $n = kill 'KILL', $daemon;
    $sent{KILL} += $n if $o{kill} eq 'daemon';
    waitpid $daemon, 0;
    $daemon = 0;
    end_clients(@pids);
}

start();
my $began = time();
sleep 0.05 until drained() || time() - $began > $o{wait};
my $seen = keys_below('seen/');
my $twice = keys_below('twice/');
my (%asked, %accepted);
for my $nr (1 .. 4) {
    open my $j, '<', "$journal.$nr" or next;
    while (<$j>) {
        $asked{$1} = 1 if /^\? (\S+)$/;
        $accepted{$1} = 1 if /^\+ (\S+)$/;
    }
}
my @lost = grep { !$seen->{$_} } keys %accepted;
my @unknown = grep { !$asked{$_} } keys %$seen;
my ($dead) = scalar(() = document('/system/dead') =~ /"id"/g);
my %by;
$by{(split /-/)[0]}++ for keys %accepted;
kill 'TERM', $daemon;
waitpid $daemon, 0;
my $status = $?;
$daemon = 0;
printf "seed %d\nasked %d\naccepted %d\nseen %d\nlost %d\ndoubled %d\nunknown %d\nundrained %d\ndead %d\nstatus %d\n",
    $o{seed}, scalar keys %asked, scalar keys %accepted, scalar keys %$seen, scalar @lost,
    scalar keys %$twice, scalar @unknown, time() - $began > $o{wait} ? 1 : 0, $dead, $status;
printf "killed %d\nstopped %d\n", $sent{KILL}, $sent{STOP};
printf "%s %d\n", $_, $by{$_} for sort keys %by;
my @doubled = sort keys %$twice;
print "# lost: $_\n" for grep { defined } (sort @lost)[0 .. 9];
print "# doubled: $_\n" for grep { defined } @doubled[0 .. 9];
exit(@lost || %$twice || @unknown || $status ? 1 : 0);
