#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# covenctl domain: a key that openssl and covend like, zone lines that ldns-signzone and NSD like and the resolver finds, and a
# roll-over that does not come too early.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Covend;
use JSON::PP ();
use Test::More;
use Time::HiRes 'sleep';
use Zones;

Zones::isolate();
plan skip_all => Covend::missing() if Covend::missing();
my $folder = Covend::folder();
my $keys = "$folder/keys";
my $name = 'y.example';
my ($present, $next, $old) = map { "$keys/$name$_.pem" } '', '.next', '.old';

# covenctl without a server: exit code, what it printed, what it complained of
sub ctl {
	my (@words) = @_;
	my $words = join ' ', map { "'$_'" } @words;
	my $said = qx('@{[Covend::ctl_program()]}' -s $folder/none $words 2>$folder/errors);
	return ($? >> 8, $said, Covend::slurp("$folder/errors"));
}

sub domain { return ctl('domain', $name, '--folder', $keys, '--address', '127.0.0.9', '--address', '::1', @_) }

sub decoded { my ($code, $said) = domain('--json', @_); return JSON::PP->new->decode($said) }

sub openssl { my ($words) = @_; return scalar qx(openssl $words 2>&1) }

sub tlsa { map { $_->{data} =~ /^3 1 1 (\w{64})$/ ? $1 : () } grep { $_->{type} eq 'TLSA' } @{ $_[0]{records} } }

# -- keys

my ($code, $text, $errors) = domain();
is($code, 0, 'the first time') or BAIL_OUT($errors);
is($errors, '', 'nothing is wrong');
like($text, qr/^; made: .*\Q$present\E$/m, 'it says what it has made');
for my $file ($present, $next) {
	my ($short) = $file =~ m{([^/]+)$};
	is(sprintf('%o', (stat $file)[2] & 07777), '600', "$short: for its owner alone") if !getpwnam 'coven';
	is((stat $file)[2] & 07, 0, "$short: not for everybody");
	like(openssl("x509 -in $file -noout -ext subjectAltName"), qr/URI:sip:y\.example, DNS:y\.example$/m, "$short: its names");
	like(openssl("pkey -in $file -noout -text"), qr/prime256v1/, "$short: a key on P-256");
	is(openssl("x509 -in $file -noout -pubkey"), openssl("pkey -in $file -pubout"), "$short: key and certificate belong together");
	is(openssl("verify -x509_strict -partial_chain -CAfile $file $file"), "$file: OK\n", "$short: signed by itself");
	openssl("x509 -in $file -noout -checkend " . 3649 * 86400);
	is($?, 0, "$short: for ten years");
}
is((stat $keys)[2] & 07, 0, 'the folder is not for everybody');
isnt(Covend::slurp($present), Covend::slurp($next), 'two keys');
my @made = map { Covend::slurp($_) } $present, $next;
my $again = decoded();
is_deeply([map { Covend::slurp($_) } $present, $next], \@made, 'the second time nothing is made anew');
ok(!$again->{made}, 'and it says so');
is_deeply([tlsa($again)], [map { Zones::key_hash($_) } $present, $next], 'TLSA: the present key and the next one');

# -- lines

($code, my $whole) = domain();
my @lines = grep { !/^;/ } split /\n/, $whole;
is(scalar(grep { !/^\S+\.\s3600\sIN\s(?:NAPTR|SRV|AAAA|A|TLSA)\s\S/ } @lines), 0, 'all others are records') or diag($whole);
is(join(' ', map { (split)[3] } @lines), 'NAPTR NAPTR NAPTR SRV SRV SRV A AAAA TLSA TLSA', 'and these');
is_deeply([map { join ' ', grep { defined } (split)[0, 3] } @lines], [map { "$_->{name} $_->{type}" } @{ $again->{records} }],
	'JSON has the same');
