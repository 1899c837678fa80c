# SPDX-License-Identifier: GPL-3.0-or-later
package Lab;
# Machines on a network of their own: network namespaces at one bridge, which nothing can leave.
#
#	Lab::enter();                          # first of all: the script runs again where it may make namespaces
#	die Lab::missing() if Lab::missing();  # e.g. "no network namespaces here: ..."
#	my $lab = Lab->new;                    # the bridge; this script sits at it, too, as 203.0.113.1
#	my @under = $lab->host('a', '203.0.113.10');    # words before a command that is to run on that machine
#	$lab->count('a', qw(5060 53));         # from now on: UDP that is RTP, or has none of these ports
#	$lab->counted('a');                    # { rtp_in => packets, rtp_out, rtp_through, other_in, other_out, other_through }
#	$lab->listen('a', "$folder/a.pcap");   # all packets, into a file
#	$lab->heard('a');                      # [source, port, destination, port, bytes], ... in their order
#	$lab->end;                             # also by itself: they are gone with the script
#
# They are seen by nobody else: even their names are in a mount namespace of the script's own. Frames may have 9000 bytes, so that
# a SIP message is one packet.
use strict;
use warnings;
use PhoneProc;
use Time::HiRes ();

use constant {
	MTU => 9000, WAIT => 5,
	AF_PACKET => 17, SOCK_RAW => 3, ETH_P_ALL => 3, SOL_SOCKET => 1, SO_RCVBUFFORCE => 33, BUFFER => 8 << 20,
};

# Root needs nothing for it; others a kernel that lets them.
sub unshare { ('unshare', $> == 0 ? () : '-r', '-n', '-m') }

sub enter {
	my (@arguments) = @_;
	return if $ENV{COVEN_LAB} || missing();
	$ENV{COVEN_LAB} = 1;
	$ENV{PERL5LIB} = join ':', @INC;
	exec unshare(), $^X, $0, @arguments or die "unshare: $!\n";
}

sub missing {
	return if $ENV{COVEN_LAB};
	local $ENV{PATH} = "$ENV{PATH}:/usr/sbin:/sbin";
	my @lost = grep { my $program = $_; !grep { -x "$_/$program" } split /:/, $ENV{PATH} } qw(unshare nsenter ip nft);
	return "missing programs: @lost" if @lost;
	my $what = join ' ', unshare();
	my $said = qx($what sh -c 'mount -t tmpfs lab /run && ip link add lab type bridge' 2>&1);
	return "no network namespaces here ($what: " . ($said =~ /^(.*)$/m ? $1 : 'failed') . '); try as root' if $?;
	return;
}

sub run {
	my ($self, @words) = @_;
	open my $out, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', @words or die "$words[0]: $!\n";
	my $text = do { local $/; <$out> } // '';
	close $out or die "@words: $text\n";
	return $text;
}

sub new {
	my ($class) = @_;
	die "Lab::enter first\n" if !$ENV{COVEN_LAB};
	my $self = bless { hosts => {}, ears => {} }, $class;
	$ENV{PATH} .= ':/usr/sbin:/sbin';
	$self->run(qw(mount -t tmpfs lab /run));
	$self->run(qw(ip link set lo up));
	$self->run(qw(ip link add lab type bridge));
	$self->run(qw(ip link set lab mtu), MTU, 'up');
	$self->run(qw(ip addr add 203.0.113.1/24 dev lab));
	return $self;
}

sub under { my ($self, $name) = @_; return ('nsenter', "--net=/run/netns/$name") }

sub host {
	my ($self, $name, $address) = @_;
	$self->run(qw(ip netns add), $name);
	$self->{hosts}{$name} = $address;
	$self->run(qw(ip link add), "to-$name", 'mtu', MTU, qw(type veth peer name eth0 netns), $name, 'mtu', MTU);
	$self->run(qw(ip link set), "to-$name", qw(master lab up));
	$self->run('ip', '-n', $name, @$_) for [qw(link set lo up)], ['addr', 'add', "$address/24", qw(dev eth0)], [qw(link set eth0 up)];
	return $self->under($name);
}

