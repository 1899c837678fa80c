# SPDX-License-Identifier: GPL-3.0-or-later
package Peer;
# Somebody on the network: writes requests, sends them as datagrams, and counts what comes back.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use Sipt::Digest;

use constant WAIT => 10;    # seconds for an answer that must come

my $count = 0;

# Options: port (of the server), user, password, domain (example.com).
sub new {
	my ($class, %o) = @_;
	my $self = bless { domain => 'example.com', user => 'nobody', password => 'secret', %o }, $class;
	$self->{socket} = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port}, Proto => 'udp')
		or die "udp: $!\n";
	return $self;
}

# A request. Options: transport, to, from (URIs), branch, id, cseq, body, and more: lines of header.
sub request {
	my ($self, $method, $uri, %o) = @_;
	my $own = "sip:$self->{user}\@$self->{domain}";
	my $port = $self->{socket}->sockport;
	$count++;
	%o = (transport => 'UDP', to => $method eq 'REGISTER' ? $own : $uri, from => $own, branch => "z9hG4bKpeer$$-$count",
		id => "peer-$$-$count", cseq => $count, body => '', more => [], %o);
	return join "\r\n", "$method $uri SIP/2.0", "Via: SIP/2.0/$o{transport} 127.0.0.1:$port;branch=$o{branch};rport",
		'Max-Forwards: 70', "From: <$o{from}>;tag=$count", "To: <$o{to}>", "Call-ID: $o{id}", "CSeq: $o{cseq} $method",
		@{ $o{more} }, 'Content-Length: ' . length $o{body}, '', $o{body};
}

sub send { $_[0]{socket}->send($_[1]) }

# The next datagram, or nothing.
sub get {
	my ($self, $seconds) = @_;
	IO::Select->new($self->{socket})->can_read($seconds // WAIT) or return;
	defined $self->{socket}->recv(my $bytes, 65536) or return;
	return $bytes;
}

sub ask {
	my ($self, $bytes) = @_;
	$self->send($bytes);
	return $self->get // '';
}

sub code { $_[0] =~ m{^SIP/2\.0 (\d{3}) } ? $1 : 0 }

# The line that answers a challenge, by MD5 unless told.
sub credentials {
	my ($self, $answer, $method, $uri, %knobs) = @_;
	my @challenges = map { Sipt::Digest::parse($_, 'Authorization') } $answer =~ /^WWW-Authenticate: *(.*?)\r$/mg;
	my $challenge = Sipt::Digest::choose($knobs{challenge} // 'MD5', @challenges) or return;
	return Sipt::Digest::answer($challenge, user => $self->{user}, password => $self->{password}, method => $method,
		uri => $uri, body => '', %knobs);
}

1;
