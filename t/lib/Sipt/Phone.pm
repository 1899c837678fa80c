# SPDX-License-Identifier: GPL-3.0-or-later
package Sipt::Phone;
# A phone's sockets: where it listens, the connections it has, and the messages that wait in its inbox.
use strict;
use warnings;
use Sipt::Message;
use Sipt::Net;
use Sipt::Tls;
use Time::HiRes ();

# Options: name, kinds (udp tcp tls udp6 tcp6 tls6), folder, certificate (whose it shows), at, user, password, domain, algorithm.
sub new {
	my ($class, %o) = @_;
	my $self = bless { user => $o{name}, domain => 'example.com', at => '127.0.0.1', %o,
		inbox => [], conns => [], sockets => {}, sent => [], got => [], requests => [],
		dialogs => [], challenges => [] }, $class;
	my @kinds = grep { !/^tls/ } @{ $o{kinds} };
	my @secure = grep { /^tls/ } @{ $o{kinds} };
	my ($port, @open) = Sipt::Net::free_port('keep', map { [ /^(udp|tcp)/, /6$/ ? '::1' : $self->{at} ] } @kinds);
	($self->{tls_port}, my @more) = Sipt::Net::free_port('keep', map { [ 'tcp', /6$/ ? '::1' : $self->{at} ] } @secure)
		if @secure;
	$self->{port} = @kinds ? $port : $self->{tls_port};
	push @open, @more;
	for (@kinds, @secure) {
		my $sock = shift @open;
		$self->{sockets}{$_} = $sock;
		Sipt::Net::watch($sock, /^udp/ ? sub { $self->read_datagram($sock) } :
			/^tls/ ? sub { $self->accept($sock, 'tls') } : sub { $self->accept($sock) });
	}
	$self->{kind} = $o{kinds}[0];
	return $self;
}

sub host {
	my ($self, $kind) = @_;
	return ($kind // $self->{kind}) =~ /6$/ ? '[::1]' : $self->{at};
}

sub address {
	my ($self, $kind) = @_;
	return $self->host($kind) . ':' . (($kind // $self->{kind}) =~ /^tls/ ? $self->{tls_port} : $self->{port});
}

sub uri {
	my $self = shift;
	return "sips:$self->{user}\@" . $self->address if $self->{sips};
	return "sip:$self->{user}\@" . $self->address . ($self->{kind} =~ /^(tcp|tls)/ ? ";transport=$1" : '');
}

sub transport { return $_[0]{kind} =~ s/6$//r }

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
	my ($self, $sock, $tls) = @_;
	my $new = $sock->accept or return;
	my $peer = Sipt::Net::printable($new->peername);
	if ($tls) { # who does not like our certificate goes away
		eval { Sipt::Tls::start($new, server => 1, pair => Sipt::Tls::pair($self->{folder}, $self->{certificate} // $self->{domain})); 1 }
			or return;
	}
	$self->add_connection($new, $peer, undef, $tls);
}

sub add_connection {
	my ($self, $sock, $peer, $name, $tls) = @_;
	my $conn = { sock => $sock, peer => $peer, name => $name // '', stream => '', open => 1, transport => $tls // 'tcp' };
	push @{ $self->{conns} }, $conn;
	Sipt::Net::watch($sock, sub { $self->read_stream($conn) });
	return $conn;
}

sub connect {
	my ($self, $address, $name, $tls) = @_;
	my $from = $self->{at} eq '127.0.0.1' ? undef : $self->{at};
	my $sock = Sipt::Net::connect_to($address, $from);
	Sipt::Tls::start($sock, host => $self->{domain},
		pair => $self->{certificate} ? Sipt::Tls::pair($self->{folder}, $self->{certificate}) : undef) if $tls;
	return $self->{conn} = $self->add_connection($sock, $address, $name, $tls);
}

sub read_stream {
	my ($self, $conn) = @_;
	my $more = $conn->{transport} eq 'tls' ? Sipt::Tls::read_some($conn->{sock}, \$conn->{stream})
		: sysread $conn->{sock}, $conn->{stream}, 65536, length $conn->{stream};
	$self->close($conn) if !$more;
	while (defined(my $bytes = Sipt::Message::take(\$conn->{stream}))) {
		$self->arrived($bytes, transport => $conn->{transport}, address => $conn->{peer}, conn => $conn);
	}
}

sub close {
	my ($self, $conn) = @_;
	Sipt::Net::forget($conn->{sock}) if $conn->{open};
	$conn->{open} = 0;
}

# The open connection to an address: the one used last, else any, else a new one.
sub connection_to {
	my ($self, $address, $transport) = @_;
	for ($self->{conn} // (), reverse @{ $self->{conns} }) {
		return $_ if $_->{open} && $_->{peer} eq $address;
	}
	return $self->connect($address, undef, $transport eq 'tls' ? 'tls' : undef);
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
	$conn = $self->connection_to($place->{address}, $place->{transport}) if !$conn || !$conn->{open};
	$self->write_stream($conn, $_) for $slowly ? split(//, $bytes) : $bytes;
}

sub write_stream {
	my ($self, $conn, $bytes) = @_;
	local $SIG{PIPE} = 'IGNORE';
	return Sipt::Tls::write_all($conn->{sock}, $bytes) if $conn->{transport} eq 'tls';
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
