# SPDX-License-Identifier: GPL-3.0-or-later
package Sipt::Net;
# Sockets on loopback: free ports, sending, and one pump that reads for all phones.
use strict;
use warnings;
use IO::Select;
use IO::Socket::IP;
use Socket qw(:DEFAULT getaddrinfo AI_NUMERICHOST AI_NUMERICSERV IPPROTO_TCP TCP_NODELAY
	getnameinfo NI_NUMERICHOST NI_NUMERICSERV);
use Time::HiRes qw(time);

# Every process begins in a range of its own, so that ladders played at the same time do not meet.
my $next_port = 20000 + $$ % 600 * 20;
my $select = IO::Select->new;
my %reader;

sub open_socket {
	my ($proto, $host, $port) = @_;
	return IO::Socket::IP->new(
		Proto => $proto, LocalHost => $host, LocalPort => $port, GetAddrInfoFlags => AI_NUMERICHOST,
		$proto eq 'tcp' ? (Listen => 64, ReuseAddr => 1) : ());
}

sub have_ipv6 { return defined open_socket('udp', '::1', 0) }

# A port that is free for all of the pairs [proto, host]; with 'keep' the open sockets follow it.
sub free_port {
	my ($keep, @pairs) = @_;
	TRY: for (1 .. 2000) {
		my $port = $next_port++;
		my @open;
		for (@pairs) {
			push @open, open_socket($_->[0], $_->[1], $port) // next TRY;
		}
		return $keep ? ($port, @open) : $port;
	}
	die "no free port\n";
}

# "[::1]:5060" or "127.0.0.1:5060" as a packed address.
sub packed {
	my ($host, $port) = shift =~ /^\[?([^\]]*?)\]?:(\d+)$/ or die "not an address: $_[0]\n";
	my ($error, $found) = getaddrinfo($host, $port,
		{ flags => AI_NUMERICHOST | AI_NUMERICSERV, socktype => SOCK_DGRAM });
	die "$host: $error\n" if $error;
	return $found->{addr};
}

sub printable {
	my ($error, $host, $port) = getnameinfo(shift, NI_NUMERICHOST | NI_NUMERICSERV);
	return '?' if $error;
	return $host =~ /:/ ? "[$host]:$port" : "$host:$port";
}

sub connect_to {
	my ($address, $from) = @_;
	my ($host, $port) = $address =~ /^\[?([^\]]*?)\]?:(\d+)$/ or die "not an address: $address\n";
	my $sock = IO::Socket::IP->new(Proto => 'tcp', PeerHost => $host, PeerPort => $port,
		LocalHost => $from, GetAddrInfoFlags => AI_NUMERICHOST, Timeout => 5)
		or die "cannot connect to $address: $!\n";
	$sock->setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
	return $sock;
}

# The function runs whenever the socket can be read.
sub watch {
	my ($sock, $function) = @_;
	$select->add($sock);
	$reader{ fileno $sock } = $function;
}

sub forget {
	my $sock = shift;
	$select->remove($sock);
	delete $reader{ fileno $sock };
	close $sock;
}

# Reads what has come for anybody, until done() is true or the seconds are over.
sub pump {
	my ($seconds, $done) = @_;
	my $end = time + $seconds;
	until ($done->()) {
		my $left = $end - time;
		my @ready = $select->can_read($left > 0 ? $left : 0);
		$reader{ fileno $_ }->() for grep { defined fileno $_ } @ready;
		last if !@ready && $left <= 0;
	}
	return $done->();
}

1;
