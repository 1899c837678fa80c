#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# `ulimit -n 64` and 200 connections: datagrams are answered all the time, the log stays short, and there is room for a connection
# again within a second after they have gone.  The same when the limit shrinks under a running server, so that accept() itself fails.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Covend;
use IO::Select;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => Covend->missing if Covend->missing;
my ($prlimit) = grep { -x } map { "$_/prlimit" } split /:/, $ENV{PATH};
plan skip_all => 'no prlimit' if !$prlimit;
my $folder = Covend->folder;
my $serial = 0;

sub options {
	my ($socket, $transport) = @_;
	my $id = ++$serial;
	return join "\r\n", 'OPTIONS sip:example.com SIP/2.0', "Via: SIP/2.0/$transport 127.0.0.1:" . $socket->sockport . ";branch=z9hG4bK$id;rport",
		'Max-Forwards: 70', "From: <sip:a\@elsewhere.example>;tag=$id", 'To: <sip:example.com>', "Call-ID: $id", 'CSeq: 1 OPTIONS',
		'Content-Length: 0', '', '';
}

# The first line of the answer, or nothing.
sub asks {
	my ($socket, $transport, $seconds) = @_;
	$socket->send(options($socket, $transport)) or return '';
	IO::Select->new($socket)->can_read($seconds // 2) or return '';
	$socket->recv(my $text, 65535);
	return defined $text && $text =~ /^(SIP\/2\.0 \d+)/ ? $1 : '';
}

sub udp { IO::Socket::INET->new(Proto => 'udp', PeerAddr => '127.0.0.1', PeerPort => $_[0]{port}) or die "socket: $!\n" }
sub tcp { IO::Socket::INET->new(Proto => 'tcp', PeerAddr => '127.0.0.1', PeerPort => $_[0]{port}, Timeout => 2) }

# Seconds until a connection is served.
sub served_after {
	my ($one) = @_;
	my $began = time;
	until (time - $began > 5) {
		my $socket = tcp($one);
		return time - $began if $socket && asks($socket, 'TCP', 0.5) eq 'SIP/2.0 200';
		sleep 0.02;
	}
	return 99;
}

sub flood {
	my ($one, $name) = @_;
	my $phone = udp($one);
	my (@connections, $heard);
	for (1 .. 200) {
		push @connections, tcp($one);
		$heard += asks($phone, 'UDP') eq 'SIP/2.0 200' if $_ % 10 == 0;
	}
	is($heard, 20, "$name: with 200 connections all datagrams are answered");
	my @warnings = grep { /\bnet\b/ } split /\n/, $one->log_text;
	cmp_ok(scalar @warnings, '<=', 10, "$name: the log says little");
	cmp_ok(scalar @warnings, '>=', 1, "$name: but something") or diag $one->log_text;
	undef @connections;
	my $seconds = served_after($one);
	cmp_ok($seconds, '<', 1, "$name: when they have gone there is room");
	is($one->end('TERM'), 'exit 0', "$name: it ends");
}

my $one = Covend->new(folder => $folder, name => 'start', text => 'plugins_only = ();');
ok($one->start(first => sub { system $prlimit, '--pid', $$, '--nofile=64:64' }), 'ulimit -n 64') or BAIL_OUT($one->log_text);
flood($one, 'at the start');

$one = Covend->new(folder => $folder, name => 'later', text => 'plugins_only = ();');
ok($one->start, 'without a limit');
is(system($prlimit, '--pid', $one->pid, '--nofile=64:64'), 0, 'then ulimit -n 64');
flood($one, 'later');
done_testing();
