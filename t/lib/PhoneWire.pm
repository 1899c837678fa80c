# SPDX-License-Identifier: GPL-3.0-or-later
# What the loopback interface carried between the ports of this test: a packet socket with a filter.
package PhoneWire;
use strict;
use warnings;
use PhoneProc;

use constant {
	AF_PACKET => 17, SOCK_DGRAM => 2, ETH_P_IP => 0x0800, SOL_SOCKET => 1,
	SO_RCVBUFFORCE => 33, SO_ATTACH_FILTER => 26,
	BUFFER => 8 << 20,
};

# Opens the socket; nothing if we may not (it takes CAP_NET_RAW).
sub new {
	my ($class) = @_;
	my ($first, $end) = port_block();
	socket my $socket, AF_PACKET, SOCK_DGRAM, unpack('n', pack 'S', ETH_P_IP) or return;
	setsockopt $socket, SOL_SOCKET, SO_RCVBUFFORCE, pack 'i', BUFFER;
	my $code = filter($first, $end - 1);
	setsockopt $socket, SOL_SOCKET, SO_ATTACH_FILTER, pack 'Sx![P]P', length($code) / 8, $code
		or die "packet filter: $!\n";
	return bless { socket => $socket, first => $first, end => $end, streams => {} }, $class;
}

# Classic BPF: UDP with one of its two ports in the range. (A socket for IPv4 alone, unlike one
# for all protocols, sees a packet on loopback once.)
sub filter {
	my ($low, $high) = @_;
	my @code = (
		[0x30, 0, 0, 9],                   # ldb protocol
		[0x15, 0, 7, 17],
		[0xb1, 0, 0, 0],                   # ldx length of the IP header
		[0x48, 0, 0, 0],                   # ldh source port
		[0x35, 0, 1, $low],
		[0x25, 0, 4, $high],
		[0x48, 0, 0, 2],                   # ldh destination port
		[0x35, 0, 1, $low],
		[0x25, 0, 1, $high],
		[0x06, 0, 0, 0],
		[0x06, 0, 0, 65535],
	);
	return join '', map { pack 'SCCL', @$_ } @code;
}

# Packets told apart by their first byte (RFC 7983): RTP and RTCP, ZRTP, or text.
sub kind {
	my ($payload) = @_;
	my $first = length $payload ? ord $payload : 0;
	return 'zrtp' if $first >= 16 && $first <= 19;
	return 'text' if $first < 128 || $first > 191;
	my $type = ord substr $payload, 1, 1;
	return $type >= 200 && $type <= 207 ? 'rtcp' : 'rtp';
}

# Takes in what has come; gives the list of [source port, destination port, kind, packets].
sub streams {
	my ($self) = @_;
	my $count = $self->{streams};
	local $!;
	while (defined recv $self->{socket}, my $packet, 65535, 0x40) {
		my $header = 4 * (ord($packet) & 15);
		my ($from, $to) = unpack 'nn', substr $packet, $header;
		$count->{ join ' ', $from, $to, kind(substr $packet, $header + 8) }++;
	}
	return map { [split(/ /), $count->{$_}] } sort keys %$count;
}

sub reset {
	my ($self) = @_;
	$self->streams;
	$self->{streams} = {};
}

# How many packets of that kind went from one range of ports to another.
sub packets {
	my ($self, $kind, $from, $to) = @_;
	my $sum = 0;
	for ($self->streams) {
		my ($source, $destination, $what, $n) = @$_;
		$sum += $n if $what eq $kind && $source >= $from->[0] && $source <= $from->[1]
			&& $destination >= $to->[0] && $destination <= $to->[1];
	}
	return $sum;
}

sub list { return map { "$_->[0] > $_->[1]: $_->[3] $_->[2]" } grep { $_->[2] ne 'text' } @_ }

# The streams of media that this port sent or got.
sub media_at {
	my ($self, $port) = @_;
	return list(grep { $_->[0] == $port || $_->[1] == $port } $self->streams);
}

# The streams of media with an end outside these ranges of ports.
sub media_beside {
	my ($self, @ranges) = @_;
	my $inside = sub { my ($port) = @_; scalar grep { $port >= $_->[0] && $port <= $_->[1] } @ranges };
	return list(grep { !$inside->($_->[0]) || !$inside->($_->[1]) } $self->streams);
}

1;
