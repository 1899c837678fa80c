# SPDX-License-Identifier: GPL-3.0-or-later
package Sipt::Message;
# A SIP message as a phone sees it: cut into first line, header lines and body, bytes kept.
use strict;
use warnings;

my %LONG = (
	a => 'accept-contact', b => 'referred-by', c => 'content-type', d => 'request-disposition',
	e => 'content-encoding', f => 'from', i => 'call-id', j => 'reject-contact', k => 'supported',
	l => 'content-length', m => 'contact', n => 'identity-info', o => 'event', r => 'refer-to',
	s => 'subject', t => 'to', u => 'allow-events', v => 'via', x => 'session-expires',
	y => 'identity',
);
# Headers whose values are counted and compared one by one, however they are spread over lines.
my %LIST = map { $_ => 1 } qw(via route record-route contact path service-route);

sub key {
	my $name = lc shift;
	return $LONG{$name} // $name;
}

# Gives a message, or nothing when the bytes cannot be one.
sub parse {
	my ($class, $bytes) = @_;
	my ($head, $body) = $bytes =~ /^([^\r\n].*?\r\n)\r\n(.*)$/s or return;
	my ($first, @lines) = split /\r\n(?![ \t])/, $head;
	my $self = bless { bytes => $bytes, first => $first, body => $body, headers => [] }, $class;
	if ($first =~ m{^SIP/2\.0 (\d{3}) ?(.*)$}s) {
		@$self{qw(code phrase)} = ($1, $2);
	} elsif ($first =~ m{^(\S+) (\S+) SIP/2\.0$}) {
		@$self{qw(method uri)} = ($1, $2);
	} else {
		return;
	}
	for (@lines) {
		my ($name, $value) = /^([^\s:]+)[ \t]*:\s*(.*?)\s*$/s or return;
		$value =~ s/\r\n[ \t]+/ /g;
		push @{ $self->{headers} }, [ key($name), $value ];
	}
	return $self;
}

sub kind { $_[0]{code} // $_[0]{method} }

# The method that a message is about: its own, or that of the request it answers.
sub about {
	my $self = shift;
	return $self->{method} // (split ' ', $self->header('CSeq') // '? ?')[1];
}

sub header {
	my ($self, $name) = @_;
	return ($self->values($name))[0];
}

# All values of a header; lists of addresses are split at their commas.
sub values {
	my ($self, $name) = @_;
	my $key = key($name);
	my @lines = map { $_->[1] } grep { $_->[0] eq $key } @{ $self->{headers} };
	return $LIST{$key} ? map { split_list($_) } @lines : @lines;
}

sub split_list {
	my @parts = shift =~ /\s*((?:"(?:\\.|[^"\\])*"|<[^>]*>|[^,"<])+)/g;
	s/\s+$// for @parts;
	return @parts;
}

# The tag of From or To.
sub tag {
	my ($self, $name) = @_;
	my $value = $self->header($name) // return;
	$value =~ s/^.*>//s;
	return $value =~ /;\s*tag\s*=\s*([^;\s]+)/i ? $1 : undef;
}

sub branch {
	my $via = $_[0]->header('Via') // return;
	return $via =~ /;\s*branch\s*=\s*([^;,\s]+)/i ? $1 : undef;
}

# The URI inside an address such as "Bob" <sip:bob@host>;q=1.
sub address_uri {
	my $value = shift // return;
	return $1 if $value =~ /^(?:"(?:\\.|[^"\\])*"|[^<"])*<([^>]*)>/;
	return $value =~ /^([^;\s]+)/ ? $1 : undef;
}

# Where a URI points: transport, host, port.
sub uri_place {
	my ($sips, $host, $port, $rest) = shift =~ /^sip(s?):(?:[^@]*@)?(\[[^\]]*\]|[^:;?]+)(?::(\d+))?(.*)$/i
		or return;
	my $transport = $sips ? 'tls' : $rest =~ /;transport=(\w+)/i ? lc $1 : 'udp';
	return { transport => $transport, address => "$host:" . ($port // ($transport eq 'tls' ? 5061 : 5060)) };
}

# Cuts one message off the front of a stream; "\r\n" alone counts as one. Nothing if more bytes are needed.
sub take {
	my $stream = shift;
	return $1 if $$stream =~ s/^(\r\n)//;
	my $end = index $$stream, "\r\n\r\n";
	return if $end < 0;
	my ($length) = substr($$stream, 0, $end + 2) =~ /\r\n(?:content-length|l)[ \t]*:[ \t]*(\d+)/i;
	my $whole = $end + 4 + ($length // 0);
	return if length $$stream < $whole;
	return substr $$stream, 0, $whole, '';
}

# Why a received message should never have left a server, or nothing.
sub fault {
	my ($self, $transport) = @_;
	for (qw(Via From To Call-ID CSeq)) {
		defined $self->header($_) or return "no $_";
	}
	my $length = $self->header('Content-Length');
	return 'no Content-Length on a stream' if !defined $length && $transport ne 'udp';
	if (defined $length && $length != length $self->{body}) {
		return "Content-Length: $length, but " . length($self->{body}) . ' bytes came';
	}
	return;
}

1;
