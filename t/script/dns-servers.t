#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# Name servers that fail, lie, cut, are slow or dead; more questions than can be asked: an error is never read as "there is
# none", everything is bounded, and nobody else has to wait.
use strict;
use warnings;
use FindBin ();
use lib "$FindBin::Bin/../lib";
use Test::More;
use Time::HiRes qw(sleep time);
use Covend;
use NameServer;
use Peer;
use Zones;

Zones::isolate();
plan skip_all => Covend::missing() if Covend::missing();
plan skip_all => Zones::missing() if Zones::missing();

my $LATE = 0.02;    # seconds that an OPTIONS may take while names are slow
my $plain = ($ENV{sanitizers} // 'no') eq 'no';
my $folder = Covend::folder();
my $zones = Zones->new(folder => $folder, empty => 1);
my @labels = map { my $how = $_; map { "$how-$_" } qw(naptr srv tlsa a addr all) } qw(servfail drop strip garbage);
push @labels, map { "$_-all" } qw(truncate short echo wrong-id refused);
my @records = map { ("_sips._tcp.$_ SRV 1 1 5061 $_", "_sip._udp.$_ SRV 1 1 5060 $_", "$_ A 127.0.7.1", "$_ AAAA ::7",
	"_5061._tcp.$_ TLSA 3 1 1 " . 'ab' x 32) } @labels;
$zones->zone('t.example', records => [@records]);
$zones->zone('u.example', kind => 'insecure', records => [@records]);
$zones->zone('q.example', records => [ '@ NAPTR 1 1 "s" "SIPS+D2T" "" _sips._tcp',
	map { ("_sips._tcp SRV $_ 1 5061 t$_", "t$_ A 127.0.6.$_", "t$_ AAAA ::$_", "_5061._tcp.t$_ TLSA 3 1 1 " . 'ab' x 32) } 1 .. 12 ]);
$zones->zone('v.example', kind => 'insecure', records => ['* A 127.0.7.9']);
$zones->zone('w.example', records => ['* A 127.0.7.9', '_sip._udp.fine SRV 1 1 5060 fine', 'fine A 127.0.7.8', 'large TXT ' .
	join(' ', map { '"' . ('x' x 200) . '"' } 1 .. 20)]);
$zones->start;

my %number = (naptr => [35], srv => [33], tlsa => [52], a => [1], addr => [ 1, 28 ], all => [ 1, 28, 33, 35, 52 ]);
my $liar = NameServer->new(zones => $zones, rule => sub {
	my ($name, $type, $tcp) = @_;
	return 3000 if $name =~ /^slow/ || $name =~ /\.slow/;
	return if $name !~ /(?:^|\.)([a-z-]+)-(naptr|srv|tlsa|a|addr|all)\.[tu]\.example$/;
	my ($how, $what) = ($1, $2);
	return if !grep { $_ == $type } @{ $number{$what} };
	return $how;
});

sub server {
	my ($name, %o) = @_;
	my $s = Covend->new(folder => $folder, name => $name, text => sprintf
		'plugin_path = ("%s"); plugins = ( { name = "dns"; forward = ("%s"); trust_anchor = "%s"; time_limit = "%s"; %s }, { name = "asker"; } );',
		Covend::build() . '/.libs', $o{forward} // $liar->{forward}, $zones->{anchor}, $o{time_limit} // '2s', $o{more} // '');
	$s->start or BAIL_OUT($s->log_text);
	return $s;
}

sub short {
	my ($answer) = @_;
	return join(', ', map { "$_->{transport} $_->{address}" } @{ $answer->{hops} }) || ($answer->{error} =~ /^([\w ]+):/)[0];
}

my $s = server('lies');
sub gives {
	my ($host, $want, $name) = @_;
	my $began = time;
	my $a = Zones::lookup($s, "sip:$host.example");
	like(short($a), $want, $name) or diag($a->{error} // '');
	cmp_ok(time - $began, '<', 3.5, '... in time') if $plain;
}
my $both = qr/^tls ::7, tls 127.0.7.1, udp ::7, udp 127.0.7.1$/;

# a signed zone: an error is an error
gives('servfail-naptr.t', qr/^down$/, 'signed, SERVFAIL on NAPTR: down');
gives('servfail-srv.t', qr/^down$/, '... on SRV: down');
gives('servfail-tlsa.t', qr/^down$/, '... on TLSA: down, and no UDP');
gives('servfail-a.t', qr/^tls ::7, udp ::7$/, '... on A: the other family is left');
gives('servfail-addr.t', qr/^down$/, '... on both: down');
gives('drop-tlsa.t', qr/^down$/, 'signed, no answer on TLSA: down, and no UDP');
gives('drop-srv.t', qr/^down$/, '... on SRV: down');
gives('strip-srv.t', qr/^(?:bogus|down)$/, 'signed, signatures of SRV taken away: an error');
gives('strip-all.t', qr/^(?:bogus|down)$/, '... of all: an error');
gives('garbage-naptr.t', qr/^down$/, 'signed, garbage on NAPTR: down');

# one that is not: NAPTR and TLSA may fail where servers are old, the rest may not
gives('servfail-naptr.u', $both, 'insecure, SERVFAIL on NAPTR: as if there were none');
gives('drop-naptr.u', $both, '... no answer on NAPTR: the same');
gives('servfail-tlsa.u', $both, '... SERVFAIL on TLSA: the same');
gives('servfail-srv.u', qr/^down$/, '... on SRV: down');
gives('servfail-addr.u', qr/^down$/, '... on addresses: down');

# answers that are cut or spoilt
gives('truncate-all.t', $both, 'truncated: TCP');
cmp_ok(scalar(grep { /truncate-all\S* \d+ tcp/ } $liar->asked), '>=', 4, '... it was');
gives("$_-all.t", qr/^(?:down|bogus)$/, "$_: down") for qw(garbage short echo wrong-id refused);
like(Zones::lookup($s, 'large.w.example', 'TXT')->{records}[0]{rdata}, qr/^c87878/, 'an answer of 4 kilobytes');

# dead for a while
$zones->pause;
gives('fine.w', qr/^down$/, 'a dead name server: down');
$zones->go_on;
{
	my $limit = time + 30;
	my $a;
	do { sleep 0.3; $s->command('dns', 'flush'); $a = Zones::lookup($s, 'sip:fine.w.example') } until $a->{hops}[0] || time > $limit;
	is(short($a), 'udp 127.0.7.8', '... back');
}

# what the service gives
{
	my $r = $s->command('asker', 'fine', '.w.example', '1')->{rows}[0];
	is("$r->{resolved} $r->{hops} $r->{secure}", '1 1 1', 'a plugin gets it by coven_resolve()');
	$r = $s->command('asker', 'records', 'large.w.example', '16')->{rows}[0];
	is("$r->{result} $r->{count} $r->{proof} $r->{name}", '0 1 2 large.w.example', '... and by coven_resolve_records()');
	$r = $s->command('asker', 'records', 'nothing.t.example', '16')->{rows}[0];
	is("$r->{result} $r->{count} $r->{proof}", '1 0 2', '... a proof of absence');
	is($s->command('asker', 'records', 'x' x 260, '16')->{rows}[0]{result}, 1, '... a name that is too long');
	is($s->command('asker', 'records', 'drop-all.t.example', '33')->{rows}[0]{result}, 4, '... down');
	$r = $s->command('asker', 'fine', '.w.example', '1000')->{rows}[0];
	is($r->{resolved}, 1000, '... a thousand at once');
}

# how many questions a first answer may cost
{
	my $before = $s->command('dns', 'status')->{rows}[0]{asked};
	my $r = $s->command('asker', 'q', '.example', '1')->{rows}[0];
	my $asked = $s->command('dns', 'status')->{rows}[0]{asked} - $before;
	cmp_ok($r->{hops}, '>=', 2, 'twelve targets: some hops at first');
	cmp_ok($asked, '<=', 8, "... by $asked questions");
}

# equal questions are one
{
	my $before = grep { /^many\.w/ } $liar->asked;
	my $r = $s->command('asker', 'many', '.w.example', '200')->{rows}[0];
	is($r->{resolved}, 200, '200 equal questions');
	my @asked = grep { /^many\.w\.example 1 / } $liar->asked;
	is(scalar @asked, 1, '... are one for the name server') or diag("@asked");
}

# 500 slow names: an OPTIONS in between is answered at once
{
	my $peer = Peer->new(port => $s->{port}, user => 'alice');
	my $options = sub {    # for so long: how many were answered, and the slowest
		my ($worst, $count, $until) = (0, 0, time + $_[0]);
		while (time < $until) {
			my $began = time;
			$peer->send($peer->request('OPTIONS', 'sip:example.com'));
			$count++ if ($peer->get(2) // '') =~ /^SIP/;
			my $took = time - $began;
			$worst = $took if $took > $worst;
			sleep 0.005;
		}
		return ($worst, $count);
	};
	my ($worst, $usual, $count, $status, $line);
	for my $try (1 .. 4) {    # the machine may be busy with something else
		($usual) = $options->(0.5);
		my $socket = IO::Socket::UNIX->new(Peer => $s->{control});
		print $socket qq({"words":["asker","slow#-$try",".v.example","500"]}\n);
		$socket->flush;
		($worst, $count) = $options->(1.5);
		$status = $s->command('dns', 'status')->{rows}[0];
		my $began = time;
		is(short(Zones::lookup($s, 'sip:fine.w.example')), 'udp 127.0.7.8', 'a name that is known is found meanwhile');
		$line = <$socket>;
		note(sprintf 'the slowest of %d OPTIONS took %.1f ms, %.1f before; %s', $count, 1000 * $worst, 1000 * $usual, $line);
		last if $worst < $LATE;
	}
	cmp_ok($status->{searches}, '>=', 400, "500 slow names were searched ($status->{in_flight} out, $status->{waiting} wait)");
	cmp_ok($worst, '<', $LATE, sprintf 'the slowest OPTIONS took %.1f ms', 1000 * $worst) if $plain;
	like($line, qr/"down":500/, 'they are told that it is down') or diag($line);
}

# more questions than may wait
{
	my $f = server('flood', more => 'queue = 100; window = 8;');
	my $r = $f->command('asker', 'slow#', '.v.example', '3000')->{rows}[0];
	cmp_ok($r->{busy}, '>=', 2000, "a flood: $r->{busy} are told that it is busy");
	cmp_ok($r->{retry_ms}, '>', 0, '... and when to ask again');
	cmp_ok($r->{busy} + $r->{down}, '==', 3000, '... all have an answer');
	my $limit = time + 15;
	my $a;
	do { sleep 0.3; $a = Zones::lookup($f, 'sip:fine.w.example') } until $a->{hops}[0] || time > $limit;
	is(short($a), 'udp 127.0.7.8', '... afterwards all is well');
	is($f->end('TERM'), 'exit 0', 'it ends');
}

# an end in the middle of it
{
	my $f = server('end');
	my $socket = IO::Socket::UNIX->new(Peer => $f->{control});
	print $socket '{"words":["asker","slow#",".v.example","300"]}', "\n";
	$socket->flush;
	sleep 0.3;
	is($f->end('TERM'), 'exit 0', 'it ends while questions are out');
}
is($s->end('TERM'), 'exit 0', 'it ends');
done_testing();
