#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# Certificates and keys are looked at before anything starts: each mistake has a line of its own, with its place in the
# file and what to do about it; nothing that is wrong starts, nor is it ever half of a server.
use strict;
use warnings;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Covend;
use Sipt::Tls;
use Test::More;

plan skip_all => 'no IO::Socket::SSL here' if !Sipt::Tls::there();
plan skip_all => Covend::missing() if Covend::missing();
my $folder = Covend::folder();
my $port = Covend::free_port();
my $good = Sipt::Tls::pair("$folder", 'example.com');
my $other = Sipt::Tls::pair("$folder", 'b.example');
my $day = 86400;

sub made { Sipt::Tls::pair("$folder", shift, subjectAltNames => [ [ DNS => 'example.com' ] ], @_) }

sub file {
	my ($name, $text, $mode) = @_;
	open my $out, '>', "$folder/$name" or die "$name: $!\n";
	print $out $text;
	close $out;
	chmod $mode // 0600, "$folder/$name";
	return "$folder/$name";
}

# What covend -t says of this configuration, and its exit code.
sub check {
	my ($rows, $more, $listen) = @_;
	my $server = Covend->new(folder => $folder, text => "$rows\n" . ($more // '') . "\nlisten = ( \"" .
		($listen // "tls:127.0.0.1:$port") . "\" );");
	my $said = `@{[Covend::program()]} -c '$server->{file}' -t 2>&1`;
	return ($said, $? >> 8);
}

sub entry {
	my ($domain, $certificate, $key) = @_;
	return qq({ domain = "$domain";\ncertificate = "$certificate";\nkey = "$key"; });
}

# Line 1 is domain, 2 certificate, 3 key.
sub complains {
	my ($what, $line, $pattern, $certificate, $key, $domain) = @_;
	my ($said, $code) = check('tls = ( ' . entry($domain // 'example.com', $certificate, $key) . ' );');
	my @lines = grep { /tls:/ } split /\n/, $said;
	is($code, 78, "$what: does not start");
	like($lines[0] // $said, qr/^\S+\.conf:$line: $pattern/, "$what: says so, and where");
	is(scalar @lines, 1, "$what: once") or diag($said);
}

# the usual keys that stand before the text of the test
my $first = () = do { Covend->new(folder => $folder, text => "#\nlisten = ();"); Covend::slurp("$folder/covend.conf") } =~ /^\w+ = .*\n/mg;
$first = $first - 1;    # listen is the last line, not of the usual
my ($l1, $l2, $l3) = map { $first + $_ } 1 .. 3;

complains('no certificate file', $l2, qr/tls: cannot read certificate \S+none\.crt: No such file/, "$folder/none.crt", $good->{key_file});
complains('no key file', $l3, qr/tls: cannot read key \S+none\.key: No such file/, $good->{cert_file}, "$folder/none.key");
complains('a folder', $l2, qr/tls: cannot read certificate \S+: it is no file/, "$folder", $good->{key_file});
complains('empty', $l2, qr/tls: cannot read certificate \S+: it is empty/, file('empty', ''), $good->{key_file});
complains('not PEM', $l2, qr/tls: certificate \S+: not a certificate in PEM form/, file('rubbish', "rubbish\n"), $good->{key_file});
complains('key not PEM', $l3, qr/tls: key \S+: not a private key in PEM form/, $good->{cert_file}, file('junk.key', "rubbish\n"));
complains('another key', $l3, qr/tls: key \S+ does not belong to certificate/, $good->{cert_file}, $other->{key_file});
complains('another name', $l2, qr/tls: certificate \S+ is for b\.example, not for "example\.com": it needs/, $other->{cert_file}, $other->{key_file});
my $wild = Sipt::Tls::pair("$folder", 'wild', subjectAltNames => [ [ DNS => '*.example.com' ] ]);
complains('a wildcard', $l2, qr/tls: certificate \S+ is for no domain, not for "sip\.example\.com"/, $wild->{cert_file}, $wild->{key_file}, 'sip.example.com');
my $old = made('old', not_before => time - 9 * $day, not_after => time - $day);
complains('expired', $l2, qr/tls: certificate \S+ has expired; renew it/, $old->{cert_file}, $old->{key_file});
my $young = made('young', not_before => time + $day, not_after => time + 9 * $day);
complains('not yet valid', $l2, qr/tls: certificate \S+ is not valid yet; is the clock right/, $young->{cert_file}, $young->{key_file});
for ([ 0604, 'read' ], [ 0602, 'change' ], [ 0620, 'change' ]) {
	my ($mode, $do) = @$_;
	complains(sprintf('key of mode %o', $mode), $l3, qr/tls: key \S+: others can $do it; chmod 600 it/, $good->{cert_file},
		file('open.key', Covend::slurp($good->{key_file}), $mode));
}
my $locked = "$folder/locked.key";
system("openssl pkey -in '$good->{key_file}' -aes128 -passout pass:x -out '$locked'") == 0 or BAIL_OUT('openssl');
complains('a passphrase', $l3, qr/tls: key \S+: it wants a passphrase/, $good->{cert_file}, $locked);

my ($said, $code) = check('tls = ( ' . entry('example.com', $old->{cert_file}, "$folder/none.key") . ",\n" .
	entry('b.example', $good->{cert_file}, $other->{key_file}) . ' );');
is($code, 78, 'many mistakes');
is(scalar(my @all = $said =~ /^\S+conf:\d+: tls: /mg), 3, 'each has its line') or diag($said);
($said, $code) = check('tls = ( ' . join(', ', (entry('example.com', $good->{cert_file}, $good->{key_file})) x 2) . ' );');
like($said, qr/tls: "example\.com" has a certificate already/, 'one domain twice');
($said, $code) = check('');
is($code, 78, 'a tls listener without a certificate');
like($said, qr/: listen: tls needs a certificate; name one in `tls`/, 'is told what it needs');
($said, $code) = check('', '', "udp:127.0.0.1:$port");
is($code, 0, 'without a tls listener none is needed') or diag($said);
my $right = 'tls = ( ' . entry('example.com', $good->{cert_file}, $good->{key_file}) . ' );';
($said, $code) = check($right, 'tls_trust = "' . file('nobody.pem', "rubbish\n") . '";');
like($said, qr/tls_trust: \S+: cannot be read, or has no certificate/, 'nobody to trust');
($said, $code) = check($right, qq(tls_trust = "$folder/ca.crt";));
is($code, 0, 'a good one') or diag($said);
unlike($said, qr/expires/, 'of which there is nothing to say');
my $soon = made('soon', not_before => time - $day, not_after => time + 9 * $day + 600);
($said, $code) = check('tls = ( ' . entry('example.com', $soon->{cert_file}, $soon->{key_file}) . ' );');
is($code, 0, 'one that ends soon');
like($said, qr/warn tls: certificate \S+ of "example\.com" expires in 9 days; renew it/, 'with a warning');
($said, $code) = check('tls = ( ' . entry('example.com', $good->{cert_file}, file('group.key', Covend::slurp($good->{key_file}), 0640)) . ' );');
is($code, 0, 'a group may read a key');

SKIP: {
	skip 'only root becomes somebody else', 6 if $> != 0 || !getpwnam 'nobody';
	my $open = Covend::folder();
	chmod 0755, "$open", "$folder";
	my $mine = Sipt::Tls::pair("$open", 'example.com');
	my $server = Covend->new(folder => $open, text => "user = \"nobody\";\nlisten = ( \"tls:127.0.0.1:$port\" );\ntls = ( " .
		entry('example.com', $mine->{cert_file}, $mine->{key_file}) . ' );');
	ok($server->start, "root's key is read by root") or diag($server->log_text);
	like($server->log_text, qr/warn tls: key \S+: only root can read it, which the server is not any more at a reload/,
		'who says what comes later');
	my ($code) = $server->ctl('reload');
	isnt($code, 0, 'which comes');
	ok($server->logs(qr/tls: cannot read key \S+: the server may not read it; chown it/), 'and says what to do');
	chown scalar getpwnam('nobody'), -1, $mine->{key_file};
	is(($server->ctl('reload'))[0], 0, 'then it can');
	is($server->end('TERM'), 'exit 0', 'the end');
}
done_testing();
