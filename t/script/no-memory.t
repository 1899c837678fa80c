#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# Memory that is not there: the N-th request for it fails, for each of the first 500 (COVEN_LONG; else for every 9th),
# while devices register and call.  Whatever becomes of that one message, the server lives and answers the next.
# (At its start it is libconfig that reads the files, and that does not survive it.)
use strict;
use warnings;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use File::Temp;
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Sipt::Digest;
use Test::More;
use Time::HiRes qw(sleep time);

my $build = $ENV{top_builddir} // 'build';
my $covend = $ENV{COVEND} // "$build/covend";
my $failing = "$build/.libs/failing.so";
plan skip_all => "no $covend" if !-x $covend;
plan skip_all => 'a sanitizer keeps the memory itself' if ($ENV{sanitizers} // 'no') !~ /^(?:no)?$/;

my $STEP = $ENV{COVEN_LONG} ? 1 : 9;
my $LAST = 500;
my $ROUNDS = 60;    # in which a failure that was ordered must have come

my $folder = File::Temp->newdir('coven-memory-XXXXXX', TMPDIR => 1);
mkdir "$folder/data", 0700;
my %running;
END { kill 'KILL', keys %running }

# --- the two counters that failing.so counts down

sub arm {
	my $n = shift;
	open my $out, '+<', "$folder/counters" or die "counters: $!\n";
	syswrite $out, pack('q', $n);
	close $out;
}

sub armed {
	open my $in, '<', "$folder/counters" or die "counters: $!\n";
	sysread $in, my $bytes, 8;
	return unpack 'q', $bytes;
}

open my $counters, '>', "$folder/counters" or die "counters: $!\n";
print $counters "\0" x 16;
close $counters;

# --- the server

my $plugins = $ENV{COVEN_PLUGINS} // "$build/.libs";
sub configure {
	my $port = shift;
	open my $out, '>', "$folder/conf" or die "conf: $!\n";
	print $out <<"END";
domains = ( "example.com" );
listen = ( "udp:127.0.0.1:$port" );
data = "$folder/data";
plugin_path = ( "$plugins" );
plugins = ( { name = "users"; accounts = ( { name = "bob"; password = "secret"; } ); } );
END
}

sub start {
	pipe my $read, my $write or die "pipe: $!\n";
	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		POSIX::dup2(fileno $write, 9);
		open STDOUT, '>>', "$folder/log";
		open STDERR, '>&', \*STDOUT;
		$ENV{FAILING} = "$folder/counters";
		$ENV{LD_PRELOAD} = $failing;
		exec split(' ', $ENV{UNDER} // ''), $covend, '-c', "$folder/conf", '--ready-fd', 9 or POSIX::_exit(127);
	}
	close $write;
	$running{$pid} = 1;
	my $said = '';
	sysread $read, $said, 100 if IO::Select->new($read)->can_read(20);
	return ($pid, $said eq "ready\n");
}

# "exit N" or "signal N"
sub end {
	my ($pid, $signal) = @_;
	kill $signal, $pid if $signal;
	for (1 .. 2000) {
		last if waitpid $pid, POSIX::WNOHANG();
		sleep 0.005;
	}
	my $status = $?;
	delete $running{$pid};
	return $status & 127 ? 'signal ' . ($status & 127) : 'exit ' . ($status >> 8);
}

sub lives { return !waitpid shift, POSIX::WNOHANG() }

# --- the phones

my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Proto => 'udp')->sockport;
my ($bob, $carol) = map { IO::Socket::INET->new(LocalAddr => '127.0.0.1', PeerAddr => "127.0.0.1:$server", Proto => 'udp') } 1, 2;
my $count = 0;

sub message {
	my ($sock, $start, @more) = @_;
	my $n = ++$count;
	$sock->send(join("\r\n", $start, 'Via: SIP/2.0/UDP 127.0.0.1:' . $sock->sockport . ";branch=z9hG4bK$n",
		'Max-Forwards: 70', @more, 'Content-Length: 0', '', ''));
}

# The next message, or ''.
sub heard {
	my ($sock, $seconds) = @_;
	IO::Select->new($sock)->can_read($seconds) or return '';
	$sock->recv(my $bytes, 65535);
	return $bytes // '';
}