# By the first two bits of the payload, RTP tells itself from SIP, STUN and ZRTP (RFC 7983); those of DNS mean nothing.
# (Two "!=" in a row are taken for one comparison of both by nft 1.0.6.)
sub count {
	my ($self, $name, @ports) = @_;
	my $ports = join ', ', @ports;
	my $rules = '';
	for (['in', 'input'], ['out', 'output'], ['through', 'forward']) {
		my ($to, $hook) = @$_;
		$rules .= <<"END";
	counter other_$to { }
	counter rtp_$to { }
	chain see_$to {
		type filter hook $hook priority 0;
		udp sport 53 return
		udp dport 53 return
		meta l4proto udp \@th,64,2 2 counter name rtp_$to
		udp sport { $ports } return
		udp dport { $ports } return
		meta l4proto udp counter name other_$to
	}
END
	}
	open my $nft, '|-', $self->under($name), 'nft', '-f', '-' or die "nft: $!\n";
	print $nft "table inet lab {\n$rules}\n";
	close $nft or die "nft has not taken the rules of $name\n";
}

sub counted {
	my ($self, $name) = @_;
	my $text = $self->run($self->under($name), qw(nft list counters));
	my %count;
	$count{$1} = $2 while $text =~ /counter (\w+) \{\s*packets (\d+)/g;
	return \%count;
}

sub listen {
	my ($self, $name, $file) = @_;
	my $ear = spawn(name => "packets of $name", log => "$file.log", ready => 1,
		argv => [$self->under($name), $^X, '-I', $INC{'Lab.pm'} =~ s{/Lab\.pm$}{}r, '-MLab', '-e', 'Lab::write_packets(@ARGV)', $file]);
	($ear->ready_line(WAIT) // '') eq "ready\n" or die "packets of $name cannot be seen: " . $ear->log_text . "\n";
	$self->{ears}{$name} = [$ear, $file];
}

# All that this machine sends and gets, as a file for Wireshark, until it is ended. (tcpdump gives up where root is none outside.)
sub write_packets {
	my ($file) = @_;
	socket my $socket, AF_PACKET, SOCK_RAW, unpack('n', pack 'S', ETH_P_ALL) or die "packet socket: $!\n";
	setsockopt $socket, SOL_SOCKET, SO_RCVBUFFORCE, pack 'i', BUFFER;
	open my $out, '>:raw', $file or die "$file: $!\n";
	$out->autoflush(1);
	print $out pack 'LSSlLLL', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1;
	open my $ready, '>&=', 3 or die "ready: $!\n";
	syswrite $ready, "ready\n";
	while (defined recv $socket, my $frame, 65535, 0) {
		my $now = Time::HiRes::time();
		print $out pack('LLLL', int $now, ($now - int $now) * 1e6, (length $frame) x 2), $frame;
	}
}

# UDP over IPv4 over Ethernet, in a file of libpcap's in this machine's byte order.
sub heard {
	my ($self, $name) = @_;
	my ($ear, $file) = @{ $self->{ears}{$name} };
	$ear->stop;
	my $bytes = slurp($file);
	my ($at, @packets) = (24);
	while (length $bytes >= $at + 16) {
		my $length = unpack 'L', substr $bytes, $at + 8, 4;
		my $ip = substr $bytes, $at + 16 + 14, $length - 14;
		$at += 16 + $length;
		next if length $ip < 28 || (ord $ip) >> 4 != 4 || ord substr($ip, 9, 1) != 17;
		my $header = 4 * (ord($ip) & 15);
		my ($source, $destination) = map { join '.', unpack 'C4', substr $ip, $_, 4 } 12, 16;
		my ($from, $to, $size) = unpack 'n3', substr $ip, $header, 6;
		push @packets, [ $source, $from, $destination, $to, substr $ip, $header + 8, $size - 8 ];
	}
	return @packets;
}

sub end {
	my ($self) = @_;
	$_->[0]->stop for values %{ $self->{ears} };
	$self->run(qw(ip netns del), $_) for sort keys %{ $self->{hosts} };
	$self->{hosts} = {};
}

1;
