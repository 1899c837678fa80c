#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# Two servers, two domains, and nothing between them but signed DNS: a.example calls b.example over TLS, each knows whom it
# talks to, and whoever shows a wrong key, or no proof, gets nothing.
use strict;
use warnings;
use FindBin ();
use lib "$FindBin::Bin/../lib";
use Covend;
use IO::Select;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(sleep time);
use Zones;

Zones::isolate();
plan skip_all => Covend::missing() if Covend::missing();
plan skip_all => Zones::missing() if Zones::missing();
my $folder = Covend::folder();

# A key and a certificate for the domain, by itself.
sub certificate {
	my ($name, $domain) = @_;
	my $file = "$folder/$name";
	system("openssl req -new -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout '$file.key' -out '$file.pem' -days 3650"
		. " -subj /CN=$domain -addext 'subjectAltName=URI:sip:$domain,DNS:$domain' 2>/dev/null") == 0 or die "openssl failed\n";
	chmod 0600, "$file.key";
	return $file;
}
my %file = map { $_->[0] => certificate(@$_) } ['a', 'a.example'], ['b', 'b.example'], ['forged', 'a.example'], ['other', 'b.example'];
my %hash = map { $_ => Zones::key_hash("$file{$_}.pem") } keys %file;

my $port = Covend::free_port();
my $zones = Zones->new(folder => $folder, empty => 1);
$zones->zone('a.example', records => ['_sips._tcp SRV 10 0 5061 sip', 'sip A 127.0.1.1', "_5061._tcp.sip TLSA 3 1 1 $hash{a}"]);
my @b = ("_sips._tcp SRV 10 0 $port sip", "_sip._udp SRV 20 0 5099 sip", 'sip A 127.0.0.1');
$zones->zone('b.example', records => [@b, "_$port._tcp.sip TLSA 3 1 1 $hash{b}"]);
$zones->zone($_->[0], kind => $_->[1], records => [@b, $_->[2] ? "_$port._tcp.sip TLSA $_->[2]" : ()]) for
	['wrong.example', 'secure', "3 1 1 $hash{other}"], ['bogus.example', 'bogus', "3 1 1 $hash{b}"],
	['expired.example', 'expired', "3 1 1 $hash{b}"], ['bare.example', 'insecure', ''], ['lied.example', 'insecure', "3 1 1 $hash{other}"],
	['roll.example', 'secure', "3 1 1 $hash{other}"];
$zones->add('roll.example', "_$port._tcp.sip TLSA 3 1 1 $hash{b}");
$zones->zone('second.example', records => ['_sips._tcp SRV 10 0 5098 bad', "_sips._tcp SRV 20 0 $port sip", 'bad A 127.0.0.1', 'sip A 127.0.0.1',
	"_5098._tcp.bad TLSA 3 1 1 $hash{b}", "_$port._tcp.sip TLSA 3 1 1 $hash{b}"]);
$zones->start;

# b's server: its phone is named by address, and strangers may call
my $bob = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1') or die "udp: $!\n";
my $dns = sprintf '{ name = "dns"; forward = ( "%s" ); trust_anchor = "%s"; }', $zones->{forward}, $zones->{anchor};
my @others = qw(wrong bogus expired bare lied roll second);
my $b = Covend->new(folder => $folder, name => 'b', text => sprintf <<'END', $port, $port, join(', ', map { qq("$_.example") } 'b', @others), "$file{b}.pem", "$file{b}.key", $dns, $bob->sockport);
listen = ( "tls:127.0.0.1:%d", "udp:127.0.0.1:%d" );
domains = ( %s );
tls = ( { domain = "b.example"; certificate = "%s"; key = "%s"; } );
plugins_only = ( %s, { name = "dane"; }, { name = "relay"; targets = ( { user = "bob"; to = "sip:bob@127.0.0.1:%d"; } ); } );
END
ok($b->start, 'the server of b.example starts') or BAIL_OUT($b->log_text);