sub register {
	my $contact = '<sip:bob@127.0.0.1:' . $bob->sockport . '>';
	my $id = "r$count";
	my @lines = ("From: <sip:bob\@example.com>;tag=$id", 'To: <sip:bob@example.com>', "Call-ID: $id", "Contact: $contact");
	message($bob, 'REGISTER sip:example.com SIP/2.0', @lines, 'CSeq: 1 REGISTER');
	my ($challenge) = heard($bob, 0.05) =~ /^WWW-Authenticate: (.*?)\r/m or return;
	my $answer = Sipt::Digest::answer(Sipt::Digest::parse($challenge, 'Authorization'), user => 'bob',
		password => 'secret', method => 'REGISTER', uri => 'sip:example.com');
	message($bob, 'REGISTER sip:example.com SIP/2.0', @lines, 'CSeq: 2 REGISTER', $answer);
	heard($bob, 0.05);
}

sub reply {
	my ($request, $status) = @_;
	my @kept = $request =~ /^((?:Via|From|To|Call-ID|CSeq|Record-Route): .*?)\r$/mg;
	s/^(To: [^;]*)$/$1;tag=bob/ for @kept;
	$bob->send(join("\r\n", "SIP/2.0 $status", @kept, 'Contact: <sip:bob@127.0.0.1:' . $bob->sockport . '>',
		'Content-Length: 0', '', ''));
}

sub call {
	my $id = "c$count";
	my @lines = ("From: <sip:carol\@example.net>;tag=$id", "Call-ID: $id");
	message($carol, 'INVITE sip:bob@example.com SIP/2.0', @lines, 'To: <sip:bob@example.com>', 'CSeq: 1 INVITE',
		'Contact: <sip:carol@127.0.0.1:' . $carol->sockport . '>');
	my $invite = heard($bob, 0.05);
	return heard($carol, 0.01) if $invite !~ /^INVITE/;
	reply($invite, '180 Ringing');
	reply($invite, '200 OK');
	my $ok = '';
	for (1 .. 3) { $ok = heard($carol, 0.03); last if $ok =~ /^SIP\S+ 200/ }
	my ($route) = $ok =~ /^Record-Route: (.*?)\r/m or return;
	my ($to) = $ok =~ /^(To: .*?)\r/m;
	my $target = 'sip:bob@127.0.0.1:' . $bob->sockport;
	message($carol, "ACK $target SIP/2.0", @lines, $to, "Route: $route", 'CSeq: 1 ACK');
	message($carol, "BYE $target SIP/2.0", @lines, $to, "Route: $route", 'CSeq: 2 BYE');
	for (1 .. 3) {
		my $bye = heard($bob, 0.03);
		next if $bye !~ /^BYE/;
		reply($bye, '200 OK');
		last;
	}
	heard($carol, 0.03);
}

sub empty {
	for my $sock ($bob, $carol) { 1 while heard($sock, 0) ne '' }
}

sub answers {
	for (1 .. 3) {
		message($carol, 'OPTIONS sip:example.com SIP/2.0', "From: <sip:carol\@example.net>;tag=$count",
			'To: <sip:example.com>', "Call-ID: o$count", 'CSeq: 1 OPTIONS');
		my $end = time + 1;
		while (time < $end) {
			return 1 if heard($carol, 0.2) =~ /^SIP\/2.0 200 .*^CSeq: 1 OPTIONS/ms;
		}
	}
	return;
}

# --- while it runs

configure($server);
my ($pid, $ready) = start();
ok($ready, 'covend runs with memory that can fail') or BAIL_OUT('it does not start');
register();
call();
empty();
my ($failures, $dead) = (0);
N: for (my $n = 1; $n <= $LAST; $n += $STEP) {
	arm($n);
	for (1 .. $ROUNDS) {
		register();
		call();
		last if armed() <= 0;
	}
	$failures++ if armed() <= 0;
	arm(0);
	empty();
	if (!lives($pid) || !answers()) {
		$dead = $n;
		last;
	}
}
ok(!defined $dead, 'it lives and answers after each') or diag("memory request $dead failed, and that was the end");
cmp_ok($failures, '>', $LAST / $STEP / 2, "$failures requests for memory failed");
is(end($pid, 'TERM'), 'exit 0', 'it ends as always');

done_testing;
