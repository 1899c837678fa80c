# SPDX-License-Identifier: GPL-3.0-or-later
package Sipt::Digest;
# The phone's side of digest authentication (RFC 2617, 7616, 8760), with knobs to do it wrong.
use strict;
use warnings;
use Digest::MD5 ();
use Digest::SHA ();

my %HASH = (
	'MD5' => \&Digest::MD5::md5_hex,
	'SHA-256' => \&Digest::SHA::sha256_hex,
);

# Cuts 'Digest realm="x", nonce="y"' into its parameters.
sub parse {
	my ($value, $header) = @_;
	$value =~ s/^\s*Digest\s+//i or return;
	my %c = (header => $header);
	while ($value =~ /([\w-]+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s,]+))/g) {
		$c{ lc $1 } = $2 // $3;
	}
	return \%c;
}

# Picks the challenge to answer: the wanted algorithm, else the first that is known.
sub choose {
	my ($wanted, @challenges) = @_;
	for my $c (@challenges) {
		my $name = uc($c->{algorithm} // 'MD5');
		next unless $HASH{$name};
		return $c if !defined $wanted || uc $wanted eq $name;
	}
	return;
}

# The header line that answers a challenge. %k: user, password, method, uri, body and the knobs.
sub answer {
	my ($c, %k) = @_;
	my $algorithm = $k{algorithm} // $c->{algorithm};
	my $hash = $HASH{ uc($algorithm // 'MD5') } or die "unknown algorithm $algorithm\n";
	my $realm = $k{realm} // $c->{realm};
	my $nonce = $k{nonce} // $c->{nonce};
	my ($qop) = grep { $_ eq 'auth' } split /[\s,]+/, $c->{qop} // '';
	$qop = $k{qop} eq 'none' ? undef : $k{qop} if defined $k{qop};
	my $nc = $k{nc} // sprintf '%08x', ++$c->{count};
	my $cnonce = $k{cnonce} // sprintf '%08x', int rand 2**32;
	my $ha1 = $hash->("$k{user}:$realm:$k{password}");
	my $ha2 = $hash->("$k{method}:$k{uri}");
	my $response = $k{response} // $hash->(join ':', $ha1, $nonce,
		defined $qop ? ($nc, $cnonce, $qop) : (), $ha2);
	my @out = (qq(username="$k{user}"), qq(realm="$realm"), qq(nonce="$nonce"), qq(uri="$k{uri}"),
		qq(response="$response"));
	push @out, "algorithm=$algorithm" if defined $algorithm;
	push @out, qq(cnonce="$cnonce"), "qop=$qop", "nc=$nc" if defined $qop;
	push @out, qq(opaque="$c->{opaque}") if defined $c->{opaque};
	return "$c->{header}: Digest " . join ', ', @out;
}

1;
