#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# Where a URI leads by RFC 3263 and 2782, and what DNSSEC says of it: as `covenctl dns lookup` sees it.
use strict;
use warnings;
use FindBin ();
use lib "$FindBin::Bin/../lib";
use Test::More;
use Covend;
use Zones;

Zones::isolate();
plan skip_all => Covend::missing() if Covend::missing();
plan skip_all => Zones::missing() if Zones::missing();

my $folder = Covend::folder();
my $zones = Zones->new(folder => $folder);
my $key = 'ab' x 32;
$zones->add('a.example', "_5061._tcp.sip$_ TLSA 3 1 1 $key") for 1 .. 3;
$zones->add('c.example', "_5061._tcp.sip1 TLSA 3 1 1 $key");
# b: UDP is preferred by NAPTR, TLS comes last; its first TLS target has no TLSA, its last has
$zones->remove('b.example', qr/NAPTR/)->add('b.example',
	'@ NAPTR 10 10 "s" "SIP+D2U" "" _sip._udp', '@ NAPTR 20 10 "s" "SIPS+D2T" "" _sips._tcp', '_5061._tcp.sip3 TLSA 3 1 1 ' . $key,
	'@ NAPTR 5 10 "s" "SIP+D2S" "" _sip._sctp', '@ NAPTR 6 10 "u" "E2U+sip" "!.*!sip:x@y!" .', '@ NAPTR 7 10 "a" "SIP+D2U" "" sip1');
$zones->zone('bare.example', records => [ '@ A 127.0.9.1', '@ AAAA ::9', 'host A 127.0.9.2' ]);
$zones->zone('srv.example', records => [
	'_sips._tcp SRV 10 0 5061 one', '_sip._tcp SRV 10 0 5060 two', '_sip._udp SRV 20 0 5070 three', '_sip._udp SRV 10 0 5080 two',
	'one A 127.0.9.3', 'two A 127.0.9.4', 'three A 127.0.9.5', 'alias CNAME one', '_5061._tcp.one TLSA 3 1 1 ' . $key,
	'_sips._tcp.cn SRV 1 1 5061 alias', '_sips._tcp.cn2 SRV 1 1 5061 alias2', 'alias2 CNAME sip9.c.example.',
	'_5061._tcp.alias2 TLSA 2 0 1 ' . $key, '_sips._tcp.cn3 SRV 1 1 5061 alias3', 'alias3 CNAME two', '_5061._tcp.alias3 TLSA 3 0 1 ' . $key,
	'udponly A 127.0.9.6', '_sip._udp.udponly SRV 1 1 5060 two',
	'_sip._udp.no SRV 0 0 0 .', '_sip._tcp.no SRV 0 0 0 .', '_sips._tcp.no SRV 0 0 0 .', 'no A 127.0.9.7',
	'_sip._udp.half SRV 0 0 0 .', '_sip._tcp.half SRV 1 1 5060 two',
	'_sips._tcp.lost SRV 1 1 5061 nowhere', '_sips._tcp.bogus SRV 1 1 5061 sip1.d.example.', '_sips._tcp.bogus SRV 2 1 5061 one',
	'_sip._udp.bogus SRV 1 1 5060 two', '_sips._tcp.unsure SRV 1 1 5061 sip1.d.example.', '_sip._udp.unsure SRV 1 1 5060 two', 'text TXT "no address"', '_sips._tcp.bad SRV 1 1 5061 bad', 'bad A 127.0.9.8',
	"_5061._tcp.bad TLSA 9 1 1 $key", '_5061._tcp.bad TLSA 3 1 1 abcd', '_5061._tcp.bad TLSA 3 7 1 ' . $key,
	'_sips._tcp.cname CNAME _sips._tcp', '_sips._tcp.w SRV 1 3 5061 one', '_sips._tcp.w SRV 1 1 5061 bad', '_sips._tcp.w SRV 1 0 5061 two',
	'_sips._tcp.x\.y SRV 1 1 5061 one' ]);
