# SPDX-License-Identifier: GPL-3.0-or-later
package Sipt::Tls;
# A private authority, certificates as they are asked for, and sockets that speak TLS.
use strict;
use warnings;
use Errno ();
use IO::Select;

my $SECONDS = 5;    # of a handshake
my (%made, $loaded);

# Only who uses TLS needs the module.
sub load {
	return if $loaded++;
	require IO::Socket::SSL;
	require IO::Socket::SSL::Utils;
}

sub there { return eval { load(); 1 } }

sub make {
	my ($folder, $name, %o) = @_;
	my ($cert, $key) = IO::Socket::SSL::Utils::CERT_create(
		subject => { commonName => $o{CA} ? 'Private' : $name }, key => IO::Socket::SSL::Utils::KEY_create_ec(),
		not_before => time - 86400, not_after => time + 365 * 86400, digest => 'sha256', %o);
	my %pair = (cert => $cert, key => $key, cert_file => "$folder/$name.crt", key_file => "$folder/$name.key");
	IO::Socket::SSL::Utils::PEM_cert2file($cert, $pair{cert_file});
	IO::Socket::SSL::Utils::PEM_key2file($key, $pair{key_file});
	chmod 0600, $pair{key_file};
	return \%pair;
}

sub authority {
	my $folder = shift;
	load();
	return $made{"$folder/"} //= make($folder, 'ca', CA => 1);
}

# The certificate of a domain: URI sip:NAME and DNS NAME, or what `names` says.
sub pair {
	my ($folder, $name, %o) = @_;
	my $ca = authority($folder);
	return $made{"$folder/$name"} //= make($folder, $name, issuer => [ $ca->{cert}, $ca->{key} ],
		purpose => 'server,client', subjectAltNames => [ [ URI => "sip:$name" ], [ DNS => $name ] ], %o);
}

# A connected socket begins to speak TLS; dies if there is no handshake. Options: server, pair, host (SNI), and
# those of IO::Socket::SSL.
sub start {
	my ($sock, %o) = @_;
	load();
	my ($server, $pair, $host) = delete @o{qw(server pair host)};
	IO::Socket::SSL->start_SSL($sock, SSL_server => $server ? 1 : 0, SSL_verify_mode => 0, Timeout => $SECONDS,
		SSL_session_cache_size => 0, defined $host ? (SSL_hostname => $host) : (),
		$pair ? (SSL_cert_file => $pair->{cert_file}, SSL_key_file => $pair->{key_file}, SSL_use_cert => 1) : (), %o)
		or die "no TLS: $IO::Socket::SSL::SSL_ERROR\n";
	$sock->blocking(0);
	return $sock;
}

# Appends what has come; false: it has ended. A socket may be readable without a byte for us.
sub read_some {
	my ($sock, $room) = @_;
	while (1) {
		my $n = sysread $sock, $$room, 65536, length $$room;
		return $!{EAGAIN} || $!{EWOULDBLOCK} if !defined $n;
		return 0 if $n == 0;
		return 1 if !$sock->pending;
	}
}

sub write_all {
	my ($sock, $bytes) = @_;
	while (length $bytes) {
		my $n = syswrite $sock, $bytes;
		if (defined $n) {
			substr($bytes, 0, $n) = '';
			next;
		}
		$!{EAGAIN} || $!{EWOULDBLOCK} or die "cannot write: $!\n";
		IO::Select->new($sock)->can_write($SECONDS) or die "the far end reads nothing\n";
	}
}

1;
