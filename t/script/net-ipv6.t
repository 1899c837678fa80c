#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# Wildcards of both families side by side, and addresses that mean something on one link only: asked, and called at.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Covend;
use IO::Select;
use IO::Socket::IP;
use Socket qw(AF_INET6 SOCK_DGRAM SOCK_STREAM);
use Test::More;

plan skip_all => Covend->missing if Covend->missing;
my $folder = Covend->folder;
my $serial = 0;

sub at {
	my ($socket) = @_;
	my $host = $socket->sockhost =~ s/%.*//r;
	return ($host =~ /:/ ? "[$host]" : $host) . ':' . $socket->sockport;
}

sub request {
	my ($socket, $method, $uri, $to) = @_;
	my $id = ++$serial;
	my $transport = $socket->socktype == SOCK_STREAM ? 'TCP' : 'UDP';
	return join "\r\n", "$method $uri SIP/2.0", "Via: SIP/2.0/$transport " . at($socket) . ";branch=z9hG4bK$id;rport",
		'Max-Forwards: 70', "From: <sip:a\@elsewhere.example>;tag=$id", "To: <$to>", "Call-ID: $id", "CSeq: 1 $method",
		'Contact: <sip:bob@' . at($socket) . '>', 'Content-Length: 0', '', '';
}

sub hear {
	my ($socket) = @_;
	IO::Select->new($socket)->can_read(3) or return '';
	$socket->recv(my $text, 65535);
	return $text // '';
}

sub asks {
	my ($socket, @what) = @_;
	return "no socket: $@" if !$socket;
	$socket->send(request($socket, @what));
	return hear($socket) =~ /^(SIP\/2\.0 \d+)/ ? $1 : '';
}

my @options = ('OPTIONS', 'sip:example.com', 'sip:example.com');

# -- wildcards
my $port = Covend->free_port;
my $listen = join ', ', map { qq("$_:$port") } 'udp:0.0.0.0', 'udp:[::]', 'tcp:0.0.0.0', 'tcp:[::]';
my $one = Covend->new(folder => $folder, name => 'any', port => $port, text => "listen = ($listen); plugins_only = ();");
ok($one->start, 'both wildcards side by side') or BAIL_OUT($one->log_text);
for my $host ('127.0.0.1', '::1') {
	for my $type (SOCK_DGRAM, SOCK_STREAM) {
		my $socket = IO::Socket::IP->new(PeerHost => $host, PeerPort => $port, Type => $type, Timeout => 3);
		is(asks($socket, @options), 'SIP/2.0 200', "$host by " . ($type == SOCK_STREAM ? 'TCP' : 'UDP'));
	}
}
is($one->end('TERM'), 'exit 0', 'it ends');

# -- one link
my ($link, $address);
for (split /\n/, Covend::slurp('/proc/net/if_inet6')) {
	my ($hex, undef, undef, undef, $flags, $name) = split;
	next if $hex !~ /^fe80/ || hex($flags) & 0x48;
	($link, $address) = ($name, join ':', $hex =~ /(....)/g);
	last;
}
SKIP: {
	skip 'no link-local address here', 9 if !$link;
	$listen = join ', ', map { qq("$_:$port") } "udp:[$address%$link]", "tcp:[$address%$link]", 'udp:127.0.0.1';
	$one = Covend->new(folder => $folder, name => 'link', port => $port, text => "listen = ($listen); plugins_only = ("
		. '{ name = "relay"; targets = ({ user = "bob"; to = "sip:bob@[' . $address . ']:PORT"; }); });');
	my $bob = IO::Socket::IP->new(LocalHost => "$address%$link", Type => SOCK_DGRAM) or skip "cannot bind there: $@", 9;
	$one->{text} =~ s/PORT/$bob->sockport/e;
	$one->configure;
	ok($one->start, 'listening on a link') or BAIL_OUT($one->log_text);
	for my $type (SOCK_DGRAM, SOCK_STREAM) {
		my $socket = IO::Socket::IP->new(PeerHost => "$address%$link", PeerPort => $port, Type => $type, Timeout => 3);
		is(asks($socket, @options), 'SIP/2.0 200', 'asked by ' . ($type == SOCK_STREAM ? 'TCP' : 'UDP'));
	}
	my $alice = IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => $port, Type => SOCK_DGRAM);
	$alice->send(request($alice, 'INVITE', 'sip:bob@example.com', 'sip:bob@example.com'));
	my $invite = hear($bob);
	like($invite, qr/^INVITE /, 'called at an address that does not say which link');
	my ($sent_by) = $invite =~ /^Via: SIP\/2\.0\/UDP (\S+?);/m;
	unlike($sent_by // '', qr/%/, 'and our Via does not say it either');
	my $ok = join "\r\n", 'SIP/2.0 200 OK', (grep { /^(?:Via|From|To|Call-ID|CSeq|Record-Route):/ } split /\r\n/, $invite),
		'Contact: <sip:bob@' . at($bob) . '>', 'Content-Length: 0', '', '';
	$ok =~ s/^(To:.*)\r$/$1;tag=b\r/m;
	$bob->send($ok, 0, Socket::pack_sockaddr_in6($port, Socket::inet_pton(AF_INET6, $address), (IO::Socket::IP->new(
		PeerHost => "$address%$link", PeerPort => $port, Type => SOCK_DGRAM)->peername =~ /(....)$/s ? unpack 'L', $1 : 0)));
	my $answer = hear($alice);
	$answer = hear($alice) if $answer =~ /^SIP\/2\.0 100/;
	like($answer, qr/^SIP\/2\.0 200/, 'the answer comes back');
	my @route = $answer =~ /^Record-Route: (.*)\r/mg;
	is(scalar @route, 2, 'two Record-Routes');
	my $bye = request($alice, 'BYE', 'sip:bob@' . at($bob), 'sip:bob@example.com');
	my ($id) = $invite =~ /^Call-ID: (.*)\r/m;
	$bye =~ s/^Call-ID: .*\r$/Call-ID: $id\r/m;
	$bye =~ s/^From: .*\r$/($invite =~ m{^(From: .*\r)$}m)[0]/me;
	$bye =~ s/^(To:.*)\r$/$1;tag=b\r/m;
	$bye =~ s/\r\n\r\n/join '', "\r\n", (map { "Route: $_\r\n" } reverse @route), "\r\n"/e;
	$alice->send($bye);
	my $got = hear($bob);
	$got = hear($bob) if $got =~ /^INVITE/;
	like($got, qr/^BYE /, 'BYE goes there, too');
	is($one->end('KILL'), 'signal 9', 'it ends');
}
done_testing();