$zones->zone('many.example', records => [ map { ("_sip._udp SRV $_ 0 5060 t$_", "t$_ A 127.0.8.$_") } 1 .. 14 ]);
$zones->add('c.example', 'sip9 A 127.0.3.9');
$zones->start;

sub server {
	my ($name, %o) = @_;
	my $s = Covend->new(folder => $folder, name => $name, args => $o{args} // [], text => sprintf
		'plugins = ( { name = "dns"; forward = ("%s"); trust_anchor = "%s"; time_limit = "%s"; %s } );',
		$o{forward} // $zones->{forward}, $zones->{anchor}, $o{time_limit} // '4s', $o{more} // '');
	$s->start or BAIL_OUT($s->log_text);
	return $s;
}

sub short {    # "tls 127.0.1.1:5061 secure" of each hop
	my ($answer) = @_;
	return join ', ', map { "$_->{transport} $_->{address}:$_->{port} $_->{proof}" } @{ $answer->{hops} };
}

my $s = server('plain');
sub leads { my ($uri, $where, $name) = @_; my $a = Zones::lookup($s, $uri); is(short($a), $where, $name // $uri) or diag($a->{error} // '') }
sub fails { my ($uri, $why, $name) = @_; my $a = Zones::lookup($s, $uri); like($a->{error} // short($a), $why, $name // $uri); is(short($a), '', '... and no hop') }

# numbers, ports and transports that are said: section 4.1 and 4.2
leads('sip:127.0.0.7', 'udp 127.0.0.7:5060 insecure');
leads('sip:127.0.0.7:5070', 'udp 127.0.0.7:5070 insecure');
leads('sips:[::7]', 'tls ::7:5061 insecure');
leads('sip:127.0.0.7;transport=tcp', 'tcp 127.0.0.7:5060 insecure');
leads('sip:127.0.0.7;transport=tls', 'tls 127.0.0.7:5061 insecure');
leads('sips:127.0.0.7;transport=tcp', 'tls 127.0.0.7:5061 insecure', 'sips over TCP is TLS');
fails('sips:127.0.0.7;transport=udp', qr/^no service/);
fails('sip:127.0.0.7;transport=sctp', qr/^no service/);
leads('sip:a.example:5088', 'udp 127.0.1.1:5088 secure', 'a port: addresses, UDP');
leads('sips:sip2.a.example:5088', 'tls 127.0.1.2:5088 secure', 'a port and sips: addresses, TLS');
leads('sip:srv.example;transport=tcp', 'tcp 127.0.9.4:5060 secure', 'a transport: its SRV');
leads('sip:srv.example;transport=udp', 'udp 127.0.9.4:5080 secure, udp 127.0.9.5:5070 secure', 'its SRV by priority');
leads('sip:bare.example;transport=tcp', 'tcp ::9:5060 secure, tcp 127.0.9.1:5060 secure', 'no SRV: addresses');
leads('sip:bare.example', 'udp ::9:5060 secure, udp 127.0.9.1:5060 secure', 'no NAPTR, no SRV: UDP, IPv6 first');
leads('sips:bare.example', 'tls ::9:5061 secure, tls 127.0.9.1:5061 secure', 'no NAPTR, no SRV, sips: TLS');
leads('sip:srv.example', 'tls 127.0.9.3:5061 secure, tcp 127.0.9.4:5060 secure, udp 127.0.9.4:5080 secure, udp 127.0.9.5:5070 secure',
	'no NAPTR: tls, tcp, udp');
leads('sips:srv.example', 'tls 127.0.9.3:5061 secure', 'sips: nothing but TLS');
leads('sip:udponly.srv.example', 'udp 127.0.9.4:5060 secure');
leads('sips:udponly.srv.example', 'tls 127.0.9.6:5061 secure', 'sips: SRV of UDP does not count');
leads('sip:localhost', 'udp ::1:5060 insecure, udp 127.0.0.1:5060 insecure');
fails('sip:printer.local', qr/^none/);
fails('sip:1.2.3', qr/^none/);
fails('sip:' . join('.', ('a' x 60) x 4) . '.d.example', qr/^bogus/, 'a name so long that no SRV name fits');
fails('sip:' . ('a' x 64) . '.example', qr/^none/);

# NAPTR
{
	my $a = Zones::lookup($s, 'sip:b.example');
	is($a->{hops}[0]{transport}, 'udp', 'NAPTR: the domain prefers UDP');
	ok($a->{hops}[0]{dane}, '... and that it has TLSA records is known with the first hop');
	is(join(' ', map { $_->{transport} } @{ $a->{hops} }), 'udp udp tls tls tls tls', '... then TLS; what we do not know is passed over');
	$a = Zones::lookup($s, 'sips:b.example');
	is(join(' ', map { $_->{transport} } @{ $a->{hops} }), 'tls tls tls tls', 'sips: only SIPS+D2T');
}

# verdicts
{
	my $a = Zones::lookup($s, 'sip:a.example');
	my @tls = grep { $_->{transport} eq 'tls' } @{ $a->{hops} };
	is(scalar(grep { $_->{tlsa} eq "3 1 1 $key" && $_->{tlsa_proof} eq 'secure' && $_->{proof} eq 'secure' } @tls), scalar @tls, 'secure: TLSA of each');
	is($tls[0]{address}, '::1', 'IPv6 first') if $tls[0]{name} eq 'sip1.a.example';
	is($tls[-1]{name}, 'sip3.a.example', 'by priority');
	$a = Zones::lookup($s, 'sip:c.example');
	is($a->{hops}[0]{proof}, 'insecure', 'insecure');
	is(scalar(grep { $_->{tlsa} } @{ $a->{hops} }), 0, '... TLSA records of an insecure zone are not used');
}
fails("$_:d.example", qr/^bogus: .*validation failure/) for qw(sip sips);
fails('sip:d.example:5060', qr/^bogus/);
fails('sip:d.example;transport=udp', qr/^bogus/);
fails('sip:e.example', qr/^bogus: .*expired/);
fails('sip:nobody.a.example', qr/^none: .*\(proven\)/);
fails('sip:nobody.c.example', qr/^none: .*\(insecure\)/);
fails('sip:text.srv.example', qr/^no service: .*\(proven\)/);
fails('sip:no.srv.example', qr/^no service: .*SRV/, 'target ".": no such service, and no address either');
leads('sip:half.srv.example', 'tcp 127.0.9.4:5060 secure', 'target "." of one transport');
fails('sip:lost.srv.example', qr/^no service/, 'a target without address');
{
	my $a = Zones::lookup($s, 'sips:bogus.srv.example');
	is(short($a), 'tls 127.0.9.3:5061 secure', 'a bogus target is passed over for the next TLS one');
	$a = Zones::lookup($s, 'sip:bogus.srv.example');
	is($a->{hops}[1]{transport}, 'udp', '... UDP comes behind it');
	ok($a->{hops}[1]{dane}, '... and that the name has TLSA records is said there');
}

fails('sip:unsure.srv.example', qr/^bogus/, 'the only TLS target is bogus: no UDP');

# TLSA
{
	my $one = sub { Zones::lookup($s, $_[0])->{hops}[0] };
	is($one->('sips:cn.srv.example')->{tlsa}, "3 1 1 $key", 'TLSA at the end of a CNAME');
	is($one->('sips:cn.srv.example')->{name}, 'one.srv.example', '... which is its base');
	is($one->('sips:cn3.srv.example')->{tlsa}, "3 0 1 $key", 'none there: where the CNAME begins');
	is($one->('sips:cn3.srv.example')->{name}, 'alias3.srv.example', '... which is its base');
	is($one->('sips:cn2.srv.example')->{tlsa}, "2 0 1 $key", 'a CNAME into an insecure zone: where it begins');
	is($one->('sips:cn2.srv.example')->{proof}, 'insecure', '... though the address is not secure');
	my $bad = $one->('sips:bad.srv.example');
	ok($bad->{tlsa_unusable} && $bad->{tlsa} eq '' && !$bad->{dane}, 'TLSA records that cannot be used') or diag(explain($bad));
	is($one->('sips:sip1.a.example:5061')->{tlsa}, "3 1 1 $key", 'TLSA without SRV');
	is($one->('sips:cname.srv.example')->{address}, '127.0.9.3', 'SRV behind a CNAME');
}

# many targets, page by page
{
	my $a = Zones::lookup($s, 'sip:many.example');
	is(join(' ', map { $_->{name} =~ /^t(\d+)/ } @{ $a->{hops} }), join(' ', 1 .. 14), '14 targets, in order');
	cmp_ok(scalar(grep { $_->{page} } @{ $a->{hops} }), '>=', 5, '... not more than three at a time');
}

# weights: 1,000 draws
{
	my %first;
	$first{ Zones::lookup($s, 'sips:w.srv.example')->{hops}[0]{name} }++ for 1 .. 1000;
	my ($three, $one) = map { $first{"$_.srv.example"} // 0 } qw(one bad);
	my $share = $three / ($three + $one || 1);
	cmp_ok($share, '>', 0.70, "weights 3:1 ($three:$one)");
	cmp_ok($share, '<', 0.80, '... within 5 %');
	cmp_ok($first{'two.srv.example'} // 0, '>', 0, 'weight 0 has a chance');
}

# records of other kinds
{
	my $a = Zones::lookup($s, '4.3.2.1.5.5.5.1.2.1.e164.arpa', 'NAPTR');
	like(pack('H*', $a->{records}[0]{rdata}), qr/E2U\+sip.*sip:bob\@b\.example/s, 'ENUM record');
	is($a->{records}[0]{proof}, 'secure', '... secure');
}

# our own transports
{
	my $t = server('tls', more => 'transports = ("tls");');
	is(short(Zones::lookup($t, 'sip:srv.example')), 'tls 127.0.9.3:5061 secure', 'only TLS is allowed: nothing else');
	is(short(Zones::lookup($t, 'sip:bare.example')), 'tls ::9:5061 secure, tls 127.0.9.1:5061 secure', '... also where there is no SRV');
	like(Zones::lookup($t, 'sip:srv.example;transport=udp')->{error}, qr/^no service/, '... also when the URI says UDP');
	is($t->end('TERM'), 'exit 0', 'it ends');
	my $v4 = server('v4', more => 'ipv6 = false;');
	is(short(Zones::lookup($v4, 'sip:bare.example')), 'udp 127.0.9.1:5060 secure', 'ipv6 = false');
	is($v4->end('TERM'), 'exit 0', 'it ends');
}

# the cache, and its clock
{
	my $c = server('clock', args => ['--test-clock']);
	my $asked = sub { $c->command('dns', 'status')->{rows}[0]{asked} };
	Zones::lookup($c, 'sips:srv.example');
	my $first = $asked->();
	Zones::lookup($c, 'sips:srv.example') for 1 .. 5;
	is($asked->(), $first, 'nothing is asked twice');
	$c->command('clock', 'advance', '61s');
	Zones::lookup($c, 'sips:srv.example');
	my $second = $asked->();
	cmp_ok($second, '>', $first, 'negative answers last as long as the SOA says');
	$c->command('clock', 'advance', '301s');
	Zones::lookup($c, 'sips:srv.example');
	cmp_ok($asked->(), '>=', $second + 4, 'records last as long as their TTL');
	my $third = $asked->();
	like(Zones::lookup($c, 'sip:d.example')->{error}, qr/^bogus/, 'bogus');
	my $bogus = $asked->();
	like(Zones::lookup($c, 'sip:d.example')->{error}, qr/^bogus/, '... again');
	is($asked->(), $bogus, '... is remembered');
	ok($c->command('dns', 'flush')->{ok}, 'flush');
	Zones::lookup($c, 'sips:srv.example');
	cmp_ok($asked->(), '>=', $bogus + 4, '... forgets all');
	is($c->end('TERM'), 'exit 0', 'it ends');
}

is($s->end('TERM'), 'exit 0', 'it ends');
unlike($s->log_text, qr/(?:error|warn) dns/, 'nothing went wrong');
done_testing();
