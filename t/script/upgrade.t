#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# A new process takes the place of the one that runs, under load: every call goes on, whichever of the two it began with,
# and nobody has to send anything twice. A successor that cannot start changes nothing.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Covend;
use IO::Select;
use IO::Socket::INET;
use Socket qw(pack_sockaddr_in inet_aton);
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => Covend->missing if Covend->missing;
plan skip_all => 'no fixture plugin' if !-f Covend->build . '/.libs/relay.so';
use constant { CALLS => 300, EVERY => 0.01, RINGS => 0.4, TALKS => 0.3, UPGRADES => 3 };
my $folder = Covend->folder;
my $slow = ($ENV{sanitizers} // 'no') eq 'no' ? 1 : 3;

sub phone { IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1', Blocking => 0) or die "socket: $!\n" }
my ($alice, $bob) = (phone(), phone());
sub at { '127.0.0.1:' . $_[0]->sockport }

my $uri = 'sip:bob@' . at($bob);
my $relay = "plugins_only = ({ name = \"relay\"; targets = ({ user = \"bob\"; to = \"$uri\"; }); });";
my $one = Covend->new(folder => $folder, name => 'a', text => "workers = 2; $relay");
ok($one->start, 'it starts') or die $one->log_text;
my $server = pack_sockaddr_in($one->{port}, inet_aton('127.0.0.1'));
my $first = $one->pid;
my @pids = ($first);

# -- a load of calls, as callbacks on two sockets
my (%call, @later, $answered, $bye, @wrong);
sub after_ { push @later, [time + $_[0], $_[1]]; @later = sort { $a->[0] <=> $b->[0] } @later }

sub request {
	my ($id, $method, $cseq, %o) = @_;
	my $call = $call{$id};
	return join "\r\n", "$method " . ($o{uri} // 'sip:bob@example.com') . ' SIP/2.0',
		'Via: SIP/2.0/UDP ' . at($alice) . ';branch=' . ($o{branch} // "z9hG4bK$id$method"), 'Max-Forwards: 70',
		"From: <sip:alice\@elsewhere.example>;tag=a$id", 'To: <sip:bob@example.com>' . ($o{tag} ? ";tag=$o{tag}" : ''),
		"Call-ID: $id", "CSeq: $cseq $method", 'Contact: <sip:alice@' . at($alice) . '>',
		($o{route} ? "Route: $o{route}" : ()), 'Content-Length: 0', '', '';
}

sub reply {
	my ($request, $status, $tag) = @_;
	my @head = grep { /^(?:Via|From|To|Call-ID|CSeq|Record-Route):/i } split /\r\n/, $request;
	s/^(To:[^;]*)$/$1;tag=$tag/ for @head;
	return join "\r\n", "SIP/2.0 $status X", @head, "Contact: <$uri>", 'Content-Length: 0', '', '';
}

sub from_alice { $alice->send($_[0], 0, $server) }

sub hear_bob {
	my ($text, $from) = @_;
	my ($method) = $text =~ /^(\w+)/;
	my ($id) = $text =~ /^Call-ID: (.*)\r/m;
	my $call = $call{$id} or return;
	push @wrong, "$id: $method twice" if $call->{"bob $method"}++;
	my $say = sub { my $reply = reply($text, @_); $bob->send($reply, 0, $from) };
	if ($method eq 'INVITE') {
		$call->{invite} = $text;
		$say->(180, "b$id");
		# every third call is refused, every fourth cancelled, the others are answered
		after_(RINGS, sub { $call->{refused} ? $say->(486, "b$id") : $call->{cancelled} || $say->(200, "b$id") });
	} elsif ($method eq 'CANCEL') {
		$say->(200, "b$id");
		my $reply = reply($call->{invite}, 487, "b$id");
		$bob->send($reply, 0, $from);
	} elsif ($method eq 'BYE') {
		$say->(200);
	} elsif ($call->{refused} || $call->{cancelled}) {
		$call->{'bob done'} = 1;
	}
}

sub hear_alice {
	my ($text) = @_;
	my ($status) = $text =~ m{^SIP/2\.0 (\d+)} or return;
	my ($id) = $text =~ /^Call-ID: (.*)\r/m;
	my ($method) = $text =~ /^CSeq: \d+ (\w+)/m;
	my $call = $call{$id} or return;
	return if $status < 180;
	push @wrong, "$id: $status to $method twice" if $status >= 200 && $call->{"alice $status $method"}++;
	if ($method eq 'BYE') {
		$call->{done} = $status == 200;
	} elsif ($method eq 'CANCEL') {
		push @wrong, "$id: $status to CANCEL" if $status != 200;
	} elsif ($status == 180) {
		after_(RINGS, sub { from_alice(request($id, 'CANCEL', 1, branch => "z9hG4bK${id}INVITE")) }) if $call->{cancelled};
	} elsif ($status == 200) {
		my ($route) = $text =~ /^Record-Route: (.*)\r/m;
		my %in = (uri => $uri, tag => "b$id", route => $route);
		from_alice(request($id, 'ACK', 1, %in));
		after_(TALKS, sub { from_alice(request($id, 'BYE', 2, %in)) });
	} else {
		push @wrong, "$id: $status" if $status != ($call->{refused} ? 486 : $call->{cancelled} ? 487 : 0);
		from_alice(request($id, 'ACK', 1, branch => "z9hG4bK${id}INVITE", tag => "b$id"));
		$call->{done} = 1;
	}
}

sub turn {
	my ($limit) = @_;
	my $wait = @later ? $later[0][0] - time : 0.05;
	for my $phone (IO::Select->new($alice, $bob)->can_read($wait < 0 ? 0 : $wait > $limit ? $limit : $wait)) {
		while (defined(my $from = $phone->recv(my $text, 65535))) {
			$phone == $bob ? hear_bob($text, $from) : hear_alice($text);
		}
	}
	(shift @later)->[1]->() while @later && $later[0][0] <= time;
}

# -- a call over TCP that is under way all the time, and a connection on which nothing happens
sub connected {
	return IO::Socket::INET->new(Proto => 'tcp', PeerAddr => '127.0.0.1', PeerPort => $one->{port}) // die "connect: $!\n";
}
my ($busy, $idle) = (connected(), connected());
sub over_tcp { my ($text) = @_; return $text =~ s{SIP/2\.0/UDP \S+?;}{SIP/2.0/TCP 127.0.0.1:9;}r }

# The next message but 100 on a connection, or nothing.
sub hear_tcp {
	my ($socket) = @_;
	my $text = '';
	while (IO::Select->new($socket)->can_read(5)) {
		sysread $socket, $text, 65536, length $text or last;
		$text =~ s{^SIP/2\.0 100 .*?\r\n\r\n}{}s;
		return $text if $text =~ /\r\n\r\n\z/;
	}
	return $text;
}
$call{tcp} = {};
syswrite $busy, over_tcp(request('tcp', 'INVITE', 1));
my $tcp_from;
{
	IO::Select->new($bob)->can_read(5);
	$tcp_from = $bob->recv($call{tcp}{invite}, 65535);
	$bob->send(reply($call{tcp}{invite}, 180, 'btcp'), 0, $tcp_from);
	like(hear_tcp($busy), qr{^SIP/2\.0 180 }, 'a call over TCP rings');
	syswrite $idle, over_tcp(request('idle', 'OPTIONS', 1, uri => 'sip:example.com'));
	like(hear_tcp($idle), qr{^SIP/2\.0 200 }, 'another connection');
}

for my $n (1 .. CALLS) {
	after_($n * EVERY * $slow, sub {
		my $id = "c$n";
		$call{$id} = { refused => $n % 3 == 0, cancelled => $n % 4 == 1 && $n % 3 };
		from_alice(request($id, 'INVITE', 1));
	});
}

# covenctl in a process of its own: the load goes on meanwhile
sub upgrade {
	open my $out, '-|', Covend->ctl_program . " -s '$one->{control}' --json upgrade 2>&1" or die "covenctl: $!\n";
	return $out;
}
my ($began, $answers) = (time, '');
# answered and taken up again between the first successor and the second
after_(CALLS * EVERY * $slow * 1.5 / (UPGRADES + 1), sub {
	$bob->send(reply($call{tcp}{invite}, 200, 'btcp'), 0, $tcp_from);
});
for my $n (1 .. UPGRADES) {
	after_(CALLS * EVERY * $slow * $n / (UPGRADES + 1), sub {
		my $out = upgrade();
		after_(1.5 * $slow, sub { local $/; my $said = <$out>; $answers .= $said; close $out });
	});
}
turn(0.05) while time < $began + CALLS * EVERY * $slow + 3;

@pids = $answers =~ /"pid":\s*(\d+)/g;
is(scalar(@pids), UPGRADES, 'every upgrade has its answer') or diag($answers);
END { kill 'KILL', grep { $_ && $_ != ($first // 0) } @pids if @pids }
is($one->end(undef, 10), 'exit 0', 'the first process has ended well');
my $ok = hear_tcp($busy);
like($ok, qr{^SIP/2\.0 200 }, 'the call over TCP is answered, on its connection');
my ($route) = $ok =~ /^Record-Route: (.*)\r/m;
my %in = (uri => $uri, tag => 'btcp', route => $route);
syswrite $busy, over_tcp(request('tcp', 'ACK', 1, %in));
turn(0.05) for 1 .. 10;
ok($call{tcp}{'bob ACK'}, 'its ACK is passed on');
syswrite $busy, over_tcp(request('tcp', 'BYE', 2, %in));
turn(0.05) for 1 .. 10;
like(hear_tcp($busy), qr{^SIP/2\.0 200 }, 'and its BYE');
syswrite $idle, over_tcp(request('idle2', 'OPTIONS', 1, uri => 'sip:example.com'));
like(hear_tcp($idle), qr{^SIP/2\.0 200 }, 'the other connection is there, too');
delete $call{tcp};
my @open = grep { !$call{$_}{done} } sort keys %call;
is(scalar(keys %call), CALLS, 'all calls were made');
is("@open", '', 'and every one has come to its end');
is(join(', ', grep { !$call{$_}{'bob ACK'} } sort keys %call), '', 'with its ACK');
is(join(', ', @wrong), '', 'nothing was said twice, nothing wrong');
my @stopped = Covend::slurp($one->{log}) =~ /info covend: stopped/g;
is(scalar(@stopped), UPGRADES, 'the servers in between have ended, too');
is(Covend::slurp("$one->{data}/lock"), "$pids[-1]\n", 'the last one has the lock');
my $status = $one->command('status');
is($status->{rows}[0]{pid}, $pids[-1], 'and the control socket');

# -- one that cannot start
my $good = Covend::slurp($one->{file});
open my $out, '>', $one->{file} or die "$one->{file}: $!\n";
print $out "domains = 5;\n";
close $out;
my ($code, $said) = $one->ctl('upgrade');
is($code, 1, 'a successor with a mistake in its configuration');
like($said, qr/the successor has ended/, 'covenctl says that it did not start');
like($one->log_text, qr/^\Q$one->{file}\E:1: /m, 'and the log why');
is($one->command('status')->{rows}[0]{pid}, $pids[-1], 'the old one goes on');
open $out, '>', $one->{file} or die "$one->{file}: $!\n";
print $out $good =~ s/workers = 2/workers = 1/r;
close $out;
($code, $said) = $one->ctl('upgrade');
is($code, 1, 'one with fewer workers');
like($one->log_text, qr/fewer `workers` than before/, 'is refused');
(%call, @wrong) = ();
$call{last} = {};
from_alice(request('last', 'INVITE', 1));
my $limit = time + 5;
turn(0.05) while !$call{last}{done} && time < $limit;
ok($call{last}{done}, 'a call is served by the old one');

# -- by a signal, and with another number of workers
open $out, '>', $one->{file} or die "$one->{file}: $!\n";
print $out $good =~ s/workers = 2/workers = 3/r;
close $out;
kill 'USR2', $pids[-1];
$limit = time + 10;
my $pid = $pids[-1];
while ($pid == $pids[-1] && time < $limit) {
	sleep 0.05;
	my $answer = $one->command('status') or next;
	($pid, my $workers) = @{ $answer->{rows}[0] }{qw(pid workers)};
	is($workers, 3, 'SIGUSR2: three workers share the sockets of two') if $pid != $pids[-1];
}
isnt($pid, $pids[-1], 'another process serves');
push @pids, $pid;
$call{more} = {};
from_alice(request('more', 'INVITE', 1));
$limit = time + 5;
turn(0.05) while !$call{more}{done} && time < $limit;
ok($call{more}{done}, 'it serves');
is(($one->ctl('stop'))[0], 0, 'stop');
$limit = time + 5;
sleep 0.02 while kill(0, $pid) && time < $limit;
ok(!kill(0, $pid), 'the last one ends');
ok(!-e $one->{control}, 'and takes its socket along');

# -- what is stored goes over, too, and is written on
SKIP: {
	skip 'no store-lmdb', 5 if !-f Covend->build . '/.libs/store-lmdb.so';
	my $two = Covend->new(folder => $folder, name => 'b');
	$two->start or die $two->log_text;
	my ($code, $said) = $two->ctl('user', 'add', 'carol', 'correct horse');
	is($code, 0, 'a user is added') or diag($said);
	($code, $said) = $two->ctl('--json', 'upgrade');
	is($code, 0, 'upgrade') or diag($said . $two->log_text);
	push @pids, $said =~ /"pid":\s*(\d+)/;
	like(($two->ctl('user', 'list'))[1], qr/\bcarol\b/, 'the successor knows her');
	($code, $said) = $two->ctl('user', 'add', 'dave', 'battery staple');
	is($code, 0, 'and takes new ones') or diag($said);
	is($two->end(undef, 10), 'exit 0', 'the old one has ended');
	$two->ctl('stop');
}
is(join('', grep { /Sanitizer|runtime error/ } map { split /\n/, Covend::slurp($_) } glob "$folder/*.log"), '',
	'nothing from a sanitizer');
done_testing();
