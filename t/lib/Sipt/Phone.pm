# SPDX-License-Identifier: GPL-3.0-or-later
package Sipt::Phone;
# A phone's sockets: where it listens, the connections it has, and the messages that wait in its inbox.
use strict;
use warnings;
use Sipt::Message;
use Sipt::Net;
use Time::HiRes ();

# Options: name, kinds (udp tcp udp6 tcp6), at, user, password, domain, algorithm.
sub new {
	my ($class, %o) = @_;
	my $self = bless { user => $o{name}, domain => 'example.com', at => '127.0.0.1', %o,
		inbox => [], conns => [], sockets => {}, sent => [], got => [], requests => [],
		dialogs => [], challenges => [] }, $class;
	my @kinds = @{ $o{kinds} };
	my @pairs = map { [ /^(udp|tcp)/, /6$/ ? '::1' : $self->{at} ] } @kinds;
	my ($port, @open) = Sipt::Net::free_port('keep', map { [ @$_ ] } @pairs);
	$self->{port} = $port;
	for (@kinds) {
		my $sock = shift @open;
		$self->{sockets}{$_} = $sock;
		Sipt::Net::watch($sock, /^udp/ ? sub { $self->read_datagram($sock) } : sub { $self->accept($sock) });
	}
	$self->{kind} = $kinds[0];
	return $self;
}

sub host {
	my ($self, $kind) = @_;
	return ($kind // $self->{kind}) =~ /6$/ ? '[::1]' : $self->{at};
}

sub address {
	my ($self, $kind) = @_;
	return $self->host($kind) . ":$self->{port}";
}

sub uri {
	my $self = shift;
	return "sip:$self->{user}\@" . $self->address . ($self->{kind} =~ /^tcp/ ? ';transport=tcp' : '');
}

sub transport { return $_[0]{kind} =~ /^tcp/ ? 'tcp' : 'udp' }

# The kind of our socket that reaches a place.
sub kind_for {
	my ($self, $place) = @_;
	my $kind = $place->{transport} . ($place->{address} =~ /^\[/ ? '6' : '');
	$self->{sockets}{$kind} or die "$self->{name} has no $kind to reach $place->{address}\n";
	return $kind;
}

sub read_datagram {
	my ($self, $sock) = @_;
	my $from = $sock->recv(my $bytes, 65536) // return;
	$self->arrived($bytes, transport => 'udp', address => Sipt::Net::printable($from));
}

sub accept {
	my ($self, $sock) = @_;
	my $new = $sock->accept or return;
	$self->add_connection($new, Sipt::Net::printable($new->peername));
}

sub add_connection {
	my ($self, $sock, $peer, $name) = @_;
	my $conn = { sock => $sock, peer => $peer, name => $name // '', stream => '', open => 1 };
	push @{ $self->{conns} }, $conn;
	Sipt::Net::watch($sock, sub { $self->read_stream($conn) });
	return $conn;
}

sub connect {
	my ($self, $address, $name) = @_;
	my $from = $self->{at} eq '127.0.0.1' ? undef : $self->{at};
	return $self->{conn} = $self->add_connection(Sipt::Net::connect_to($address, $from), $address, $name);
}

sub read_stream {
	my ($self, $conn) = @_;
	if (!sysread $conn->{sock}, $conn->{stream}, 65536, length $conn->{stream}) {
		$self->close($conn);
		return;
	}
	while (defined(my $bytes = Sipt::Message::take(\$conn->{stream}))) {
		$self->arrived($bytes, transport => 'tcp', address => $conn->{peer}, conn => $conn);
	}
}

sub close {
	my ($self, $conn) = @_;
	Sipt::Net::forget($conn->{sock}) if $conn->{open};
	$conn->{open} = 0;
}

# The open connection to an address: the one used last, else any, else a new one.
sub connection_to {
	my ($self, $address) = @_;
	for ($self->{conn} // (), reverse @{ $self->{conns} }) {
		return $_ if $_->{open} && $_->{peer} eq $address;
	}
	return $self->connect($address);
}

sub connection_named {
	my ($self, $name) = @_;
	my ($conn) = grep { $_->{name} eq $name } @{ $self->{conns} };
	return $conn // die "$self->{name} has no connection named $name\n";
}

sub arrived {
	my ($self, $bytes, %how) = @_;
	my $message = $bytes eq "\r\n" ? undef : Sipt::Message->parse($bytes);
	push @{ $self->{inbox} }, { %how, bytes => $bytes, message => $message };
}

# Sends bytes to a place: { transport, address } or { conn }. 'slowly' is byte by byte.
sub transmit {
	my ($self, $bytes, $place, $slowly) = @_;
	if ($self->{held}) {
		$self->{held}{place} //= $place;
		$self->{held}{bytes} .= $bytes;
		return;
	}
	my $conn = $place->{conn};
	if ($place->{transport} eq 'udp') {
		my $sock = $self->{sockets}{ $self->kind_for($place) };
		defined $sock->send($bytes, 0, Sipt::Net::packed($place->{address})) or die "cannot send: $!\n";
		return;
	}
	$conn = $self->connection_to($place->{address}) if !$conn || !$conn->{open};
	$self->write_stream($conn, $_) for $slowly ? split(//, $bytes) : $bytes;
}

sub write_stream {
	my ($self, $conn, $bytes) = @_;
	local $SIG{PIPE} = 'IGNORE';
	while (length $bytes) {
		my $done = syswrite $conn->{sock}, $bytes;
		defined $done or die "cannot write to $conn->{peer}: $!\n";
		substr($bytes, 0, $done) = '';
		Time::HiRes::sleep(0.00005) if $done == 1;
	}
}

# Between hold() and release() everything is collected and then leaves as one datagram or one write.
sub hold { $_[0]{held} = { bytes => '' } }

sub release {
	my $self = shift;
	my $held = delete $self->{held};
	$self->transmit($held->{bytes}, $held->{place}) if $held && $held->{place};
}

1;