sub server_a {
	my ($certificate, $policies) = @_;
	my $udp = Covend::free_port();
	my $s = Covend->new(folder => $folder, name => "a-$certificate-$udp", port => $udp, text => sprintf <<'END', $udp, Covend::free_port(), "$file{$certificate}.pem", "$file{$certificate}.key", $dns, $policies // '', join ', ', map { qq({ user = "$_"; to = "sip:bob\@$_.example"; }) } 'b', @others);
listen = ( "udp:127.0.0.1:%d", "tls:127.0.0.1:%d" );
domains = ( "a.example" );
tls = ( { domain = "a.example"; certificate = "%s"; key = "%s"; } );
plugins_only = ( %s, { name = "dane"; %s }, { name = "relay"; targets = ( %s ); } );
END
	$s->start or BAIL_OUT($s->log_text);
	return $s;
}
my $alice = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1') or die "udp: $!\n";
my $serial = 0;

sub hear {
	my ($phone, $pattern, $seconds) = @_;
	my $until = time + ($seconds // 8);
	while ((my $left = $until - time) > 0) {
		IO::Select->new($phone)->can_read($left) or last;
		$phone->recv(my $text, 65535);
		return $text if $text =~ $pattern;
	}
	return '';
}

# alice sends a message to bob at the domain; what he gets, and what she hears.
sub message {
	my ($server, $to, @more) = @_;
	my $id = 'message-' . ++$serial;
	my $own = $alice->sockport;
	$alice->send(join("\r\n", "MESSAGE sip:$to\@a.example SIP/2.0", "Via: SIP/2.0/UDP 127.0.0.1:$own;branch=z9hG4bK$id", 'Max-Forwards: 70',
		'From: <sip:alice@a.example>;tag=a', "To: <sip:$to\@a.example>", "Call-ID: $id", 'CSeq: 1 MESSAGE', @more, 'Content-Length: 0', '', ''),
		0, Socket::pack_sockaddr_in($server->{port}, Socket::inet_aton('127.0.0.1')));
	my $got = hear(my_next($bob), qr/^MESSAGE .*^Call-ID: $id\r/ms, 3);
	if ($got) {
		my @head = $got =~ /^((?:Via|From|To|Call-ID|CSeq):.*)\r$/mgi;
		$bob->send(join("\r\n", 'SIP/2.0 200 OK', @head, 'Content-Length: 0', '', ''), 0,
			Socket::pack_sockaddr_in($port, Socket::inet_aton('127.0.0.1')));
	}
	my $answer = hear($alice, qr/^SIP\/2\.0 [2-6].*^Call-ID: $id\r/ms);
	return ($got, $answer =~ /^SIP\/2\.0 (\d+)/ ? $1 : 0);
}
sub my_next { $_[0] }

my $a = server_a('a');
my ($got, $code) = message($a, 'b', 'P-Asserted-Identity: <sip:alice@a.example>', 'P-Asserted-Identity: <sip:boss@bank.example>');
is($code, 200, 'a.example reaches b.example');
like($got, qr/^Via: SIP\/2\.0\/TLS /m, 'over TLS');
like($b->log_text, qr/dane: 127\.0\.0\.1:\d+ says it is a\.example: proven by DANE/, 'and b knows for certain who calls');
for my $case (['roll', 200, 'two records, one of them right'], ['second', 200, 'the first server is down, the second is right'],
	['wrong', 500, 'a key that no record names'], ['bogus', 502, 'forged DNS'], ['expired', 502, 'signatures that have expired'],
	['bare', 200, 'a domain that is not signed, with the default policy: encrypted'], ['lied', 200, 'records that nobody signed count for nothing']) {
	my ($domain, $status, $what) = @$case;
	($got, $code) = message($a, $domain);
	is($code, $status, $what);
	is(!!$got, $status == 200, $status == 200 ? 'it arrives' : 'nothing arrives');
}
like($a->log_text, qr/ warn tls: 127\.0\.0\.1:$port: certificate: no matching DANE TLSA records; nothing was sent there/, 'the log names peer and reason');
is($a->end('TERM', 40), 'exit 0', 'a ends as always');

# -- policies
for my $policy (['dane', 502], ['dane-or-pkix', 500], ['pkix', 500], ['opportunistic', 200], ['plain', 200]) {
	my ($word, $status) = @$policy;
	my $s = server_a('a', qq(policies = ( { domain = "bare.example"; policy = "$word"; } );));
	(undef, $code) = message($s, 'bare');
	is($code, $status, "not signed, policy $word: $status");
	(undef, $code) = message($s, 'wrong');
	is($code, 500, 'and a wrong key is refused as ever');
	(undef, $code) = message($s, 'bogus');
	is($code, 502, 'forged DNS, too');
	$s->end('TERM', 40);
}

# -- somebody who says that he is a.example
my $liar = server_a('forged');
message($liar, 'b');
like($b->log_text, qr/says it is a\.example: not believed, no TLSA record of its domain names this key/, 'another key with the same name is not believed');
is($liar->end('TERM', 40), 'exit 0', 'it ends');
my $s = Covend->new(folder => $folder, name => 'mistakes', text => 'plugins_only = (' . $dns . ', { name = "dane"; policies = ( { domain = "*"; policy = "dane"; },'
	. ' { domain = "b.example"; policy = "pkix"; } ); } );');
ok(!$s->start, 'a row that nobody ever comes to');
like($s->log_text, qr/mistakes\.conf:\d+: .*never looked at: an earlier row, "\*"/, 'is a mistake with file and line');
is($b->end('TERM', 40), 'exit 0', 'b ends as always');
done_testing();
