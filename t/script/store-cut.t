#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# store-lmdb: a file that was cut off, is somebody else's, or open to others is refused with one line; covenctl store
# salvage gets what is readable, without a server, and what it made is a store again.
use strict;
use warnings;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Covend;
use Registrant;
use Test::More;

plan skip_all => Covend::missing() if Covend::missing();
my $USERS = 60;
my $CUTS = $ENV{COVEN_LONG} ? 200 : 20;
my $folder = Covend::folder();
my $text = Registrant::server_text('{ name = "store-lmdb"; }', map { "u$_" } 1 .. $USERS);
my $server = Covend->new(folder => $folder, text => $text);
ok($server->start, 'covend starts') or BAIL_OUT($server->log_text);
for my $n (1 .. $USERS) {
	my $phone = Registrant->new(port => $server->{port}, user => "u$n");
	$phone->register(map { "<sip:u$n\@192.0.2.1:$_>" } 1 .. 5);
}
my $store = "$server->{data}/store";
my $file = "$store/data.mdb";

sub salvage {
	my ($to) = @_;
	my $said = `@{[Covend::ctl_program()]} store salvage $store $to 2>&1`;
	return ($? >> 8, $said);
}

my ($code, $said) = salvage("$folder/early");
is($code, 1, 'no salvage while a server uses it');
like($said, qr/in use/, 'and it says why');
is($server->end('TERM'), 'exit 0', 'covend ends');
my $whole = Covend::slurp($file);

sub put {
	my ($bytes) = @_;
	open my $out, '+<:raw', $file or die "$file: $!\n";
	print $out $bytes;
	truncate $out, length $bytes;
	close $out;
}

# Exit and what was said when it does not start; nothing when it does.
sub refused {
	unlink $server->{log};
	return if $server->start;
	my $end = $server->end(undef, 10);
	return ($end, $server->log_text);
}

sub back { (Covend::slurp($server->{log}) =~ /(\d+) bindings of/g)[-1] }

my ($wrong, $taken, $saved) = (0, 0, 0);
for my $n (0 .. $CUTS - 1) {
	put(substr $whole, 0, int(length($whole) * $n / $CUTS));
	my ($end, $why) = refused();
	my ($salvaged, $tale) = salvage("$folder/saved$n");
	my ($records) = $tale =~ /^(\d+) records saved, \d+ lost$/m;
	$saved++ if $records;
	$wrong++, diag("cut $n: salvage: exit $salvaged: $tale") if $salvaged > 1 || ($salvaged == 1 && $tale !~ /\S/);
	if (defined $end) {
		next if $end eq 'exit 78' && $why =~ /data\.mdb (?:is damaged|is not a store|cannot be)/ && $why =~ tr/\n// == 1;
		$wrong++, diag("cut $n: $end: $why");
	} else {
		$taken++;
		$wrong++, diag("cut $n: taken with " . back()) if back() != 5 * $USERS;
		$server->end('TERM');
	}
}
is($wrong, 0, "of $CUTS cut files none was taken that had lost something, and each was refused in one line ($taken taken)");
cmp_ok($saved, '>', $CUTS / 4, "something could be saved of $saved");

# what is saved is a store
put(substr($whole, 0, length($whole) - 1) . "\0");
($code, $said) = salvage("$folder/whole");
is($code, 0, 'a whole one is saved');
like($said, qr/^$USERS records saved, 0 lost$/m, 'whole') or diag($said);
rename $store, "$store.old";
rename "$folder/whole", $store;
ok($server->start, 'and can be used') or diag($server->log_text);
is(back(), 5 * $USERS, 'all bindings are there');
is($server->end('TERM'), 'exit 0', 'it ends');

# somebody else's, and open to others
for (['not a store' => sub { put('hello ' x 2000) }, qr/is not a store of covend/],
	['open to others' => sub { put($whole); chmod 0644, $file }, qr/is open to others \(mode 0644\)/],
	['a link' => sub { rename $file, "$folder/elsewhere"; symlink "$folder/elsewhere", $file }, qr/is not a file/]) {
	my ($what, $make, $pattern) = @$_;
	$make->();
	my ($end, $why) = refused();
	is($end, 'exit 78', "$what: refused");
	like($why, $pattern, "$what: and said");
}
done_testing;
