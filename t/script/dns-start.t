#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# Starting covend sends nothing; how the world is reached is found out with the first question; and libunbound never calls what
# libev and libevent both have.
use strict;
use warnings;
use FindBin ();
use lib "$FindBin::Bin/../lib";
use Test::More;
use Covend;
use NameServer;
use Zones;

Zones::isolate('-m');
plan skip_all => Covend::missing() if Covend::missing();
plan skip_all => Zones::missing() if Zones::missing();

my $folder = Covend::folder();
my $build = Covend::build();
my $zones = Zones->new(folder => $folder, port => 53);
$zones->start;

my $resolv = "$folder/resolv.conf";
sub system_servers {
	open my $out, '>', $resolv or die "$resolv: $!\n";
	print $out map { "nameserver $_\n" } @_;
	close $out;
}
system_servers('127.0.0.1');
my $mounted = system('mount', '--bind', $resolv, '/etc/resolv.conf') == 0;

sub server {
	my ($name, $options, %o) = @_;
	return Covend->new(folder => $folder, name => $name, %o, text =>
		qq(plugins = ( { name = "dns"; trust_anchor = "$zones->{anchor}"; root_hints = "$zones->{hints}"; $options } );));
}

# what leaves this namespace's sockets, SIP and DNS
sub packets {
	my ($count) = `nft list counter inet watch out` =~ /packets (\d+)/;
	return $count;
}
my $watched = system(q(nft 'add table inet watch; add counter inet watch out; add chain inet watch out { type filter hook output priority 0 ; }; add rule inet watch out counter name out' 2>/dev/null)) == 0;

# --- a start sends nothing
SKIP: {
	skip 'nft does not work here', 7 if !$watched;
	for my $way ([ forward => 'forward = ("127.0.0.1");' ], [ system => '' ]) {
		my ($name, $options) = @$way;
		my $s = server("quiet-$name", $options);
		my $before = packets();
		ok($s->start, "$name: it starts") or BAIL_OUT($s->log_text);
		$s->command('dns', 'status');
		select undef, undef, undef, 0.2;
		is(packets(), $before, '... and sends nothing');
		Zones::lookup($s, 'sip:a.example');
		cmp_ok(packets(), '>', $before, '... until somebody asks') if $name eq 'forward';
		is($s->end('TERM'), 'exit 0', '... and ends');
	}
}

# --- the way to the world
SKIP: {
	skip 'no bind mounts here', 15 if !$mounted;
	my $s = server('system', '');
	ok($s->start, 'the system has name servers');
	is(Zones::lookup($s, 'sips:a.example')->{hops}[0]{proof}, 'secure', 'they pass DNSSEC on');
	ok($s->logs(qr{questions go to the name servers of /etc/resolv.conf}), '... which is told');
	is($s->end('TERM'), 'exit 0', 'it ends');

	my $liar = NameServer->new(zones => $zones, address => '127.0.0.2', port => 53, rule => sub { 'strip' });
	system_servers('127.0.0.2');
	$s = server('strip', '');
	ok($s->start, 'the system has name servers that know nothing of DNSSEC');
	my $a = Zones::lookup($s, 'sips:a.example');
	is($a->{hops}[0]{proof}, 'secure', 'then questions go down from the root') or diag($a->{error});
	ok($s->logs(qr{from the root down}), '... which is told');
	is(Zones::lookup($s, 'sips:c.example')->{hops}[0]{proof}, 'insecure', 'insecure');
	like(Zones::lookup($s, 'sips:d.example')->{error}, qr/^bogus/, 'bogus');
	is(scalar(() = $s->log_text =~ /from the root down/g), 1, '... once');
	is($s->end('TERM'), 'exit 0', 'it ends');
	$liar->stop;

	# neither: name servers and root that do not answer
	$zones->stop;
	system_servers('127.0.0.3');
	$s = server('nothing', 'time_limit = "1s";');
	ok($s->start, 'there is no name server');
	like(Zones::lookup($s, 'sips:a.example')->{error}, qr/^down/, 'down');
	$zones->start;
	my $limit = time + 60;
	my $again;
	$s->command('dns', 'flush');
	do {
		select undef, undef, undef, 0.5;
		$again = Zones::lookup($s, 'sips:a.example');
	} until ($again->{hops}[0] || time > $limit);
	is($again->{hops}[0]{proof}, 'secure', 'there is one: found by the next question') or diag($again->{error});
	is($s->end('TERM'), 'exit 0', 'it ends');
}

# --- mistakes in the file
{
	my $s = server('wrong', 'forward = ("127.0.0.1@x", "dns.example"); transports = ("tls", "carrier pigeon"); trust_anchor2 = 1;');
	ok(!$s->start, 'mistakes: it does not start');
	is($s->end, 'exit 78', '... by exit 78');
	$s = server('wrong2', 'forward = ("127.0.0.1@x", "dns.example"); transports = ("tls", "carrier pigeon");');
	ok(!$s->start, 'wrong values');
	$s->end;
	like($s->log_text, qr/wrong2\.conf:\d+:.*127\.0\.0\.1\@x/, '... named by line');
	like($s->log_text, qr/carrier pigeon/, '... all of them');
	$s = Covend->new(folder => $folder, name => 'anchor', text => 'plugins = ( { name = "dns"; trust_anchor = "/nowhere"; } );');
	ok(!$s->start, 'no trust anchor');
	$s->end;
	like($s->log_text, qr{cannot read "/nowhere"}, '... named');
}

# --- libev, libevent
SKIP: {
	my $trap = "$build/.libs/no-event.so";
	skip "no $trap", 4 if !-f $trap;
	skip 'a sanitizer must come first', 4 if ($ENV{sanitizers} // 'no') ne 'no';
	my $said = "$folder/called";
	my $s = server('trap', 'forward = ("127.0.0.1");', env => { LD_PRELOAD => $trap, NO_EVENT_FILE => $said });
	ok($s->start, 'it starts with traps for the names that libev and libevent share') or BAIL_OUT($s->log_text);
	is(Zones::lookup($s, 'sips:a.example')->{hops}[0]{proof}, 'secure', '... resolves');
	is($s->end('TERM'), 'exit 0', '... ends');
	is(Covend::slurp($said), '', '... and has called none of them');
	my $program = "$folder/sync";
	open my $out, '>', "$program.c" or die;
	print $out '#include <unbound.h>', "\n", 'int main(void) { struct ub_ctx *c = ub_ctx_create(); struct ub_result *r; ub_ctx_set_fwd(c, "127.0.0.1"); ',
		'return ub_resolve(c, "a.example", 1, 1, &r); }', "\n";
	close $out;
	skip 'no compiler', 1 if system(split(' ', $ENV{CC} // 'cc'), '-o', $program, "$program.c", '-lunbound') != 0;
	system("NO_EVENT_FILE='$said' LD_PRELOAD='$trap' '$program' 2>/dev/null");
	like(Covend::slurp($said), qr/^event_/, '... which libunbound by itself would');
}

system('umount', '/etc/resolv.conf') if $mounted;
done_testing();