my ($other_code, $other) = domain('--host', 'Voice.Example.ORG.', '--port', 5070, '--tls-port', 5071, '--ttl', 60);
like($other, qr/^_5071\._tcp\.voice\.example\.org\.\s60\sIN\sTLSA/m, 'another host, port and TTL: TLSA');
like($other, qr/^_sip\._udp\.y\.example\.\s60\sIN\sSRV\s10 0 5070 voice\.example\.org\.$/m, 'and SRV');

SKIP: {
	skip Zones::missing(), 6 if Zones::missing();
	my $zones = Zones->new(folder => $folder, empty => 1);
	$zones->zone($name, records => \@lines)->start;
	pass('ldns-signzone and NSD take the lines');
	my $tls = qq(tls = ( { domain = "$name"; certificate = "$present"; key = "$present"; } );\n);
	my $server = Covend->new(folder => $folder, text => $tls . sprintf <<'END', $zones->{forward}, $zones->{anchor});
plugins = ( { name = "dns"; forward = ( "%s" ); trust_anchor = "%s"; } );
END
	ok($server->start, 'covend takes the certificate') or diag($server->log_text);
	my $found = Zones::lookup($server, "sip:bob\@$name");
	is($found->{error}, undef, 'the resolver finds the domain');
	my ($hop) = grep { $_->{address} && $_->{address} =~ /127\.0\.0\.9/ } @{ $found->{hops} };
	is($hop->{transport}, 'tls', 'TLS first');
	is($hop->{proof} // $hop->{verdict}, 'secure', 'all the way secure') or diag(explain($found));
	is(scalar @{ Zones::lookup($server, "_5061._tcp.sip.$name", 'TLSA')->{records} }, 2, 'two TLSA records');
	is($server->end('TERM'), 'exit 0', 'the end');
	$zones->stop;
}

# -- roll-over

my @before = tlsa(decoded());
($code, $text, $errors) = domain('--roll');
is($code, 1, 'too early');
my ($when) = $errors =~ /wait until (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)/;
is($when, $again->{next_from}, 'until when to wait');
is_deeply([tlsa(decoded())], \@before, 'and nothing has changed');
sleep 2.1;
my $rolled = decoded('--roll', '--ttl', 1);
ok($rolled->{rolled}, 'two TTLs later');
my @after = tlsa($rolled);
is($after[0], $before[1], 'the next key is the present one');
ok(!grep({ $after[1] eq $_ } @before), 'and there is a new next one');
is(Covend::slurp($old), $made[0], 'the old one is kept');
is(Covend::slurp($present), $made[1], 'the file that covend reads has the new one');
($code, $text) = domain('--roll', '--force');
is($code, 0, '--force does not wait');
like($text, qr/First: covenctl reload\. Then: publish/, 'what to do, in which order');
unlink $next;
isnt((tlsa(decoded()))[1], undef, 'a next key that is lost is made again');

# -- what is wrong

for (['no name'], ['one label', 'example'], ['a number', '192.0.2.1'], ['two names', 'a.example', 'b.example'], ['empty label', 'a..example'],
	['underscore', '_sip.example'], ['path', '../x.example'], ['address', 'a.example', '--address', 'here'], ['port', 'a.example', '--port', '0'],
	['a port that is too large', 'a.example', '--port', '65536'], ['option', 'a.example', '--rolll'], ['no value', 'a.example', '--ttl']) {
	my ($what, @words) = @$_;
	($code, $text, $errors) = ctl('domain', @words, '--folder', "$folder/wrong");
	is("$code $text", '2 ', "wrong: $what");
	like($errors, qr/^covenctl: domain: /, "wrong: $what: it says so");
}
ok(!-e "$folder/wrong", 'and makes nothing');
open my $junk, '>', $present or die;
print $junk "no key\n";
close $junk;
($code, $text, $errors) = domain();
is("$code $text", '1 ', 'a file with something else in it');
like($errors, qr/\Q$present\E: there is not a key in it/, 'it says which');
is(Covend::slurp($present), "no key\n", 'and leaves it');
like((ctl('help', 'domain'))[1], qr/^covenctl domain NAME/, 'help, without a server');
done_testing;
