#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# A plugin's file is replaced while covend runs: a reload takes the new one, again and again, and one that has not
# changed stays.  What a reload finds wrong, covenctl shows.
use strict;
use warnings;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Covend;
use File::Copy ();
use Test::More;

plan skip_all => Covend::missing() if Covend::missing();
my $from = Covend::build() . '/.libs';
plan skip_all => 'no fixture plugins' if !-f "$from/relay.so" || !-f "$from/stuck.so";
my $folder = Covend::folder();

# As an installation does it: written beside, and put in its place.
sub put {
	File::Copy::copy("$from/$_[0].so", "$folder/mine.new") or die "copy: $!\n";
	chmod 0755, "$folder/mine.new";
	rename "$folder/mine.new", "$folder/mine.so" or die "rename: $!\n";
}

put('stuck');
my $server = Covend->new(folder => $folder, text => qq(plugins_only = ( { name = "mine"; plugin = "$folder/mine.so"; } );));
ok($server->start, 'covend starts') or BAIL_OUT($server->log_text);

sub phases {
	my ($code, $text) = $server->ctl('--json', 'plugins');
	return $text =~ /"phases":\s*"([^"]*)"/ ? $1 : $text;
}

is(phases(), 'SCREEN', 'with a plugin');
for my $step (['relay', 'AUTH ROUTE'], ['relay', 'AUTH ROUTE'], ['stuck', 'SCREEN'], ['relay', 'AUTH ROUTE']) {
	my ($name, $phases) = @$step;
	put($name);
	my ($code, $text) = $server->ctl('reload');
	is($code, 0, "a reload, with $name in its place") or diag $text;
	is(phases(), $phases, 'it is the new one');
}
my ($code) = $server->ctl('reload');
is($code, 0, 'a reload, and nothing has changed');
is(phases(), 'AUTH ROUTE', 'it is the same');

$server->{text} .= "\nnonsense = 1;\nstranger = true;";
$server->configure;
my $text;
($code, $text) = $server->ctl('reload');
is($code, 1, 'a file with two mistakes is refused');
like($text, qr/covend\.conf:\d+:.*nonsense/, 'covenctl shows the first');
like($text, qr/covend\.conf:\d+:.*stranger/, 'and the second');
is(phases(), 'AUTH ROUTE', 'and all is as it was');
is($server->end('TERM', 40), 'exit 0', 'it ends as always');
done_testing();
